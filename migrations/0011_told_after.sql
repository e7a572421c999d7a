-- Who is told of what follows the minutes: those who attended, until they want no more; and units, of their tasks.

-- Since when somebody who attended wants no more letters about the case.
alter table invitee add column no_news_at timestamptz;

-- A letter to a unit says what a line of a task's record says.
alter table letter add column unit_id uuid references unit;
alter table letter add column note_id uuid references task_note;
create unique index letter_unit on letter (unit_id, note_id);

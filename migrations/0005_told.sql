-- What people were last told of a meeting, apart from what is being planned: set when it is announced, or moved and
-- stays announced. Letters, notices, personal pages and calendars say this.
alter table meeting add column told_starts_at timestamptz;
alter table meeting add column told_ends_at timestamptz;
alter table meeting add column told_room_id uuid references room;
-- Why it was changed, the last time.
alter table meeting add column changed_because text;
update meeting set told_starts_at = starts_at, told_ends_at = ends_at, told_room_id = room_id
    where announced_at is not null;
create index meeting_told on meeting (told_starts_at);

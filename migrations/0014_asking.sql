-- What of the tasks the desk of a town and of the district asks for, and orders that nobody has answered.
create index task_asking on task (wait_on)
    where state in ('declined', 'replied') or extension = 'asked' or escalated >= 3;
create index task_note_ordered on task_note (day) where kind = 'supervised' and answered_at is null;
-- What a person took part in.
create index topic_chair on topic (chair_id) where chair_id is not null;
create index research_visit_author on research_visit (author);
create index task_unit_unsigned on task_unit (task_id) where signed_at is null and not is_lead;
create index topic_recorder on topic (recorder_id) where recorder_id is not null;
create index invitee_case on invitee (case_id);
create index invitee_member on invitee (member_id) where member_id is not null;
create index check_in_whose on check_in (invitee_id);
create index member_account on member (account_id) where account_id is not null;

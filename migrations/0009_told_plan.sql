-- The version of the plan that people were last told of: agenda, chair and materials of a meeting that is announced, held
-- or over, whatever is being planned anew.
alter table meeting add column told_plan bigint;
update meeting set told_plan = (
    select max(r.version) from case_record r where r.case_id = meeting.case_id and r.kind = 'plan'
) where announced_at is not null;

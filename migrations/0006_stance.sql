-- A comment may be an opinion before an announced meeting: for, against or neutral, and about which meeting.
alter table comment add column stance text;
alter table comment add column meeting_id uuid references meeting;
create index comment_opinion on comment (meeting_id) where stance is not null;

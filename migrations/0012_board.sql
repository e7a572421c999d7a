-- The board counts what happened, and a year of a district is too much to count on every look. So each case says what it
-- adds, when it changed; the page adds up towns and months. Nothing here refers to another table: counting must not wait for a case.

-- Cases that changed since they were counted. Every one, to begin with.
create table board_stale (
    case_id uuid primary key,
    -- Touched with every change, so that a change under way and a count wait for each other.
    marks   bigint not null
);
insert into board_stale (case_id, marks) select case_id, 1 from case_head;

-- What a case adds, as it was last counted.
create table board_case (
    case_id uuid primary key,
    body    text not null
);

-- What all cases of a town add: so many of something on a day, or in the month that begins with it.
create table board_count (
    what    text not null,
    day     date not null,
    town_id text not null,
    n       bigint not null,
    primary key (what, day, town_id)
);

-- Who counts holds this row: two would wait for each other's sums.
create table board_turn (
    turn_no bigint primary key,
    turns   bigint not null
);
insert into board_turn (turn_no, turns) values (1, 0);

-- What pages and the clock look for over all cases.
create index topic_submitted on topic (submitted_at);
create index topic_proposed on topic (proposer_id) where proposer_id is not null;
create index topic_waiting on topic (stage, town_id, stage_since);
create index topic_late on topic (due_on, town_id, stage) where waits_for is not null;
create index task_open on task (wait_on, town_id) where state <> 'verified';
create index sitting_opened on sitting (opened_at);

-- What follows the minutes: the report, the decision on each outcome, tasks of units, the survey, re-opening, the archive.

-- Minutes and outcome list as they went to an office.
create table submission (
    case_id     uuid not null references case_head,
    minutes_id  uuid not null references minutes,
    -- party, government
    office      text not null,
    sent_at     timestamptz not null,
    sent_by     uuid references account,
    received_at timestamptz,
    received_by uuid references account,
    -- The stamped sheet of an office that does not sign in.
    file_id     uuid references file,
    primary key (case_id, minutes_id, office)
);

-- An item of the outcome list that was signed, and what was decided on it.
create table outcome (
    outcome_id     uuid primary key,
    case_id        uuid not null references case_head,
    minutes_id     uuid not null references minutes,
    no             bigint not null,
    -- With the ids of people in place of their names.
    words          text not null,
    from_category  text,
    degree         text,
    suggested_unit uuid references unit,
    -- full, partial, none; null until it is decided
    adoption       text,
    reason         text not null,
    lead_unit      uuid references unit,
    -- Ids of assisting units between commas.
    assist_units   text not null,
    contact        text not null,
    measure        text not null,
    due_on         date,
    quick          boolean not null,
    decided_at     timestamptz,
    decided_by     uuid references account
);
create index outcome_case on outcome (case_id, no);

-- A task: what was adopted, with a unit and a date.
create table task (
    task_id         uuid primary key,
    case_id         uuid not null references case_head,
    town_id         text not null references town,
    outcome_id      uuid references outcome,
    -- The number in the case.
    no              bigint not null,
    -- How often the case had come into tracking when it was handed out, from 1.
    round           bigint not null,
    -- With the ids of people in place of their names.
    matter          text not null,
    measure         text not null,
    contact         text not null,
    lead_unit       uuid not null references unit,
    quick           boolean not null,
    -- assigned, declined, signed, working, replied, verified
    state           text not null,
    -- Raised with every change of the task.
    version         bigint not null,
    assigned_at     timestamptz not null,
    due_on          date not null,
    -- The last day that an extension may reach.
    limit_on        date not null,
    -- The last day of what the present state waits for: signing, reassigning, the first report, the answer, verifying.
    wait_on         date not null,
    declined_once   boolean not null,
    signed_at       timestamptz,
    signed_by       uuid references account,
    percent         bigint not null,
    reported_at     timestamptz,
    -- The day of the last progress that everybody could read.
    public_on       date,
    -- asked, granted, refused
    extension       text,
    extension_to    date,
    class           text,
    target_on       date,
    replied_at      timestamptz,
    replied_by      uuid references account,
    in_time         boolean,
    verified_at     timestamptz,
    verified_by     uuid references account,
    -- The day to look again at what is not wholly done.
    lookback_on     date,
    -- The task that this one goes on from, and why it does: redo, lookback, reopened.
    of_task         uuid references task,
    why             text,
    -- How many steps of the chain were taken since `wait_on`.
    escalated       bigint not null,
    -- The `wait_on` that was reminded of.
    reminded_for    date,
    -- The day on which the clock looks at it next.
    next_on         date
);
create index task_case on task (case_id, round, no);
create index task_next on task (next_on);
create index task_lead on task (lead_unit, state);
create index task_town on task (town_id, state, wait_on);
create index task_lookback on task (lookback_on);

-- The units of a task: the lead, and those who assist.
create table task_unit (
    task_id     uuid not null references task,
    unit_id     uuid not null references unit,
    is_lead     boolean not null,
    signed_at   timestamptz,
    signed_by   uuid references account,
    reported_at timestamptz,
    primary key (task_id, unit_id)
);
create index task_unit_unit on task_unit (unit_id);

-- What happened with a task, one line each (跟踪落实表).
create table task_note (
    note_id    uuid primary key,
    -- Null: about the case as a whole.
    task_id    uuid references task,
    case_id    uuid not null references case_head,
    at         timestamptz not null,
    author     uuid references account,
    unit_id    uuid references unit,
    kind       text not null,
    is_public  boolean not null,
    words      text not null,
    percent    bigint,
    -- What it is about: the day of a visit, of a step, of what was due, of a new date.
    day        date,
    place      text not null,
    -- Who was there too, or a link.
    more       text not null,
    class      text,
    -- Ids of files between commas.
    files      text not null,
    -- For a step of the chain: which one, and whether it was passed over.
    level      bigint,
    passed_over boolean not null,
    -- When a supervision was answered.
    answered_at timestamptz,
    -- Of the ledger's hash of words, place and more.
    salt       text not null,
    ledger_seq bigint not null
);
create index task_note_task on task_note (task_id, at);
create index task_note_case on task_note (case_id, at);

-- A question to the people concerned.
create table survey (
    survey_id  uuid primary key,
    case_id    uuid not null references case_head,
    round      bigint not null,
    opened_at  timestamptz not null,
    closes_on  date not null,
    extended   boolean not null,
    closed_at  timestamptz,
    attended   bigint not null,
    needed     bigint not null,
    answers    bigint not null,
    -- Who asked that it may count though too few answered, and why.
    sample_by     uuid references account,
    sample_reason text not null,
    -- close, redo, sample
    verdict    text
);
create unique index survey_round on survey (case_id, round);

-- Who has answered; not what.
create table survey_voter (
    survey_id uuid not null references survey,
    voter     text not null,
    primary key (survey_id, voter)
);

-- How often something was answered; not by whom.
create table survey_count (
    survey_id uuid not null references survey,
    question  text not null,
    answer    text not null,
    n         bigint not null,
    primary key (survey_id, question, answer)
);

-- What was written with the answers, in an order of chance.
create table survey_words (
    survey_id uuid not null references survey,
    place     text not null,
    words     text not null,
    primary key (survey_id, place)
);

-- Somebody says that it came up again.
create table reopening (
    reopening_id uuid primary key,
    case_id    uuid not null references case_head,
    at         timestamptz not null,
    words      text not null,
    contact    text not null,
    due_on     date not null,
    decided_at timestamptz,
    decided_by uuid references account,
    accepted   boolean,
    reason     text not null,
    salt       text,
    erased_at  timestamptz,
    ledger_seq bigint not null
);
create index reopening_case on reopening (case_id, at);
create index reopening_open on reopening (due_on) where decided_at is null;

-- Cases that went well, written up for others (典型案例).
create table case_story (
    case_id      uuid primary key references case_head,
    town_id      text not null references town,
    title        text not null,
    published_at timestamptz not null
);

-- Whether something that is not wholly done is looked back on later: the public reads 已答复、继续跟踪.
alter table topic add column looked_back boolean not null default false;
-- While the district holds the case, nobody else moves it.
alter table topic add column frozen_at timestamptz;

-- Research before the meeting: who leads it, what is planned, whom one heard, what residents answered.

-- Who leads the research; sees this case from inside even without a desk of the town.
alter table topic add column lead_id uuid references account;
create index topic_lead on topic (lead_id) where lead_id is not null;

-- Which part of the case a file came with: topic, research, or material (of a meeting). What came with the research is not the proposer's.
alter table case_file add column part text not null default 'topic';

-- Who does what, when and where. `body` is private: it may name people.
create table research_task (
    task_id    uuid primary key,
    case_id    uuid not null references case_head,
    -- 1 for the first meeting of the case.
    round      bigint not null,
    -- open, done, dropped
    state      text not null,
    planned_on date not null,
    body       text not null,
    -- Why it was dropped.
    reason     text not null,
    salt       text,
    erased_at  timestamptz,
    -- The ledger entry that has its hash.
    ledger_seq bigint not null
);
create index research_task_case on research_task (case_id);

-- A visit as it was recorded. A correction is a new version beside the old; T5 counts the newest of each.
create table research_visit (
    visit_id   uuid not null,
    version    bigint not null,
    case_id    uuid not null references case_head,
    round      bigint not null,
    newest     boolean not null,
    visited_on date not null,
    body       text not null,
    author     uuid references account,
    at         timestamptz not null,
    salt       text,
    erased_at  timestamptz,
    -- The ledger entry that has its hash.
    ledger_seq bigint not null,
    primary key (visit_id, version)
);
create index research_visit_case on research_visit (case_id, visited_on);

-- Questions to residents, and what came of it once they are closed.
create table questionnaire (
    questionnaire_id uuid primary key,
    case_id    uuid not null references case_head,
    round      bigint not null,
    body       text not null,
    closes_on  date not null,
    opened_at  timestamptz not null,
    closed_at  timestamptz,
    answers    bigint not null,
    -- Counts and words, written at closing; private, since residents wrote the words.
    result     text,
    salt       text,
    erased_at  timestamptz,
    -- The ledger entry that has the hash of `result`.
    ledger_seq bigint
);
create index questionnaire_case on questionnaire (case_id);
create index questionnaire_open on questionnaire (closes_on) where closed_at is null;

-- Three unlinked things: which browsers have answered (without a time), how often each option was chosen, and the words
-- in the order of their letters. Nothing leads from a browser to an answer.
create table questionnaire_answered (
    questionnaire_id uuid not null references questionnaire,
    browser_hash     text not null,
    primary key (questionnaire_id, browser_hash)
);
create table questionnaire_count (
    questionnaire_id uuid not null references questionnaire,
    question         bigint not null,
    -- From 1; 0 counts those who answered the question.
    choice           bigint not null,
    n                bigint not null,
    primary key (questionnaire_id, question, choice)
);
create table questionnaire_words (
    questionnaire_id uuid not null references questionnaire,
    question         bigint not null,
    words            text not null,
    primary key (questionnaire_id, question)
);

-- The minutes of a meeting that was held, and the corrections of those who were there.

-- Whoever chairs and whoever records the meeting that was opened last.
alter table topic add column chair_id uuid references account;
alter table topic add column recorder_id uuid references account;

-- An edition of the minutes: the first, and one for each correction after the signature. One is open at a time.
create table minutes (
    minutes_id    uuid primary key,
    case_id       uuid not null references case_head,
    meeting_id    uuid not null references meeting,
    -- 1 for the first of the meeting.
    edition       bigint not null,
    -- draft, circulating, signed
    state         text not null,
    -- Why the signed text is corrected; public. Null in the first edition.
    reason        text,
    -- Of the ledger's hash of `reason`, and its entry.
    reason_salt   text,
    reason_seq    bigint,
    started_at    timestamptz not null,
    circulated_at timestamptz,
    -- The versions of the sections that were shown to them, in their order.
    circulated    text,
    -- The last day on which those present can ask for a correction.
    until         date,
    signed_at     timestamptz,
    signed_by     uuid references account,
    -- 期号.
    number        text,
    -- The signed text as JSON, with the ids of people in place of their names, and its SHA-256.
    paper         text,
    paper_hash    text,
    -- Of the ledger's hash of `paper`, and its entry.
    paper_salt    text,
    paper_seq     bigint,
    -- Whether it says 未达成共识.
    no_consensus  boolean not null
);
create unique index minutes_edition on minutes (meeting_id, edition);
create index minutes_case on minutes (case_id, state);

-- The text of a section in versions, with the ids of people in place of their names. What was written on an old version
-- is kept beside the ones that stood.
create table minutes_section (
    minutes_id uuid not null references minutes,
    section    text not null,
    version    bigint not null,
    -- The version that was on the page.
    based_on   bigint not null,
    -- Whether it became the text; else it is kept beside.
    stands     boolean not null,
    words      text not null,
    author     uuid references account,
    at         timestamptz not null,
    -- Of the ledger's hash of `words`.
    salt       text not null,
    ledger_seq bigint not null,
    primary key (minutes_id, section, version)
);

-- What somebody who was there says of the draft: that it is right, or what to correct where.
create table minutes_reply (
    reply_id    uuid primary key,
    case_id     uuid not null references case_head,
    minutes_id  uuid not null references minutes,
    invitee_id  uuid not null references invitee,
    -- Null: agrees with the draft.
    section     text,
    words       text not null,
    at          timestamptz not null,
    -- Whoever noted it for somebody who called.
    recorded_by uuid references account,
    -- Of the ledger's hash of `words`; null once they were erased.
    salt        text,
    erased_at   timestamptz,
    ledger_seq  bigint not null,
    -- The recorder's answer.
    accepted    boolean,
    answer      text,
    -- Of the ledger's hash of `answer`, and its entry.
    answer_salt text,
    answer_seq  bigint,
    answered_at timestamptz,
    answered_by uuid references account
);
create index minutes_reply_minutes on minutes_reply (minutes_id, at);

-- The running number of minutes in a town and year.
create table minutes_number (
    town_id text not null references town,
    year    bigint not null,
    n       bigint not null,
    primary key (town_id, year)
);

-- The day of a meeting: who is there, how it runs, what is said, what is voted on.

-- Somebody on the list has one more origin: walk_in, who came without having been asked. A meeting has one more state:
-- held, from the moment it was opened on.

-- A day on which the people of a meeting come together: the door is opened, then the meeting is held, or missed (流会).
create table sitting (
    sitting_id   uuid primary key,
    case_id      uuid not null references case_head,
    meeting_id   uuid not null references meeting,
    -- 1 for the first day of the meeting; a day that was missed or put off is followed by another.
    no           bigint not null,
    -- As people were told. A meeting that is moved has another sitting on its new day.
    starts_at    timestamptz not null,
    -- door, open, paused, closed, missed
    state        text not null,
    door_at      timestamptz not null,
    opened_at    timestamptz,
    opened_by    uuid references account,
    closed_at    timestamptz,
    missed_at    timestamptz,
    -- Attendance of T7 when it was opened, or missed: places taken of places promised.
    present      bigint,
    expected     bigint,
    -- The director's count by hand: all, members, those concerned, departments; null when nobody counted.
    hand_present      bigint,
    hand_members      bigint,
    hand_stakeholders bigint,
    hand_departments  bigint,
    hand_by           uuid references account
);
create unique index sitting_no on sitting (meeting_id, no);
create index sitting_case on sitting (case_id);

-- When a sitting was suspended (休会).
create table sitting_pause (
    sitting_id uuid not null references sitting,
    no         bigint not null,
    from_at    timestamptz not null,
    until_at   timestamptz,
    primary key (sitting_id, no)
);

-- Somebody who is there. A wrong tick is undone, never deleted.
create table check_in (
    check_in_id uuid primary key,
    sitting_id  uuid not null references sitting,
    -- One of these two: somebody on the list, or the chair or recorder by account.
    invitee_id  uuid references invitee,
    account_id  uuid references account,
    -- list, code, scan, self, walk_in
    how         text not null,
    -- When it was received, and when a device without a network noted it.
    at          timestamptz not null,
    device_at   timestamptz,
    -- Who ticked; null for the person.
    by_account  uuid references account,
    undone_at   timestamptz,
    undone_by   uuid references account
);
create unique index check_in_invitee on check_in (sitting_id, invitee_id) where undone_at is null;
create unique index check_in_account on check_in (sitting_id, account_id) where undone_at is null;

-- The agenda as it went: one row for each time a segment was begun.
create table agenda_run (
    sitting_id uuid not null references sitting,
    no         bigint not null,
    segment    text not null,
    started_at timestamptz not null,
    ended_at   timestamptz,
    primary key (sitting_id, no)
);

-- Somebody who asked to speak, and the speech. Times are the server's.
create table speech (
    speech_id  uuid primary key,
    case_id    uuid not null references case_head,
    sitting_id uuid not null references sitting,
    invitee_id uuid not null references invitee,
    -- As what the person spoke.
    category   text not null,
    -- speech, response
    kind       text not null,
    -- waiting, withdrawn, speaking, spoken
    state      text not null,
    asked_at   timestamptz not null,
    -- Who put the person in line; null for the person.
    asked_by   uuid references account,
    -- Place in the line.
    place      bigint not null,
    -- The segment of the agenda in which it was held.
    segment    text,
    started_at timestamptz,
    ended_at   timestamptz,
    -- Seconds that were allowed.
    allowed_s  bigint not null,
    -- The speech that a response answers.
    answers    uuid references speech,
    -- The version of the note that stands; 0 without one.
    version    bigint not null
);
create index speech_sitting on speech (sitting_id, place);

-- The point of a speech, in versions. What was written on an old version is kept beside the one that stands.
-- Words are erasable; the ledger knows salted hashes.
create table speech_note (
    speech_id  uuid not null references speech,
    version    bigint not null,
    -- The version that was on the page.
    based_on   bigint not null,
    words      text not null,
    author     uuid references account,
    at         timestamptz not null,
    salt       text,
    erased_at  timestamptz,
    ledger_seq bigint not null,
    primary key (speech_id, version)
);

-- A matter that was handed to a unit on the spot (现场交办).
create table handover (
    handover_id uuid primary key,
    case_id     uuid not null references case_head,
    sitting_id  uuid not null references sitting,
    no          bigint not null,
    unit_id     uuid not null references unit,
    matter      text not null,
    due_on      date not null,
    -- The speech it came from, if one was named.
    speech_id   uuid references speech,
    at          timestamptz not null,
    by_account  uuid references account,
    -- Of the ledger's hash of `matter`.
    salt        text not null,
    ledger_seq  bigint not null
);
create index handover_sitting on handover (sitting_id, no);

-- A poll in the room. Who is entitled is fixed when it opens.
create table poll (
    poll_id    uuid primary key,
    case_id    uuid not null references case_head,
    sitting_id uuid not null references sitting,
    no         bigint not null,
    -- The question and what can be chosen, as JSON.
    body       text not null,
    secret     boolean not null,
    opened_at  timestamptz not null,
    closed_at  timestamptz,
    -- Of the ledger's hash of `body`.
    salt       text not null,
    ledger_seq bigint not null
);
create index poll_sitting on poll (sitting_id, no);

-- How often each option was chosen. The counter is all that a secret poll keeps of a choice.
create table poll_option (
    poll_id uuid not null references poll,
    no      bigint not null,
    votes   bigint not null,
    primary key (poll_id, no)
);

-- Who is entitled, and who has voted: no time, and a choice in an open poll only.
create table poll_voter (
    poll_id    uuid not null references poll,
    invitee_id uuid not null references invitee,
    voted      boolean not null,
    choice     bigint,
    primary key (poll_id, invitee_id)
);

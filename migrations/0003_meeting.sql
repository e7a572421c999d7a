-- The roster, the meeting of a case, and who is invited to it.

-- 委员 of a town; phone and mail are private.
create table member (
    member_id  uuid primary key,
    town_id    text not null references town,
    account_id uuid references account,
    name       text not null,
    sector     text not null,
    -- Tags between commas with one at each end, so that LIKE finds a whole tag.
    specialty  text not null,
    phone      text not null,
    mail       text not null,
    woman      boolean not null,
    left_at    timestamptz
);
create index member_town on member (town_id);

-- Whom to ask in a unit.
alter table unit add column contact_name text not null default '';
alter table unit add column phone text not null default '';
alter table unit add column mail text not null default '';

-- A counter that a booking raises, so that two bookings of one room wait for each other.
alter table room add column bookings bigint not null default 0;

-- Tags of a topic, as those of a member.
alter table topic add column tags text not null default '';

-- A meeting of a case: what the newest plan says, as lists and calendars ask for it. The plan itself is a case_record.
create table meeting (
    meeting_id   uuid primary key,
    case_id      uuid not null references case_head,
    -- 1 for the first meeting of the case.
    round        bigint not null,
    -- planning, approved, announced, cancelled
    state        text not null,
    format       text not null,
    starts_at    timestamptz not null,
    ends_at      timestamptz not null,
    room_id      uuid references room,
    -- For those invited only.
    online_url   text not null,
    chair_id     uuid references account,
    recorder_id  uuid references account,
    prepared_by  uuid references account,
    approved_by  uuid references account,
    announced_at timestamptz,
    urgent       boolean not null,
    cancelled_because text,
    -- Raised with every change that a calendar has to follow.
    sequence     bigint not null
);
create index meeting_case on meeting (case_id);
create index meeting_start on meeting (starts_at);
create index meeting_room on meeting (room_id, starts_at);

-- Somebody on the list of a meeting. Name, phone, mail and words are erasable; the ledger knows salted hashes.
create table invitee (
    invitee_id    uuid primary key,
    case_id       uuid not null references case_head,
    meeting_id    uuid not null references meeting,
    -- listed: put on the list by the officer; seat: registered for an open seat; substitute: named by an invitee.
    origin        text not null,
    member_id     uuid references member,
    unit_id       uuid references unit,
    category      text not null,
    name          text not null,
    organisation  text not null,
    sector        text not null,
    phone         text not null,
    mail          text not null,
    woman         boolean not null,
    consent_public boolean not null,
    -- listed, invited, accepted, declined, substituted, waiting, offered, expired, refused, removed
    state         text not null,
    answered_at   timestamptz,
    -- Who recorded the answer for the person, and how the person was reached.
    recorded_by   uuid references account,
    reached_by    text,
    reason        text not null,
    substitute_of uuid references invitee,
    seen_at       timestamptz,
    stance        text,
    opinion       text not null,
    opinion_released boolean not null,
    -- Place in the waiting list of its category.
    queue_no      bigint,
    offered_until timestamptz,
    -- The personal link is withdrawn by raising it.
    generation    bigint not null,
    salt          text,
    erased_at     timestamptz,
    -- The ledger entry that has its hash.
    ledger_seq    bigint not null
);
create index invitee_meeting on invitee (meeting_id, category);
create index invitee_offered on invitee (offered_until) where state = 'offered';

-- Open seats of a meeting by category; raised and lowered under its own lock.
create table seat_pool (
    meeting_id uuid not null references meeting,
    category   text not null,
    seats      bigint not null,
    taken      bigint not null,
    next_no    bigint not null,
    primary key (meeting_id, category)
);

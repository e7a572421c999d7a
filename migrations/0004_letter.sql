-- Letters and their delivery.
-- A letter to somebody about a meeting or a topic. Nothing secret: text and link are made when it is rendered.
create table letter (
    letter_id   uuid primary key,
    kind        text not null,
    case_id     uuid not null references case_head,
    meeting_id  uuid references meeting,
    -- To whom: one of these two.
    invitee_id  uuid references invitee,
    follow_id   uuid references follower,
    -- Of one kind to one person there is one letter of an occurrence: a change, a reminder, an offer.
    occurrence  text not null,
    to_address  text not null,
    to_name     text not null,
    -- queued, sending, sent, uncertain, failed, bounced, none
    state       text not null,
    attempts    bigint not null,
    -- Why it is where it is, in words.
    last_error  text,
    created_at  timestamptz not null,
    sent_at     timestamptz,
    message_id  text,
    -- What its calendar part says: REQUEST or CANCEL, and the sequence it was written with.
    calendar_method   text,
    calendar_sequence bigint not null
);
create unique index letter_invitee on letter (invitee_id, kind, occurrence);
create unique index letter_follower on letter (follow_id, kind, occurrence);
create index letter_meeting on letter (meeting_id, invitee_id);
create index letter_state on letter (state, letter_id);

-- The address of a person's calendar feed is withdrawn by raising it.
alter table account add column calendar_generation bigint not null default 0;

-- Rooms looked at by the 六有 list; members' studios, what they heard and what became of it.
-- How many villages and communities the town has; unknown until somebody says so.
alter table town add column villages bigint;

create table room_check (
    check_id   uuid primary key,
    room_id    uuid not null references room,
    checked_on date not null,
    at         timestamptz not null,
    by_account uuid references account,
    -- Codes of what the room has, between commas, and how many they are.
    met        text not null,
    met_count  bigint not null,
    words      text not null,
    -- Of the ledger's hash of the words.
    salt       text not null
);
create index room_check_room on room_check (room_id, checked_on);

create table room_check_file (
    check_id uuid not null references room_check,
    file_id  uuid not null references file,
    position bigint not null,
    primary key (check_id, file_id)
);
create index room_check_file_file on room_check_file (file_id);

create table studio (
    studio_id uuid primary key,
    town_id   text not null references town,
    name      text not null,
    -- Tags between commas, as on the roster.
    specialty text not null,
    -- Whether it bears the name of a member.
    is_named  boolean not null,
    -- When it is open, in words, and where.
    days      text not null,
    place     text not null,
    closed_at timestamptz
);
create unique index studio_name on studio (town_id, name);

create table studio_member (
    studio_id uuid not null references studio,
    member_id uuid not null references member,
    primary key (studio_id, member_id)
);
create index studio_member_member on studio_member (member_id);

create table reception (
    reception_id uuid primary key,
    studio_id    uuid not null references studio,
    held_on      date not null,
    visitors     bigint not null,
    at           timestamptz not null,
    by_account   uuid references account
);
create index reception_studio on reception (studio_id, held_on);

create table reception_member (
    reception_id uuid not null references reception,
    member_id    uuid not null references member,
    primary key (reception_id, member_id)
);
create index reception_member_member on reception_member (member_id);

-- What somebody said at a reception. Who it was is not asked.
create table studio_opinion (
    opinion_id   uuid primary key,
    reception_id uuid not null references reception,
    words        text not null,
    salt         text not null,
    at           timestamptz not null,
    by_account   uuid references account,
    whereto      text not null,
    -- The unit that it was passed to.
    unit         text not null,
    -- By when it is answered or raised; none for what was answered at once.
    due_on       date,
    topic_id     uuid references topic,
    answer       text not null,
    answer_salt  text,
    done_on      date,
    done_by      uuid references account
);
create index studio_opinion_reception on studio_opinion (reception_id);
create index studio_opinion_open on studio_opinion (due_on) where done_on is null;
create index studio_opinion_topic on studio_opinion (topic_id) where topic_id is not null;

-- One text for both engines. Ids are UUID version 7, times are UTC, days are days in Asia/Shanghai,
-- structured bodies are JSON kept as text. What differs between the engines stands in sqlite/ and postgres/.

create table town (
    town_id    text primary key,
    name       text not null,
    short_name text not null,
    kind       text not null,
    sort_no    bigint not null
);

create table room (
    room_id  uuid primary key,
    town_id  text not null references town,
    name     text not null,
    level    text not null,
    address  text not null,
    capacity bigint not null
);
create index room_town on room (town_id);

create table unit (
    unit_id uuid primary key,
    town_id text references town,
    name    text not null unique
);

create table account (
    account_id    uuid primary key,
    login         text not null unique,
    name          text not null,
    password_hash text not null,
    created_at    timestamptz not null,
    disabled_at   timestamptz,
    -- Demo accounts refuse an address off loopback.
    demo          boolean not null
);

create table account_grant (
    grant_id   uuid primary key,
    account_id uuid not null references account,
    role       text not null,
    town_id    text references town,
    unit_id    uuid references unit
);
create index account_grant_account on account_grant (account_id);

create table session (
    session_id uuid primary key,
    -- SHA-256 of the token in the cookie.
    token_hash text not null unique,
    account_id uuid not null references account,
    created_at timestamptz not null,
    seen_at    timestamptz not null,
    expires_at timestamptz not null,
    device     text not null
);
create index session_account on session (account_id);

-- Failed guesses, by a keyed hash of what is slowed: account with address prefix, account, address prefix.
create table guess (
    scope      text primary key,
    failures   bigint not null,
    last_at    timestamptz not null
);

-- Browsers from which an account has signed in before: a stranger's guesses do not slow these.
create table known_browser (
    account_id   uuid not null references account,
    browser_hash text not null,
    primary key (account_id, browser_hash)
);

-- A version of the rule set; the district's baseline has no town. Rows are never changed.
create table rule_set (
    rule_set_id    uuid primary key,
    town_id        text references town,
    version        bigint not null,
    effective_from timestamptz not null,
    basis_doc      text,
    body           text not null,
    created_at     timestamptz not null
);
create index rule_set_town on rule_set (town_id, effective_from);

create table calendar_day (
    day         date primary key,
    workday     boolean not null,
    name        text not null,
    provisional boolean not null
);

-- The lock and the chain head of a case. `seq` has no gaps: it numbers the ledger entries and the live events.
create table case_head (
    case_id uuid primary key,
    town_id text not null references town,
    seq     bigint not null,
    head    text not null
);

-- The chain heads of the other streams: one a town, one for the system.
create table stream_head (
    stream text primary key,
    seq    bigint not null,
    head   text not null
);

-- The hashed bytes are `body`, as text. `at` repeats what the body says, for the windows of the daily root.
create table ledger_entry (
    stream text not null,
    seq    bigint not null,
    at     timestamptz not null,
    body   text not null,
    hash   text not null,
    primary key (stream, seq)
);
create index ledger_entry_at on ledger_entry (at);

create table ledger_root (
    root_no bigint primary key,
    cutoff  timestamptz not null,
    entries bigint not null,
    prev    text not null,
    hash    text not null
);

-- A repeated (actor, request) with the same payload gets the first receipt; with another it is refused.
create table receipt (
    actor        text not null,
    request_id   uuid not null,
    payload_hash text not null,
    result       text not null,
    at           timestamptz not null,
    primary key (actor, request_id)
);
create index receipt_at on receipt (at);

create table job (
    job_id        uuid primary key,
    job_key       text unique,
    kind          text not null,
    payload       text not null,
    run_at        timestamptz not null,
    attempts      bigint not null,
    last_error    text,
    claimed_until timestamptz,
    done_at       timestamptz
);
create index job_due on job (run_at) where done_at is null;

create table topic (
    topic_id       uuid primary key references case_head,
    town_id        text not null references town,
    -- Running number in town and year, given on acceptance: 2026-03.
    number         text,
    stage          text not null,
    -- Goes up with every move; a decision names the one it was made on.
    stage_version  bigint not null,
    stage_since    timestamptz not null,
    -- The last day that the present stage may take, and the role it waits for.
    due_on         date,
    waits_for      text,
    overdue_marked boolean not null,
    suspended_from text,
    merged_into    uuid references topic,
    merged_from    text,
    source         text not null,
    imported_from  text,
    sent_title     text not null,
    submitted_at   timestamptz not null,
    accepted_at    timestamptz,
    -- Last change that the public may know of, or the sending.
    moved_at       timestamptz not null,
    -- The released edition's title and place; the whole of it is a case_record.
    title          text,
    place          text,
    is_public      boolean not null,
    support_count  bigint not null,
    comment_count  bigint not null,
    held_comments  bigint not null,
    -- Kept from T3 on.
    rule_set_id    uuid references rule_set,
    proposer_id    uuid references account,
    recorded_by    uuid references account,
    preparer_id    uuid references account,
 -- The tracking code follows from site secret, case and generation; only its hash is kept.
    code_hash       text not null unique,
    code_generation bigint not null,
    demo           boolean not null
);
create index topic_public_moved on topic (moved_at desc, topic_id desc) where is_public;
create index topic_public_supported on topic (support_count desc, topic_id desc) where is_public;
create index topic_public_raised on topic (topic_id desc) where is_public;
create index topic_town_moved on topic (town_id, moved_at desc, topic_id desc) where is_public;
create index topic_stage_moved on topic (stage, moved_at desc, topic_id desc) where is_public;
create index topic_source_moved on topic (source, moved_at desc, topic_id desc) where is_public;
create index topic_desk on topic (town_id, waits_for, due_on);
create index topic_held on topic (town_id) where held_comments > 0;
create index topic_due on topic (due_on) where not overdue_marked;
create index topic_merged on topic (merged_into) where merged_into is not null;

-- How many topics stand in each stage, so that no page has to count.
create table topic_count (
    town_id text not null references town,
    stage   text not null,
    n       bigint not null,
    primary key (town_id, stage)
);

create table topic_number (
    town_id text not null references town,
    year    bigint not null,
    n       bigint not null,
    primary key (town_id, year)
);

-- The stages a case went through, in order, each with the last day it was allowed.
create table stage_span (
    case_id    uuid not null references case_head,
    span_no    bigint not null,
    stage      text not null,
    entered_at timestamptz not null,
    due_on     date,
    primary key (case_id, span_no)
);

-- Forms and decisions of a case. A correction is a new version beside the old one.
create table case_record (
    case_id    uuid not null references case_head,
    kind       text not null,
    version    bigint not null,
    body       text not null,
    author     uuid references account,
    at         timestamptz not null,
    -- Salt of the ledger's hash of `body`; erased together with it.
    salt       text,
    erased_at  timestamptz,
    primary key (case_id, kind, version)
);

-- What happened, in words without personal data.
create table case_event (
    case_id uuid not null references case_head,
    seq     bigint not null,
    at      timestamptz not null,
    step    text not null,
    words   text not null,
    public  boolean not null,
    late    boolean not null,
    primary key (case_id, seq)
);

-- Personal data of whoever raised the topic. Erasable; the ledger knows a salted hash.
create table proposer (
    case_id        uuid primary key references case_head,
    name           text not null,
    phone          text not null,
    consent_public boolean not null,
    joint_count    bigint not null,
    reached_by     text,
    salt           text,
    erased_at      timestamptz
);

-- Keyed hash of a proposer's phone while the topic is open: how many one person has under way.
create table quota (
    case_id      uuid primary key references case_head,
    contact_hash text not null
);
create index quota_contact on quota (contact_hash);

-- How often something was done from an address prefix on a day; keyed hashes, dropped after the day.
create table prefix_day (
    scope text not null,
    day   date not null,
    n     bigint not null,
    primary key (scope, day)
);

create table support (
    case_id      uuid not null references case_head,
    browser_hash text not null,
    at           timestamptz not null,
    -- Beyond the day's limit of an address prefix: kept, not counted until the officer looks.
    held         boolean not null,
    -- The merged topic through which the support came; gone when the merger is undone.
    via_case     uuid references case_head,
    primary key (case_id, browser_hash)
);
create index support_held on support (case_id) where held;

create table follower (
    follow_id  uuid primary key,
    case_id    uuid not null references case_head,
    contact    text,
    generation bigint not null,
    at         timestamptz not null,
    salt       text,
    told_at    timestamptz,
    stopped_at timestamptz,
    -- The ledger entry that has its hash.
    ledger_seq bigint not null
);
create index follower_case on follower (case_id);

create table comment (
    comment_id   uuid primary key,
    case_id      uuid not null references case_head,
    parent_id    uuid references comment,
    -- As the writer chose to be shown.
    shown_name   text not null,
    official     boolean not null,
    body         text not null,
    state        text not null,
    reports      bigint not null,
    browser_hash text,
    at           timestamptz not null,
    decided_at   timestamptz,
    salt         text,
    erased_at    timestamptz,
    -- The ledger entry that has its hash.
    ledger_seq   bigint not null
);
create index comment_case on comment (case_id, comment_id);

create table comment_report (
    comment_id   uuid not null references comment,
    browser_hash text not null,
    primary key (comment_id, browser_hash)
);

-- A stored file; the bytes lie content-addressed in the data folder. Unused ones are swept.
create table file (
    file_id    uuid primary key,
    sha256     text not null,
    name       text not null,
    media_type text not null,
    size       bigint not null,
    -- Keyed hash of the browser or account that sent it: nobody else can attach it.
    owner      text not null,
    staged_at  timestamptz not null
);
create index file_sha256 on file (sha256);

create table case_file (
    case_id  uuid not null references case_head,
    file_id  uuid not null references file,
    position bigint not null,
    released boolean not null,
    primary key (case_id, file_id)
);
create index case_file_file on case_file (file_id);

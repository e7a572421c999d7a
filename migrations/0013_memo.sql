-- What the district's office writes to a town, and the town's answer.
create table town_memo (
    memo_id     uuid primary key,
    town_id     text not null references town,
    at          timestamptz not null,
    by_account  uuid references account,
    words       text not null,
    -- Of the ledger's hash of the words.
    salt        text not null,
    -- By when the town answers.
    due_on      date not null,
    answer      text not null,
    -- Of the ledger's hash of the answer.
    answer_salt text,
    answered_at timestamptz,
    answered_by uuid references account
);
create index town_memo_open on town_memo (due_on) where answered_at is null;

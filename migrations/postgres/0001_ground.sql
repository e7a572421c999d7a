-- The index over released texts: words and overlapping two-character pieces, made by search::tokens.
create table topic_search (
    topic_id uuid primary key references topic,
    title    tsvector not null,
    body     tsvector not null
);
create index topic_search_title on topic_search using gin (title);
create index topic_search_body on topic_search using gin (body);

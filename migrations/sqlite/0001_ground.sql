-- The index over released texts: words and overlapping two-character pieces, made by search::tokens.
-- `search_no` rises with each topic, so that "newest first" is the index's own order.
create table topic_search_no (
    search_no integer primary key,
    topic_id  blob not null unique references topic
);
create virtual table topic_search using fts5 (title, body, tokenize = 'unicode61', detail = full);

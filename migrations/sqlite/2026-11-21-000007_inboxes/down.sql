DELETE FROM schema_expansions WHERE version = '20261121000007';
DROP TABLE inboxes;

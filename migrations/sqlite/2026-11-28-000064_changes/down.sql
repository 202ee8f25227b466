DELETE FROM schema_expansions WHERE version = '20261128000064';
DROP TABLE user_changes;
DROP TABLE changes;
DROP TABLE change_feed;

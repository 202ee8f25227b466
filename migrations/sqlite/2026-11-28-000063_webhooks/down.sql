DELETE FROM schema_expansions WHERE version = '20261128000063';
DROP TABLE deliveries;
DROP TABLE webhooks;
ALTER TABLE projects DROP COLUMN active_webhooks;

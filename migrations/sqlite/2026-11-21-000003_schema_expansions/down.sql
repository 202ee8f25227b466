DROP TABLE schema_expansions;

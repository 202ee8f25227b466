-- Versions of migrations that leave everything in place on which programs rely that don't know them.
CREATE TABLE schema_expansions (
    version TEXT PRIMARY KEY
);

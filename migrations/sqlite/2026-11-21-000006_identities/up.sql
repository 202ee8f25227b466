-- Which account a user of another issuer has.
CREATE TABLE identities (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    user_id INTEGER NOT NULL REFERENCES users (id),
    created_at INTEGER NOT NULL,
    CONSTRAINT identities_pkey PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;

INSERT INTO schema_expansions (version) VALUES ('20261121000006');

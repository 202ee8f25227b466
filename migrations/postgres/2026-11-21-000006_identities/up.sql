-- Which account a user of another issuer has.
CREATE TABLE identities (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id),
    created_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT identities_pkey PRIMARY KEY (issuer, subject)
);

INSERT INTO schema_expansions (version) VALUES ('20261121000006');

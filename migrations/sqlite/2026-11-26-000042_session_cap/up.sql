-- A user has at most 50 live sessions. Releases before that rule left any number, which the next login or change of the
-- password would end in one transaction: 60,000 of them keep all others from writing for half a second. They end here, the
-- oldest first, as they do at a login; entries on the blocklist outlive any access token, which is valid for a day at most.
INSERT INTO revocations (kind, subject, until)
    SELECT 'session', CAST(id AS TEXT), (unixepoch() + 86400) * 1000000
    FROM (
        SELECT id, last_used_at, row_number() OVER (PARTITION BY user_id ORDER BY id DESC) AS place
        FROM sessions WHERE ended_at IS NULL AND expires_at > unixepoch() * 1000000
    )
    WHERE place > 50 AND last_used_at > (unixepoch() - 86400) * 1000000
    ORDER BY id;

UPDATE sessions SET ended_at = unixepoch() * 1000000
    WHERE id IN (
        SELECT id FROM (
            SELECT id, row_number() OVER (PARTITION BY user_id ORDER BY id DESC) AS place
            FROM sessions WHERE ended_at IS NULL AND expires_at > unixepoch() * 1000000
        )
        WHERE place > 50
    );

INSERT INTO schema_expansions (version) VALUES ('20261126000042');

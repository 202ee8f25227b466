-- A user has at most 50 live sessions. Releases before that rule left any number, which the next login or change of the
-- password would end in one transaction. They end here, the oldest first, as they do at a login; entries on the blocklist
-- outlive any access token, which is valid for a day at most.

-- The lock of all who write to the blocklist: its ids have to be committed in ascending order.
SELECT pg_advisory_xact_lock(1717662580, 2);

WITH ended AS (
    UPDATE sessions SET ended_at = now()
        WHERE id IN (
            SELECT id FROM (
                SELECT id, row_number() OVER (PARTITION BY user_id ORDER BY id DESC) AS place
                FROM sessions WHERE ended_at IS NULL AND expires_at > now()
            ) AS live
            WHERE place > 50
        )
        RETURNING id, last_used_at
)
INSERT INTO revocations (kind, subject, until)
    SELECT 'session', id::text, now() + interval '1 day' FROM ended
    WHERE last_used_at > now() - interval '1 day' ORDER BY ended.id;

INSERT INTO schema_expansions (version) VALUES ('20261126000042');

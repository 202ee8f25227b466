-- A user has at most 50 live sessions. Releases before that rule left any number, which the next login or change of the
-- password would end in one transaction. They end here, the oldest first, as they do at a login; entries on the blocklist
-- outlive any access token, which is valid for a day at most.

UPDATE sessions SET ended_at = now()
    WHERE ended_at IS NULL AND id IN (
        SELECT id FROM (
            SELECT id, row_number() OVER (PARTITION BY user_id ORDER BY id DESC) AS place
            FROM sessions WHERE ended_at IS NULL AND expires_at > now()
        ) AS live
        WHERE place > 50
    );

-- The lock of all who write to the blocklist: its ids have to be committed in ascending order. It is taken after the
-- locks of the sessions, as older programs that run meanwhile do at a login or logout: else the two could deadlock.
SELECT pg_advisory_xact_lock(1717662580, 2);

-- now() is the begin of this transaction, so it finds the sessions that ended above.
INSERT INTO revocations (kind, subject, until)
    SELECT 'session', id::text, now() + interval '1 day' FROM sessions
    WHERE ended_at = now() AND last_used_at > now() - interval '1 day' ORDER BY sessions.id;

INSERT INTO schema_expansions (version) VALUES ('20261126000042');

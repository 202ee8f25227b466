-- More than one batch of rows, text of every kind, moments with microseconds, NULL where it may be, and the rows with
-- the highest ids gone.
CREATE TEMP TABLE numbers AS
    WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 2500) SELECT n FROM counted;

INSERT INTO users SELECT n, 'copied' || n || '@example.org',
    CASE n % 5 WHEN 0 THEN 'Żółw 🐢' WHEN 1 THEN 'O''Hara "the" \ {1,NULL}' WHEN 2 THEN char(9, 10, 13, 127) ELSE 'Ann' || n END,
    CASE WHEN n = 1 THEN 'admin' ELSE 'user' END, n % 3 <> 0, CASE WHEN n % 2 THEN '$2b$04$' || hex(randomblob(20)) END,
    n % 4, 1767323045678901 + n, -1 - n, n,
    n % 3 = 1, CASE WHEN n % 7 = 0 THEN 'pending' || n || '@example.org' END, n % 11 = 0, CASE WHEN n % 13 = 0 THEN 'Copied' || n || '@example.org' END,
    randomblob(16), n % 9, CASE WHEN n % 17 = 0 THEN 1767323045678901 + n END
    FROM numbers WHERE n <= 300;
DELETE FROM users WHERE id > 297;

INSERT INTO projects SELECT 3 * n, 'Project ' || n, CASE WHEN n % 2 THEN 'Ünïcödé ' || n END,
    CASE WHEN n % 2 THEN 'active' ELSE 'archived' END, 1 + n % 297, 1767323045000001 + n, 1767323045999999 - n, 9007199254740993 + n, n, n % 3,
    n % 5, n % 2
    FROM numbers WHERE n <= 40;

-- A trigger has inserted their owners.
INSERT INTO members SELECT 3 * (1 + n % 40), 50 + n / 40, CASE n % 3 WHEN 0 THEN 'editor' WHEN 1 THEN 'commenter' ELSE 'viewer' END,
    1767323045678901 + n
    FROM numbers WHERE n <= 1200;

INSERT INTO invitations SELECT n, 3 * (1 + n % 40), 'Żółw' || n || '@example.org', 'żółw' || n || '@example.org',
    CASE n % 3 WHEN 0 THEN 'editor' WHEN 1 THEN 'commenter' ELSE 'viewer' END, CASE WHEN n % 2 THEN randomblob(32) END,
    1 + n % 297, 1767323045678901 + n, 1767323045678901 + 2 * n
    FROM numbers WHERE n <= 1100;
DELETE FROM invitations WHERE id > 1090;

INSERT INTO webhooks SELECT n, 3 * (1 + n % 40), 'https://żółw' || n || '.example/?a=''{1,NULL}', 'task.created task.deleted', n % 3 <> 0,
    'whsec_' || hex(randomblob(20)), CASE WHEN n % 2 THEN 'whsec_' || hex(randomblob(20)) END, CASE WHEN n % 2 THEN 1767323045678901 + n END,
    1767323045678901 + n, 1767323045678901 + 2 * n, CASE WHEN n % 5 THEN 1767323045678901 - n END, n % 4 = 0,
    CASE WHEN n % 3 THEN 1767323045678901 + 3 * n END, CASE WHEN n % 6 THEN 'worker-' || n END, CASE WHEN n % 6 THEN n + 60 END,
    n % 9
    FROM numbers WHERE n <= 1100;
DELETE FROM webhooks WHERE id > 1090;
INSERT INTO deliveries SELECT n, 1 + n % 1090, 'msg_' || n, CASE WHEN n % 9 THEN 'task.created' ELSE 'ping' END, 'task/' || n % 7,
    CASE n % 3 WHEN 0 THEN 'pending' WHEN 1 THEN 'delivered' ELSE 'failed' END, n % 8, n % 3,
    CASE WHEN n % 3 = 1 THEN 200 END, CASE WHEN n % 3 = 2 THEN 'Żółw ' || n END, CASE WHEN n % 3 = 0 THEN 1767323045678901 + n END,
    1767323045678901 + n, CASE WHEN n % 3 <> 0 THEN 1767323045678901 + 2 * n END, CASE WHEN n % 9 THEN 1 + n % 297 END, CASE WHEN n % 4 THEN 1 + n % 297 END,
    '{"name":"Żółw 🐢"}'
    FROM numbers;
DELETE FROM deliveries WHERE id > 2490;
INSERT INTO invitation_mails SELECT n, 'żółw' || n % 9 || '@example.org', 1767323045678901 + n FROM numbers WHERE n <= 1100;
INSERT INTO erased_identities SELECT randomblob(32), 1767323045678901 + n FROM numbers WHERE n <= 1100;

-- Some are under a task with a higher id, which is copied later.
INSERT INTO tasks SELECT n, 3 * (1 + n % 40), 'Task ' || n, CASE WHEN n % 7 THEN '' || n ELSE NULL END,
    CASE n % 3 WHEN 0 THEN 'todo' WHEN 1 THEN 'in_progress' ELSE 'done' END,
    CASE n % 3 WHEN 0 THEN 'low' WHEN 1 THEN 'medium' ELSE 'high' END,
    CASE WHEN n % 2 THEN 1 + n % 297 END, 1767323045678901 + n, 1767323045678901 + 2 * n, 1, n % 11,
    CASE n % 4 WHEN 0 THEN 1767311999999999 WHEN 1 THEN 253402300799999999 END, n % 4 = 0,
    CASE WHEN n % 5 = 0 AND n <= 1300 THEN n + 1200 END, CASE WHEN n % 6 = 0 THEN CASE WHEN n % 12 THEN 'z' ELSE 'Z' END || n END,
    CASE WHEN n % 3 = 2 THEN 1767323045678901 + 3 * n END, n % 3 = 0, n % 2, 0
    FROM numbers;

INSERT INTO labels SELECT n, 3 * (1 + n % 40), 'Żółw ' || n, 'żółw ' || n, printf('#%06x', n * 7919) FROM numbers WHERE n <= 1100;
DELETE FROM labels WHERE id > 1090;
INSERT INTO task_labels SELECT n, 1 + (n - 1) % 40 FROM numbers WHERE n % 3 = 0
    UNION ALL SELECT n, 41 + (n - 1) % 40 FROM numbers WHERE n % 6 = 0;
INSERT INTO task_reminders SELECT n, 1767323045678901 + n FROM numbers WHERE n % 2
    UNION ALL SELECT n, 1767323045678901 - n FROM numbers WHERE n % 4 = 1;

INSERT INTO comments SELECT n, n, 1 + n % 297, replace(hex(zeroblob(2000)), '00', 'é'), 253402300799999999
    FROM numbers WHERE n <= 20;
DELETE FROM comments;

INSERT INTO sessions SELECT n, 1 + n % 297, n, n, n, CASE WHEN n % 2 THEN n END,
    CASE WHEN n % 3 THEN '2001:db8::' || n END, CASE WHEN n % 5 THEN 'curl/' || n END, randomblob(16)
    FROM numbers WHERE n <= 100;

-- Of a key that sorts otherwise on each database.
INSERT INTO refresh_tokens SELECT CASE WHEN n % 2 THEN 'a-' WHEN n % 3 THEN 'B_' ELSE 'ä' END || n, 1 + n % 100, n, CASE WHEN n % 2 THEN n END
    FROM numbers;

-- Some are of erased accounts.
INSERT INTO api_tokens SELECT n, CASE WHEN n % 7 THEN 1 + n % 297 END, CASE WHEN n % 7 THEN 'Żółw ' || n ELSE '' END,
    CASE WHEN n % 7 THEN 'ft_' || n ELSE '' END, randomblob(32), CASE WHEN n % 2 THEN 'tasks:read' ELSE 'projects:read tasks:write' END,
    CASE WHEN n % 3 THEN '[1,' || n || ']' END, 1767323045678901 + n, CASE n % 4 WHEN 0 THEN 253402300799999999 WHEN 1 THEN 1767323045678901 - n END,
    CASE WHEN n % 5 THEN 1767323045678901 + 2 * n END, CASE WHEN n % 7 = 0 OR n % 11 = 0 THEN 1767323045678901 + 3 * n END
    FROM numbers WHERE n <= 1100;
DELETE FROM api_tokens WHERE id > 1090;

INSERT INTO revocations SELECT n, CASE WHEN n % 2 THEN 'user' ELSE 'token' END, '' || n, CASE WHEN n % 2 THEN n END, n
    FROM numbers WHERE n <= 10;

INSERT INTO events SELECT n, 'task_created', '{"n":' || n || '}', n, n % 7 = 0 FROM numbers WHERE n <= 1000;

INSERT INTO idempotency_records SELECT 1 + n % 297, CASE WHEN n % 2 THEN 'a-' WHEN n % 3 THEN 'B_' ELSE '~' END || n, randomblob(32), '{}', n
    FROM numbers;

INSERT INTO project_statistics SELECT 3 * n, n, 0, 9007199254740993, 1767323045000001 + n FROM numbers WHERE n <= 40;

INSERT INTO notification_heads SELECT n, 30 + n, n FROM numbers WHERE n <= 297;
INSERT INTO notifications SELECT 1 + n % 90, 1 + n / 90, '{"type":"task_assigned","n":' || n || '}', 1767323045678901 - n,
    CASE WHEN n % 3 THEN n % 297 END
    FROM numbers;

INSERT INTO jobs SELECT n, 'welcome_mail', '{"n":' || n || '}', n % 12, n, CASE WHEN n % 3 = 0 THEN 'worker-' || n END,
    CASE WHEN n % 3 = 0 THEN n + 60 END, CASE WHEN n % 3 = 1 THEN n + 1 END, CASE WHEN n % 3 = 1 THEN 'gone ' || n END, n,
    CASE WHEN n % 4 = 0 THEN 'key ' || n END, n % 12 = 0, n % 3, CASE WHEN n % 2 THEN 'nonce' || n END
    FROM numbers WHERE n <= 1500;
DELETE FROM jobs WHERE id > 1490;

INSERT INTO tickets SELECT randomblob(32), '{"n":' || n || '}', n FROM numbers WHERE n <= 1200;
INSERT INTO password_resets SELECT n, 'copied' || n || '@example.org', randomblob(32), 1 + n % 5, 1767323045678901 + n
    FROM numbers WHERE n <= 297;

INSERT INTO email_verifications SELECT n, 'copied' || n || '@example.org', CASE WHEN n % 3 THEN randomblob(32) END, n % 9, n % 5, 1767323045678901 + n
    FROM numbers WHERE n <= 297;

-- Of issuers and subjects that sort otherwise on each database.
INSERT INTO identities SELECT CASE WHEN n % 2 THEN 'https://a.example' WHEN n % 3 THEN 'B_' ELSE 'ä' END, CASE WHEN n % 5 THEN 'z' ELSE 'Ä-' END || n,
    1 + n % 297, 1767323045678901 + n
    FROM numbers;

INSERT INTO inboxes SELECT 298 - n, 3 * n FROM numbers WHERE n <= 40;
INSERT INTO login_attempts SELECT n, CASE WHEN n % 2 THEN '203.0.113.' || n % 256 ELSE '2001:db8::/64' END, 1767323045678901 + n
    FROM numbers WHERE n <= 1100;

INSERT INTO sent_notices SELECT lower(hex(randomblob(16))), 1 + n % 297, CASE n % 3 WHEN 0 THEN 'account' WHEN 1 THEN 'task' ELSE 'digest' END,
    CASE WHEN n % 3 = 1 THEN n END, 1767323045678901 + n
    FROM numbers WHERE n <= 1200;
INSERT INTO held_notices SELECT n, 1 + n % 297, CASE WHEN n % 2 THEN '' ELSE 'digest' END, 'task ' || n, 'task', '{"n":' || n || '}', n
    FROM numbers WHERE n <= 1100;
INSERT INTO change_feed VALUES (1, 9007199254740993, 7);
-- Of keys whose first columns are the same in more than one batch.
INSERT INTO changes SELECT 1 + n % 2, CASE n % 3 WHEN 0 THEN 'member' WHEN 1 THEN 'task' ELSE 'comment' END, n / 2,
    CASE WHEN n % 3 = 2 THEN n END, n, n % 5 = 0, 1767323045678901 + n
    FROM numbers;
INSERT INTO changes SELECT n, 'label', 3, NULL, 2500 + n, FALSE, 1767323045678901 + n FROM numbers WHERE n <= 1100;
INSERT INTO user_changes SELECT 1 + n % 2, CASE n % 3 WHEN 0 THEN 'project' WHEN 1 THEN 'task' ELSE 'comment' END, n,
    CASE WHEN n % 3 = 2 THEN n END, 3, 4000 + n, CASE WHEN n % 6 = 0 THEN n END, 1767323045678901 + n
    FROM numbers;
INSERT INTO audit SELECT n, 1767323045678901 - n, CASE WHEN n % 2 THEN n END, 'login',
    CASE WHEN n % 3 THEN 'user/' || n END, '{"name":["Żółw",null]}', CASE WHEN n % 5 THEN '2001:db8::' || n END,
    CASE WHEN n % 7 THEN 'request-' || n END
    FROM numbers WHERE n <= 1200;

DROP TABLE numbers;

-- Users behind all others, who only get tasks.
INSERT INTO users (email, display_name, role, is_active, password_hash, token_epoch, created_at, updated_at, version,
    is_email_verified, is_external, project_count)
SELECT 'reader' || n || '@example.org', 'Reader ' || n, 'user', TRUE,
    '$2b$12$SN68WOFotY17vacTJvNqveqSC6mfjw3GKa1QQAyoZbkGFP4zCXRV2', 0, now(), now(), 1, TRUE, FALSE, 0
FROM generate_series(1, :readers) AS n;

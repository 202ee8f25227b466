DROP TABLE events;
DROP TABLE revocations;
DROP TABLE refresh_tokens;
DROP TABLE sessions;
DROP TABLE comments;
DROP TABLE tasks;
DROP TABLE projects;
DROP TABLE users;

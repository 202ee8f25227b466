-- Removes what a load leaves behind: mails that wait, and tasks that were begun.
DELETE FROM jobs;
UPDATE tasks SET status = 'todo' WHERE status = 'in_progress' AND project_id <= :projects;

-- Removes what a load leaves behind: mails that wait, and tasks that were begun. Without the lock, the nodes that lease the
-- same jobs could wait for this, and this for them.
LOCK TABLE jobs IN EXCLUSIVE MODE;
DELETE FROM jobs;
UPDATE tasks SET status = 'todo' WHERE status = 'in_progress' AND project_id <= :projects;

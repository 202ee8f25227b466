//! Many reminders at one instant.

use crate::personal_data::Sql;
use fasttrack_domain::ports::Repositories;
use fasttrack_testkit::builders::{MOMENT, new_project, new_user};
use std::time::{Duration, Instant};

const REMINDERS: u32 = 10_000;

/// The most reminders of a commit.
const BATCH: u32 = 500;

fn statements(at: &str) -> String {
    let numbers =
        format!("WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {REMINDERS})");
    format!(
        "INSERT INTO tasks (project_id, title, status, priority, created_at, updated_at, version, has_reminders)
            {numbers} SELECT 1, 'Paint', 'todo', 'low', {at}, {at}, 1, TRUE FROM numbers;
        INSERT INTO task_reminders (task_id, at) SELECT id, {at} FROM tasks;"
    )
}

/// Fails unless all are given within 10 seconds, in full batches, once.
pub async fn assert_given_in_time<S: Sql>(repositories: &Repositories, database: &S) {
    let owner = repositories.users.create(new_user()).await.unwrap().id;
    repositories.projects.create(new_project(owner), None).await.unwrap();
    database.execute(statements(S::EPOCH)).await;
    let (begun, mut batches) = (Instant::now(), Vec::new());
    loop {
        let given = repositories.reminders.give(MOMENT, BATCH).await.unwrap();
        batches.push(given.events);
        if !given.more {
            break;
        }
    }
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert_eq!(batches, [u64::from(BATCH); 20]);
    let events = "SELECT count(*) AS count FROM events WHERE kind = 'reminder_due'";
    assert_eq!(database.count(events.to_owned()).await, i64::from(REMINDERS));
    assert_eq!(database.count("SELECT count(*) AS count FROM task_reminders".to_owned()).await, 0);
}

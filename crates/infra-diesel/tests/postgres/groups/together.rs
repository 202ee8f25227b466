//! What is written together is what was sent.

use super::{Given, at_once};
use crate::personal_data::Sql;
use fasttrack_domain::task::{TaskPatch, TaskStatus};
use fasttrack_infra_diesel::postgres::Database;
use fasttrack_testkit::builders::{NOBODY, new_user};

/// How often writes are made at once until they were written together. On a busy machine the first may take long.
const ATTEMPTS: usize = 100;

#[tokio::test]
async fn tasks_created_together_are_those_that_were_sent() {
    let Some(given) = Given::new().await else { return };
    let assignee = given.ports.users.create(new_user()).await.unwrap();
    let mut tasks: Vec<_> = (0..15).map(|n| given.task(&format!("Paint fence {n}"))).collect();
    tasks[7].assignee_id = Some(assignee.id);
    tasks[8].status = TaskStatus::Done;
    tasks[9].description = Some("with a brush".parse().unwrap());
    for attempt in 1..=ATTEMPTS {
        let created = at_once(tasks.iter().cloned().map(|task| given.create(task)).collect()).await;
        let created: Vec<_> = created.into_iter().map(Result::unwrap).collect();
        for (task, created) in tasks.iter().zip(&created) {
            assert_eq!(*created, task.stored(created.id));
            given.assert_is_whole(created).await;
        }
        let counted = format!("SELECT task_count AS count FROM projects WHERE id = {}", given.project.id);
        assert_eq!(given.database.count(counted).await, i64::try_from(15 * attempt).unwrap());
        let ids = created.iter().map(|task| task.id.to_string()).collect::<Vec<_>>().join(", ");
        if given.transactions(&format!("tasks WHERE id IN ({ids})")).await == 2 {
            assert!(created.is_sorted_by_key(|task| task.id));
            return;
        }
    }
    panic!("tasks were never created together");
}

#[tokio::test]
async fn changes_made_together_are_those_that_were_sent() {
    let Some(given) = Given::new().await else { return };
    for attempt in 1..=ATTEMPTS {
        let tasks = given.tasks(6).await;
        let mut changes = Vec::new();
        for task in &tasks {
            changes.push(given.start(task.id).await);
        }
        let title = Some("Mow the lawn".parse().unwrap());
        changes[3] = given.change(tasks[3].id, TaskPatch { title, ..TaskPatch::default() }).await;
        let saved = at_once(changes.iter().cloned().map(|change| given.save(change)).collect()).await;
        for (change, saved) in changes.iter().zip(saved) {
            assert_eq!(saved.unwrap().as_ref(), Some(&change.task));
            assert_eq!(given.ports.tasks.find(change.task.id, NOBODY).await.unwrap().unwrap().task, change.task);
        }
        let count = i64::try_from(attempt).unwrap();
        assert_eq!(given.database.count(<Database as Sql>::tasks_with("mow")).await, count);
        let events = "SELECT count(*) AS count FROM events WHERE kind = 'status_changed'".to_owned();
        assert_eq!(given.database.count(events).await, 5 * count);
        let ids = tasks.iter().map(|task| task.id.to_string()).collect::<Vec<_>>().join(", ");
        if given.transactions(&format!("tasks WHERE id IN ({ids})")).await == 2 {
            return;
        }
    }
    panic!("tasks were never changed together");
}

#[tokio::test]
async fn comments_made_together_are_those_that_were_sent() {
    let Some(given) = Given::new().await else { return };
    let tasks = given.tasks(2).await;
    let mut comments = Vec::new();
    for n in 0..9 {
        comments.push(given.comment(tasks[n % 2].id, &format!("comment {n}")).await);
    }
    for attempt in 1..=ATTEMPTS {
        let added = at_once(comments.iter().cloned().map(|comment| given.add(comment)).collect()).await;
        let added: Vec<_> = added.into_iter().map(Result::unwrap).collect();
        for (comment, added) in comments.iter().zip(&added) {
            assert_eq!(*added, comment.stored(added.id));
            assert_eq!(given.ports.comments.find(added.id).await.unwrap().unwrap().comment, *added);
            let event =
                format!("SELECT count(*) AS count FROM events WHERE payload::jsonb->>'comment_id' = '{}'", added.id);
            assert_eq!(given.database.count(event).await, 1);
        }
        let counted = format!("SELECT comment_count AS count FROM tasks WHERE id = {}", tasks[0].id);
        assert_eq!(given.database.count(counted).await, i64::try_from(5 * attempt).unwrap());
        let ids = added.iter().map(|comment| comment.id.to_string()).collect::<Vec<_>>().join(", ");
        if given.transactions(&format!("comments WHERE id IN ({ids})")).await == 2 {
            return;
        }
    }
    panic!("comments were never made together");
}

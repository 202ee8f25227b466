//! Reminders.

use crate::{many_reminders::assert_given_in_time, personal_data::Sql};
use fasttrack_domain::{
    membership::MemberRole,
    ports::reminder::GivenReminders,
    task::{NewTask, TaskProject},
};
use fasttrack_infra_diesel::sqlite::{Database, SqliteLocation};
use fasttrack_testkit::builders::{after, new_project, new_task, new_user, reminders};

async fn database() -> Database {
    let database = Database::open(&SqliteLocation::Memory).unwrap();
    database.migrate().await.unwrap();
    database
}

#[tokio::test]
async fn many_reminders_are_given_in_time() {
    let database = database().await;
    assert_given_in_time(&database.repositories(), &database).await;
}

#[tokio::test]
async fn a_task_that_can_not_be_read_holds_up_no_reminder() {
    let database = database().await;
    let repositories = database.repositories();
    let owner = repositories.users.create(new_user()).await.unwrap().id;
    let project = repositories.projects.create(new_project(owner), None).await.unwrap();
    let project = TaskProject::new(project, Some(MemberRole::Owner));
    for _ in 0..2 {
        let task = NewTask { reminders: reminders(&[after(1)]), ..new_task(&project) };
        repositories.tasks.create(task, None).await.unwrap();
    }
    database.execute("UPDATE tasks SET title = ' ' WHERE id = 1".to_owned()).await;
    let given = repositories.reminders.give(after(1), 10).await.unwrap();
    assert_eq!(given, GivenReminders { events: 1, more: false });
    assert_eq!(database.count("SELECT count(*) AS count FROM task_reminders".to_owned()).await, 0);
}

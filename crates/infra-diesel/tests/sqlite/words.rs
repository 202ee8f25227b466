//! Words of tasks that are written at the end of a group.

use crate::{group_commit::Held, notes::notes, personal_data::Sql};
use fasttrack_domain::{
    membership::MemberRole,
    task::{NewTask, Task, TaskChange, TaskPatch, TaskProject},
};
use fasttrack_infra_diesel::sqlite::Database;
use fasttrack_testkit::builders::{NOBODY, after, new_project, new_task, new_user, title};
use futures_util::{FutureExt, future::join_all};
use std::pin::pin;

/// Makes an empty project.
async fn project(database: &Database) -> TaskProject {
    let repositories = database.repositories();
    let owner = repositories.users.create(new_user()).await.unwrap().id;
    let project = repositories.projects.create(new_project(owner), None).await.unwrap();
    TaskProject::new(project, Some(MemberRole::Owner))
}

fn titled(project: &TaskProject, text: &str) -> NewTask {
    NewTask { title: title(text), ..new_task(project) }
}

async fn renaming(database: &Database, task: &Task, text: &str) -> TaskChange {
    let found = database.repositories().tasks.find(task.id, NOBODY).await.unwrap().unwrap();
    let patch = TaskPatch { title: Some(title(text)), ..TaskPatch::default() };
    found.apply(patch, found.project.owner_id, after(5)).unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_of_a_group_are_those_that_it_leaves() {
    let (database, _directory) = notes().await;
    database.migrate().await.unwrap();
    let tasks = database.repositories().tasks;
    let project = project(&database).await;
    let mut created = Vec::new();
    for text in ["Early", "Fleeting", "Refused"] {
        created.push(tasks.create(titled(&project, text), None).await.unwrap());
    }
    let [early, fleeting, refused] = &created[..] else { panic!("{created:?}") };
    // Refuses the event of a change whose words were written already.
    let trigger = "CREATE TRIGGER refuse BEFORE INSERT ON events WHEN EXISTS (SELECT 1 FROM tasks WHERE title = 'Accepted') \
         BEGIN SELECT raise(ABORT, 'refused by the test'); END";
    database.execute(trigger.to_owned()).await;
    let changes = [
        renaming(&database, early, "Late").await,
        renaming(&database, fleeting, "Gone").await,
        renaming(&database, refused, "Accepted").await,
    ];

    let held = Held::in_front_of(&database).await;
    let mut renamings: Vec<_> = changes.into_iter().map(|change| tasks.save(change)).collect();
    for renaming in &mut renamings {
        assert!(renaming.now_or_never().is_none());
    }
    let mut deletion = pin!(database.execute(format!("DELETE FROM tasks WHERE id = {}", fleeting.id)));
    assert!(deletion.as_mut().now_or_never().is_none());
    let mut creation = pin!(tasks.create(titled(&project, "Additional"), None));
    assert!(creation.as_mut().now_or_never().is_none());
    held.let_go().await;
    let renamed: Vec<_> = join_all(renamings).await.iter().map(Result::is_ok).collect();
    assert_eq!(renamed, [true, true, false]);
    deletion.await;
    creation.await.unwrap();

    let expected =
        [("early", 0), ("late", 1), ("fleeting", 0), ("gone", 0), ("refused", 1), ("accepted", 0), ("additional", 1)];
    for (word, count) in expected {
        assert_eq!(database.count(Database::tasks_with(word)).await, count, "{word}");
    }
}

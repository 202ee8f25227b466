//! The rows of the change feed that dispatches write, and how they end.

use crate::personal_data::Sql;
use fasttrack_domain::{
    id::{ProjectId, UserId},
    label::LabelPatch,
    membership::MemberRole,
    ports::{Repositories, erasure::Begun},
    task::{NewTask, Task, TaskProject},
};
use fasttrack_testkit::builders::{
    MOMENT, NOBODY, after, label_name, new_comment, new_label, new_project, new_task, new_user,
};
use std::sync::Arc;

/// The numbers of all rows.
const NUMBERS: &str = "(SELECT seq FROM changes UNION ALL SELECT seq FROM user_changes) AS numbers";

async fn dispatch(repositories: &Repositories) {
    while repositories.outbox.dispatch(Arc::new([]), 2).await.unwrap().more {}
}

async fn user(repositories: &Repositories) -> UserId {
    repositories.users.create(new_user()).await.unwrap().id
}

/// A task that is assigned to a user outside of its project.
async fn given_assigned(repositories: &Repositories, owner: UserId, assignee: UserId) -> Task {
    let project = repositories.projects.create(new_project(owner), None).await.unwrap();
    let project = TaskProject::new(project, Some(MemberRole::Owner));
    let new = NewTask { assignee_id: Some(assignee), ..new_task(&project) };
    repositories.tasks.create(new, None).await.unwrap()
}

async fn count<S: Sql>(database: &S, rows: String) -> i64 {
    database.count(format!("SELECT count(*) AS count FROM {rows}")).await
}

async fn delete_task(repositories: &Repositories, task: &Task) {
    let found = repositories.tasks.find(task.id, NOBODY).await.unwrap().unwrap();
    assert!(repositories.tasks.delete(found.remove(found.project.owner_id, after(2))).await.unwrap());
}

async fn delete_project(repositories: &Repositories, id: ProjectId) {
    assert!(repositories.projects.delete(id, 1, after(2), None).await.unwrap());
}

/// A thing has one row, under its latest number. Each number is that of one row.
pub async fn assert_each_thing_has_its_latest_number<S: Sql>(repositories: &Repositories, database: &S) {
    let (owner, outsider) = (user(repositories).await, user(repositories).await);
    let task = given_assigned(repositories, owner, outsider).await;
    let mut label = repositories.labels.create(new_label(task.project_id)).await.unwrap();
    let last = "SELECT max(seq) AS count FROM changes WHERE kind = 'label'";
    let mut former = 0;
    for name in ["Urgent", "Later"] {
        dispatch(repositories).await;
        let number = database.count(last.to_owned()).await;
        assert!(number > former, "{former} and {number}");
        former = number;
        let change = label.apply(LabelPatch { name: Some(label_name(name)), color: None }, MOMENT);
        label = repositories.labels.save(change.unwrap()).await.unwrap().unwrap();
    }
    dispatch(repositories).await;
    for (kind, rows) in [("project", 1), ("member", 1), ("label", 1), ("task", 1), ("comment", 0)] {
        assert_eq!(count(database, format!("changes WHERE kind = '{kind}' AND NOT is_deleted")).await, rows, "{kind}");
    }
    let twice = format!("SELECT count(*) - count(DISTINCT seq) AS count FROM {NUMBERS}");
    assert_eq!(database.count(twice).await, 0);
    let above = format!("SELECT seq - (SELECT max(seq) FROM {NUMBERS}) AS count FROM change_feed");
    assert_eq!(database.count(above).await, 0);
}

/// The assignee of a task looks at it again where it is no member, also at the end, and at comments on it.
pub async fn assert_outside_assignees_look_again<S: Sql>(repositories: &Repositories, database: &S) {
    let (owner, outsider) = (user(repositories).await, user(repositories).await);
    let (task, other) =
        (given_assigned(repositories, owner, outsider).await, given_assigned(repositories, owner, outsider).await);
    let found = repositories.tasks.find(task.id, NOBODY).await.unwrap().unwrap();
    repositories.comments.create(new_comment(&found, owner), None).await.unwrap();
    dispatch(repositories).await;
    let of = |user: UserId, kind: &str| format!("user_changes WHERE user_id = {user} AND kind = '{kind}'");
    for (user, kind, rows) in
        [(outsider, "task", 2), (outsider, "comment", 1), (owner, "task", 0), (owner, "project", 2)]
    {
        assert_eq!(count(database, of(user, kind)).await, rows, "{user} {kind}");
    }
    database.execute("DELETE FROM user_changes".to_owned()).await;
    delete_task(repositories, &task).await;
    delete_project(repositories, other.project_id).await;
    dispatch(repositories).await;
    for (user, kind, rows) in
        [(outsider, "task", 2), (outsider, "project", 0), (owner, "task", 0), (owner, "project", 1)]
    {
        assert_eq!(count(database, of(user, kind)).await, rows, "{user} {kind}");
    }
}

/// Its former events are dispatched after it was erased.
pub async fn assert_an_erased_user_gets_no_rows<S: Sql>(repositories: &Repositories, database: &S) {
    let (owner, outsider) = (user(repositories).await, repositories.users.create(new_user()).await.unwrap());
    given_assigned(repositories, owner, outsider.id).await;
    let begun = repositories.erasures.begin(outsider.erase(None, after(1))).await.unwrap();
    assert!(matches!(begun, Begun::Erased(_)), "{begun:?}");
    dispatch(repositories).await;
    assert_eq!(count(database, format!("user_changes WHERE user_id = {}", outsider.id)).await, 0);
}

/// Rows of what was deleted end with all that is under it, a few at a time, and say so.
pub async fn assert_old_rows_are_pruned<S: Sql>(repositories: &Repositories, database: &S) {
    let (owner, outsider) = (user(repositories).await, user(repositories).await);
    let (task, other) =
        (given_assigned(repositories, owner, outsider).await, given_assigned(repositories, owner, outsider).await);
    for on in [&task, &task, &other] {
        let found = repositories.tasks.find(on.id, NOBODY).await.unwrap().unwrap();
        repositories.comments.create(new_comment(&found, owner), None).await.unwrap();
    }
    dispatch(repositories).await;
    delete_task(repositories, &task).await;
    delete_project(repositories, other.project_id).await;
    dispatch(repositories).await;
    let old = "(SELECT seq FROM changes WHERE is_deleted UNION ALL SELECT seq FROM user_changes) AS old";
    let last = database.count(format!("SELECT max(seq) AS count FROM {old}")).await;
    assert_eq!(repositories.changes.prune(MOMENT, 10).await.unwrap(), 0);

    let mut portions = 0;
    loop {
        let pruned = repositories.changes.prune(after(9), 1).await.unwrap();
        assert!(pruned <= 3, "{pruned}");
        if pruned == 0 {
            break;
        }
        portions += 1;
        assert!(portions < 100, "the feed has no end");
    }
    assert!(portions > 3, "{portions}");
    // The project of the task, with its member.
    assert_eq!(count(database, "changes".to_owned()).await, 2);
    assert_eq!(count(database, "user_changes".to_owned()).await, 0);
    assert_eq!(database.count("SELECT pruned_seq AS count FROM change_feed".to_owned()).await, last);
}

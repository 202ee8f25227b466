//! What is read together is what each would read alone.

use super::{Given, Lock, begin};
use crate::{outage::END_OTHERS, personal_data::Sql};
use fasttrack_domain::{
    id::{ProjectId, TaskId, UserId},
    membership::MemberRole,
    page::Limit,
    ports::RepositoryError,
    task::{NewTask, TaskInProject, TaskPageRequest, TaskProject, TaskQuery},
};
use fasttrack_testkit::builders::{new_project, new_task, new_user};
use futures_util::{FutureExt, future::join_all};
use std::pin::Pin;

/// The smallest pool of which reads share one connection.
const SHARING: usize = 8;

/// More than are begun alone.
const READS: usize = 40;

type Found<'f> = Pin<Box<dyn Future<Output = Result<Option<TaskInProject>, RepositoryError>> + Send + 'f>>;

impl Given {
    fn find(&self, task: TaskId, reader: UserId) -> Found<'_> {
        Box::pin(self.ports.tasks.find(task, reader))
    }

    /// As many reads of a task as [`READS`], which have begun.
    fn reads(&self, task: TaskId) -> Vec<Found<'_>> {
        let mut reads: Vec<_> = (0..READS).map(|_| self.find(task, self.owner.id)).collect();
        begin(&mut reads);
        reads
    }

    /// How often the connection that is shared has read several at once.
    async fn groups(&self) -> i64 {
        let executed = "SELECT coalesce(sum(generic_plans + custom_plans), 0)::bigint AS count \
             FROM pg_prepared_statements WHERE statement LIKE '%WITH ORDINALITY AS asked%'";
        self.database.count(executed.to_owned()).await
    }
}

#[tokio::test]
async fn tasks_and_projects_read_together_are_what_each_reader_sees() {
    let Some(given) = Given::over(SHARING).await else { return };
    let other = given.ports.users.create(new_user()).await.unwrap();
    let elsewhere = given.ports.projects.create(new_project(other.id), None).await.unwrap();
    let elsewhere = TaskProject::new(elsewhere, Some(MemberRole::Owner));
    let mut tasks: Vec<_> = given.tasks(5).await.into_iter().map(|task| task.id).collect();
    for assignee_id in [None, Some(given.owner.id), Some(other.id)] {
        let task = NewTask { assignee_id, ..new_task(&elsewhere) };
        tasks.push(given.create(task).await.unwrap().id);
    }
    tasks.push(TaskId::new(404));
    let readers = [given.owner.id, other.id, UserId::new(404)];
    let wanted: Vec<_> = tasks.iter().flat_map(|task| readers.map(|reader| (*task, reader))).collect();
    let mut alone = Vec::new();
    for (task, reader) in &wanted {
        alone.push(given.find(*task, *reader).await.unwrap());
    }
    let before = given.groups().await;
    let together = join_all(wanted.iter().map(|(task, reader)| given.find(*task, *reader))).await;
    assert_eq!(together.into_iter().map(Result::unwrap).collect::<Vec<_>>(), alone);
    assert!(alone.iter().flatten().any(|found| found.project.membership.is_some() && found.assignee.is_some()));
    assert_eq!(given.groups().await, before + 1, "they are no statements of their own");

    let projects = [given.project.id, elsewhere.id, ProjectId::new(404)];
    let wanted: Vec<_> = projects.iter().flat_map(|project| readers.map(|reader| (*project, reader))).collect();
    let find = |(project, reader): &(ProjectId, UserId)| given.ports.tasks.find_project(*project, *reader);
    let mut alone = Vec::new();
    for wanted in &wanted {
        alone.push(find(wanted).await.unwrap());
    }
    let together = join_all(wanted.iter().map(find)).await;
    assert_eq!(together.into_iter().map(Result::unwrap).collect::<Vec<_>>(), alone);
    assert_eq!(given.groups().await, before + 2);
}

#[tokio::test]
async fn pages_read_together_are_what_each_reader_sees() {
    let Some(given) = Given::over(SHARING).await else { return };
    let other = given.ports.users.create(new_user()).await.unwrap();
    let elsewhere = given.ports.projects.create(new_project(other.id), None).await.unwrap();
    let empty = given.ports.projects.create(new_project(given.owner.id), None).await.unwrap().id;
    let elsewhere = TaskProject::new(elsewhere, Some(MemberRole::Owner));
    given.tasks(7).await;
    for assignee_id in [None, Some(other.id), Some(given.owner.id)] {
        given.create(NewTask { assignee_id, ..new_task(&elsewhere) }).await.unwrap();
    }
    given.tasks(2).await;
    let list = |project: ProjectId, reader: UserId, page: TaskPageRequest| {
        given.ports.tasks.list_in_project(project, reader, TaskQuery::default(), page)
    };
    let mut wanted = Vec::new();
    for project in [given.project.id, elsewhere.id, empty, ProjectId::new(404)] {
        for reader in [given.owner.id, other.id, UserId::new(404)] {
            for limit in [1, 3, 100].map(|limit| Limit::new(limit).unwrap()) {
                let first = TaskPageRequest { limit, cursor: None };
                let page = list(project, reader, first.clone()).await.unwrap();
                let cursor = page.as_ref().and_then(|tasks| tasks.page.next.clone());
                wanted.push((project, reader, first));
                wanted.extend(cursor.map(|cursor| (project, reader, TaskPageRequest { limit, cursor: Some(cursor) })));
            }
        }
    }
    let mut alone = Vec::new();
    for (project, reader, page) in &wanted {
        alone.push(list(*project, *reader, page.clone()).await.unwrap());
    }
    let before = given.groups().await;
    let together = join_all(wanted.iter().map(|(project, reader, page)| list(*project, *reader, page.clone()))).await;
    assert_eq!(together.into_iter().map(Result::unwrap).collect::<Vec<_>>(), alone);
    let pages = || alone.iter().flatten();
    assert!(pages().any(|tasks| tasks.page.next.is_some() && tasks.membership.is_some()));
    assert!(pages().any(|tasks| tasks.page.items.iter().any(|view| view.assignee.is_some())));
    assert!(pages().any(|tasks| tasks.page.items.is_empty()) && alone.contains(&None));
    let groups = wanted.len().div_ceil(16);
    let count = usize::try_from(given.groups().await - before).unwrap();
    assert!((groups - 1..=groups + 1).contains(&count), "{count} groups of at most 16 for {}", wanted.len());
}

#[tokio::test]
async fn read_of_a_broken_row_fails_alone() {
    let Some(given) = Given::over(SHARING).await else { return };
    let tasks = given.tasks(2).await;
    given.empty.execute(&format!("UPDATE tasks SET moved_to = '?' WHERE id = {}", tasks[0].id));
    let mut reads = given.reads(tasks[1].id);
    let mut broken = vec![given.find(tasks[0].id, given.owner.id)];
    begin(&mut broken);
    reads.append(&mut broken);
    let mut found = join_all(reads).await;
    assert!(matches!(found.pop(), Some(Err(RepositoryError::Other(_)))));
    assert!(found.into_iter().all(|found| found.unwrap().is_some()));
}

#[tokio::test]
async fn reads_go_on_where_others_are_given_up() {
    let Some(given) = Given::over(SHARING).await else { return };
    let task = given.tasks(1).await.remove(0).id;
    let lock = Lock::by(&given, "LOCK TABLE tasks IN ACCESS EXCLUSIVE MODE".to_owned()).await;
    let mut reads = given.reads(task);
    // Those that have begun, and some that wait.
    drop(reads.drain(..10));
    let ((), found) = tokio::join!(lock.release(), join_all(reads));
    assert!(found.into_iter().all(|found| found.unwrap().is_some()));
    assert!(given.find(task, given.owner.id).await.unwrap().is_some());
}

#[tokio::test]
async fn reads_are_repeated_after_all_connections_were_closed() {
    let Some(given) = Given::over(SHARING).await else { return };
    let task = given.tasks(1).await.remove(0).id;
    let lock = Lock::by(&given, "LOCK TABLE tasks IN ACCESS EXCLUSIVE MODE".to_owned()).await;
    let reads = given.reads(task);
    given.empty.execute(END_OTHERS);
    lock.holder.abort();
    for found in join_all(reads).await {
        assert!(found.unwrap().is_some());
    }
}

#[tokio::test]
async fn read_beyond_the_queue_is_refused_at_once() {
    let Some(given) = Given::over(SHARING).await else { return };
    let task = given.tasks(1).await.remove(0).id;
    let lock = Lock::by(&given, "LOCK TABLE tasks IN ACCESS EXCLUSIVE MODE".to_owned()).await;
    let mut reads = given.reads(task);
    let refused = loop {
        let mut read = given.find(task, given.owner.id);
        match read.as_mut().now_or_never() {
            None => reads.push(read),
            Some(refused) => break refused,
        }
    };
    assert!(matches!(refused, Err(RepositoryError::Unavailable(_))), "{refused:?}");
    assert!((1024..1100).contains(&reads.len()), "{}", reads.len());
    let ((), found) = tokio::join!(lock.release(), join_all(reads));
    assert!(found.into_iter().all(|found| found.unwrap().is_some()));
}

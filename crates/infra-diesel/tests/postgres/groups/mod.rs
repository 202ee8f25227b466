//! What comes while others of its kind are under way is one statement.

mod apart;
mod gauge;
mod reads;
mod together;

use crate::personal_data::Sql;
use diesel_async::SimpleAsyncConnection;
use fasttrack_domain::{
    comment::{Comment, NewComment},
    id::TaskId,
    membership::MemberRole,
    ports::{Repositories, RepositoryError},
    search::SearchWords,
    task::{NewTask, Task, TaskChange, TaskPatch, TaskProject, TaskStatus},
    user::User,
};
use fasttrack_infra_diesel::postgres::{Connection, Database};
use fasttrack_testkit::{
    builders::{MOMENT, NOBODY, body, new_project, new_task, new_user},
    postgres::{self, Cluster},
};
use futures_util::{FutureExt, future::join_all};
use std::pin::Pin;
use tokio::{sync::oneshot, task::JoinHandle};

type Write<'w, T> = Pin<Box<dyn Future<Output = Result<T, RepositoryError>> + Send + 'w>>;

struct Given {
    empty: postgres::Database,
    database: Database,
    ports: Repositories,
    owner: User,
    project: TaskProject,
}

impl Given {
    async fn new() -> Option<Self> {
        Self::over(6).await
    }

    /// With a pool of this size.
    async fn over(size: usize) -> Option<Self> {
        let empty = Cluster::shared()?.create_database();
        let database = Database::open(empty.url(), size).unwrap();
        database.migrate().await.unwrap();
        let ports = database.repositories();
        let owner = ports.users.create(new_user()).await.unwrap();
        let project = ports.projects.create(new_project(owner.id), None).await.unwrap();
        let project = TaskProject::new(project, Some(MemberRole::Owner));
        Some(Self { empty, database, ports, owner, project })
    }

    fn task(&self, title: &str) -> NewTask {
        NewTask { title: title.parse().unwrap(), ..new_task(&self.project) }
    }

    async fn tasks(&self, count: usize) -> Vec<Task> {
        join_all((0..count).map(|n| self.create(self.task(&n.to_string()))))
            .await
            .into_iter()
            .map(Result::unwrap)
            .collect()
    }

    async fn change(&self, task: TaskId, patch: TaskPatch) -> TaskChange {
        let found = self.ports.tasks.find(task, NOBODY).await.unwrap().unwrap();
        found.apply(patch, self.owner.id, MOMENT).unwrap().unwrap()
    }

    async fn start(&self, task: TaskId) -> TaskChange {
        self.change(task, TaskPatch { status: Some(TaskStatus::InProgress), ..TaskPatch::default() }).await
    }

    async fn comment(&self, task: TaskId, text: &str) -> NewComment {
        let found = self.ports.tasks.find(task, NOBODY).await.unwrap().unwrap();
        NewComment::on(&found, self.owner.id, body(text), MOMENT)
    }

    fn create(&self, task: NewTask) -> Write<'_, Task> {
        Box::pin(self.ports.tasks.create(task, None))
    }

    fn save(&self, change: TaskChange) -> Write<'_, Option<Task>> {
        Box::pin(self.ports.tasks.save(change))
    }

    fn add(&self, comment: NewComment) -> Write<'_, Comment> {
        Box::pin(self.ports.comments.create(comment, None))
    }

    /// Checks that a new task is stored with its words and events.
    async fn assert_is_whole(&self, created: &Task) {
        assert_eq!(self.ports.tasks.find(created.id, NOBODY).await.unwrap().unwrap().task, *created);
        let event = format!(
            "SELECT count(*) AS count FROM events WHERE payload::jsonb->'task'->>'task_id' = '{}' \
             AND payload::jsonb->'task'->>'title' = '{}'",
            created.id, created.title
        );
        assert_eq!(self.database.count(event).await, 1 + i64::from(created.assignee_id.is_some()));
        let words = SearchWords::of(&created.title, created.description.as_ref());
        let words = words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" & ");
        let (id, project) = (created.id, self.project.id);
        let indexed = format!(
            "SELECT count(*) AS count FROM task_words WHERE task_id = {id} AND words @@ $${words} & '#{project}'$$::tsquery"
        );
        assert_eq!(self.database.count(indexed).await, 1);
    }

    /// How many statements wait for a lock.
    async fn waiting_statements(&self) -> i64 {
        let waiting = "SELECT count(*) AS count FROM pg_stat_activity \
            WHERE datname = current_database() AND wait_event_type = 'Lock'";
        self.database.count(waiting.to_owned()).await
    }

    /// In how many transactions the rows that this selects were written last.
    async fn transactions(&self, rows: &str) -> i64 {
        self.database.count(format!("SELECT count(DISTINCT xmin::text) AS count FROM {rows}")).await
    }
}

/// What is locked until it is released.
struct Lock {
    release: oneshot::Sender<()>,
    holder: JoinHandle<Result<(), RepositoryError>>,
}

impl Lock {
    async fn of(given: &Given, table: &str, id: i64) -> Self {
        Self::by(given, format!("SELECT FROM {table} WHERE id = {id} FOR UPDATE")).await
    }

    async fn by(given: &Given, sql: String) -> Self {
        let (release, released) = oneshot::channel();
        let (tell, locked) = oneshot::channel();
        let database = given.database.clone();
        let hold = async move {
            let work = async move |conn: &mut Connection| {
                conn.batch_execute(&sql).await?;
                tell.send(()).unwrap();
                released.await.unwrap();
                Ok(())
            };
            database.write(work).await
        };
        let holder = tokio::spawn(hold);
        locked.await.unwrap();
        Self { release, holder }
    }

    async fn release(self) {
        self.release.send(()).unwrap();
        self.holder.await.unwrap().unwrap();
    }
}

/// Begins these in this order.
fn begin<F: Future + Unpin>(begun: &mut [F]) {
    for future in begun {
        assert!(future.now_or_never().is_none());
    }
}

/// Begins these writes at once, and returns their results: the first is written alone, and the others together, unless the
/// first takes long.
async fn at_once<T>(mut writes: Vec<Write<'_, T>>) -> Vec<Result<T, RepositoryError>> {
    begin(&mut writes);
    join_all(writes).await
}

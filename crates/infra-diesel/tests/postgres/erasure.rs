//! Erasure of accounts, and what others do meanwhile.

use crate::{
    dispatch::dispatch,
    personal_data::{Sql, assert_everything_is_erased, assert_portions_are_small},
};
use diesel::{QueryableByName, sql_query, sql_types::BigInt};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use fasttrack_domain::{
    id::{TaskId, UserId},
    membership::{GrantedRole, MemberRole},
    notification::notifications_of,
    ports::{
        Repositories, constraint,
        erasure::Begun,
        outbox::{Consequence, EventSubscriber},
    },
    project::Project,
    task::{NewTask, TaskProject},
};
use fasttrack_infra_diesel::postgres::Database;
use fasttrack_testkit::{
    builders::{
        MOMENT, NOBODY, idempotency, member_removal, new_comment, new_invitation, new_invitation_token, new_member,
        new_project, new_task, new_user, subscriber,
    },
    postgres::Cluster,
};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use tokio::task::JoinSet;

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

impl Sql for Database {
    const EPOCH: &'static str = "to_timestamp(0)";
    const BYTES: &'static str = "decode(repeat('77', 32), 'hex')";

    fn tasks_with(lexeme: &str) -> String {
        format!("SELECT count(*) AS count FROM task_words WHERE words @@ '''{lexeme}'''::tsquery")
    }

    fn hex(column: &str) -> String {
        format!("encode({column}, 'hex')")
    }

    async fn execute(&self, sql: String) {
        self.write(async move |conn| Ok(conn.batch_execute(&sql).await?)).await.unwrap();
    }

    async fn count(&self, sql: String) -> i64 {
        let row: Count = self.read(async move |conn| Ok(sql_query(sql).get_result(conn).await?)).await.unwrap();
        row.count
    }
}

#[tokio::test]
async fn nothing_of_an_erased_account_is_left() {
    let Some(cluster) = Cluster::shared() else { return };
    let empty = cluster.create_database();
    let database = Database::open(empty.url(), 2).unwrap();
    database.migrate().await.unwrap();
    assert_everything_is_erased(&database.repositories(), &database).await;
}

#[tokio::test]
async fn portions_are_small_and_go_on_after_a_restart() {
    let Some(cluster) = Cluster::shared() else { return };
    let empty = cluster.create_database();
    let database = Database::open(empty.url(), 2).unwrap();
    database.migrate().await.unwrap();
    assert_portions_are_small(|| database.repositories(), &database).await;
}

const ERASED: usize = 12;
const ROUNDS: usize = 30;

/// A member of the project with tasks there, and a project of its own.
async fn busy_member(node: &Repositories, project: &Project) -> (UserId, Vec<TaskId>) {
    let user = node.users.create(new_user()).await.unwrap().id;
    node.members.put(new_member(project, user, GrantedRole::Editor)).await.unwrap().unwrap();
    let within = TaskProject::new(project.clone(), Some(MemberRole::Owner));
    let own = node.projects.create(new_project(user), None).await.unwrap();
    let own = TaskProject::new(own, Some(MemberRole::Owner));
    let mut tasks = Vec::new();
    for _ in 0..3 {
        node.tasks.create(new_task(&own), None).await.unwrap();
        let task = NewTask { assignee_id: Some(user), ..new_task(&within) };
        tasks.push(node.tasks.create(task, None).await.unwrap().id);
    }
    (user, tasks)
}

/// Comments on tasks of the project, so that events for its members are dispatched.
async fn comment(node: Repositories, tasks: Vec<TaskId>, author: UserId) {
    for _ in 0..ROUNDS {
        for task in &tasks {
            let found = node.tasks.find(*task, NOBODY).await.unwrap().unwrap();
            node.comments.create(new_comment(&found, author), None).await.unwrap();
        }
    }
}

/// Creates tasks for a user until it is erased. An idempotency key makes each a transaction of several statements.
async fn assign(node: Repositories, project: Project, user: UserId) {
    let within = TaskProject::new(project, Some(MemberRole::Owner));
    for _ in 0..ROUNDS {
        let task = NewTask { assignee_id: Some(user), ..new_task(&within) };
        match node.tasks.create(task, Some(idempotency(within.owner_id))).await {
            Err(error) if error.is_conflict(constraint::REFERENCE) => return,
            created => drop(created.unwrap()),
        }
    }
}

/// Invites a guest, who accepts, and ends the membership.
async fn come_and_go(node: Repositories, project: Project) {
    let guest = node.users.create(new_user()).await.unwrap().id;
    for _ in 0..ROUNDS {
        let invitation = node.invitations.create(new_invitation(&project, GrantedRole::Viewer)).await.unwrap();
        let token = new_invitation_token(invitation.id);
        let hash = token.hash;
        assert!(node.invitations.set_token(token).await.unwrap());
        let found = node.invitations.find(hash, guest, MOMENT).await.unwrap().unwrap();
        assert!(node.invitations.accept(found.accept(guest, hash, MOMENT)).await.unwrap());
        let removal = member_removal(project.id, guest, MemberRole::Viewer);
        assert!(node.members.remove(removal).await.unwrap());
    }
}

async fn erase(node: Repositories, user: UserId, reassign_to: Option<UserId>) {
    loop {
        let found = node.users.find(user).await.unwrap().unwrap();
        let new = found.erase(reassign_to, MOMENT);
        match node.erasures.begin(new.clone()).await.unwrap() {
            Begun::Erased(_) => {
                while !node.erasures.step(&new.erasure).await.unwrap() {}
                return;
            }
            Begun::Outdated => {}
            Begun::Shared(shared) => panic!("{shared}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn erasures_and_what_others_do_meanwhile_do_not_deadlock() {
    let Some(cluster) = Cluster::shared() else { return };
    let empty = cluster.create_database();
    let database = Database::open(empty.url(), 16).unwrap();
    database.migrate().await.unwrap();
    let node = database.repositories();
    let owner = node.users.create(new_user()).await.unwrap().id;
    let project = node.projects.create(new_project(owner), None).await.unwrap();
    let mut members = Vec::new();
    for _ in 0..ERASED {
        members.push(busy_member(&node, &project).await);
    }

    let is_over = Arc::new(AtomicBool::new(false));
    let notify: Arc<dyn EventSubscriber> =
        subscriber(|event, actor| notifications_of(event, actor).into_iter().map(Consequence::Notify).collect());
    let mut dispatchers = JoinSet::new();
    for _ in 0..2 {
        dispatchers.spawn(dispatch(node.clone(), Arc::new([Arc::clone(&notify)]), Arc::clone(&is_over)));
    }
    let mut others = JoinSet::new();
    for (place, (user, tasks)) in members.into_iter().enumerate() {
        others.spawn(comment(node.clone(), tasks, owner));
        others.spawn(assign(node.clone(), project.clone(), user));
        others.spawn(erase(node.clone(), user, (place % 2 == 0).then_some(owner)));
    }
    for _ in 0..2 {
        others.spawn(come_and_go(node.clone(), project.clone()));
    }
    others.join_all().await;
    is_over.store(true, Ordering::Release);
    dispatchers.join_all().await;

    for of_erased in [
        "members JOIN users ON users.id = members.user_id",
        "projects JOIN users ON users.id = projects.owner_id",
        "tasks JOIN users ON users.id = tasks.assignee_id",
        "notifications JOIN users ON users.id = notifications.user_id",
    ] {
        let query = format!("SELECT count(*) AS count FROM {of_erased} WHERE users.erased_at IS NOT NULL");
        assert_eq!(database.count(query).await, 0, "{of_erased}");
    }
    let own = format!("SELECT count(*) AS count FROM projects WHERE owner_id = {owner}");
    assert_eq!(database.count(own).await, 1 + i64::try_from(ERASED / 2).unwrap());
    let members = "SELECT member_count AS count FROM projects ORDER BY id LIMIT 1".to_owned();
    assert_eq!(database.count(members).await, 0);
}

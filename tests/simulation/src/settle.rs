//! Waits until all is quiet, and checks what holds then.

use crate::{
    book::Expected,
    client::{Replica, Shared, read_changes},
    observer::rows,
    template::ERASED,
};
use fasttrack_domain::{id::UserId, policy::Actor, user::Role};
use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
    time::Duration,
};

/// How long it takes until all is quiet at most.
const LIMIT: Duration = Duration::from_mins(10);

/// How much later the clocks are then, so that leases have ended and what was put off is due.
const LATER: Duration = Duration::from_secs(100);

/// A user with what it has followed.
pub(crate) struct Follower {
    pub(crate) actor: Actor,
    pub(crate) position: Rc<RefCell<i64>>,
    pub(crate) replica: Rc<RefCell<Replica>>,
}

/// What waits to be done.
const WAITING: &str = "SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM task_reminders) \
     + (SELECT count(*) FROM jobs WHERE kind = 'erase_user') \
     + (SELECT count(*) FROM deliveries WHERE status = 'pending')";

/// What holds when all is quiet.
const INVARIANTS: [(&str, &str); 6] = [
    ("every reference has its row", "(SELECT count(*) FROM pragma_foreign_key_check) = 0"),
    (
        "notifications have no gap",
        "(SELECT count(*) FROM notification_heads AS head WHERE last_seq <> \
         (SELECT count(*) FROM notifications WHERE user_id = head.user_id)) = 0",
    ),
    (
        "statistics are what a recount gives",
        "(SELECT count(*) FROM projects LEFT JOIN project_statistics AS stored ON project_id = id \
         WHERE coalesce(todo, 0) <> \
         (SELECT count(*) FROM tasks WHERE tasks.project_id = projects.id AND status = 'todo') \
         OR coalesce(in_progress, 0) <> \
         (SELECT count(*) FROM tasks WHERE tasks.project_id = projects.id AND status = 'in_progress') \
         OR coalesce(done, 0) <> \
         (SELECT count(*) FROM tasks WHERE tasks.project_id = projects.id AND status = 'done')) = 0",
    ),
    (
        "projects are counted",
        "(SELECT count(*) FROM users WHERE project_count <> \
         (SELECT count(*) FROM projects WHERE owner_id = users.id)) = 0",
    ),
    (
        "no audit line is doubled",
        "(SELECT count(*) FROM (SELECT 1 FROM audit WHERE request_id IS NOT NULL \
         GROUP BY request_id, action, object HAVING count(*) > 1)) = 0",
    ),
    ("no event was set aside", "(SELECT count(*) FROM events WHERE is_set_aside) = 0"),
];

/// Whether nothing waits, and each follower has what it can have.
fn is_quiet(shared: &Shared, followers: &[Follower]) -> bool {
    let observer = &shared.cluster.observer;
    let waiting = observer.query(|connection| connection.query_row(WAITING, [], |row| row.get::<_, i64>(0)));
    let has_all = |follower: &Follower| {
        let user = follower.actor.id.get();
        let (head, is_erased) =
            observer.with(|stored, _| (stored.heads.get(&user).copied(), stored.erased.contains(&user)));
        is_erased || head.unwrap_or_default() == *follower.position.borrow()
    };
    matches!(waiting, Ok(0)) && followers.iter().all(has_all)
}

/// Lets the nodes run without faults until all is quiet, and checks.
pub(crate) fn settle(shared: &Rc<Shared>, followers: Vec<Follower>, step: &mut impl FnMut() -> bool) {
    let cluster = &shared.cluster;
    cluster.sim.inject_faults(false);
    cluster.set_clocks_right(LATER);
    let running: BTreeSet<_> = cluster.running().into_iter().map(|(node, _)| node).collect();
    (0..cluster.size()).filter(|node| !running.contains(node)).for_each(|node| cluster.start(node));
    let end = cluster.sim.now() + u64::try_from(LIMIT.as_micros()).unwrap();
    while !is_quiet(shared, &followers) {
        if cluster.sim.now() > end {
            let waiting = waiting(shared);
            cluster.observer.found("the end", Some(format!("work is still waiting: {waiting}")));
            return;
        }
        let next = cluster.sim.now() + 500_000;
        while cluster.sim.now() < next {
            if !step() {
                return;
            }
        }
    }
    let is_done = Rc::new(Cell::new(false));
    let followers = Rc::new(followers);
    let (of_task, of_reads, ended) = (Rc::clone(shared), Rc::clone(&followers), Rc::clone(&is_done));
    cluster.tasks.spawn(async move {
        compare_feeds(&of_task, &of_reads).await;
        ended.set(true);
    });
    while !is_done.get() {
        if !step() {
            return;
        }
    }
    check(shared);
}

/// What waits, for a message.
fn waiting(shared: &Shared) -> String {
    let sql = "SELECT kind FROM events UNION ALL SELECT kind || ' ' || coalesce(last_error, '') FROM jobs \
               UNION ALL SELECT status FROM deliveries WHERE status = 'pending' \
               UNION ALL SELECT 'reminder' FROM task_reminders";
    let waiting: rusqlite::Result<Vec<String>> =
        shared.cluster.observer.query(|connection| rows(connection, sql, |row| row.get(0)));
    format!("{waiting:?}")
}

/// Compares what each user has followed with what the feed gives anew, and that with what is stored.
async fn compare_feeds(shared: &Shared, followers: &[Follower]) {
    let observer = &shared.cluster.observer;
    for Follower { actor, replica, .. } in followers {
        let (mut followed, mut anew) = (replica.borrow().clone(), Replica::default());
        if observer.with(|stored, _| stored.erased.contains(&actor.id.get())) {
            continue;
        }
        let are_read = read_changes(shared, actor, &mut followed).await && read_changes(shared, actor, &mut anew).await;
        if !are_read {
            observer.found("the feed", Some(format!("user {} can't read to its end", actor.id)));
            continue;
        }
        let is_admin = actor.role == Role::Admin;
        let (followed, anew) = (seen(&followed, is_admin), seen(&anew, is_admin));
        if followed != anew {
            let differs = |(key, thing): &(&Key, &String)| anew.get(*key) != Some(*thing);
            let more: Vec<_> = followed.iter().filter(differs).collect();
            let differs = |(key, thing): &(&Key, &String)| followed.get(*key) != Some(*thing);
            let less: Vec<_> = anew.iter().filter(differs).collect();
            let wrong = format!("user {} followed {more:?} instead of {less:?}", actor.id);
            observer.found("the feed", Some(wrong));
        }
        let tasks: BTreeSet<_> = anew.keys().filter(|(kind, ..)| *kind == "task").map(|(_, _, id)| *id).collect();
        let visible = visible_tasks(shared, actor);
        if tasks != visible {
            let wrong = format!("user {} reads the tasks {tasks:?} instead of {visible:?}", actor.id);
            observer.found("the feed", Some(wrong));
        }
    }
}

type Key = (&'static str, i64, i64);

/// What a replica has, without what the feed doesn't follow: the labels of a project for who doesn't see it, and for an
/// administrator, who sees all, the own role in it.
fn seen(replica: &Replica, is_admin: bool) -> BTreeMap<Key, String> {
    let things = &replica.things;
    let shown = |(key, thing): (&Key, &String)| {
        let (kind, project, _) = *key;
        let end = match kind {
            "project" if is_admin => " for ",
            "task" if !things.contains_key(&("project", project, project)) => " with ",
            _ => return (*key, thing.clone()),
        };
        (*key, thing.split(end).next().unwrap_or_default().to_owned())
    };
    things.iter().map(shown).collect()
}

fn visible_tasks(shared: &Shared, actor: &Actor) -> BTreeSet<i64> {
    let is_admin = actor.role == Role::Admin;
    let user = actor.id.get();
    shared.cluster.observer.with(|stored, _| {
        let is_visible = |id: &i64, project| is_admin || stored.has_access(user, project, Some(*id));
        stored.tasks.iter().filter(|(id, task)| is_visible(id, task.project)).map(|(id, _)| *id).collect()
    })
}

fn check(shared: &Shared) {
    let observer = &shared.cluster.observer;
    for (what, condition) in INVARIANTS {
        observer.check(what, condition);
    }
    shared.book.check(observer);
    for (user, expected) in &*shared.erased.borrow() {
        check_erasure(shared, *user, *expected);
    }
    let sql = "SELECT message_id FROM deliveries WHERE status = 'delivered'";
    match observer.query(|connection| rows::<String, Vec<_>>(connection, sql, |row| row.get(0))) {
        Ok(delivered) => {
            for message in delivered.iter().filter(|message| !shared.cluster.received.contains(message)) {
                observer.found("a delivery", Some(format!("{message} is delivered and was never received")));
            }
        }
        Err(error) => observer.found("deliveries", Some(error.to_string())),
    }
    observer.compare();
}

/// Of an erased user nothing is left.
fn check_erasure(shared: &Shared, user: UserId, expected: Expected) {
    let observer = &shared.cluster.observer;
    let is_erased = observer.with(|stored, _| stored.erased.contains(&user.get()));
    if !is_erased {
        let wrong = (expected == Expected::Once).then(|| format!("user {user} was erased, and is there"));
        observer.found("an erasure", wrong);
        return;
    }
    for (table, column) in [
        ("members", "user_id"),
        ("sessions", "user_id"),
        ("api_tokens", "user_id"),
        ("notifications", "user_id"),
        ("notification_heads", "user_id"),
        ("idempotency_records", "user_id"),
        ("held_notices", "user_id"),
        ("sent_notices", "user_id"),
        ("inboxes", "user_id"),
        ("tasks", "assignee_id"),
        ("projects", "owner_id"),
    ] {
        let condition = format!("(SELECT count(*) FROM {table} WHERE {column} = {user}) = 0");
        observer.check("an erased user has no rows", &condition);
    }
    for (table, column) in [
        ("users", "display_name"),
        ("users", "email"),
        ("audit", "changes"),
        ("deliveries", "payload"),
        ("notifications", "content"),
        ("jobs", "payload"),
        ("jobs", "coalesce(last_error, '')"),
        ("held_notices", "payload"),
        ("idempotency_records", "created"),
    ] {
        // The address has the name in lower case, and `LIKE` makes no difference between the cases.
        let condition = format!("(SELECT count(*) FROM {table} WHERE {column} LIKE '%{ERASED}%') = 0");
        observer.check("an erased user is named nowhere", &condition);
    }
}

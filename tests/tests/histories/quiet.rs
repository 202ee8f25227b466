//! The end of a history: once nothing is under way any more, everything is read.

use super::{
    answers::next_cursor,
    clients::{Client, PAUSE},
    followers::Follower,
    nodes::Nodes,
    people::{Damage, People},
    world::World,
};
use fasttrack_tests::{
    Client as Plain, eventually,
    history::{Operation, Outcome, Recorder, Request, Status},
};
use serde_json::{Value, json};
use std::{
    ops::RangeInclusive,
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// How long what follows from changes may take before what is wrong is recorded: a busy machine may have much left to do.
const PATIENCE: Duration = Duration::from_mins(1);

/// The pause between two looks at whether it is there, which cost the servers something.
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

/// How many tasks, and how many comments, are read in one page.
const PAGE: usize = 100;

/// The clients that read at the end.
pub(super) struct Readers {
    /// The access token of an administrator.
    pub(super) admin: String,
    /// Its session has ended.
    pub(super) visitor: Client,
    /// Those of the owner, the editor and the guest.
    pub(super) followers: [Follower; 3],
}

/// Reads everything. Returns what is wrong in the audit.
pub(super) async fn read_everything(
    nodes: &Nodes,
    recorder: &Recorder,
    world: &World,
    readers: &mut Readers,
    settled: Duration,
    damage: Option<Damage>,
) -> Vec<String> {
    let projects = &world.people.projects;
    let Readers { admin, visitor, followers } = readers;
    let [owner, editor, _] = &mut *followers;
    let marker = mark_end(world, &mut editor.client).await;
    // Statistics are compared with two readings of all tasks, one before them and one after them.
    for project in projects {
        walk(&mut owner.client, *project).await;
    }
    be_quiet(nodes, &owner.client, projects, marker, settled).await;
    if let Some(damage) = damage {
        // What a server keeps in memory is of before.
        nodes.stop(0).await;
        nodes.sql(&damage(&world.people));
        nodes.start(0).await;
    }
    for project in projects {
        eventually("the statistics are read", async || {
            matches!(owner.client.statistics(*project).await, Outcome::Statistics { .. })
        })
        .await;
        for (task, _) in walk(&mut owner.client, *project).await {
            owner.client.walk_comments(*project, task, PAGE).await;
        }
    }
    for follower in followers {
        follower.catch_up().await;
        eventually("the notifications are listed", async || {
            matches!(follower.client.list_notifications().await, Outcome::Notifications { .. })
        })
        .await;
        // Whether or not it is a member.
        follower.client.walk_tasks(projects[0], PAGE).await;
        // Whoever begins now has everything as well.
        Follower::new(follower.client.twin(), PAGE).catch_up().await;
    }
    for _ in 0..nodes.count() {
        visitor.who_am_i().await;
        visitor.move_on();
    }
    let admin = nodes.client(0).unwrap().with_token(admin);
    audit(&admin, &world.people, &recorder.history()).await
}

/// Reads all tasks of a project, again where an answer is missing.
async fn walk(client: &mut Client, project: i64) -> Vec<(i64, Status)> {
    let mut tasks = None;
    eventually("all tasks are read", async || {
        tasks = client.walk_tasks(project, PAGE).await;
        tasks.is_some()
    })
    .await;
    tasks.unwrap_or_default()
}

/// Comments a new task, and returns the comment: the owner is notified of it after all else.
async fn mark_end(world: &World, editor: &mut Client) -> i64 {
    let project = world.people.projects[0];
    loop {
        let number = world.number();
        let created = editor.create_task(project, &format!("Task {number}"), None, Status::Todo, None).await;
        if let Outcome::Task { task, .. } = created {
            let commented = editor.create_comment(project, task.id, &format!("Comment {number}"), None).await;
            if let Outcome::Comment { comment, .. } = commented {
                return comment.id;
            }
        }
        sleep(PAUSE).await;
    }
}

/// Waits this long, and until what follows from changes is there or has taken too long. That isn't recorded.
async fn be_quiet(nodes: &Nodes, owner: &Client, projects: &[i64], marker: i64, settled: Duration) {
    let begin = Instant::now();
    let token = &owner.session.as_ref().unwrap().access_token;
    let plain = nodes.client(0).unwrap().with_token(token);
    while begin.elapsed() < PATIENCE {
        let mut is_quiet = begin.elapsed() >= settled && is_notified(&plain, marker).await;
        for project in projects {
            is_quiet = is_quiet && are_statistics_right(&plain, *project).await;
        }
        if is_quiet {
            return;
        }
        sleep(BETWEEN_LOOKS).await;
    }
}

async fn is_notified(client: &Plain, comment: i64) -> bool {
    let page = client.get("/notifications?limit=100").await;
    page.status == 200 && page.items().iter().any(|it| it["data"]["comment_id"] == comment)
}

async fn are_statistics_right(client: &Plain, project: i64) -> bool {
    let statistics = client.get(format!("/projects/{project}/stats")).await;
    let mut counts = [0; 3];
    for (count, status) in counts.iter_mut().zip(["todo", "in_progress", "done"]) {
        *count = items(client, &format!("/projects/{project}/tasks?status={status}&")).await.len();
    }
    let [todo, in_progress, done] = counts;
    let expected = json!([todo, in_progress, done]);
    statistics.status == 200 && {
        let shown = statistics.data();
        json!([shown["todo"], shown["in_progress"], shown["done"]]) == expected
    }
}

/// All items of a list. The path ends where parameters may follow. A page that is unavailable is read again.
async fn items(client: &Plain, path: &str) -> Vec<Value> {
    let (mut items, mut cursor) = (Vec::new(), String::new());
    loop {
        let answer = client.get(format!("{path}limit=100{cursor}")).await;
        if answer.status == 503 {
            sleep(PAUSE).await;
            continue;
        }
        items.extend(answer.items());
        let Some(next) = next_cursor(&answer) else { return items };
        cursor = format!("&cursor={next}");
    }
}

/// Returns what is wrong with the lines of the audit that are committed with what they are about: removals of members.
async fn audit(admin: &Plain, people: &People, history: &[Operation]) -> Vec<String> {
    let lines = items(admin, &format!("/audit?object=project/{}&", people.projects[0])).await;
    let count = lines.iter().filter(|line| line["action"] == "member.removed").count();
    let expected = removals(history);
    if expected.contains(&count) {
        return Vec::new();
    }
    vec![format!("the audit has {count} removals of members instead of {expected:?}")]
}

/// How many members were removed: those of which it is known, up to all that may have been.
fn removals(history: &[Operation]) -> RangeInclusive<usize> {
    let removals = || history.iter().filter(|operation| matches!(operation.request, Request::RemoveMember { .. }));
    let known = removals().filter(|operation| operation.is_success()).count();
    let unknown = removals().filter(|operation| operation.is_unknown()).count();
    known..=known + unknown
}

//! Random changes by several users while nodes are killed. Followers of the feed end with what GET returns.

use super::{
    Follower,
    follower::Key,
    visible::{followed, visible},
};
use fastrand::Rng;
use fasttrack_tests::{Account, Installation, MISSING, Request, Server};
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};

const USERS: usize = 3;

/// The time between two kills.
const ROUND: Duration = Duration::from_millis(1500);

/// How long it goes on at most until enough was made, as machines may be busy.
const LONGEST: Duration = Duration::from_mins(2);

/// How long followers may take after the last change, as machines may be busy.
const PATIENCE: Duration = Duration::from_secs(10);

/// What was made, some of which is deleted already.
#[derive(Default)]
struct World {
    users: Vec<i64>,
    /// How long a writer waits between two requests, so that what was made can be compared in time.
    pause: Duration,
    projects: Mutex<Vec<i64>>,
    tasks: Mutex<Vec<i64>>,
    labels: Mutex<Vec<i64>>,
    comments: Mutex<Vec<i64>>,
    is_over: AtomicBool,
}

/// Returns one of the latest ids.
fn pick(ids: &Mutex<Vec<i64>>, rng: &mut Rng) -> i64 {
    let ids = ids.lock().unwrap();
    let first = ids.len().saturating_sub(40);
    if ids.is_empty() { MISSING } else { ids[rng.usize(first..ids.len())] }
}

impl World {
    /// Returns a request, and where the id goes that it makes.
    fn request(&self, account: &Account, rng: &mut Rng) -> (Request, Option<&Mutex<Vec<i64>>>) {
        let lists = [&self.projects, &self.tasks, &self.labels, &self.comments];
        let [project, task, label, comment] = lists.map(|ids| pick(ids, rng));
        let user = self.users[rng.usize(..self.users.len())];
        let (number, project) = (rng.u32(..), format!("/projects/{project}"));
        let member = format!("{project}/members/{user}");
        match rng.u8(..100) {
            0..3 => (account.post("/projects", json!({"name": "Garden"})), Some(&self.projects)),
            3..18 => (account.post(format!("{project}/tasks"), json!({"title": "Dig"})), Some(&self.tasks)),
            18..22 => {
                let child = json!({"title": "Dig deep", "parent_id": task});
                (account.post(format!("{project}/tasks"), child), Some(&self.tasks))
            }
            22..32 => (account.patch(format!("/tasks/{task}"), json!({"title": number.to_string()})), None),
            32..44 => {
                let assignee = if rng.bool() { json!(user) } else { Value::Null };
                (account.patch(format!("/tasks/{task}"), json!({"assignee_id": assignee})), None)
            }
            44..48 => (account.post(format!("/tasks/{task}/move"), json!({"after": null})), None),
            48..52 => (account.delete(format!("/tasks/{task}")), None),
            52..63 => (account.post(format!("/tasks/{task}/comments"), json!({"body": "Deep"})), Some(&self.comments)),
            63..67 => (account.delete(format!("/comments/{comment}")), None),
            67..71 => {
                (account.post(format!("{project}/labels"), json!({"name": number.to_string()})), Some(&self.labels))
            }
            71..73 => (account.patch(format!("/labels/{label}"), json!({"color": "#010203"})), None),
            73..75 => (account.delete(format!("/labels/{label}")), None),
            75..82 => {
                let method = if rng.bool() { Method::PUT } else { Method::DELETE };
                (account.request(method, format!("/tasks/{task}/labels/{label}")), None)
            }
            82..89 => {
                let role = ["viewer", "commenter", "editor"][rng.usize(..3)];
                (account.put(member, json!({"role": role})), None)
            }
            89..94 => (account.delete(member), None),
            94..96 => (account.post(format!("{project}/transfer"), json!({"user_id": user})), None),
            96..99 => (account.patch(project, json!({"name": number.to_string()})), None),
            _ => (account.delete(project), None),
        }
    }

    /// Sends random requests until the round is over or the node is gone.
    async fn write(self: Arc<Self>, account: Account) {
        let mut rng = Rng::new();
        while !self.is_over.load(Relaxed) {
            let (request, made) = self.request(&account, &mut rng);
            let Some(answer) = request.try_send().await else { return };
            assert!(answer.status < 500 || answer.status == 503, "{answer:#?}");
            if let (Some(made), 201) = (made, answer.status) {
                made.lock().unwrap().push(answer.id());
            }
            sleep(self.pause).await;
        }
    }

    /// Reads pages until the round is over or the node is gone.
    async fn read(self: Arc<Self>, account: Account, mut follower: Follower) -> Follower {
        while !self.is_over.load(Relaxed) {
            let Some(answer) = account.get(follower.path()).try_send().await else { break };
            // Whoever is refused tries again.
            if answer.status != 503 && !follower.apply_page(answer).1 {
                sleep(Duration::from_millis(5)).await;
            }
        }
        follower
    }

    /// Receives events until the round is over or the node is gone.
    async fn listen(self: Arc<Self>, account: Account, mut follower: Follower) -> Follower {
        let since = follower.cursor.as_ref().map(|cursor| format!("?since={cursor}")).unwrap_or_default();
        let mut stream = account.get(format!("/changes/stream{since}")).stream().await;
        while !self.is_over.load(Relaxed) {
            match timeout(Duration::from_millis(100), stream.try_next()).await {
                Err(_) => {}
                Ok(Some(fields)) if fields["event"] == "change" => {
                    follower.apply(&serde_json::from_str(&fields["data"]).unwrap());
                    follower.cursor = Some(fields["id"].clone());
                }
                Ok(_) => break,
            }
        }
        follower
    }
}

/// Returns everything in which a follower differs from what its user sees.
fn differences(
    follower: &Follower,
    seen: &BTreeMap<Key, Value>,
    labels: &BTreeSet<i64>,
) -> Vec<(Key, Option<Value>, Option<Value>)> {
    let (has, expected) = (followed(follower.things.clone(), labels), followed(seen.clone(), labels));
    let keys: BTreeSet<_> = has.keys().chain(expected.keys()).collect();
    let differing = keys.into_iter().filter(|key| has.get(*key) != expected.get(*key));
    differing.map(|key| (key.clone(), has.get(key).cloned(), expected.get(key).cloned())).collect()
}

/// Waits until every follower has what its user sees.
async fn agree(users: &[Account], followers: &mut [(usize, Follower)]) {
    let begin = Instant::now();
    loop {
        let (mut seen, mut labels, mut wrong) = (Vec::new(), BTreeSet::new(), Vec::new());
        for user in users {
            seen.push(visible(user).await);
        }
        for (kind, id, _) in seen.iter().flat_map(BTreeMap::keys) {
            labels.extend((kind == "label").then_some(*id));
        }
        for (user, follower) in followers.iter_mut() {
            follower.catch_up(&users[*user]).await;
            wrong.push(differences(follower, &seen[*user], &labels));
        }
        if wrong.iter().all(Vec::is_empty) {
            return;
        }
        assert!(begin.elapsed() < PATIENCE, "in the follower, by GET: {wrong:#?}");
        sleep(Duration::from_millis(50)).await;
    }
}

#[expect(clippy::disallowed_methods, reason = "tests have no command line for their settings")]
fn duration() -> Duration {
    let seconds = std::env::var("CHANGES_MODEL_SECONDS").ok().map(|seconds| seconds.parse().unwrap());
    Duration::from_secs(seconds.unwrap_or(10))
}

/// Several nodes where the database allows it.
fn nodes(installation: &Installation) -> Vec<Server> {
    (0..=u8::from(installation.is_on_postgres())).map(|_| installation.start()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn followers_have_what_get_returns_after_kills() {
    let installation = Installation::new();
    let mut nodes = nodes(&installation);
    let mut users = Vec::new();
    for _ in 0..USERS {
        users.push(nodes[0].register().await);
    }
    let pause = Duration::from_millis(5) * u32::try_from(nodes.len()).unwrap();
    let world = World { users: users.iter().map(|user| user.id).collect(), pause, ..World::default() };
    let world = Arc::new(world);
    for user in &users {
        let project = user.project().await;
        world.projects.lock().unwrap().push(project);
    }
    // Of each user one that reads small pages, one that reads large ones, and one that listens.
    let limits = (0..USERS).flat_map(|user| [(user, 5), (user, 1000), (user, 200)]);
    let mut followers: Vec<_> = limits.map(|(user, limit)| (user, Follower::with_limit(limit))).collect();
    let begin = Instant::now();
    let enough = || world.tasks.lock().unwrap().len() > USERS * 10;
    while begin.elapsed() < duration() || (!enough() && begin.elapsed() < LONGEST) {
        world.is_over.store(false, Relaxed);
        let (mut writers, mut readers) = (JoinSet::new(), JoinSet::new());
        for (n, user) in users.iter().enumerate() {
            for node in &nodes {
                writers.spawn(Arc::clone(&world).write(user.on(node)));
            }
            let node = &nodes[n % nodes.len()];
            for (place, (_, follower)) in followers.extract_if(.., |(owner, _)| *owner == n).enumerate() {
                let (world, account) = (Arc::clone(&world), user.on(node));
                readers.spawn(async move {
                    let follower = if place == 2 {
                        world.listen(account, follower).await
                    } else {
                        world.read(account, follower).await
                    };
                    (n, place, follower)
                });
            }
        }
        sleep(ROUND).await;
        nodes.remove(0).kill();
        nodes.push(installation.start());
        world.is_over.store(true, Relaxed);
        writers.join_all().await;
        let mut back = readers.join_all().await;
        back.sort_by_key(|&(user, place, _)| (user, place));
        followers = back.into_iter().map(|(user, _, follower)| (user, follower)).collect();
    }
    let users: Vec<_> = users.iter().map(|user| user.on(&nodes[0])).collect();
    agree(&users, &mut followers).await;
    assert!(enough(), "too little was done");
    // Whoever begins now has the same.
    let mut anew: Vec<_> = (0..USERS).map(|user| (user, Follower::with_limit(7))).collect();
    agree(&users, &mut anew).await;
}

//! Rotation of the signing key by the steps of `docs/operations/keys.md`, while clients send requests.

use fasttrack_tests::{
    Account, Answer, Client, DEADLINE, Installation, Request, Server, eventually, jwt, unique_email,
};
use serde_json::{Value, json};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    task::{JoinHandle, spawn_blocking},
    time::{sleep, timeout},
};

const MANUAL: &str = include_str!("../../../docs/operations/keys.md");
const CLIENTS: usize = 4;

/// The shell block of each documented step.
fn steps() -> Vec<Vec<&'static str>> {
    let (_, section) = MANUAL.split_once("\n## Rotating the signing key\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let blocks = section.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    blocks.map(|block| block.lines().map(str::trim).filter(|line| !line.is_empty()).collect()).collect()
}

/// Applies a step to an installation: runs its commands and keeps its settings.
async fn take(step: &[&str], mut installation: Installation) -> Installation {
    let data = format!("{}/", installation.path("").display()).replace("//", "/");
    for line in step {
        let line = line.replace("data/", &data);
        if let Some(command) = line.strip_prefix("fasttrack ") {
            installation.command(command.split(' ')).run().await.succeeded();
        } else {
            let (name, value) = line.split_once('=').unwrap();
            installation = installation.with(name, value);
        }
    }
    installation
}

/// A load balancer that sends each request to a running node.
#[derive(Default)]
struct Balancer {
    up: Mutex<Vec<Client>>,
    turn: AtomicUsize,
}

impl Balancer {
    fn next(&self) -> Option<Client> {
        let up = self.up.lock().unwrap();
        up.get(self.turn.fetch_add(1, Ordering::Relaxed) % up.len().max(1)).cloned()
    }

    /// Returns the first response. The request is never sent again.
    async fn send(&self, request: impl Fn(&Client) -> Request) -> Answer {
        let answer = async {
            loop {
                if let Some(node) = self.next()
                    && let Some(answer) = request(&node).try_send().await
                {
                    return answer;
                }
                sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(DEADLINE, answer).await.unwrap()
    }
}

/// Nodes of an installation: two on PostgreSQL, one on SQLite.
struct Fleet {
    nodes: Vec<Server>,
    balancer: Arc<Balancer>,
}

impl Fleet {
    fn start(installation: &Installation) -> Self {
        let nodes: Vec<_> =
            (0..if installation.is_on_postgres() { 2 } else { 1 }).map(|_| installation.start()).collect();
        let balancer = Arc::<Balancer>::default();
        balancer.up.lock().unwrap().extend(nodes.iter().map(Server::anonymous));
        Self { nodes, balancer }
    }

    /// Restarts the nodes one after the other with these settings, each once clients have used the one before.
    async fn restart(&mut self, installation: &Installation, clients: &Clients) {
        for _ in 0..self.nodes.len() {
            self.balancer.up.lock().unwrap().remove(0);
            assert_eq!(self.nodes.remove(0).stop().await.code(), Some(0));
            let installation = installation.clone();
            let node = spawn_blocking(move || installation.start()).await.unwrap();
            self.balancer.up.lock().unwrap().push(node.anonymous());
            self.nodes.push(node);
            clients.go_on().await;
        }
    }

    /// Sends a request to each node, and returns the response, which is the same from all.
    async fn all_say(&self, request: impl Fn(&Client) -> Request) -> Answer {
        let mut first: Option<Answer> = None;
        for node in &self.nodes {
            let answer = request(&node.anonymous()).await;
            let first = first.get_or_insert_with(|| answer.clone());
            assert_eq!((first.status, first.code()), (answer.status, answer.code()), "{answer:#?}");
        }
        first.unwrap()
    }

    /// The key ids in the JWKS of the nodes.
    async fn kids(&self) -> Vec<Value> {
        let answer = self.all_say(|node| node.get("/.well-known/jwks.json")).await.expect(200);
        let mut kids: Vec<_> = answer.json()["keys"].as_array().unwrap().iter().map(|key| key["kid"].clone()).collect();
        kids.sort_unstable_by_key(Value::to_string);
        kids
    }
}

/// Sessions in use. Each ends at the first response other than 200.
struct Clients {
    exchanges: [Arc<AtomicUsize>; CLIENTS],
    running: Vec<JoinHandle<()>>,
}

impl Clients {
    async fn start(balancer: &Arc<Balancer>) -> Self {
        let exchanges: [Arc<AtomicUsize>; CLIENTS] = Default::default();
        let mut running = Vec::new();
        for count in &exchanges {
            let account = Account::register(balancer.next().unwrap(), &unique_email("user")).await;
            let (balancer, count) = (Arc::clone(balancer), Arc::clone(count));
            running.push(tokio::spawn(async move { use_session(account, &balancer, &count).await }));
        }
        Self { exchanges, running }
    }

    /// Waits until each client has exchanged its refresh token twice more.
    async fn go_on(&self) {
        let count = || self.exchanges.each_ref().map(|count| count.load(Ordering::Relaxed));
        let before = count();
        eventually("all sessions are used", async || {
            let refused = self.running.iter().any(JoinHandle::is_finished);
            assert!(!refused, "a session came to its end: see above");
            count().iter().zip(before).all(|(now, before)| *now >= before + 2)
        })
        .await;
    }
}

async fn use_session(account: Account, balancer: &Balancer, exchanges: &AtomicUsize) {
    let (mut access, mut refresh) = (account.access_token.clone(), account.refresh_token.clone());
    loop {
        for _ in 0..3 {
            let me = balancer.send(|node| node.with_token(&access).get("/auth/me")).await.expect(200);
            assert_eq!(me.id(), account.id);
        }
        let body = json!({"refresh_token": refresh});
        let tokens = balancer.send(|node| node.post("/auth/refresh", body.clone())).await.expect(200).data();
        [access, refresh] = ["access_token", "refresh_token"].map(|name| tokens[name].as_str().unwrap().to_owned());
        exchanges.fetch_add(1, Ordering::Relaxed);
    }
}

/// The id of the key that a node signs with.
async fn signs_with(node: &Server) -> Value {
    jwt::header(&node.register().await.access_token)["kid"].clone()
}

#[tokio::test]
async fn signing_key_rotation_refuses_no_request() {
    let steps = steps();
    let [learn, sign, forget] = steps.as_slice() else { panic!("{steps:#?}") };
    let installation = Installation::new();
    let mut fleet = Fleet::start(&installation);
    let clients = Clients::start(&fleet.balancer).await;
    // Not used until the new key signs.
    let [veteran, other] = [fleet.nodes[0].register().await, fleet.nodes[0].register().await];
    let old = jwt::header(&veteran.access_token)["kid"].clone();
    assert_eq!(fleet.kids().await, std::slice::from_ref(&old));
    clients.go_on().await;

    let installation = take(learn, installation).await;
    fleet.restart(&installation, &clients).await;
    let both = fleet.kids().await;
    assert!(both.len() == 2 && both.contains(&old), "{both:?}");
    let new = both.iter().find(|kid| **kid != old).unwrap().clone();
    for node in &fleet.nodes {
        assert_eq!(signs_with(node).await, old);
    }

    let installation = take(sign, installation).await;
    fleet.restart(&installation, &clients).await;
    assert_eq!(fleet.kids().await, both);
    for node in &fleet.nodes {
        assert_eq!(signs_with(node).await, new);
    }
    let me = |node: &Client| node.with_token(&veteran.access_token).get("/auth/me");
    fleet.all_say(me).await.expect(200);
    let client = fleet.nodes[0].anonymous();
    let exchange = client.post("/auth/refresh", json!({"refresh_token": veteran.refresh_token}));
    let exchanged = Account::from_tokens(&client, &exchange.await.expect(200).data()).await;
    assert_eq!((exchanged.id, &jwt::header(&exchanged.refresh_token)["kid"]), (veteran.id, &new));

    let installation = take(forget, installation).await;
    fleet.restart(&installation, &clients).await;
    assert_eq!(fleet.kids().await, [new]);
    fleet.all_say(|node| node.with_token(&exchanged.access_token).get("/auth/me")).await.expect(200);
    // What the old key signed is good no more: that is what has to be waited for.
    fleet.all_say(me).await.refused(401, "token_invalid");
    let late = json!({"refresh_token": other.refresh_token});
    fleet.all_say(|node| node.post("/auth/refresh", late.clone())).await.refused(401, "invalid_refresh_token");
}

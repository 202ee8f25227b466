//! Tests with a real Redis, the installed `redis-server`.

use super::*;
use crate::redis::connection::PROBE;
use ::redis::{Commands, Connection};
use fasttrack_domain::id::UserId;
use fasttrack_testkit::{contract, contract_tests};
use std::{
    env,
    io::{Write, stdout},
    net::TcpListener,
    num::NonZeroU32,
    time::Duration,
};
use tempfile::TempDir;
use tokio::{
    process::{Child, Command},
    task::JoinSet,
    time::{Instant, sleep},
};

const DEADLINE: Duration = Duration::from_mins(1);

/// A private server, killed when dropped.
struct Server {
    port: u16,
    directory: TempDir,
    process: Option<Child>,
}

impl Server {
    /// Starts a server. `None`, with a message, if none is installed.
    #[expect(clippy::disallowed_methods, reason = "tests have no command line for their settings")]
    async fn start() -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut server = Self { port, directory: tempfile::tempdir().unwrap(), process: None };
        if server.spawn().await {
            return Some(server);
        }
        assert!(env::var_os("CI").is_none(), "CI is set, but: no redis-server");
        writeln!(stdout(), "ignored: no redis-server").unwrap();
        None
    }

    async fn spawn(&mut self) -> bool {
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--logfile", "log", "--port"]);
        let spawned = command.arg(self.port.to_string()).current_dir(&self.directory).kill_on_drop(true).spawn();
        let Ok(process) = spawned else { return false };
        self.process = Some(process);
        eventually(async || self.client().get_connection().is_ok()).await;
        true
    }

    async fn kill(&mut self) {
        self.process.take().unwrap().kill().await.unwrap();
    }

    fn url(&self) -> RedisUrl {
        format!("redis://127.0.0.1:{}/0", self.port).parse().unwrap()
    }

    fn client(&self) -> Client {
        self.url().0
    }

    fn connect(&self) -> Connection {
        self.client().get_connection().unwrap()
    }
}

async fn eventually(mut holds: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < DEADLINE, "still not");
        sleep(Duration::from_millis(10)).await;
    }
}

fn quota(limit: u32, window_seconds: u32) -> Quota {
    Quota { limit: NonZeroU32::new(limit).unwrap(), window_seconds: NonZeroU32::new(window_seconds).unwrap() }
}

fn user(id: i64) -> Subject {
    Subject::User(UserId::new(id))
}

/// Creates limits with a timeout that a busy machine doesn't reach.
async fn node(server: &Server, quota: Quota) -> RedisLimits {
    RedisLimits::with_timeout(server.url(), quota, DEADLINE).await
}

async fn fresh() -> Option<(contract::rate_limit::Ports, Server)> {
    let server = Server::start().await?;
    let limits = Arc::new(node(&server, quota(5, 60)).await);
    Some((contract::rate_limit::Ports { limits }, server))
}

contract_tests!(rate_limit, fresh);

/// Counts a hit on the server, retrying until it answers.
async fn counted(limits: &RedisLimits, subject: Subject) -> RateLimitStatus {
    let begun = Instant::now();
    loop {
        if let Some(status) = limits.server.hit(subject).await {
            return status;
        }
        assert!(begun.elapsed() < DEADLINE, "the server doesn't count");
        sleep(Duration::from_millis(10)).await;
    }
}

#[test]
fn redis_url_is_validated_and_not_shown() {
    let address: RedisUrl = "rediss://ann:sesame@redis.example.org:6380/2".parse().unwrap();
    assert!(!format!("{address:?}").contains("sesame"));
    for wrong in
        ["", "localhost", "http://localhost", "redis://", "redis://ann:sesame@", "redis://localhost/many", "/tmp"]
    {
        let error = wrong.parse::<RedisUrl>().unwrap_err().to_string();
        assert!(!error.contains("sesame"));
    }
}

#[tokio::test]
async fn hits_are_counted_until_the_window_has_slid() {
    let Some(server) = Server::start().await else { return };
    let limits = node(&server, quota(3, 2)).await;
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(counted(&limits, user(1)).await);
    }
    let allowed: Vec<_> = statuses.iter().map(|status| (status.is_allowed, status.remaining)).collect();
    assert_eq!(allowed, [(true, 2), (true, 1), (true, 0), (false, 0), (false, 0)]);
    assert!(statuses.iter().all(|status| status.more_after <= Duration::from_secs(2)));
    assert_eq!(counted(&limits, user(2)).await.remaining, 2);

    let ttl: i64 = server.connect().pttl("fasttrack:rate-limit:user:1").unwrap();
    assert!((1..=2000).contains(&ttl), "{ttl}");
    let refused = statuses.last().unwrap();
    sleep(refused.more_after).await;
    assert!(counted(&limits, user(1)).await.is_allowed);
}

#[tokio::test]
async fn simultaneous_hits_on_nodes_never_exceed_the_limit() {
    let Some(server) = Server::start().await else { return };
    let limit = 500;
    let mut hits = JoinSet::new();
    for _ in 0..4 {
        let node = node(&server, quota(limit, 60)).await;
        hits.spawn(async move {
            let mut allowed = 0;
            for _ in 0..200 {
                allowed += u32::from(counted(&node, user(1)).await.is_allowed);
            }
            allowed
        });
    }
    assert_eq!(hits.join_all().await.into_iter().sum::<u32>(), limit);
    // The key is small, however many hits it counts.
    let bytes: usize = server.connect().strlen("fasttrack:rate-limit:user:1").unwrap();
    assert!(bytes < 1024, "{bytes}");
    let mut keys: Vec<String> = server.connect().keys("*").unwrap();
    keys.sort();
    assert_eq!(keys, [format!("fasttrack:rate-limit:{PROBE}"), "fasttrack:rate-limit:user:1".to_owned()]);
}

#[tokio::test]
async fn node_counts_alone_until_redis_is_back() {
    let Some(mut server) = Server::start().await else { return };
    let limits = node(&server, quota(2, 60)).await;
    assert_eq!(counted(&limits, user(1)).await.remaining, 1);
    server.kill().await;
    // Only the first request waits for the lost server.
    assert_eq!(limits.hit(user(1)).await.remaining, 1);
    assert_eq!(limits.server.hit(user(1)).await, None);
    assert!(limits.hit(user(1)).await.is_allowed);
    assert!(!limits.hit(user(1)).await.is_allowed);

    assert!(server.spawn().await);
    // The new server has no data.
    assert_eq!(counted(&limits, user(1)).await.remaining, 1);
}

#[tokio::test]
async fn server_that_starts_later_is_used() {
    let Some(mut server) = Server::start().await else { return };
    server.kill().await;
    let limits = node(&server, quota(2, 60)).await;
    assert_eq!(limits.hit(user(1)).await.remaining, 1);
    assert!(server.spawn().await);
    assert_eq!(counted(&limits, user(1)).await.remaining, 1);
}

#[tokio::test]
async fn hit_that_is_taken_back_leaves_its_place() {
    let Some(server) = Server::start().await else { return };
    let limits = node(&server, quota(1, 60)).await;
    let begun = Instant::now();
    assert!(counted(&limits, user(1)).await.is_allowed);
    assert!(!counted(&limits, user(1)).await.is_allowed);
    assert!(limits.server.remove_hit(user(2), begun.elapsed()).await);
    assert!(!counted(&limits, user(1)).await.is_allowed);
    assert!(limits.server.remove_hit(user(1), begun.elapsed()).await);
    let keys: Vec<String> = server.connect().keys("*user*").unwrap();
    assert!(keys.is_empty(), "{keys:?}");
    assert!(counted(&limits, user(1)).await.is_allowed);
}

#[tokio::test]
async fn clock_set_back_locks_out_for_one_window_at_most() {
    let Some(server) = Server::start().await else { return };
    let limits = node(&server, quota(2, 2)).await;
    // Stores two hits three hours in the future.
    let hits = "local time = redis.call('TIME') local later = time[1] * 1000000 + time[2] + 10800000000
        return redis.call('SET', KEYS[1], cmsgpack.pack({later, later, 2}), 'PX', 10800000)";
    let () = ::redis::Script::new(hits).key("fasttrack:rate-limit:user:1").invoke(&mut server.connect()).unwrap();
    let refused = counted(&limits, user(1)).await;
    assert!(!refused.is_allowed && refused.more_after <= Duration::from_secs(2), "{refused:?}");
    eventually(async || counted(&limits, user(1)).await.is_allowed).await;
}

//! Rate limits of several nodes in one Redis.

use super::{limited, public, standing};
use fasttrack_tests::{Answer, Installation, Server, eventually};
use std::{
    env,
    io::{Write, stdout},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
};
use tempfile::TempDir;

const PASSWORD: &str = "sesame";

/// A Redis with a password. Dropping it kills it.
struct Redis {
    port: u16,
    directory: TempDir,
    process: Option<Child>,
}

impl Redis {
    /// Starts a Redis. `None` where none is installed, which is printed.
    #[expect(clippy::disallowed_methods, reason = "tests have no command line for their settings")]
    #[expect(clippy::explicit_write, reason = "what is printed in a test is only shown where it fails")]
    async fn start() -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut redis = Self { port, directory: tempfile::tempdir().unwrap(), process: None };
        if redis.come().await {
            return Some(redis);
        }
        assert!(env::var_os("CI").is_none(), "CI is set, but: no redis-server");
        writeln!(stdout(), "ignored: no redis-server").unwrap();
        None
    }

    async fn come(&mut self) -> bool {
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--requirepass", PASSWORD, "--port"]);
        command.arg(self.port.to_string()).current_dir(&self.directory).stdout(Stdio::null());
        let Ok(process) = command.spawn() else { return false };
        self.process = Some(process);
        eventually("Redis answers", async || TcpStream::connect(("127.0.0.1", self.port)).is_ok()).await;
        true
    }

    fn go(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// Starts a server with its limits in this Redis, `limit` requests a minute.
    fn node(&self, limit: u32, password: &str) -> Server {
        Installation::new()
            .with("RATE_LIMIT_REQUESTS", limit.to_string())
            .with("REDIS_URL", format!("redis://:{password}@127.0.0.1:{}/1", self.port))
            .start()
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.go();
    }
}

const GONE: &str = "Redis is unreachable";
const BACK: &str = "reconnected to Redis";

async fn ask(server: &Server) -> Answer {
    public(&server.anonymous()).await
}

fn left(answer: &Answer) -> u64 {
    standing(answer, "default").0
}

#[tokio::test]
async fn nodes_share_rate_limits_in_redis() {
    let Some(redis) = Redis::start().await else { return };
    let nodes = [redis.node(50, PASSWORD), redis.node(50, PASSWORD)];
    // On a machine that is busy for a moment, either may have to count by itself meanwhile.
    let mut former = 50;
    eventually("the nodes count together", async || {
        let [here, there] = [left(&ask(&nodes[0]).await), left(&ask(&nodes[1]).await)];
        let together = here < former && there < here;
        former = there;
        together
    })
    .await;
    while former > 0 {
        let answers = [ask(&nodes[0]).await, ask(&nodes[1]).await];
        former = answers.iter().filter(|answer| answer.status == 200).map(left).min().unwrap_or_default();
    }
    eventually("both refuse", async || ask(&nodes[0]).await.status == 429 && ask(&nodes[1]).await.status == 429).await;
    limited(ask(&nodes[0]).await);
    for node in nodes {
        assert!(!node.log().contains(PASSWORD));
    }
}

#[tokio::test]
async fn redis_outage_is_logged_once_and_requests_go_on() {
    let Some(mut redis) = Redis::start().await else { return };
    let node = redis.node(1000, PASSWORD);
    ask(&node).await.expect(200);
    redis.go();
    for _ in 0..20 {
        let answer = ask(&node).await.expect(200);
        assert_eq!(answer.header("ratelimit-policy"), Some(r#""default";q=1000;w=60"#));
    }
    let log = node.log();
    // On a machine that is busy for a moment, it may have been gone before.
    assert_eq!(log.matches(GONE).count(), log.matches(BACK).count() + 1, "{log}");
    assert!(log.lines().filter(|line| line.contains(GONE)).all(|line| line.contains("WARN")), "{log}");
    assert!(redis.come().await);
    eventually("it is back", async || node.log().matches(BACK).count() == node.log().matches(GONE).count()).await;
    ask(&node).await.expect(200);
    assert!(!node.log().contains(PASSWORD));
}

#[tokio::test]
async fn unusable_redis_does_not_prevent_start() {
    let Some(mut redis) = Redis::start().await else { return };
    let refused = redis.node(3, "mellon");
    assert!(refused.log().contains(GONE), "{}", refused.log());
    redis.go();
    let alone = redis.node(3, PASSWORD);
    for node in [refused, alone] {
        for remaining in (0..3).rev() {
            assert_eq!(left(&ask(&node).await.expect(200)), remaining);
        }
        limited(ask(&node).await);
        let log = node.log();
        assert!(log.matches(GONE).count() == 1 && !log.contains(PASSWORD) && !log.contains("mellon"), "{log}");
    }
}

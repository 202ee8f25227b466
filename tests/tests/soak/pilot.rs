//! Runs a plan: the load, what is done to the server meanwhile, and the samples.

use super::{
    actor::Actor,
    backup,
    figure::KEPT,
    plan::{Event, Plan},
    rows::Rows,
    sample::{Sample, Values, kib, number, of_process},
    site::{Site, Tally},
};
use fasttrack_tests::{Account, DEADLINE, Installation, PASSWORD, Receiver, Reply, Server, unique_email};
use serde_json::json;
use std::{collections::VecDeque, fs, sync::Arc, time::Instant};
use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval},
};

/// Requests of which a run has to have some.
pub(super) const KINDS: [&str; 6] = ["creation", "reminder", "WebSocket", "event stream", "webhook", "login"];

/// Backups that are kept. Older ones are deleted, as operators do.
const BACKUPS: usize = 3;

/// What a run has seen.
pub(super) struct Soak {
    pub(super) database: &'static str,
    pub(super) samples: Vec<Sample>,
    pub(super) tally: Tally,
    pub(super) backup_failures: Vec<String>,
    pub(super) webhook_requests: u64,
}

/// Runs a plan with the binary of these tests, or another.
pub(super) async fn soak(plan: &Plan, binary: Option<&str>) -> Soak {
    let receiver = Receiver::start().await;
    let installation = installation(plan, binary);
    let server = installation.start();
    let site = Arc::new(Site::new(server.anonymous()));
    let operator = server.register_as(&unique_email("operator")).await;
    site.succeed("login");
    let mut load = JoinSet::new();
    for actor in Actor::settle(&server, &site, plan, &receiver.url()).await {
        load.spawn(actor.work());
    }
    let begin = Instant::now();
    let mut pilot = Pilot {
        begin,
        process: 0,
        started: begin,
        signs_with: installation.path("jwt_private_key.pem").display().to_string(),
        verifies_with: Vec::new(),
        rows: Rows::of(&installation).await,
        installation,
        project: operator.project().await,
        operator: operator.email,
        backups: VecDeque::new(),
        made_backups: 0,
        backup_size: None,
        backup_failures: Vec::new(),
        receiver,
        webhook_requests: 0,
        log: 0,
        requests: 0,
        unavailable: plan.unavailable(),
        samples: Vec::new(),
        site,
    };
    let server = pilot.run(server, plan).await;
    pilot.site.end();
    while let Some(ended) = load.join_next().await {
        ended.unwrap();
    }
    pilot.sample(&server).await;
    stop(server).await;
    let tally = pilot.site.tally().clone();
    Soak {
        database: if pilot.installation.is_on_postgres() { "PostgreSQL" } else { "SQLite" },
        samples: pilot.samples,
        tally,
        backup_failures: pilot.backup_failures,
        webhook_requests: pilot.webhook_requests,
    }
}

/// Short retentions, so that expired rows are deleted within the run.
fn installation(plan: &Plan, binary: Option<&str>) -> Installation {
    let days = plan.retention_days();
    let installation = Installation::new()
        // Without a line for each request: this process keeps the log in memory.
        .with("RUST_LOG", "info,fasttrack::request=off")
        .with("WEBHOOK_ALLOW_NETWORKS", "127.0.0.0/8")
        .with("WEBHOOK_RETRY_SECONDS", "0.5,1,2")
        .with("NOTIFICATION_RETENTION_DAYS", &days)
        .with("AUDIT_RETENTION_DAYS", &days)
        .with("CHANGES_RETENTION_DAYS", &days);
    match binary {
        // The shell that would start the binary of these tests starts another instead.
        Some(path) => installation.after(&format!("exec '{}' \"$@\"", path.replace('\'', r"'\''"))),
        None => installation,
    }
}

struct Pilot {
    begin: Instant,
    site: Arc<Site>,
    installation: Installation,
    rows: Rows,
    /// Counts the starts of the server.
    process: usize,
    started: Instant,
    /// Paths of keys.
    signs_with: String,
    verifies_with: Vec<String>,
    /// The address of a user, whose project is named after the latest backup before that begins.
    operator: String,
    project: i64,
    /// Files of backups, the oldest first.
    backups: VecDeque<String>,
    made_backups: u32,
    /// The size of the newest, in KiB.
    backup_size: Option<f64>,
    backup_failures: Vec<String>,
    receiver: Receiver,
    webhook_requests: u64,
    /// The length of the server's log, and the number of requests, at the sample before.
    log: usize,
    requests: u64,
    /// How many answers of 503 are no failure.
    unavailable: u64,
    samples: Vec<Sample>,
}

impl Pilot {
    /// Runs until the plan has ended with each of its events, and on a busy machine until each kind of request was there.
    /// Returns the server that runs then.
    async fn run(&mut self, mut server: Server, plan: &Plan) -> Server {
        let mut events = plan.events().peekable();
        let mut ticks = interval(plan.interval);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while self.begin.elapsed() < plan.duration
            || events.peek().is_some()
            || (!self.has_all_kinds() && self.begin.elapsed() < plan.duration + DEADLINE)
        {
            ticks.tick().await;
            self.sample(&server).await;
            let passed = self.begin.elapsed();
            while let Some((_, event)) = events.next_if(|(at, _)| *at <= passed) {
                server = self.handle(server, event).await;
            }
        }
        server
    }

    fn has_all_kinds(&self) -> bool {
        let tally = self.site.tally();
        self.webhook_requests > 0 && KINDS.iter().all(|kind| tally.count(&[*kind]) > 0)
    }

    async fn handle(&mut self, server: Server, event: Event) -> Server {
        match event {
            Event::Backup => {
                self.back_up(&server).await;
                server
            }
            Event::Kill => self.restart(server, true).await,
            Event::Restart => self.restart(server, false).await,
            Event::NewKey(algorithm) => {
                let key = self.installation.generate_key(algorithm).await.display().to_string();
                self.verifies_with.push(std::mem::replace(&mut self.signs_with, key));
                self.installation = self
                    .installation
                    .clone()
                    .with("JWT_PRIVATE_KEY_FILE", &self.signs_with)
                    .with("JWT_VERIFICATION_KEY_FILES", self.verifies_with.join(","));
                self.restart(server, false).await
            }
        }
    }

    /// Ends the server and starts it again, while actors wait.
    async fn restart(&mut self, server: Server, is_killed: bool) -> Server {
        let mut address = self.site.interrupt().await;
        if is_killed {
            server.kill();
        } else {
            stop(server).await;
        }
        self.started = Instant::now();
        self.process += 1;
        self.log = 0;
        let server = self.installation.start();
        address.client = server.anonymous();
        server
    }

    /// Makes a backup that has to have a name that was acknowledged before.
    async fn back_up(&mut self, server: &Server) {
        self.made_backups += 1;
        let (name, file) = (format!("Backup {}", self.made_backups), format!("backup-{}.db", self.made_backups));
        let operator = Account::log_in(&server.anonymous(), &self.operator, PASSWORD).await;
        operator.patch(format!("/projects/{}", self.project), json!({"name": name})).await.expect(200);
        operator.log_out().await.expect(200);
        self.site.succeed("login");
        self.site.succeed("logout");
        match backup::make(&self.installation, &file, &name).await {
            Ok(size) => {
                self.backup_size = Some(size);
                self.backups.push_back(file);
            }
            Err(error) => self.backup_failures.push(format!("{name}: {error}")),
        }
        if self.backups.len() > BACKUPS
            && let Some(oldest) = self.backups.pop_front()
        {
            fs::remove_file(self.installation.path(&oldest)).unwrap();
        }
    }

    async fn sample(&mut self, server: &Server) {
        let mut values = of_process(server.process_id());
        values.extend(self.rows.count().await);
        let tally = self.site.tally().clone();
        without_kept(&mut values, &tally);
        let size = |file: &str| fs::metadata(self.installation.path(file)).map_or(0.0, |file| kib(file.len()));
        if !self.installation.is_on_postgres() {
            values.insert("database".to_owned(), size("fasttrack.db"));
            values.insert("write-ahead log".to_owned(), size("fasttrack.db-wal"));
        }
        values.extend(self.backup_size.map(|size| ("newest backup".to_owned(), size)));
        values.insert("backups without effect".to_owned(), number(self.backup_failures.len()));
        let failed = tally.failed + tally.unavailable.saturating_sub(self.unavailable);
        values.insert("failed requests".to_owned(), number(failed));
        let log = server.log().len();
        let requests = tally.requests - self.requests;
        if requests > 0 {
            let bytes = 1000.0 * number(log - self.log) / number(requests);
            values.insert("log per 1,000 requests".to_owned(), bytes / 1024.0);
        }
        (self.log, self.requests) = (log, tally.requests);
        self.samples.push(Sample {
            at: self.begin.elapsed().as_secs_f64(),
            process: self.process,
            age: self.started.elapsed().as_secs_f64(),
            values,
        });
        self.webhook_requests += u64::try_from(self.receiver.forget()).unwrap();
        // One of the next requests fails.
        self.receiver.reply_once([Reply::status(500)]);
    }
}

/// Ends a server by SIGTERM.
///
/// # Panics
///
/// If it doesn't end well, with its log.
async fn stop(mut server: Server) {
    server.terminate();
    let status = server.ended().await;
    let log = server.log_at_end().await;
    assert!(status.success(), "{status}\n{log}");
}

/// Counts the rows of tables that are kept for a day by how many more there are than acts that make them.
fn without_kept(values: &mut Values, tally: &Tally) {
    for (table, acts) in KEPT {
        if let Some(rows) = values.remove(&format!("rows of {table}")) {
            let name = format!("rows of {table} beyond 1 for each {}", acts.join(" and "));
            values.insert(name, rows - number(tally.count(acts)));
        }
    }
}

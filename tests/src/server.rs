use crate::{Account, Client, Command, DEADLINE, Installation, PASSWORD, Scrape, eventually, unique_email};
use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, prlimit};
use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, ExitStatus, Stdio},
    sync::{Arc, Condvar, Mutex, Weak},
};

/// A running server. Dropping it kills it.
#[derive(Debug)]
pub struct Server {
    child: Child,
    log: Arc<Log>,
    url: String,
    installation: Installation,
}

impl Server {
    /// Starts a server on a new installation.
    pub fn start() -> Self {
        Installation::new().start()
    }

    /// The server that is shared by all tests that only add rows of their own. It runs as long as one of them
    /// holds it.
    pub fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());
        Self::shared_as(&SHARED, Self::start)
    }

    /// The same for tests that need other settings: the server in `shared`, or one that `start` starts.
    pub fn shared_as(shared: &Mutex<Weak<Self>>, start: impl FnOnce() -> Self) -> Arc<Self> {
        let mut shared = shared.lock().unwrap();
        shared.upgrade().unwrap_or_else(|| {
            let server = Arc::new(start());
            *shared = Arc::downgrade(&server);
            server
        })
    }

    pub(crate) fn spawn(installation: Installation) -> Self {
        let command = Command::into_inner(installation.command([]));
        Self::run(installation, command)
    }

    pub(crate) fn run(installation: Installation, mut command: std::process::Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let log = Arc::<Log>::default();
        log.follow(child.stdout.take().unwrap());
        log.follow(child.stderr.take().unwrap());
        let mut server = Self { child, log, url: String::new(), installation };
        server.url = server.log.wait_for_url();
        server
    }

    /// Returns `http://HOST:PORT`, or `https` with a certificate.
    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn port(&self) -> &str {
        self.url.rsplit_once(':').unwrap().1
    }

    pub fn installation(&self) -> &Installation {
        &self.installation
    }

    /// Returns the output up to now: standard output and standard error.
    pub fn log(&self) -> String {
        self.log.state.lock().unwrap().text.clone()
    }

    /// Waits until the server has ended and returns all output.
    pub async fn log_at_end(&self) -> String {
        eventually("the log ends", async || self.log.state.lock().unwrap().closed == 2).await;
        self.log()
    }

    /// Stops reading the output, or resumes.
    pub fn stall_log(&self, stalls: bool) {
        self.log.update(|state| state.is_stalled = stalls);
    }

    /// The URL of its metrics.
    ///
    /// # Panics
    ///
    /// If the log doesn't have it.
    pub fn metrics_url(&self) -> String {
        let log = self.log();
        let (_, rest) = log.split_once("metrics at http://").expect(&log);
        let (address, _) = rest.split_once("/metrics").expect(&log);
        format!("http://{address}/metrics")
    }

    /// Fetches and parses the metrics.
    pub async fn metrics(&self) -> Scrape {
        let answer = Client::new(&self.metrics_url()).get("").await.expect(200);
        assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"), "{answer:#?}");
        Scrape::read(&answer.body)
    }

    pub fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// Returns the resident memory of the process in bytes.
    pub fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap() * 1024
    }

    /// Returns a client without a token. It trusts the installation's current certificate.
    pub fn anonymous(&self) -> Client {
        if self.url.starts_with("https:") {
            return Client::trusting(&self.url, &self.installation.read("certificate.pem"));
        }
        Client::new(&self.url)
    }

    /// Registers a user and logs in.
    pub async fn register(&self) -> Account {
        Account::register(self.anonymous(), &unique_email("user")).await
    }

    /// Registers a user with this address and logs in.
    pub async fn register_as(&self, email: &str) -> Account {
        Account::register(self.anonymous(), email).await
    }

    /// Creates an admin and logs in.
    pub async fn admin(&self) -> Account {
        let email = unique_email("admin");
        self.installation.create_admin(&email).await;
        Account::log_in(&self.anonymous(), &email, PASSWORD).await
    }

    /// Sends SIGTERM and returns at once.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Sends SIGHUP, so that the server reads its files again.
    pub fn reload(&self) {
        self.signal(Signal::HUP);
    }

    fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap()
    }

    /// Limits the size of the server's files, which has the effect of a full disk. See
    /// [`Installation::start_unharmed_by_file_limits`].
    pub fn limit_files(&self, bytes: u64) {
        let current = (bytes != u64::MAX).then_some(bytes);
        prlimit(Some(self.pid()), Resource::Fsize, Rlimit { current, maximum: None }).unwrap();
    }

    /// Waits until the process has ended.
    pub async fn ended(&mut self) -> ExitStatus {
        let mut status = None;
        eventually("the server ends", async || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        })
        .await;
        status.unwrap()
    }

    /// Sends SIGTERM and waits until the server has ended.
    pub async fn stop(mut self) -> ExitStatus {
        self.terminate();
        self.ended().await
    }

    /// Kills the process (SIGKILL).
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only where it has ended already.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The output of a server, in the order of reading.
#[derive(Debug, Default)]
struct Log {
    state: Mutex<LogState>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct LogState {
    text: String,
    closed: usize,
    is_stalled: bool,
}

impl Log {
    fn follow(self: &Arc<Self>, stream: impl Read + Send + 'static) {
        let log = Arc::clone(self);
        std::thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                drop(log.changed.wait_while(log.state.lock().unwrap(), |state| state.is_stalled));
                log.update(|state| {
                    state.text.push_str(&line);
                    state.text.push('\n');
                });
            }
            log.update(|state| state.closed += 1);
        });
    }

    fn update(&self, change: impl FnOnce(&mut LogState)) {
        change(&mut self.state.lock().unwrap());
        self.changed.notify_all();
    }

    /// Waits for the log line with the server's URL.
    fn wait_for_url(&self) -> String {
        let waiting = |state: &mut LogState| state.closed < 2 && state.url().is_none();
        let state = self.state.lock().unwrap();
        let (state, _) = self.changed.wait_timeout_while(state, DEADLINE, waiting).unwrap();
        state.url().unwrap_or_else(|| panic!("the server does not listen:\n{}", state.text))
    }
}

impl LogState {
    fn url(&self) -> Option<String> {
        let (_, rest) = self.text.split_once("listening on http")?;
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !".:-[]/".contains(c))?;
        Some(format!("http{}", &rest[..end]))
    }
}

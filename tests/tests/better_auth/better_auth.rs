//! A running Better Auth, and its users.

use crate::{
    manual,
    npm::{self, PROJECT},
};
use fasttrack_tests::{Answer, Client, Installation, Server};
use serde_json::{Value, json};
use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};
use tempfile::TempDir;

const PASSWORD: &str = "correct horse battery";

/// A front end's server with Better Auth in it. Dropping it kills the server.
#[derive(Debug)]
pub struct BetterAuth {
    process: Child,
    url: String,
    project: TempDir,
}

/// A session at Better Auth.
#[derive(Debug)]
pub struct Person {
    client: Client,
    cookie: String,
    /// The user's id at Better Auth.
    pub id: String,
    pub email: String,
}

impl BetterAuth {
    /// Starts Better Auth on a free port. `None` where it can't be installed.
    pub fn start() -> Option<Self> {
        let project = lay_out(npm::installed()?);
        let (process, url) = run(&project, "0");
        Some(Self { process, url, project })
    }

    /// Kills the server and starts a new one at the same URL, without its users and keys.
    pub fn start_anew(&mut self) {
        self.kill();
        let port = self.url.rsplit_once(':').unwrap().1;
        self.process = run(&self.project, port).0;
    }

    /// Kills the server (SIGKILL).
    pub fn kill(&mut self) {
        // Both fail only where it has ended already.
        self.process.kill().ok();
        self.process.wait().ok();
    }

    /// Configures a fasttrack to accept the tokens of this issuer, as documented.
    pub fn trusted_by(&self, installation: Installation) -> Installation {
        let settings = manual::settings(&self.url);
        settings.into_iter().fold(installation, |installation, (name, value)| installation.with(name, value))
    }

    /// A command that runs code of the front end against this fasttrack.
    pub fn front_end(&self, script: &str, server: &Server) -> Command {
        let mut node = node(&self.project, script);
        node.env("BETTER_AUTH_URL", &self.url).env("NEXT_PUBLIC_FASTTRACK_URL", server.url());
        node
    }

    /// The folder with the project's files, below the packages.
    pub fn project(&self) -> &Path {
        self.project.path()
    }

    /// Signs a new user up and in.
    pub async fn sign_up(&self, email: &str, name: &str) -> Person {
        let client = Client::new(&self.url);
        let account = json!({"email": email, "password": PASSWORD, "name": name});
        let answer = client.post("/api/auth/sign-up/email", account).await.expect(200);
        let cookie = answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
        let id = answer.json()["user"]["id"].as_str().unwrap().to_owned();
        Person { client, cookie, id, email: email.to_owned() }
    }

    /// Rotates the signing key. The former keys stay in the JWKS.
    pub async fn rotate(&self) -> String {
        self.test("/test/rotate").await.as_str().unwrap().to_owned()
    }

    /// Returns how many requests for the JWKS were served.
    pub async fn fetches(&self) -> u64 {
        self.test("/test/fetches").await.as_u64().unwrap()
    }

    async fn test(&self, path: &str) -> Value {
        Client::new(&self.url).get(path).await.expect(200).json()
    }
}

impl Drop for BetterAuth {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Person {
    /// Requests a new JWT.
    pub async fn token(&self) -> String {
        let answer = self.get("/api/auth/token").await.expect(200);
        answer.json()["token"].as_str().unwrap().to_owned()
    }

    /// Returns a client of a fasttrack with a new token.
    pub async fn at(&self, server: &Server) -> Client {
        server.anonymous().with_token(&self.token().await)
    }

    /// Returns the path of the user's todos.
    pub fn todos(&self) -> String {
        format!("/api/{}/tasks", self.id)
    }

    /// Opens the verification link in the user's mail.
    pub async fn verify_email(&self) {
        let link = self.get(&format!("/test/mail?to={}", self.email)).await.expect(200).json();
        let link = link.as_str().unwrap();
        let path = &link[link.find("/api/").unwrap()..];
        // Without a page to go to afterwards.
        let opened = self.get(path.split("&callbackURL").next().unwrap()).await.expect(200);
        assert_eq!(opened.json()["status"], true);
    }

    async fn get(&self, path: &str) -> Answer {
        self.client.get(path).header("cookie", &self.cookie).await
    }
}

/// A new project folder below the installed packages.
fn lay_out(packages: &Path) -> TempDir {
    let project = tempfile::tempdir_in(packages).unwrap();
    let write = |path: &str, content: &[u8]| {
        let path = project.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    };
    for path in ["package.json", "tsconfig.json", "server.ts", "visit.ts", "lib/database.ts", "lib/mail.ts"] {
        write(path, &fs::read(Path::new(PROJECT).join(path)).unwrap());
    }
    for (path, content) in manual::files() {
        write(path, content.as_bytes());
    }
    project
}

/// A command that runs a TypeScript file.
fn node(project: &TempDir, script: &str) -> Command {
    let mut node = Command::new("node");
    node.args(["--import", "tsx", script]).current_dir(project.path());
    node
}

/// Starts a server and returns its URL.
fn run(project: &TempDir, port: &str) -> (Child, String) {
    let mut node = node(project, "server.ts");
    node.env("PORT", port).env("BETTER_AUTH_SECRET", "not a secret, but of more than 32 characters");
    // It ends when its standard input does.
    let mut process = node.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map_while(Result::ok);
    let url = lines.find_map(|line| Some(line.strip_prefix("listening on ")?.to_owned()));
    (process, url.expect("Better Auth listens"))
}

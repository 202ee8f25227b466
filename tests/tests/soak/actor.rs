//! Users that send requests one after the other, each on a project of its own with a bounded number of tasks.

use super::{plan::Plan, site::Site};
use chrono::TimeDelta;
use fastrand::Rng;
use fasttrack_tests::{Account, Client, Server, timestamp, unique_email};
use serde_json::{Value, json};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{task::JoinSet, time::sleep};

/// Tasks of an actor, and comments on a task. Instead of a further one, one is deleted.
const TASKS: usize = 40;
const COMMENTS: usize = 5;

/// The webhook is replaced after so many acts, since it keeps what it delivered.
const ACTS_OF_WEBHOOK: u64 = 200;

/// When tokens are refreshed at the latest. They are valid for 15 minutes.
const TOKEN_AGE: Duration = Duration::from_mins(10);

pub(super) struct Tokens {
    pub(super) access: String,
    pub(super) refresh: String,
    since: Instant,
}

struct Task {
    id: i64,
    is_started: bool,
    comments: Vec<i64>,
}

pub(super) struct Actor {
    pub(super) site: Arc<Site>,
    pub(super) rng: Rng,
    pause: Duration,
    session_chance: f64,
    pub(super) email: String,
    /// `None` after a logout, and after an interrupted refresh, which may have spent its token.
    pub(super) tokens: Option<Tokens>,
    project: i64,
    /// The user that its tasks are assigned to.
    assignee: i64,
    /// The URL that the webhook sends to.
    receiver: String,
    webhook: Option<i64>,
    tasks: Vec<Task>,
    pub(super) connections: JoinSet<()>,
    acts: u64,
}

impl Tokens {
    /// The tokens in the response to a login or a refresh.
    pub(super) fn new(tokens: &Value) -> Self {
        let token = |name: &str| tokens[name].as_str().unwrap().to_owned();
        Self { access: token("access_token"), refresh: token("refresh_token"), since: Instant::now() }
    }
}

impl Actor {
    /// Registers the actors of a plan, whose tasks are assigned to each other.
    pub(super) async fn settle(server: &Server, site: &Arc<Site>, plan: &Plan, receiver: &str) -> Vec<Self> {
        let mut accounts = Vec::new();
        for _ in 0..plan.actors {
            accounts.push(server.register_as(&unique_email("actor")).await);
            site.succeed("login");
        }
        let mut actors = Vec::new();
        for (n, account) in accounts.iter().enumerate() {
            let assignee = accounts[(n + 1) % accounts.len()].id;
            actors.push(Self::new(site, plan, account, assignee, receiver).await);
        }
        actors
    }

    async fn new(site: &Arc<Site>, plan: &Plan, account: &Account, assignee: i64, receiver: &str) -> Self {
        let tokens = Tokens {
            access: account.access_token.clone(),
            refresh: account.refresh_token.clone(),
            since: Instant::now(),
        };
        Self {
            site: Arc::clone(site),
            rng: Rng::new(),
            pause: plan.pause,
            session_chance: plan.session_chance(),
            email: account.email.clone(),
            tokens: Some(tokens),
            project: account.project().await,
            assignee,
            receiver: receiver.to_owned(),
            webhook: None,
            tasks: Vec::new(),
            connections: JoinSet::new(),
            acts: 0,
        }
    }

    /// Acts until the load ends. Connections end with it.
    pub(super) async fn work(mut self) {
        while !self.site.is_over() {
            self.act().await;
            let pause = self.pause.mul_f64(2.0 * self.rng.f64());
            sleep(pause).await;
        }
    }

    async fn act(&mut self) {
        let Some(tokens) = &self.tokens else { return self.log_in().await };
        if tokens.since.elapsed() > TOKEN_AGE {
            return self.refresh().await;
        }
        let token = tokens.access.clone();
        self.acts += 1;
        if self.acts % ACTS_OF_WEBHOOK == 1 {
            return self.replace_webhook(&token).await;
        }
        if self.rng.f64() < self.session_chance {
            return if self.rng.bool() { self.refresh().await } else { self.log_out().await };
        }
        match self.rng.u8(0..100) {
            0..32 => self.read(&token).await,
            32..47 => self.list(&token).await,
            47..59 => self.create(&token).await,
            59..73 => self.change(&token).await,
            73..81 => self.comment(&token).await,
            81..85 => self.delete_comment(&token).await,
            85..94 => self.delete(&token).await,
            94.. => self.connect(&token).await,
        }
    }

    /// The index of a task, if there is one.
    fn any_task(&mut self) -> Option<usize> {
        (!self.tasks.is_empty()).then(|| self.rng.usize(0..self.tasks.len()))
    }

    async fn read(&mut self, token: &str) {
        let Some(task) = self.any_task() else { return };
        let path = format!("/tasks/{}", self.tasks[task].id);
        self.site.send("read", Some(token), |client| client.get(path), 200).await;
    }

    async fn list(&mut self, token: &str) {
        let path = match self.rng.u8(0..5) {
            0 => "/projects".to_owned(),
            1 => "/notifications".to_owned(),
            2 => "/tasks?q=task&sort=-updated_at".to_owned(),
            3 => "/changes?limit=100".to_owned(),
            _ => format!("/projects/{}/tasks?limit=50", self.project),
        };
        self.site.send("list", Some(token), |client| client.get(path), 200).await;
    }

    async fn create(&mut self, token: &str) {
        if self.tasks.len() >= TASKS {
            return self.delete(token).await;
        }
        let path = format!("/projects/{}/tasks", self.project);
        let title = format!("Task {}", self.acts);
        let body = json!({"title": title, "description": "Water the roses. ".repeat(20), "assignee_id": self.assignee});
        // As seldom as sessions, since the key is kept for a day.
        let key = (self.rng.f64() < 4.0 * self.session_chance).then(|| format!("key-{}", self.acts));
        let kind = if key.is_some() { "creation with a key" } else { "creation" };
        let request = |client: &Client| {
            let request = client.post(path, body);
            match key {
                Some(key) => request.header("idempotency-key", key),
                None => request,
            }
        };
        let Some(answer) = self.site.send(kind, Some(token), request, 201).await else { return };
        let task = answer.data();
        let id = answer.id();
        self.tasks.push(Task { id, is_started: false, comments: Vec::new() });
        if self.rng.u8(0..5) == 0 {
            self.remind(token, id, &task["created_at"]).await;
        }
    }

    /// Sets a reminder that is due in a few seconds.
    async fn remind(&mut self, token: &str, task: i64, created_at: &Value) {
        let due = timestamp(created_at) + TimeDelta::seconds(self.rng.i64(5..20));
        let body = json!({"reminders": [due.to_rfc3339()]});
        // The request may wait for a restart, after which the instant may have passed: that is refused, and no failure.
        let address = self.site.address().await;
        let request = address.client.with_token(token).patch(format!("/tasks/{task}"), body);
        match request.try_send().await {
            Some(answer) if answer.status == 200 => self.site.succeed("reminder"),
            Some(answer) if answer.status == 400 => self.site.succeed("late reminder"),
            answer => {
                let status = answer.map(|answer| answer.status);
                self.site.fail_at(&address, status, format!("reminder: {status:?}"));
            }
        }
    }

    async fn change(&mut self, token: &str) {
        let Some(index) = self.any_task() else { return };
        let task = &mut self.tasks[index];
        task.is_started = !task.is_started;
        let body = json!({"status": if task.is_started { "in_progress" } else { "todo" }});
        let path = format!("/tasks/{}", task.id);
        self.site.send("change of status", Some(token), |client| client.patch(path, body), 200).await;
    }

    async fn comment(&mut self, token: &str) {
        let Some(index) = self.any_task() else { return };
        if self.tasks[index].comments.len() >= COMMENTS {
            return self.delete_comment(token).await;
        }
        let path = format!("/tasks/{}/comments", self.tasks[index].id);
        let body = json!({"body": "The roses look better. ".repeat(10)});
        if let Some(answer) = self.site.send("comment", Some(token), |client| client.post(path, body), 201).await {
            self.tasks[index].comments.push(answer.id());
        }
    }

    async fn delete_comment(&mut self, token: &str) {
        let Some(comment) = self.tasks.iter_mut().find_map(|task| task.comments.pop()) else { return };
        let path = format!("/comments/{comment}");
        self.site.send("deletion of a comment", Some(token), |client| client.delete(path), 204).await;
    }

    async fn delete(&mut self, token: &str) {
        let Some(index) = self.any_task() else { return };
        let path = format!("/tasks/{}", self.tasks.swap_remove(index).id);
        self.site.send("deletion", Some(token), |client| client.delete(path), 204).await;
    }

    async fn replace_webhook(&mut self, token: &str) {
        if let Some(webhook) = self.webhook.take() {
            let path = format!("/webhooks/{webhook}");
            self.site.send("deletion of a webhook", Some(token), |client| client.delete(path), 204).await;
        }
        let (path, body) = (format!("/projects/{}/webhooks", self.project), json!({"url": self.receiver}));
        let created = self.site.send("webhook", Some(token), |client| client.post(path, body), 201).await;
        self.webhook = created.map(|answer| answer.id());
    }
}

//! Changes of every kind, each with what has to be there once it is acknowledged.

use super::{
    facts::{Fact, audited, count, in_feed, none, notified, notified_of_project, one},
    recorder::Recorder,
};
use fasttrack_tests::{Account, PASSWORD, Server, jwt, unique_email};
use serde_json::{Value, json};

/// How many tasks have a long description, which is replaced in each round: the write-ahead log fills, so that it is
/// checkpointed and begun anew every few rounds, and the database doesn't grow.
const FILLERS: usize = 15;

/// The accounts of a load, and what they work on.
pub(super) struct People {
    admin: Account,
    pub(super) owner: Account,
    assignee: Account,
    project: i64,
    fillers: Vec<i64>,
}

/// Changes the database and keeps what was acknowledged.
pub(super) struct Load {
    pub(super) recorder: Recorder,
    pub(super) facts: Vec<Fact>,
    /// The number of the present round.
    pub(super) round: usize,
}

fn token_id(token: &str) -> String {
    jwt::claims(token)["jti"].as_str().unwrap().to_owned()
}

impl Load {
    pub(super) fn new(recorder: Recorder) -> Self {
        Self { recorder, facts: Vec::new(), round: 0 }
    }

    /// Keeps a condition that holds from now on, as its change was acknowledged.
    pub(super) fn acknowledge(&mut self, what: impl Into<String>, condition: impl Into<String>) {
        self.facts.push(Fact {
            what: what.into(),
            condition: condition.into(),
            since: self.recorder.length(),
            until: None,
            is_in_backup: false,
        });
    }

    /// Creates accounts, a project and tasks.
    pub(super) async fn settle(&mut self, server: &Server) -> People {
        let email = unique_email("admin");
        self.recorder.installation.create_admin(&email).await;
        self.acknowledge("admin", one("users", format!("email = '{email}' AND role = 'admin'")));
        let object = format!("'user/' || (SELECT id FROM users WHERE email = '{email}')");
        self.acknowledge("audit of the admin", one("audit", format!("action = 'user.created' AND object = {object}")));
        let admin = Account::log_in(&server.anonymous(), &email, PASSWORD).await;
        self.session_of(&admin);
        let (owner, assignee) = (self.user(server).await, self.user(server).await);
        let project = owner.project().await;
        let tasks = vec![json!({"title": "Filler"}); FILLERS];
        let create = owner.post(format!("/projects/{project}/tasks/bulk"), json!({"tasks": tasks}));
        let fillers = create.header("idempotency-key", "fillers").await.expect(201).ids();
        self.acknowledge("bulk creation", format!("{} = {FILLERS}", count("tasks", "title = 'Filler'")));
        self.acknowledge("key of the bulk creation", one("idempotency_records", "key = 'fillers'"));
        People { admin, owner, assignee, project, fillers }
    }

    /// Registers a user.
    async fn user(&mut self, server: &Server) -> Account {
        let user = server.register().await;
        self.acknowledge("registration", one("users", format!("id = {} AND email = '{}'", user.id, user.email)));
        self.session_of(&user);
        user
    }

    fn session_of(&mut self, account: &Account) {
        let token = token_id(&account.refresh_token);
        let tables = "refresh_tokens JOIN sessions ON sessions.id = session_id";
        self.acknowledge("login", one(tables, format!("jti = '{token}' AND user_id = {}", account.id)));
    }

    /// Logs in on another server.
    pub(super) async fn log_in(&mut self, server: &Server, people: &mut People) {
        for account in [&mut people.admin, &mut people.owner, &mut people.assignee] {
            *account = Account::log_in(&server.anonymous(), &account.email, PASSWORD).await;
            self.session_of(account);
        }
    }

    /// One change of each kind.
    pub(super) async fn act(&mut self, server: &Server, people: &mut People) {
        self.user(server).await;
        let task = self.create_task(people).await;
        self.change_task(people, task).await;
        self.label_task(people, task).await;
        self.delete_task(people).await;
        self.share(people).await;
        self.refresh(server, people).await;
        self.log_out(people).await;
        self.create_token(people).await;
        self.administer(people, task).await;
        self.fill(people).await;
    }

    async fn create_task(&mut self, people: &People) -> i64 {
        let n = self.round;
        let body = json!({"title": format!("Task {n}"), "assignee_id": people.assignee.id});
        let create = people.owner.post(format!("/projects/{}/tasks", people.project), body);
        let task = create.header("idempotency-key", format!("key-{n}")).await.expect(201).id();
        self.acknowledge(format!("task {n}"), one("tasks", format!("title = 'Task {n}'")));
        self.acknowledge(format!("id of task {n}"), one("tasks", format!("id = {task} AND title = 'Task {n}'")));
        let key = format!("key = 'key-{n}' AND user_id = {}", people.owner.id);
        let created = format!("{key} AND json_extract(created, '$.task.id') = {task}");
        self.acknowledge(format!("key of task {n}"), one("idempotency_records", created));
        self.acknowledge(format!("assignment {n}"), notified("task_assigned", "task_assigned", task, &[]));
        self.acknowledge(format!("task {n} in the feed"), in_feed(task, false));
        task
    }

    async fn change_task(&mut self, people: &People, task: i64) {
        let n = self.round;
        let comment = people.owner.comment(task).await;
        self.acknowledge(format!("comment {n}"), one("comments", format!("id = {comment} AND task_id = {task}")));
        let told = notified("comment_added", "comment_added", task, &[("comment_id", comment)]);
        self.acknowledge(format!("notification of comment {n}"), told);
        people.owner.patch(format!("/tasks/{task}"), json!({"status": "in_progress"})).await.expect(200);
        self.acknowledge(format!("status {n}"), one("tasks", format!("id = {task} AND status = 'in_progress'")));
        let told = notified("status_changed", "status_changed", task, &[]);
        self.acknowledge(format!("notification of status {n}"), told);
        people.owner.post(format!("/tasks/{task}/move"), json!({"after": null})).await.expect(200);
        self.acknowledge(format!("move {n}"), one("tasks", format!("id = {task} AND moved_to IS NOT NULL")));
    }

    async fn label_task(&mut self, people: &People, task: i64) {
        let n = self.round;
        let create =
            people.owner.post(format!("/projects/{}/labels", people.project), json!({"name": format!("Label {n}")}));
        let label = create.await.expect(201).id();
        self.acknowledge(format!("label {n}"), one("labels", format!("id = {label} AND name = 'Label {n}'")));
        let put = people.owner.request(reqwest::Method::PUT, format!("/tasks/{task}/labels/{label}"));
        put.await.expect(204);
        let row = format!("task_id = {task} AND label_id = {label}");
        self.acknowledge(format!("labelled task {n}"), one("task_labels", row));
    }

    async fn delete_task(&mut self, people: &People) {
        let n = self.round;
        let task = people.owner.task(people.project, json!({"title": format!("Gone {n}")})).await;
        people.owner.delete(format!("/tasks/{task}")).await.expect(204);
        self.acknowledge(format!("deletion {n}"), none("tasks", format!("title = 'Gone {n}'")));
        self.acknowledge(format!("deletion {n} in the feed"), in_feed(task, true));
    }

    /// Shares a project, and in every other round ends that.
    async fn share(&mut self, people: &People) {
        let n = self.round;
        let project = people.owner.project().await;
        self.acknowledge(format!("project {n}"), one("projects", format!("id = {project}")));
        let user = &people.assignee;
        let row = format!("project_id = {project} AND user_id = {}", user.id);
        people.owner.share(project, user, "viewer").await;
        let object = format!("project/{project}");
        self.acknowledge(format!("audit of sharing {n}"), audited("member.added", &object, "TRUE"));
        if n.is_multiple_of(2) {
            people.owner.remove(project, user).await;
            self.acknowledge(format!("end of sharing {n}"), none("members", row));
            self.acknowledge(format!("audit of the end {n}"), audited("member.removed", &object, "TRUE"));
        } else {
            self.acknowledge(format!("sharing {n}"), one("members", format!("{row} AND role = 'viewer'")));
            self.acknowledge(format!("notification of sharing {n}"), notified_of_project(project, user.id));
        }
    }

    async fn refresh(&mut self, server: &Server, people: &mut People) {
        let client = server.anonymous();
        let spent = token_id(&people.owner.refresh_token);
        let body = json!({"refresh_token": people.owner.refresh_token});
        let tokens = client.post("/auth/refresh", body).await.expect(200).data();
        let spent = one("refresh_tokens", format!("jti = '{spent}' AND spent_at IS NOT NULL"));
        self.acknowledge(format!("spent token {}", self.round), spent);
        people.owner = Account::from_tokens(&client, &tokens).await;
        self.session_of(&people.owner);
    }

    async fn log_out(&mut self, people: &People) {
        let other = people.owner.log_in_again().await;
        let sessions = other.get("/auth/sessions").await.expect(200).items();
        let session = sessions.iter().find(|session| session["current"] == Value::Bool(true)).unwrap()["id"].clone();
        other.log_out().await.expect(200);
        let n = self.round;
        self.acknowledge(format!("logout {n}"), one("sessions", format!("id = {session} AND ended_at IS NOT NULL")));
        let revoked = format!("kind = 'session' AND subject = '{session}'");
        self.acknowledge(format!("revocation {n}"), one("revocations", revoked));
    }

    async fn create_token(&mut self, people: &People) {
        let n = self.round;
        let body = json!({"name": format!("CI {n}"), "scopes": ["tasks:read"]});
        let token = people.owner.post("/auth/tokens", body).await.expect(201).id();
        self.acknowledge(format!("API token {n}"), one("api_tokens", format!("id = {token} AND name = 'CI {n}'")));
        self.acknowledge(format!("audit of API token {n}"), audited("token.created", format!("token/{token}"), "TRUE"));
    }

    async fn administer(&mut self, people: &People, task: i64) {
        let n = self.round;
        people.admin.patch(format!("/tasks/{task}"), json!({"priority": "high"})).await.expect(200);
        self.acknowledge(format!("priority {n}"), one("tasks", format!("id = {task} AND priority = 'high'")));
        self.acknowledge(format!("audit of priority {n}"), audited("task.updated", format!("task/{task}"), "TRUE"));
        let user = format!("user/{}", people.assignee.id);
        let name = json!({"display_name": format!("Name {n}")});
        people.admin.patch(format!("/users/{}", people.assignee.id), name).await.expect(200);
        let renamed = format!("json_extract(changes, '$.display_name[1]') = 'Name {n}'");
        self.acknowledge(format!("audit of name {n}"), audited("user.updated", user, &renamed));
    }

    async fn fill(&mut self, people: &People) {
        let description = ["🌱", "🌿", "🍀"][self.round % 3].repeat(10_000);
        let body = json!({"ids": people.fillers, "patch": {"description": description}});
        let patch = people.owner.patch(format!("/projects/{}/tasks/bulk", people.project), body);
        let version = patch.await.expect(200).items()[0]["version"].clone();
        let changed = count("tasks", format!("title = 'Filler' AND version >= {version}"));
        self.acknowledge(format!("bulk change {}", self.round), format!("{changed} = {FILLERS}"));
    }
}

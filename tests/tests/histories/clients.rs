//! Clients that send one request after the other and record each with its answer.

use super::{
    answers::{self, next_cursor, word},
    message::Message,
    people::User,
    wire::Wire,
};
use fastrand::Rng;
use fasttrack_tests::{
    Answer, PASSWORD,
    history::{Call, Caller, Outcome, Recorder, Request, Status},
    jwt,
};
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::time::sleep;

/// How long a client waits between two requests.
pub(super) const PAUSE: Duration = Duration::from_millis(25);

/// What is recorded of a successful answer.
pub(super) type Read = fn(&Answer) -> Outcome;

/// The outcome of a request, and the answer if it was successful.
pub(super) struct Reply {
    pub(super) outcome: Outcome,
    pub(super) answer: Option<Answer>,
}

/// What all clients of a history share.
pub(super) struct Site {
    pub(super) wire: Wire,
    pub(super) recorder: Arc<Recorder>,
    /// The number of the next client.
    next_client: AtomicU32,
}

/// The tokens of a session.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) caller: Caller,
    pub(super) access_token: String,
    pub(super) refresh_token: String,
}

/// One client. It keeps to a node until that doesn't answer, or with 500 or above, and moves to the next one then.
pub(super) struct Client {
    number: u32,
    pub(super) node: usize,
    pub(super) site: Arc<Site>,
    pub(super) rng: Rng,
    pub(super) user: User,
    pub(super) session: Option<Session>,
}

impl Site {
    pub(super) fn new(wire: Wire, recorder: Arc<Recorder>) -> Arc<Self> {
        Arc::new(Self { wire, recorder, next_client: AtomicU32::new(0) })
    }

    /// A client of a user, without a session. Clients begin on different nodes.
    pub(super) fn client(self: &Arc<Self>, user: &User, rng: &mut Rng) -> Client {
        let number = self.next_client.fetch_add(1, Relaxed);
        let node = usize::try_from(number).unwrap() % self.wire.nodes.count();
        Client { number, node, site: Arc::clone(self), rng: rng.fork(), user: user.clone(), session: None }
    }
}

impl Client {
    /// Another client with the same session, or none.
    pub(super) fn twin(&mut self) -> Self {
        let user = self.user.clone();
        let twin = self.site.client(&user, &mut self.rng);
        Self { session: self.session.clone(), ..twin }
    }

    /// Moves to the next node.
    pub(super) fn move_on(&mut self) {
        self.node = (self.node + 1) % self.site.wire.nodes.count();
    }

    /// Sends a message with the token of the session, and records its outcome.
    pub(super) async fn send(&mut self, request: Request, message: Message, read: Read) -> Reply {
        let session = self.session.as_ref();
        let message = Message { token: session.map(|session| session.access_token.clone()), ..message };
        let caller = session.map(|session| session.caller.clone());
        self.send_as(caller, request, message, read).await
    }

    async fn send_as(&mut self, caller: Option<Caller>, request: Request, message: Message, read: Read) -> Reply {
        let call = self.call(caller, request).await;
        let reply = match self.site.wire.send(self.node, &message).await {
            Ok(answer) if answer.status >= 400 => {
                Reply { outcome: Outcome::Refused { status: answer.status, code: answer.code() }, answer: None }
            }
            Ok(answer) => Reply { outcome: read(&answer), answer: Some(answer) },
            Err(why) => Reply { outcome: Outcome::Unknown { why }, answer: None },
        };
        call.returned(reply.outcome.clone());
        if reply.outcome.is_unknown() {
            self.move_on();
        }
        reply
    }

    /// Begins a request to a node that runs.
    pub(super) async fn call(&mut self, caller: Option<Caller>, request: Request) -> Call {
        self.node = self.site.wire.nodes.available(self.node).await;
        self.site.recorder.call(self.number, u32::try_from(self.node).unwrap(), caller, request)
    }

    /// Logs in until that succeeds.
    pub(super) async fn log_in(&mut self) {
        loop {
            let body = json!({"email": self.user.email, "password": PASSWORD});
            self.exchange(Request::LogIn { user: self.user.id }, Message::post("/auth/login", body)).await;
            if self.session.is_some() {
                return;
            }
            sleep(PAUSE).await;
        }
    }

    /// Exchanges the refresh token. The session is that of the new tokens, or none if there are none.
    pub(super) async fn refresh(&mut self) -> Outcome {
        let refresh_token = self.session.as_ref().unwrap().refresh_token.clone();
        let claims = jwt::claims(&refresh_token);
        let [token, session] = ["jti", "sid"].map(|name| claims[name].as_str().unwrap().to_owned());
        let message = Message::post("/auth/refresh", json!({"refresh_token": refresh_token}));
        self.exchange(Request::Refresh { token, session }, message).await
    }

    async fn exchange(&mut self, request: Request, message: Message) -> Outcome {
        let Reply { outcome, answer } = self.send_as(None, request, message, answers::tokens).await;
        self.session = answer.map(|answer| Session::new(self.user.id, &answer.data()));
        outcome
    }

    /// Ends the session on the server. The client keeps its tokens.
    pub(super) async fn log_out(&mut self) -> Outcome {
        let session = self.session.as_ref().unwrap().caller.session.clone();
        let message = Message::new(Method::POST, "/auth/logout");
        self.send(Request::EndSession { session }, message, answers::done).await.outcome
    }

    pub(super) async fn who_am_i(&mut self) -> Outcome {
        self.send(Request::WhoAmI, Message::get("/auth/me"), answers::done).await.outcome
    }

    pub(super) async fn create_project(&mut self) -> Outcome {
        let message = Message::post("/projects", json!({"name": "Garden"}));
        self.send(Request::CreateProject, message, answers::project).await.outcome
    }

    pub(super) async fn create_task(
        &mut self,
        project: i64,
        title: &str,
        value: Option<String>,
        status: Status,
        key: Option<String>,
    ) -> Outcome {
        let body = json!({"title": title, "description": value, "status": word(status)});
        let message = Message::post(format!("/projects/{project}/tasks"), body).header("idempotency-key", key.clone());
        let request = Request::CreateTask { project, title: title.to_owned(), value, status, key };
        self.send(request, message, answers::task).await.outcome
    }

    pub(super) async fn read_task(&mut self, project: i64, task: i64, if_none_match: Option<i64>) -> Outcome {
        let message = Message::get(format!("/tasks/{task}")).header("if-none-match", if_none_match.map(tag));
        self.send(Request::ReadTask { project, task, if_none_match }, message, answers::task).await.outcome
    }

    pub(super) async fn change_task(
        &mut self,
        project: i64,
        task: i64,
        value: Option<String>,
        status: Option<Status>,
        if_match: Option<i64>,
    ) -> Outcome {
        let mut body = json!({});
        if let Some(value) = &value {
            body["description"] = json!(value);
        }
        if let Some(status) = status {
            body["status"] = json!(word(status));
        }
        let message = Message::new(Method::PATCH, format!("/tasks/{task}")).with_body(body);
        let message = message.header("if-match", if_match.map(tag));
        let request = Request::ChangeTask { project, task, value, status, if_match };
        self.send(request, message, answers::task).await.outcome
    }

    pub(super) async fn delete_task(&mut self, project: i64, task: i64, if_match: Option<i64>) -> Outcome {
        let message = Message::new(Method::DELETE, format!("/tasks/{task}")).header("if-match", if_match.map(tag));
        self.send(Request::DeleteTask { project, task, if_match }, message, answers::done).await.outcome
    }

    /// Reads all pages of the tasks of a project, and returns them with their statuses, unless a page fails.
    pub(super) async fn walk_tasks(&mut self, project: i64, limit: usize) -> Option<Vec<(i64, Status)>> {
        let (mut tasks, mut after, mut cursor) = (Vec::new(), None, None);
        loop {
            let path = page(&format!("/projects/{project}/tasks"), limit, cursor.take());
            let request = Request::ListTasks { project, after };
            let Reply { outcome, answer } = self.send(request, Message::get(path), answers::tasks).await;
            let Outcome::Tasks { tasks: page, has_more } = outcome else { return None };
            cursor = answer.as_ref().and_then(next_cursor);
            after = page.last().map(|task| task.id).or(after);
            tasks.extend(page.iter().map(|task| (task.id, task.status)));
            if !has_more {
                return Some(tasks);
            }
        }
    }

    pub(super) async fn create_comment(&mut self, project: i64, task: i64, body: &str, key: Option<String>) -> Outcome {
        let message = Message::post(format!("/tasks/{task}/comments"), json!({"body": body}));
        let message = message.header("idempotency-key", key.clone());
        let request = Request::CreateComment { project, task, body: body.to_owned(), key };
        self.send(request, message, answers::comment).await.outcome
    }

    /// Reads all pages of the comments of a task, unless one fails.
    pub(super) async fn walk_comments(&mut self, project: i64, task: i64, limit: usize) {
        let (mut after, mut cursor) = (None, None);
        loop {
            let path = page(&format!("/tasks/{task}/comments"), limit, cursor.take());
            let request = Request::ListComments { project, task, after };
            let Reply { outcome, answer } = self.send(request, Message::get(path), answers::comments).await;
            let Outcome::Comments { comments, has_more: true } = outcome else { return };
            cursor = answer.as_ref().and_then(next_cursor);
            after = comments.last().map(|comment| comment.id);
        }
    }

    pub(super) async fn statistics(&mut self, project: i64) -> Outcome {
        let message = Message::get(format!("/projects/{project}/stats"));
        self.send(Request::Statistics { project }, message, answers::statistics).await.outcome
    }

    pub(super) async fn add_member(&mut self, project: i64, user: i64) -> Outcome {
        let message = Message::new(Method::PUT, format!("/projects/{project}/members/{user}"));
        let message = message.with_body(json!({"role": "editor"}));
        self.send(Request::AddMember { project, user }, message, answers::done).await.outcome
    }

    pub(super) async fn remove_member(&mut self, project: i64, user: i64) -> Outcome {
        let message = Message::new(Method::DELETE, format!("/projects/{project}/members/{user}"));
        self.send(Request::RemoveMember { project, user }, message, answers::done).await.outcome
    }
}

impl Session {
    fn new(user: i64, tokens: &Value) -> Self {
        let [access_token, refresh_token] =
            ["access_token", "refresh_token"].map(|name| tokens[name].as_str().unwrap().to_owned());
        let session = jwt::claims(&access_token)["sid"].as_str().unwrap().to_owned();
        Self { caller: Caller { user, session }, access_token, refresh_token }
    }
}

/// The entity tag of a version.
fn tag(version: i64) -> String {
    format!("\"{version}\"")
}

fn page(path: &str, limit: usize, cursor: Option<String>) -> String {
    let cursor = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
    format!("{path}?limit={limit}{cursor}")
}

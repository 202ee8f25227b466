//! The requests of an operation, over the rows of `tests/bench/seed`.

use crate::{
    Outcome,
    connection::Answer,
    data::{Data, PAGE},
    operation::Operation,
    request,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;

/// The tasks that a connection reads again and again where it has their entity tags.
const TAGGED_TASKS: u64 = 16;

/// The id of the project of [`Operation::HotProject`].
const HOT_PROJECT: u64 = 1;

pub struct Scenario {
    operation: Operation,
    data: Data,
    tokens: Vec<String>,
    connections: u64,
    /// What each connection has from responses: the entity tags of its tasks, or its refresh token.
    received: Vec<Vec<String>>,
}

/// A change of a task's status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Change {
    pub task: u64,
    /// To `in_progress`, otherwise back to `todo`.
    pub begins: bool,
}

impl Change {
    pub fn status(self) -> &'static str {
        if self.begins { "in_progress" } else { "todo" }
    }
}

/// The response to a login or a refresh, as far as it is used.
#[derive(Deserialize)]
struct Session {
    data: Tokens,
}

#[derive(Deserialize)]
struct Tokens {
    refresh_token: String,
}

impl Scenario {
    /// `sessions` are refresh tokens of a run before. Fails if there are not enough access tokens or tasks.
    pub fn new(
        operation: Operation,
        data: Data,
        tokens: Vec<String>,
        sessions: Vec<String>,
        connections: usize,
    ) -> Outcome<Self> {
        if (tokens.len() as u64) < data.users {
            return Err(format!("{} tokens for {} users", tokens.len(), data.users).into());
        }
        data.check(connections as u64)?;
        if operation.assigns() && data.readers == 0 {
            return Err("there is nobody to assign tasks to".into());
        }
        let mut received: Vec<_> = sessions.into_iter().take(connections).map(|token| vec![token]).collect();
        received.resize(connections, Vec::new());
        Ok(Self { operation, data, tokens, connections: connections as u64, received })
    }

    /// The access token of each user.
    pub fn tokens(&self) -> &[String] {
        &self.tokens
    }

    /// The refresh token of each connection.
    pub fn sessions(&self) -> impl Iterator<Item = &str> {
        self.received.iter().flatten().map(String::as_str)
    }

    /// How many requests each connection sends before the load.
    pub fn preparations(&self) -> u64 {
        match self.operation {
            Operation::NotModified => TAGGED_TASKS,
            Operation::Refresh if self.received.iter().any(Vec::is_empty) => 1,
            _ => 0,
        }
    }

    /// Writes request `n` of those before the load.
    pub fn prepare(&self, request: &mut Vec<u8>, connection: usize, n: u64) -> Outcome {
        if self.operation == Operation::Refresh {
            // Of the last third of the users, who have no other sessions.
            return login(request, 2 * self.data.users + connection as u64 % self.data.users + 1);
        }
        self.read(request, self.turn(connection, n))
    }

    /// Keeps what later requests need.
    pub fn receive(&mut self, connection: usize, answer: &Answer<'_>) -> Outcome {
        match self.operation {
            Operation::NotModified if answer.status == 200 => {
                self.received[connection].push(answer.header("etag")?.ok_or("a task without an ETag")?);
            }
            Operation::Refresh if answer.status == 200 => {
                let Session { data } = serde_json::from_slice(answer.body)?;
                self.received[connection] = vec![data.refresh_token];
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether a connection may end after `n` requests. Changes of status come in pairs, so that each run starts with
    /// tasks that are to do.
    pub fn may_end_after(&self, n: u64) -> bool {
        self.operation != Operation::Status || n.is_multiple_of(2)
    }

    /// Request `n` of a connection, where the operation is [`Operation::Status`]. No two connections change the same task.
    pub fn change(&self, connection: usize, n: u64) -> Change {
        let rounds = self.data.tasks / self.connections;
        let task = self.data.task(self.turn(connection, n / 2 % rounds));
        Change { task, begins: n.is_multiple_of(2) }
    }

    /// The number of the user that a task is assigned to, from 0.
    pub fn assignee(&self, task: u64) -> u64 {
        self.data.assignee(task)
    }

    /// Writes request `n` of a connection.
    pub fn write(&self, request: &mut Vec<u8>, connection: usize, n: u64) -> Outcome {
        let turn = self.turn(connection, n);
        match self.operation {
            Operation::Constant => request.extend_from_slice(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
            Operation::Health => request.extend_from_slice(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"),
            Operation::NotModified => {
                let (task, tags) =
                    (self.data.task(self.turn(connection, n % TAGGED_TASKS)), &self.received[connection]);
                let tag = tags.get(usize::try_from(n % TAGGED_TASKS)?).ok_or("a task was read without an ETag")?;
                request::get_unless(request, self.token_for(task), format_args!("/tasks/{task}"), tag)?;
            }
            Operation::List => {
                let project = self.data.project(turn);
                request::get(request, self.token(project), format_args!("/projects/{project}/tasks?limit=50"))?;
            }
            Operation::Filtered => {
                let (project, label) = self.data.label(turn);
                let query = format!("limit=50&status=done&label={label}");
                request::get(request, self.token(project), format_args!("/projects/{project}/tasks?{query}"))?;
            }
            Operation::Page => {
                let project = self.data.project(turn);
                let after = self.data.task_before_page(turn);
                let cursor = URL_SAFE_NO_PAD.encode(format!("{{\"id\": {after}}}"));
                let query = format!("limit={PAGE}&cursor={cursor}");
                request::get(request, self.token(project), format_args!("/projects/{project}/tasks?{query}"))?;
            }
            Operation::Create => self.create(request, self.data.project(turn), None)?,
            Operation::Assigned => self.create(request, self.data.project(turn), Some(self.data.reader(turn)))?,
            Operation::HotUser => self.create(request, self.data.project(turn), Some(self.data.reader(0)))?,
            Operation::HotProject => self.create(request, HOT_PROJECT, Some(self.data.reader(turn)))?,
            Operation::Status => {
                let change = self.change(connection, n);
                let (task, body) = (change.task, format!(r#"{{"status":"{}"}}"#, change.status()));
                request::send(request, self.token_for(task), "PATCH", format_args!("/tasks/{task}"), &body)?;
            }
            Operation::Comment => {
                let task = self.data.task(turn);
                let body = r#"{"body":"Done by the evening, if the rain stops."}"#;
                request::send(request, self.token_for(task), "POST", format_args!("/tasks/{task}/comments"), body)?;
            }
            Operation::Mix if n.is_multiple_of(10) => self.create(request, self.data.project(turn), None)?,
            Operation::Read | Operation::Mix => self.read(request, turn)?,
            Operation::Login => login(request, self.data.users + turn % self.data.users + 1)?,
            Operation::Refresh => {
                let token = self.received[connection].first().ok_or("a connection without a session")?;
                request::post(request, "/auth/refresh", &format!(r#"{{"refresh_token":"{token}"}}"#))?;
            }
        }
        Ok(())
    }

    fn turn(&self, connection: usize, n: u64) -> u64 {
        n.wrapping_mul(self.connections).wrapping_add(connection as u64)
    }

    fn read(&self, request: &mut Vec<u8>, turn: u64) -> Outcome {
        let task = self.data.task(turn);
        request::get(request, self.token_for(task), format_args!("/tasks/{task}"))
    }

    fn create(&self, request: &mut Vec<u8>, project: u64, assignee: Option<u64>) -> Outcome {
        let assignee = assignee.map(|user| format!(r#","assignee_id":{user}"#)).unwrap_or_default();
        let body = format!(r#"{{"title":"Paint the fence behind the house"{assignee}}}"#);
        request::send(request, self.token(project), "POST", format_args!("/projects/{project}/tasks"), &body)
    }

    /// The token of the project's owner.
    fn token(&self, project: u64) -> &str {
        // `new` counted them, and the owner's number is below that.
        &self.tokens[usize::try_from(self.data.owner(project)).unwrap_or_default()]
    }

    /// The token of the owner of the task's project.
    fn token_for(&self, task: u64) -> &str {
        self.token(self.data.project_of(task))
    }
}

fn login(request: &mut Vec<u8>, user: u64) -> Outcome {
    let body = format!(r#"{{"email":"user{user}@example.org","password":"correct horse battery staple"}}"#);
    request::post(request, "/auth/login", &body)
}

#[cfg(test)]
mod tests;

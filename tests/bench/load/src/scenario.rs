//! The requests of an operation, over the rows of `tests/bench/seed`.

use crate::Outcome;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use clap::{Args, ValueEnum};
use std::io::Write;

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Operation {
    /// GET `/`
    Constant,
    /// GET `/health/live`
    Health,
    /// GET `/tasks/{id}`
    Read,
    /// GET `/projects/{id}/tasks?limit=50`
    List,
    /// The same, from anywhere in the project
    Page,
    /// POST `/projects/{id}/tasks`
    Create,
    /// PATCH `/tasks/{id}`: to `in_progress` and back
    Status,
    /// POST `/tasks/{id}/comments`
    Comment,
    /// Nine reads, one create
    Mix,
    /// POST `/auth/login`
    Login,
}

/// How many rows were seeded. Project p belongs to user (p - 1) % users + 1, task t to project (t - 1) % projects + 1.
#[derive(Args)]
pub struct Data {
    #[arg(long)]
    pub users: u64,
    #[arg(long)]
    pub projects: u64,
    #[arg(long)]
    pub tasks: u64,
}

pub struct Scenario {
    operation: Operation,
    data: Data,
    tokens: Vec<String>,
    connections: u64,
}

/// A prime: as long as it divides no number of rows, its multiples visit each row once, far from the one before.
const STRIDE: u64 = 7919;

impl Scenario {
    /// Fails if there are not enough tokens, or too few tasks for each connection to have its own.
    pub fn new(operation: Operation, data: Data, tokens: Vec<String>, connections: usize) -> Outcome<Self> {
        if (tokens.len() as u64) < data.users {
            return Err(format!("{} tokens for {} users", tokens.len(), data.users).into());
        }
        let connections = connections as u64;
        if data.tasks < connections || data.tasks.is_multiple_of(STRIDE) || data.projects.is_multiple_of(STRIDE) {
            return Err(
                format!("{} tasks in {} projects for {connections} connections", data.tasks, data.projects).into()
            );
        }
        Ok(Self { operation, data, tokens, connections })
    }

    /// Whether a connection may end after `n` requests. Changes of status come in pairs, so that each run starts with
    /// tasks that are to do.
    pub fn may_end_after(&self, n: u64) -> bool {
        self.operation != Operation::Status || n.is_multiple_of(2)
    }

    /// Writes request `n` of a connection. No two connections change the same task at once.
    pub fn write(&self, request: &mut Vec<u8>, connection: u64, n: u64) -> Outcome {
        let turn = |n: u64| n.wrapping_mul(self.connections).wrapping_add(connection);
        match self.operation {
            Operation::Constant => write!(request, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")?,
            Operation::Health => write!(request, "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")?,
            Operation::List => {
                let project = self.project(turn(n));
                self.get(request, project, format_args!("/projects/{project}/tasks?limit=50"))?;
            }
            Operation::Page => {
                let project = self.project(turn(n));
                let after = spread(turn(n) / self.data.projects, self.data.tasks);
                let cursor = URL_SAFE_NO_PAD.encode(format!("{{\"id\":{after}}}"));
                self.get(request, project, format_args!("/projects/{project}/tasks?limit=50&cursor={cursor}"))?;
            }
            Operation::Create => self.create(request, turn(n))?,
            Operation::Status => {
                let rounds = self.data.tasks / self.connections;
                let task = spread(turn(n / 2 % rounds), self.data.tasks);
                let status = if n.is_multiple_of(2) { "in_progress" } else { "todo" };
                let body = format!(r#"{{"status":"{status}"}}"#);
                self.send(request, self.project_of(task), "PATCH", format_args!("/tasks/{task}"), &body)?;
            }
            Operation::Comment => {
                let task = spread(turn(n), self.data.tasks);
                let body = r#"{"body":"Done by the evening, if the rain stops."}"#;
                self.send(request, self.project_of(task), "POST", format_args!("/tasks/{task}/comments"), body)?;
            }
            Operation::Mix if n.is_multiple_of(10) => self.create(request, turn(n))?,
            Operation::Read | Operation::Mix => self.read(request, turn(n))?,
            Operation::Login => {
                let user = self.data.users + turn(n) % self.data.users + 1;
                let body = format!(r#"{{"email":"user{user}@example.org","password":"correct horse battery staple"}}"#);
                let length = body.len();
                write!(
                    request,
                    "POST /auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
                     Content-Length: {length}\r\n\r\n{body}"
                )?;
            }
        }
        Ok(())
    }

    fn read(&self, request: &mut Vec<u8>, turn: u64) -> Outcome {
        let task = spread(turn, self.data.tasks);
        self.get(request, self.project_of(task), format_args!("/tasks/{task}"))
    }

    fn create(&self, request: &mut Vec<u8>, turn: u64) -> Outcome {
        let project = self.project(turn);
        let body = r#"{"title":"Paint the fence behind the house"}"#;
        self.send(request, project, "POST", format_args!("/projects/{project}/tasks"), body)
    }

    fn get(&self, request: &mut Vec<u8>, project: u64, path: std::fmt::Arguments<'_>) -> Outcome {
        let token = self.token(project);
        Ok(write!(request, "GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n")?)
    }

    fn send(
        &self,
        request: &mut Vec<u8>,
        project: u64,
        method: &str,
        path: std::fmt::Arguments<'_>,
        body: &str,
    ) -> Outcome {
        let (token, length) = (self.token(project), body.len());
        Ok(write!(
            request,
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        )?)
    }

    fn project(&self, turn: u64) -> u64 {
        spread(turn, self.data.projects)
    }

    fn project_of(&self, task: u64) -> u64 {
        (task - 1) % self.data.projects + 1
    }

    /// The token of the project's owner.
    fn token(&self, project: u64) -> &str {
        let owner = (project - 1) % self.data.users;
        // `new` counted them, and the remainder is below that.
        &self.tokens[usize::try_from(owner).unwrap_or_default()]
    }
}

/// The id of a row, 1 to `rows`. `rows` turns in a row give each id once.
fn spread(turn: u64, rows: u64) -> u64 {
    (turn % rows) * STRIDE % rows + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn scenario(operation: Operation, connections: usize) -> Scenario {
        let data = Data { users: 10, projects: 1000, tasks: 100_000 };
        Scenario::new(operation, data, (0..10).map(|user| format!("token{user}")).collect(), connections).unwrap()
    }

    fn request(scenario: &Scenario, connection: u64, n: u64) -> String {
        let mut request = Vec::new();
        scenario.write(&mut request, connection, n).unwrap();
        String::from_utf8(request).unwrap()
    }

    #[test]
    fn every_row_has_its_turn() {
        let ids: BTreeSet<_> = (5..100_005).map(|turn| spread(turn, 100_000)).collect();
        assert_eq!((ids.len(), ids.first(), ids.last()), (100_000, Some(&1), Some(&100_000)));
    }

    #[test]
    fn owner_of_the_project_asks() {
        let read = request(&scenario(Operation::Read, 64), 3, 7);
        let task: u64 = read["GET /tasks/".len()..].split(' ').next().unwrap().parse().unwrap();
        let owner = (task - 1) % 1000 % 10;
        assert!(read.contains(&format!("Bearer token{owner}\r\n")), "{read}");
    }

    #[test]
    fn status_goes_forth_and_back() {
        let scenario = scenario(Operation::Status, 64);
        let (forth, back) = (request(&scenario, 9, 4), request(&scenario, 9, 5));
        assert_eq!(forth.lines().next(), back.lines().next());
        assert!(forth.ends_with(r#"{"status":"in_progress"}"#) && back.ends_with(r#"{"status":"todo"}"#));
        assert!(scenario.may_end_after(4) && !scenario.may_end_after(5));
    }

    #[test]
    fn connections_change_different_tasks() {
        let scenario = scenario(Operation::Status, 64);
        let mut seen = BTreeSet::new();
        for connection in 0..64 {
            let mine =
                (0..2 * 100_000 / 64).map(|n| request(&scenario, connection, n).lines().next().unwrap().to_owned());
            let mine: BTreeSet<_> = mine.collect();
            assert!(mine.is_disjoint(&seen));
            seen.extend(mine);
        }
    }

    #[test]
    fn body_has_its_length() {
        for operation in [Operation::Create, Operation::Comment, Operation::Login, Operation::Status] {
            let request = request(&scenario(operation, 8), 0, 0);
            let (head, body) = request.split_once("\r\n\r\n").unwrap();
            assert!(head.contains(&format!("Content-Length: {}", body.len())), "{request}");
        }
    }
}

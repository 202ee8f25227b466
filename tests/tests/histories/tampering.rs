//! Planted faults of a server, as its clients would see them: messages and answers are changed on their way.

use super::message::Message;
use fasttrack_tests::Answer;
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

/// Of how many occasions a fault takes one.
const ONE_OF: usize = 4;

/// A planted fault.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Lie {
    /// GET of a task answers what it answered first.
    StaleRead,
    /// Some changes are answered with 200 and never done.
    LostChange,
    /// `If-Match` is ignored.
    IgnoredPrecondition,
    /// A creation with an `Idempotency-Key` is done once more with another one.
    RepeatedCreation,
    /// A token that was accepted once is accepted later too.
    RememberedToken,
    /// Some pages of the change feed lack their last task.
    GapInFeed,
    /// Some pages of tasks lack their first one.
    GapInList,
}

/// Changes messages and answers.
pub(super) struct Tampering {
    lie: Lie,
    occasions: AtomicUsize,
    answers: Mutex<HashMap<String, Answer>>,
}

impl Tampering {
    pub(super) fn new(lie: Lie) -> Self {
        Self { lie, occasions: AtomicUsize::new(0), answers: Mutex::default() }
    }

    fn is_occasion(&self) -> bool {
        self.occasions.fetch_add(1, Relaxed) % ONE_OF == ONE_OF - 1
    }

    /// The message that is sent in place of another, and one that is sent before it.
    pub(super) fn sent(&self, message: &Message) -> (Option<Message>, Message) {
        let (mut before, mut sent) = (None, message.clone());
        match self.lie {
            Lie::LostChange
                if message.method == Method::PATCH && !message.has_header("if-match") && self.is_occasion() =>
            {
                sent.method = Method::GET;
                sent.body = None;
            }
            Lie::IgnoredPrecondition => sent.headers.retain(|(name, _)| *name != "if-match"),
            Lie::RepeatedCreation if message.has_header("idempotency-key") => {
                let mut again = message.clone();
                for (_, key) in &mut again.headers {
                    key.push_str("-again");
                }
                before = Some(again);
            }
            _ => {}
        }
        (before, sent)
    }

    /// The answer that is shown in place of the one to `sent`.
    pub(super) fn shown(&self, message: &Message, sent: &Message, answer: Answer) -> Answer {
        let is_read = message.method == Method::GET;
        match self.lie {
            Lie::StaleRead if is_read && is_task(&message.path) && answer.status == 200 => {
                self.first_answer(message.path.clone(), answer)
            }
            Lie::LostChange if message.method != sent.method && answer.status == 200 => changed(message, answer),
            Lie::RememberedToken if is_read && message.path == "/auth/me" => {
                let token = message.token.clone().unwrap_or_default();
                if answer.status == 200 || self.answers.lock().unwrap().contains_key(&token) {
                    return self.first_answer(token, answer);
                }
                answer
            }
            Lie::GapInFeed if is_read && message.path.starts_with("/changes") && answer.status == 200 => {
                edited(answer, |data| {
                    let changes = data["changes"].as_array_mut().unwrap();
                    let last = changes.iter().rposition(|change| change["type"] == "task" && change["op"] == "put");
                    if let Some(last) = last.filter(|_| self.is_occasion()) {
                        changes.remove(last);
                    }
                })
            }
            Lie::GapInList if is_read && is_task_list(&message.path) && answer.status == 200 => {
                edited(answer, |data| {
                    let items = data["items"].as_array_mut().unwrap();
                    if items.len() > 1 && self.is_occasion() {
                        items.remove(0);
                    }
                })
            }
            _ => answer,
        }
    }

    fn first_answer(&self, key: String, answer: Answer) -> Answer {
        self.answers.lock().unwrap().entry(key).or_insert(answer).clone()
    }
}

fn is_task(path: &str) -> bool {
    path.strip_prefix("/tasks/").is_some_and(|id| id.parse::<i64>().is_ok())
}

fn is_task_list(path: &str) -> bool {
    path.starts_with("/projects/") && path.split('?').next().is_some_and(|path| path.ends_with("/tasks"))
}

/// The answer with another payload.
fn edited(mut answer: Answer, edit: impl FnOnce(&mut Value)) -> Answer {
    let mut body = answer.json();
    edit(&mut body["data"]);
    answer.body = body.to_string();
    answer
}

/// The answer to a GET as that to the PATCH that should have been sent.
fn changed(message: &Message, answer: Answer) -> Answer {
    let mut version = 0;
    let mut shown = edited(answer, |task| {
        for (name, value) in message.body.as_ref().and_then(Value::as_object).into_iter().flatten() {
            task[name] = value.clone();
        }
        version = task["version"].as_i64().unwrap() + 1;
        task["version"] = json!(version);
    });
    shown.headers.insert("etag", format!("\"{version}\"").parse().unwrap());
    shown
}

//! Executions of a server that does everything right, one request after the other, with times that overlap at random.

use super::builder::{PROJECT, create, create_with_key, delete, list, ms, put_project, refused, unknown};
use crate::history::{Caller, Change, Limits, Operation, Outcome, Request, Status, Task, check};
use proptest::prelude::*;
use std::collections::{BTreeMap, HashMap};

/// The client that follows the feed.
const FOLLOWER: u32 = 9;

/// Milliseconds between effects. All happens within a run of a few seconds.
const STEP: u64 = 50;

#[derive(Clone, Debug)]
enum Action {
    Create { has_key: bool },
    Retry(usize),
    Read { task: usize, has_version: bool },
    Describe { task: usize, if_match: Option<i64> },
    SetStatus(usize, Status),
    Delete(usize),
    List,
    Follow,
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Answered,
    /// It has its effect, perhaps after its client gave up.
    AnswerLost,
    RequestLost,
}

#[derive(Clone, Debug)]
struct Step {
    client: u32,
    action: Action,
    fate: Fate,
    /// How long before and after its effect it is called and returns, in milliseconds.
    around: (u64, u64),
}

#[derive(Clone, Debug, Default)]
struct Server {
    tasks: BTreeMap<i64, Task>,
    /// Tasks that were ever there, and those of them that an answer has shown: nobody else knows their ids.
    ids: Vec<i64>,
    shown: Vec<i64>,
    /// The answers to keys, by the number of the creation.
    keys: HashMap<i64, Task>,
    log: Vec<Change>,
}

impl Server {
    /// The id of the n-th task that was shown, or one that isn't there.
    fn id(&self, n: usize) -> i64 {
        self.shown.get(n % self.shown.len().max(1)).copied().unwrap_or(i64::MAX)
    }

    fn show(&mut self, outcome: &Outcome) {
        let ids: Vec<i64> = match outcome {
            Outcome::Task { task, .. } => vec![task.id],
            Outcome::Tasks { tasks, .. } => tasks.iter().map(|task| task.id).collect(),
            _ => return,
        };
        let new = ids.into_iter().filter(|id| !self.shown.contains(id)).collect::<Vec<_>>();
        self.shown.extend(new);
    }

    fn store(&mut self, task: Task) -> Outcome {
        self.log.push(Change::PutTask { project: PROJECT, task: task.clone() });
        self.tasks.insert(task.id, task.clone());
        Outcome::Task { etag: Some(task.version), task, replayed: false }
    }

    /// Makes a task of this number, which is in its title.
    fn create(&mut self, number: i64, has_key: bool) -> Outcome {
        if let Some(task) = self.keys.get(&number) {
            return Outcome::Task { task: task.clone(), etag: Some(1), replayed: true };
        }
        let task = Task { id: 1000 + i64::try_from(self.ids.len()).unwrap(), ..super::builder::task(number, 1) };
        self.ids.push(task.id);
        if has_key {
            self.keys.insert(number, task.clone());
        }
        self.store(task)
    }

    fn change(&mut self, id: i64, if_match: Option<i64>, value: Option<&str>, status: Option<Status>) -> Outcome {
        let Some(before) = self.tasks.get(&id).cloned() else { return refused(404, "not_found") };
        if if_match.is_some_and(|version| version != before.version) {
            return refused(412, "precondition_failed");
        }
        let status = status.unwrap_or(before.status);
        if matches!((before.status, status), (Status::Todo, Status::Done) | (Status::Done, Status::Todo)) {
            return refused(409, "invalid_status_transition");
        }
        let value = value.map(str::to_owned).or(before.value.clone());
        let after = Task { value, status, ..before.clone() };
        if after == before {
            return Outcome::Task { etag: Some(after.version), task: after, replayed: false };
        }
        self.store(Task { version: before.version + 1, ..after })
    }

    fn delete(&mut self, id: i64) -> Outcome {
        if self.tasks.remove(&id).is_none() {
            return refused(404, "not_found");
        }
        self.log.push(Change::DeleteTask { project: PROJECT, task: id });
        Outcome::Done
    }

    fn read(&self, id: i64, if_none_match: Option<i64>) -> Outcome {
        match self.tasks.get(&id) {
            None => refused(404, "not_found"),
            Some(task) if if_none_match == Some(task.version) => Outcome::NotModified,
            Some(task) => Outcome::Task { task: task.clone(), etag: Some(task.version), replayed: false },
        }
    }

    /// What changed since this length of the log, each task once at its latest.
    fn changes(&self, since: usize) -> Vec<Change> {
        let id = |change: &Change| match change {
            Change::PutTask { task, .. } => Some(task.id),
            Change::DeleteTask { task, .. } => Some(*task),
            _ => None,
        };
        let new = &self.log[since..];
        let is_latest = |place: &usize| new[place + 1..].iter().all(|later| id(later) != id(&new[*place]));
        let latest = (0..new.len()).filter(is_latest).map(|place| new[place].clone());
        (since == 0).then(put_project).into_iter().chain(latest).collect()
    }
}

/// Runs the steps in their order.
fn execute(steps: &[Step]) -> Vec<Operation> {
    let (mut server, mut keys, mut operations) = (Server::default(), Vec::new(), Vec::new());
    let mut cursor: Option<String> = None;
    for (step, number) in steps.iter().zip(1..) {
        let before = server.clone();
        let (request, outcome) = perform(&mut server, &mut keys, cursor.as_deref(), number, &step.action);
        let outcome = match step.fate {
            Fate::Answered => outcome,
            Fate::AnswerLost => unknown(),
            Fate::RequestLost => {
                server = before;
                refused(503, "unavailable")
            }
        };
        server.show(&outcome);
        if let Outcome::Changes { cursor: next, .. } = &outcome {
            cursor = Some(next.clone());
        }
        let client = if matches!(step.action, Action::Follow) { FOLLOWER } else { step.client };
        let caller = Some(Caller { user: client.into(), session: format!("s{client}") });
        let at = u64::try_from(number).unwrap() * STEP;
        operations.push(Operation { client, node: client % 2, caller, called: at, returned: at, request, outcome });
    }
    overlap(&mut operations, steps);
    operations
}

fn perform(
    server: &mut Server,
    keys: &mut Vec<i64>,
    cursor: Option<&str>,
    number: i64,
    action: &Action,
) -> (Request, Outcome) {
    match action {
        Action::Create { has_key: true } => {
            keys.push(number);
            (create_with_key(number), server.create(number, true))
        }
        Action::Create { has_key: false } => (create(number), server.create(number, false)),
        Action::Retry(n) if !keys.is_empty() => {
            let number = keys[n % keys.len()];
            (create_with_key(number), server.create(number, true))
        }
        Action::Read { task, has_version } => {
            let id = server.id(*task);
            let version = server.tasks.get(&id).map(|task| task.version);
            let if_none_match = version.filter(|_| *has_version);
            let request = Request::ReadTask { project: PROJECT, task: id, if_none_match };
            (request, server.read(id, if_none_match))
        }
        Action::Describe { task, if_match } => {
            let (task, value) = (server.id(*task), format!("by step {number}"));
            let outcome = server.change(task, *if_match, Some(&value), None);
            let (value, if_match) = (Some(value), *if_match);
            (Request::ChangeTask { project: PROJECT, task, value, status: None, if_match }, outcome)
        }
        Action::SetStatus(task, status) => {
            let (task, status) = (server.id(*task), Some(*status));
            let outcome = server.change(task, None, None, status);
            (Request::ChangeTask { project: PROJECT, task, value: None, status, if_match: None }, outcome)
        }
        Action::Delete(task) => {
            let id = server.id(*task);
            (delete(id), server.delete(id))
        }
        Action::Follow => {
            let since = cursor.map_or(0, |cursor| cursor.parse().unwrap());
            let (changes, cursor_after) = (server.changes(since), server.log.len().to_string());
            let request = Request::Changes { since: cursor.map(str::to_owned) };
            (request, Outcome::Changes { changes, cursor: cursor_after, has_more: false })
        }
        Action::List | Action::Retry(_) => {
            (list(), Outcome::Tasks { tasks: server.tasks.values().cloned().collect(), has_more: false })
        }
    }
}

/// Widens the times around each effect, as far as its client sends one request after the other.
fn overlap(operations: &mut [Operation], steps: &[Step]) {
    let effects: Vec<u64> = operations.iter().map(|operation| operation.called).collect();
    let clients: Vec<u32> = operations.iter().map(|operation| operation.client).collect();
    let mut free: HashMap<u32, u64> = HashMap::new();
    for (place, operation) in operations.iter_mut().enumerate() {
        let (client, effect, (before, after)) = (clients[place], effects[place], steps[place].around);
        let next = (place + 1..effects.len()).find(|later| clients[*later] == client);
        let called = effect.saturating_sub(before).max(free.get(&client).map_or(0, |free| free + 1));
        let returned = next.map_or(effect + after, |next| (effect + after).min(effects[next] - 1));
        // Nobody waits for an effect whose answer is lost.
        let returned = if operation.is_unknown() { called } else { returned };
        free.insert(client, returned);
        (operation.called, operation.returned) = (ms(called), ms(returned));
    }
}

fn actions() -> impl Strategy<Value = Action> {
    let task = || 0usize..4;
    let status = prop::sample::select(vec![Status::Todo, Status::InProgress, Status::Done]);
    prop_oneof![
        any::<bool>().prop_map(|has_key| Action::Create { has_key }),
        task().prop_map(Action::Retry),
        (task(), any::<bool>()).prop_map(|(task, has_version)| Action::Read { task, has_version }),
        (task(), prop::option::of(1i64..4)).prop_map(|(task, if_match)| Action::Describe { task, if_match }),
        (task(), status).prop_map(|(task, status)| Action::SetStatus(task, status)),
        task().prop_map(Action::Delete),
        Just(Action::List),
        Just(Action::Follow),
    ]
}

fn executions() -> impl Strategy<Value = Vec<Step>> {
    let fate = prop_oneof![6 => Just(Fate::Answered), 1 => Just(Fate::AnswerLost), 1 => Just(Fate::RequestLost)];
    let step = (1u32..5, actions(), fate, (0u64..200, 0u64..200));
    let step = step.prop_map(|(client, action, fate, around)| Step { client, action, fate, around });
    prop::collection::vec(step, 1..60)
}

proptest! {
    #[test]
    fn honest_executions_are_right(steps in executions()) {
        let history = execute(&steps);
        let report = check(&history, &Limits::contract());
        prop_assert!(report.is_right() && report.undecided.is_empty(), "{report}");
    }
}

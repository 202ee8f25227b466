//! What happens once: creations with their retries, and exchanges of refresh tokens.

use super::{
    endings::Endings,
    observations::{Observation, comments},
    record::{Operation, Outcome, Request},
    report::{Report, Rule},
};
use std::collections::{BTreeMap, HashMap};

pub(super) fn check(
    history: &[Operation],
    observed: &[Observation<'_>],
    endings: &Endings<'_>,
    report: &mut Report<'_>,
) {
    let tasks: Vec<_> = observed.iter().map(|it| (it.operation, it.task.title.as_str(), it.task.id)).collect();
    check_created("task", &tasks, report);
    let comments: Vec<_> =
        comments(history).into_iter().map(|(place, comment)| (place, comment.body.as_str(), comment.id)).collect();
    check_created("comment", &comments, report);
    check_keys(history, report);
    check_exchanges(history, endings, report);
    check_issued(history, report);
}

/// Each text has one id, and each id one text.
fn check_created(kind: &str, created: &[(usize, &str, i64)], report: &mut Report<'_>) {
    let mut ids: BTreeMap<&str, BTreeMap<i64, usize>> = BTreeMap::new();
    let mut texts: BTreeMap<i64, BTreeMap<&str, usize>> = BTreeMap::new();
    for (place, text, id) in created {
        ids.entry(*text).or_default().entry(*id).or_insert(*place);
        texts.entry(*id).or_default().entry(*text).or_insert(*place);
    }
    for (text, ids) in ids.iter().filter(|(_, ids)| ids.len() > 1) {
        let what = format!("the creation of {kind} {text:?} has {} effects", ids.len());
        report.add(Rule::SingleEffect, what, ids.values().copied().collect::<Vec<_>>());
    }
    for (id, texts) in texts.iter().filter(|(_, texts)| texts.len() > 1) {
        let what = format!("{kind} {id} was created as {} different ones", texts.len());
        report.add(Rule::SingleEffect, what, texts.values().copied().collect::<Vec<_>>());
    }
}

/// Of the answers to one key all but one are replayed.
fn check_keys(history: &[Operation], report: &mut Report<'_>) {
    let mut first: BTreeMap<(i64, &str), Vec<usize>> = BTreeMap::new();
    for (place, operation) in history.iter().enumerate() {
        let (Request::CreateTask { key: Some(key), .. } | Request::CreateComment { key: Some(key), .. }, Some(caller)) =
            (&operation.request, &operation.caller)
        else {
            continue;
        };
        let is_first = matches!(
            operation.outcome,
            Outcome::Task { replayed: false, .. } | Outcome::Comment { replayed: false, .. }
        );
        if is_first {
            first.entry((caller.user, key.as_str())).or_default().push(place);
        }
    }
    for ((user, key), places) in first.into_iter().filter(|(_, places)| places.len() > 1) {
        let what = format!("{} answers to key {key:?} of user {user} aren't replayed", places.len());
        report.add(Rule::SingleEffect, what, places);
    }
}

fn check_exchanges(history: &[Operation], endings: &Endings<'_>, report: &mut Report<'_>) {
    let mut attempts: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let issues: HashMap<&str, usize> =
        history.iter().enumerate().filter_map(|(place, operation)| Some((issued(operation)?, place))).collect();
    for (place, operation) in history.iter().enumerate() {
        if let Request::Refresh { token, .. } = &operation.request {
            attempts.entry(token.as_str()).or_default().push(place);
        }
    }
    for (token, places) in attempts {
        let winners: Vec<_> = places.iter().copied().filter(|place| history[*place].is_success()).collect();
        if winners.len() > 1 {
            report.add(Rule::SingleExchange, format!("refresh token {token} has {} winners", winners.len()), winners);
        }
        for place in places.iter().copied().filter(|place| history[*place].is_refused(401)) {
            let refused = &history[place];
            let may_have_spent =
                |other: &Operation| (other.is_success() || other.is_unknown()) && other.called <= refused.returned;
            let is_spent = places.iter().any(|other| *other != place && may_have_spent(&history[*other]));
            let Request::Refresh { session, .. } = &refused.request else { continue };
            let is_ended = endings.may_have_ended(session, refused.returned);
            if let Some(issue) = issues.get(token).filter(|_| !is_spent && !is_ended) {
                report.add(Rule::SingleExchange, format!("good refresh token {token} is refused"), [*issue, place]);
            }
        }
    }
}

/// No token is issued twice.
fn check_issued(history: &[Operation], report: &mut Report<'_>) {
    let mut places = HashMap::new();
    for (place, operation) in history.iter().enumerate() {
        let Some(token) = issued(operation) else { continue };
        if let Some(before) = places.insert(token, place) {
            report.add(Rule::SingleExchange, format!("refresh token {token} is issued twice"), [before, place]);
        }
    }
}

/// The refresh token in an answer.
fn issued(operation: &Operation) -> Option<&str> {
    match &operation.outcome {
        Outcome::Tokens { refresh_token, .. } => Some(refresh_token),
        _ => None,
    }
}

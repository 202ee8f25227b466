use super::{
    endings::Endings,
    feed,
    limits::Limits,
    linearizability::{Verdict, search},
    memberships::{self, Memberships},
    notifications,
    observations::{Observation, observations},
    record::Operation,
    report::{Report, Rule, Undecided},
    revocations, sessions, single_effect, task_model, totals, values,
};

/// How many operations before the one that has no place are in a finding.
const CONTEXT: usize = 6;

/// Judges a history, in any order of its operations.
pub fn check<'h>(history: &'h [Operation], limits: &Limits) -> Report<'h> {
    let mut report = Report::new(history);
    let observed = observations(history);
    let (endings, memberships) = (Endings::new(history), Memberships::new(history));
    values::check(history, &observed, &mut report);
    sessions::check(history, &observed, &mut report);
    single_effect::check(history, &observed, &endings, &mut report);
    notifications::check(history, &observed, &memberships, limits, &mut report);
    feed::check(history, &memberships, limits, &mut report);
    revocations::check(history, &endings, limits, &mut report);
    memberships::check(history, &memberships, limits, &mut report);
    totals::check(history, limits, &mut report);
    check_tasks(history, &observed, limits, &mut report);
    report
}

fn check_tasks(history: &[Operation], observed: &[Observation<'_>], limits: &Limits, report: &mut Report<'_>) {
    let mut tasks: Vec<_> = task_model::by_task(history, observed).into_iter().collect();
    tasks.sort_unstable_by_key(|(id, _)| *id);
    for (id, task) in tasks {
        match search(&task, limits.steps) {
            Verdict::Linearizable => report.counts.tasks += 1,
            Verdict::Violation { order, blocked } => {
                let recent = order[order.len().saturating_sub(CONTEXT)..].iter().chain([&blocked]);
                let operations: Vec<_> = recent.map(|place| task[*place].operation.place).collect();
                let what = format!("the operations on task {id} have no order: the last one here fits after none");
                report.add(Rule::Linearizability, what, operations);
            }
            Verdict::Undecided => report.undecided.push(Undecided { task: id, operations: task.len() }),
        }
    }
}

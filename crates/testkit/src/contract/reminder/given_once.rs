//! When reminders are given, and that each is given once.

use super::shared::{Ports, events, find, give, given_project, given_task, tasks};
use crate::{
    builders::{after, just_before, reminders},
    contract::simultaneously,
};
use fasttrack_domain::{ports::reminder::GivenReminders, task::Task};

/// To the microsecond. The task loses it without a new version.
pub(super) async fn a_reminder_is_given_at_its_time_and_once(ports: &Ports) {
    let project = given_project(ports).await;
    let task = given_task(ports, project, &[after(10), after(20)]).await;
    let before = find(ports, task.id).await;
    for (at, left) in [(after(10), vec![after(20)]), (after(20), vec![])] {
        assert_eq!(give(ports, just_before(at)).await, 0);
        assert_eq!(events(ports).await, []);
        assert_eq!(give(ports, at).await, 1);
        assert_eq!(tasks(&events(ports).await), [task.id]);
        let found = find(ports, task.id).await;
        assert_eq!(found.task, Task { reminders: reminders(&left), ..before.task.clone() });
        assert_eq!(give(ports, at).await, 0);
        assert_eq!(events(ports).await, []);
    }
}

/// As at a start after hours without any node.
pub(super) async fn reminders_that_passed_are_given_together(ports: &Ports) {
    let project = given_project(ports).await;
    let first = given_task(ports, project, &[after(3), after(1)]).await;
    let second = given_task(ports, given_project(ports).await, &[after(2), after(600)]).await;
    given_task(ports, project, &[after(601)]).await;
    assert_eq!(give(ports, after(600)).await, 4);
    let given = events(ports).await;
    assert_eq!(tasks(&given), [first.id, second.id, first.id, second.id]);
    assert!(given.iter().all(|event| event.at == after(600)), "{given:?}");
    assert_eq!(find(ports, first.id).await.task.reminders, reminders(&[]));
    assert_eq!(find(ports, second.id).await.task.reminders, reminders(&[]));
}

/// The earliest are first. The result says whether more are due.
pub(super) async fn no_more_reminders_are_given_than_the_limit(ports: &Ports) {
    let project = given_project(ports).await;
    let mut expected = Vec::new();
    for minutes in [5, 1, 4, 2, 3] {
        expected.push((minutes, given_task(ports, project, &[after(minutes), after(60)]).await.id));
    }
    expected.sort_unstable();
    let expected: Vec<_> = expected.into_iter().map(|(_, task)| task).collect();
    for (given, more, expected) in [(2, true, &expected[..2]), (2, true, &expected[2..4]), (1, false, &expected[4..])] {
        let result = ports.reminders.give(after(30), 2).await.unwrap();
        assert_eq!(result, GivenReminders { events: given, more });
        assert_eq!(tasks(&events(ports).await), expected);
    }
    assert_eq!(ports.reminders.give(after(30), 2).await.unwrap(), GivenReminders::default());
}

/// Several tasks may have one instant.
pub(super) async fn simultaneous_calls_give_each_reminder_once(ports: &Ports) {
    let project = given_project(ports).await;
    let mut expected = Vec::new();
    for n in 0..20 {
        expected.push(given_task(ports, project, &[after(1 + n % 3), after(5), after(60)]).await.id);
    }
    let given = simultaneously(8, |_| {
        let reminders = ports.reminders.clone();
        async move {
            let mut events = 0;
            for _ in 0..4 {
                events += reminders.give(after(30), 7).await.unwrap().events;
            }
            events
        }
    })
    .await;
    let mut all: u64 = given.into_iter().sum();
    // A call while another one was giving returns at once.
    all += give(ports, after(30)).await;
    assert_eq!(all, 40);
    let mut found = tasks(&events(ports).await);
    found.sort_unstable();
    assert_eq!(found, expected.iter().flat_map(|task| [*task, *task]).collect::<Vec<_>>());
    for task in expected {
        assert_eq!(find(ports, task).await.task.reminders, reminders(&[after(60)]));
    }
}

pub(super) async fn nothing_is_given_where_no_reminder_is_due(ports: &Ports) {
    assert_eq!(ports.reminders.give(after(30), 100).await.unwrap(), GivenReminders::default());
    let project = given_project(ports).await;
    given_task(ports, project, &[]).await;
    given_task(ports, project, &[after(31)]).await;
    assert_eq!(ports.reminders.give(after(30), 100).await.unwrap(), GivenReminders::default());
}

//! Planted faults, each of which the check of a short load finds.

use super::{
    limits,
    load::{Plan, Recorded, run},
    nodes::Nodes,
    people::Damage,
    tampering::Lie,
};
use fasttrack_tests::{
    Installation,
    history::{Limits, Nanos, Rule, check},
};
use std::time::Duration;

/// How long clients send requests in the first history; each further one is longer by that, as machines may be busy.
const LENGTH: Duration = Duration::from_millis(1500);

/// How long nothing is changed then, which is more than statistics may take here, in nanoseconds.
const SETTLED: Duration = Duration::from_millis(300);
const STATISTICS: Nanos = 200_000_000;

/// How many histories a fault may take to be found: some need requests that meet, or a change that nothing follows.
const TRIES: u32 = 5;

async fn record(installation: Installation, number: u32, lie: Option<Lie>, damage: Option<Damage>) -> Recorded {
    let nodes = Nodes::one(installation).await;
    let (seed, length) = (u64::from(number), LENGTH * number);
    run(&nodes, Plan { seed, length, settled: SETTLED, has_faults: false, lie, damage }).await
}

/// Fails unless this rule is found broken.
async fn finds(installation: fn() -> Installation, lie: Option<Lie>, damage: Option<Damage>, rule: Rule) {
    let limits = Limits { statistics: STATISTICS, ..Limits::contract() };
    for seed in 1..=TRIES {
        let history = record(installation(), seed, lie, damage).await.history;
        let report = check(&history, &limits);
        if report.findings.iter().any(|finding| finding.rule == rule) {
            return;
        }
        println!("seed {seed}: {report}");
    }
    panic!("{rule:?} isn't found");
}

async fn finds_lie(lie: Lie, rule: Rule) {
    finds(Installation::new, Some(lie), None, rule).await;
}

async fn finds_damage(damage: Damage, rule: Rule) {
    finds(Installation::new, None, Some(damage), rule).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stale_read_is_found() {
    finds_lie(Lie::StaleRead, Rule::Linearizability).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_change_that_is_lost_is_found() {
    finds_lie(Lie::LostChange, Rule::Linearizability).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ignored_precondition_is_found() {
    finds_lie(Lie::IgnoredPrecondition, Rule::Linearizability).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn creation_that_is_done_twice_is_found() {
    finds_lie(Lie::RepeatedCreation, Rule::SingleEffect).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn token_that_outlives_its_session_is_found() {
    finds_lie(Lie::RememberedToken, Rule::Revocation).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn gap_in_feed_is_found() {
    finds_lie(Lie::GapInFeed, Rule::FeedComplete).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn gap_in_list_is_found() {
    finds_lie(Lie::GapInList, Rule::Linearizability).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refresh_token_with_two_winners_is_found() {
    let lenient = || Installation::new().with("AUTH_REFRESH_REUSE_LEEWAY_SECONDS", "60");
    finds(lenient, None, None, Rule::SingleExchange).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_notification_is_found() {
    finds_damage(
        |people| format!("DELETE FROM notifications WHERE user_id = {} AND seq = 2", people.owner.id),
        Rule::NotificationSequence,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_statistics_are_found() {
    finds_damage(|_| "UPDATE project_statistics SET todo = todo + 1".to_owned(), Rule::Statistics).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn revoked_session_that_revives_is_found() {
    finds_damage(|_| "DELETE FROM revocations; UPDATE sessions SET ended_at = NULL".to_owned(), Rule::Revocation).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn membership_that_revives_is_found() {
    finds_damage(
        |people| {
            let (project, guest) = (people.projects[0], people.guest.id);
            format!(
                "INSERT INTO members (project_id, user_id, role, created_at)
                 SELECT project_id, {guest}, 'editor', created_at FROM members
                 WHERE project_id = {project} AND role = 'owner'"
            )
        },
        Rule::Membership,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn version_that_goes_back_is_found() {
    finds_damage(|_| "UPDATE tasks SET version = version - 1 WHERE version > 1".to_owned(), Rule::Linearizability)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_audit_line_is_found() {
    let damage: Damage = |_| "DELETE FROM audit WHERE action = 'member.removed'".to_owned();
    for seed in 1..=TRIES {
        let recorded = record(Installation::new(), seed, None, Some(damage)).await;
        // Nothing else is found.
        let report = check(&recorded.history, &limits());
        assert!(report.is_right(), "seed {seed}: {report}");
        if !recorded.audit.is_empty() {
            return;
        }
        println!("seed {seed}: {:?}", report.counts);
    }
    panic!("nothing is wrong in the audit");
}

//! The queue in front of the audit log: [`AuditLog`], with the storage that it writes to.

use super::simultaneously;
use crate::builders::{MOMENT, after};
use fasttrack_domain::{
    Timestamp,
    audit::{AuditAction, AuditEntry, AuditFilter, AuditObject, AuditRecord, Origin},
    id::{ProjectId, UserId},
    page::{Limit, PageRequest},
    ports::audit::{AuditLog, AuditRepository},
};

contract! { $
    audit_log { log: AuditLog, audit: AuditRepository }
    a_flush_stores_each_recorded_entry_once,
    a_flush_waits_for_all_entries_of_its_caller,
    refusals_beyond_a_thousand_an_hour_become_one_entry,
    further_refusals_change_the_entry_with_their_number,
    the_limit_of_refusals_is_one_of_each_address_and_hour,
    entries_that_are_no_refusals_are_not_limited,
}

/// The refusals of one address that have an entry each.
const LIMIT: usize = 1_000;

fn entry(action: AuditAction, address: &str, at: Timestamp) -> AuditEntry {
    let origin = Origin { ip: Some(address.parse().unwrap()), request_id: Some("request".to_owned()) };
    AuditEntry::new(at, None, action, origin)
}

fn record(ports: &Ports, entry: &AuditEntry, times: usize) {
    for _ in 0..times {
        ports.log.record(entry.clone());
    }
}

/// All stored entries, or those of this user; the newest first.
async fn stored(ports: &Ports, actor_id: Option<UserId>) -> Vec<AuditRecord> {
    let filter = AuditFilter { actor_id, ..AuditFilter::default() };
    let mut request = PageRequest { limit: Limit::new(100).unwrap(), cursor: None };
    let mut all = Vec::new();
    loop {
        let page = ports.audit.list(filter.clone(), request).await.unwrap();
        all.extend(page.items);
        request.cursor = page.next;
        if request.cursor.is_none() {
            return all;
        }
    }
}

/// The changes of the entries that count refusals, the newest first.
async fn counts(ports: &Ports) -> Vec<String> {
    let records = stored(ports, None).await.into_iter();
    records.filter(|record| record.action == "refusals.counted").map(|record| record.changes).collect()
}

/// Entries are stored as they were recorded, in that order.
async fn a_flush_stores_each_recorded_entry_once(ports: &Ports) {
    ports.log.flush().await;
    let origin = Origin { ip: Some("2001:db8::7".parse().unwrap()), request_id: Some("request".to_owned()) };
    let login = AuditEntry::new(MOMENT, Some(UserId::new(3)), AuditAction::Login, origin);
    let refusal = AuditEntry::new(MOMENT, Some(UserId::new(5)), AuditAction::Forbidden, Origin::default());
    ports.log.record(login);
    ports.log.record(refusal.with_object(AuditObject::Project(ProjectId::new(9))));
    ports.log.flush().await;
    let records = stored(ports, None).await;
    ports.log.flush().await;
    assert_eq!(stored(ports, None).await, records);

    let [refusal, login] = records.try_into().unwrap();
    let expected = AuditRecord {
        id: login.id,
        at: MOMENT,
        actor_id: Some(UserId::new(3)),
        action: "login".to_owned(),
        object: None,
        changes: "{}".to_owned(),
        ip: Some("2001:db8::7".to_owned()),
        request_id: Some("request".to_owned()),
    };
    assert_eq!(login, expected);
    assert_eq!((refusal.actor_id, refusal.action.as_str()), (Some(UserId::new(5)), "request.forbidden"));
    assert_eq!((refusal.object.as_deref(), refusal.ip, refusal.request_id), (Some("project/9"), None, None));
}

/// Others record and flush meanwhile.
async fn a_flush_waits_for_all_entries_of_its_caller(ports: &Ports) {
    let counted = simultaneously(8, |n| {
        let ports = ports.clone();
        async move {
            let user = Some(UserId::new(1 + i64::try_from(n).unwrap()));
            let login = AuditEntry::new(MOMENT, user, AuditAction::Login, Origin::default());
            let mut counted = Vec::new();
            for _ in 0..3 {
                record(&ports, &login, 50);
                ports.log.flush().await;
                counted.push(stored(&ports, user).await.len());
            }
            counted
        }
    })
    .await;
    assert_eq!(counted, vec![vec![50, 100, 150]; 8]);
}

/// The entry has no user and no object: the refusals may be of several.
async fn refusals_beyond_a_thousand_an_hour_become_one_entry(ports: &Ports) {
    let mut failed = entry(AuditAction::LoginFailed, "192.0.2.1", MOMENT);
    failed.actor_id = Some(UserId::new(3));
    failed.object = Some(AuditObject::User(UserId::new(3)));
    record(ports, &failed, LIMIT - 1);
    // All kinds count together.
    for action in [AuditAction::RefreshFailed, AuditAction::Forbidden, AuditAction::RateLimited] {
        record(ports, &entry(action, "192.0.2.1", after(59)), 1);
    }
    ports.log.flush().await;
    let records = stored(ports, None).await;
    assert_eq!(records.len(), LIMIT + 1);
    let [counted] =
        records.into_iter().filter(|it| it.action == "refusals.counted").collect::<Vec<_>>().try_into().unwrap();
    assert_eq!(counted.changes, r#"{"refusals":[1000,1002]}"#);
    assert_eq!((counted.actor_id, counted.object, counted.ip.as_deref()), (None, None, Some("192.0.2.1")));
}

async fn further_refusals_change_the_entry_with_their_number(ports: &Ports) {
    let refusal = entry(AuditAction::Forbidden, "192.0.2.1", MOMENT);
    record(ports, &refusal, LIMIT);
    ports.log.flush().await;
    assert!(counts(ports).await.is_empty());
    for counted in 1_001..=1_003 {
        record(ports, &refusal, 1);
        ports.log.flush().await;
        assert_eq!(counts(ports).await, [format!(r#"{{"refusals":[1000,{counted}]}}"#)]);
    }
    assert_eq!(stored(ports, None).await.len(), LIMIT + 1);
}

async fn the_limit_of_refusals_is_one_of_each_address_and_hour(ports: &Ports) {
    record(ports, &entry(AuditAction::Forbidden, "192.0.2.1", MOMENT), LIMIT + 2);
    record(ports, &entry(AuditAction::Forbidden, "192.0.2.2", MOMENT), LIMIT);
    record(ports, &entry(AuditAction::Forbidden, "192.0.2.1", after(60)), LIMIT + 5);
    ports.log.flush().await;
    assert_eq!(counts(ports).await, [r#"{"refusals":[1000,1005]}"#, r#"{"refusals":[1000,1002]}"#]);
    assert_eq!(stored(ports, None).await.len(), 3 * LIMIT + 2);
}

async fn entries_that_are_no_refusals_are_not_limited(ports: &Ports) {
    record(ports, &entry(AuditAction::Forbidden, "192.0.2.1", MOMENT), LIMIT + 1);
    for action in [AuditAction::Login, AuditAction::Logout] {
        record(ports, &entry(action, "192.0.2.1", MOMENT), LIMIT + 1);
    }
    ports.log.flush().await;
    assert_eq!(stored(ports, None).await.len(), 3 * (LIMIT + 1));
}

//! Lines of the audit: [`AuditRepository`] alone.

use crate::builders::{MOMENT, after};
use chrono::TimeDelta;
use fasttrack_domain::{
    Timestamp,
    audit::{AuditAction, AuditChanges, AuditEntry, AuditFilter, AuditObject, AuditRecord, Origin},
    id::{AuditId, UserId},
    page::{Cursor, Limit, PageRequest},
    ports::audit::AuditRepository,
};

contract! { $
    audit { audit: AuditRepository }
    lines_are_stored_unchanged,
    lines_are_filtered_by_every_combination,
    the_newest_lines_come_first_on_every_page,
    recounting_changes_only_the_lines_it_names,
    old_lines_are_deleted,
}

fn entry(at: Timestamp, actor: Option<i64>, object: Option<i64>) -> AuditEntry {
    let origin = Origin { ip: Some("2001:db8::1".parse().unwrap()), request_id: Some("request-1".to_owned()) };
    let entry = AuditEntry::new(at, actor.map(UserId::new), AuditAction::Login, origin);
    AuditEntry { object: object.map(|id| AuditObject::User(UserId::new(id))), ..entry }
}

async fn list(ports: &Ports, filter: AuditFilter) -> Vec<AuditRecord> {
    let page = PageRequest { limit: Limit::new(100).unwrap(), cursor: None };
    ports.audit.list(filter, page).await.unwrap().items
}

fn ids(records: &[AuditRecord]) -> Vec<i64> {
    records.iter().map(|record| record.id.get()).collect()
}

async fn lines_are_stored_unchanged(ports: &Ports) {
    let strange = "a\"b\\c\n{é漢🦀}\u{1}";
    let changes = AuditChanges::default()
        .field("display_name", "Ann", strange)
        .field("assignee_id", Some(7), None::<i64>)
        .field("is_active", true, false);
    let full = AuditEntry { action: AuditAction::UserUpdated, ..entry(MOMENT, Some(3), Some(5)) }.with_changes(changes);
    let bare = AuditEntry::new(after(-1), None, AuditAction::LoginFailed, Origin::default());
    let written = ports.audit.append(vec![full, bare]).await.unwrap();
    assert_eq!(ports.audit.append(Vec::new()).await.unwrap(), []);
    let [first, second] = list(ports, AuditFilter::default()).await.try_into().unwrap();
    assert_eq!([first.id, second.id], written[..]);
    let changes =
        r#"{"assignee_id":[7,null],"display_name":["Ann","a\"b\\c\n{é漢🦀}\u0001"],"is_active":[true,false]}"#;
    let expected = AuditRecord {
        id: first.id,
        at: MOMENT,
        actor_id: Some(UserId::new(3)),
        action: "user.updated".to_owned(),
        object: Some("user/5".to_owned()),
        changes: changes.to_owned(),
        ip: Some("2001:db8::1".to_owned()),
        request_id: Some("request-1".to_owned()),
    };
    assert_eq!(first, expected);
    let expected = AuditRecord {
        id: second.id,
        at: after(-1),
        actor_id: None,
        action: "login.failed".to_owned(),
        object: None,
        changes: "{}".to_owned(),
        ip: None,
        request_id: None,
    };
    assert_eq!(second, expected);
}

/// `since` includes its own moment.
async fn lines_are_filtered_by_every_combination(ports: &Ports) {
    let mut entries = Vec::new();
    for minute in 0..3 {
        for actor in [None, Some(1), Some(2)] {
            for object in [None, Some(1), Some(5)] {
                entries.push(entry(after(minute), actor, object));
            }
        }
    }
    let written = ports.audit.append(entries.clone()).await.unwrap();
    for actor_id in [None, Some(1), Some(2), Some(9)].map(|id| id.map(UserId::new)) {
        for object in [None, Some("user/5"), Some("user/9"), Some("USER/5")] {
            for since in [None, Some(after(1)), Some(after(1) + TimeDelta::microseconds(1)), Some(after(9))] {
                let filter = AuditFilter { actor_id, object: object.map(str::to_owned), since };
                let fits = |entry: &AuditEntry| {
                    actor_id.is_none_or(|actor| entry.actor_id == Some(actor))
                        && object.is_none_or(|object| entry.object.is_some_and(|it| it.to_string() == object))
                        && since.is_none_or(|since| entry.at >= since)
                };
                let fitting = written.iter().zip(&entries).rev().filter(|(_, entry)| fits(entry));
                let expected: Vec<_> = fitting.map(|(id, _)| id.get()).collect();
                assert_eq!(ids(&list(ports, filter.clone()).await), expected, "{filter:?}");
            }
        }
    }
}

/// Lines are ordered by when they happened, not by when they were written.
async fn the_newest_lines_come_first_on_every_page(ports: &Ports) {
    let minutes = [3, 1, 2, 2, 2, 0, 4];
    let entries = minutes.map(|minute| entry(after(minute), Some(1), None));
    let written = ports.audit.append(entries.to_vec()).await.unwrap();
    let expected: Vec<_> = [6, 0, 4, 3, 2, 1, 5].map(|index| written[index].get()).to_vec();
    let (mut walked, mut request) = (Vec::new(), PageRequest { limit: Limit::new(2).unwrap(), cursor: None });
    loop {
        let page = ports.audit.list(AuditFilter::default(), request).await.unwrap();
        walked.extend(ids(&page.items));
        ports.audit.append(vec![entry(after(9), Some(1), None)]).await.unwrap();
        let Some(cursor) = page.next else { break };
        request.cursor = Some(cursor);
    }
    assert_eq!(walked, expected);
    let beyond = PageRequest { cursor: Some(Cursor::after(i64::MAX)), ..request };
    assert_eq!(ports.audit.list(AuditFilter::default(), beyond).await.unwrap().items, []);
}

/// A line that does not exist is no error.
async fn recounting_changes_only_the_lines_it_names(ports: &Ports) {
    let written = ports.audit.append(vec![entry(MOMENT, None, None), entry(MOMENT, None, None)]).await.unwrap();
    let counted = AuditChanges::default().field("refusals", 1_000, 1_007);
    ports.audit.recount(vec![(written[0], counted.clone()), (AuditId::new(i64::MAX), counted)]).await.unwrap();
    let [second, first] = list(ports, AuditFilter::default()).await.try_into().unwrap();
    assert_eq!((first.changes.as_str(), second.changes.as_str()), (r#"{"refusals":[1000,1007]}"#, "{}"));
}

/// The oldest lines are deleted first, up to the limit.
async fn old_lines_are_deleted(ports: &Ports) {
    let entries = [2, 0, 1, 3].map(|minute| entry(after(minute), None, None));
    let written = ports.audit.append(entries.to_vec()).await.unwrap();
    let delete = async |minute, limit| ports.audit.delete_until(after(minute), limit).await.unwrap();
    assert_eq!((delete(-1, 9).await, delete(2, 1).await, delete(2, 9).await, delete(2, 9).await), (0, 1, 2, 0));
    assert_eq!(ids(&list(ports, AuditFilter::default()).await), [written[3].get()]);
    // A page that began before goes on where nothing is left.
    let gone = PageRequest { cursor: Some(Cursor::after(written[0].get())), ..PageRequest::default() };
    assert_eq!(ports.audit.list(AuditFilter::default(), gone).await.unwrap().items, []);
}

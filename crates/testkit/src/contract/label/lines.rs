//! Lines of the audit that are committed with changes of labels.

use super::shared::{Ports, given_project, named};
use crate::{
    builders::{MOMENT, color, new_label},
    given,
};
use fasttrack_domain::{
    audit::{AuditAction, AuditEntry, AuditFilter, AuditObject, Origin},
    id::{LabelId, UserId},
    label::{LabelChange, LabelPatch, NewLabel},
    page::PageRequest,
};

fn line(action: AuditAction) -> AuditEntry {
    AuditEntry::new(MOMENT, Some(UserId::new(3)), action, Origin::default())
}

/// Actions and objects, the oldest first.
async fn written(ports: &Ports) -> Vec<(String, Option<String>)> {
    let records = ports.audit.list(AuditFilter::default(), PageRequest::default()).await.unwrap().items;
    records.into_iter().rev().map(|record| (record.action, record.object)).collect()
}

/// The line of a new label has the id that storage assigned.
pub(super) async fn a_line_is_committed_with_a_label(ports: &Ports) {
    let project = given_project(ports).await;
    let new = NewLabel { audit: Some(line(AuditAction::LabelCreated)), ..new_label(project) };
    let label = ports.labels.create(new).await.unwrap();
    let audit = |action| Some(line(action).with_object(AuditObject::Label(label.id)));
    let patch = LabelPatch { color: Some(color("#ffffff")), ..LabelPatch::default() };
    let change = LabelChange { audit: audit(AuditAction::LabelUpdated), ..label.apply(patch, MOMENT).unwrap() };
    ports.labels.save(change).await.unwrap().unwrap();
    assert!(ports.labels.delete(label.id, MOMENT, audit(AuditAction::LabelDeleted)).await.unwrap());
    let object = Some(format!("label/{}", label.id));
    let expected = ["label.created", "label.updated", "label.deleted"];
    assert_eq!(written(ports).await, expected.map(|action| (action.to_owned(), object.clone())));
}

pub(super) async fn a_refused_label_has_no_line(ports: &Ports) {
    let project = given_project(ports).await;
    let (label, beside) = (given::label(ports, project).await, given::label(ports, project).await);
    let audit = |action| Some(line(action));
    let created = audit(AuditAction::LabelCreated);
    let full = NewLabel { quota: 2, audit: created.clone(), ..new_label(project) };
    assert!(ports.labels.create(full).await.is_err());
    let twice = NewLabel { audit: created, ..named(project, label.name.as_str()) };
    assert!(ports.labels.create(twice).await.is_err());
    let patch = LabelPatch { name: Some(label.name.clone()), ..LabelPatch::default() };
    let change = LabelChange { audit: audit(AuditAction::LabelUpdated), ..beside.apply(patch, MOMENT).unwrap() };
    assert!(ports.labels.save(change.clone()).await.is_err());
    let unknown = LabelId::new(i64::MAX);
    let ghost = LabelChange { id: unknown, name: None, color: Some(color("#ffffff")), ..change };
    assert_eq!(ports.labels.save(ghost).await.unwrap(), None);
    assert!(!ports.labels.delete(unknown, MOMENT, audit(AuditAction::LabelDeleted)).await.unwrap());
    assert_eq!(written(ports).await, []);
}

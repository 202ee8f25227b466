//! How labels are created, changed and deleted.

use super::shared::{Ports, find, given_project, list, named};
use crate::{
    builders::{MOMENT, NOBODY, color, label_name, new_label},
    contract::{conflict, simultaneously},
    given,
};
use fasttrack_domain::{
    id::LabelId,
    label::{Label, LabelChange, LabelPatch, NewLabel},
    ports::constraint,
};

fn renaming(label: &Label, name: &str) -> LabelChange {
    label.apply(LabelPatch { name: Some(label_name(name)), color: None }, MOMENT).unwrap()
}

fn coloring(label: &Label, hex: &str) -> LabelChange {
    label.apply(LabelPatch { name: None, color: Some(color(hex)) }, MOMENT).unwrap()
}

/// `Conflict` with `LABEL_NAME` for a name that differs in case only.
pub(super) async fn a_name_is_unique_in_its_project(ports: &Ports) {
    let (project, other) = (given_project(ports).await, given_project(ports).await);
    let street = ports.labels.create(named(project, "Straße")).await.unwrap();
    let plain = ports.labels.create(named(project, "Weg")).await.unwrap();
    for name in ["Straße", "STRASSE", "strasse", "ſTRAẞE"] {
        assert_eq!(conflict(ports.labels.create(named(project, name)).await), constraint::LABEL_NAME, "{name}");
        let refused = ports.labels.save(renaming(&plain, name)).await;
        assert_eq!(conflict(refused), constraint::LABEL_NAME, "{name}");
    }
    for name in ["Strasé", "Straße 2"] {
        ports.labels.create(named(project, name)).await.unwrap();
    }
    ports.labels.create(named(other, "STRASSE")).await.unwrap();
    assert_eq!(find(ports, plain.id).await.as_ref(), Some(&plain));
    // Its own name in another case is none of another label.
    let saved = ports.labels.save(renaming(&street, "STRASSE")).await.unwrap();
    assert_eq!(saved, Some(Label { name: label_name("STRASSE"), ..street.clone() }));
    // A name that was given up is free.
    ports.labels.save(renaming(&street, "Gasse")).await.unwrap().unwrap();
    ports.labels.save(renaming(&plain, "straße")).await.unwrap().unwrap();
}

pub(super) async fn one_of_simultaneous_labels_of_a_name_is_created(ports: &Ports) {
    let project = given_project(ports).await;
    let made = simultaneously(10, |i| {
        let (labels, new) = (ports.labels.clone(), named(project, if i % 2 == 0 { "urgent" } else { "URGENT" }));
        async move { labels.create(new).await }
    })
    .await;
    let mut created = Vec::new();
    for result in made {
        match result {
            Ok(label) => created.push(label),
            refused => assert_eq!(conflict(refused), constraint::LABEL_NAME),
        }
    }
    assert_eq!(created.len(), 1);
    assert_eq!(list(ports, project).await, Some(created));
}

/// `Conflict` with `QUOTA`, until one is deleted. A refused name takes no place.
pub(super) async fn a_label_beyond_the_quota_is_refused(ports: &Ports) {
    let project = given_project(ports).await;
    let new = |quota| NewLabel { quota, ..new_label(project) };
    let first = ports.labels.create(new(2)).await.unwrap();
    let again = NewLabel { quota: 2, ..named(project, first.name.as_str()) };
    assert_eq!(conflict(ports.labels.create(again).await), constraint::LABEL_NAME);
    ports.labels.create(new(2)).await.unwrap();
    assert_eq!(conflict(ports.labels.create(new(2)).await), constraint::QUOTA);
    assert!(!ports.labels.delete(LabelId::new(i64::MAX), MOMENT, None).await.unwrap());
    assert_eq!(conflict(ports.labels.create(new(2)).await), constraint::QUOTA);
    let deleted = simultaneously(5, |_| {
        let labels = ports.labels.clone();
        async move { labels.delete(first.id, MOMENT, None).await.unwrap() }
    })
    .await;
    assert_eq!(deleted.iter().filter(|deleted| **deleted).count(), 1);
    ports.labels.create(new(2)).await.unwrap();
    assert_eq!(conflict(ports.labels.create(new(2)).await), constraint::QUOTA);
    assert_eq!(list(ports, project).await.unwrap().len(), 2);
}

pub(super) async fn simultaneous_labels_do_not_exceed_the_quota(ports: &Ports) {
    let project = given_project(ports).await;
    let made = simultaneously(10, |_| {
        let (labels, new) = (ports.labels.clone(), NewLabel { quota: 4, ..new_label(project) });
        async move { labels.create(new).await }
    })
    .await;
    let mut created = 0;
    for result in made {
        match result {
            Ok(_) => created += 1,
            refused => assert_eq!(conflict(refused), constraint::QUOTA),
        }
    }
    assert_eq!(created, 4);
}

/// The label is returned as it is then. `Ok(None)` if it doesn't exist.
pub(super) async fn a_change_of_a_label_is_committed(ports: &Ports) {
    let project = given_project(ports).await;
    let mut label = given::label(ports, project).await;
    let beside = given::label(ports, project).await;
    for (name, hex) in [("Ärger", "#00ff00"), ("ärger", "#00FF00"), ("x", "#123456")] {
        let patch = LabelPatch { name: Some(label_name(name)), color: Some(color(hex)) };
        let saved = ports.labels.save(label.apply(patch, MOMENT).unwrap()).await.unwrap();
        label = Label { name: label_name(name), color: color(hex), ..label };
        assert_eq!(saved.as_ref(), Some(&label));
        assert_eq!(find(ports, label.id).await.as_ref(), Some(&label));
    }
    assert_eq!(list(ports, project).await, Some(vec![label.clone(), beside]));
    let ghost = LabelChange { id: LabelId::new(i64::MAX), ..renaming(&label, "Ghost") };
    assert_eq!(ports.labels.save(ghost).await.unwrap(), None);
    assert!(ports.labels.delete(label.id, MOMENT, None).await.unwrap());
    assert_eq!(ports.labels.save(renaming(&label, "Ghost")).await.unwrap(), None);
}

/// Each was decided on the label as it was before both.
pub(super) async fn changes_of_different_fields_are_both_kept(ports: &Ports) {
    let project = given_project(ports).await;
    let label = given::label(ports, project).await;
    simultaneously(2, |i| {
        let labels = ports.labels.clone();
        let change = if i == 0 { renaming(&label, "Renamed") } else { coloring(&label, "#ffffff") };
        async move { assert!(labels.save(change).await.unwrap().is_some()) }
    })
    .await;
    let expected = Label { name: label_name("Renamed"), color: color("#ffffff"), ..label };
    assert_eq!(find(ports, expected.id).await, Some(expected));
}

/// Its name is free then. Others stay.
pub(super) async fn a_deleted_label_is_not_found(ports: &Ports) {
    let project = given_project(ports).await;
    let (label, beside) = (given::label(ports, project).await, given::label(ports, project).await);
    assert!(ports.labels.delete(label.id, MOMENT, None).await.unwrap());
    assert!(!ports.labels.delete(label.id, MOMENT, None).await.unwrap());
    assert_eq!(find(ports, label.id).await, None);
    assert_eq!(list(ports, project).await, Some(vec![beside.clone()]));
    let next = ports.labels.create(named(project, label.name.as_str())).await.unwrap();
    assert!(next.id > beside.id);
    // The last id isn't used again, either.
    assert!(ports.labels.delete(next.id, MOMENT, None).await.unwrap());
    assert!(given::label(ports, project).await.id > next.id);
}

/// A label for it is refused: `Conflict` with `REFERENCE`.
pub(super) async fn labels_go_with_their_project(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let label = given::label(ports, project.id).await;
    let kept = given::label(ports, given::project(ports, owner.id).await.id).await;
    assert!(ports.projects.delete(project.id, project.version, MOMENT, None).await.unwrap());
    assert_eq!(ports.labels.find(label.id, NOBODY).await.unwrap(), None);
    assert_eq!(list(ports, project.id).await, None);
    assert_eq!(conflict(ports.labels.create(new_label(project.id)).await), constraint::REFERENCE);
    assert_eq!(find(ports, kept.id).await, Some(kept));
}

/// A label is created first and deleted with its project, or its creation is refused.
pub(super) async fn no_label_outlives_a_project_deleted_at_the_same_time(ports: &Ports) {
    let project = given_project(ports).await;
    let made = simultaneously(10, |i| {
        let ports = ports.clone();
        async move {
            if i == 5 {
                assert!(ports.projects.delete(project, 1, MOMENT, None).await.unwrap());
                None
            } else {
                Some(ports.labels.create(new_label(project)).await)
            }
        }
    })
    .await;
    for result in made.into_iter().flatten() {
        match result {
            Ok(label) => assert_eq!(find(ports, label.id).await, None),
            refused => assert_eq!(conflict(refused), constraint::REFERENCE),
        }
    }
}

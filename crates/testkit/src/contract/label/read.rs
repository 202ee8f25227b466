//! How labels are found and listed.

use super::shared::{Ports, find, given_project, list};
use crate::{
    builders::{MOMENT, NOBODY, color, label_name, new_label, unicode},
    contract::walk::{first_page, walk_while_rows_change},
    given,
};
use fasttrack_domain::{
    id::{LabelId, ProjectId},
    label::{LabelView, NewLabel},
    membership::{GrantedRole, MemberRole},
    page::{Cursor, Page, PageRequest},
    ports::label::ProjectLabels,
    text::LabelName,
};

/// With the reader's role in its project. The longest name and the case of a color are kept.
pub(super) async fn a_new_label_is_found_as_it_was_made(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let viewer = given::member(ports, &project, GrantedRole::Viewer).await;
    for (name, hex) in [("Ümlaut", "#000000"), (unicode(LabelName::MAX).as_str(), "#aBcDeF")] {
        let new = NewLabel { name: label_name(name), color: color(hex), ..new_label(project.id) };
        let label = ports.labels.create(new.clone()).await.unwrap();
        assert_eq!(label, new.stored(label.id));
        for (reader, membership) in
            [(owner.id, Some(MemberRole::Owner)), (viewer.id, Some(MemberRole::Viewer)), (NOBODY, None)]
        {
            let expected = LabelView { label: label.clone(), membership };
            assert_eq!(ports.labels.find(label.id, reader).await.unwrap(), Some(expected));
        }
    }
}

pub(super) async fn labels_that_do_not_exist_are_not_found(ports: &Ports) {
    let project = given_project(ports).await;
    let label = given::label(ports, project).await;
    for id in [i64::MIN, -1, 0, label.id.get() + 1, i64::MAX].map(LabelId::new) {
        assert_eq!(find(ports, id).await, None, "{id}");
        assert!(!ports.labels.delete(id, MOMENT, None).await.unwrap(), "{id}");
    }
    for id in [0, project.get() + 1, i64::MAX].map(ProjectId::new) {
        assert_eq!(ports.labels.list(id, NOBODY, PageRequest::default()).await.unwrap(), None, "{id}");
    }
}

/// By ascending id, without labels of other projects.
pub(super) async fn labels_of_a_project_are_found_by_their_ids(ports: &Ports) {
    let (project, other) = (given_project(ports).await, given_project(ports).await);
    let mut labels = Vec::new();
    for _ in 0..3 {
        labels.push(given::label(ports, project).await);
    }
    let foreign = given::label(ports, other).await;
    let ids = vec![labels[2].id, foreign.id, labels[0].id, LabelId::new(i64::MAX), labels[2].id];
    labels.remove(1);
    assert_eq!(ports.labels.find_in_project(project, ids.clone()).await.unwrap(), labels);
    assert_eq!(ports.labels.find_in_project(other, ids.clone()).await.unwrap(), [foreign]);
    assert_eq!(ports.labels.find_in_project(project, Vec::new()).await.unwrap(), []);
    assert_eq!(ports.labels.find_in_project(ProjectId::new(i64::MAX), ids).await.unwrap(), []);
}

/// An empty list says the role, too.
pub(super) async fn labels_are_listed_with_the_role_of_the_reader(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let viewer = given::member(ports, &project, GrantedRole::Viewer).await;
    given::label(ports, given_project(ports).await).await;
    let mut items = Vec::new();
    for _ in 0..3 {
        for (reader, membership) in
            [(owner.id, Some(MemberRole::Owner)), (viewer.id, Some(MemberRole::Viewer)), (NOBODY, None)]
        {
            let listed = ports.labels.list(project.id, reader, PageRequest::default()).await.unwrap();
            let page = Page { items: items.clone(), next: None };
            assert_eq!(listed, Some(ProjectLabels { membership, page }));
        }
        items.push(given::label(ports, project.id).await);
    }
}

pub(super) async fn a_page_with_the_last_label_has_no_next(ports: &Ports) {
    let project = given_project(ports).await;
    let mut rows = Vec::new();
    for _ in 0..6 {
        rows.push(given::label(ports, project).await);
    }
    let page = async |cursor| {
        let request = PageRequest { cursor, ..first_page() };
        ports.labels.list(project, NOBODY, request).await.unwrap().unwrap().page
    };
    let middle = Some(Cursor::after(rows[2].id.get()));
    assert_eq!(page(None).await, Page { items: rows[..3].to_vec(), next: middle });
    assert_eq!(page(middle).await, Page { items: rows[3..].to_vec(), next: None });
    assert_eq!(page(Some(Cursor::after(i64::MAX))).await, Page { items: vec![], next: None });
    assert_eq!(list(ports, project).await, Some(rows));
}

pub(super) async fn pages_of_labels_stay_consistent_while_rows_change(ports: &Ports) {
    let (project, other) = (given_project(ports).await, given_project(ports).await);
    walk_while_rows_change(
        async |request| {
            let listed = ports.labels.list(project, NOBODY, request).await.unwrap().unwrap();
            listed.page.map(|label| label.id.get())
        },
        async || {
            given::label(ports, other).await;
            given::label(ports, project).await.id.get()
        },
        async |id| assert!(ports.labels.delete(LabelId::new(id), MOMENT, None).await.unwrap()),
    )
    .await;
}

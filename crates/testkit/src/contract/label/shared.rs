//! The ports of labels, and what the cases have in common.

use crate::{
    builders::{NOBODY, label_name, new_label},
    given,
};
use fasttrack_domain::{
    id::{LabelId, ProjectId},
    label::{Label, NewLabel},
    page::{Limit, PageRequest},
    ports::{
        audit::AuditRepository, label::LabelRepository, member::MemberRepository, project::ProjectRepository,
        user::UserRepository,
    },
};

ports! {
    users: UserRepository,
    projects: ProjectRepository,
    members: MemberRepository,
    labels: LabelRepository,
    audit: AuditRepository,
}

pub(super) async fn find(ports: &Ports, id: LabelId) -> Option<Label> {
    ports.labels.find(id, NOBODY).await.unwrap().map(|view| view.label)
}

/// The labels of the project on the first page of 100.
pub(super) async fn list(ports: &Ports, project: ProjectId) -> Option<Vec<Label>> {
    let page = PageRequest { limit: Limit::new(100).unwrap(), cursor: None };
    ports.labels.list(project, NOBODY, page).await.unwrap().map(|listed| listed.page.items)
}

pub(super) fn named(project: ProjectId, name: &str) -> NewLabel {
    NewLabel { name: label_name(name), ..new_label(project) }
}

pub(super) async fn given_project(ports: &Ports) -> ProjectId {
    given::project_with_owner(ports).await.0.id
}

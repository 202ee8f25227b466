//! The project in which the todos of a user are kept.

use super::{conflict, simultaneously};
use crate::{
    builders::{MOMENT, after, project_name},
    given,
};
use fasttrack_domain::{
    id::UserId,
    membership::MemberRole,
    page::PageRequest,
    ports::{constraint, project::ProjectRepository, user::UserRepository},
    project::{NewProject, Project, ProjectFilter, ProjectPatch, ProjectStatus, ProjectView},
};

contract! { $
    inbox { users: UserRepository, projects: ProjectRepository }
    an_inbox_is_a_project_of_its_owner,
    a_renamed_or_archived_inbox_stays_the_inbox,
    a_second_inbox_is_refused_and_creates_nothing,
    one_of_simultaneous_inboxes_is_created,
    each_user_has_an_inbox_of_its_own,
    an_inbox_of_an_unknown_owner_is_refused,
}

async fn projects_of(ports: &Ports, owner: UserId) -> Vec<Project> {
    let page = ports.projects.list(ProjectFilter::of(owner), PageRequest::default()).await.unwrap();
    page.map(|view| view.project).items
}

async fn find(ports: &Ports, owner: UserId) -> Option<Project> {
    let found = ports.projects.find_inbox(owner).await.unwrap();
    assert!(found.iter().all(|view| view.membership == Some(MemberRole::Owner)));
    found.map(|view| view.project)
}

async fn given_inbox(ports: &Ports, owner: UserId) -> Project {
    ports.projects.create_inbox(NewProject::inbox(owner, MOMENT)).await.unwrap()
}

async fn an_inbox_is_a_project_of_its_owner(ports: &Ports) {
    let (other, owner) = given::project_with_owner(ports).await;
    assert_eq!(find(ports, owner.id).await, None);
    let inbox = given_inbox(ports, owner.id).await;
    let expected = Project {
        id: inbox.id,
        name: project_name("Inbox"),
        description: None,
        status: ProjectStatus::Active,
        owner_id: owner.id,
        created_at: MOMENT,
        updated_at: MOMENT,
        version: 1,
    };
    assert_eq!(inbox, expected);
    assert_eq!(find(ports, owner.id).await, Some(expected.clone()));
    assert_eq!(ports.projects.find(inbox.id, owner.id).await.unwrap(), Some(ProjectView::of_owner(expected.clone())));
    assert_eq!(projects_of(ports, owner.id).await, [other, expected]);
}

/// Another project with its name is no Inbox.
async fn a_renamed_or_archived_inbox_stays_the_inbox(ports: &Ports) {
    let owner = given::user(ports).await;
    let inbox = given_inbox(ports, owner.id).await;
    ports.projects.create(NewProject::inbox(owner.id, MOMENT), None).await.unwrap();
    let patch = ProjectPatch {
        name: Some(project_name("Errands")),
        status: Some(ProjectStatus::Archived),
        ..ProjectPatch::default()
    };
    let saved = ports.projects.save(inbox.apply(patch, after(1)).unwrap()).await.unwrap();
    assert!(saved.is_some());
    assert_eq!(find(ports, owner.id).await, saved);
}

/// `Conflict` with `INBOX`.
async fn a_second_inbox_is_refused_and_creates_nothing(ports: &Ports) {
    let owner = given::user(ports).await;
    let inbox = given_inbox(ports, owner.id).await;
    let second = ports.projects.create_inbox(NewProject::inbox(owner.id, after(1))).await;
    assert_eq!(conflict(second), constraint::INBOX);
    assert_eq!(projects_of(ports, owner.id).await, [inbox]);
}

async fn one_of_simultaneous_inboxes_is_created(ports: &Ports) {
    let owner = given::user(ports).await.id;
    let made = simultaneously(20, |_| {
        let projects = ports.projects.clone();
        async move { projects.create_inbox(NewProject::inbox(owner, MOMENT)).await }
    })
    .await;
    let (made, refused): (Vec<_>, Vec<_>) = made.into_iter().partition(Result::is_ok);
    assert_eq!((made.len(), refused.len()), (1, 19));
    for refused in refused {
        assert_eq!(conflict(refused), constraint::INBOX);
    }
    let made: Vec<_> = made.into_iter().map(Result::unwrap).collect();
    assert_eq!(projects_of(ports, owner).await, made);
    assert_eq!(find(ports, owner).await.as_ref(), made.first());
}

async fn each_user_has_an_inbox_of_its_own(ports: &Ports) {
    let (ann, bob, eve) = (given::user(ports).await, given::user(ports).await, given::user(ports).await);
    let (anns, bobs) = (given_inbox(ports, ann.id).await, given_inbox(ports, bob.id).await);
    assert_eq!(find(ports, ann.id).await, Some(anns));
    assert_eq!(find(ports, bob.id).await, Some(bobs));
    for nobody in [eve.id, UserId::new(0), UserId::new(i64::MAX)] {
        assert_eq!(find(ports, nobody).await, None);
    }
}

/// `Conflict` with `REFERENCE`.
async fn an_inbox_of_an_unknown_owner_is_refused(ports: &Ports) {
    let made = ports.projects.create_inbox(NewProject::inbox(UserId::new(i64::MAX), MOMENT)).await;
    assert_eq!(conflict(made), constraint::REFERENCE);
}

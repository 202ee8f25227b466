//! Projects, their lists and their pages.

use super::{
    conflict, simultaneously,
    walk::{first_page, walk_while_rows_change},
};
use crate::{
    builders::{MOMENT, NOBODY, after, description, new_project, project_name, unicode},
    given,
};
use fasttrack_domain::{
    api_token::Reach,
    id::{ProjectId, UserId},
    membership::MemberRole,
    page::{Cursor, Limit, Page, PageRequest},
    patch::Patch,
    ports::{constraint, project::ProjectRepository, user::UserRepository},
    project::{NewProject, Project, ProjectChange, ProjectFilter, ProjectPatch, ProjectStatus, ProjectView},
    text::{Description, ProjectName},
};
use std::iter::once;

contract! { $
    project { users: UserRepository, projects: ProjectRepository }
    a_new_project_is_active_and_found_as_it_was_made,
    longest_and_unicode_texts_are_stored_unchanged,
    projects_that_do_not_exist_are_not_found,
    a_project_of_an_unknown_owner_is_refused,
    a_change_is_committed_with_every_field,
    a_change_based_on_another_version_is_not_committed,
    one_of_simultaneous_changes_of_a_version_is_committed,
    one_of_a_simultaneous_change_and_deletion_is_committed,
    ids_are_never_used_twice,
    a_project_beyond_the_quota_is_refused,
    a_project_is_found_with_the_role_of_its_reader,
    projects_are_filtered_by_every_combination,
    a_page_with_the_last_row_has_no_next,
    pages_of_projects_stay_consistent_while_rows_change,
}

async fn find(ports: &Ports, id: ProjectId) -> Option<Project> {
    ports.projects.find(id, NOBODY).await.unwrap().map(|view| view.project)
}

fn renamed(project: &Project, name: &str) -> ProjectChange {
    project.apply(ProjectPatch { name: Some(project_name(name)), ..ProjectPatch::default() }, after(5)).unwrap()
}

fn everything() -> PageRequest {
    PageRequest { limit: Limit::new(100).unwrap(), cursor: None }
}

/// Absent, and each of `values`.
fn maybe<T: Copy>(values: &[T]) -> impl Iterator<Item = Option<T>> + '_ {
    once(None).chain(values.iter().copied().map(Some))
}

async fn a_new_project_is_active_and_found_as_it_was_made(ports: &Ports) {
    let owner = given::user(ports).await;
    for description in [Some(description("Why")), None] {
        let new = NewProject { description, ..new_project(owner.id) };
        let project = ports.projects.create(new.clone(), None).await.unwrap();
        let expected = Project {
            id: project.id,
            name: new.name,
            description: new.description,
            status: ProjectStatus::Active,
            owner_id: owner.id,
            created_at: MOMENT,
            updated_at: MOMENT,
            version: 1,
        };
        assert_eq!(project, expected);
        assert_eq!(find(ports, project.id).await, Some(expected));
    }
}

async fn longest_and_unicode_texts_are_stored_unchanged(ports: &Ports) {
    let owner = given::user(ports).await;
    let new = NewProject {
        name: project_name(&unicode(ProjectName::MAX)),
        description: Some(description(&unicode(Description::MAX))),
        ..new_project(owner.id)
    };
    let project = ports.projects.create(new.clone(), None).await.unwrap();
    assert_eq!((&project.name, &project.description), (&new.name, &new.description));
    assert_eq!(find(ports, project.id).await, Some(project));
}

/// A lookup, a change or a deletion that finds nothing is no error.
async fn projects_that_do_not_exist_are_not_found(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    for id in [i64::MIN, -1, 0, project.id.get() + 1, i64::MAX].map(ProjectId::new) {
        assert_eq!(find(ports, id).await, None, "{id}");
        assert!(!ports.projects.delete(id, 1, MOMENT, None).await.unwrap(), "{id}");
    }
    let ghost = Project { id: ProjectId::new(i64::MAX), ..project };
    assert_eq!(ports.projects.save(renamed(&ghost, "Ghost")).await.unwrap(), None);
}

/// `Conflict` with `REFERENCE`.
async fn a_project_of_an_unknown_owner_is_refused(ports: &Ports) {
    let created = ports.projects.create(new_project(UserId::new(i64::MAX)), None).await;
    assert_eq!(conflict(created), constraint::REFERENCE);
}

async fn a_change_is_committed_with_every_field(ports: &Ports) {
    let (mut project, _) = given::project_with_owner(ports).await;
    let patches = [
        ProjectPatch {
            name: Some(project_name("Ümlaut")),
            description: Patch::Clear,
            status: Some(ProjectStatus::Archived),
        },
        ProjectPatch {
            description: Patch::Set(description("")),
            status: Some(ProjectStatus::Active),
            ..ProjectPatch::default()
        },
    ];
    for patch in patches {
        let change = project.apply(patch, after(5)).unwrap();
        let saved = ports.projects.save(change.clone()).await.unwrap();
        assert_eq!(saved.as_ref(), Some(&change.project));
        assert_eq!(find(ports, project.id).await, saved);
        project = change.project;
    }
}

/// `Ok(None)` for an older version and for one that never existed.
async fn a_change_based_on_another_version_is_not_committed(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let saved = ports.projects.save(renamed(&project, "First")).await.unwrap();
    assert_eq!(ports.projects.save(renamed(&project, "Second")).await.unwrap(), None);
    let future = Project { version: 7, ..project.clone() };
    assert_eq!(ports.projects.save(renamed(&future, "Third")).await.unwrap(), None);
    assert_eq!(find(ports, project.id).await, saved);
}

async fn one_of_simultaneous_changes_of_a_version_is_committed(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let saved = simultaneously(20, |i| {
        let (projects, change) = (ports.projects.clone(), renamed(&project, &format!("Name {i}")));
        async move { projects.save(change).await.unwrap() }
    })
    .await;
    let winners: Vec<_> = saved.into_iter().flatten().collect();
    assert_eq!(winners.len(), 1);
    assert_eq!(find(ports, project.id).await.as_ref(), winners.first());
}

async fn one_of_a_simultaneous_change_and_deletion_is_committed(ports: &Ports) {
    for _ in 0..10 {
        let (project, _) = given::project_with_owner(ports).await;
        let done = simultaneously(2, |i| {
            let (projects, change) = (ports.projects.clone(), renamed(&project, "Changed"));
            async move {
                if i == 0 {
                    projects.save(change).await.unwrap().is_some()
                } else {
                    projects.delete(change.project.id, change.based_on, MOMENT, None).await.unwrap()
                }
            }
        })
        .await;
        let found = find(ports, project.id).await;
        assert_eq!(done.into_iter().filter(|done| *done).count(), 1);
        assert!(found.is_none_or(|project| project.name.as_str() == "Changed"));
    }
}

/// Its owner is a member, and nobody else.
async fn a_project_is_found_with_the_role_of_its_reader(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let (_, other) = given::project_with_owner(ports).await;
    let admin = given::admin(ports).await;
    assert_eq!(ports.projects.find(project.id, owner.id).await.unwrap(), Some(ProjectView::of_owner(project.clone())));
    for reader in [other.id, admin.id, NOBODY] {
        let found = ports.projects.find(project.id, reader).await.unwrap();
        assert_eq!(found, Some(ProjectView { membership: None, ..ProjectView::of_owner(project.clone()) }), "{reader}");
    }
}

/// This holds for the last id after its deletion, too.
async fn ids_are_never_used_twice(ports: &Ports) {
    let (mut last, owner) = given::project_with_owner(ports).await;
    for _ in 0..3 {
        assert!(ports.projects.delete(last.id, last.version, MOMENT, None).await.unwrap());
        let next = given::project(ports, owner.id).await;
        assert!(next.id > last.id, "{} after {}", next.id, last.id);
        last = next;
    }
}

async fn projects_are_filtered_by_every_combination(ports: &Ports) {
    let owners = [given::user(ports).await.id, given::user(ports).await.id];
    let mut projects = Vec::new();
    for owner in [owners[0], owners[1], owners[0], owners[1]] {
        let project = given::project(ports, owner).await;
        let archived = ProjectPatch { status: Some(ProjectStatus::Archived), ..ProjectPatch::default() };
        projects.push(if projects.len() < 2 {
            ports.projects.save(project.apply(archived, after(1)).unwrap()).await.unwrap().unwrap()
        } else {
            project
        });
    }
    let some = vec![projects[3].id, projects[1].id, ProjectId::new(i64::MAX), projects[0].id];
    let reaches = [Reach::All, Reach::only(some), Reach::only(Vec::new())];
    for reader in [owners[0], owners[1], NOBODY] {
        let views = projects.iter().map(|project| ProjectView {
            membership: (project.owner_id == reader).then_some(MemberRole::Owner),
            ..ProjectView::of_owner(project.clone())
        });
        for all in [true, false] {
            for role in maybe(MemberRole::ALL) {
                for (status, reach) in
                    maybe(ProjectStatus::ALL).flat_map(|status| reaches.each_ref().map(|it| (status, it)))
                {
                    let filter = ProjectFilter { reader, all, role, status, reach: reach.clone() };
                    let expected: Vec<_> = views
                        .clone()
                        .filter(|view| all || view.membership.is_some())
                        .filter(|view| role.is_none() || role == view.membership)
                        .filter(|view| status.is_none_or(|status| status == view.project.status))
                        .filter(|view| reach.contains(view.project.id))
                        .collect();
                    let listed = ports.projects.list(filter.clone(), everything()).await.unwrap();
                    assert_eq!(listed.items, expected, "{filter:?}");
                }
            }
        }
    }
}

async fn a_page_with_the_last_row_has_no_next(ports: &Ports) {
    let owner = given::user(ports).await;
    let page = async |request| ports.projects.list(ProjectFilter::of(owner.id), request).await.unwrap();
    assert_eq!(page(first_page()).await, Page { items: vec![], next: None });
    let mut rows = Vec::new();
    for _ in 0..6 {
        rows.push(ProjectView::of_owner(given::project(ports, owner.id).await));
    }
    let first = page(first_page()).await;
    assert_eq!((&first.items[..], first.next), (&rows[..3], Some(Cursor::after(rows[2].project.id.get()))));
    let second = page(PageRequest { cursor: first.next, ..first_page() }).await;
    assert_eq!((&second.items[..], second.next), (&rows[3..], None));
    let beyond = page(PageRequest { cursor: Some(Cursor::after(i64::MAX)), ..first_page() }).await;
    assert_eq!(beyond, Page { items: vec![], next: None });
}

async fn pages_of_projects_stay_consistent_while_rows_change(ports: &Ports) {
    let (owner, other) = (given::user(ports).await, given::user(ports).await);
    let own = ProjectFilter::of(owner.id);
    walk_while_rows_change(
        async |request| ports.projects.list(own.clone(), request).await.unwrap().map(|view| view.project.id.get()),
        async || {
            given::project(ports, other.id).await;
            given::project(ports, owner.id).await.id.get()
        },
        async |id| assert!(ports.projects.delete(ProjectId::new(id), 1, MOMENT, None).await.unwrap()),
    )
    .await;
}

/// `Conflict` with `QUOTA`.
async fn a_project_beyond_the_quota_is_refused(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let new = |quota| NewProject { quota, ..new_project(owner.id) };
    assert_eq!(conflict(ports.projects.create(new(1), None).await), constraint::QUOTA);
    assert!(ports.projects.delete(project.id, project.version, MOMENT, None).await.unwrap());
    ports.projects.create(new(1), None).await.unwrap();
}

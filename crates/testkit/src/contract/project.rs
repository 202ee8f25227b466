//! Projects.

use super::{conflict, simultaneously};
use crate::{
    Ports,
    builders::{MOMENT, after, description, new_project, project_name, unicode},
};
use fasttrack_domain::{
    id::{ProjectId, UserId},
    patch::Patch,
    ports::constraint,
    project::{NewProject, Project, ProjectChange, ProjectPatch, ProjectStatus},
    text::{Description, ProjectName},
};

fn renamed(project: &Project, name: &str) -> ProjectChange {
    project.apply(ProjectPatch { name: Some(project_name(name)), ..ProjectPatch::default() }, after(5)).unwrap()
}

/// What `create` answers is what was asked for, and what is found afterwards.
pub async fn a_new_project_is_active_and_found_as_it_was_made(ports: &Ports) {
    let owner = ports.given_user().await;
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
        assert_eq!(ports.projects.find(project.id).await.unwrap(), Some(expected));
    }
}

/// Neither cut nor normalised.
pub async fn the_longest_and_strangest_texts_come_back_equal(ports: &Ports) {
    let owner = ports.given_user().await;
    let new = NewProject {
        name: project_name(&unicode(ProjectName::MAX)),
        description: Some(description(&unicode(Description::MAX))),
        ..new_project(owner.id)
    };
    let project = ports.projects.create(new.clone(), None).await.unwrap();
    assert_eq!((&project.name, &project.description), (&new.name, &new.description));
    assert_eq!(ports.projects.find(project.id).await.unwrap(), Some(project));
}

/// A lookup, a change or a deletion that finds nothing is no error.
pub async fn projects_that_do_not_exist_are_not_found(ports: &Ports) {
    let (project, _) = ports.given_projects_owner().await;
    for id in [i64::MIN, -1, 0, project.id.get() + 1, i64::MAX].map(ProjectId::new) {
        assert_eq!(ports.projects.find(id).await.unwrap(), None, "{id}");
        assert!(!ports.projects.delete(id, 1, None).await.unwrap(), "{id}");
    }
    let ghost = Project { id: ProjectId::new(i64::MAX), ..project };
    assert_eq!(ports.projects.save(renamed(&ghost, "Ghost")).await.unwrap(), None);
}

/// `Conflict` with `REFERENCE`.
pub async fn a_project_of_nobody_is_refused(ports: &Ports) {
    let created = ports.projects.create(new_project(UserId::new(i64::MAX)), None).await;
    assert_eq!(conflict(created), constraint::REFERENCE);
}

/// Every field of it, to and fro.
pub async fn a_change_is_committed_whole(ports: &Ports) {
    let (mut project, _) = ports.given_projects_owner().await;
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
        assert_eq!(ports.projects.find(project.id).await.unwrap(), saved);
        project = change.project;
    }
}

/// `Ok(None)`, whether the other version is newer or was never there.
pub async fn a_change_based_on_another_version_is_not_committed(ports: &Ports) {
    let (project, _) = ports.given_projects_owner().await;
    let saved = ports.projects.save(renamed(&project, "First")).await.unwrap();
    assert_eq!(ports.projects.save(renamed(&project, "Second")).await.unwrap(), None);
    let future = Project { version: 7, ..project.clone() };
    assert_eq!(ports.projects.save(renamed(&future, "Third")).await.unwrap(), None);
    assert_eq!(ports.projects.find(project.id).await.unwrap(), saved);
}

/// The version decides, however close the calls.
pub async fn of_simultaneous_changes_of_one_version_one_is_committed(ports: &Ports) {
    let (project, _) = ports.given_projects_owner().await;
    let saved = simultaneously(20, |i| {
        let (projects, change) = (ports.projects.clone(), renamed(&project, &format!("Name {i}")));
        async move { projects.save(change).await.unwrap() }
    })
    .await;
    let winners: Vec<_> = saved.into_iter().flatten().collect();
    assert_eq!(winners.len(), 1);
    assert_eq!(ports.projects.find(project.id).await.unwrap().as_ref(), winners.first());
}

/// The deletion was decided on what the change replaces, and the other way round.
pub async fn of_a_simultaneous_change_and_deletion_one_is_committed(ports: &Ports) {
    for _ in 0..10 {
        let (project, _) = ports.given_projects_owner().await;
        let done = simultaneously(2, |i| {
            let (projects, change) = (ports.projects.clone(), renamed(&project, "Changed"));
            async move {
                if i == 0 {
                    projects.save(change).await.unwrap().is_some()
                } else {
                    projects.delete(change.project.id, change.based_on, None).await.unwrap()
                }
            }
        })
        .await;
        let found = ports.projects.find(project.id).await.unwrap();
        assert_eq!(done.into_iter().filter(|done| *done).count(), 1);
        assert!(found.is_none_or(|project| project.name.as_str() == "Changed"));
    }
}

/// And nothing of another project.
pub async fn a_deletion_takes_tasks_and_comments_along(ports: &Ports) {
    let (project, owner) = ports.given_projects_owner().await;
    let other = ports.given_project(owner.id).await;
    let (task, other_task) = (ports.given_task(project.id).await, ports.given_task(other.id).await);
    let comment = ports.given_comment(task.id, owner.id).await;
    let other_comment = ports.given_comment(other_task.id, owner.id).await;

    assert!(ports.projects.delete(project.id, project.version, None).await.unwrap());
    assert_eq!(ports.projects.find(project.id).await.unwrap(), None);
    assert_eq!(ports.tasks.find_project(project.id).await.unwrap(), None);
    assert_eq!(ports.tasks.find(task.id).await.unwrap(), None);
    assert_eq!(ports.comments.find(comment.id).await.unwrap(), None);
    assert!(!ports.projects.delete(project.id, project.version, None).await.unwrap());

    assert_eq!(ports.projects.find(other.id).await.unwrap(), Some(other));
    assert_eq!(ports.tasks.find(other_task.id).await.unwrap().map(|found| found.task), Some(other_task));
    assert_eq!(ports.comments.find(other_comment.id).await.unwrap(), Some(other_comment));
}

/// `Ok(false)`, tasks and comments included.
pub async fn a_deletion_based_on_another_version_deletes_nothing(ports: &Ports) {
    let (project, owner) = ports.given_projects_owner().await;
    let task = ports.given_task(project.id).await;
    let comment = ports.given_comment(task.id, owner.id).await;
    for version in [0, project.version + 1] {
        assert!(!ports.projects.delete(project.id, version, None).await.unwrap(), "{version}");
    }
    assert_eq!(ports.projects.find(project.id).await.unwrap(), Some(project));
    assert!(ports.tasks.find(task.id).await.unwrap().is_some());
    assert!(ports.comments.find(comment.id).await.unwrap().is_some());
}

/// Not even that of the youngest project after its deletion.
pub async fn ids_are_never_used_twice(ports: &Ports) {
    let (mut last, owner) = ports.given_projects_owner().await;
    for _ in 0..3 {
        assert!(ports.projects.delete(last.id, last.version, None).await.unwrap());
        let next = ports.given_project(owner.id).await;
        assert!(next.id > last.id, "{} after {}", next.id, last.id);
        last = next;
    }
}

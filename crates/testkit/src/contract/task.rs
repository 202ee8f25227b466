//! Tasks, one at a time. Lists of them: [`list`](super::list).

use super::{conflict, simultaneously};
use crate::{
    Ports,
    builders::{MOMENT, after, description, new_task, title, unicode},
};
use fasttrack_domain::{
    id::{ProjectId, TaskId, UserId},
    page::PageRequest,
    patch::Patch,
    ports::constraint,
    project::{ProjectPatch, ProjectStatus},
    task::{
        NewTask, Task, TaskChange, TaskFilter, TaskInProject, TaskPatch, TaskPriority, TaskProject, TaskRemoval,
        TaskStatus,
    },
    text::{Description, TaskTitle},
};

async fn find(ports: &Ports, id: TaskId) -> TaskInProject {
    ports.tasks.find(id).await.unwrap().unwrap()
}

async fn given(ports: &Ports) -> TaskInProject {
    let (project, _) = ports.given_projects_owner().await;
    find(ports, ports.given_task(project.id).await.id).await
}

fn change(found: &TaskInProject, patch: TaskPatch) -> TaskChange {
    found.apply(patch, found.project.owner_id, after(5)).unwrap().unwrap()
}

fn renamed(found: &TaskInProject, name: &str) -> TaskChange {
    change(found, TaskPatch { title: Some(title(name)), ..TaskPatch::default() })
}

fn removal(found: &TaskInProject) -> TaskRemoval {
    found.remove(found.project.owner_id, after(5))
}

/// What `create` answers is what was asked for, and what is found afterwards.
pub async fn a_new_task_is_found_as_it_was_made_with_its_project(ports: &Ports) {
    let (project, owner) = ports.given_projects_owner().await;
    let assignee = ports.given_user().await;
    let of_task = TaskProject { id: project.id, name: project.name, owner_id: owner.id, status: project.status };
    assert_eq!(ports.tasks.find_project(project.id).await.unwrap().as_ref(), Some(&of_task));
    for (description, status, priority, assignee_id) in [
        (Some(description("How")), TaskStatus::InProgress, TaskPriority::High, Some(assignee.id)),
        (None, TaskStatus::Done, TaskPriority::Low, None),
    ] {
        let new = NewTask { description, status, priority, assignee_id, ..new_task(&of_task) };
        let task = ports.tasks.create(new.clone(), None).await.unwrap();
        let expected = Task {
            id: task.id,
            project_id: project.id,
            title: new.title,
            description: new.description,
            status,
            priority,
            assignee_id,
            created_at: MOMENT,
            updated_at: MOMENT,
            version: 1,
        };
        assert_eq!(task, expected);
        assert_eq!(find(ports, task.id).await, TaskInProject { task: expected, project: of_task.clone() });
    }
}

/// Neither cut nor normalised.
pub async fn the_longest_and_strangest_texts_come_back_equal(ports: &Ports) {
    let (project, _) = ports.given_projects_owner().await;
    let (longest_title, longest) = (title(&unicode(TaskTitle::MAX)), description(&unicode(Description::MAX)));
    let task = ports
        .given_task_like(project.id, |task| NewTask {
            title: longest_title.clone(),
            description: Some(longest.clone()),
            ..task
        })
        .await;
    assert_eq!((&task.title, &task.description), (&longest_title, &Some(longest)));
    assert_eq!(find(ports, task.id).await.task, task);
}

/// As the two differ for clients.
pub async fn an_empty_description_is_not_an_absent_one(ports: &Ports) {
    let (project, _) = ports.given_projects_owner().await;
    for text in [Some(description("")), None] {
        let task = ports.given_task_like(project.id, |task| NewTask { description: text.clone(), ..task }).await;
        assert_eq!(find(ports, task.id).await.task.description, text);
    }
}

/// A lookup, a change or a deletion that finds nothing is no error.
pub async fn tasks_that_do_not_exist_are_not_found(ports: &Ports) {
    let found = given(ports).await;
    for id in [i64::MIN, -1, 0, found.task.id.get() + 1, i64::MAX].map(TaskId::new) {
        assert_eq!(ports.tasks.find(id).await.unwrap(), None, "{id}");
        assert!(!ports.tasks.delete(TaskRemoval { id, ..removal(&found) }).await.unwrap(), "{id}");
    }
    assert_eq!(ports.tasks.find_project(ProjectId::new(i64::MAX)).await.unwrap(), None);
    let mut ghost = renamed(&found, "Ghost");
    ghost.task.id = TaskId::new(i64::MAX);
    assert_eq!(ports.tasks.save(ghost).await.unwrap(), None);
}

/// Its name and whether it takes tasks, not as they were when the task was made.
pub async fn a_task_is_found_with_its_project_as_that_is_now(ports: &Ports) {
    let (project, _) = ports.given_projects_owner().await;
    let task = ports.given_task(project.id).await;
    let patch = ProjectPatch { status: Some(ProjectStatus::Archived), ..ProjectPatch::default() };
    let archived = ports.projects.save(project.apply(patch, after(1)).unwrap()).await.unwrap().unwrap();
    let found = find(ports, task.id).await;
    assert_eq!((found.project.status, found.project.name.clone()), (ProjectStatus::Archived, archived.name));
    assert_eq!(ports.tasks.find_project(project.id).await.unwrap(), Some(found.project));
}

/// `Conflict` with `REFERENCE`: the project went after it was looked up.
pub async fn a_task_of_a_gone_project_is_refused(ports: &Ports) {
    let (project, _) = ports.given_projects_owner().await;
    let seen = ports.tasks.find_project(project.id).await.unwrap().unwrap();
    ports.projects.delete(project.id, project.version, None).await.unwrap();
    assert_eq!(conflict(ports.tasks.create(new_task(&seen), None).await), constraint::REFERENCE);
}

/// `Conflict` with `REFERENCE`, for a new task as for a changed one.
pub async fn a_task_for_a_gone_assignee_is_refused_and_nothing_is_made(ports: &Ports) {
    let found = given(ports).await;
    let nobody = UserId::new(i64::MAX);
    let created = ports.tasks.create(NewTask { assignee_id: Some(nobody), ..new_task(&found.project) }, None).await;
    assert_eq!(conflict(created), constraint::REFERENCE);
    let given_away = change(&found, TaskPatch { assignee_id: Patch::Set(nobody), ..TaskPatch::default() });
    assert_eq!(conflict(ports.tasks.save(given_away).await), constraint::REFERENCE);
    let listed = ports.tasks.list_in_project(found.project.id, TaskFilter::default(), PageRequest::default()).await;
    assert_eq!(listed.unwrap().unwrap().page.items, [found.task]);
}

/// A creation comes before the deletion and goes with it, or comes after and is refused.
pub async fn no_task_outlives_its_project_when_both_come_and_go_at_once(ports: &Ports) {
    let (project, _) = ports.given_projects_owner().await;
    let seen = ports.tasks.find_project(project.id).await.unwrap().unwrap();
    let created = simultaneously(20, |i| {
        let (ports, new) = (ports.clone(), new_task(&seen));
        async move {
            if i == 10 {
                assert!(ports.projects.delete(new.project.id, 1, None).await.unwrap());
                None
            } else {
                Some(ports.tasks.create(new, None).await)
            }
        }
    })
    .await;
    for result in created.into_iter().flatten() {
        match result {
            Ok(task) => assert_eq!(ports.tasks.find(task.id).await.unwrap(), None),
            refused => assert_eq!(conflict(refused), constraint::REFERENCE),
        }
    }
}

/// Every field of it, to and fro.
pub async fn a_change_is_committed_whole(ports: &Ports) {
    let mut found = given(ports).await;
    let assignee = ports.given_user().await;
    let patches = [
        TaskPatch {
            title: Some(title("Ümlaut")),
            description: Patch::Clear,
            status: Some(TaskStatus::InProgress),
            priority: Some(TaskPriority::High),
            assignee_id: Patch::Set(assignee.id),
        },
        TaskPatch {
            description: Patch::Set(description("")),
            status: Some(TaskStatus::Done),
            assignee_id: Patch::Clear,
            ..TaskPatch::default()
        },
    ];
    for patch in patches {
        let change = change(&found, patch);
        assert_eq!(ports.tasks.save(change.clone()).await.unwrap().as_ref(), Some(&change.task));
        found.task = change.task;
        assert_eq!(find(ports, found.task.id).await, found);
    }
}

/// `Ok(None)`, whether the other version is newer or was never there.
pub async fn a_change_based_on_another_version_is_not_committed(ports: &Ports) {
    let found = given(ports).await;
    let saved = ports.tasks.save(renamed(&found, "First")).await.unwrap();
    assert_eq!(ports.tasks.save(renamed(&found, "Second")).await.unwrap(), None);
    let future = TaskInProject { task: Task { version: 7, ..found.task.clone() }, ..found };
    assert_eq!(ports.tasks.save(renamed(&future, "Third")).await.unwrap(), None);
    assert_eq!(Some(find(ports, future.task.id).await.task), saved);
}

/// The version decides, however close the calls.
pub async fn of_simultaneous_changes_of_one_version_one_is_committed(ports: &Ports) {
    let found = given(ports).await;
    let saved = simultaneously(20, |i| {
        let (tasks, change) = (ports.tasks.clone(), renamed(&found, &format!("Title {i}")));
        async move { tasks.save(change).await.unwrap() }
    })
    .await;
    let winners: Vec<_> = saved.into_iter().flatten().collect();
    assert_eq!(winners.len(), 1);
    assert_eq!(Some(&find(ports, found.task.id).await.task), winners.first());
}

/// Load, decide, save, and again where another was faster: nobody's words are lost.
pub async fn simultaneous_changes_that_are_decided_again_are_all_kept(ports: &Ports) {
    let id = given(ports).await.task.id;
    simultaneously(10, |i| {
        let ports = ports.clone();
        async move {
            loop {
                let found = find(&ports, id).await;
                if ports.tasks.save(renamed(&found, &format!("{} +{i}.", found.task.title))).await.unwrap().is_some() {
                    break;
                }
            }
        }
    })
    .await;
    let task = find(ports, id).await.task;
    assert_eq!(task.version, 11);
    assert!((0..10).all(|i| task.title.as_str().contains(&format!(" +{i}."))), "{}", task.title);
}

/// And nothing of another task.
pub async fn a_deletion_takes_the_comments_along(ports: &Ports) {
    let (found, other) = (given(ports).await, given(ports).await);
    let comment = ports.given_comment(found.task.id, found.project.owner_id).await;
    let other_comment = ports.given_comment(other.task.id, found.project.owner_id).await;

    assert!(ports.tasks.delete(removal(&found)).await.unwrap());
    assert_eq!(ports.tasks.find(found.task.id).await.unwrap(), None);
    assert_eq!(ports.comments.find(comment.id).await.unwrap(), None);
    assert!(!ports.tasks.delete(removal(&found)).await.unwrap());

    assert_eq!(find(ports, other.task.id).await, other);
    assert_eq!(ports.comments.find(other_comment.id).await.unwrap(), Some(other_comment));
}

/// `Ok(false)`, comments included.
pub async fn a_deletion_based_on_another_version_deletes_nothing(ports: &Ports) {
    let found = given(ports).await;
    let comment = ports.given_comment(found.task.id, found.project.owner_id).await;
    for based_on in [0, found.task.version + 1] {
        assert!(!ports.tasks.delete(TaskRemoval { based_on, ..removal(&found) }).await.unwrap(), "{based_on}");
    }
    assert_eq!(find(ports, found.task.id).await, found);
    assert!(ports.comments.find(comment.id).await.unwrap().is_some());
}

/// Not even that of the youngest task after its deletion.
pub async fn ids_are_never_used_twice(ports: &Ports) {
    let mut last = given(ports).await;
    for _ in 0..3 {
        assert!(ports.tasks.delete(removal(&last)).await.unwrap());
        let next = find(ports, ports.given_task(last.project.id).await.id).await;
        assert!(next.task.id > last.task.id, "{} after {}", next.task.id, last.task.id);
        last = next;
    }
}

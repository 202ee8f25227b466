//! Tasks, one at a time. Their lists: [`task_list`](super::task_list).

use super::{conflict, simultaneously};
use crate::{
    builders::{MOMENT, NOBODY, after, description, display_name, new_task, title, unicode},
    given,
};
use fasttrack_domain::{
    id::{ProjectId, TaskId, UserId},
    label::LabelIds,
    membership::MemberRole,
    patch::Patch,
    ports::{constraint, project::ProjectRepository, task::TaskRepository, user::UserRepository},
    project::{ProjectPatch, ProjectStatus},
    reminder::Reminders,
    task::{
        NewTask, Task, TaskChange, TaskInProject, TaskPageRequest, TaskPatch, TaskPriority, TaskProject, TaskQuery,
        TaskRemoval, TaskStatus, TaskView,
    },
    text::{Description, TaskTitle},
    user::UserPatch,
};
use std::slice;

contract! { $
    task { users: UserRepository, projects: ProjectRepository, tasks: TaskRepository }
    a_new_task_is_found_as_it_was_made_with_its_project,
    longest_and_unicode_texts_are_stored_unchanged,
    an_empty_description_is_not_an_absent_one,
    tasks_that_do_not_exist_are_not_found,
    a_task_is_found_with_its_project_as_that_is_now,
    a_task_in_a_deleted_project_is_refused,
    a_task_for_an_unknown_assignee_is_refused,
    a_task_has_its_assignee_under_the_present_name,
    a_change_is_committed_with_every_field,
    a_change_based_on_another_version_is_not_committed,
    one_of_simultaneous_changes_of_a_version_is_committed,
    simultaneous_changes_are_all_kept_when_retried,
    ids_are_never_used_twice,
    a_task_beyond_the_quota_is_refused,
}

async fn find(ports: &Ports, id: TaskId) -> TaskInProject {
    ports.tasks.find(id, NOBODY).await.unwrap().unwrap()
}

async fn given(ports: &Ports) -> TaskInProject {
    let (project, _) = given::project_with_owner(ports).await;
    find(ports, given::task(ports, project.id).await.id).await
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

async fn a_new_task_is_found_as_it_was_made_with_its_project(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let assignee = given::user(ports).await;
    let [of_owner, of_other] =
        [Some(MemberRole::Owner), None].map(|membership| TaskProject::new(project.clone(), membership));
    assert_eq!(ports.tasks.find_project(project.id, owner.id).await.unwrap().as_ref(), Some(&of_owner));
    assert_eq!(ports.tasks.find_project(project.id, assignee.id).await.unwrap().as_ref(), Some(&of_other));
    for (description, status, priority, assignee_id) in [
        (Some(description("How")), TaskStatus::InProgress, TaskPriority::High, Some(assignee.id)),
        (None, TaskStatus::Done, TaskPriority::Low, None),
    ] {
        let new = NewTask { description, status, priority, assignee_id, ..new_task(&of_owner) };
        let task = ports.tasks.create(new.clone(), None).await.unwrap();
        let expected = Task {
            id: task.id,
            project_id: project.id,
            title: new.title,
            description: new.description,
            status,
            priority,
            assignee_id,
            due: None,
            reminders: Reminders::default(),
            labels: LabelIds::default(),
            parent_id: None,
            moved_to: None,
            completed_at: (status == TaskStatus::Done).then_some(MOMENT),
            created_at: MOMENT,
            updated_at: MOMENT,
            version: 1,
        };
        assert_eq!(task, expected);
        for (reader, project) in [(owner.id, &of_owner), (assignee.id, &of_other)] {
            let assignee = assignee_id.map(|_| assignee.person());
            let (task, project) = (expected.clone(), project.clone());
            let found = TaskInProject { task, assignee, labels: Vec::new(), project };
            assert_eq!(ports.tasks.find(expected.id, reader).await.unwrap(), Some(found));
        }
    }
}

async fn longest_and_unicode_texts_are_stored_unchanged(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let (longest_title, longest) = (title(&unicode(TaskTitle::MAX)), description(&unicode(Description::MAX)));
    let task = given::task_with(ports, project.id, |task| NewTask {
        title: longest_title.clone(),
        description: Some(longest.clone()),
        ..task
    })
    .await;
    assert_eq!((&task.title, &task.description), (&longest_title, &Some(longest)));
    assert_eq!(find(ports, task.id).await.task, task);
}

async fn an_empty_description_is_not_an_absent_one(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    for text in [Some(description("")), None] {
        let task = given::task_with(ports, project.id, |task| NewTask { description: text.clone(), ..task }).await;
        assert_eq!(find(ports, task.id).await.task.description, text);
    }
}

/// A lookup, a change or a deletion that finds nothing is no error.
async fn tasks_that_do_not_exist_are_not_found(ports: &Ports) {
    let found = given(ports).await;
    for id in [i64::MIN, -1, 0, found.task.id.get() + 1, i64::MAX].map(TaskId::new) {
        assert_eq!(ports.tasks.find(id, NOBODY).await.unwrap(), None, "{id}");
        assert!(!ports.tasks.delete(TaskRemoval { id, ..removal(&found) }).await.unwrap(), "{id}");
    }
    assert_eq!(ports.tasks.find_project(ProjectId::new(i64::MAX), NOBODY).await.unwrap(), None);
    let mut ghost = renamed(&found, "Ghost");
    ghost.task.id = TaskId::new(i64::MAX);
    assert_eq!(ports.tasks.save(ghost).await.unwrap(), None);
}

async fn a_task_is_found_with_its_project_as_that_is_now(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let task = given::task(ports, project.id).await;
    let patch = ProjectPatch { status: Some(ProjectStatus::Archived), ..ProjectPatch::default() };
    let archived = ports.projects.save(project.apply(patch, after(1)).unwrap()).await.unwrap().unwrap();
    let found = find(ports, task.id).await;
    assert_eq!((found.project.status, found.project.name.clone()), (ProjectStatus::Archived, archived.name));
    assert_eq!(ports.tasks.find_project(project.id, NOBODY).await.unwrap(), Some(found.project));
}

/// `Conflict` with `REFERENCE`.
async fn a_task_in_a_deleted_project_is_refused(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let seen = ports.tasks.find_project(project.id, NOBODY).await.unwrap().unwrap();
    ports.projects.delete(project.id, project.version, MOMENT, None).await.unwrap();
    assert_eq!(conflict(ports.tasks.create(new_task(&seen), None).await), constraint::REFERENCE);
}

/// `Conflict` with `REFERENCE`, for a new task and for a change. Nothing is created.
async fn a_task_for_an_unknown_assignee_is_refused(ports: &Ports) {
    let found = given(ports).await;
    let nobody = UserId::new(i64::MAX);
    let created = ports.tasks.create(NewTask { assignee_id: Some(nobody), ..new_task(&found.project) }, None).await;
    assert_eq!(conflict(created), constraint::REFERENCE);
    let given_away = change(&found, TaskPatch { assignee_id: Patch::Set(nobody), ..TaskPatch::default() });
    assert_eq!(conflict(ports.tasks.save(given_away).await), constraint::REFERENCE);
    let (all, first) = (TaskQuery::default(), TaskPageRequest::default());
    let listed = ports.tasks.list_in_project(found.project.id, NOBODY, all, first).await;
    assert_eq!(listed.unwrap().unwrap().page.items, [TaskView::from(found)]);
}

/// This holds for a deactivated assignee, too.
async fn a_task_has_its_assignee_under_the_present_name(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let assignee = given::user(ports).await;
    let task = given::task_with(ports, project.id, |task| NewTask { assignee_id: Some(assignee.id), ..task }).await;
    let patch = UserPatch { display_name: Some(display_name("Änne")), ..UserPatch::default() };
    let renamed = ports.users.save(assignee.apply(patch, after(1)).unwrap(), None).await.unwrap().unwrap();
    let renamed = given::deactivated(ports, &renamed).await;
    let (assignee, labels, project) = (Some(renamed.person()), Vec::new(), TaskProject::new(project, None));
    let expected = TaskInProject { task, assignee, labels, project };
    assert_eq!(find(ports, expected.task.id).await, expected);
    let (all, first) = (TaskQuery::default(), TaskPageRequest::default());
    let listed = ports.tasks.list_in_project(expected.project.id, owner.id, all.clone(), first.clone()).await;
    let expected = TaskView::from(expected);
    assert_eq!(listed.unwrap().unwrap().page.items, slice::from_ref(&expected));
    assert_eq!(ports.tasks.list_assigned(renamed.id, all, first).await.unwrap().items, [expected]);
}

async fn a_change_is_committed_with_every_field(ports: &Ports) {
    let mut found = given(ports).await;
    let assignee = given::user(ports).await;
    let patches = [
        TaskPatch {
            title: Some(title("Ümlaut")),
            description: Patch::Clear,
            status: Some(TaskStatus::InProgress),
            priority: Some(TaskPriority::High),
            assignee_id: Patch::Set(assignee.id),
            ..TaskPatch::default()
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
        found.assignee = change.task.assignee_id.map(|_| assignee.person());
        found.task = change.task;
        assert_eq!(find(ports, found.task.id).await, found);
    }
}

/// `Ok(None)` for an older version and for one that never existed.
async fn a_change_based_on_another_version_is_not_committed(ports: &Ports) {
    let found = given(ports).await;
    let saved = ports.tasks.save(renamed(&found, "First")).await.unwrap();
    assert_eq!(ports.tasks.save(renamed(&found, "Second")).await.unwrap(), None);
    let future = TaskInProject { task: Task { version: 7, ..found.task.clone() }, ..found };
    assert_eq!(ports.tasks.save(renamed(&future, "Third")).await.unwrap(), None);
    assert_eq!(Some(find(ports, future.task.id).await.task), saved);
}

async fn one_of_simultaneous_changes_of_a_version_is_committed(ports: &Ports) {
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

async fn simultaneous_changes_are_all_kept_when_retried(ports: &Ports) {
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

/// This holds for the last id after its deletion, too.
async fn ids_are_never_used_twice(ports: &Ports) {
    let mut last = given(ports).await;
    for _ in 0..3 {
        assert!(ports.tasks.delete(removal(&last)).await.unwrap());
        let next = find(ports, given::task(ports, last.project.id).await.id).await;
        assert!(next.task.id > last.task.id, "{} after {}", next.task.id, last.task.id);
        last = next;
    }
}

/// `Conflict` with `QUOTA`.
async fn a_task_beyond_the_quota_is_refused(ports: &Ports) {
    let found = given(ports).await;
    let new = |quota| NewTask { quota, ..new_task(&found.project) };
    assert_eq!(conflict(ports.tasks.create(new(1), None).await), constraint::QUOTA);
    assert!(ports.tasks.delete(removal(&found)).await.unwrap());
    ports.tasks.create(new(1), None).await.unwrap();
}

use super::*;
use crate::fixtures::{
    ADMIN, ASSIGNEE, COMMENTER, EDITOR, OWNER, STRANGER, VIEWER, conflict, label, membership, origin, parsed, project,
    run, seen_by, task, task_project, user,
};
use fasttrack_domain::{
    id::LabelId,
    ports::{constraint, label::MockLabelRepository, task::MockTaskRepository, user::MockUserRepository},
    requested::Requested,
    task::{BulkTasks, Lineages, TaskProject, TaskStatus},
};
use std::sync::Arc;

/// A task of the project with this id.
fn numbered(id: i64) -> TaskInProject {
    let mut found = task();
    found.task.id = TaskId::new(id);
    found
}

fn finding(found: Vec<TaskInProject>) -> MockTaskRepository {
    let mut tasks = MockTaskRepository::new();
    tasks.expect_find_in_project().times(1).return_once(|_, _, reader| {
        let project = TaskProject { membership: membership(reader), ..task_project() };
        Ok(Some(BulkTasks { project, tasks: found.into_iter().map(|found| seen_by(reader, found)).collect() }))
    });
    tasks
}

fn saving(mut tasks: MockTaskRepository) -> MockTaskRepository {
    tasks
        .expect_save_all()
        .times(1)
        .return_once(|changes| Ok(Some(changes.into_iter().map(|change| change.task).collect())));
    tasks
}

fn command(actor: Actor, ids: &[i64], patch: TaskPatch) -> UpdateTasks {
    let ids = BulkIds::parse(ids.iter().copied().map(TaskId::new).collect()).unwrap();
    UpdateTasks { actor, project_id: project().id, ids, patch, origin: origin() }
}

fn update(actor: Actor, ids: &[i64], patch: TaskPatch, tasks: MockTaskRepository) -> Result<Vec<TaskView>, Error> {
    run(Tasks { tasks: Arc::new(tasks), ..Tasks::mocked() }.update_all(command(actor, ids, patch)))
}

fn to(status: TaskStatus) -> TaskPatch {
    TaskPatch { status: Some(status), ..TaskPatch::default() }
}

fn fields(result: Result<Vec<TaskView>, Error>) -> Vec<(String, &'static str)> {
    match result {
        Err(Error::Validation(faults)) => faults.into_iter().map(|fault| (fault.field, fault.code)).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn owner_editor_and_admin_change_tasks_in_the_order_of_the_ids() {
    for actor in [OWNER, EDITOR, ADMIN] {
        let is_admin = actor == ADMIN;
        let mut tasks = finding(vec![numbered(9), numbered(10)]);
        tasks
            .expect_save_all()
            .times(1)
            .withf(move |changes| {
                changes.len() == 2 && changes.iter().all(|it| it.audit.is_some() == is_admin && it.events.len() == 1)
            })
            .return_once(|changes| Ok(Some(changes.into_iter().map(|change| change.task).collect())));
        let views = update(actor, &[10, 9], to(TaskStatus::InProgress), tasks).unwrap();
        let saved: Vec<_> = views.iter().map(|view| (view.task.id.get(), view.task.version)).collect();
        assert_eq!(saved, [(10, 5), (9, 5)]);
    }
}

#[test]
fn role_in_the_project_is_needed_even_for_ones_own_tasks() {
    for actor in [STRANGER, ASSIGNEE, VIEWER, COMMENTER] {
        let refused = update(actor, &[9, 404], to(TaskStatus::Done), finding(vec![numbered(9)]));
        assert!(matches!(refused, Err(Error::Forbidden(_))));
    }
    let mut missing = MockTaskRepository::new();
    missing.expect_find_in_project().return_once(|_, _, _| Ok(None));
    let refused = update(OWNER, &[9], to(TaskStatus::Done), missing);
    assert!(matches!(refused, Err(Error::NotFound("project"))));
}

#[test]
fn ids_that_are_twice_or_not_in_the_project_are_named() {
    let refused = update(OWNER, &[9, 404, 9], to(TaskStatus::InProgress), finding(vec![numbered(9)]));
    let expected = [("ids.1".to_owned(), "unknown_task"), ("ids.2".to_owned(), "unknown_task")];
    assert_eq!(fields(refused), expected);
}

#[test]
fn unlawful_steps_are_named_and_nothing_is_saved() {
    let mut begun = numbered(9);
    begun.task.status = TaskStatus::InProgress;
    let refused = update(OWNER, &[9, 10], to(TaskStatus::Done), finding(vec![begun, numbered(10)]));
    let Err(Error::InvalidTransitions(InvalidTransitions(details))) = refused else { panic!("{refused:?}") };
    let details: Vec<_> = details.iter().map(|it| (it.field.as_str(), it.code)).collect();
    assert_eq!(details, [("ids.1", "invalid_status_transition")]);
}

#[test]
fn cycles_and_depth_are_named_by_task() {
    let under = |parent| TaskPatch { parent_id: Patch::Set(TaskId::new(parent)), ..TaskPatch::default() };
    let lineages = |parent: i64, above: &[i64], heights: &[(i64, usize)]| Lineages {
        ancestors: HashMap::from([(TaskId::new(parent), above.iter().copied().map(TaskId::new).collect())]),
        heights: heights.iter().map(|(id, height)| (TaskId::new(*id), *height)).collect(),
    };
    for (parent, lineages, expected) in [
        (10, lineages(10, &[10, 9], &[(9, 2), (10, 1)]), vec![("ids.0", "cycle"), ("ids.1", "cycle")]),
        (12, lineages(12, &[12, 13, 14], &[(9, 3), (10, 2)]), vec![("ids.0", "too_deep")]),
        (404, Lineages::default(), vec![("patch.parent_id", "unknown_task")]),
    ] {
        let mut tasks = finding(vec![numbered(9), numbered(10)]);
        tasks.expect_find_lineages().times(1).return_once(|_, _| Ok(lineages));
        let refused = fields(update(OWNER, &[9, 10], under(parent), tasks));
        let refused: Vec<_> = refused.iter().map(|(field, code)| (field.as_str(), *code)).collect();
        assert_eq!(refused, expected);
    }
}

#[test]
fn tasks_that_have_the_parent_already_are_not_checked() {
    let mut child = numbered(9);
    child.task.parent_id = Some(TaskId::new(12));
    let mut tasks = finding(vec![child]);
    let parent = TaskId::new(12);
    tasks.expect_find_lineages().times(1).withf(|_, request| request.tasks.is_empty()).return_once(move |_, _| {
        Ok(Lineages { ancestors: HashMap::from([(parent, vec![parent])]), ..Lineages::default() })
    });
    let patch = TaskPatch { parent_id: Patch::Set(parent), ..TaskPatch::default() };
    assert_eq!(update(OWNER, &[9], patch, tasks).unwrap()[0].task.version, 4);
}

#[test]
fn changed_tasks_show_the_new_assignee_and_labels() {
    let labels = Requested::parse(vec![LabelId::new(3)], 20).unwrap();
    let patch = TaskPatch { assignee_id: Patch::Set(STRANGER.id), labels: Some(labels), ..TaskPatch::default() };
    let (mut users, mut known) = (MockUserRepository::new(), MockLabelRepository::new());
    users.expect_find().times(1).withf(|id| *id == STRANGER.id).return_once(|_| Ok(Some(user(STRANGER))));
    known.expect_find_in_project().times(1).return_once(|_, _| Ok(vec![label(3)]));
    let (tasks, users, labels) = (Arc::new(saving(finding(vec![numbered(9)]))), Arc::new(users), Arc::new(known));
    let views = run(Tasks { tasks, labels, users, ..Tasks::mocked() }.update_all(command(OWNER, &[9], patch))).unwrap();
    assert_eq!((&views[0].assignee, &views[0].labels), (&Some(user(STRANGER).person()), &vec![label(3)]));
}

#[test]
fn assignee_is_looked_for_unless_all_have_it_already() {
    let patch = || TaskPatch { assignee_id: Patch::Set(ASSIGNEE.id), ..TaskPatch::default() };
    let assigned = |id, assignee_id| {
        let mut found = numbered(id);
        found.task.assignee_id = assignee_id;
        found
    };
    let all = vec![assigned(9, Some(ASSIGNEE.id)), assigned(10, Some(ASSIGNEE.id))];
    assert_eq!(update(OWNER, &[9, 10], patch(), finding(all)).unwrap().len(), 2);

    let mut users = MockUserRepository::new();
    users.expect_find().times(1).withf(|id| *id == ASSIGNEE.id).return_once(|_| Ok(None));
    let some = finding(vec![assigned(9, Some(ASSIGNEE.id)), assigned(10, None)]);
    let tasks = Tasks { tasks: Arc::new(some), users: Arc::new(users), ..Tasks::mocked() };
    let refused = run(tasks.update_all(command(OWNER, &[9, 10], patch())));
    assert_eq!(fields(refused).iter().map(|(field, _)| field.as_str()).collect::<Vec<_>>(), ["patch.assignee_id"]);
}

#[test]
fn a_patch_that_changes_nothing_commits_nothing() {
    let views = update(OWNER, &[9], to(TaskStatus::Todo), finding(vec![numbered(9)])).unwrap();
    assert_eq!(views, [TaskView::from(task())]);
}

#[test]
fn what_others_change_meanwhile_is_loaded_again() {
    let patch = TaskPatch { title: Some(parsed("Weed")), ..TaskPatch::default() };
    for overtaken in [Ok(None), Err(conflict(constraint::REFERENCE))] {
        let mut tasks = finding(vec![numbered(9)]);
        tasks.expect_save_all().times(1).return_once(|_| overtaken);
        let mut changed = numbered(9);
        changed.task.version = 5;
        tasks
            .expect_find_in_project()
            .times(1)
            .return_once(|_, _, _| Ok(Some(BulkTasks { project: task_project(), tasks: vec![changed] })));
        let saved = update(OWNER, &[9], patch.clone(), saving(tasks)).unwrap();
        assert_eq!((saved[0].task.version, saved[0].task.title.as_str()), (6, "Weed"));
    }
}

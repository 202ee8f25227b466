use super::*;
use crate::fixtures::{
    ADMIN, ASSIGNEE, COMMENTER, EDITOR, OWNER, STRANGER, VIEWER, at, conflict, label, now, origin, parsed, project,
    run, seen_by, task, user,
};
use fasttrack_domain::{
    id::{LabelId, UserId},
    ports::{constraint, label::MockLabelRepository, task::MockTaskRepository, user::MockUserRepository},
    requested::Requested,
    task::{LineageRequest, Lineages, Task, TaskStatus},
    user::User,
};
use std::{collections::HashMap, sync::Arc};

fn finding(found: Option<TaskInProject>) -> MockTaskRepository {
    let mut tasks = MockTaskRepository::new();
    tasks.expect_find().times(1).return_once(|_, reader| Ok(found.map(|found| seen_by(reader, found))));
    tasks
}

fn saving(mut tasks: MockTaskRepository) -> MockTaskRepository {
    tasks.expect_save().times(1).return_once(|change| Ok(Some(change.task)));
    tasks
}

fn knowing(user: Option<User>) -> MockUserRepository {
    let mut users = MockUserRepository::new();
    users.expect_find().times(1).withf(|id| *id == STRANGER.id).return_once(|_| Ok(user));
    users
}

fn to(status: TaskStatus) -> TaskPatch {
    TaskPatch { status: Some(status), ..TaskPatch::default() }
}

fn assign(id: UserId) -> TaskPatch {
    TaskPatch { assignee_id: Patch::Set(id), ..TaskPatch::default() }
}

fn update(
    actor: Actor,
    patch: TaskPatch,
    precondition: Precondition,
    tasks: MockTaskRepository,
    users: MockUserRepository,
) -> Result<Task, Error> {
    update_view(actor, patch, precondition, tasks, users).map(|view| view.task)
}

fn update_view(
    actor: Actor,
    patch: TaskPatch,
    precondition: Precondition,
    tasks: MockTaskRepository,
    users: MockUserRepository,
) -> Result<TaskView, Error> {
    let update = Tasks { tasks: Arc::new(tasks), users: Arc::new(users), ..Tasks::mocked() };
    run(update.update(UpdateTask { actor, id: task().task.id, patch, precondition, origin: origin() }))
}

#[test]
fn refusals_come_in_the_order_of_the_contract() {
    // To an unknown assignee, in two steps at once, based on another version.
    let patch = || TaskPatch { status: Some(TaskStatus::Done), ..assign(STRANGER.id) };
    let wrong = || Precondition::matching([3]);
    let nobody = MockUserRepository::new;

    let missing = update(STRANGER, patch(), wrong(), finding(None), nobody());
    assert!(matches!(missing, Err(Error::NotFound("task"))));
    for actor in [STRANGER, VIEWER, COMMENTER] {
        let forbidden = update(actor, patch(), wrong(), finding(Some(task())), nobody());
        assert!(matches!(forbidden, Err(Error::Forbidden(_))));
    }
    let unknown = update(ASSIGNEE, patch(), wrong(), finding(Some(task())), knowing(None));
    assert!(matches!(unknown, Err(Error::Validation(_))));
    let stale = update(ASSIGNEE, patch(), wrong(), finding(Some(task())), knowing(Some(user(STRANGER))));
    assert!(matches!(stale, Err(Error::PreconditionFailed(_))));
    let right = Precondition::matching([3, 4]);
    let jump = update(ASSIGNEE, patch(), right, finding(Some(task())), knowing(Some(user(STRANGER))));
    assert!(matches!(jump, Err(Error::InvalidTransition(_))));
}

#[test]
fn owner_editor_assignee_and_admin_change_a_task() {
    for actor in [OWNER, EDITOR, ASSIGNEE, ADMIN] {
        let mut tasks = finding(Some(task()));
        tasks
            .expect_save()
            .times(1)
            .withf(move |change| change.based_on == 4 && change.events.iter().all(|e| e.actor_id == actor.id))
            .return_once(|change| Ok(Some(change.task)));
        let patch = to(TaskStatus::InProgress);
        let saved = update(actor, patch, Precondition::default(), tasks, MockUserRepository::new()).unwrap();
        assert_eq!((saved.status, saved.version), (TaskStatus::InProgress, 5));
    }
}

#[test]
fn a_deactivated_user_is_as_unknown_as_one_who_never_was() {
    let inactive = User { is_active: false, ..user(STRANGER) };
    for assignee in [None, Some(inactive)] {
        let (tasks, users) = (finding(Some(task())), knowing(assignee));
        let result = update(OWNER, assign(STRANGER.id), Precondition::default(), tasks, users);
        assert!(matches!(result, Err(Error::Validation(errors))
            if errors.len() == 1 && errors[0].field == "assignee_id" && errors[0].code == "unknown_user"));
    }
}

#[test]
fn an_assignee_who_stays_or_goes_is_not_looked_up() {
    let stays = TaskPatch { title: Some(parsed("Paint it red")), ..assign(ASSIGNEE.id) };
    let goes = TaskPatch { assignee_id: Patch::Clear, ..TaskPatch::default() };
    for (patch, expected) in [(stays, Some(ASSIGNEE.id)), (goes, None)] {
        let tasks = saving(finding(Some(task())));
        let saved = update(OWNER, patch, Precondition::default(), tasks, MockUserRepository::new()).unwrap();
        assert_eq!(saved.assignee_id, expected);
    }
}

#[test]
fn changed_task_names_the_assignee_that_it_has_then() {
    let titled = TaskPatch { title: Some(parsed("Paint it red")), ..TaskPatch::default() };
    let cleared = TaskPatch { assignee_id: Patch::Clear, ..TaskPatch::default() };
    for (patch, users, expected) in [
        (titled, MockUserRepository::new(), Some(user(ASSIGNEE).person())),
        (assign(STRANGER.id), knowing(Some(user(STRANGER))), Some(user(STRANGER).person())),
        (cleared, MockUserRepository::new(), None),
    ] {
        let tasks = saving(finding(Some(task())));
        let view = update_view(OWNER, patch, Precondition::default(), tasks, users).unwrap();
        assert_eq!(view.assignee, expected);
    }
}

fn update_with_labels(patch: TaskPatch, tasks: MockTaskRepository) -> Result<TaskView, Error> {
    let mut labels = MockLabelRepository::new();
    labels
        .expect_find_in_project()
        .times(1)
        .withf(|id, ids| *id == project().id && *ids == [3, 404].map(LabelId::new))
        .return_once(|_, _| Ok(vec![label(3)]));
    let update = Tasks { tasks: Arc::new(tasks), labels: Arc::new(labels), ..Tasks::mocked() };
    let (id, precondition) = (task().task.id, Precondition::default());
    run(update.update(UpdateTask { actor: OWNER, id, patch, precondition, origin: origin() }))
}

#[test]
fn unknown_labels_and_unlawful_parents_are_named_at_once() {
    let parent = TaskId::new(12);
    for (ancestors, code) in [(vec![], "unknown_task"), (vec![parent, task().task.id], "cycle")] {
        let mut tasks = finding(Some(task()));
        let request = LineageRequest { parents: vec![parent], tasks: vec![task().task.id] };
        let ancestors: HashMap<_, _> = (!ancestors.is_empty()).then_some((parent, ancestors)).into_iter().collect();
        tasks
            .expect_find_lineages()
            .times(1)
            .withf(move |id, given| *id == project().id && *given == request)
            .return_once(|_, _| Ok(Lineages { ancestors, ..Lineages::default() }));
        let labels = Requested::parse([404, 3].map(LabelId::new).to_vec(), 20).unwrap();
        let patch = TaskPatch { parent_id: Patch::Set(parent), labels: Some(labels), ..TaskPatch::default() };
        let Err(Error::Validation(faults)) = update_with_labels(patch, tasks) else { panic!("not refused") };
        let faults: Vec<_> = faults.iter().map(|fault| (fault.field.as_str(), fault.code)).collect();
        assert_eq!(faults, [("labels.0", "unknown_label"), ("parent_id", code)]);
    }
}

#[test]
fn a_parent_that_stays_or_goes_is_not_looked_up() {
    let under = || {
        let mut found = task();
        found.task.parent_id = Some(TaskId::new(12));
        found
    };
    for (parent_id, version) in [(Patch::Set(TaskId::new(12)), 4_usize), (Patch::Clear, 5)] {
        let mut tasks = finding(Some(under()));
        tasks.expect_save().times(version - 4).return_once(|change| Ok(Some(change.task)));
        let patch = TaskPatch { parent_id, ..TaskPatch::default() };
        let saved = update(OWNER, patch, Precondition::default(), tasks, MockUserRepository::new()).unwrap();
        assert_eq!(saved.version, i64::try_from(version).unwrap());
    }
}

#[test]
fn past_reminders_are_refused_before_anything_is_read() {
    let reminders = Requested::parse(vec![at(1001), now()], 5).unwrap();
    let patch = TaskPatch { reminders: Some(reminders), ..TaskPatch::default() };
    let (tasks, users) = (MockTaskRepository::new(), MockUserRepository::new());
    let refused = update(STRANGER, patch, Precondition::default(), tasks, users);
    assert!(matches!(refused, Err(Error::Validation(faults))
        if faults.len() == 1 && (faults[0].field.as_str(), faults[0].code) == ("reminders.1", "past")));
}

#[test]
fn parent_that_became_unlawful_meanwhile_is_refused() {
    let parent = TaskId::new(12);
    let mut tasks = finding(Some(task()));
    tasks.expect_find().times(1).return_once(|_, _| Ok(Some(task())));
    for ancestors in [vec![parent], vec![parent, task().task.id]] {
        let ancestors = HashMap::from([(parent, ancestors)]);
        let lineages = Lineages { ancestors, ..Lineages::default() };
        tasks.expect_find_lineages().times(1).return_once(|_, _| Ok(lineages));
    }
    tasks.expect_save().times(1).return_once(|_| Err(conflict(constraint::PARENT)));
    let patch = TaskPatch { parent_id: Patch::Set(parent), ..TaskPatch::default() };
    let refused = update(OWNER, patch, Precondition::default(), tasks, MockUserRepository::new());
    assert!(matches!(refused, Err(Error::Validation(faults)) if faults[0].code == "cycle"));
}

#[test]
fn assignee_who_is_erased_meanwhile_is_unknown() {
    let mut tasks = finding(Some(task()));
    tasks.expect_save().times(1).return_once(|_| Err(conflict(constraint::REFERENCE)));
    tasks.expect_find().times(1).return_once(|_, _| Ok(Some(task())));
    let mut users = knowing(Some(user(STRANGER)));
    users.expect_find().times(1).return_once(|_| Ok(None));
    let result = update(OWNER, assign(STRANGER.id), Precondition::default(), tasks, users);
    assert!(matches!(result, Err(Error::Validation(errors)) if errors[0].code == "unknown_user"));
}

#[test]
fn a_patch_that_changes_nothing_commits_nothing() {
    let patch = TaskPatch { status: Some(TaskStatus::Todo), ..assign(ASSIGNEE.id) };
    let result = update(OWNER, patch, Precondition::default(), finding(Some(task())), MockUserRepository::new());
    assert_eq!(result.unwrap(), task().task);
}

/// Another request begins the task between the first load and the first save.
fn overtaken() -> MockTaskRepository {
    let mut tasks = finding(Some(task()));
    tasks.expect_save().times(1).return_once(|_| Ok(None));
    let mut begun = task();
    begun.task.status = TaskStatus::InProgress;
    begun.task.version = 5;
    tasks.expect_find().times(1).return_once(|_, _| Ok(Some(begun)));
    tasks
}

#[test]
fn the_later_of_two_changes_is_applied_on_top_of_the_earlier() {
    let patch = TaskPatch { title: Some(parsed("Paint it red")), ..TaskPatch::default() };
    let saved = update(OWNER, patch, Precondition::default(), saving(overtaken()), MockUserRepository::new()).unwrap();
    assert_eq!((saved.title, saved.status), (parsed("Paint it red"), TaskStatus::InProgress));
    assert_eq!(saved.version, 6);
}

#[test]
fn a_named_version_that_is_overtaken_fails_the_precondition() {
    let named = Precondition::matching([4]);
    let result = update(OWNER, to(TaskStatus::InProgress), named, overtaken(), MockUserRepository::new());
    assert!(matches!(result, Err(Error::PreconditionFailed(_))));
}

#[test]
fn actor_who_lost_the_task_meanwhile_is_refused() {
    let mut tasks = finding(Some(task()));
    tasks.expect_save().times(1).return_once(|_| Ok(None));
    let mut reassigned = task();
    reassigned.task.assignee_id = None;
    tasks.expect_find().times(1).return_once(|_, reader| Ok(Some(seen_by(reader, reassigned))));
    let patch = to(TaskStatus::InProgress);
    let result = update(ASSIGNEE, patch, Precondition::default(), tasks, MockUserRepository::new());
    assert!(matches!(result, Err(Error::Forbidden(_))));
}

#[test]
fn what_an_admin_changes_for_others_is_committed_with_its_line() {
    let line = AuditEntry::new(now(), Some(ADMIN.id), AuditAction::TaskUpdated, origin())
        .with_object(AuditObject::Task(task().task.id))
        .with_changes(AuditChanges::default().field("title", task().task.title.as_str(), "Weed"));
    for (actor, expected) in [(ADMIN, Some(line)), (OWNER, None), (EDITOR, None), (ASSIGNEE, None)] {
        let mut tasks = finding(Some(task()));
        tasks
            .expect_save()
            .times(1)
            .withf(move |change| change.audit == expected)
            .return_once(|change| Ok(Some(change.task)));
        let patch = TaskPatch { title: Some(parsed("Weed")), ..TaskPatch::default() };
        update(actor, patch, Precondition::default(), tasks, MockUserRepository::new()).unwrap();
    }
}

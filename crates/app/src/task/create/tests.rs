use super::*;
use crate::fixtures::{
    ADMIN, ASSIGNEE, COMMENTER, EDITOR, OWNER, STRANGER, VIEWER, conflict, keyed_request, knowing as remembering,
    label, membership, narrowed, now, origin, parsed, project, run, task, task_project, user,
};
use fasttrack_domain::{
    id::{LabelId, TaskId, UserId},
    idempotency::IdempotencyRecord,
    membership::MemberRole,
    person::Person,
    ports::{
        constraint, idempotency::MockIdempotencyRepository, label::MockLabelRepository, people::MockPeopleRepository,
        task::MockTaskRepository, user::MockUserRepository,
    },
    project::ProjectStatus,
    requested::Requested,
    task::{Lineages, TaskPriority, TaskProject, TaskStatus},
    user::User,
};
use std::{collections::HashMap, sync::Arc};

fn finding(project: Option<TaskProject>) -> MockTaskRepository {
    let mut tasks = MockTaskRepository::new();
    tasks
        .expect_find_project()
        .times(1)
        .return_once(|_, reader| Ok(project.map(|found| TaskProject { membership: membership(reader), ..found })));
    tasks
}

/// The project as ADMIN finds it.
fn project_of_others() -> TaskProject {
    TaskProject { membership: None, ..task_project() }
}

fn archived() -> TaskProject {
    TaskProject { status: ProjectStatus::Archived, ..task_project() }
}

fn knowing(assignee: Option<User>) -> MockUserRepository {
    let mut users = MockUserRepository::new();
    users.expect_find().times(1).withf(|id| *id == ASSIGNEE.id).return_once(|_| Ok(assignee));
    users
}

fn create(
    actor: Actor,
    assignee_id: Option<UserId>,
    tasks: MockTaskRepository,
    users: MockUserRepository,
) -> Result<TaskView, Error> {
    create_once(actor, assignee_id, None, tasks, users, MockIdempotencyRepository::new()).map(|created| created.entity)
}

fn create_once(
    actor: Actor,
    assignee_id: Option<UserId>,
    request: Option<KeyedRequest>,
    tasks: MockTaskRepository,
    users: MockUserRepository,
    records: MockIdempotencyRepository,
) -> Result<Creation<TaskView>, Error> {
    let command = CreateTask {
        actor,
        project_id: project().id,
        draft: TaskDraft { assignee_id, ..TaskDraft::new(parsed("Paint the fence")) },
        origin: origin(),
        request,
    };
    run(Tasks {
        tasks: Arc::new(tasks),
        users: Arc::new(users),
        idempotency: Arc::new(records),
        quota: 7,
        ..Tasks::mocked()
    }
    .create(command))
}

fn is_unknown_user(result: &Result<TaskView, Error>) -> bool {
    matches!(result, Err(Error::Validation(errors))
        if errors.len() == 1 && errors[0].field == "assignee_id" && errors[0].code == "unknown_user")
}

#[test]
fn a_missing_project_is_not_found_before_anything_else_is_asked() {
    let result = create(STRANGER, Some(ASSIGNEE.id), finding(None), MockUserRepository::new());
    assert!(matches!(result, Err(Error::NotFound("project"))));
}

#[test]
fn stranger_learns_neither_assignee_nor_archived_project() {
    for actor in [STRANGER, ASSIGNEE, VIEWER, COMMENTER] {
        let result = create(actor, Some(ASSIGNEE.id), finding(Some(archived())), MockUserRepository::new());
        assert!(matches!(result, Err(Error::Forbidden(_))));
    }
}

#[test]
fn assignee_must_be_active_even_in_archived_project() {
    let inactive = User { is_active: false, ..user(ASSIGNEE) };
    for assignee in [None, Some(inactive)] {
        let result = create(OWNER, Some(ASSIGNEE.id), finding(Some(archived())), knowing(assignee));
        assert!(is_unknown_user(&result), "{result:?}");
    }
}

#[test]
fn an_archived_project_takes_no_task_from_anybody() {
    for actor in [OWNER, EDITOR, ADMIN] {
        let result = create(actor, None, finding(Some(archived())), MockUserRepository::new());
        assert!(matches!(result, Err(Error::Archived(_))));
    }
}

#[test]
fn task_defaults_to_todo_and_medium_priority() {
    let draft = TaskDraft { assignee_id: Some(ASSIGNEE.id), ..TaskDraft::new(parsed("Paint the fence")) };
    let mut expected = NewTask::new(project_of_others(), draft, ADMIN.id, now(), 7);
    let defaults = (expected.status, expected.priority, &expected.description);
    assert_eq!(defaults, (TaskStatus::Todo, TaskPriority::Medium, &None));
    let line = AuditEntry::new(now(), Some(ADMIN.id), AuditAction::TaskCreated, origin());
    expected.audit = Some(line.with_changes(AuditChanges::of_new_task(&expected)));
    let mut tasks = finding(Some(task_project()));
    tasks.expect_create().times(1).withf(move |new, _| *new == expected).return_once(|_, _| Ok(task().task));
    let created = create(ADMIN, Some(ASSIGNEE.id), tasks, knowing(Some(user(ASSIGNEE))));
    assert_eq!(created.unwrap(), TaskView::from(task()));
}

#[test]
fn only_what_an_admin_may_by_role_has_an_audit_entry() {
    for actor in [OWNER, EDITOR] {
        let mut tasks = finding(Some(task_project()));
        tasks.expect_create().times(1).withf(|new, _| new.audit.is_none()).return_once(|_, _| Ok(task().task));
        create(actor, Some(ASSIGNEE.id), tasks, knowing(Some(user(ASSIGNEE)))).unwrap();
    }
}

fn replay(
    tasks: MockTaskRepository,
    people: MockPeopleRepository,
    record: IdempotencyRecord,
) -> Result<Creation<TaskView>, Error> {
    let command = CreateTask {
        actor: OWNER,
        project_id: project().id,
        draft: TaskDraft::new(parsed("Paint the fence")),
        origin: origin(),
        request: Some(keyed_request()),
    };
    let (tasks, people, idempotency) = (Arc::new(tasks), Arc::new(people), Arc::new(remembering([Some(record)])));
    run(Tasks { tasks, people, idempotency, ..Tasks::mocked() }.create(command))
}

#[test]
fn former_editor_gets_no_replay() {
    for membership in [None, Some(MemberRole::Viewer)] {
        let record = IdempotencyRecord { fingerprint: keyed_request().fingerprint, created: task().task.into() };
        let mut tasks = MockTaskRepository::new();
        let found = TaskProject { membership, ..task_project() };
        tasks.expect_find_project().times(1).return_once(|_, _| Ok(Some(found)));
        let replayed = replay(tasks, MockPeopleRepository::new(), record);
        assert!(matches!(replayed, Err(Error::Forbidden(_))), "{replayed:?}");
    }
}

#[test]
fn nothing_is_replayed_to_a_token_for_other_projects() {
    let repeat = |projects: &[i64], found| {
        let stored = NewTask::new(task_project(), labeled(&[]), OWNER.id, now(), 7).stored(TaskId::new(9));
        let record = IdempotencyRecord { fingerprint: keyed_request().fingerprint, created: stored.into() };
        let (request, users) = (Some(keyed_request()), MockUserRepository::new());
        create_once(narrowed(OWNER, projects), None, request, finding(found), users, remembering([Some(record)]))
    };
    assert!(matches!(repeat(&[8], Some(task_project())), Err(Error::Forbidden(_))));
    assert!(matches!(repeat(&[8], None), Err(Error::NotFound("project"))));
    for found in [Some(task_project()), None] {
        assert!(repeat(&[7], found).unwrap().replayed);
    }
}

#[test]
fn repeated_request_is_replayed_though_the_project_is_gone() {
    for (found, name) in [(Some(user(ASSIGNEE).person()), "Ann"), (None, "Deleted user")] {
        let record = IdempotencyRecord { fingerprint: keyed_request().fingerprint, created: task().task.into() };
        let mut people = MockPeopleRepository::new();
        people.expect_find().times(1).withf(|id| *id == ASSIGNEE.id).return_once(|_| Ok(found));
        let created = replay(finding(None), people, record).unwrap();
        assert!(created.replayed);
        let assignee = Some(Person { id: ASSIGNEE.id, display_name: parsed(name) });
        assert_eq!(created.entity, TaskView { task: task().task, assignee, labels: Vec::new() });
    }
}

#[test]
fn a_key_of_another_request_is_refused_after_all_else() {
    let refused = |project: Option<TaskProject>| {
        let record = IdempotencyRecord { fingerprint: [9; 32], created: task().task.into() };
        let users = MockUserRepository::new();
        create_once(OWNER, None, Some(keyed_request()), finding(project), users, remembering([Some(record)]))
    };
    assert!(matches!(refused(None), Err(Error::NotFound("project"))));
    assert!(matches!(refused(Some(archived())), Err(Error::Archived(_))));
    assert!(matches!(refused(Some(task_project())), Err(Error::IdempotencyKeyReused)));
}

#[test]
fn what_vanishes_before_the_commit_is_missed_at_the_second_look() {
    let racing = |second_look| {
        let mut tasks = finding(Some(task_project()));
        tasks.expect_create().times(1).return_once(|_, _| Err(conflict(constraint::REFERENCE)));
        tasks.expect_find_project().times(1).return_once(|_, _| Ok(second_look));
        tasks
    };
    let result = create(OWNER, None, racing(None), MockUserRepository::new());
    assert!(matches!(result, Err(Error::NotFound("project"))));

    let mut users = knowing(Some(user(ASSIGNEE)));
    users.expect_find().times(1).return_once(|_| Ok(None));
    let result = create(OWNER, Some(ASSIGNEE.id), racing(Some(task_project())), users);
    assert!(is_unknown_user(&result), "{result:?}");
}

/// Creates a task of this draft in OWNER's project, in which label 3 is found for any labels.
fn create_draft(draft: TaskDraft, tasks: MockTaskRepository) -> Result<TaskView, Error> {
    let mut labels = MockLabelRepository::new();
    labels.expect_find_in_project().returning(|_, _| Ok(vec![label(3)]));
    let command = CreateTask { actor: OWNER, project_id: project().id, draft, origin: origin(), request: None };
    run(Tasks { tasks: Arc::new(tasks), labels: Arc::new(labels), ..Tasks::mocked() }.create(command))
        .map(|created| created.entity)
}

fn labeled(ids: &[i64]) -> TaskDraft {
    let labels = Requested::parse(ids.iter().copied().map(LabelId::new).collect(), 20).unwrap();
    TaskDraft { labels, ..TaskDraft::new(parsed("Paint the fence")) }
}

#[test]
fn created_task_shows_its_labels() {
    let mut tasks = finding(Some(task_project()));
    tasks.expect_create().times(1).return_once(|new, _| Ok(new.stored(TaskId::new(9))));
    let created = create_draft(labeled(&[3, 3]), tasks).unwrap();
    assert_eq!((created.task.labels.as_slice(), created.labels), (&[LabelId::new(3)][..], vec![label(3)]));
}

#[test]
fn unknown_labels_and_parents_are_named_at_once() {
    let mut tasks = finding(Some(task_project()));
    tasks
        .expect_find_lineages()
        .times(1)
        .withf(|_, request| request.parents == [TaskId::new(12)] && request.tasks.is_empty())
        .return_once(|_, _| Ok(Lineages::default()));
    let draft = TaskDraft { parent_id: Some(TaskId::new(12)), ..labeled(&[404, 3]) };
    let Err(Error::Validation(faults)) = create_draft(draft, tasks) else { panic!("not refused") };
    let faults: Vec<_> = faults.iter().map(|fault| (fault.field.as_str(), fault.code)).collect();
    assert_eq!(faults, [("labels.0", "unknown_label"), ("parent_id", "unknown_task")]);
}

#[test]
fn parent_that_got_too_deep_meanwhile_is_refused() {
    let (mut tasks, parent) = (finding(Some(task_project())), TaskId::new(12));
    tasks.expect_find_project().times(1).return_once(|_, _| Ok(Some(task_project())));
    for depth in [4, 5] {
        let ancestors = HashMap::from([(parent, (0..depth).map(|id| TaskId::new(12 - id)).collect())]);
        let lineages = Lineages { ancestors, ..Lineages::default() };
        tasks.expect_find_lineages().times(1).return_once(|_, _| Ok(lineages));
    }
    tasks.expect_create().times(1).return_once(|_, _| Err(conflict(constraint::PARENT)));
    let draft = TaskDraft { parent_id: Some(parent), ..labeled(&[]) };
    assert!(matches!(create_draft(draft, tasks), Err(Error::Validation(faults)) if faults[0].code == "too_deep"));
}

#[test]
fn past_reminders_are_refused_before_anything_is_read() {
    let reminders = Requested::parse(vec![now()], 5).unwrap();
    let refused = create_draft(TaskDraft { reminders, ..labeled(&[]) }, MockTaskRepository::new());
    assert!(matches!(refused, Err(Error::Validation(faults))
        if (faults[0].field.as_str(), faults[0].code) == ("reminders.0", "past")));
}

#[test]
fn replayed_task_shows_its_labels_under_their_present_names() {
    let stored = NewTask::new(task_project(), labeled(&[3]), OWNER.id, now(), 7).stored(TaskId::new(9));
    let record = IdempotencyRecord { fingerprint: keyed_request().fingerprint, created: stored.into() };
    let mut labels = MockLabelRepository::new();
    labels.expect_find_in_project().times(1).return_once(|_, _| Ok(vec![label(3)]));
    let (labels, idempotency) = (Arc::new(labels), Arc::new(remembering([Some(record)])));
    let (draft, request) = (labeled(&[3]), Some(keyed_request()));
    let command = CreateTask { actor: OWNER, project_id: project().id, draft, origin: origin(), request };
    let tasks = Arc::new(finding(Some(task_project())));
    let created = run(Tasks { tasks, labels, idempotency, ..Tasks::mocked() }.create(command)).unwrap();
    assert_eq!((created.replayed, created.entity.labels), (true, vec![label(3)]));
}

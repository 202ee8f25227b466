use super::*;
use crate::fixtures::{
    ADMIN, ASSIGNEE, COMMENTER, EDITOR, OWNER, STRANGER, VIEWER, at, conflict, keyed_request, knowing, label,
    membership, now, origin, parsed, project, run, task_project, user,
};
use fasttrack_domain::{
    id::TaskId,
    idempotency::IdempotencyRecord,
    ports::{
        constraint, idempotency::MockIdempotencyRepository, label::MockLabelRepository, people::MockPeopleRepository,
        task::MockTaskRepository,
    },
    project::ProjectStatus,
    requested::Requested,
    task::TaskProject,
};
use std::sync::Arc;

fn draft(title: &str) -> TaskDraft {
    TaskDraft::new(parsed(title))
}

fn finding(project: TaskProject) -> MockTaskRepository {
    let mut tasks = MockTaskRepository::new();
    tasks
        .expect_find_project()
        .times(1)
        .return_once(move |_, reader| Ok(Some(TaskProject { membership: membership(reader), ..project })));
    tasks
}

/// Stores the tasks with ids from 9 on.
fn storing(mut tasks: MockTaskRepository) -> MockTaskRepository {
    tasks.expect_create_all().times(1).return_once(|new, _| {
        let ids = (9..).map(TaskId::new);
        Ok(new.iter().zip(ids).map(|(task, id)| task.stored(id)).collect())
    });
    tasks
}

fn command(actor: Actor, drafts: Vec<TaskDraft>) -> CreateTasks {
    let drafts = BulkDrafts::parse(drafts).unwrap();
    CreateTasks { actor, project_id: project().id, drafts, origin: origin(), request: None }
}

fn create(actor: Actor, drafts: Vec<TaskDraft>, tasks: MockTaskRepository) -> Result<Vec<TaskView>, Error> {
    let create = Tasks { tasks: Arc::new(tasks), ..Tasks::mocked() };
    run(create.create_all(command(actor, drafts))).map(|created| created.entity)
}

#[test]
fn owner_editor_and_admin_create_tasks_in_their_order() {
    for actor in [OWNER, EDITOR, ADMIN] {
        let (id, is_admin) = (actor.id, actor == ADMIN);
        let mut tasks = finding(task_project());
        tasks
            .expect_create_all()
            .times(1)
            .withf(move |new, _| new.iter().all(|task| task.audit.is_some() == is_admin && task.created_by == id))
            .return_once(|new, _| Ok(new.iter().zip(9..).map(|(task, id)| task.stored(TaskId::new(id))).collect()));
        let created = create(actor, vec![draft("Paint"), draft("Weed")], tasks).unwrap();
        let titles: Vec<_> = created.iter().map(|view| view.task.title.as_str()).collect();
        assert_eq!(titles, ["Paint", "Weed"]);
    }
}

#[test]
fn nobody_else_creates_tasks() {
    for actor in [STRANGER, ASSIGNEE, VIEWER, COMMENTER] {
        let refused = create(actor, vec![draft("Paint")], finding(task_project()));
        assert!(matches!(refused, Err(Error::Forbidden(_))));
    }
}

#[test]
fn all_faults_are_named_with_the_place_of_their_draft() {
    let labels = Requested::parse(vec![LabelId::new(3), LabelId::new(404)], 20).unwrap();
    let drafts = vec![
        draft("Paint"),
        TaskDraft { assignee_id: Some(STRANGER.id), labels, ..draft("Weed") },
        TaskDraft { parent_id: Some(TaskId::new(404)), assignee_id: Some(ASSIGNEE.id), ..draft("Mow") },
    ];
    let (mut tasks, mut people, mut known) =
        (finding(task_project()), MockPeopleRepository::new(), MockLabelRepository::new());
    people
        .expect_find_active()
        .times(1)
        .withf(|ids| *ids == [ASSIGNEE.id, STRANGER.id])
        .return_once(|_| Ok(vec![user(ASSIGNEE).person()]));
    known.expect_find_in_project().times(1).return_once(|_, _| Ok(vec![label(3)]));
    tasks.expect_find_lineages().times(1).return_once(|_, _| Ok(Lineages::default()));
    let create = Tasks { tasks: Arc::new(tasks), people: Arc::new(people), labels: Arc::new(known), ..Tasks::mocked() };
    let Err(Error::Validation(faults)) = run(create.create_all(command(OWNER, drafts))) else { panic!("not refused") };
    let faults: Vec<_> = faults.iter().map(|fault| (fault.field.as_str(), fault.code)).collect();
    let expected = [
        ("tasks.1.assignee_id", "unknown_user"),
        ("tasks.1.labels.1", "unknown_label"),
        ("tasks.2.parent_id", "unknown_task"),
    ];
    assert_eq!(faults, expected);
}

#[test]
fn past_reminders_are_refused_before_anything_is_read() {
    let reminders = Requested::parse(vec![at(2_000), now()], 5).unwrap();
    let drafts = vec![draft("Paint"), TaskDraft { reminders, ..draft("Weed") }];
    let refused = create(STRANGER, drafts, MockTaskRepository::new());
    assert!(matches!(refused, Err(Error::Validation(faults))
        if faults.len() == 1 && (faults[0].field.as_str(), faults[0].code) == ("tasks.1.reminders.1", "past")));
}

#[test]
fn created_tasks_show_the_names_that_they_refer_to() {
    let labels = Requested::parse(vec![LabelId::new(3)], 20).unwrap();
    let drafts =
        vec![TaskDraft { assignee_id: Some(ASSIGNEE.id), ..draft("Paint") }, TaskDraft { labels, ..draft("Weed") }];
    let (mut people, mut known) = (MockPeopleRepository::new(), MockLabelRepository::new());
    people.expect_find_active().times(1).return_once(|_| Ok(vec![user(ASSIGNEE).person()]));
    known.expect_find_in_project().times(1).return_once(|_, _| Ok(vec![label(3)]));
    let (tasks, people, labels) = (Arc::new(storing(finding(task_project()))), Arc::new(people), Arc::new(known));
    let created = run(Tasks { tasks, labels, people, ..Tasks::mocked() }.create_all(command(OWNER, drafts))).unwrap();
    let names: Vec<_> = created.entity.into_iter().map(|view| (view.assignee, view.labels)).collect();
    assert_eq!(names, [(Some(user(ASSIGNEE).person()), Vec::new()), (None, vec![label(3)])]);
}

#[test]
fn neither_archived_nor_full_projects_take_tasks() {
    let archived = finding(TaskProject { status: ProjectStatus::Archived, ..task_project() });
    assert!(matches!(create(OWNER, vec![draft("Paint")], archived), Err(Error::Archived(_))));
    let mut full = finding(task_project());
    full.expect_create_all().times(1).return_once(|_, _| Err(conflict(constraint::QUOTA)));
    let refused = create(OWNER, vec![draft("Paint")], full);
    assert!(matches!(refused, Err(Error::QuotaExceeded(error)) if error.limit == 7));
}

#[test]
fn repeated_request_is_replayed_with_present_names() {
    let new = |title| NewTask::new(task_project(), draft(title), OWNER.id, at(0), 7);
    let mut stored = vec![new("Paint").stored(TaskId::new(9)), new("Weed").stored(TaskId::new(10))];
    stored[1].assignee_id = Some(ASSIGNEE.id);
    let record = IdempotencyRecord { fingerprint: keyed_request().fingerprint, created: stored.clone().into() };
    let mut people = MockPeopleRepository::new();
    people.expect_find_active().times(1).withf(|ids| *ids == [ASSIGNEE.id]).return_once(|_| Ok(Vec::new()));
    people.expect_find().times(1).withf(|id| *id == ASSIGNEE.id).return_once(|_| Ok(None));
    let records: MockIdempotencyRepository = knowing([Some(record)]);
    let mut tasks = MockTaskRepository::new();
    tasks.expect_find_project().times(1).return_once(|_, _| Ok(None));
    let (tasks, people, idempotency) = (Arc::new(tasks), Arc::new(people), Arc::new(records));
    let command = CreateTasks { request: Some(keyed_request()), ..command(OWNER, vec![draft("Paint")]) };
    let created = run(Tasks { tasks, people, idempotency, ..Tasks::mocked() }.create_all(command)).unwrap();
    assert!(created.replayed);
    assert_eq!(created.entity[1].assignee, Some(Person::deleted(ASSIGNEE.id)));
    assert_eq!(created.entity.into_iter().map(|view| view.task).collect::<Vec<_>>(), stored);
}

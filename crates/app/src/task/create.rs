use super::{Tasks, check_assignee};
use crate::{
    Creation, Error,
    idempotency::{Claim, once},
    retry::within_quota,
};
use fasttrack_domain::{
    audit::{AuditAction, AuditChanges, AuditEntry, Origin},
    id::ProjectId,
    idempotency::KeyedRequest,
    person::Person,
    policy::{Actor, ProjectAction},
    quota::QuotaKind,
    task::{NewTask, Task, TaskDraft, TaskView},
};
use std::sync::OnceLock;

#[derive(Clone, Debug)]
pub struct CreateTask {
    pub actor: Actor,
    pub project_id: ProjectId,
    /// Its assignee has to be an active user.
    pub draft: TaskDraft,
    pub origin: Origin,
    /// Present where the client sent an idempotency key.
    pub request: Option<KeyedRequest>,
}

impl Tasks {
    // @spec SPEC-003
    /// Creates a task in a project that the actor may manage.
    ///
    /// Fails with [`Error::NotFound`], [`Error::Forbidden`], [`Error::Validation`] (`unknown_user` on `assignee_id`),
    /// [`Error::Archived`], [`Error::IdempotencyKeyReused`] or [`Error::QuotaExceeded`].
    #[tracing::instrument(name = "task.create", skip_all)]
    pub async fn create(&self, command: CreateTask) -> Result<Creation<TaskView>, Error> {
        let (actor, request) = (command.actor, command.request.as_ref());
        let known = OnceLock::new();
        let attempt = |claim| self.try_create(&command, &known, claim);
        let created = once(&*self.idempotency, &*self.clock, actor.id, request, attempt).await?;
        if created.replayed
            && let Some(project) = self.tasks.find_project(command.project_id, actor.id).await?
        {
            // Whoever lost access since gets nothing of the project.
            actor.authorize(project.action(ProjectAction::ChangeTasks))?;
        }
        let assignee = match (created.entity.assignee_id, known.into_inner()) {
            (None, _) => None,
            (Some(_), Some(assignee)) => Some(assignee),
            // Of a request that is replayed.
            (Some(id), None) => Some(self.people.find(id).await?.unwrap_or_else(|| Person::deleted(id))),
        };
        Ok(created.map(|task| TaskView { task, assignee }))
    }

    /// Sets `known` to the assignee.
    async fn try_create(
        &self,
        command: &CreateTask,
        known: &OnceLock<Person>,
        claim: Claim,
    ) -> Result<Option<Task>, Error> {
        let found = self.tasks.find_project(command.project_id, command.actor.id).await?;
        let project = found.ok_or(Error::NotFound("project"))?;
        let permission = project.action(ProjectAction::ChangeTasks);
        command.actor.authorize(permission)?;
        if let Some(assignee) = command.draft.assignee_id {
            let assignee = check_assignee(&*self.users, assignee).await?;
            known.get_or_init(|| assignee);
        }
        project.status.takes_tasks()?;
        let now = self.clock.now();
        let line = AuditEntry::by_role(command.actor, permission, now, AuditAction::TaskCreated, &command.origin);
        let mut task = NewTask::new(project, command.draft.clone(), command.actor.id, now, self.quota);
        task.audit = line.map(|line| line.with_changes(AuditChanges::of_new_task(&task)));
        within_quota(self.tasks.create(task, claim.idempotency()?).await, QuotaKind::Tasks, self.quota)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{
        ADMIN, ASSIGNEE, COMMENTER, EDITOR, OWNER, STRANGER, VIEWER, conflict, keyed_request, knowing as remembering,
        membership, now, origin, parsed, project, run, task, task_project, user,
    };
    use fasttrack_domain::{
        id::UserId,
        idempotency::IdempotencyRecord,
        membership::MemberRole,
        ports::{
            constraint, idempotency::MockIdempotencyRepository, people::MockPeopleRepository, task::MockTaskRepository,
            user::MockUserRepository,
        },
        project::ProjectStatus,
        task::{TaskPriority, TaskProject, TaskStatus},
        user::User,
    };
    use std::sync::Arc;

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
        create_once(actor, assignee_id, None, tasks, users, MockIdempotencyRepository::new())
            .map(|created| created.entity)
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
    fn repeated_request_is_replayed_though_the_project_is_gone() {
        for (found, name) in [(Some(user(ASSIGNEE).person()), "Ann"), (None, "Deleted user")] {
            let record = IdempotencyRecord { fingerprint: keyed_request().fingerprint, created: task().task.into() };
            let mut people = MockPeopleRepository::new();
            people.expect_find().times(1).withf(|id| *id == ASSIGNEE.id).return_once(|_| Ok(found));
            let created = replay(finding(None), people, record).unwrap();
            assert!(created.replayed);
            let assignee = Some(Person { id: ASSIGNEE.id, display_name: parsed(name) });
            assert_eq!(created.entity, TaskView { task: task().task, assignee });
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
}

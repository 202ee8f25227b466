use super::{Todos, check_owner, find_inbox};
use crate::{
    Creation, Error,
    idempotency::{Claim, once},
    retry::within_quota,
};
use fasttrack_domain::{
    Timestamp,
    due::Due,
    id::UserId,
    idempotency::KeyedRequest,
    policy::{Action, Actor},
    ports::constraint,
    project::{NewProject, Project, ProjectView},
    quota::QuotaKind,
    task::{NewTask, Task, TaskDraft, TaskStatus},
    text::{Description, TaskTitle},
    token::TokenError,
};

#[derive(Clone, Debug)]
pub struct CreateTodo {
    pub actor: Actor,
    pub owner: Option<UserId>,
    pub title: TaskTitle,
    pub description: Option<Description>,
    pub completed: bool,
    pub due: Option<Due>,
    /// Present where the client sent an idempotency key.
    pub request: Option<KeyedRequest>,
}

impl Todos {
    // @spec SPEC-004
    /// Creates a todo, and the Inbox where there is none. Returns the task behind the todo.
    ///
    /// [`Error::Forbidden`], [`Error::Archived`] where the Inbox is archived, [`Error::IdempotencyKeyReused`],
    /// [`Error::QuotaExceeded`], [`Error::Token`] where the account is gone.
    #[tracing::instrument(name = "todo.create", skip_all)]
    pub async fn create(&self, command: CreateTodo) -> Result<Creation<Task>, Error> {
        let CreateTodo { actor, owner, request, .. } = &command;
        check_owner(actor, *owner)?;
        let attempt = |claim| self.try_create(&command, claim);
        let created: Creation<Task> =
            once(&*self.idempotency, &*self.clock, actor.id, request.as_ref(), attempt).await?;
        if created.replayed {
            let inbox = Some(created.entity.project_id);
            actor.authorize(Action::UseTodos { owner: *owner, inbox })?;
        }
        Ok(created)
    }

    async fn try_create(&self, command: &CreateTodo, claim: Claim) -> Result<Option<Task>, Error> {
        let (user_id, now) = (command.actor.id, self.clock.now());
        let found = find_inbox(&*self.projects, &command.actor, command.owner).await?;
        if let Some(inbox) = &found {
            inbox.project.status.takes_tasks()?;
        }
        let idempotency = claim.idempotency()?;
        let inbox = match found {
            Some(inbox) => inbox,
            // By itself, as an Inbox without todos harms nobody.
            None => match self.create_inbox(user_id, now).await? {
                Some(inbox) => ProjectView::of_owner(inbox),
                None => return Ok(None),
            },
        };
        let draft = TaskDraft {
            description: command.description.clone(),
            status: TaskStatus::of_todo(command.completed),
            due: command.due,
            ..TaskDraft::new(command.title.clone())
        };
        let task = NewTask::new(inbox.into(), draft, user_id, now, self.quotas.tasks_per_project);
        within_quota(self.tasks.create(task, idempotency).await, QuotaKind::Tasks, self.quotas.tasks_per_project)
    }

    async fn create_inbox(&self, owner: UserId, now: Timestamp) -> Result<Option<Project>, Error> {
        let quota = self.quotas.projects_per_user;
        let inbox = NewProject { quota, ..NewProject::inbox(owner, now) };
        match self.projects.create_inbox(inbox).await {
            // The account was erased meanwhile.
            Err(error) if error.is_conflict(constraint::REFERENCE) => Err(TokenError::Revoked.into()),
            created => within_quota(created, QuotaKind::Projects, quota),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fixtures::{
            ADMIN, OWNER, conflict, keyed_request, knowing, narrowed, now, parsed, project, run, task, task_project,
        },
        todo::fixtures::{elsewhere, inboxes},
    };
    use fasttrack_domain::{
        idempotency::IdempotencyRecord,
        ports::{idempotency::MockIdempotencyRepository, project::MockProjectRepository, task::MockTaskRepository},
        project::ProjectStatus,
        quota::Quotas,
        task::{TaskPriority, TaskProject},
    };
    use std::sync::Arc;

    const QUOTAS: Quotas = Quotas { projects_per_user: 7, tasks_per_project: 8, comments_per_task: 9 };

    fn create(
        (actor, owner): (Actor, Option<UserId>),
        request: Option<KeyedRequest>,
        projects: MockProjectRepository,
        tasks: MockTaskRepository,
        records: MockIdempotencyRepository,
    ) -> Result<Creation<Task>, Error> {
        let (title, due) = (parsed("Paint the fence"), Some(parsed("2026-12-01")));
        let description = Some(parsed("white"));
        let command = CreateTodo { actor, owner, title, description, completed: true, due, request };
        let create = Todos {
            projects: Arc::new(projects),
            tasks: Arc::new(tasks),
            idempotency: Arc::new(records),
            quotas: QUOTAS,
            ..Todos::mocked()
        };
        run(create.create(command))
    }

    /// Creates a todo of OWNER without an idempotency key.
    fn create_own(projects: MockProjectRepository, tasks: MockTaskRepository) -> Result<Creation<Task>, Error> {
        create((OWNER, Some(OWNER.id)), None, projects, tasks, MockIdempotencyRepository::new())
    }

    /// Expects a todo in an Inbox that has a webhook or not.
    fn creating(has_webhooks: bool) -> MockTaskRepository {
        let due = Some(parsed("2026-12-01"));
        let draft = TaskDraft {
            status: TaskStatus::Done,
            due,
            description: Some(parsed("white")),
            ..TaskDraft::new(parsed("Paint the fence"))
        };
        let inbox = TaskProject { has_webhooks, ..task_project() };
        let expected = NewTask::new(inbox, draft, OWNER.id, now(), 8);
        assert_eq!((expected.priority, expected.assignee_id), (TaskPriority::Medium, None));
        let mut tasks = MockTaskRepository::new();
        tasks.expect_create().times(1).withf(move |new, _| *new == expected).return_once(|_, _| Ok(task().task));
        tasks
    }

    #[test]
    fn a_todo_is_a_task_of_the_inbox() {
        let created = create_own(inboxes([Some(project())]), creating(true)).unwrap();
        assert_eq!(created, Creation { entity: task().task, replayed: false });
    }

    #[test]
    fn the_first_todo_makes_the_inbox() {
        let mut projects = inboxes([None]);
        projects
            .expect_create_inbox()
            .times(1)
            .withf(|new| {
                *new == NewProject { quota: 7, ..NewProject::inbox(OWNER.id, now()) } && new.name.as_str() == "Inbox"
            })
            .return_once(|_| Ok(project()));
        assert!(create_own(projects, creating(false)).is_ok());
    }

    #[test]
    fn an_inbox_that_another_request_makes_meanwhile_is_used() {
        let mut projects = inboxes([None, Some(project())]);
        projects.expect_create_inbox().times(1).return_once(|_| Err(conflict(constraint::INBOX)));
        assert!(create_own(projects, creating(true)).is_ok());
    }

    #[test]
    fn inbox_of_a_full_account_and_of_an_erased_one_is_refused() {
        let refused = |constraint| {
            let mut projects = inboxes([None]);
            projects.expect_create_inbox().times(1).return_once(move |_| Err(conflict(constraint)));
            create_own(projects, MockTaskRepository::new())
        };
        assert!(matches!(refused(constraint::QUOTA), Err(Error::QuotaExceeded(error)) if error.limit == 7));
        assert!(matches!(refused(constraint::REFERENCE), Err(Error::Token(TokenError::Revoked))));
    }

    #[test]
    fn an_inbox_that_is_deleted_meanwhile_is_made_anew() {
        let mut projects = inboxes([Some(project()), None]);
        projects.expect_create_inbox().times(1).return_once(|_| Ok(project()));
        let mut tasks = MockTaskRepository::new();
        tasks.expect_create().times(1).return_once(|_, _| Err(conflict(constraint::REFERENCE)));
        tasks.expect_create().times(1).return_once(|_, _| Ok(task().task));
        assert!(create_own(projects, tasks).is_ok());
    }

    #[test]
    fn an_archived_inbox_takes_no_todo() {
        let archived = Project { status: ProjectStatus::Archived, ..project() };
        let refused = create_own(inboxes([Some(archived)]), MockTaskRepository::new());
        assert!(matches!(refused, Err(Error::Archived(_))));
    }

    #[test]
    fn nobody_makes_a_todo_for_another_nor_learns_of_keys() {
        for who in [(OWNER, None), (OWNER, Some(ADMIN.id)), (ADMIN, Some(OWNER.id))] {
            let (projects, tasks) = (MockProjectRepository::new(), MockTaskRepository::new());
            let refused = create(who, Some(keyed_request()), projects, tasks, MockIdempotencyRepository::new());
            assert!(matches!(refused, Err(Error::Forbidden(_))));
        }
    }

    #[test]
    fn a_key_of_another_request_makes_neither_todo_nor_inbox() {
        let record = IdempotencyRecord { fingerprint: [9; 32], created: task().task.into() };
        let (tasks, records) = (MockTaskRepository::new(), knowing([Some(record)]));
        let refused = create((OWNER, Some(OWNER.id)), Some(keyed_request()), inboxes([None]), tasks, records);
        assert!(matches!(refused, Err(Error::IdempotencyKeyReused)));
    }

    #[test]
    fn repeated_request_is_replayed_whatever_the_inbox_is() {
        let record = IdempotencyRecord { fingerprint: keyed_request().fingerprint, created: task().task.into() };
        let (projects, tasks) = (MockProjectRepository::new(), MockTaskRepository::new());
        let who = (OWNER, Some(OWNER.id));
        let created = create(who, Some(keyed_request()), projects, tasks, knowing([Some(record)])).unwrap();
        assert_eq!(created, Creation { entity: task().task, replayed: true });
    }

    #[test]
    fn token_for_some_projects_makes_no_inbox_and_no_todo_elsewhere() {
        for inbox in [None, Some(project())] {
            let (tasks, records) = (MockTaskRepository::new(), MockIdempotencyRepository::new());
            let refused = create((elsewhere(), Some(OWNER.id)), None, inboxes([inbox]), tasks, records);
            assert!(matches!(refused, Err(Error::Forbidden(_))));
        }
        let (who, records) = ((narrowed(OWNER, &[7]), Some(OWNER.id)), MockIdempotencyRepository::new());
        assert!(create(who, None, inboxes([Some(project())]), creating(true), records).is_ok());
    }

    #[test]
    fn nothing_is_replayed_to_a_token_for_other_projects() {
        let repeat = |actor| {
            let record = IdempotencyRecord { fingerprint: keyed_request().fingerprint, created: task().task.into() };
            let (projects, tasks) = (MockProjectRepository::new(), MockTaskRepository::new());
            create((actor, Some(OWNER.id)), Some(keyed_request()), projects, tasks, knowing([Some(record)]))
        };
        assert!(repeat(narrowed(OWNER, &[7])).unwrap().replayed);
        assert!(matches!(repeat(elsewhere()), Err(Error::Forbidden(_))));
    }

    #[test]
    fn neither_todo_nor_inbox_is_made_beyond_its_quota() {
        let mut projects = inboxes([None]);
        projects.expect_create_inbox().times(1).return_once(|_| Err(conflict(constraint::QUOTA)));
        let refused = create_own(projects, MockTaskRepository::new());
        assert!(matches!(refused, Err(Error::QuotaExceeded(error)) if error.limit == 7));

        let mut tasks = MockTaskRepository::new();
        tasks.expect_create().times(1).return_once(|_, _| Err(conflict(constraint::QUOTA)));
        let refused = create_own(inboxes([Some(project())]), tasks);
        assert!(matches!(refused, Err(Error::QuotaExceeded(error)) if error.limit == 8));
    }
}

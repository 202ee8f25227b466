use super::{Tasks, check_assignee, find};
use crate::{
    Error,
    retry::{unless_overtaken, until_committed},
};
use fasttrack_domain::{
    audit::{AuditAction, AuditChanges, AuditEntry, AuditObject, Origin},
    id::TaskId,
    patch::Patch,
    policy::{Actor, TaskAction},
    precondition::Precondition,
    task::{TaskPatch, TaskView},
};

#[derive(Clone, Debug)]
pub struct UpdateTask {
    pub actor: Actor,
    pub id: TaskId,
    pub patch: TaskPatch,
    pub precondition: Precondition,
    pub origin: Origin,
}

impl Tasks {
    // @spec SPEC-003
    // @decision DEC-0002
    // @norm NORM-ARCH-003
    /// Changes a task that the actor may work on.
    ///
    /// Fails with [`Error::NotFound`], [`Error::Forbidden`], [`Error::Validation`] (`unknown_user` on `assignee_id`),
    /// [`Error::PreconditionFailed`] or [`Error::InvalidTransition`].
    #[tracing::instrument(name = "task.update", skip_all)]
    pub async fn update(&self, command: UpdateTask) -> Result<TaskView, Error> {
        until_committed(|| self.try_update(&command)).await
    }

    async fn try_update(&self, command: &UpdateTask) -> Result<Option<TaskView>, Error> {
        let UpdateTask { actor, id, patch, precondition, origin } = command;
        let found = find(&*self.tasks, *id, *actor, TaskAction::Change).await?;
        let assignee = match patch.assignee_id {
            Patch::Set(next) if found.task.assignee_id != Some(next) => Some(check_assignee(&*self.users, next).await?),
            // An assignee who was deactivated since may stay.
            Patch::Set(_) | Patch::Keep => found.assignee.clone(),
            Patch::Clear => None,
        };
        precondition.check(found.task.version)?;
        let now = self.clock.now();
        let Some(mut change) = found.apply(patch.clone(), actor.id, now)? else { return Ok(Some(found.into())) };
        let permission = found.action(TaskAction::Change);
        let line = AuditEntry::by_role(*actor, permission, now, AuditAction::TaskUpdated, origin);
        let changes = AuditChanges::of_task(&found.task, &change.task);
        change.audit = line.map(|line| line.with_object(AuditObject::Task(found.task.id)).with_changes(changes));
        let saved = unless_overtaken(self.tasks.save(change).await)?.flatten();
        Ok(saved.map(|task| TaskView { task, assignee }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{
        ADMIN, ASSIGNEE, COMMENTER, EDITOR, OWNER, STRANGER, VIEWER, conflict, now, origin, parsed, run, seen_by, task,
        user,
    };
    use fasttrack_domain::{
        id::UserId,
        ports::{constraint, task::MockTaskRepository, user::MockUserRepository},
        task::{Task, TaskInProject, TaskStatus},
        user::User,
    };
    use std::sync::Arc;

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
        let saved =
            update(OWNER, patch, Precondition::default(), saving(overtaken()), MockUserRepository::new()).unwrap();
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
}

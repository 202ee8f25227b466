use super::{Tasks, find};
use crate::{
    Error,
    retry::{unless_overtaken, until_committed},
};
use fasttrack_domain::{
    audit::{AuditAction, AuditChanges, AuditEntry, AuditObject, Origin},
    field::Invalid,
    id::TaskId,
    policy::{Actor, TaskAction},
    precondition::Precondition,
    task::{Place, TaskView},
};

#[derive(Clone, Debug)]
pub struct MoveTask {
    pub actor: Actor,
    pub id: TaskId,
    /// Beside a task of the same project.
    pub place: Place,
    pub precondition: Precondition,
    pub origin: Origin,
}

impl Tasks {
    // @spec SPEC-022
    /// Gives a task another place in the order of its project's tasks. Beside itself it stays unchanged.
    ///
    /// Fails with [`Error::NotFound`], [`Error::Forbidden`], [`Error::Validation`] (`unknown_task` on
    /// [`Place::field`]), [`Error::PreconditionFailed`] or [`Error::NoRoom`].
    #[tracing::instrument(name = "task.move", skip_all)]
    pub async fn move_to(&self, command: MoveTask) -> Result<TaskView, Error> {
        until_committed(|| self.try_move(&command)).await
    }

    async fn try_move(&self, command: &MoveTask) -> Result<Option<TaskView>, Error> {
        let MoveTask { actor, id, place, precondition, origin } = command;
        let found = find(&*self.tasks, *id, actor, TaskAction::Move).await?;
        if place.neighbor() == Some(*id) {
            precondition.check(found.task.version)?;
            return Ok(Some(found.into()));
        }
        let Some(gap) = self.tasks.find_gap(found.project.id, *id, *place).await? else {
            let unknown = Invalid::new("unknown_task", "must be the id of a task of the project");
            return Err(Error::Validation(vec![unknown.at(place.field())]));
        };
        precondition.check(found.task.version)?;
        let now = self.clock.now();
        let mut change = found.move_to(&gap, actor.id, now)?;
        let permission = found.action(TaskAction::Move);
        let line = AuditEntry::by_role(actor, permission, now, AuditAction::TaskUpdated, origin);
        let changes = AuditChanges::of_task(&found.task, &change.task);
        change.audit = line.map(|line| line.with_object(AuditObject::Task(*id)).with_changes(changes));
        let saved = unless_overtaken(self.tasks.save(change).await)?.flatten();
        Ok(saved.map(|task| TaskView { task, ..found.into() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{
        ADMIN, ASSIGNEE, COMMENTER, EDITOR, OWNER, STRANGER, VIEWER, conflict, origin, project, run, seen_by, task,
    };
    use fasttrack_domain::{
        ports::{constraint, task::MockTaskRepository},
        position::Position,
        task::{Gap, TaskInProject},
    };
    use std::sync::Arc;

    const NEIGHBOR: TaskId = TaskId::new(12);
    const PLACE: Place = Place::After(NEIGHBOR);

    /// The gap behind [`NEIGHBOR`].
    fn gap() -> Gap {
        let (before, after) = (Position::initial(NEIGHBOR), Position::initial(TaskId::new(13)));
        Gap { before: Some(before), after: Some(after) }
    }

    /// Finds the task, and one gap for each of `gaps`.
    fn finding(gaps: impl IntoIterator<Item = Option<Gap>>) -> MockTaskRepository {
        let mut tasks = MockTaskRepository::new();
        tasks.expect_find().returning(|_, reader| Ok(Some(seen_by(reader, task()))));
        for gap in gaps {
            tasks
                .expect_find_gap()
                .times(1)
                .withf(|id, moved, place| (*id, *moved, *place) == (project().id, task().task.id, PLACE))
                .return_once(|_, _, _| Ok(gap));
        }
        tasks
    }

    fn move_task(
        actor: Actor,
        place: Place,
        precondition: Precondition,
        tasks: MockTaskRepository,
    ) -> Result<TaskView, Error> {
        let moving = Tasks { tasks: Arc::new(tasks), ..Tasks::mocked() };
        run(moving.move_to(MoveTask { actor, id: task().task.id, place, precondition, origin: origin() }))
    }

    #[test]
    fn owner_editor_and_admin_move_a_task_between_its_neighbors() {
        for actor in [OWNER, EDITOR, ADMIN] {
            let is_admin = actor == ADMIN;
            let mut tasks = finding([Some(gap())]);
            tasks
                .expect_save()
                .times(1)
                .withf(move |change| change.events.is_empty() && change.audit.is_some() == is_admin)
                .return_once(|change| Ok(Some(change.task)));
            let moved = move_task(actor, PLACE, Precondition::matching([4]), tasks).unwrap();
            let position = Some(moved.task.position());
            assert!(gap().before < position && position < gap().after);
            assert_eq!((moved.task.version, moved.assignee), (5, task().assignee));
        }
    }

    #[test]
    fn existence_then_permission_then_place_then_precondition() {
        let wrong = || Precondition::matching([3]);
        let mut missing = MockTaskRepository::new();
        missing.expect_find().return_once(|_, _| Ok(None));
        assert!(matches!(move_task(OWNER, PLACE, wrong(), missing), Err(Error::NotFound("task"))));
        for actor in [STRANGER, ASSIGNEE, VIEWER, COMMENTER] {
            assert!(matches!(move_task(actor, PLACE, wrong(), finding([])), Err(Error::Forbidden(_))));
        }
        let unknown = move_task(OWNER, PLACE, wrong(), finding([None]));
        assert!(matches!(unknown, Err(Error::Validation(faults))
            if faults.len() == 1 && (faults[0].field.as_str(), faults[0].code) == ("after", "unknown_task")));
        assert!(matches!(move_task(OWNER, PLACE, wrong(), finding([Some(gap())])), Err(Error::PreconditionFailed(_))));
    }

    #[test]
    fn a_task_beside_itself_stays_unchanged() {
        let id = task().task.id;
        for place in [Place::After(id), Place::Before(id)] {
            let moved = move_task(OWNER, place, Precondition::default(), finding([])).unwrap();
            assert_eq!(moved, TaskView::from(task()));
        }
    }

    #[test]
    fn place_that_another_task_got_first_is_looked_at_again() {
        let taken = task().move_to(&gap(), OWNER.id, crate::fixtures::now()).unwrap().task.position();
        let mut tasks = finding([Some(gap()), Some(Gap { after: Some(taken.clone()), ..gap() })]);
        tasks.expect_save().times(1).return_once(|_| Err(conflict(constraint::POSITION)));
        tasks.expect_save().times(1).return_once(|change| Ok(Some(change.task)));
        let moved = move_task(OWNER, PLACE, Precondition::default(), tasks).unwrap();
        assert!(moved.task.position() < taken);
    }

    #[test]
    fn a_place_without_room_is_refused() {
        let text = |end: &str| -> Option<Position> {
            Some(format!("05{}{end}", "V".repeat(Position::MAX - 3)).parse().unwrap())
        };
        let full = Gap { before: text("V"), after: text("W") };
        let refused = move_task(OWNER, PLACE, Precondition::default(), finding([Some(full)]));
        assert!(matches!(refused, Err(Error::NoRoom(_))));
    }

    #[test]
    fn change_in_between_is_looked_at_before_the_move() {
        let mut tasks = MockTaskRepository::new();
        let mut changed: TaskInProject = task();
        changed.task.version = 5;
        tasks.expect_find().times(1).return_once(|_, _| Ok(Some(task())));
        tasks.expect_find().times(1).return_once(|_, _| Ok(Some(changed)));
        tasks.expect_find_gap().times(2).returning(|_, _, _| Ok(Some(gap())));
        tasks.expect_save().times(1).return_once(|_| Ok(None));
        tasks.expect_save().times(1).return_once(|change| Ok(Some(change.task)));
        assert_eq!(move_task(OWNER, PLACE, Precondition::default(), tasks).unwrap().task.version, 6);
    }
}

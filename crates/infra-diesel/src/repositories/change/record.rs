//! Numbers what dispatched events change, and writes it to the feed.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::super::{Connection, Error, SqlTimestamp, change_rows, schema::tasks};
use crate::change_row::{ChangeRow, UserChangeRow};
use diesel::{ExpressionMethods, QueryDsl};
use fasttrack_domain::{
    change::{Thing, ThingKind},
    event::Event,
    id::{TaskId, UserId},
};
use std::collections::{BTreeMap, BTreeSet};

/// An event with what it changes.
struct Changed<'e> {
    event: &'e Event,
    things: Vec<Thing>,
}

/// The task that the thing is, or that it is a comment on.
fn task_of(thing: &Thing) -> Option<i64> {
    match thing.kind {
        ThingKind::Task => Some(thing.id),
        ThingKind::Comment => thing.task_id.map(TaskId::get),
        ThingKind::Project | ThingKind::Member | ThingKind::Label => None,
    }
}

/// Returns the users who see each of these tasks by its assignment alone, or did so until then.
async fn outside_assignees(
    conn: &mut Connection,
    changed: &[Changed<'_>],
) -> Result<BTreeMap<i64, BTreeSet<i64>>, Error> {
    let (mut tasks, mut former) = (BTreeSet::new(), BTreeSet::new());
    for Changed { event, things } in changed {
        let ids: Vec<_> = things.iter().filter_map(task_of).collect();
        if let Some(user) = event.former_assignee() {
            former.extend(ids.iter().map(|task| [*task, event.project_id().get(), user.get()]));
        }
        tasks.extend(ids);
    }
    let mut outside = BTreeMap::<_, BTreeSet<_>>::new();
    if !tasks.is_empty() {
        let (tasks, former): (Vec<_>, Vec<_>) = (tasks.into_iter().collect(), former.into_iter().collect());
        for (task, user) in change_rows::outside_assignees(conn, &tasks, &former).await? {
            outside.entry(task).or_default().insert(user);
        }
    }
    Ok(outside)
}

/// Whether the user ceases to be a member of the project by a change of these things.
fn is_loss(things: &[Thing], user: i64) -> bool {
    things.contains(&Thing::member(UserId::new(user)).deleted())
}

/// Who sees tasks without being a member of their projects.
struct Outside {
    /// The users who see each of these tasks by its assignment alone, or did so until then.
    assignees: BTreeMap<i64, BTreeSet<i64>>,
    /// Of each project and user who loses it, the tasks that are assigned to the user all the same, as an assignment was
    /// committed behind the loss. The loss stands for all that is in the project, so that they come behind it.
    kept: BTreeMap<(i64, i64), Vec<i64>>,
}

impl Outside {
    async fn of(conn: &mut Connection, changed: &[Changed<'_>]) -> Result<Self, Error> {
        let assignees = outside_assignees(conn, changed).await?;
        let mut kept = BTreeMap::new();
        for Changed { event, things } in changed {
            let project = event.project_id().get();
            for user in event.audience().into_iter().map(UserId::get).filter(|user| is_loss(things, *user)) {
                let tasks = tasks::table.filter(tasks::project_id.eq(project)).filter(tasks::assignee_id.eq(user));
                let tasks: Vec<i64> = tasks.order(tasks::id).select(tasks::id).load(conn).await?;
                kept.insert((project, user), tasks);
            }
        }
        Ok(Self { assignees, kept })
    }
}

/// The rows to write, each at its latest place.
#[derive(Default)]
struct Rows {
    /// The number of places.
    count: i64,
    changes: BTreeMap<(&'static str, i64, i64), ChangeRow>,
    of_users: BTreeMap<(i64, &'static str, i64), UserChangeRow>,
}

impl Rows {
    fn next_place(&mut self) -> i64 {
        self.count += 1;
        self.count
    }

    fn add(&mut self, project_id: i64, thing: &Thing, changed_at: SqlTimestamp) {
        let (kind, thing_id, place) = (thing.kind.as_str(), thing.id, self.next_place());
        let (task_id, is_deleted) = (thing.task_id.map(TaskId::get), thing.is_deleted);
        let row = ChangeRow { project_id, kind, thing_id, task_id, place, is_deleted, changed_at };
        self.changes.insert((kind, thing_id, project_id), row);
    }

    fn add_for(&mut self, user_id: i64, project_id: i64, thing: &Thing, (is_loss, changed_at): (bool, SqlTimestamp)) {
        let (kind, thing_id, place) = (thing.kind.as_str(), thing.id, self.next_place());
        let task_id = thing.task_id.map(TaskId::get);
        let key = (user_id, kind, thing_id);
        let before = self.of_users.get(&key).and_then(|row| row.lost_place);
        let lost_place = if is_loss { Some(place) } else { before };
        let row = UserChangeRow { user_id, kind, thing_id, task_id, project_id, place, lost_place, changed_at };
        self.of_users.insert(key, row);
    }

    /// Adds what an event changes: first the things, then what users have to look at again.
    fn add_all(&mut self, Changed { event, things }: &Changed<'_>, outside: &Outside) {
        let (project, at) = (event.project_id(), SqlTimestamp(event.at()));
        for thing in things {
            self.add(project.get(), thing, at);
        }
        for thing in things {
            for user in task_of(thing).and_then(|task| outside.assignees.get(&task)).into_iter().flatten() {
                self.add_for(*user, project.get(), thing, (false, at));
            }
        }
        for user in event.audience().into_iter().map(UserId::get) {
            self.add_for(user, project.get(), &Thing::project(project), (is_loss(things, user), at));
            for task in outside.kept.get(&(project.get(), user)).into_iter().flatten() {
                self.add_for(user, project.get(), &Thing::task(TaskId::new(*task)), (false, at));
            }
        }
    }
}

// @spec SPEC-026
/// Writes what these events change, under numbers in their order. A thing that several of them name has the last one's.
pub(in super::super) async fn record(conn: &mut Connection, events: &[&Event]) -> Result<(), Error> {
    let changed: Vec<_> = events.iter().map(|event| Changed { event, things: event.things() }).collect();
    let outside = Outside::of(conn, &changed).await?;
    let mut rows = Rows::default();
    for event in &changed {
        rows.add_all(event, &outside);
    }
    if rows.count == 0 {
        return Ok(());
    }
    let of_projects: Vec<_> = rows.changes.into_values().collect();
    let of_users: Vec<_> = rows.of_users.into_values().collect();
    Ok(change_rows::write(conn, rows.count, &of_projects, &of_users).await?)
}

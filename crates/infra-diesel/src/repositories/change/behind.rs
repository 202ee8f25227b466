//! What changed behind a number.

use super::{
    super::{Connection, Error},
    contents::Contents,
    feed::{Feed, PORTION, is_all},
    listing::List,
    rows::{self, Changed, Origin},
};
use fasttrack_domain::change::{DeleteReason, FeedContent, FeedPosition, MemberView, ThingKind};
use std::collections::HashSet;

/// The fewest things that are looked at, as some concern nothing that the reader sees.
const FEWEST: i64 = 20;

/// Adds what changed behind a number.
pub(super) async fn add(conn: &mut Connection, feed: &mut Feed, seq: i64) -> Result<(), Error> {
    let limit = feed.room().max(FEWEST);
    let changed = rows::behind(conn, &feed.reader, seq, limit).await?;
    // What was listed is from the same snapshot, so that it includes later changes.
    let mut listed = HashSet::new();
    let mut before = FeedPosition::after(seq);
    for portion in changed.chunks(PORTION.into()) {
        if feed.is_full() {
            break;
        }
        let mut contents = Contents::of(conn, &feed.reader, portion).await?;
        for thing in portion {
            if feed.is_full() {
                break;
            }
            let is_listed = listed.contains(&(ThingKind::Project, thing.project_id))
                || thing.task_id.is_some_and(|task| listed.contains(&(ThingKind::Task, task)));
            let is_list = match (thing.origin, thing.kind) {
                (Origin::Project, _) => {
                    in_project(feed, &mut contents, thing, is_listed);
                    false
                }
                (Origin::Loss, _) => {
                    loss(feed, &contents, thing);
                    false
                }
                (Origin::Reader { .. }, ThingKind::Project) => access(conn, feed, &contents, thing, before).await?,
                (Origin::Reader { .. }, ThingKind::Task) => foreign_task(conn, feed, &contents, thing, before).await?,
                (Origin::Reader { .. }, _) => {
                    foreign_comment(feed, &mut contents, thing, is_listed);
                    false
                }
            };
            if is_list {
                listed.insert((thing.kind, thing.id));
            }
            before = FeedPosition::after(thing.seq);
        }
    }
    if let Some(last) = changed.last().filter(|_| !is_all(changed.len(), limit)) {
        feed.cut(FeedPosition::after(last.seq));
    }
    Ok(())
}

impl Changed {
    const fn place(&self) -> (i64, i64) {
        (self.project_id, self.id)
    }

    /// Adds the content, or that the thing doesn't exist any more.
    fn put(&self, feed: &mut Feed, content: Option<FeedContent>) {
        let content = content.unwrap_or(FeedContent::Deleted(DeleteReason::Deleted));
        feed.put(self.place(), content, self.kind, FeedPosition::after(self.seq));
    }

    /// Adds that the reader doesn't see the thing any more.
    fn lose(&self, feed: &mut Feed) {
        self.put(feed, Some(FeedContent::Deleted(DeleteReason::Access)));
    }
}

/// Adds a thing of a project that the reader sees, or that is gone. What exists was added already, if it is listed.
fn in_project(feed: &mut Feed, contents: &mut Contents, thing: &Changed, is_listed: bool) {
    let Some(project) = contents.projects.get(&thing.project_id) else {
        // The project's deletion stands for all that was in it.
        if thing.kind == ThingKind::Project {
            thing.put(feed, None);
        }
        return;
    };
    let content = match thing.kind {
        ThingKind::Project => Some(FeedContent::Project(project.clone())),
        ThingKind::Member => contents
            .members
            .remove(&thing.place())
            .map(|member| FeedContent::Member(MemberView { member, membership: project.membership })),
        ThingKind::Label => contents.labels.remove(&thing.id).map(FeedContent::Label),
        ThingKind::Task => contents.tasks.get(&thing.id).cloned().map(|task| FeedContent::Task(Box::new(task))),
        ThingKind::Comment => contents.comments.remove(&thing.id).map(FeedContent::Comment),
    };
    let is_added = is_listed && content.is_some();
    // A task's deletion stands for the comments on it.
    let is_implied = content.is_none() && thing.task_id.is_some_and(|task| !contents.kept_tasks.contains(&task));
    if is_added || is_implied {
        return;
    }
    thing.put(feed, content);
}

/// Adds that a project was lost, also one that the reader sees again: before the loss had a number, the reader may have read
/// behind deletions that it wasn't shown any more.
fn loss(feed: &mut Feed, contents: &Contents, thing: &Changed) {
    if !feed.reaches(thing.project_id) {
        return;
    }
    if contents.projects.contains_key(&thing.project_id) {
        thing.lose(feed);
    } else {
        thing.put(feed, None);
    }
}

/// Adds a project that the reader has gained, with all that is in it, or lost. `before` is the position before that. Returns
/// whether it is listed.
async fn access(
    conn: &mut Connection,
    feed: &mut Feed,
    contents: &Contents,
    thing: &Changed,
    before: FeedPosition,
) -> Result<bool, Error> {
    match contents.projects.get(&thing.project_id) {
        // Nothing is gained or lost, but the project says which role the reader has.
        Some(project) if feed.reader.sees_all && feed.reaches(thing.project_id) => {
            thing.put(feed, Some(FeedContent::Project(project.clone())));
        }
        _ if feed.reader.sees_all => {}
        Some(project) if feed.sees(project) => {
            if feed.begin(before) {
                List::of_gain(thing.seq).project(conn, feed, project, None).await?;
            }
            return Ok(true);
        }
        Some(_) if feed.reaches(thing.project_id) => thing.lose(feed),
        None if feed.reaches(thing.project_id) => thing.put(feed, None),
        _ => {}
    }
    Ok(false)
}

/// Whether the reader may see the thing by an assignment alone.
fn is_foreign(feed: &Feed, contents: &Contents, thing: &Changed) -> bool {
    // A gain of the project has a higher number, and brings the thing.
    let sees_all = contents.projects.get(&thing.project_id).is_some_and(|project| feed.sees(project));
    feed.has_foreign_tasks() && !sees_all
}

/// Adds a task that the reader sees, or saw, by its assignment alone. `before` is the position before that. Returns whether it
/// is listed with its comments.
async fn foreign_task(
    conn: &mut Connection,
    feed: &mut Feed,
    contents: &Contents,
    thing: &Changed,
    before: FeedPosition,
) -> Result<bool, Error> {
    if !is_foreign(feed, contents, thing) {
        return Ok(false);
    }
    let task = contents.tasks.get(&thing.id);
    if let (Some(task), Some(project)) = (task, contents.projects.get(&thing.project_id))
        && feed.sees_foreign(project, task)
    {
        if feed.begin(before) {
            List::of_gain(thing.seq).task(conn, feed, task.clone()).await?;
        }
        return Ok(true);
    }
    match thing.origin {
        // The change of its project stands for the task.
        Origin::Reader { is_access_changed: true } => {}
        _ if task.is_some() => thing.lose(feed),
        _ => thing.put(feed, None),
    }
    Ok(false)
}

/// Adds a comment on a task that the reader sees by its assignment alone. What exists was added already, if it is listed.
fn foreign_comment(feed: &mut Feed, contents: &mut Contents, thing: &Changed, is_listed: bool) {
    // Where the task isn't seen any more, its change stands for the comments on it.
    let task = thing.task_id.and_then(|task| contents.tasks.get(&task));
    let place = task.zip(contents.projects.get(&thing.project_id));
    if place.is_some_and(|(task, project)| feed.sees_foreign(project, task)) {
        let content = contents.comments.remove(&thing.id).map(FeedContent::Comment);
        if is_listed && content.is_some() {
            return;
        }
        thing.put(feed, content);
    }
}

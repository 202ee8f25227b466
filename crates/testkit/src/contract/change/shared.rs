//! The ports of the change feed, and a reader that follows it.

use crate::{
    builders::{NOBODY, after, title},
    contract::dispatch_all,
};
use fasttrack_domain::{
    api_token::Reach,
    change::{DeleteReason, FeedChange, FeedContent, FeedPage, FeedPosition, FeedReader, FeedRequest, ThingKind},
    id::{ProjectId, TaskId, UserId},
    page::Limit,
    patch::Patch,
    ports::{
        RepositoryError, change::ChangeFeed, comment::CommentRepository, label::LabelRepository,
        member::MemberRepository, outbox::Outbox, project::ProjectRepository, task::TaskRepository,
        user::UserRepository,
    },
    task::{Task, TaskPatch},
};
use std::sync::Arc;

ports! {
    users: UserRepository,
    projects: ProjectRepository,
    members: MemberRepository,
    tasks: TaskRepository,
    labels: LabelRepository,
    comments: CommentRepository,
    outbox: Outbox,
    changes: ChangeFeed,
}

/// A reader that sees its projects, and the tasks that are assigned to it.
pub(super) fn reader(id: UserId) -> FeedReader {
    FeedReader { id, sees_all: false, reach: Reach::All }
}

/// Dispatches all events that wait.
pub(super) async fn dispatched(ports: &Ports) {
    dispatch_all(ports, Arc::new([]), 1_000).await;
}

/// The result of reading a page.
pub(super) async fn read(
    ports: &Ports,
    reader: &FeedReader,
    position: Option<FeedPosition>,
    limit: i64,
) -> Result<FeedPage, RepositoryError> {
    let limit = Limit::of_changes(limit).unwrap();
    ports.changes.read(FeedRequest { reader: reader.clone(), position, limit }).await
}

/// A reader that goes on where it stopped.
pub(super) struct Follower {
    pub(super) reader: FeedReader,
    pub(super) position: Option<FeedPosition>,
    pub(super) limit: i64,
}

impl Follower {
    /// One that has read nothing yet.
    pub(super) fn new(reader: FeedReader) -> Self {
        Self { reader, position: None, limit: 1_000 }
    }

    /// One that has read everything.
    pub(super) async fn at_end(ports: &Ports, reader: FeedReader) -> Self {
        let mut follower = Self::new(reader);
        follower.next(ports).await;
        follower
    }

    /// Dispatches what waits, and reads page by page until the end.
    pub(super) async fn next(&mut self, ports: &Ports) -> Vec<FeedChange> {
        dispatched(ports).await;
        let mut changes = Vec::new();
        for _ in 0..1_000 {
            let page = read(ports, &self.reader, self.position, self.limit).await.unwrap();
            assert!(page.changes.len() <= usize::try_from(self.limit).unwrap());
            self.position = Some(page.next);
            changes.extend(page.changes);
            if !page.has_more {
                return changes;
            }
        }
        panic!("the feed has no end");
    }

    /// The same in short.
    pub(super) async fn lines(&mut self, ports: &Ports) -> Vec<String> {
        self.next(ports).await.iter().map(line).collect()
    }
}

/// A change in short.
pub(super) fn line(change: &FeedChange) -> String {
    match change.content {
        FeedContent::Deleted(reason) => gone(reason, change.kind, change.id),
        _ => put(change.kind, change.id),
    }
}

pub(super) fn put(kind: ThingKind, id: i64) -> String {
    format!("put {kind} {id}")
}

pub(super) fn gone(reason: DeleteReason, kind: ThingKind, id: i64) -> String {
    format!("{reason} {kind} {id}")
}

pub(super) fn put_project(id: ProjectId) -> String {
    put(ThingKind::Project, id.get())
}

pub(super) fn put_member(id: UserId) -> String {
    put(ThingKind::Member, id.get())
}

pub(super) fn put_task(id: TaskId) -> String {
    put(ThingKind::Task, id.get())
}

/// Changes the title of a task.
pub(super) async fn rename(ports: &Ports, task: TaskId, text: &str) -> Task {
    change(ports, task, TaskPatch { title: Some(title(text)), ..TaskPatch::default() }).await
}

/// Assigns a task to a user, or to nobody.
pub(super) async fn assign(ports: &Ports, task: TaskId, user: Option<UserId>) -> Task {
    let assignee_id = user.map_or(Patch::Clear, Patch::Set);
    change(ports, task, TaskPatch { assignee_id, ..TaskPatch::default() }).await
}

async fn change(ports: &Ports, task: TaskId, patch: TaskPatch) -> Task {
    let found = ports.tasks.find(task, NOBODY).await.unwrap().unwrap();
    let change = found.apply(patch, found.project.owner_id, after(1)).unwrap().unwrap();
    ports.tasks.save(change).await.unwrap().unwrap()
}

/// Deletes a task.
pub(super) async fn delete_task(ports: &Ports, task: TaskId) {
    let found = ports.tasks.find(task, NOBODY).await.unwrap().unwrap();
    assert!(ports.tasks.delete(found.remove(found.project.owner_id, after(2))).await.unwrap());
}

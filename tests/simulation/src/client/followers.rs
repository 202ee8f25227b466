//! Users who follow their notifications and the change feed.

use super::Shared;
use crate::cluster::{Answer, Node};
use fasttrack_app::{change::ReadChanges, notification::FollowNotifications};
use fasttrack_domain::{
    change::{FeedChange, FeedContent, FeedPage, FeedPosition, FeedReader, ThingKind},
    id::UserId,
    page::Limit,
    policy::Actor,
};
use std::{cell::RefCell, collections::BTreeMap, rc::Rc, time::Duration};
use tokio::sync::mpsc;

/// How many pages are read in one go at most.
const PAGES: usize = 50;

/// What a follower has of the feed: each thing by its kind, project and id, as a text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Replica {
    pub(crate) things: BTreeMap<(&'static str, i64, i64), String>,
    position: Option<FeedPosition>,
}

impl Replica {
    fn apply(&mut self, page: FeedPage) {
        for change in page.changes {
            self.put(change);
        }
        self.position = Some(page.next);
    }

    fn put(&mut self, change: FeedChange) {
        let (kind, project, id) = (change.kind, change.project_id.get(), change.id);
        let key = (kind.as_str(), project, id);
        let thing = match change.content {
            FeedContent::Project(view) => format!("version {} for {:?}", view.project.version, view.membership),
            FeedContent::Member(view) => format!("{:?}", view.member.role),
            FeedContent::Label(label) => label.name.as_str().to_owned(),
            FeedContent::Task(view) => {
                let task = view.task;
                format!("version {} {} of {:?} with {:?}", task.version, task.status, task.assignee_id, task.labels)
            }
            FeedContent::Comment(view) => format!("on {}: {}", view.comment.task_id, view.comment.body.as_str()),
            FeedContent::Deleted(_) => {
                self.delete(kind, key);
                return;
            }
        };
        self.things.insert(key, thing);
    }

    /// Deletes a thing, with what its deletion stands for.
    fn delete(&mut self, kind: ThingKind, key: (&'static str, i64, i64)) {
        let (_, project, id) = key;
        self.things.remove(&key);
        match kind {
            ThingKind::Project => self.things.retain(|(_, of, _), _| *of != project),
            ThingKind::Task => {
                let on_task = format!("on {id}: ");
                self.things.retain(|(kind, _, _), thing| *kind != "comment" || !thing.starts_with(&on_task));
            }
            ThingKind::Label => {
                let label = format!("LabelId({id})");
                for thing in self.things.values_mut() {
                    *thing = without(thing, &label);
                }
            }
            ThingKind::Member | ThingKind::Comment => {}
        }
    }
}

/// The text of a task without a label that was deleted.
fn without(thing: &str, label: &str) -> String {
    thing.replace(&format!("{label}, "), "").replace(&format!(", {label}"), "").replace(label, "")
}

/// Reads the feed from where the replica is until there is no more. `false` if it got no further.
pub(crate) async fn read_changes(shared: &Shared, actor: &Actor, replica: &mut Replica) -> bool {
    for _ in 0..PAGES {
        let reader = FeedReader::new(actor);
        let cursor = replica.position.map(|position| reader.cursor(position));
        let command = ReadChanges { actor: actor.clone(), cursor, limit: Limit::of_changes(20).unwrap() };
        let read = |node: Rc<Node>| async move { node.use_cases.changes.read(command).await };
        match shared.cluster.request("changes.read", read).await {
            Answer::Done(page) => {
                let has_more = page.has_more;
                replica.apply(page);
                if !has_more {
                    return true;
                }
            }
            Answer::Refused(error) => {
                let wrong = format!("user {} was refused: {error}", actor.id);
                shared.cluster.observer.found("the feed", Some(wrong));
                return false;
            }
            Answer::Unknown => return false,
        }
    }
    false
}

/// Reads the feed again and again into a replica.
pub(crate) async fn follow_changes(shared: Rc<Shared>, actor: Actor, replica: Rc<RefCell<Replica>>) {
    let sim = shared.cluster.sim.clone();
    loop {
        sim.sleep(Duration::from_millis(1_000 + sim.below(3_000))).await;
        let mut next = replica.borrow().clone();
        read_changes(&shared, &actor, &mut next).await;
        *replica.borrow_mut() = next;
    }
}

/// Follows a user's notifications, again on any node where the stream ends, and counts them.
pub(crate) async fn follow_notifications(shared: Rc<Shared>, user_id: UserId, position: Rc<RefCell<i64>>) {
    let sim = shared.cluster.sim.clone();
    loop {
        let since = Some(*position.borrow());
        let Some((_, node)) = sim.choice(&shared.cluster.running()) else {
            sim.sleep(Duration::from_secs(1)).await;
            continue;
        };
        let (sender, mut receiver) = mpsc::unbounded_channel();
        let of_stream = Rc::clone(&node);
        node.spawn(async move {
            let command = FollowNotifications { user_id, since };
            let following = of_stream.use_cases.notifications.follow(command).await;
            let Some(mut following) = of_stream.checked(following) else { return };
            loop {
                match of_stream.checked(following.next().await) {
                    Some(notifications) => {
                        for notification in notifications {
                            if sender.send(notification.seq).is_err() {
                                return;
                            }
                        }
                    }
                    None => of_stream.sim.sleep(Duration::from_millis(500)).await,
                }
            }
        });
        drop(node);
        while let Some(seq) = receiver.recv().await {
            let last = position.replace(seq);
            if seq != last + 1 {
                let wrong = format!("user {user_id} got notification {seq} after {last}");
                shared.cluster.observer.found("a stream of notifications", Some(wrong));
            }
        }
        sim.sleep(Duration::from_millis(sim.below(2_000))).await;
    }
}

//! Hints of other nodes: [`NotificationListener`], beside a network that a test controls.

use crate::{
    builders::{new_notification, subscriber},
    given,
};
use async_trait::async_trait;
use fasttrack_domain::{
    notification::NotificationHead,
    ports::{
        notification_bus::{BusMessage, NotificationListener},
        outbox::{Consequence, Outbox},
        project::ProjectRepository,
        task::TaskRepository,
        user::UserRepository,
    },
    project::Project,
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::time::timeout;

/// The network between the node that has the other ports and the nodes that listen. It works until it is cut.
#[async_trait]
pub trait Network: Send + Sync {
    /// Makes the listener of one more node.
    fn listen(&self) -> Box<dyn NotificationListener>;

    /// Ends the connections of all listeners, and refuses new ones from now on.
    async fn cut(&self);

    /// Accepts connections of listeners again.
    async fn restore(&self);
}

contract! { $
    notification_listener {
        users: UserRepository,
        projects: ProjectRepository,
        tasks: TaskRepository,
        outbox: Outbox,
        network: Network,
    }
    gaps_come_with_pauses_while_the_connection_is_lost,
    a_gap_tells_that_hints_were_missed,
    hints_are_received_again_after_an_outage,
    a_failed_dispatch_gives_no_hint,
    a_listener_begins_with_a_gap_for_what_was_before,
    hints_come_in_the_order_of_their_commits,
    a_dispatch_gives_a_hint_for_each_of_its_users,
    every_listener_receives_each_hint,
}

const DEADLINE: Duration = Duration::from_secs(30);

/// Waits for a message.
async fn next(listener: &mut Box<dyn NotificationListener>) -> BusMessage {
    timeout(DEADLINE, listener.next()).await.unwrap()
}

/// Waits for a gap, before which hints may still arrive.
async fn gap(listener: &mut Box<dyn NotificationListener>) {
    while next(listener).await != BusMessage::Gap {}
}

/// Waits for all of these hints. Returns `false` where a gap comes before the last.
async fn receives(listener: &mut Box<dyn NotificationListener>, mut hints: Vec<NotificationHead>) -> bool {
    while !hints.is_empty() {
        match next(listener).await {
            BusMessage::Heads(heads) => hints.retain(|hint| !heads.contains(hint)),
            BusMessage::Gap => return false,
        }
    }
    true
}

/// Makes a listener, and waits until it is connected.
async fn given_listener(ports: &Ports) -> Box<dyn NotificationListener> {
    let mut listener = ports.network.listen();
    assert_eq!(next(&mut listener).await, BusMessage::Gap);
    listener
}

/// A project whose owner is notified.
async fn given_project(ports: &Ports) -> Project {
    given::project_with_owner(ports).await.0
}

/// Dispatches one more notification to the owner of each of these projects.
async fn notify(ports: &Ports, projects: &[&Project]) -> Vec<NotificationHead> {
    let new = |project: &&Project| new_notification(project.owner_id, project.id, 1);
    given::notifications(ports, projects.iter().map(new)).await.heads
}

async fn gaps_come_with_pauses_while_the_connection_is_lost(ports: &Ports) {
    let mut listener = given_listener(ports).await;
    ports.network.cut().await;
    let began = Instant::now();
    for _ in 0..3 {
        gap(&mut listener).await;
    }
    assert!(began.elapsed() > Duration::from_millis(900), "it doesn't spin");
}

/// It comes after them where they still arrive.
async fn a_gap_tells_that_hints_were_missed(ports: &Ports) {
    let (mut listener, project) = (given_listener(ports).await, given_project(ports).await);
    assert!(receives(&mut listener, notify(ports, &[&project]).await).await);
    ports.network.cut().await;
    notify(ports, &[&project]).await;
    ports.network.restore().await;
    gap(&mut listener).await;
}

async fn hints_are_received_again_after_an_outage(ports: &Ports) {
    let (mut listener, project) = (given_listener(ports).await, given_project(ports).await);
    for _ in 0..2 {
        ports.network.cut().await;
        gap(&mut listener).await;
        ports.network.restore().await;
        // The listener may need several attempts, each of which is a gap.
        let again = async { while !receives(&mut listener, notify(ports, &[&project]).await).await {} };
        timeout(DEADLINE, again).await.unwrap();
    }
}

/// The second of its subscribers fails.
async fn a_failed_dispatch_gives_no_hint(ports: &Ports) {
    let mut listener = given_listener(ports).await;
    let (project, other) = (given_project(ports).await, given_project(ports).await);
    given::task(ports, project.id).await;
    let notification = new_notification(project.owner_id, project.id, 1);
    let notifying = subscriber(move |_, _| vec![Consequence::Notify(notification.clone())]);
    let failing = subscriber(|_, _| panic!("as it is meant to"));
    let outbox = Arc::clone(&ports.outbox);
    let failed = tokio::spawn(async move { outbox.dispatch(Arc::new([notifying, failing]), 10).await }).await;
    assert!(!matches!(failed, Ok(Ok(_))), "{failed:?}");
    let hints = notify(ports, &[&other]).await;
    assert_eq!(next(&mut listener).await, BusMessage::Heads(hints), "the first that were committed");
}

async fn a_listener_begins_with_a_gap_for_what_was_before(ports: &Ports) {
    let project = given_project(ports).await;
    notify(ports, &[&project]).await;
    let mut listener = ports.network.listen();
    assert_eq!(next(&mut listener).await, BusMessage::Gap);
    let hints = notify(ports, &[&project]).await;
    assert_eq!(hints, [NotificationHead { user_id: project.owner_id, seq: 2 }]);
    assert_eq!(next(&mut listener).await, BusMessage::Heads(hints));
}

/// They wait until they are read.
async fn hints_come_in_the_order_of_their_commits(ports: &Ports) {
    let (mut listener, project) = (given_listener(ports).await, given_project(ports).await);
    let (mut hints, mut received) = (Vec::new(), Vec::new());
    for _ in 0..10 {
        hints.extend(notify(ports, &[&project]).await);
    }
    while received.len() < hints.len() {
        let BusMessage::Heads(heads) = next(&mut listener).await else { panic!("a gap after {received:?}") };
        received.extend(heads);
    }
    assert_eq!(received, hints);
}

async fn a_dispatch_gives_a_hint_for_each_of_its_users(ports: &Ports) {
    let mut listener = given_listener(ports).await;
    let mut projects = Vec::new();
    for _ in 0..20 {
        projects.push(given_project(ports).await);
    }
    let hints = notify(ports, &projects.iter().collect::<Vec<_>>()).await;
    assert_eq!(hints.len(), projects.len());
    assert!(receives(&mut listener, hints).await);
}

async fn every_listener_receives_each_hint(ports: &Ports) {
    let mut listeners = [given_listener(ports).await, given_listener(ports).await];
    let project = given_project(ports).await;
    for _ in 0..3 {
        let hints = notify(ports, &[&project]).await;
        for listener in &mut listeners {
            assert!(receives(listener, hints.clone()).await);
        }
    }
}

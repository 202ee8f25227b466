//! Hints of other nodes: [`NotificationListener`], beside a network that a test controls.

use crate::{
    builders::{new_notification, subscriber},
    given,
};
use async_trait::async_trait;
use fasttrack_domain::{
    id::UserId,
    notification::NotificationHead,
    ports::{
        notification_bus::{BusMessage, NotificationListener},
        outbox::{Consequence, Outbox},
        project::ProjectRepository,
        task::TaskRepository,
        user::UserRepository,
    },
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

/// Dispatches one more notification to each of these users.
async fn notify(ports: &Ports, users: &[UserId]) -> Vec<NotificationHead> {
    given::notifications(ports, users.iter().map(|user| new_notification(*user, 1))).await.heads
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
    let (mut listener, user) = (given_listener(ports).await, given::user(ports).await.id);
    assert!(receives(&mut listener, notify(ports, &[user]).await).await);
    ports.network.cut().await;
    notify(ports, &[user]).await;
    ports.network.restore().await;
    gap(&mut listener).await;
}

async fn hints_are_received_again_after_an_outage(ports: &Ports) {
    let (mut listener, user) = (given_listener(ports).await, given::user(ports).await.id);
    for _ in 0..2 {
        ports.network.cut().await;
        gap(&mut listener).await;
        ports.network.restore().await;
        // The listener may need several attempts, each of which is a gap.
        let again = async { while !receives(&mut listener, notify(ports, &[user]).await).await {} };
        timeout(DEADLINE, again).await.unwrap();
    }
}

/// One of the users whom it would notify doesn't exist.
async fn a_failed_dispatch_gives_no_hint(ports: &Ports) {
    let mut listener = given_listener(ports).await;
    let (user, other) = (given::user(ports).await.id, given::user(ports).await.id);
    let (project, _) = given::project_with_owner(ports).await;
    given::task(ports, project.id).await;
    let failing = subscriber(move |_, _| {
        [user, UserId::new(i64::MAX)].map(|user| Consequence::Notify(new_notification(user, 1))).into()
    });
    assert!(ports.outbox.dispatch(Arc::new([failing]), 10).await.is_err());
    let hints = notify(ports, &[other]).await;
    assert_eq!(next(&mut listener).await, BusMessage::Heads(hints), "the first that were committed");
}

async fn a_listener_begins_with_a_gap_for_what_was_before(ports: &Ports) {
    let user = given::user(ports).await.id;
    notify(ports, &[user]).await;
    let mut listener = ports.network.listen();
    assert_eq!(next(&mut listener).await, BusMessage::Gap);
    let hints = notify(ports, &[user]).await;
    assert_eq!(hints, [NotificationHead { user_id: user, seq: 2 }]);
    assert_eq!(next(&mut listener).await, BusMessage::Heads(hints));
}

/// They wait until they are read.
async fn hints_come_in_the_order_of_their_commits(ports: &Ports) {
    let (mut listener, user) = (given_listener(ports).await, given::user(ports).await.id);
    let (mut hints, mut received) = (Vec::new(), Vec::new());
    for _ in 0..10 {
        hints.extend(notify(ports, &[user]).await);
    }
    while received.len() < hints.len() {
        let BusMessage::Heads(heads) = next(&mut listener).await else { panic!("a gap after {received:?}") };
        received.extend(heads);
    }
    assert_eq!(received, hints);
}

async fn a_dispatch_gives_a_hint_for_each_of_its_users(ports: &Ports) {
    let mut listener = given_listener(ports).await;
    let mut users = Vec::new();
    for _ in 0..20 {
        users.push(given::user(ports).await.id);
    }
    let hints = notify(ports, &users).await;
    assert_eq!(hints.len(), users.len());
    assert!(receives(&mut listener, hints).await);
}

async fn every_listener_receives_each_hint(ports: &Ports) {
    let mut listeners = [given_listener(ports).await, given_listener(ports).await];
    let user = given::user(ports).await.id;
    for _ in 0..3 {
        let hints = notify(ports, &[user]).await;
        for listener in &mut listeners {
            assert!(receives(listener, hints.clone()).await);
        }
    }
}

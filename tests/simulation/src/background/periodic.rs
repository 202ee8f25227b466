//! Loops that call one use case again and again.

use super::wait;
use crate::cluster::Node;
use std::{rc::Rc, time::Duration};

const SECOND: Duration = Duration::from_secs(1);

/// How often the table of notifications is read.
const CATCH_UP: Duration = Duration::from_secs(5);

const TOKEN_USES: Duration = Duration::from_secs(30);

const SWEEP: Duration = Duration::from_mins(10);

pub(super) async fn dispatcher(node: Rc<Node>) {
    let events = &node.use_cases.events;
    loop {
        if node.checked(events.dispatch().await).is_some() {
            wait(&node.sim, SECOND, events.wait()).await;
        } else {
            node.sim.sleep(SECOND).await;
        }
    }
}

pub(super) async fn reminders(node: Rc<Node>) {
    loop {
        node.checked(node.use_cases.reminders.give().await);
        node.sim.sleep(SECOND).await;
    }
}

pub(super) async fn catch_up(node: Rc<Node>) {
    loop {
        node.checked(node.use_cases.notifications.catch_up().await);
        node.sim.sleep(CATCH_UP).await;
    }
}

pub(super) async fn token_uses(node: Rc<Node>) {
    loop {
        node.sim.sleep(TOKEN_USES).await;
        node.checked(node.use_cases.api_tokens.record_uses().await);
    }
}

/// Sweeps for the first time soon after the start.
pub(super) async fn sweeper(node: Rc<Node>) {
    node.sim.sleep(Duration::from_millis(node.sim.below(20_000))).await;
    loop {
        node.checked(node.use_cases.maintenance.sweep().await);
        node.sim.sleep(SWEEP).await;
    }
}

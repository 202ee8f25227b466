//! The background work of a node: loops of `fasttrack-api-actix`, which calls these use cases in this order. Those of the
//! search index, of revoked tokens and of hints of the change feed are left out.

mod periodic;
mod webhooks;
mod worker;

use crate::{cluster::Node, scheduler::Sim};
use futures_util::future::select;
use std::{pin::pin, rc::Rc, sync::Arc, time::Duration};

/// Starts each loop.
pub(crate) fn start(node: &Rc<Node>) {
    node.spawn(periodic::reminders(Rc::clone(node)));
    node.spawn(periodic::dispatcher(Rc::clone(node)));
    node.spawn(periodic::catch_up(Rc::clone(node)));
    node.spawn(periodic::token_uses(Rc::clone(node)));
    node.spawn(periodic::sweeper(Rc::clone(node)));
    node.spawn(worker::work(Rc::clone(node)));
    node.spawn(webhooks::send(Rc::clone(node)));
}

/// Waits for `work`, for this time at most.
async fn wait(sim: &Arc<Sim>, time: Duration, work: impl Future<Output = ()>) {
    select(pin!(work), sim.sleep(time)).await;
}

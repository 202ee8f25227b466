//! Sends what is due for webhooks.

use super::wait;
use crate::cluster::Node;
use fasttrack_app::webhook::WebhookSender;
use fasttrack_domain::{
    id::{DeliveryId, WebhookId},
    ports::webhook::WebhookSlots,
};
use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
    time::Duration,
};

const PLACES: WebhookSlots = WebhookSlots { all: 64, slow: 64 };

const PERIOD: Duration = Duration::from_millis(500);

/// How often leases are extended. A lease lasts 20 seconds.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// How long attempts are begun for a webhook, in microseconds.
const TURN: u64 = 5_000_000;

/// How often the attempts of a webhook are looked at.
const LOOK: Duration = Duration::from_millis(200);

/// The webhooks that this node sends for, each with whether it was leased once more meanwhile.
type Running = Rc<RefCell<BTreeMap<WebhookId, bool>>>;

/// What the attempts of a webhook share.
#[derive(Default)]
struct Attempts {
    in_flight: RefCell<BTreeSet<DeliveryId>>,
    /// Whether the result of one could not be stored.
    is_lost: Cell<bool>,
}

pub(super) async fn send(node: Rc<Node>) {
    let sender = Rc::new(WebhookSender::new(node.use_cases.webhook_deliveries.clone(), node.worker_id("sender")));
    let running = Running::default();
    node.spawn(heartbeat(Rc::clone(&node), Rc::clone(&sender), Rc::clone(&running)));
    loop {
        for webhook in node.checked(sender.lease(PLACES).await).unwrap_or_default() {
            let runs = running.borrow_mut().get_mut(&webhook.id).map(|again| *again = true).is_some();
            if !runs {
                start(&node, &sender, &running, webhook.id);
            }
        }
        wait(&node.sim, PERIOD, sender.wait()).await;
    }
}

async fn heartbeat(node: Rc<Node>, sender: Rc<WebhookSender>, running: Running) {
    loop {
        node.sim.sleep(HEARTBEAT).await;
        let ids: Vec<_> = running.borrow().keys().copied().collect();
        node.checked(sender.extend(ids).await);
    }
}

fn start(node: &Rc<Node>, sender: &Rc<WebhookSender>, running: &Running, webhook: WebhookId) {
    running.borrow_mut().insert(webhook, false);
    let (of_webhook, sender, running) = (Rc::clone(node), Rc::clone(sender), Rc::clone(running));
    node.spawn(async move {
        let is_lost = send_all(&of_webhook, &sender, webhook).await;
        let again = running.borrow_mut().remove(&webhook);
        if again == Some(true) && !is_lost {
            start(&of_webhook, &sender, &running, webhook);
        }
    });
}

/// Sends until nothing is due or the turn is over, and releases the webhook. Returns whether the result of an attempt could
/// not be stored: then it is still leased.
async fn send_all(node: &Rc<Node>, sender: &Rc<WebhookSender>, webhook: WebhookId) -> bool {
    let attempts = Rc::<Attempts>::default();
    let turn_end = node.sim.now() + TURN;
    loop {
        let in_flight: Vec<_> = attempts.in_flight.borrow().iter().copied().collect();
        if attempts.is_lost.get() {
            if in_flight.is_empty() {
                return true;
            }
        } else {
            let is_over = node.sim.now() >= turn_end;
            let due = if is_over { Some(Vec::new()) } else { node.checked(sender.due(webhook, &in_flight).await) };
            if let Some(due) = due {
                let is_done = due.is_empty() && attempts.in_flight.borrow().is_empty();
                if is_done && !attempts.is_lost.get() && node.checked(sender.release(webhook).await).is_some() {
                    return false;
                }
                for delivery in due {
                    let (of_attempt, sender, attempts) = (Rc::clone(node), Rc::clone(sender), Rc::clone(&attempts));
                    attempts.in_flight.borrow_mut().insert(delivery.id);
                    node.spawn(async move {
                        let id = delivery.id;
                        if of_attempt.checked(sender.attempt(delivery).await).is_none() {
                            attempts.is_lost.set(true);
                        }
                        attempts.in_flight.borrow_mut().remove(&id);
                    });
                }
            }
        }
        node.sim.sleep(LOOK).await;
    }
}

//! Webhooks: what they are sent, how they are signed, and when they are tried again.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod audit;
mod changes;
mod content;
mod crash;
mod ended;
mod guard;
mod manage;
mod manual;
mod order;
mod ping;
mod quota;
mod retries;
mod signature;

use fasttrack_tests::{Account, Installation, Receiver, Request, Sent, Server, eventually, has_fields, timestamp};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, Weak};

/// All types, in the order of answers.
const TYPES: [&str; 8] = [
    "task.created",
    "task.updated",
    "task.deleted",
    "comment.created",
    "comment.deleted",
    "project.updated",
    "member.added",
    "member.removed",
];

/// Seconds after which a failed delivery is tried again: there are four attempts.
const RETRIES: &str = "0.2,0.4,0.6";

/// A wait that a receiver requests, in seconds. No test reaches its end.
const AN_HOUR: &str = "3600";

/// An installation that may send to this machine, and tries again soon.
fn installation() -> Installation {
    Installation::new().with("WEBHOOK_ALLOW_NETWORKS", "127.0.0.0/8").with("WEBHOOK_RETRY_SECONDS", RETRIES)
}

/// A server on such an installation, which is shared by all tests that only add rows of their own.
fn shared() -> Arc<Server> {
    static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());
    Server::shared_as(&SHARED, || installation().start())
}

/// A webhook of a project.
#[derive(Clone, Debug)]
struct Webhook {
    id: i64,
    secret: String,
}

impl Webhook {
    /// Creates a webhook with all types.
    async fn new(owner: &Account, project: i64, receiver: &Receiver) -> Self {
        Self::create(owner, project, json!({"url": receiver.url()})).await
    }

    async fn create(owner: &Account, project: i64, body: Value) -> Self {
        let created = owner.post(format!("/projects/{project}/webhooks"), body).await.expect(201);
        Self { id: created.id(), secret: created.data()["secret"].as_str().unwrap().to_owned() }
    }

    fn path(&self) -> String {
        format!("/webhooks/{}", self.id)
    }

    async fn is_active(&self, owner: &Account) -> bool {
        owner.get(self.path()).await.expect(200).data()["is_active"] == true
    }

    /// The request that changes whether it is active.
    fn set_active(&self, owner: &Account, is_active: bool) -> Request {
        owner.patch(self.path(), json!({"is_active": is_active}))
    }

    /// The request for a ping.
    fn test(&self, owner: &Account) -> Request {
        owner.request(Method::POST, format!("{}/test", self.path()))
    }

    /// The latest deliveries, the newest first.
    async fn deliveries(&self, owner: &Account) -> Vec<Value> {
        owner.get(format!("{}/deliveries?limit=100", self.path())).await.expect(200).items()
    }

    /// Waits until the newest delivery has this status after so many attempts, and returns it.
    async fn newest_is(&self, owner: &Account, status: &str, attempts: i64) -> Value {
        let mut newest = Value::Null;
        eventually(&format!("the newest delivery is {status} after {attempts} attempts"), async || {
            newest = self.deliveries(owner).await.into_iter().next().unwrap_or_default();
            newest["status"] == status && newest["attempts"] == attempts
        })
        .await;
        newest
    }
}

/// The request that sends a delivery again.
fn retry(owner: &Account, delivery: &Value) -> Request {
    owner.request(Method::POST, format!("/deliveries/{}/retry", delivery["id"]))
}

/// Waits for the next message to a receiver, which has to be genuine and of this kind, and returns what changed: the only
/// field of its data beside the actor.
async fn changed(receiver: &Receiver, webhook: &Webhook, kind: &str, actor: &Account) -> Value {
    let sent = receiver.next().await;
    let mut data = genuine(&sent, webhook, kind);
    assert_eq!(data["actor"], actor.person(), "{sent:#?}");
    let subject = kind.split('.').next().unwrap();
    has_fields(&data, &["actor", subject]);
    data[subject].take()
}

/// Checks signature and form of a message, and returns its data.
#[track_caller]
fn genuine(sent: &Sent, webhook: &Webhook, kind: &str) -> Value {
    assert_eq!(sent.header("webhook-signature"), sent.signature(&webhook.secret), "{sent:#?}");
    let mut message = sent.json();
    has_fields(&message, &["type", "timestamp", "data"]);
    assert_eq!(message["type"], kind, "{message:#}");
    timestamp(&message["timestamp"]);
    message["data"].take()
}

/// Returns an object without a field that it has.
#[track_caller]
fn without(mut object: Value, field: &str) -> Value {
    assert!(object.as_object_mut().unwrap().remove(field).is_some(), "{object:#}");
    object
}

//! What the background work of nodes reads and writes.

use super::{Faulty, port};
use async_trait::async_trait;
use fasttrack_domain::{
    Timestamp,
    audit::{AuditChanges, AuditEntry, AuditFilter, AuditRecord},
    id::{AuditId, UserId},
    job::Job,
    notice::{Admission, MailClass},
    notification::{Notification, NotificationHead},
    page::{Page, PageRequest},
    ports::{
        RepositoryError,
        audit::AuditRepository,
        notice::{HeldNotices, NoticeRepository},
        notification::NotificationRepository,
        outbox::{Backlog, Dispatched, EventSubscriber, Outbox},
        reminder::{GivenReminders, ReminderRepository},
    },
};
use std::sync::Arc;

port! {
    Outbox as "outbox" wait {
        dispatch(subscribers: Arc<[Arc<dyn EventSubscriber>]>, limit: usize) -> Dispatched;
        retry_set_aside(kind: &'static str) -> u64;
        backlog(limit: u32) -> Backlog;
    }
}

port! {
    ReminderRepository as "reminders" {
        give(now: Timestamp, limit: u32) -> GivenReminders;
    }
}

port! {
    NoticeRepository as "notices" {
        admit(job: Job, class: MailClass, now: Timestamp) -> Admission;
        digest(user_id: UserId, nonce: String) -> HeldNotices;
        digest_sent(user_id: UserId, nonce: String) -> ();
        delete_expired(now: Timestamp, limit: u32) -> u64;
    }
}

port! {
    NotificationRepository as "notifications" {
        list(user: UserId, unread: bool, page: PageRequest) -> Page<Notification>;
        after(user: UserId, seq: i64, limit: u32) -> Vec<Notification>;
        heads(users: Vec<UserId>) -> Vec<NotificationHead>;
        mark_read(user: UserId, up_to: i64) -> ();
        delete_until(until: Timestamp, limit: u32) -> u64;
    }
}

port! {
    AuditRepository as "audit" {
        append(entries: Vec<AuditEntry>) -> Vec<AuditId>;
        recount(counts: Vec<(AuditId, AuditChanges)>) -> ();
        list(filter: AuditFilter, page: PageRequest) -> Page<AuditRecord>;
        delete_until(until: Timestamp, limit: u32) -> u64;
    }
}

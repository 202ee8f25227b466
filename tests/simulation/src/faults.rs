//! Faults that are planted to see that they are found: triggers, so that they are part of the transactions of the adapter.

/// A defect that an adapter might have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A change of a status is committed without its event.
    EventDropped,
    /// The record of an idempotency key is not kept, so that a repeated request is done twice.
    KeyForgotten,
    /// A leased job can be leased by others at once.
    LeaseIgnored,
    /// A save doesn't count the version, so that a save by an outdated row overwrites it.
    VersionKept,
    /// A dispatch completes events without adding to the statistics.
    StatisticsForgotten,
    /// The number of a user's latest notification is given to the next one, too.
    NumberTwice,
    /// A notification is lost.
    NotificationDropped,
    /// A new member has two lines in the audit log.
    AuditDoubled,
    /// A spent refresh token stays valid.
    TokenUnspent,
    /// A member who was removed stays one.
    MembershipKept,
    /// A change in the feed keeps its former place, where nobody reads it again.
    FeedForgets,
    /// A delivery that was received is sent again.
    DeliveryUnrecorded,
    /// A new comment isn't counted.
    CommentUncounted,
    /// The name of an erased user stays.
    NameKept,
}

impl Fault {
    pub const ALL: [Self; 14] = [
        Self::EventDropped,
        Self::KeyForgotten,
        Self::LeaseIgnored,
        Self::VersionKept,
        Self::StatisticsForgotten,
        Self::NumberTwice,
        Self::NotificationDropped,
        Self::AuditDoubled,
        Self::TokenUnspent,
        Self::MembershipKept,
        Self::FeedForgets,
        Self::DeliveryUnrecorded,
        Self::CommentUncounted,
        Self::NameKept,
    ];

    /// What plants it in a database.
    pub(crate) const fn sql(self) -> &'static str {
        match self {
            Self::EventDropped => {
                "CREATE TRIGGER planted AFTER INSERT ON events WHEN NEW.kind = 'status_changed' \
                 BEGIN DELETE FROM events WHERE id = NEW.id; END"
            }
            Self::KeyForgotten => {
                "CREATE TRIGGER planted AFTER INSERT ON idempotency_records \
                 BEGIN DELETE FROM idempotency_records WHERE user_id = NEW.user_id AND key = NEW.key; END"
            }
            Self::LeaseIgnored => {
                "CREATE TRIGGER planted AFTER UPDATE OF leased_until ON jobs WHEN NEW.leased_until IS NOT NULL \
                 BEGIN UPDATE jobs SET leased_until = 0 WHERE id = NEW.id; END"
            }
            Self::VersionKept => {
                "CREATE TRIGGER planted AFTER UPDATE OF version ON tasks \
                 BEGIN UPDATE tasks SET version = OLD.version WHERE id = NEW.id; END"
            }
            Self::StatisticsForgotten => {
                "CREATE TRIGGER planted AFTER UPDATE ON project_statistics \
                 BEGIN UPDATE project_statistics SET todo = OLD.todo, in_progress = OLD.in_progress, done = OLD.done \
                 WHERE project_id = NEW.project_id; END"
            }
            Self::NumberTwice => {
                "CREATE TRIGGER planted AFTER INSERT ON notifications \
                 BEGIN UPDATE notification_heads SET last_seq = last_seq - 1 \
                 WHERE user_id = NEW.user_id AND last_seq = NEW.seq; END"
            }
            Self::NotificationDropped => {
                "CREATE TRIGGER planted AFTER INSERT ON notifications \
                 WHEN json_extract(NEW.content, '$.type') = 'comment_added' \
                 BEGIN DELETE FROM notifications WHERE user_id = NEW.user_id AND seq = NEW.seq; END"
            }
            Self::AuditDoubled => {
                "CREATE TRIGGER planted AFTER INSERT ON audit WHEN NEW.action = 'member.added' \
                 BEGIN INSERT INTO audit (at, actor_id, action, object, changes, ip, request_id) VALUES \
                 (NEW.at, NEW.actor_id, NEW.action, NEW.object, NEW.changes, NEW.ip, NEW.request_id); END"
            }
            Self::TokenUnspent => {
                "CREATE TRIGGER planted AFTER UPDATE OF spent_at ON refresh_tokens WHEN NEW.spent_at IS NOT NULL \
                 BEGIN UPDATE refresh_tokens SET spent_at = NULL WHERE jti = NEW.jti; END"
            }
            Self::MembershipKept => {
                "CREATE TRIGGER planted AFTER DELETE ON members WHEN OLD.role <> 'owner' \
                 AND EXISTS (SELECT 1 FROM projects WHERE id = OLD.project_id) \
                 BEGIN INSERT INTO members (project_id, user_id, role, created_at) \
                 VALUES (OLD.project_id, OLD.user_id, OLD.role, OLD.created_at); END"
            }
            Self::FeedForgets => {
                "CREATE TRIGGER planted AFTER UPDATE OF seq ON changes \
                 BEGIN UPDATE changes SET seq = OLD.seq WHERE kind = NEW.kind AND thing_id = NEW.thing_id \
                 AND project_id = NEW.project_id; END"
            }
            Self::DeliveryUnrecorded => {
                "CREATE TRIGGER planted AFTER UPDATE OF status ON deliveries WHEN NEW.status = 'delivered' \
                 BEGIN UPDATE deliveries SET status = 'pending', next_attempt_at = OLD.next_attempt_at, \
                 finished_at = NULL WHERE id = NEW.id; END"
            }
            Self::CommentUncounted => {
                "CREATE TRIGGER planted AFTER INSERT ON comments \
                 BEGIN UPDATE tasks SET comment_count = comment_count - 1 WHERE id = NEW.task_id; END"
            }
            Self::NameKept => {
                "CREATE TRIGGER planted AFTER UPDATE OF erased_at ON users WHEN NEW.erased_at IS NOT NULL \
                 BEGIN UPDATE users SET display_name = OLD.display_name WHERE id = NEW.id; END"
            }
        }
    }
}

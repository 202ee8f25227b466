//! What the audit log records.

use crate::string_enum::string_enum;

/// What an entry records. The word that storage keeps is [`as_str`](Self::as_str).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuditAction {
    Login,
    /// The email was unknown, the password wrong, or the account not allowed to log in.
    LoginFailed,
    /// The user ended a session.
    Logout,
    RefreshFailed,
    Forbidden,
    RateLimited,
    /// An address had more refusals in one hour than are recorded one by one; the entry has their number.
    RefusalsCounted,
    /// The command line created an account.
    UserCreated,
    /// An administrator changed an account.
    UserUpdated,
    /// An administrator, the command line or its owner erased an account.
    UserErased,
    /// The command line set a password.
    PasswordSet,
    /// A user, or the command line for it, made an API token.
    ApiTokenCreated,
    /// An API token was revoked by its owner or the command line.
    ApiTokenRevoked,
    /// An administrator changed somebody else's project.
    ProjectUpdated,
    /// An administrator deleted somebody else's project.
    ProjectDeleted,
    /// A project got another owner.
    ProjectTransferred,
    /// A user became a member of a project.
    MemberAdded,
    /// A member of a project got another role.
    MemberUpdated,
    /// A membership ended, by another user or by leaving.
    MemberRemoved,
    /// Somebody was invited to a project.
    InvitationCreated,
    /// An invitation was withdrawn.
    InvitationDeleted,
    /// An administrator added a label to somebody else's project.
    LabelCreated,
    /// An administrator changed a label of somebody else's project.
    LabelUpdated,
    /// An administrator deleted a label of somebody else's project.
    LabelDeleted,
    /// An administrator added a task to somebody else's project.
    TaskCreated,
    /// An administrator changed a task of others.
    TaskUpdated,
    /// An administrator deleted a task of somebody else's project.
    TaskDeleted,
    /// An administrator commented on a task of others.
    CommentCreated,
    /// An administrator deleted somebody else's comment.
    CommentDeleted,
    /// A project got a webhook.
    WebhookCreated,
    /// A webhook was changed.
    WebhookUpdated,
    /// A webhook was deleted.
    WebhookDeleted,
    /// A webhook got another secret.
    WebhookRotated,
    /// A ping was requested.
    WebhookTested,
    /// A delivery was requested again.
    DeliveryRetried,
}

string_enum!(AuditAction {
    Login = "login",
    LoginFailed = "login.failed",
    Logout = "logout",
    RefreshFailed = "refresh.failed",
    Forbidden = "request.forbidden",
    RateLimited = "request.rate_limited",
    RefusalsCounted = "refusals.counted",
    UserCreated = "user.created",
    UserUpdated = "user.updated",
    UserErased = "user.erased",
    PasswordSet = "user.password_set",
    ApiTokenCreated = "token.created",
    ApiTokenRevoked = "token.revoked",
    ProjectUpdated = "project.updated",
    ProjectDeleted = "project.deleted",
    ProjectTransferred = "project.transferred",
    MemberAdded = "member.added",
    MemberUpdated = "member.updated",
    MemberRemoved = "member.removed",
    InvitationCreated = "invitation.created",
    InvitationDeleted = "invitation.deleted",
    LabelCreated = "label.created",
    LabelUpdated = "label.updated",
    LabelDeleted = "label.deleted",
    TaskCreated = "task.created",
    TaskUpdated = "task.updated",
    TaskDeleted = "task.deleted",
    CommentCreated = "comment.created",
    CommentDeleted = "comment.deleted",
    WebhookCreated = "webhook.created",
    WebhookUpdated = "webhook.updated",
    WebhookDeleted = "webhook.deleted",
    WebhookRotated = "webhook.rotated",
    WebhookTested = "webhook.tested",
    DeliveryRetried = "delivery.retried",
});

impl AuditAction {
    /// Whether refusals of this kind are counted per client address: any client can cause many of them.
    pub const fn is_refusal(self) -> bool {
        matches!(self, Self::LoginFailed | Self::RefreshFailed | Self::Forbidden | Self::RateLimited)
    }
}

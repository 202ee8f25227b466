//! Errors of use cases.

use fasttrack_domain::{
    change::{CursorExpired, RefusedCursor},
    erasure::SharedProjects,
    field::FieldError,
    membership::SharingConflict,
    page::InvalidCursor,
    policy::Forbidden,
    ports::{RepositoryError, constraint, password::HasherError, token::SigningError},
    position::NoRoom,
    precondition::PreconditionFailed,
    project::Archived,
    quota::QuotaExceeded,
    task::{InvalidTransition, InvalidTransitions},
    token::TokenError,
    webhook::InactiveWebhook,
};
use std::time::Duration;

// @spec SPEC-009
/// Every way in which a use case can fail. Inbound adapters map each variant, as to an HTTP status.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Fields have values that only storage can judge, such as the id of an unknown user.
    #[error("the request has invalid values")]
    Validation(Vec<FieldError>),
    /// The email is unknown or the password wrong; the error deliberately doesn't say which.
    #[error("email or password are wrong")]
    InvalidCredentials,
    /// The password was right, but the account is deactivated.
    #[error("the account is deactivated; an administrator can activate it")]
    AccountDisabled,
    /// The password was right, but the address is not verified yet.
    #[error("the email address must be verified first; a mail with a token is on its way")]
    EmailUnverified,
    /// The refresh token is unknown, expired, malformed or revoked.
    #[error("the refresh token is not valid")]
    InvalidRefreshToken,
    /// The refresh token was spent before; its session has been revoked.
    #[error("the refresh token was used before; the session has been revoked")]
    RefreshTokenReused,
    /// The reset token is unknown, used or expired, or of a user who can't log in.
    #[error("the password-reset token is not valid")]
    InvalidResetToken,
    /// The verification token is unknown, used or expired, or of an address that needs no proof any more.
    #[error("the email-verification token is not valid")]
    InvalidVerificationToken,
    /// Unknown, used or expired, or withdrawn.
    #[error("the invitation token is not valid")]
    InvalidInvitationToken,
    /// The account belongs to a user of another issuer.
    #[error("the account was made by another issuer and may have no password (EXTERNAL_USERS_MAY_SET_PASSWORD=false)")]
    PasswordNotAllowed,
    #[error(transparent)]
    Token(#[from] TokenError),
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error("registration is closed; an administrator can make an account")]
    RegistrationClosed,
    #[error("there is no such {0}")]
    NotFound(&'static str),
    #[error("the email address is already in use")]
    EmailTaken,
    #[error(transparent)]
    InvalidTransition(#[from] InvalidTransition),
    /// Steps of several tasks that one request would change.
    #[error(transparent)]
    InvalidTransitions(#[from] InvalidTransitions),
    /// No place is left between two tasks.
    #[error(transparent)]
    NoRoom(#[from] NoRoom),
    #[error("the project has a label with this name, in this or another case")]
    LabelNameTaken,
    #[error(transparent)]
    Archived(#[from] Archived),
    #[error(transparent)]
    InactiveWebhook(#[from] InactiveWebhook),
    #[error(transparent)]
    QuotaExceeded(#[from] QuotaExceeded),
    #[error(transparent)]
    Sharing(#[from] SharingConflict),
    /// Projects that others share keep an account from being erased.
    #[error(transparent)]
    SharedProjects(#[from] SharedProjects),
    #[error("the last active admin can't be demoted, deactivated or erased")]
    LastActiveAdmin,
    #[error("the `Idempotency-Key` was used for another request before")]
    IdempotencyKeyReused,
    #[error(transparent)]
    InvalidCursor(#[from] InvalidCursor),
    #[error(transparent)]
    CursorExpired(#[from] CursorExpired),
    #[error(transparent)]
    PreconditionFailed(#[from] PreconditionFailed),
    /// The same call may succeed later.
    #[error("the service is overloaded or its storage unavailable")]
    Unavailable {
        retry_after: Duration,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A defect. Its source belongs in the log, not in a response.
    #[error("internal error")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The default of `retry_after`, where no better estimate is available.
const RETRY_AFTER: Duration = Duration::from_secs(1);

impl Error {
    /// An attempt was repeated too often, as another commit came first each time.
    pub(crate) fn contended() -> Self {
        Self::Unavailable { retry_after: RETRY_AFTER, source: "too many changes to one row at once".into() }
    }
}

impl From<RepositoryError> for Error {
    fn from(error: RepositoryError) -> Self {
        match error {
            RepositoryError::Unavailable(source) => Self::Unavailable { retry_after: RETRY_AFTER, source },
            RepositoryError::Conflict { constraint: constraint::USER_EMAIL } => Self::EmailTaken,
            RepositoryError::Conflict { constraint: constraint::LAST_ACTIVE_ADMIN } => Self::LastActiveAdmin,
            RepositoryError::Conflict { constraint: constraint::LABEL_NAME } => Self::LabelNameTaken,
            RepositoryError::Conflict { constraint: constraint::CURSOR_EXPIRED } => CursorExpired.into(),
            RepositoryError::Conflict { .. } | RepositoryError::Other(_) => Self::Internal(Box::new(error)),
        }
    }
}

impl From<RefusedCursor> for Error {
    fn from(error: RefusedCursor) -> Self {
        match error {
            RefusedCursor::Invalid(error) => error.into(),
            RefusedCursor::Expired(error) => error.into(),
        }
    }
}

impl From<HasherError> for Error {
    fn from(error: HasherError) -> Self {
        match error {
            HasherError::Overloaded { retry_after } => Self::Unavailable { retry_after, source: Box::new(error) },
            HasherError::Other(_) => Self::Internal(Box::new(error)),
        }
    }
}

impl From<SigningError> for Error {
    fn from(error: SigningError) -> Self {
        Self::Internal(Box::new(error))
    }
}

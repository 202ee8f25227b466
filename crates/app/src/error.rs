//! Why a use case did not do what it was asked to.

use fasttrack_domain::{
    field::FieldError,
    policy::Forbidden,
    ports::{RepositoryError, constraint, password::HasherError, token::SigningError},
    precondition::PreconditionFailed,
    project::Archived,
    quota::QuotaExceeded,
    task::InvalidTransition,
    token::TokenError,
};
use std::time::Duration;

// @spec SPEC-009
/// Every way in which a use case can end without its result. Adapters map each to their own notation.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Values that only storage could tell to be wrong.
    #[error("the request has invalid values")]
    Validation(Vec<FieldError>),
    /// Unknown email or wrong password; which of them is nobody's business.
    #[error("email or password are wrong")]
    InvalidCredentials,
    /// The right password of a deactivated account.
    #[error("the account is deactivated; an administrator can activate it")]
    AccountDisabled,
    /// The right password of an account whose address must be proven first.
    #[error("the email address must be verified first; a mail with a token is on its way")]
    EmailUnverified,
    /// Unknown, expired, malformed or revoked.
    #[error("the refresh token is not valid")]
    InvalidRefreshToken,
    /// Exchanged before: its session is over.
    #[error("the refresh token was used before; the session has been revoked")]
    RefreshTokenReused,
    /// Unknown, used or expired, or of somebody who can't log in.
    #[error("the password-reset token is not valid")]
    InvalidResetToken,
    /// Unknown, used or expired, or of an address that nobody has to prove any more.
    #[error("the email-verification token is not valid")]
    InvalidVerificationToken,
    /// Its owner logs in at another issuer.
    #[error("the account was made by another issuer and may have no password (EXTERNAL_USERS_MAY_SET_PASSWORD=false)")]
    PasswordNotAllowed,
    /// An access token was refused.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// Known, but not allowed.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// Nobody can register by themselves here.
    #[error("registration is closed; an administrator can make an account")]
    RegistrationClosed,
    /// There is no such thing.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The address belongs to an account.
    #[error("the email address is already in use")]
    EmailTaken,
    /// The status machine has no such step.
    #[error(transparent)]
    InvalidTransition(#[from] InvalidTransition),
    /// An archived project takes no new tasks.
    #[error(transparent)]
    Archived(#[from] Archived),
    /// As much is kept in one place as may be.
    #[error(transparent)]
    QuotaExceeded(#[from] QuotaExceeded),
    /// There must be an active admin.
    #[error("the last active admin can't be demoted or deactivated")]
    LastActiveAdmin,
    /// The client used its idempotency key for another request.
    #[error("the `Idempotency-Key` was used for another request before")]
    IdempotencyKeyReused,
    /// The client named another version than the one that stands.
    #[error(transparent)]
    PreconditionFailed(#[from] PreconditionFailed),
    /// Come again later.
    #[error("the service is overloaded or its storage unavailable")]
    Unavailable {
        /// When.
        retry_after: Duration,
        /// For the log.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A defect, here or below. For the log; nothing of it is for clients.
    #[error("internal error")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// When to come again where nothing better is known.
const RETRY_AFTER: Duration = Duration::from_secs(1);

impl Error {
    /// A row changed hands faster than it could be decided about.
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
            RepositoryError::Conflict { .. } | RepositoryError::Other(_) => Self::Internal(Box::new(error)),
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

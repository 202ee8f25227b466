//! One id type per entity, so that the compiler refuses a task's id in place of a project's.

use crate::field::Invalid;
use std::{fmt, str::FromStr};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
        pub struct $name(i64);

        impl $name {
            pub const fn new(id: i64) -> Self {
                Self(id)
            }

            pub const fn get(self) -> i64 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = Invalid;

            fn from_str(raw: &str) -> Result<Self, Invalid> {
                parse(raw).map(Self)
            }
        }
    )+};
}

ids! {
    /// Identifies a [`User`](crate::user::User).
    UserId;
    /// Identifies a [`Project`](crate::project::Project).
    ProjectId;
    /// Identifies a [`Task`](crate::task::Task).
    TaskId;
    /// Identifies a [`Comment`](crate::comment::Comment).
    CommentId;
    /// Identifies a [`Label`](crate::label::Label).
    LabelId;
    /// Identifies an [`Invitation`](crate::invitation::Invitation).
    InvitationId;
    /// Identifies an [`ApiToken`](crate::api_token::ApiToken).
    ApiTokenId;
    /// Identifies a [`Session`](crate::session::Session).
    SessionId;
    /// Identifies a [`Job`](crate::job::Job).
    JobId;
    /// Identifies an entry of the [audit log](crate::audit).
    AuditId;
    /// Identifies a [`Webhook`](crate::webhook::Webhook).
    WebhookId;
    /// Identifies a [`Delivery`](crate::webhook::Delivery) of a webhook.
    DeliveryId;
    /// Identifies a [`LoginAttempt`](crate::ports::rate_limit::LoginAttempt).
    LoginAttemptId;
}

/// Parses decimal digits with an optional `-`. Each id has one spelling: `+7` and `007` are refused.
fn parse(raw: &str) -> Result<i64, Invalid> {
    raw.parse::<i64>()
        .ok()
        .filter(|id| id.to_string() == raw)
        .ok_or_else(|| Invalid::new("invalid", "must be a 64-bit integer"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_spelling() {
        assert_eq!("42".parse(), Ok(TaskId::new(42)));
        for wrong in ["", "+7", "007", "7 ", "7.0", "9223372036854775808", "x", "-0"] {
            assert!(wrong.parse::<TaskId>().is_err(), "{wrong:?}");
        }
    }
}

//! Mails: recipient and content. The wording belongs to the adapter that sends them.

use crate::{
    email::Email,
    field::Invalid,
    membership::GrantedRole,
    notification::TaskNames,
    text::{DisplayName, ProjectName},
    token::SecretToken,
};
use std::str::FromStr;

/// A mail to one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// A stable id, equal for each attempt to send this mail: the receiving server can drop duplicates. Letters, digits
    /// and `-`.
    pub id: String,
    pub to: Email,
    /// The recipient's display name. An invitation has the default name of its address instead, whoever has an account.
    pub name: DisplayName,
    pub message: Message,
}

/// The content of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A user has entered this address as their own.
    EmailVerification {
        /// The token that proves the address. It is valid once, for 24 hours.
        token: SecretToken,
        /// The page that takes the token, where one is configured.
        page: Option<TokenPage>,
    },
    Notice(Notice),
    /// The recipient is the task's assignee.
    TaskAssigned {
        task: TaskNames,
        assigned_by: DisplayName,
    },
    /// A password reset was requested.
    PasswordReset {
        /// The token that allows a new password. It is valid once, for 30 minutes.
        token: SecretToken,
        /// The page that takes the token, where one is configured.
        page: Option<TokenPage>,
    },
    /// The recipient is invited to a project.
    Invitation {
        /// The project's name.
        project: ProjectName,
        role: GrantedRole,
        invited_by: DisplayName,
        /// The token that makes whoever brings it a member. It is valid once, for 7 days.
        token: SecretToken,
        /// The page that takes the token, where one is configured.
        page: Option<TokenPage>,
    },
    /// The server ended a webhook of a project that the recipient owns, as nothing reached its receiver for days.
    WebhookEnded {
        /// The project's name.
        project: ProjectName,
        /// The receiver's host. The rest of the URL may be secret.
        host: String,
    },
    /// Notices that the hourly limit held back.
    Digest {
        /// One message for each notice, the oldest first.
        notices: Vec<Message>,
        /// The number of notices beyond those listed.
        more: u64,
        /// Whether `more` is a lower bound: further notices were not counted.
        uncounted: bool,
    },
}

/// Security notices: the account's owner gets a mail, so that no one can change the account unnoticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Notice {
    PasswordChanged,
    /// The account has another address. The mail goes to the former one.
    EmailChanged,
    /// Another address was entered and has to be proven. The mail goes to the present one.
    EmailChangeRequested,
    /// A session was revoked, as one of its refresh tokens was used twice.
    SessionRevoked,
}

/// The URL of a page that takes a token from a mail, with `{token}` in place of the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenPage(String);

impl TokenPage {
    const PLACE: &'static str = "{token}";

    /// The URL with this token in it. Tokens are URL-safe.
    pub fn link(&self, token: &SecretToken) -> String {
        self.0.replace(Self::PLACE, token.expose())
    }
}

impl FromStr for TokenPage {
    type Err = Invalid;

    /// Accepts a scheme, `://`, a host that begins with a letter, a digit or `[`, and `{token}` once after it.
    fn from_str(raw: &str) -> Result<Self, Invalid> {
        let raw = raw.trim();
        let refuse = |message| Err(Invalid::new("invalid", message));
        let Some((scheme, rest)) = raw.split_once("://") else { return refuse("must be a URL, like https://…") };
        let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let is_host = host.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[') && !host.contains(['{', '@']);
        let of_url = |c: char| c.is_ascii_graphic() && !"\"<>\\^`{|}".contains(c);
        if rest.matches(Self::PLACE).count() != 1 {
            return refuse("must contain `{token}` once");
        }
        if !(is_scheme && is_host && rest.replace(Self::PLACE, "").chars().all(of_url)) {
            return refuse("must be a URL, without a user and with every special character percent-encoded");
        }
        Ok(Self(raw.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_link_contains_the_token() {
        let token = SecretToken::new("a-B_9".to_owned());
        for (page, link) in [
            (" https://app.example.org/reset?token={token} ", "https://app.example.org/reset?token=a-B_9"),
            ("http://[::1]:3000/reset/{token}#x", "http://[::1]:3000/reset/a-B_9#x"),
            ("tasks://reset?t={token}&x=%20", "tasks://reset?t=a-B_9&x=%20"),
        ] {
            assert_eq!(page.parse::<TokenPage>().unwrap().link(&token), link);
        }
    }

    #[test]
    fn page_that_yields_no_link_is_refused() {
        for wrong in [
            "",
            "{token}",
            "app.example.org/{token}",
            "https://app.example.org/reset",
            "https://app.example.org/{token}/{token}",
            "https://{token}.example.org/",
            "https://ann@example.org/{token}",
            "https:///{token}",
            "https://app.example.org/ {token}",
            "https://app.example.org/\"{token}",
            "https://app.example.org/{other}/{token}",
            "java script://x/{token}",
        ] {
            assert!(wrong.parse::<TokenPage>().is_err(), "{wrong}");
        }
    }
}

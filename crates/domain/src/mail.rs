//! Mails: to whom, and what about. How they are worded is up to the adapter that sends them.

use crate::{email::Email, field::Invalid, notification::TaskNames, text::DisplayName, token::SecretToken};
use std::str::FromStr;

/// A mail that is to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The same for each attempt to send the same mail, so that a receiver can tell them for one; letters, digits
    /// and `-`.
    pub id: String,
    /// Whose address.
    pub to: Email,
    /// How the receiver is called.
    pub name: DisplayName,
    /// What about.
    pub message: Message,
}

/// What a mail is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Somebody has given an address as theirs.
    EmailVerification {
        /// What proves that its bearer reads the mail of the address, once, within a day.
        token: SecretToken,
        /// Where to, if there is a page for it.
        page: Option<TokenPage>,
    },
    /// Something happened to the receiver's account.
    Notice(Notice),
    /// A task is the receiver's now.
    TaskAssigned {
        /// Which.
        task: TaskNames,
        /// Who decided so.
        assigned_by: DisplayName,
    },
    /// Somebody asked for another password.
    PasswordReset {
        /// What lets its bearer choose one, once, within half an hour.
        token: SecretToken,
        /// Where to, if there is a page for it.
        page: Option<TokenPage>,
    },
    /// What there was no room for as a mail each.
    Digest {
        /// What each of them would have been about, the oldest first.
        notices: Vec<Message>,
        /// How many more there were.
        more: u64,
        /// Whether some weren't even counted.
        uncounted: bool,
    },
}

/// What the owner of an account is told of by mail, so that nobody can do it unseen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Notice {
    /// The password was changed or reset.
    PasswordChanged,
    /// The account has another address. To the former one.
    EmailChanged,
    /// The account is to have another address, once that is proven. To the present one.
    EmailChangeRequested,
    /// A session was revoked because one of its refresh tokens was used twice.
    SessionRevoked,
}

/// The address of a page that takes a token from a mail: a URL in which `{token}` stands for the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenPage(String);

impl TokenPage {
    const PLACE: &'static str = "{token}";

    /// The link for the bearer of this token, which is URL-safe.
    pub fn link(&self, token: &SecretToken) -> String {
        self.0.replace(Self::PLACE, token.expose())
    }
}

impl FromStr for TokenPage {
    type Err = Invalid;

    /// A scheme, `://`, a host that begins with a letter, a digit or `[`, and `{token}` once behind it.
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
    fn a_token_stands_where_the_page_wants_it() {
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
    fn what_would_be_no_link_is_refused() {
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

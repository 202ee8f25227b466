//! The sender of mails, parsed from a setting.

use lettre::{Address, message::Mailbox};
use std::str::FromStr;

/// An address with an optional name: `fasttrack <noreply@example.org>` or `noreply@example.org`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender(Mailbox);

/// The text is no valid sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be an email address, or a name and an address in angle brackets")]
pub struct InvalidSender;

impl Sender {
    pub(super) fn mailbox(&self) -> &Mailbox {
        &self.0
    }

    pub(super) fn address(&self) -> &Address {
        &self.0.email
    }
}

impl FromStr for Sender {
    type Err = InvalidSender;

    fn from_str(raw: &str) -> Result<Self, InvalidSender> {
        let raw = raw.trim();
        let (name, address) = match raw.strip_suffix('>') {
            Some(named) => named.rsplit_once('<').ok_or(InvalidSender)?,
            None => ("", raw),
        };
        let name = name.trim();
        let name = name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(name);
        if name.contains(char::is_control) {
            return Err(InvalidSender);
        }
        // The address must be ASCII, so that every server accepts it.
        let address: Address = address.parse().map_err(|_| InvalidSender)?;
        if !AsRef::<str>::as_ref(&address).is_ascii() {
            return Err(InvalidSender);
        }
        Ok(Self(Mailbox::new((!name.is_empty()).then(|| name.to_owned()), address)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_an_address_with_or_without_a_name() {
        for (raw, name) in [
            ("noreply@example.org", None),
            (" <noreply@example.org> ", None),
            ("fasttrack <noreply@example.org>", Some("fasttrack")),
            ("Jürgen, der Bote<noreply@example.org>", Some("Jürgen, der Bote")),
            ("\"fasttrack: tasks\" <noreply@example.org>", Some("fasttrack: tasks")),
        ] {
            let Sender(mailbox) = raw.parse().unwrap();
            assert_eq!((mailbox.name.as_deref(), mailbox.email.to_string().as_str()), (name, "noreply@example.org"));
        }
    }

    #[test]
    fn sender_may_be_at_localhost() {
        assert!("fasttrack <fasttrack@localhost>".parse::<Sender>().is_ok());
    }

    #[test]
    fn invalid_sender_is_refused() {
        for raw in [
            "",
            "fasttrack",
            "fasttrack <>",
            "fasttrack noreply@example.org>",
            "a\nb <noreply@example.org>",
            "a@b@example.org",
            "jürgen@example.org",
        ] {
            assert_eq!(raw.parse::<Sender>(), Err(InvalidSender), "{raw}");
        }
    }
}

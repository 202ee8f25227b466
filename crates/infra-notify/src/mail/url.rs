//! The URL of an SMTP server, parsed from a setting.

use percent_encoding::percent_decode_str;
use std::{fmt, net::IpAddr, str::FromStr};
use url::{Host, Url};

/// An SMTP server and its encryption:
///
/// - `smtp://host`: no encryption, port 25;
/// - `smtp://host?tls=required`: TLS by STARTTLS, port 587;
/// - `smtps://host`: TLS from the first byte (RFC 8314), port 465.
///
/// Each form can have `user:password@` before the host (percent-encoded) and `:port` after it. A password requires TLS,
/// or a server on this machine.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpUrl {
    /// An IPv6 address has no brackets.
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) security: Security,
    pub(super) credentials: Option<(String, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Security {
    Plain,
    StartTls,
    Tls,
}

/// The URL is invalid. The message doesn't repeat it, as it may contain a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSmtpUrl {
    /// The URL has none of the documented forms.
    #[error(
        "must be `smtp://host:25`, `smtp://user:password@host:587?tls=required` or `smtps://user:password@host:465`, \
         with special characters in user and password percent-encoded"
    )]
    Form,
    /// The password would be sent unencrypted.
    #[error("names a password, so it must be `smtps://…` or end in `?tls=required`, unless the host is this machine")]
    PasswordInClear,
}

impl FromStr for SmtpUrl {
    type Err = InvalidSmtpUrl;

    fn from_str(raw: &str) -> Result<Self, InvalidSmtpUrl> {
        let url = Url::parse(raw).map_err(|_| InvalidSmtpUrl::Form)?;
        let (security, default_port) = match (url.scheme(), url.query()) {
            ("smtp", None) => (Security::Plain, 25),
            ("smtp", Some("tls=required")) => (Security::StartTls, 587),
            ("smtps", None) => (Security::Tls, 465),
            _ => return Err(InvalidSmtpUrl::Form),
        };
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(InvalidSmtpUrl::Form);
        }
        let host = match url.host().ok_or(InvalidSmtpUrl::Form)? {
            Host::Domain("") => return Err(InvalidSmtpUrl::Form),
            Host::Domain(name) => name.to_owned(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        };
        let credentials = match (url.username(), url.password()) {
            ("", None) => None,
            ("", Some(_)) | (_, None) => return Err(InvalidSmtpUrl::Form),
            (user, Some(password)) => Some((decoded(user)?, decoded(password)?)),
        };
        if credentials.is_some() && security == Security::Plain && !is_this_machine(&host) {
            return Err(InvalidSmtpUrl::PasswordInClear);
        }
        Ok(Self { host, port: url.port().unwrap_or(default_port), security, credentials })
    }
}

fn decoded(text: &str) -> Result<String, InvalidSmtpUrl> {
    let text = percent_decode_str(text).decode_utf8().map_err(|_| InvalidSmtpUrl::Form)?;
    // SASL PLAIN separates its fields by NUL (RFC 4616).
    if text.contains('\0') { Err(InvalidSmtpUrl::Form) } else { Ok(text.into_owned()) }
}

fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

// @norm NORM-SEC-002
impl fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, security, .. } = self;
        f.debug_struct("SmtpUrl")
            .field("host", host)
            .field("port", port)
            .field("security", security)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(raw: &str) -> Result<SmtpUrl, InvalidSmtpUrl> {
        raw.parse()
    }

    #[test]
    fn smtp_url_forms_set_port_and_encryption() {
        for (raw, host, port, security) in [
            ("smtp://mail.example.org", "mail.example.org", 25, Security::Plain),
            ("smtp://mail.example.org:2525/", "mail.example.org", 2525, Security::Plain),
            ("smtp://127.0.0.1:1025", "127.0.0.1", 1025, Security::Plain),
            ("smtp://mail.example.org?tls=required", "mail.example.org", 587, Security::StartTls),
            ("smtps://mail.example.org", "mail.example.org", 465, Security::Tls),
            ("smtps://[::1]:4650", "::1", 4650, Security::Tls),
        ] {
            let expected = SmtpUrl { host: host.to_owned(), port, security, credentials: None };
            assert_eq!(parse(raw), Ok(expected), "{raw}");
        }
    }

    #[test]
    fn user_and_password_are_decoded() {
        let url = parse("smtps://ann%40example.org:p%3Ass%2F%C3%A9%25@mail.example.org").unwrap();
        assert_eq!(url.credentials, Some(("ann@example.org".to_owned(), "p:ss/é%".to_owned())));
    }

    #[test]
    fn password_requires_tls_or_this_machine() {
        for raw in ["smtp://u:p@mail.example.org", "smtp://u:p@10.0.0.1:25", "smtp://u:p@localhost.example.org"] {
            assert_eq!(parse(raw), Err(InvalidSmtpUrl::PasswordInClear), "{raw}");
        }
        for raw in [
            "smtp://u:p@localhost",
            "smtp://u:p@127.0.0.1:1025",
            "smtp://u:p@[::1]",
            "smtp://u:p@mail.example.org?tls=required",
            "smtps://u:p@mail.example.org",
        ] {
            assert!(parse(raw).is_ok(), "{raw}");
        }
    }

    #[test]
    fn invalid_smtp_url_is_refused_without_repeating_it() {
        for raw in [
            "",
            "mail.example.org",
            "http://mail.example.org",
            "smtp://",
            "smtp://:25",
            "smtp://host:port",
            "smtp://host:99999",
            "smtp://host/name",
            "smtp://host#x",
            "smtp://host?tls=opportunistic",
            "smtp://host?tls=required&x=1",
            "smtps://host?tls=none",
            "smtps://user@host",
            "smtps://:s3cret@host",
            "smtps://user:s3cret%00@host",
            "smtps://user:s3cret%ff@host",
            "smtps://user:s3cret/@host",
        ] {
            let error = parse(raw).unwrap_err();
            assert_eq!(error, InvalidSmtpUrl::Form, "{raw}");
            assert!(!format!("{error} {error:?}").contains("s3cret"));
        }
    }

    #[test]
    fn a_password_is_never_printed() {
        let printed = format!("{:?}", parse("smtps://ann:s3cret@mail.example.org").unwrap());
        assert!(printed.contains("mail.example.org") && !printed.contains("s3cret"), "{printed}");
    }
}

//! Why a request was not answered, in a line that its webhook's owner may read.

use crate::endpoint::Refusal;
use fasttrack_domain::ports::webhook::SendError;
use std::{error::Error, iter::successors};

/// Maximum number of characters of a line. A certificate may list any number of names.
const MAX: usize = 300;

/// Why a host has no address that may be connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AddressError {
    #[error("the host name has no address")]
    Unresolved,
    #[error("the address is not public")]
    NotPublic,
    #[error("the address is in no network that http is allowed to")]
    NotAllowed,
}

/// Describes a URL that was allowed when its webhook was set up, and is no more.
pub(crate) fn refused(refusal: Refusal) -> SendError {
    SendError(match refusal {
        Refusal::Forbidden => AddressError::NotPublic.to_string(),
        other => format!("the URL {other}"),
    })
}

/// Describes an error of the client, without the URL, which may contain a secret.
pub(crate) fn describe(error: &reqwest::Error) -> SendError {
    let causes = || successors(error.source(), |&cause| cause.source());
    if let Some(address) = causes().find_map(|cause| cause.downcast_ref::<AddressError>()) {
        return SendError(address.to_string());
    }
    let step = match (error.is_connect(), error.is_timeout()) {
        (true, true) => return SendError("no connection in time".to_owned()),
        (false, true) => return SendError("no answer in time".to_owned()),
        (true, false) => "no connection",
        (false, false) => "no answer",
    };
    // The last cause is what happened; those before it say which layer of the client it happened to.
    let line = causes().last().map_or_else(|| step.to_owned(), |cause| format!("{step}: {cause}"));
    SendError(one_line(&line))
}

/// A part of what a cause says is up to the receiver, like the names in a certificate.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_is_short_and_has_no_control_characters() {
        assert_eq!(one_line("no\r\nanswer\u{1b}"), "no  answer ");
        assert_eq!(one_line(&"é".repeat(MAX + 1)), "é".repeat(MAX));
    }

    #[test]
    fn refused_url_is_not_shown() {
        assert_eq!(refused(Refusal::Forbidden).to_string(), "the address is not public");
        assert_eq!(refused(Refusal::NoTls).to_string(), "the URL must be an https:// address");
    }
}

//! The options of a PostgreSQL database.

use std::{fmt, time::Duration};

/// The URL, the size of the pool and the timeouts.
#[derive(Clone)]
pub struct Options {
    /// `postgres://user:password@host:port/database?parameters`.
    ///
    /// `sslmode` is one of:
    ///
    /// - `disable`: not encrypted.
    /// - `prefer`: encrypted where the server supports it, without verification of the certificate. The default; a warning
    ///   is logged where it is not set and the server isn't on this machine.
    /// - `require` or `verify-full`: encrypted, and the certificate is for this host and from a trusted authority.
    /// - `verify-ca`: encrypted, and the certificate is from a trusted authority.
    ///
    /// `sslrootcert` is a PEM file with the trusted authorities. Without it, or where it is `system`, those of the operating
    /// system are trusted.
    pub url: String,
    /// The maximum number of connections.
    pub pool_size: usize,
    /// How long a unit of work waits for a connection.
    pub acquire_timeout: Duration,
    /// The server's `statement_timeout`.
    pub statement_timeout: Duration,
}

impl Options {
    /// The defaults: 16 connections, 2 s to get one, 10 s for a statement.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            pool_size: 16,
            acquire_timeout: Duration::from_secs(2),
            statement_timeout: Duration::from_secs(10),
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").field("pool_size", &self.pool_size).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_printed_without_the_url() {
        assert!(!format!("{:?}", Options::new("postgres://ann:s3cret@host/db")).contains("s3cret"));
    }
}

//! Hashes of secrets, as columns have them.

use super::Error;
use fasttrack_domain::{field::Invalid, ticket::SecretHash};

/// Converts the hash in the row `id` of `table`.
pub(super) fn secret_hash(table: &'static str, id: i64, bytes: &[u8]) -> Result<SecretHash, Error> {
    let digest: Result<[u8; 32], _> = bytes.try_into();
    let invalid = |_| Invalid::new("invalid", "must have 32 bytes");
    digest.map(SecretHash::new).map_err(invalid).map_err(Error::corrupt(table, id))
}

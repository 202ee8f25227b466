//! A checksum of a table's rows.

use aws_lc_rs::digest::{SHA256, digest};
use std::fmt;

/// The sum of the SHA-256 of all rows, in four words without carry. It doesn't depend on their order, as databases sort text
/// differently.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checksum([u64; 4]);

impl Checksum {
    /// Adds a row.
    pub(super) fn add(&mut self, row: &str) {
        let digest = digest(&SHA256, row.as_bytes());
        for (sum, word) in self.0.iter_mut().zip(digest.as_ref().as_chunks().0) {
            *sum = sum.wrapping_add(u64::from_be_bytes(*word));
        }
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|word| write!(f, "{word:016x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checksum(rows: &[&str]) -> Checksum {
        let mut checksum = Checksum::default();
        for row in rows {
            checksum.add(row);
        }
        checksum
    }

    #[test]
    fn checksum_of_one_row_is_its_sha_256() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(checksum(&[""]).to_string(), empty);
    }

    #[test]
    fn the_order_of_rows_does_not_matter() {
        assert_eq!(checksum(&["a", "b", "c"]), checksum(&["c", "a", "b"]));
    }

    #[test]
    fn a_row_that_differs_or_is_missing_or_doubled_shows() {
        let rows = checksum(&["a", "b", "b"]);
        for others in [&["a", "b", "B"][..], &["a", "b"], &["a", "b", "b", "b"], &["a", "a", "b"], &["a", "bb", ""]] {
            assert_ne!(checksum(others), rows, "{others:?}");
        }
    }
}

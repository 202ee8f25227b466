//! In a file of its own, as every other one needs it.

/// Rows of a portion: a few milliseconds' work, so that other writers don't wait long.
pub(super) const PORTION: i64 = 200;

/// Whether as many rows were found as a portion has, so that there may be others.
pub(super) fn is_full(rows: usize) -> bool {
    i64::try_from(rows).is_ok_and(|rows| rows >= PORTION)
}

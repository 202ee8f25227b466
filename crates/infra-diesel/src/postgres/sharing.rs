//! How many connections reads share.

/// How many connections of a pool there are for each that is shared.
const POOL_PER_SHARED: usize = 8;

/// The most connections that are shared.
const MOST: usize = 4;

/// The most reads that are on one connection: more would only wait longer in the server.
const READS: usize = 64;

/// How many connections of a pool of this size are shared. A small one shares none.
pub(super) fn share_of(pool_size: usize) -> usize {
    (pool_size / POOL_PER_SHARED).min(MOST)
}

/// How many reads may be on so many connections.
pub(super) fn reads_on(connections: usize) -> usize {
    connections * READS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_pool_shares_no_connection() {
        for (pool_size, expected) in [(1, 0), (7, 0), (8, 1), (16, 2), (32, 4), (1000, 4)] {
            assert_eq!(share_of(pool_size), expected, "{pool_size}");
        }
    }
}

//! Metrics of passwords and tokens. Without a recorder of the crate `metrics` nothing is counted.

use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};

/// Metrics of the threads that hash passwords.
pub(crate) struct HasherMeter {
    pub(crate) queue: Gauge,
    /// Seconds from submission until a thread starts.
    pub(crate) wait: Histogram,
    /// Seconds that a thread hashes one password.
    pub(crate) hash: Histogram,
    /// Passwords that were refused, as the queue was full.
    pub(crate) refused: Counter,
}

impl HasherMeter {
    pub(crate) fn new(threads: usize, queue: usize) -> Self {
        let number = |count| u32::try_from(count).unwrap_or(u32::MAX);
        gauge!(description: "Threads that hash passwords.", "fasttrack_password_threads").set(number(threads));
        gauge!(
            description: "Passwords that may wait for a thread.",
            "fasttrack_password_queue_limit"
        )
        .set(number(queue));
        Self {
            queue: gauge!(
                description: "Passwords that wait for a thread to hash them.",
                "fasttrack_password_queue_length"
            ),
            wait: histogram!(
                description: "Time that a password waited for a thread.",
                "fasttrack_password_wait_duration_seconds"
            ),
            hash: histogram!(
                description: "Time that hashing a password took.",
                "fasttrack_password_hash_duration_seconds"
            ),
            refused: counter!(
                description: "Passwords that were refused, as the queue was full.",
                "fasttrack_password_refused_total"
            ),
        }
    }
}

/// Metrics of the cache of verified access tokens.
pub(crate) struct CacheMeter {
    pub(crate) hits: Counter,
    pub(crate) misses: Counter,
}

impl CacheMeter {
    pub(crate) fn new() -> Self {
        let lookups = |result| {
            counter!(
                description: "Access tokens and API tokens, by whether they were cached, or checked with the database.",
                "fasttrack_token_cache_lookups_total",
                "result" => result
            )
        };
        Self { hits: lookups("hit"), misses: lookups("miss") }
    }
}

/// Metrics of the in-memory blocklist.
#[derive(Debug)]
pub(crate) struct BlocklistMeter {
    pub(crate) entries: Gauge,
    pub(crate) outdated: Gauge,
}

impl BlocklistMeter {
    pub(crate) fn new() -> Self {
        Self {
            entries: gauge!(
                description: "Revoked tokens, sessions and users in this node's blocklist.",
                "fasttrack_blocklist_entries"
            ),
            outdated: gauge!(
                description: "1 while this node can't read the revocations of others, and asks the database for each request.",
                "fasttrack_blocklist_outdated"
            ),
        }
    }
}

/// Metrics of fetches of another issuer's keys.
pub(crate) struct FetchMeter {
    pub(crate) ok: Counter,
    pub(crate) failed: Counter,
}

impl FetchMeter {
    pub(crate) fn new() -> Self {
        let fetches = |result| {
            counter!(
                description: "Fetches of the keys of the other issuer, by whether there was a usable answer.",
                "fasttrack_jwks_fetches_total",
                "result" => result
            )
        };
        Self { ok: fetches("ok"), failed: fetches("failed") }
    }
}

//! What operators can see of passwords and tokens. Without a recorder of the crate `metrics` nothing is counted.

use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};

/// The threads that hash passwords.
pub(crate) struct HasherMeter {
    /// Passwords that wait.
    pub(crate) queue: Gauge,
    /// From when a password was handed in until a thread took it.
    pub(crate) wait: Histogram,
    /// From then until it was hashed.
    pub(crate) hash: Histogram,
    /// Passwords that found the queue full.
    pub(crate) refused: Counter,
}

impl HasherMeter {
    /// Of so many threads and a queue for so many passwords.
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
                description: "Passwords that were refused, as too many waited.",
                "fasttrack_password_refused_total"
            ),
        }
    }
}

/// Access tokens that were verified before.
pub(crate) struct CacheMeter {
    pub(crate) hits: Counter,
    pub(crate) misses: Counter,
}

impl CacheMeter {
    pub(crate) fn new() -> Self {
        let lookups = |result| {
            counter!(
                description: "Access tokens, by whether they were remembered, or their signature checked and the database asked.",
                "fasttrack_token_cache_lookups_total",
                "result" => result
            )
        };
        Self { hits: lookups("hit"), misses: lookups("miss") }
    }
}

/// The image of the blocklist.
#[derive(Debug)]
pub(crate) struct BlocklistMeter {
    pub(crate) entries: Gauge,
    pub(crate) outdated: Gauge,
}

impl BlocklistMeter {
    pub(crate) fn new() -> Self {
        Self {
            entries: gauge!(
                description: "Tokens, sessions and users on the blocklist that this node knows.",
                "fasttrack_blocklist_entries"
            ),
            outdated: gauge!(
                description: "1 while this node can't hear what others revoke, and asks the database for each request.",
                "fasttrack_blocklist_outdated"
            ),
        }
    }
}

/// The keys of another issuer.
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

//! How much each figure may grow.

/// How growth is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trend {
    /// By the trend within each process, for what ends with it.
    Process,
    /// By the lowest values, for what grows until it is swept.
    Lowest,
    /// By the highest value, for what may never be.
    Never,
}

/// The bound of a figure: the larger of both.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bound {
    pub(super) trend: Trend,
    pub(super) absolute: f64,
    /// Of the value after the warm-up.
    pub(super) share: f64,
}

const MIB: f64 = 1024.0;

/// Users to whom tasks are assigned in a long run, each by one other.
const ASSIGNEES: f64 = 16.0;

/// The bound of a figure by its name.
pub(super) fn bound(figure: &str) -> Bound {
    let (trend, absolute, share) = match figure {
        "memory (PSS)" | "memory (RSS)" => (Trend::Process, 8.0 * MIB, 0.1),
        "write-ahead log" => (Trend::Process, 16.0 * MIB, 0.25),
        "open files" | "TCP connections" => (Trend::Process, 16.0, 0.25),
        "threads" | "PostgreSQL connections" => (Trend::Process, 8.0, 0.25),
        "log per 1,000 requests" => (Trend::Process, 64.0, 0.5),
        "database" | "newest backup" => (Trend::Lowest, 16.0 * MIB, 0.25),
        "failed requests" | "backups without effect" => (Trend::Never, 0.0, 0.0),
        // They grow to a fixed number: 41 in an hour, 201 in a digest.
        "rows of sent_notices" => (Trend::Lowest, 41.0 * ASSIGNEES, 0.25),
        "rows of held_notices" => (Trend::Lowest, 201.0 * ASSIGNEES, 0.25),
        // Rows of tables, and undispatched events.
        _ => (Trend::Lowest, 200.0, 0.25),
    };
    Bound { trend, absolute, share }
}

/// Whether a figure is a size, in KiB.
pub(super) fn is_size(figure: &str) -> bool {
    figure.starts_with("memory")
        || ["write-ahead log", "log per 1,000 requests", "database", "newest backup"].contains(&figure)
}

/// Tables whose rows are kept for a day, and the acts that make one each. What is judged is how many more rows there are
/// than such acts: a run may be shorter than a day.
pub(super) const KEPT: [(&str, &[&str]); 4] = [
    ("sessions", &["login"]),
    ("refresh_tokens", &["login", "refresh"]),
    ("revocations", &["logout"]),
    ("idempotency_records", &["creation with a key"]),
];

use super::record::Operation;
use std::fmt::{self, Display, Formatter};

/// What a history breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// The operations on a task have an order in which each answer is right, and that respects their times.
    Linearizability,
    /// A client that has seen a version sees no older one.
    MonotonicReads,
    /// A client sees what it has written.
    ReadYourWrites,
    /// A version of a task has one content.
    VersionContent,
    /// What is shown was requested by somebody.
    WrittenValues,
    /// A creation, with its retries, has one effect.
    SingleEffect,
    /// A refresh token is exchanged once, and no good one is refused.
    SingleExchange,
    /// The numbers of a user's notifications have no gap, and each has one content.
    NotificationSequence,
    /// Each change has its notifications.
    NotificationsComplete,
    /// The feed shows nothing older after newer.
    FeedOrder,
    /// The feed shows every change in time.
    FeedComplete,
    /// A session that ended is refused, any other isn't.
    Revocation,
    /// Whoever was removed from a project is refused, a member isn't.
    Membership,
    /// Statistics are those of the tasks.
    Statistics,
}

/// Operations that break a rule.
#[derive(Clone, Debug)]
pub struct Finding {
    pub rule: Rule,
    pub what: String,
    /// Their places in the history.
    pub operations: Vec<usize>,
}

/// A task whose operations took too many steps to find an order of them, or that there is none.
#[derive(Clone, Debug)]
pub struct Undecided {
    pub task: i64,
    /// How many operations it has.
    pub operations: usize,
}

/// What was judged, so that a test can require that it is enough.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    pub operations: usize,
    /// Operations with an unknown outcome.
    pub unknown: usize,
    /// Tasks with an order of their operations.
    pub tasks: usize,
    /// Sessions that ended, with an end that was answered.
    pub revocations: usize,
    /// Members that were removed, with an answer.
    pub removals: usize,
    /// Statistics that were compared with tasks.
    pub statistics: usize,
    /// Last pages of the feed, which have to have every change.
    pub feed_pages: usize,
    /// Clients that follow the feed.
    pub followers: usize,
    /// Comments whose notification was looked up.
    pub notified: usize,
    /// Notifications that streams sent.
    pub streamed: usize,
}

/// The result of a check.
#[derive(Clone, Debug)]
pub struct Report<'h> {
    history: &'h [Operation],
    pub findings: Vec<Finding>,
    pub undecided: Vec<Undecided>,
    pub counts: Counts,
}

impl<'h> Report<'h> {
    pub(super) fn new(history: &'h [Operation]) -> Self {
        let unknown = history.iter().filter(|operation| operation.is_unknown()).count();
        let counts = Counts { operations: history.len(), unknown, ..Counts::default() };
        Self { history, findings: Vec::new(), undecided: Vec::new(), counts }
    }

    pub(super) fn add(&mut self, rule: Rule, what: impl Into<String>, operations: impl Into<Vec<usize>>) {
        self.findings.push(Finding { rule, what: what.into(), operations: operations.into() });
    }

    /// Whether no rule is broken. What is undecided isn't known to be right.
    pub fn is_right(&self) -> bool {
        self.findings.is_empty()
    }
}

impl Display for Report<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:?}", self.counts)?;
        for undecided in &self.undecided {
            writeln!(f, "undecided: task {} with {} operations", undecided.task, undecided.operations)?;
        }
        for finding in &self.findings {
            writeln!(f, "{:?}: {}", finding.rule, finding.what)?;
            for place in &finding.operations {
                writeln!(f, "  {place}: {:?}", self.history[*place])?;
            }
        }
        Ok(())
    }
}

//! What happened in a simulation, step by step.

use std::{
    collections::VecDeque,
    fmt,
    hash::{DefaultHasher, Hash, Hasher},
};

/// How many steps a failure shows.
const SHOWN: usize = 50;

/// The last steps, and a hash of all.
#[derive(Default)]
pub(crate) struct Trace {
    last: VecDeque<Step>,
    hash: DefaultHasher,
    steps: u64,
}

/// A step: a call of a port, an answer to a client, or what happened to a node.
#[derive(Clone, Debug)]
pub struct Step {
    pub number: u64,
    /// Microseconds since the simulation began.
    pub at: u64,
    /// The node that it was on; `None` for what is on none.
    pub node: Option<usize>,
    pub what: String,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, at, node, what } = self;
        let (seconds, rest) = (at / 1_000_000, at % 1_000_000);
        match node {
            Some(node) => write!(f, "{number:5} {seconds:4}.{rest:06} node {node}: {what}"),
            None => write!(f, "{number:5} {seconds:4}.{rest:06}         {what}"),
        }
    }
}

impl Trace {
    pub(crate) fn add(&mut self, at: u64, node: Option<usize>, what: fmt::Arguments<'_>) {
        let step = Step { number: self.steps, at, node, what: what.to_string() };
        (step.at, step.node, &step.what).hash(&mut self.hash);
        self.steps += 1;
        if self.last.len() == SHOWN {
            self.last.pop_front();
        }
        self.last.push_back(step);
    }

    /// The number of the next step.
    pub(crate) fn steps(&self) -> u64 {
        self.steps
    }

    /// A hash of every step.
    pub(crate) fn hash(&self) -> u64 {
        self.hash.finish()
    }

    pub(crate) fn last(&self) -> Vec<Step> {
        self.last.iter().cloned().collect()
    }
}

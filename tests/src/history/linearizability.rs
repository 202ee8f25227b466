//! The search of Wing and Gong, with the memory of Lowe: whether operations have an order in which each is right.
//!
//! The order respects time: an operation that returned before another was called comes first. Searched is depth first,
//! and no state is searched twice after the same operations. What doesn't change the state is put into the order as soon
//! as it fits, since it can't keep anything else from fitting.

use super::record::Nanos;
use std::{collections::HashSet, hash::Hash};

/// An operation of a model, which has the rules of an object.
pub(super) trait Model {
    type State: Clone + Eq + Hash;

    fn initial() -> Self::State;

    /// The state after this operation; `None` if its outcome isn't right in this state. With an unknown outcome it is
    /// always right, and changes nothing where the request can't have an effect.
    fn step(&self, state: &Self::State) -> Option<Self::State>;
}

/// An operation with its times.
#[derive(Clone, Debug)]
pub(super) struct Timed<O> {
    pub(super) operation: O,
    pub(super) called: Nanos,
    /// `None` with an unknown outcome: it takes effect at any later time, or never.
    pub(super) returned: Option<Nanos>,
}

/// The result of a search.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Linearizable,
    /// There is no such order. The longest one that was found, as places, and the operation that should come next at the
    /// latest.
    Violation {
        order: Vec<usize>,
        blocked: usize,
    },
    /// The search took too many steps.
    Undecided,
}

/// Searches an order in at most so many steps.
pub(super) fn search<M: Model>(history: &[Timed<M>], steps: u64) -> Verdict {
    Search::new(history, steps).run()
}

/// The search may take no more steps.
struct TooManySteps;

struct Search<'s, M: Model> {
    history: &'s [Timed<M>],
    /// Places of operations that returned, by call.
    returned: Vec<usize>,
    /// How many at the beginning of `returned` are in the order, at least.
    begun: usize,
    /// Places of operations with an unknown outcome, by call.
    unknown: Vec<usize>,
    steps: u64,
    order: Vec<usize>,
    /// The places in the order, a bit each.
    ordered: Vec<u64>,
    /// How many in the order returned.
    complete: usize,
    searched: HashSet<(Vec<u64>, M::State)>,
    longest: Vec<usize>,
    blocked: usize,
}

/// What may come next at one point of the search.
struct Branch<S> {
    /// `None` at the beginning, where nothing is to be taken back.
    begun: Option<usize>,
    /// Places with the states after them. The last is tried first.
    next: Vec<(usize, S)>,
}

impl<'s, M: Model> Search<'s, M> {
    fn new(history: &'s [Timed<M>], steps: u64) -> Self {
        let (mut returned, mut unknown): (Vec<_>, Vec<_>) =
            (0..history.len()).partition(|place| history[*place].returned.is_some());
        returned.sort_by_key(|place| history[*place].called);
        unknown.sort_by_key(|place| history[*place].called);
        Self {
            history,
            returned,
            begun: 0,
            unknown,
            steps,
            order: Vec::new(),
            ordered: vec![0; history.len().div_ceil(64)],
            complete: 0,
            searched: HashSet::new(),
            longest: Vec::new(),
            blocked: 0,
        }
    }

    fn run(mut self) -> Verdict {
        let Ok(next) = self.next(M::initial()) else { return Verdict::Undecided };
        let mut branches = vec![Branch { begun: None, next }];
        while self.complete < self.returned.len() {
            let Some(branch) = branches.last_mut() else {
                return Verdict::Violation { order: self.longest, blocked: self.blocked };
            };
            if let Some((place, state)) = branch.next.pop() {
                let begun = self.append(place);
                if self.searched.insert((self.ordered.clone(), state.clone())) {
                    let Ok(next) = self.next(state) else { return Verdict::Undecided };
                    branches.push(Branch { begun: Some(begun), next });
                } else {
                    self.take_back(begun);
                }
            } else if let Some(Branch { begun: Some(begun), .. }) = branches.pop() {
                self.take_back(begun);
            }
        }
        Verdict::Linearizable
    }

    /// What may come next in this state, with the states after it.
    fn next(&mut self, state: M::State) -> Result<Vec<(usize, M::State)>, TooManySteps> {
        let (candidates, latest, blocked) = self.candidates();
        if let Some(blocked) = blocked.filter(|_| self.order.is_empty() || self.order.len() > self.longest.len()) {
            self.longest.clone_from(&self.order);
            self.blocked = blocked;
        }
        let mut next = Vec::new();
        for place in candidates {
            let Some(after) = self.step(&state, place)? else { continue };
            if after == state {
                return Ok(vec![(place, state)]);
            }
            next.push((place, after));
        }
        for n in 0..self.unknown.len() {
            let place = self.unknown[n];
            if self.history[place].called > latest {
                break;
            }
            if !self.is_ordered(place) {
                // Without an effect it may as well never happen.
                let after = self.step(&state, place)?.filter(|after| *after != state);
                next.extend(after.map(|after| (place, after)));
            }
        }
        // What returned is tried first: what is unknown may as well come later.
        next.reverse();
        Ok(next)
    }

    /// The operations that may come next of those that returned, the time up to which others may have been called, and the
    /// one that returned then.
    fn candidates(&self) -> (Vec<usize>, Nanos, Option<usize>) {
        let (mut candidates, mut latest, mut blocked) = (Vec::new(), Nanos::MAX, None);
        for place in self.returned[self.begun..].iter().copied().filter(|place| !self.is_ordered(*place)) {
            let timed = &self.history[place];
            if timed.called > latest {
                break;
            }
            candidates.push(place);
            if let Some(returned) = timed.returned.filter(|returned| *returned < latest) {
                (latest, blocked) = (returned, Some(place));
            }
        }
        (candidates, latest, blocked)
    }

    fn step(&mut self, state: &M::State, place: usize) -> Result<Option<M::State>, TooManySteps> {
        self.steps = self.steps.checked_sub(1).ok_or(TooManySteps)?;
        Ok(self.history[place].operation.step(state))
    }

    fn is_ordered(&self, place: usize) -> bool {
        self.ordered[place / 64] & (1 << (place % 64)) != 0
    }

    /// Appends to the order, and returns what takes it back.
    fn append(&mut self, place: usize) -> usize {
        let begun = self.begun;
        self.ordered[place / 64] |= 1 << (place % 64);
        self.order.push(place);
        self.complete += usize::from(self.history[place].returned.is_some());
        while self.returned.get(self.begun).is_some_and(|first| self.is_ordered(*first)) {
            self.begun += 1;
        }
        begun
    }

    fn take_back(&mut self, begun: usize) {
        if let Some(place) = self.order.pop() {
            self.ordered[place / 64] &= !(1 << (place % 64));
            self.complete -= usize::from(self.history[place].returned.is_some());
        }
        self.begun = begun;
    }
}

#[cfg(test)]
mod tests;

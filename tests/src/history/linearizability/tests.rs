use super::*;
use Register::{Exchange, Read, Write};

/// An operation on a register of numbers, which begins with 0.
#[derive(Clone, Copy, Debug)]
enum Register {
    Read(u8),
    Write(u8),
    /// Fails if the register has another number than the first.
    Exchange(u8, u8),
}

impl Model for Register {
    type State = u8;

    fn initial() -> u8 {
        0
    }

    fn step(&self, state: &u8) -> Option<u8> {
        match *self {
            Self::Read(number) => (*state == number).then_some(number),
            Self::Write(number) => Some(number),
            Self::Exchange(before, after) => (*state == before).then_some(after),
        }
    }
}

fn timed(operation: Register, called: Nanos, returned: impl Into<Option<Nanos>>) -> Timed<Register> {
    Timed { operation, called, returned: returned.into() }
}

fn is_linearizable(history: &[Timed<Register>]) -> bool {
    match search(history, 10_000) {
        Verdict::Linearizable => true,
        Verdict::Violation { .. } => false,
        Verdict::Undecided => panic!("undecided"),
    }
}

#[test]
fn overlapping_operations_have_either_order() {
    for read in [1, 2] {
        assert!(is_linearizable(&[timed(Write(1), 0, 9), timed(Write(2), 1, 8), timed(Read(read), 10, 11)]));
    }
    assert!(!is_linearizable(&[timed(Write(1), 0, 9), timed(Write(2), 1, 8), timed(Read(0), 10, 11)]));
}

#[test]
fn order_respects_time() {
    assert!(!is_linearizable(&[timed(Write(1), 0, 1), timed(Write(2), 2, 3), timed(Read(1), 4, 5)]));
    // Equal times overlap.
    assert!(is_linearizable(&[timed(Write(1), 0, 2), timed(Write(2), 2, 3), timed(Read(1), 4, 5)]));
}

#[test]
fn reads_agree_on_the_order_of_overlapping_writes() {
    let writes = [timed(Write(1), 0, 20), timed(Write(2), 0, 20)];
    let reads = |numbers: [u8; 4]| {
        let times: [Nanos; 4] = [1, 3, 5, 7];
        let reads = numbers.into_iter().zip(times).map(|(number, at)| timed(Read(number), at, at + 1));
        writes.iter().cloned().chain(reads).collect::<Vec<_>>()
    };
    assert!(is_linearizable(&reads([1, 1, 2, 2])));
    assert!(is_linearizable(&reads([0, 2, 2, 1])));
    assert!(!is_linearizable(&reads([1, 2, 1, 2])));
}

#[test]
fn unknown_write_happens_late_or_never() {
    let unknown = timed(Write(1), 0, None);
    assert!(is_linearizable(&[unknown.clone(), timed(Read(0), 100, 101), timed(Read(1), 200, 201)]));
    assert!(is_linearizable(&[unknown.clone(), timed(Read(0), 100, 101)]));
    assert!(!is_linearizable(&[unknown.clone(), timed(Read(1), 100, 101), timed(Read(0), 200, 201)]));
    // Not before its call.
    assert!(!is_linearizable(&[timed(Read(1), 0, 1), timed(Write(1), 2, None)]));
}

#[test]
fn violation_names_the_operation_without_a_place() {
    let history = [timed(Write(1), 0, 1), timed(Read(1), 2, 3), timed(Read(0), 4, 5), timed(Write(3), 6, 7)];
    assert_eq!(search(&history, 100), Verdict::Violation { order: vec![0, 1], blocked: 2 });
}

#[test]
fn search_ends_undecided_after_its_steps() {
    let chain = (0..12).map(|n| timed(Exchange(n, n + 1), 0, 100));
    let history: Vec<_> = chain.chain([timed(Read(99), 101, 102)]).collect();
    assert_eq!(search(&history, 20), Verdict::Undecided);
    assert!(!is_linearizable(&history));
}

#[test]
fn many_unknown_writes_are_searched_in_few_steps() {
    let unknown = (100..120).map(|number| timed(Write(number), 0, None));
    let known = (0..100).map(|n| timed(Write(n), Nanos::from(n) * 10, Nanos::from(n) * 10 + 5));
    let reads = (0..100).map(|n| timed(Read(n), Nanos::from(n) * 10 + 6, Nanos::from(n) * 10 + 9));
    let history: Vec<_> = unknown.chain(known).chain(reads).collect();
    assert!(is_linearizable(&history));
}

use super::*;
use proptest::prelude::*;
use std::collections::VecDeque;

fn position(numbers: &[i64]) -> Position {
    Position(encode(numbers))
}

/// The positions of this many tasks that were never moved.
fn new_tasks(count: i64) -> Vec<Position> {
    (1..=count).map(|id| Position::initial(TaskId::new(id))).collect()
}

/// Moves the task at one place of the order to another. All positions stay in their order.
fn move_task(order: &mut Vec<Position>, from: usize, to: usize) {
    order.remove(from);
    let (before, after) = (to.checked_sub(1).map(|place| &order[place]), order.get(to));
    let moved = Position::between(before, after).unwrap();
    assert!(before.is_none_or(|before| *before < moved) && after.is_none_or(|after| moved < *after));
    order.insert(to, moved);
}

fn longest(order: &[Position]) -> usize {
    order.iter().map(|position| position.0.len()).max().unwrap()
}

#[test]
fn new_tasks_come_last_whatever_was_moved() {
    let mut order = new_tasks(300);
    for _ in 0..50 {
        move_task(&mut order, 0, 299);
    }
    let next = Position::initial(TaskId::new(301));
    assert!(order.is_sorted() && order.iter().all(|position| *position < next));
}

#[test]
fn position_of_a_new_task_is_its_id() {
    for (id, text) in [(1, "01"), (15, "0f"), (16, "110"), (100_000, "4186a0"), (i64::MAX, "f7fffffffffffffff")] {
        assert_eq!(Position::initial(TaskId::new(id)).as_str(), text);
    }
}

#[test]
fn middle_is_the_shortest_list_between_two() {
    // An empty list is an end of the order.
    let cases: [[&[i64]; 3]; 13] = [
        [&[5], &[6], &[5, 0]],
        [&[5], &[9], &[5, 0]],
        [&[], &[1], &[0, 0]],
        [&[], &[0, 0], &[0, -16]],
        [&[], &[], &[0, 0]],
        [&[5], &[], &[5, 0]],
        [&[5, 0], &[], &[5, 16]],
        [&[5], &[5, 0], &[5, -16]],
        [&[5, 0], &[6], &[5, 16]],
        [&[5, 0], &[5, 16], &[5, 8]],
        [&[5, 8], &[5, 9], &[5, 8, 0]],
        [&[5, 8], &[5, 9, -16], &[5, 9]],
        [&[5], &[5, 9, -16], &[5, 9]],
    ];
    for [before, after, expected] in cases {
        let end_or = |numbers: &[i64]| (!numbers.is_empty()).then(|| position(numbers));
        let (one, other) = (end_or(before), end_or(after));
        assert_eq!(Position::between(one.as_ref(), other.as_ref()), Ok(position(expected)), "{before:?} {after:?}");
    }
}

#[test]
fn two_thousand_moves_to_one_spot_stay_short() {
    // To the front, to the end, behind one task, before another.
    let spots = [(99, 0), (0, 99), (99, 50), (0, 50)];
    for (from, to) in spots {
        let mut order = new_tasks(100);
        for _ in 0..2_000 {
            move_task(&mut order, from, to);
            assert!(longest(&order) <= 7);
        }
        assert!(order.is_sorted());
    }
}

#[test]
fn moves_behind_one_task_and_before_the_next_stay_short() {
    let (one, next) = (Position::initial(TaskId::new(50)), Position::initial(TaskId::new(51)));
    let mut between = VecDeque::from([Position::between(Some(&one), Some(&next)).unwrap()]);
    for _ in 0..1_000 {
        between.push_front(Position::between(Some(&one), between.front()).unwrap());
        between.push_back(Position::between(between.back(), Some(&next)).unwrap());
    }
    assert!(between.iter().is_sorted() && between.iter().all(|position| position.0.len() <= 7));
}

#[test]
fn random_moves_of_ten_thousand_tasks_stay_short() {
    let mut state = 1_u64;
    let mut random = || {
        // Knuth's MMIX.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((state >> 33) % 10_000).unwrap()
    };
    let mut order = new_tasks(10_000);
    for _ in 0..10_000 {
        let (from, to) = (random(), random());
        move_task(&mut order, from, to);
    }
    let bytes: usize = order.iter().map(|position| position.0.len()).sum();
    assert!(order.is_sorted() && longest(&order) <= 7 && bytes <= 53_000, "{bytes}");
}

#[test]
fn only_thousands_of_nested_moves_use_up_a_place() {
    // Each move is between the two before it: no scheme can keep that short.
    let mut order = new_tasks(5);
    for round in 0..2_000 {
        move_task(&mut order, if round % 2 == 0 { 1 } else { 3 }, 2);
    }
    assert_eq!(longest(&order), 336);
    let full = position(&[&[5][..], &[0; Position::MAX - 2][..]].concat());
    assert_eq!(Position::between(Some(&full), Some(&position(&[6]))).map(drop), Ok(()));
    let after = position(&[&[5][..], &[0; Position::MAX - 3][..], &[1][..]].concat());
    assert_eq!(Position::between(Some(&full), Some(&after)), Err(NoRoom));
}

#[test]
fn what_was_never_made_is_no_position() {
    for wrong in ["", "0", "11", "101", "0F", "0fé", "0f-", "0f6", "01 ", "g1", "0fz000000"] {
        assert!(Position::parse(wrong.to_owned()).is_err(), "{wrong:?}");
    }
}

#[test]
fn list_goes_on_where_numbers_end() {
    let end = *digits::RANGE.end();
    let after = Position::between(Some(&position(&[5, end])), None);
    assert_eq!(after, Ok(position(&[5, end, 0])));
    let after = Position::between(Some(&position(&[5, end - STRIDE])), None);
    assert_eq!(after, Ok(position(&[5, end])));
    let start = *digits::RANGE.start();
    assert_eq!(Position::between(Some(&position(&[5])), Some(&position(&[5, start]))), Err(NoRoom));
}

#[test]
fn position_is_written_as_it_is_stored() {
    let text = position(&[5, 0]).to_string();
    assert_eq!(
        (text.as_str(), text.parse(), Position::try_from(text.clone())),
        ("05V", Ok(position(&[5, 0])), Ok(position(&[5, 0])))
    );
}

fn positions() -> impl Strategy<Value = Position> {
    prop::collection::vec(prop_oneof![4 => -40i64..40, 1 => -5_000i64..5_000], 0..5)
        .prop_flat_map(|others| (0i64..4).prop_map(move |first| position(&[&[first][..], &others[..]].concat())))
}

proptest! {
    #[test]
    fn a_position_parses_to_itself(position in positions()) {
        prop_assert_eq!(Position::parse(position.0.clone()), Ok(position));
    }

    #[test]
    fn middle_is_between_any_two(a in positions(), b in positions()) {
        prop_assume!(a != b);
        let (low, high) = if a < b { (a, b) } else { (b, a) };
        let between = Position::between(Some(&low), Some(&high)).unwrap();
        prop_assert!(low < between && between < high);
        prop_assert!(decode(&between.0).unwrap().len() > 1);
        prop_assert!(Position::between(Some(&high), None).unwrap() > high);
        if high > position(&[1]) {
            prop_assert!(Position::between(None, Some(&high)).unwrap() < high);
        }
    }

    #[test]
    fn random_moves_keep_any_order(moves in prop::collection::vec((0usize..7, 0usize..7), 0..60)) {
        let mut order = new_tasks(7);
        for (from, to) in moves {
            move_task(&mut order, from, to);
        }
        prop_assert!(order.is_sorted_by(|low, high| low < high));
    }
}

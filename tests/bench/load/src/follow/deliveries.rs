//! Matches messages with the changes that caused them.

use crate::{Outcome, report::Recorder, scenario::Change};
use serde::Deserialize;
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

/// A notification, as far as it is used.
#[derive(Deserialize)]
pub struct Message<'a> {
    /// Counts the notifications of a user.
    pub seq: u64,
    #[serde(borrow)]
    data: Data<'a>,
}

#[derive(Deserialize)]
struct Data<'a> {
    task_id: Option<u64>,
    /// The status after a change of it.
    #[serde(borrow)]
    new: Option<&'a str>,
}

impl<'a> Message<'a> {
    pub fn parse(text: &'a [u8]) -> Outcome<Self> {
        Ok(serde_json::from_slice(text)?)
    }

    /// The change that caused it; `None` where that was another than one of a status.
    pub fn change(&self) -> Option<Change> {
        let Data { task_id, new } = self.data;
        Some(Change { task: task_id?, begins: new? == "in_progress" })
    }
}

/// Changes and messages of a run.
#[derive(Default)]
pub struct Deliveries {
    /// When the response to a change came.
    answered: HashMap<Change, Instant>,
    /// Messages that were read before the response to their change.
    early: HashMap<Change, u64>,
    expected: u64,
    delivered: u64,
}

impl Deliveries {
    /// A change is sent, and so many messages are to come.
    pub fn expect(&mut self, change: Change, messages: u64) {
        // A long run makes the same change again.
        self.answered.remove(&change);
        self.expected += messages;
    }

    pub fn answered(&mut self, change: Change, now: Instant, recorder: &mut Recorder) {
        for _ in 0..self.early.remove(&change).unwrap_or_default() {
            recorder.delay(Duration::ZERO);
        }
        self.answered.insert(change, now);
    }

    pub fn delivered(&mut self, change: Change, now: Instant, recorder: &mut Recorder) {
        self.delivered += 1;
        match self.answered.get(&change) {
            Some(answer) => recorder.delay(now.saturating_duration_since(*answer)),
            None => *self.early.entry(change).or_default() += 1,
        }
    }

    pub fn are_outstanding(&self) -> bool {
        self.delivered < self.expected
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHANGE: Change = Change { task: 7, begins: true };

    #[test]
    fn message_names_its_change() {
        let text = r#"{"type":"status_changed","data":{"task_id":7,"task":"A \"b\"","project_id":1,"project":"P",
            "old":"todo","new":"in_progress","changed_by":"Ann"},"timestamp":"2026-01-02T03:04:05.678901Z","seq":8}"#;
        let message = Message::parse(text.as_bytes()).unwrap();
        assert_eq!((message.seq, message.change()), (8, Some(CHANGE)));
        let other = br#"{"type":"comment_added","data":{"task_id":7,"comment_id":1},"timestamp":"","seq":9}"#;
        assert_eq!(Message::parse(other).unwrap().change(), None);
    }

    #[test]
    fn delay_is_from_the_response_to_the_message() {
        let (mut deliveries, mut recorder) = (Deliveries::default(), Recorder::new());
        let start = Instant::now();
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        deliveries.expect(CHANGE, 3);
        deliveries.delivered(CHANGE, at(1), &mut recorder);
        deliveries.answered(CHANGE, at(2), &mut recorder);
        deliveries.delivered(CHANGE, at(5), &mut recorder);
        assert!(deliveries.are_outstanding());
        deliveries.delivered(CHANGE, at(9), &mut recorder);
        assert!(!deliveries.are_outstanding());
        let delays = recorder.report(Duration::from_secs(1));
        assert_eq!(delays, delays_of([0, 3_000, 7_000]));
    }

    #[test]
    fn same_change_again_has_a_delay_of_its_own() {
        let (mut deliveries, mut recorder) = (Deliveries::default(), Recorder::new());
        let start = Instant::now();
        for second in [0, 10] {
            let at = |milliseconds| start + Duration::from_secs(second) + Duration::from_millis(milliseconds);
            deliveries.expect(CHANGE, 2);
            deliveries.delivered(CHANGE, at(1), &mut recorder);
            deliveries.answered(CHANGE, at(2), &mut recorder);
            deliveries.delivered(CHANGE, at(4), &mut recorder);
        }
        assert_eq!(recorder.report(Duration::from_secs(1)), delays_of([0, 0, 2_000, 2_000]));
    }

    fn delays_of<const N: usize>(microseconds: [u64; N]) -> crate::report::Report {
        let mut recorder = Recorder::new();
        microseconds.into_iter().for_each(|delay| recorder.delay(Duration::from_micros(delay)));
        recorder.report(Duration::from_secs(1))
    }
}

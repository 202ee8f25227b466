//! The job that finishes an erasure.

use super::*;
use crate::fixtures::{OWNER, unavailable};

fn erasure() -> Erasure {
    user(OWNER).erase(None, now()).erasure
}

fn prepared(portions: usize) -> Prepared {
    let mut prepared = Prepared::new();
    let mut left = portions;
    prepared.erasures.expect_step().withf(|given| *given == erasure()).returning(move |_| {
        left -= 1;
        Ok(left == 0)
    });
    prepared
}

#[test]
fn erasure_is_finished_or_gives_way_to_other_jobs() {
    for (portions, performed) in
        [(1, Performed::Done), (50, Performed::Done), (51, Performed::Later(now())), (500, Performed::Later(now()))]
    {
        assert_eq!(prepared(portions).perform(JobPayload::EraseUser(erasure()), 1).unwrap(), performed);
    }
}

#[test]
fn erasure_that_fails_is_tried_again() {
    let mut prepared = Prepared::new();
    prepared.erasures.expect_step().times(1).returning(|_| Err(unavailable()));
    let failed = prepared.perform(JobPayload::EraseUser(erasure()), 1);
    assert!(matches!(failed, Err(Failed::Temporary(_))), "{failed:?}");
}

//! Waits before the next look at something.

use std::{thread, time::Duration};

#[expect(clippy::disallowed_methods, reason = "there is nothing to do meanwhile, and no worker to block")]
pub(super) fn pause(time: Duration) {
    thread::sleep(time);
}

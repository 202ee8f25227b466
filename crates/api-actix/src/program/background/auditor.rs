//! Writes lines of the audit that are noted while requests are answered.

use super::{Background, LoggedOutage, Stopped};
use crate::program::wiring::AuditQueue;
use std::{sync::Arc, time::Duration};
use tokio::time::sleep;

/// What comes within this time is written together.
const GATHER: Duration = Duration::from_millis(20);

/// Time between two tries while storage can't be used.
const PERIOD: Duration = Duration::from_secs(1);

/// Runs until it is stopped; what was noted until then is written.
pub fn start(queue: Arc<AuditQueue>) -> Background {
    Background::start("auditor", |stopped| run(queue, stopped))
}

async fn run(queue: Arc<AuditQueue>, mut stopped: Stopped) {
    let outage = LoggedOutage::new("write the audit");
    let mut rest = Duration::ZERO;
    loop {
        let something = async {
            sleep(rest).await;
            queue.wait().await;
            sleep(GATHER).await;
        };
        let goes_on = stopped.or(something).await.is_some();
        rest = if outage.log(queue.flush().await).is_some() { Duration::ZERO } else { PERIOD };
        if !goes_on {
            break;
        }
    }
}

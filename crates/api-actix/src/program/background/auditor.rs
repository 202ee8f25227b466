//! Writes the queued lines of the audit.

use crate::background::{LoggedOutage, Stopped, Task};
use crate::program::wiring::AuditQueue;
use std::{sync::Arc, time::Duration};
use tokio::time::sleep;

/// Lines within this time are written together.
const BATCH_INTERVAL: Duration = Duration::from_millis(20);

/// Pause between retries.
const RETRY_PAUSE: Duration = Duration::from_secs(1);

/// Starts the task. Before it ends, it writes what was queued until then.
pub fn start(queue: Arc<AuditQueue>) -> Task {
    Task::start("auditor", |stopped| run(queue, stopped))
}

async fn run(queue: Arc<AuditQueue>, mut stopped: Stopped) {
    let outage = LoggedOutage::new("write the audit");
    let mut rest = Duration::ZERO;
    loop {
        let something = async {
            sleep(rest).await;
            queue.wait().await;
            sleep(BATCH_INTERVAL).await;
        };
        let goes_on = stopped.or(something).await.is_some();
        rest = if outage.log(queue.flush().await).is_some() { Duration::ZERO } else { RETRY_PAUSE };
        if !goes_on {
            break;
        }
    }
}

//! Records when API tokens were last used.

use super::task::{LoggedOutage, Stopped, Task};
use fasttrack_app::api_token::ApiTokens;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// `last_used_at` has to be right to a minute.
const PERIOD: Duration = Duration::from_secs(30);

/// Starts the task. Before it ends, it records the uses until then.
pub fn start(api_tokens: ApiTokens) -> Task {
    Task::start("token_uses", |stopped| run(api_tokens, stopped))
}

async fn run(api_tokens: ApiTokens, mut stopped: Stopped) {
    let outage = LoggedOutage::new("record the uses of API tokens");
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let goes_on = stopped.or(ticks.tick()).await.is_some();
        // Finished also where the task is to stop, as uses in a write that is dropped would be lost.
        outage.log(api_tokens.record_uses().await);
        if !goes_on {
            break;
        }
    }
}

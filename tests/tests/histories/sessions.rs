//! Sessions that are refreshed, by several at once, and ended, and what their tokens are good for then.

use super::{
    clients::{Client, PAUSE},
    world::World,
};
use std::{sync::Arc, time::Duration};

/// How often, and with which pauses, the tokens of a session that has ended are used: for longer than the other nodes may
/// take to hear of its end.
const USES: usize = 6;
const BETWEEN_USES: Duration = Duration::from_millis(250);

/// Uses one session after the other until the load is over. Returns a client whose session has ended, as far as is known.
pub(super) async fn use_sessions(mut client: Client, world: Arc<World>) -> Client {
    let mut racers = [client.twin(), client.twin(), client.twin()];
    for round in 0_u64.. {
        client.log_in().await;
        for _ in 0..2 {
            client.who_am_i().await;
            client.move_on();
        }
        match round % 3 {
            0 => race(&mut client, &mut racers).await,
            1 => {
                use_refresh_token(&mut client).await;
                client.who_am_i().await;
                client.log_out().await;
            }
            _ => {
                client.log_out().await;
                use_refresh_token(&mut client).await;
            }
        }
        for _ in 0..USES {
            client.who_am_i().await;
            client.move_on();
            world.pause(BETWEEN_USES).await;
        }
        if world.is_over() {
            break;
        }
        world.pause(PAUSE).await;
    }
    client
}

/// Several clients exchange one refresh token at once: one wins, the others end the session. The client keeps its tokens.
async fn race(client: &mut Client, racers: &mut [Client; 3]) {
    for racer in racers.iter_mut() {
        racer.session.clone_from(&client.session);
    }
    let [first, second, third] = racers;
    tokio::join!(first.refresh(), second.refresh(), third.refresh());
    for racer in [first, second, third].into_iter().filter(|racer| racer.session.is_some()) {
        racer.who_am_i().await;
        use_refresh_token(racer).await;
    }
}

/// Tries to exchange the refresh token, and keeps the tokens where that is refused.
async fn use_refresh_token(client: &mut Client) {
    let before = client.session.clone();
    client.refresh().await;
    if client.session.is_none() {
        client.session = before;
    }
}

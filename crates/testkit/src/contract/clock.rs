//! Time: [`Clock`] alone.

use fasttrack_domain::ports::clock::Clock;

contract! { $
    clock { clock: Clock }
    moments_have_whole_microseconds,
}

async fn moments_have_whole_microseconds(ports: &Ports) {
    for _ in 0..1_000 {
        let now = ports.clock.now();
        assert_eq!(now.timestamp_subsec_nanos() % 1_000, 0, "{now:?}");
        tokio::task::yield_now().await;
    }
}

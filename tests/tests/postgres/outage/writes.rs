use super::{prepare, unavailable};
use crate::writers::{Event, Writers, all_there};
use fasttrack_tests::eventually;
use std::time::Instant;

#[tokio::test]
async fn database_crash_loses_no_acknowledged_write() {
    let (cluster, server) = prepare();
    let ann = server.register().await;
    let project = ann.project().await;
    let mut writers = Writers::start((0..16).map(|_| ann.clone()), project);
    for _ in 0..2 {
        writers.write(200).await;
        cluster.stop();
        let mut refused = 0;
        while refused < 32 {
            match writers.next().await {
                Event::Written(..) => {}
                Event::Refused(answer) => {
                    unavailable(*answer);
                    refused += 1;
                }
                Event::Gone => panic!("{}", server.log()),
            }
        }
        cluster.start_again();
        let back = Instant::now();
        let (ready, written) = tokio::join!(
            async {
                let client = server.anonymous();
                eventually("the server is ready", async || client.get("/health/ready").await.status == 200).await;
                back.elapsed()
            },
            async {
                writers.write(1).await;
                back.elapsed()
            }
        );
        println!("back after an outage: ready after {ready:?}, the first write after {written:?}");
    }
    writers.write(200).await;
    let written = writers.finish().await;
    all_there(&ann, &written).await;
}

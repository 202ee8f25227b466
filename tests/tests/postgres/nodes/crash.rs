use super::{on, two};
use crate::writers::{Event, Writers, all_there};

#[tokio::test]
async fn killed_node_loses_nothing_and_other_node_goes_on() {
    let [victim, survivor] = two();
    let ann = survivor.register().await;
    let project = ann.project().await;
    let doomed = on(&victim, &ann).await;
    let accounts = (0..32).map(|n| if n % 2 == 0 { doomed.clone() } else { ann.clone() });
    let mut writers = Writers::start(accounts, project);
    writers.write(200).await;
    victim.kill();
    let mut gone = 0;
    while gone < 16 {
        match writers.next().await {
            Event::Written(..) => {}
            Event::Refused(answer) => panic!("{answer:#?}"),
            Event::Gone => gone += 1,
        }
    }
    writers.write(200).await;
    let written = writers.finish().await;
    all_there(&ann, &written).await;

    // It comes back to what it left.
    let victim = survivor.installation().start();
    let doomed = on(&victim, &ann).await;
    all_there(&doomed, &written).await;
}

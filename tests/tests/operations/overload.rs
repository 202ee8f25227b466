use fasttrack_tests::{Installation, PASSWORD};
use serde_json::json;
use tokio::task::JoinSet;

#[tokio::test]
async fn a_storm_of_logins_is_bounded_and_starves_nobody() {
    let server = Installation::new().with("BCRYPT_COST", "12").start();
    let ann = server.register().await;
    let task = ann.task(ann.project().await, json!({})).await;
    let login = json!({"email": ann.email, "password": PASSWORD});
    let mut logins: JoinSet<_> =
        (0..64).map(|_| server.anonymous().post("/auth/login", login.clone()).into_future()).collect();

    let mut answers = Vec::new();
    let mut reads = 0;
    while !logins.is_empty() {
        tokio::select! {
            biased;
            read = ann.get(format!("/tasks/{task}")).into_future() => {
                read.expect(200);
                reads += 1;
            }
            Some(answer) = logins.join_next() => answers.push(answer.unwrap()),
        }
    }
    assert_eq!(answers.len(), 64);
    assert!(reads >= 64, "{reads} reads during 64 logins");
    let (done, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
    assert!(!done.is_empty());
    for answer in refused {
        let answer = answer.refused(503, "unavailable");
        assert!(answer.header("retry-after").unwrap().parse::<u32>().unwrap() >= 1);
    }
    // The storm leaves nothing behind.
    server.anonymous().post("/auth/login", login).await.expect(200);
}

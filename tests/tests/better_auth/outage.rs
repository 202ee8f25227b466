use crate::better_auth::BetterAuth;
use fasttrack_tests::{Installation, SOON, eventually};
use serde_json::json;
use std::time::Instant;

#[tokio::test]
async fn known_keys_work_while_better_auth_is_down() {
    let Some(mut better_auth) = BetterAuth::start() else { return };
    let installation = better_auth.trusted_by(Installation::new());
    let server = installation.start();
    let ann = better_auth.sign_up("ann@example.org", "Ann").await;
    let bob = better_auth.sign_up("bob@example.org", "Bob").await;
    let token = ann.token().await;
    let known = server.anonymous().with_token(&token);
    known.get("/auth/me").await.expect(200);
    let unseen = bob.at(&server).await;
    better_auth.rotate().await;
    let of_another_key = bob.at(&server).await;

    better_auth.kill();
    known.post(ann.todos(), json!({"title": "Water the roses"})).await.expect(201);
    // Seen for the first time, but signed with a key that is known.
    unseen.post(bob.todos(), json!({"title": "Cut the hedge"})).await.expect(201);
    let asked = Instant::now();
    of_another_key.get("/auth/me").await.refused(401, "token_invalid");
    assert!(asked.elapsed() < SOON);

    // A server that has never seen the keys can't tell good from bad. Local accounts need none.
    assert_eq!(server.stop().await.code(), Some(0));
    let server = installation.start();
    let refused = server.anonymous().with_token(&token).get("/auth/me").await.refused(503, "unavailable");
    assert!(refused.header("retry-after").is_some());
    server.admin().await.get("/auth/me").await.expect(200);

    // It comes back with other keys and other users.
    better_auth.start_anew();
    let eve = better_auth.sign_up("eve@example.org", "Eve").await;
    let eve = eve.at(&server).await;
    eventually("tokens are good again", async || eve.get("/auth/me").await.status == 200).await;
}

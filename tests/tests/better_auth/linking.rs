use crate::better_auth::BetterAuth;
use fasttrack_tests::{Account, Installation};
use serde_json::json;

#[tokio::test]
async fn account_is_linked_to_verified_owner_of_address() {
    let Some(better_auth) = BetterAuth::start() else { return };
    let server = better_auth.trusted_by(Installation::new()).with("REGISTRATION", "open").start();
    let (ann, bob) = ("ann@example.org", "bob@example.org");
    let local = Account::register(server.anonymous(), ann).await;
    let squatter = Account::register(server.anonymous(), bob).await;
    let project = squatter.project().await;

    // Whoever signs up with an address need not be who reads what is sent there.
    let claimed = better_auth.sign_up(ann, "Somebody").await.at(&server).await;
    let me = claimed.get("/auth/me").await.expect(200).data();
    assert_ne!(me["id"], json!(local.id));
    assert!(me["email"].as_str().unwrap().ends_with("@external.invalid"), "{me}");
    local.get("/auth/me").await.expect(200);

    let owner = better_auth.sign_up(bob, "Bob").await;
    owner.verify_email().await;
    let taken = owner.at(&server).await;
    let me = taken.get("/auth/me").await.expect(200).data();
    assert_eq!((&me["id"], &me["email"], &me["email_verified"]), (&json!(squatter.id), &json!(bob), &json!(true)));
    assert_eq!(taken.get("/projects").await.expect(200).ids(), [project]);
    squatter.get("/auth/me").await.refused(401, "token_revoked");

    let todo = taken.post(owner.todos(), json!({"title": "Water the roses"})).await.expect(201).json();
    assert_eq!(todo["user_id"], json!(owner.id));
    // A link is between ids: the account's address doesn't matter from now on.
    taken.patch("/users/me", json!({"email": "robert@example.org"})).await.expect(200);
    taken.get("/auth/me").await.expect(200);
}

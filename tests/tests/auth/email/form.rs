//! Which addresses are valid, and which are equivalent.

use super::{MailSetup, log_in, verify};
use fasttrack_tests::{ENVELOPE, PASSWORD, Server};
use serde_json::json;

#[tokio::test]
async fn equivalent_addresses_are_one_account() {
    let setup = MailSetup::start();
    let client = setup.server.anonymous();
    for (written, shown, others) in [
        ("ΑΝΝΑΣ@example.org", "αννας@example.org", ["αννας@example.org", "αννασ@example.org"]),
        ("İrem@example.org", "i\u{307}rem@example.org", ["i\u{307}REM@example.org", "İREM@EXAMPLE.org"]),
        ("Straße@example.org", "straße@example.org", ["STRASSE@example.org", "straẞe@example.org"]),
        ("e\u{301}va@example.org", "éva@example.org", ["Éva@example.org", "E\u{301}VA@example.org"]),
        ("ann@Bücher.example", "ann@xn--bcher-kva.example", ["ann@xn--bcher-kva.example", "ann@bu\u{308}cher.EXAMPLE"]),
    ] {
        let body = json!({"email": written, "password": PASSWORD});
        let user = client.post("/auth/register", body).await.expect(201).data();
        assert_eq!(user["email"], shown);
        for other in others {
            log_in(&client, other).await.expect(200);
            let body = json!({"email": other, "password": PASSWORD});
            client.post("/auth/register", body).await.refused(409, "email_taken");
        }
    }
    verify(&client, &setup.token("ann@xn--bcher-kva.example", 1).await).await.expect(200);
}

#[tokio::test]
async fn undeliverable_address_is_invalid() {
    let server = Server::shared();
    let client = server.anonymous();
    for wrong in
        ["\"a b\"@x.org", "\"ab\"@x.org", "ann@192.0.2.1", "a\u{200b}@x.org", "ann@a_b.org", "x@external.invalid"]
    {
        let body = json!({"email": wrong, "password": PASSWORD});
        client.post("/auth/register", body.clone()).await.invalid(&["email"]);
        client.post("/api/auth/signup", body).accept(ENVELOPE).await.invalid(&["email"]);
        client.post("/auth/password/forgot", json!({"email": wrong})).await.invalid(&["email"]);
        // A login says only whether it worked.
        log_in(&client, wrong).await.refused(401, "invalid_credentials");
    }
}

//! Which requests are well formed, and where they may come from.

use fasttrack_tests::{Installation, Server, Team};

#[tokio::test]
async fn since_is_a_whole_number_from_0_on() {
    let server = Server::shared();
    let ann = server.register().await;
    for wrong in ["", "-1", "x", "1.5", "+1", "%201", "9223372036854775808", "0x1"] {
        ann.socket(&format!("?since={wrong}")).await.invalid(&["query.since"]);
    }
    for right in ["?since=0", "?since=1", "?since=9223372036854775807", "?unknown=1", ""] {
        ann.socket(right).open().await;
    }
}

#[tokio::test]
async fn what_is_no_handshake_is_told_so() {
    let server = Server::shared();
    let ann = server.register().await;
    ann.get("/ws").await.invalid(&["header.upgrade"]);
    let version = |version| {
        let headers =
            [("connection", "Upgrade"), ("upgrade", "websocket"), ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")];
        let request = headers.into_iter().fold(ann.get("/ws"), |request, (name, value)| request.header(name, value));
        request.header("sec-websocket-version", version)
    };
    version("12").await.invalid(&["header.sec-websocket-version"]);
    let headers = [("connection", "Upgrade"), ("upgrade", "websocket"), ("sec-websocket-version", "13")];
    let keyless = headers.into_iter().fold(ann.get("/ws"), |request, (name, value)| request.header(name, value));
    keyless.await.invalid(&["header.sec-websocket-key"]);
    version("13").open().await;
}

#[tokio::test]
async fn the_token_comes_first_then_the_form_then_the_origin() {
    let server = Server::shared();
    let ann = server.register().await;
    let foreign = ("origin", "https://evil.example");
    server.anonymous().socket("?since=x").header(foreign.0, foreign.1).await.refused(401, "token_missing");
    ann.socket("?since=x").header(foreign.0, foreign.1).await.invalid(&["query.since"]);
    ann.socket("").header(foreign.0, foreign.1).await.refused(403, "forbidden");
}

#[tokio::test]
async fn a_browser_page_must_come_from_here_or_from_the_list() {
    let server = Installation::new().with("CORS_ORIGINS", "https://app.example.org,app://desk").start();
    let ann = server.register().await;
    let own = server.url().to_owned();
    for right in ["https://app.example.org", "app://desk", &own] {
        ann.socket("").header("origin", right).open().await;
    }
    for wrong in [
        "https://app.example.org.evil.example",
        "https://app.example.org:444",
        "http://app.example.org",
        "https://example.org",
        "app://desk.evil.example",
        "http://127.0.0.1",
        "http://localhost:1",
        "https://evil.example",
        "null",
        "",
    ] {
        ann.socket("").header("origin", wrong).await.refused(403, "forbidden");
    }
    // A program has no origin.
    ann.socket("").open().await;
}

#[tokio::test]
async fn no_origin_is_listed_by_default() {
    let server = Server::shared();
    let team = Team::new(&server).await;
    for wrong in ["https://app.example.org", "null"] {
        team.assignee.socket("").header("origin", wrong).await.refused(403, "forbidden");
    }
    team.assignee.socket("?since=0").header("origin", server.url()).open().await.take(1..=1).await;
}

//! Validation of handshakes: parameters, headers and origin.

use fasttrack_tests::{Installation, RawConnection, Server, Team};

#[tokio::test]
async fn since_is_a_nonnegative_integer() {
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
async fn invalid_handshake_is_refused() {
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
async fn upgrade_over_http_1_0_is_ignored() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let token = &ann.access_token;
    for (request, status) in [
        ("GET /ws HTTP/1.0".to_owned(), "400 "),
        (format!("GET /projects/{project} HTTP/1.0"), "200 "),
        (format!("GET /projects/{project} HTTP/1.1\r\nHost: localhost"), "200 "),
    ] {
        let mut raw = RawConnection::open(&server).await;
        raw.send(format!("{request}\r\nAuthorization: Bearer {token}\r\n{upgrade}\r\n")).await.unwrap();
        let answer = raw.rest().await;
        assert!(answer[9..].starts_with(status), "{answer}");
        assert_eq!(answer.contains("header.upgrade"), status == "400 ", "{answer}");
    }
    // Of another protocol nothing is known, and whoever offers it learns that the connection ends.
    let mut raw = RawConnection::open(&server).await;
    let other = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQBAAAAAAIAAAAA\r\n";
    raw.send(format!("GET /auth/me HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n{other}\r\n"))
        .await
        .unwrap();
    let answer = raw.rest().await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("\r\nconnection: close\r\n"), "{answer}");
    // The body ends where it says.
    for version in ["1.0", "1.1\r\nHost: localhost"] {
        let mut raw = RawConnection::open(&server).await;
        let head = format!("POST /projects HTTP/{version}\r\nAuthorization: Bearer {token}\r\n{upgrade}");
        let body = r#"{"name": "Yard"}"#;
        raw.send(format!("{head}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len()))
            .await
            .unwrap();
        let answer = raw.rest().await;
        assert!(answer[9..].starts_with("201 "), "{answer}");
    }
}

#[tokio::test]
async fn own_origin_is_compared_as_url() {
    let server = Server::shared();
    let ann = server.register().await;
    let port = server.port();
    for (host, origin) in [
        ("x.example:443", "https://x.example".to_owned()),
        ("x.example:80", "http://x.example".to_owned()),
        ("X.Example", "https://x.example".to_owned()),
        ("x.example", "https://x.example".to_owned()),
        (&format!("LOCALHOST:{port}"), format!("http://localhost:{port}")),
    ] {
        ann.socket("").header("host", host).header("origin", origin).open().await;
    }
    for (host, origin) in [
        ("x.example:443", "http://x.example"),
        ("x.example:80", "https://x.example"),
        ("x.example:8443", "https://x.example"),
        ("x.example", "https://x.example.evil.example"),
        ("x.example", "https://evil.example@x.example"),
    ] {
        ann.socket("").header("host", host).header("origin", origin).await.refused(403, "forbidden");
    }
    // Where a proxy that is trusted says that the client speaks TLS, a page without it is another.
    let behind = Installation::new().with("TRUSTED_PROXIES", "127.0.0.1").start();
    let ann = behind.register().await;
    let from = |origin| {
        ann.socket("").header("host", "x.example").header("x-forwarded-proto", "https").header("origin", origin)
    };
    from("https://x.example").open().await;
    from("http://x.example").await.refused(403, "forbidden");
}

#[tokio::test]
async fn token_is_checked_before_form_and_origin() {
    let server = Server::shared();
    let ann = server.register().await;
    let foreign = ("origin", "https://evil.example");
    server.anonymous().socket("?since=x").header(foreign.0, foreign.1).await.refused(401, "token_missing");
    ann.socket("?since=x").header(foreign.0, foreign.1).await.invalid(&["query.since"]);
    ann.socket("").header(foreign.0, foreign.1).await.refused(403, "forbidden");
}

#[tokio::test]
async fn origin_must_be_own_or_listed() {
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
async fn other_origins_are_refused_by_default() {
    let server = Server::shared();
    let team = Team::new(&server).await;
    for wrong in ["https://app.example.org", "null"] {
        team.assignee.socket("").header("origin", wrong).await.refused(403, "forbidden");
    }
    team.assignee.socket("?since=0").header("origin", server.url()).open().await.take(1..=1).await;
}

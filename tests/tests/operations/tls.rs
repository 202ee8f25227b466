use fasttrack_tests::{Certificate, Client, DEADLINE, Installation, SOON, Server, Team, eventually};
use reqwest::tls::TlsInfo;
use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    time::Instant,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

async fn connect(server: &Server) -> TcpStream {
    TcpStream::connect(server.url().strip_prefix("https://").unwrap()).await.unwrap()
}

/// Returns the certificate that a new connection receives, in DER.
async fn shown(server: &Server) -> Vec<u8> {
    let client = reqwest::Client::builder().tls_danger_accept_invalid_certs(true).tls_info(true).build().unwrap();
    let response = client.get(format!("{}/health/live", server.url())).send().await.unwrap();
    response.extensions().get::<TlsInfo>().unwrap().peer_certificate().unwrap().to_vec()
}

#[tokio::test]
async fn https_serves_requests_and_websockets() {
    let server = Installation::new().with_certificate(&Certificate::new()).start();
    let team = Team::new(&server).await;
    let answer = team.owner.get("/auth/me").await.expect(200);
    assert_eq!(answer.header("strict-transport-security"), Some("max-age=31536000"));
    // The page of this server: its origin is https, too.
    let mut socket = team.assignee.socket("").header("origin", server.url()).open().await;
    team.toggle(2).await;
    for old in ["todo", "in_progress"] {
        assert_eq!(socket.next().await["data"]["old"], old);
    }
    server.terminate();
    assert_eq!(socket.closed().await, Some(1012));
}

#[tokio::test]
async fn healthcheck_uses_https() {
    let server = Installation::new().with_certificate(&Certificate::new()).start();
    let installation = server.installation().clone().with("PORT", server.port());
    installation.command(["healthcheck"]).run().await.succeeded();
    // By another name, and with a certificate that is served after the next reload only.
    Certificate::new().install(&installation);
    installation.with("HOST", "localhost").command(["healthcheck"]).run().await.succeeded();
}

#[tokio::test]
async fn sighup_loads_certificate_and_keeps_connections() {
    let [first, second] = [Certificate::new(), Certificate::new()];
    let server = Installation::new().with_certificate(&first).start();
    let team = Team::new(&server).await;
    let mut socket = team.assignee.socket("").open().await;
    assert_eq!(shown(&server).await, first.der);

    second.install(server.installation());
    assert_eq!(shown(&server).await, first.der, "nothing changes by itself");
    server.reload();
    eventually("the second is shown", async || shown(&server).await == second.der).await;
    server.anonymous().get("/health/live").await.expect(200);
    // This one began with the first.
    team.toggle(1).await;
    assert_eq!(socket.next().await["type"], "status_changed");
}

#[tokio::test]
async fn unusable_certificate_is_not_loaded() {
    let [first, second] = [Certificate::new(), Certificate::new()];
    let server = Installation::new().with_certificate(&first).start();
    let installation = server.installation();
    let good = installation.read("key.pem");
    second.install(installation);
    for (n, (file, content, named)) in [
        ("key.pem", good.as_str(), "TLS_KEY_FILE: key.pem"),
        ("key.pem", "sesame, open", "TLS_KEY_FILE: key.pem"),
        ("certificate.pem", "", "TLS_CERT_FILE: certificate.pem"),
    ]
    .into_iter()
    .enumerate()
    {
        fs::write(installation.path(file), content).unwrap();
        server.reload();
        eventually(named, async || server.log().matches("kept the old certificate").count() > n).await;
        let log = server.log();
        let line = log.lines().rfind(|line| line.contains("kept the old certificate")).unwrap();
        assert!(line.contains(named) && line.contains("ERROR") && !line.contains("sesame"), "{line}");
        assert_eq!(shown(&server).await, first.der);
    }
    second.install(installation);
    server.reload();
    eventually("the second is shown", async || shown(&server).await == second.der).await;
}

#[tokio::test]
async fn start_with_unusable_tls_files_names_them() {
    let installation = Installation::new().with_certificate(&Certificate::new());
    let key = installation.read("key.pem");
    fs::write(installation.path("text.pem"), "sesame, open").unwrap();
    fs::write(installation.path("broken.pem"), "-----BEGIN CERTIFICATE-----\nc2VzYW1l\n-----END CERTIFICATE-----\n")
        .unwrap();
    fs::write(installation.path("weak.pem"), "-----BEGIN PRIVATE KEY-----\nc2VzYW1l\n-----END PRIVATE KEY-----\n")
        .unwrap();
    let locked = key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    fs::write(installation.path("locked.pem"), locked).unwrap();
    Certificate::new().install(&installation);
    fs::write(installation.path("other.pem"), &key).unwrap();
    fs::set_permissions(installation.path("other.pem"), Permissions::from_mode(0o600)).unwrap();
    fs::write(installation.path("exposed.pem"), key).unwrap();
    fs::set_permissions(installation.path("exposed.pem"), Permissions::from_mode(0o644)).unwrap();
    for (name, file) in [
        ("TLS_CERT_FILE", "missing.pem"),
        ("TLS_CERT_FILE", "text.pem"),
        ("TLS_CERT_FILE", "broken.pem"),
        ("TLS_CERT_FILE", "key.pem"),
        ("TLS_KEY_FILE", "missing.pem"),
        ("TLS_KEY_FILE", "text.pem"),
        ("TLS_KEY_FILE", "weak.pem"),
        ("TLS_KEY_FILE", "locked.pem"),
        ("TLS_KEY_FILE", "certificate.pem"),
        ("TLS_KEY_FILE", "other.pem"),
        ("TLS_KEY_FILE", "exposed.pem"),
    ] {
        let installation = installation.clone().with(name, file).with("RUST_LOG", "off");
        let reason = installation.command([]).run().await.failed(2);
        assert_eq!(reason.trim().lines().count(), 1, "{name}={file}: {reason}");
        assert!(file != "exposed.pem" || reason.contains("chmod 600 exposed.pem"), "{reason}");
        assert!(reason.contains(&format!("{name}: {file}")) && !reason.contains("c2VzYW1l"), "{reason}");
    }
    assert!(!installation.path("fasttrack.db").exists(), "nothing was begun");
}

#[tokio::test]
async fn failed_handshake_ends_only_its_connection() {
    let server = Installation::new().with_certificate(&Certificate::new()).start();
    for nonsense in [&b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"[..], &[0; 100], &[0x16, 3, 1, 255, 255]] {
        let mut stream = connect(&server).await;
        stream.write_all(nonsense).await.unwrap();
        let mut answer = Vec::new();
        // An alert, or nothing.
        timeout(DEADLINE, stream.read_to_end(&mut answer)).await.unwrap().ok();
        assert!(!answer.starts_with(b"HTTP"), "{}", String::from_utf8_lossy(&answer));
    }
    server.anonymous().get("/health/live").await.expect(200);
    assert!(!server.log().contains("ERROR"), "{}", server.log());
}

#[tokio::test]
async fn silent_clients_time_out_before_handshake() {
    let server = Installation::new().with("WORKERS", "1").with_certificate(&Certificate::new()).start();
    let mut silent = Vec::new();
    for _ in 0..300 {
        silent.push(connect(&server).await);
    }
    let begin = Instant::now();
    server.anonymous().get("/health/live").await.expect(200);
    assert!(begin.elapsed() < SOON, "{:?}", begin.elapsed());
    for mut stream in silent {
        assert_eq!(timeout(DEADLINE, stream.read(&mut [0; 1])).await.unwrap().ok(), Some(0));
    }
}

#[tokio::test]
async fn sighup_without_tls_changes_nothing() {
    let server = Server::start();
    server.reload();
    eventually("it is heard", async || server.log().contains("SIGHUP")).await;
    Client::new(server.url()).get("/health/live").await.expect(200);
}

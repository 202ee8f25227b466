//! Streams whose client has disconnected.

use fasttrack_tests::{Account, Certificate, DEADLINE, Installation, RawConnection, SOON, Server, eventually};
use std::{sync::Arc, time::Instant};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs, pki_types::ServerName},
};

fn get(account: &Account, path: &str) -> String {
    let token = &account.access_token;
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n")
}

/// Configures a heartbeat so rare that it detects nothing during the test.
fn quiet() -> Installation {
    Installation::new().with("WS_PING_SECONDS", "300").with("WS_CONNECTIONS_PER_USER", "2")
}

/// Fails unless both streams that a user may have can be opened again soon.
async fn is_free(account: &Account) {
    let begin = Instant::now();
    eventually("both are free", async || {
        let first = account.get("/events").try_stream().await;
        let second = account.get("/events").try_stream().await;
        first.is_some() && second.is_some()
    })
    .await;
    assert!(begin.elapsed() < SOON, "{:?}", begin.elapsed());
}

#[tokio::test]
async fn half_closed_connection_ends_stream_at_once() {
    let server = quiet().start();
    let ann = server.register().await;
    for _ in 0..20 {
        // On a connection that was used before, and that ends in its one direction only.
        let mut streams = [RawConnection::accepted(&server).await, RawConnection::accepted(&server).await];
        for stream in &mut streams {
            stream.send(get(&ann, "/events")).await.unwrap();
            assert!(stream.receive(4096).await.starts_with(b"HTTP/1.1 200 "));
        }
        for stream in &mut streams {
            let begin = Instant::now();
            stream.finish().await;
            stream.rest().await;
            assert!(begin.elapsed() < SOON, "{:?}", begin.elapsed());
        }
    }
    is_free(&ann).await;
}

#[tokio::test]
async fn request_on_half_closed_connection_is_answered() {
    let server = Server::shared();
    let ann = server.register().await;
    let mut raw = RawConnection::open(&server).await;
    raw.send(get(&ann, "/projects")).await.unwrap();
    raw.finish().await;
    assert!(raw.rest().await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn bytes_after_a_stream_request_are_discarded() {
    let server = quiet().start();
    let ann = server.register().await;
    let mut raw = RawConnection::open(&server).await;
    raw.send(get(&ann, "/events")).await.unwrap();
    assert!(raw.receive(4096).await.starts_with(b"HTTP/1.1 200 "));
    // A client that sends on and on is ended, too.
    for _ in 0..1_000 {
        if raw.send(get(&ann, "/projects")).await.is_err() {
            break;
        }
    }
    assert!(!raw.rest().await.contains("HTTP/1.1"));
    is_free(&ann).await;
}

#[tokio::test]
async fn head_request_for_events_ends_at_once() {
    let server = quiet().start();
    let ann = server.register().await;
    for _ in 0..5 {
        let mut raw = RawConnection::open(&server).await;
        raw.send(get(&ann, "/events").replace("GET", "HEAD")).await.unwrap();
        let begin = Instant::now();
        let answer = raw.rest().await.to_lowercase();
        assert!(begin.elapsed() < SOON, "{:?}", begin.elapsed());
        assert!(answer.starts_with("http/1.1 200 ok\r\n") && answer.ends_with("\r\n\r\n"), "{answer}");
        assert!(answer.contains("\r\ncontent-type: text/event-stream"), "{answer}");
    }
    is_free(&ann).await;
    let upgrade = ann.request(reqwest::Method::HEAD, "/ws").upgrading().await;
    assert_eq!(upgrade.status, 400);
}

async fn encrypted(server: &Server, certificate: &Certificate) -> TlsStream<TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.der.clone().into()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap();
    let config = config.with_root_certificates(roots).with_no_client_auth();
    let stream = TcpStream::connect(server.url().strip_prefix("https://").unwrap()).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap()
}

#[tokio::test]
async fn tls_close_notify_ends_stream() {
    let certificate = Certificate::new();
    let server = quiet().with_certificate(&certificate).start();
    let ann = server.register().await;
    for _ in 0..5 {
        let mut streams = Vec::new();
        for _ in 0..2 {
            let mut stream = encrypted(&server, &certificate).await;
            stream.write_all(get(&ann, "/events").as_bytes()).await.unwrap();
            let mut answer = [0; 12];
            stream.read_exact(&mut answer).await.unwrap();
            assert_eq!(&answer, b"HTTP/1.1 200");
            streams.push(stream);
        }
        for mut stream in streams {
            // TLS says goodbye, the connection stays.
            stream.get_mut().1.send_close_notify();
            stream.flush().await.unwrap();
            let begin = Instant::now();
            timeout(DEADLINE, stream.read_to_end(&mut Vec::new())).await.unwrap().ok();
            assert!(begin.elapsed() < SOON, "{:?}", begin.elapsed());
        }
    }
    is_free(&ann).await;
}

use fasttrack_tests::{Installation, RawConnection, eventually};
use std::time::{Duration, Instant};

const REFUSAL: &str =
    "HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

#[tokio::test]
async fn connection_over_limit_is_refused() {
    let server = Installation::new().with("MAX_CONNECTIONS", "4").with("MAX_CONNECTIONS_PER_ADDRESS", "0").start();
    let mut open = Vec::new();
    for _ in 0..4 {
        open.push(RawConnection::accepted(&server).await);
    }
    let body = r#"{"email": "ann@example.org", "password": "correct horse battery"}"#;
    let register = format!(
        "POST /auth/register HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    for _ in 0..20 {
        let mut refused = RawConnection::open(&server).await;
        // It may be closed already.
        refused.send(&register).await.ok();
        let answer = refused.rest().await;
        assert!(answer == REFUSAL || answer.is_empty(), "{answer}");
    }
    let mut refused = RawConnection::open(&server).await;
    assert_eq!(refused.rest().await, REFUSAL);

    open.truncate(2);
    eventually("there is room", async || RawConnection::status_of(&server, "/health/live").await == Some(200)).await;
    eventually("it was logged", async || server.log().contains("connections were refused")).await;
    // Nothing of what was refused was done.
    server.register_as("ann@example.org").await;
}

#[tokio::test]
async fn idle_connection_is_kept_for_keep_alive_seconds() {
    let server = Installation::new().with("KEEP_ALIVE_SECONDS", "7").with("REQUEST_TIMEOUT_SECONDS", "1").start();
    let mut raw = RawConnection::accepted(&server).await;
    let begin = Instant::now();
    assert_eq!(raw.rest().await, "");
    // Longer than half a request would be waited for; actix's clock is late by half a second at most.
    let kept = begin.elapsed();
    assert!((Duration::from_millis(6_400)..Duration::from_secs(12)).contains(&kept), "{kept:?}");
}

#[tokio::test]
async fn one_address_cannot_use_all_connections() {
    let installation = Installation::new().with("MAX_CONNECTIONS", "40").with("MAX_CONNECTIONS_PER_ADDRESS", "2");
    let server = installation.start();
    let _open = [RawConnection::accepted(&server).await, RawConnection::accepted(&server).await];
    assert_eq!(RawConnection::open(&server).await.rest().await, REFUSAL);

    // Behind a proxy are many.
    server.kill();
    let server = installation.with("TRUSTED_PROXIES", "127.0.0.0/8").start();
    let _open = [RawConnection::accepted(&server).await, RawConnection::accepted(&server).await];
    assert_eq!(RawConnection::status_of(&server, "/health/live").await, Some(200));
}

#[tokio::test]
async fn one_address_gets_three_quarters_by_default() {
    let server = Installation::new().with("MAX_CONNECTIONS", "4").with("TRUSTED_PROXIES", "10.0.0.0/8").start();
    let _open = [
        RawConnection::accepted(&server).await,
        RawConnection::accepted(&server).await,
        RawConnection::accepted(&server).await,
    ];
    assert_eq!(RawConnection::open(&server).await.rest().await, REFUSAL);
}

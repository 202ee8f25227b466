use fasttrack_tests::{Installation, all, eventually};
use std::io::ErrorKind;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

#[tokio::test]
async fn running_requests_finish_at_shutdown() {
    let mut server = Installation::new().start();
    let ann = server.register().await;
    let address = server.url().strip_prefix("http://").unwrap().to_owned();
    let mut stream = TcpStream::connect(&address).await.unwrap();
    let body = r#"{"name": "Garden"}"#;
    let head = format!(
        "POST /projects HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nExpect: 100-continue\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        ann.access_token,
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // Asked for the body, so it's being worked on.
    let go_on = b"HTTP/1.1 100 Continue\r\n\r\n";
    let mut answer = vec![0; go_on.len()];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, go_on);

    server.terminate();
    eventually("connections are refused", async || TcpStream::connect(&address).await.is_err()).await;
    stream.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 Created\r\n"), "{answer}");
    assert_eq!(server.ended().await.code(), Some(0));
}

#[tokio::test]
async fn terminated_server_accepts_no_connection() {
    let mut server = Installation::new().start();
    let address = server.url().strip_prefix("http://").unwrap().to_owned();
    server.terminate();
    eventually("connections are refused", async || TcpStream::connect(&address).await.is_err()).await;
    assert_eq!(server.ended().await.code(), Some(0));
}

#[tokio::test]
async fn idle_connection_does_not_delay_shutdown() {
    let server = Installation::new().start();
    let client = server.anonymous();
    client.get("/health/live").await.expect(200);
    let address = server.url().strip_prefix("http://").unwrap().to_owned();
    let idle = TcpStream::connect(&address).await.unwrap();
    assert_eq!(server.stop().await.code(), Some(0));
    drop((client, idle));
}

#[tokio::test]
async fn shutdown_delay_serves_unready_and_closes_connections() {
    let mut server = Installation::new().with("SHUTDOWN_DELAY_SECONDS", "300").start();
    let ann = server.register().await;
    let mut socket = ann.follow(0).await;
    assert_eq!(ann.get("/auth/me").await.expect(200).header("connection"), None);
    server.terminate();
    let newcomer = server.anonymous();
    eventually("it isn't ready", async || newcomer.get("/health/ready").await.status == 503).await;
    for client in [&*ann, &newcomer.with_token(&ann.access_token)] {
        client.get("/health/live").await.expect(200);
        client.get("/health/ready").await.refused(503, "unavailable");
        for answer in [client.get("/auth/me").await.expect(200), client.get("/nowhere").await.expect(404)] {
            assert_eq!(answer.header("connection"), Some("close"));
        }
    }
    // Told again, it waits no longer.
    server.terminate();
    assert_eq!(socket.closed().await, Some(1012));
    assert_eq!(server.ended().await.code(), Some(0));
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn shutdown_delay_answers_every_accepted_request() {
    let mut server = Installation::new().with("SHUTDOWN_DELAY_SECONDS", "1").start();
    let address = server.url().strip_prefix("http://").unwrap().to_owned();
    let clients = (0..32).map(|_| {
        let address = address.clone();
        async move {
            for answered in 0.. {
                let mut stream = match TcpStream::connect(&address).await {
                    Err(error) if error.kind() == ErrorKind::ConnectionRefused => return answered,
                    stream => stream.unwrap(),
                };
                stream.write_all(b"GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await.unwrap();
                let mut answer = String::new();
                stream.read_to_string(&mut answer).await.unwrap();
                assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
            }
            unreachable!()
        }
    });
    server.terminate();
    let answered = all(clients.map(Box::pin)).await;
    assert!(answered.iter().sum::<u32>() > 100, "{answered:?}");
    assert_eq!(server.ended().await.code(), Some(0));
}

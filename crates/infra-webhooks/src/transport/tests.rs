use super::*;
use fasttrack_domain::{
    Timestamp,
    webhook::{MessageId, RetryAfter, WebhookSecret, WebhookUrl},
};
use std::sync::Mutex;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

const BODY: &str = "{\"type\":\"ping\"}";
const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// An HTTP server with one answer, byte for byte, after which it keeps the connection open.
struct Receiver {
    port: u16,
    /// The requests that arrived, with the number of their connection.
    requests: Arc<Mutex<Vec<(usize, String)>>>,
    server: JoinHandle<()>,
}

impl Receiver {
    async fn answering(answer: impl Into<String>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (answer, requests): (String, Arc<Mutex<Vec<_>>>) = (answer.into(), Arc::default());
        let server = tokio::spawn({
            let requests = requests.clone();
            async move {
                for connection in 0.. {
                    let Ok((stream, _)) = listener.accept().await else { return };
                    tokio::spawn(serve(stream, connection, answer.clone(), requests.clone()));
                }
            }
        });
        Self { port, requests, server }
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook?key=sesame", self.port)
    }

    fn requests(&self) -> Vec<(usize, String)> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(mut stream: TcpStream, connection: usize, answer: String, requests: Arc<Mutex<Vec<(usize, String)>>>) {
    let mut request = Vec::new();
    while let Ok(byte) = stream.read_u8().await {
        request.push(byte);
        if request.ends_with(BODY.as_bytes()) {
            requests.lock().unwrap().push((connection, String::from_utf8(request).unwrap()));
            request = Vec::new();
            if answer.is_empty() || stream.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
        }
    }
}

/// A transport that may send to this network; empty for public addresses alone.
fn allowing(network: &str) -> HttpWebhookTransport {
    let networks = Some(network).filter(|network| !network.is_empty()).into_iter();
    let networks = networks.map(|network| network.parse().unwrap()).collect();
    let timeouts = WebhookTimeouts { connect: Duration::from_secs(5), total: Duration::from_secs(5) };
    HttpWebhookTransport::new(Arc::new(AllowedEndpoints::new(networks))).with_timeouts(timeouts)
}

fn request(url: &str) -> WebhookRequest {
    WebhookRequest {
        url: WebhookUrl::parse(url.to_owned()).unwrap(),
        message_id: MessageId::new("msg_1".to_owned()),
        timestamp: Timestamp::from_timestamp(1000, 999_000_000).unwrap(),
        body: BODY.to_owned(),
        secrets: vec![WebhookSecret::new([1; 32]), WebhookSecret::new([2; 32])],
    }
}

async fn send(url: &str) -> Result<WebhookResponse, String> {
    allowing("127.0.0.0/8").send(request(url)).await.map_err(|error| error.to_string())
}

/// Sends to a receiver with this answer.
async fn answered(answer: impl Into<String>) -> Result<WebhookResponse, String> {
    let receiver = Receiver::answering(answer).await;
    send(&receiver.url()).await
}

#[tokio::test]
async fn request_has_the_headers_of_the_standard() {
    let receiver = Receiver::answering(OK).await;
    assert_eq!(send(&receiver.url()).await, Ok(WebhookResponse { status: 200, retry_after: None }));
    let requests = receiver.requests();
    let [(_, sent)] = &requests[..] else { panic!("{requests:?}") };
    let signature = signature::sign(&request(&receiver.url()).secrets, "msg_1", 1000, BODY);
    assert!(sent.starts_with("POST /hook?key=sesame HTTP/1.1\r\n"), "{sent}");
    for header in [
        "content-type: application/json",
        "webhook-id: msg_1",
        "webhook-timestamp: 1000",
        format!("webhook-signature: {signature}").as_str(),
        concat!("user-agent: fasttrack-webhooks/", env!("CARGO_PKG_VERSION")),
    ] {
        assert!(sent.contains(&format!("\r\n{header}\r\n")), "{header}: {sent}");
    }
    assert!(!sent.contains("cookie") && sent.ends_with(&format!("\r\n\r\n{BODY}")), "{sent}");
}

#[tokio::test]
async fn redirect_is_an_answer() {
    let target = Receiver::answering(OK).await;
    let redirect =
        format!("HTTP/1.1 307 Temporary Redirect\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n", target.url());
    assert_eq!(answered(redirect).await.unwrap().status, 307);
    assert!(target.requests().is_empty());
}

#[tokio::test]
async fn retry_after_is_returned_with_the_status() {
    let answer = "HTTP/1.1 503 Unavailable\r\nretry-after: 7\r\ncontent-length: 0\r\n\r\n";
    let retry_after = Some(RetryAfter::Delay(Duration::from_secs(7)));
    assert_eq!(answered(answer).await, Ok(WebhookResponse { status: 503, retry_after }));
}

#[tokio::test]
async fn head_of_an_answer_is_limited() {
    for (head, expected) in [("x: y\r\n".repeat(100), true), ("x: y\r\n".repeat(101), false)] {
        assert_eq!(answered(format!("HTTP/1.1 204 No Content\r\n{head}\r\n")).await.is_ok(), expected);
    }
    for (length, expected) in [(400, true), (2048, false)] {
        let head = format!("x: {}\r\n", "y".repeat(length * 1024));
        assert_eq!(answered(format!("HTTP/1.1 204 No Content\r\n{head}\r\n")).await.is_ok(), expected, "{length}");
    }
}

#[tokio::test]
async fn connection_is_used_again() {
    let receiver = Receiver::answering(OK).await;
    let transport = allowing("127.0.0.0/8");
    for _ in 0..2 {
        transport.send(request(&receiver.url())).await.unwrap();
    }
    let connections: Vec<_> = receiver.requests().iter().map(|(connection, _)| *connection).collect();
    assert_eq!(connections, [0, 0]);
}

#[tokio::test]
async fn long_answer_is_cut() {
    // More than is read follows, and never comes.
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", 10 * MAX_BODY);
    assert_eq!(answered(head + &"x".repeat(MAX_BODY + 1)).await.unwrap().status, 200);
}

#[tokio::test]
async fn success_must_arrive_completely() {
    let transport = allowing("127.0.0.0/8")
        .with_timeouts(WebhookTimeouts { connect: Duration::from_secs(5), total: Duration::from_millis(300) });
    for (status, expected) in [(200, Err("no answer in time".to_owned())), (410, Ok(410))] {
        let receiver = Receiver::answering(format!("HTTP/1.1 {status} X\r\ncontent-length: 10\r\n\r\nok")).await;
        let sent = transport.send(request(&receiver.url())).await;
        assert_eq!(sent.map(|answer| answer.status).map_err(|error| error.to_string()), expected);
    }
}

#[tokio::test]
async fn failure_is_one_line_without_url() {
    let unused = TcpListener::bind(("127.0.0.1", 0)).await.unwrap().local_addr().unwrap().port();
    let closing = Receiver::answering("").await;
    let garbage = Receiver::answering("SMTP ready\r\n\r\n").await;
    for (url, expected) in [
        (format!("http://127.0.0.1:{unused}/?key=sesame"), "no connection: "),
        (closing.url(), "no answer: "),
        (garbage.url(), "no answer: "),
    ] {
        let error = send(&url).await.unwrap_err();
        assert!(error.starts_with(expected) && error.len() > expected.len(), "{url}: {error}");
        assert!(!error.contains("127.0.0.1") && !error.contains("sesame") && !error.contains('\n'), "{error}");
    }
}

#[tokio::test]
async fn plain_text_is_no_tls() {
    let plain = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("https://127.0.0.1:{}", plain.local_addr().unwrap().port());
    let (sent, ()) = tokio::join!(send(&url), async {
        let (mut stream, _) = plain.accept().await.unwrap();
        stream.write_all(b"220 mail.example.org SMTP ready\r\n").await.unwrap();
    });
    let error = sent.unwrap_err();
    assert!(error.starts_with("no connection: "), "{error}");
}

#[tokio::test]
async fn forbidden_addresses_are_not_connected_to() {
    let receiver = Receiver::answering(OK).await;
    let port = receiver.port;
    for (network, url, expected) in [
        ("", format!("https://127.0.0.1:{port}"), "the address is not public"),
        ("", format!("https://localhost:{port}"), "the address is not public"),
        ("", receiver.url(), "the URL must be an https:// address"),
        ("10.0.0.0/8", receiver.url(), "the address is not public"),
        ("127.0.0.0/8", format!("http://user@127.0.0.1:{port}"), "the URL must not contain a user name or a password"),
    ] {
        let error = allowing(network).send(request(&url)).await.unwrap_err();
        assert_eq!(error.to_string(), expected, "{url}");
    }
    assert!(receiver.requests().is_empty());
}

#[tokio::test]
async fn name_is_judged_by_the_address_it_resolves_to() {
    let receiver = Receiver::answering(OK).await;
    let url = format!("http://localhost:{}", receiver.port);
    assert_eq!(send(&url).await.unwrap().status, 200);
    // The same name, where nothing of it is allowed, past the check of the URL.
    for (is_tls, network, expected) in [
        (true, "", "the address is not public"),
        (false, "10.0.0.0/8", "the address is in no network that http is allowed to"),
    ] {
        let transport = allowing(network);
        let url = if is_tls { url.replace("http:", "https:") } else { url.clone() };
        let error = transport.client(is_tls).await.unwrap().post(url).send().await.unwrap_err();
        assert_eq!(describe(&error).to_string(), expected);
    }
    assert_eq!(receiver.requests().len(), 1);
}

//! Receivers of webhooks.

use crate::eventually;
use aws_lc_rs::hmac::{self, HMAC_SHA256, Key};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use std::{
    collections::{BTreeMap, VecDeque},
    io,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    time::sleep,
};

/// A receiver of webhooks that keeps its requests, and answers them 204 unless a test wants otherwise. It runs as long as
/// the test does.
#[derive(Clone, Debug)]
pub struct Receiver {
    port: u16,
    state: Arc<Mutex<State>>,
}

/// A request that a webhook has sent.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The path with the query.
    pub path: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
    /// The time at which it had arrived.
    pub at: Instant,
}

/// An answer to a request.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Without one, there is no answer, and the connection stays open.
    status: Option<u16>,
    header: String,
    delay: Duration,
}

#[derive(Debug)]
struct State {
    script: VecDeque<Reply>,
    reply: Reply,
    received: Vec<Sent>,
    taken: usize,
    connections: usize,
}

/// Returns the signature of Standard Webhooks, as in the header `webhook-signature`.
pub fn webhook_signature(secret: &str, id: &str, timestamp: &str, body: &str) -> String {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let tag = hmac::sign(&Key::new(HMAC_SHA256, &key), format!("{id}.{timestamp}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(tag))
}

impl Reply {
    pub const fn status(status: u16) -> Self {
        Self { status: Some(status), header: String::new(), delay: Duration::ZERO }
    }

    /// There is no answer, and the connection stays open.
    pub const fn silence() -> Self {
        Self { status: None, header: String::new(), delay: Duration::ZERO }
    }

    #[must_use]
    pub fn header(self, name: &str, value: &str) -> Self {
        Self { header: format!("{name}: {value}\r\n"), ..self }
    }

    /// Answers that much later.
    #[must_use]
    pub fn after(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }
}

impl Sent {
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name}: {self:#?}"))
    }

    /// The message's id, which is the same in every attempt.
    #[track_caller]
    pub fn id(&self) -> &str {
        self.header("webhook-id")
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    /// The signature that the request has to have by this secret.
    #[track_caller]
    pub fn signature(&self, secret: &str) -> String {
        webhook_signature(secret, self.id(), self.header("webhook-timestamp"), &self.body)
    }
}

impl Receiver {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(Mutex::new(State {
            script: VecDeque::new(),
            reply: Reply::status(204),
            received: Vec::new(),
            taken: 0,
            connections: 0,
        }));
        let receiver = Self { port, state };
        let serving = receiver.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                serving.state().connections += 1;
                tokio::spawn(serving.clone().serve(stream));
            }
        });
        receiver
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// A URL with a query that nobody else may see.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook?key=sesame", self.port)
    }

    /// Answers like this from now on.
    pub fn reply(&self, reply: Reply) {
        self.state().reply = reply;
    }

    /// Answers the next requests like this, one each.
    pub fn reply_once(&self, replies: impl IntoIterator<Item = Reply>) {
        self.state().script.extend(replies);
    }

    /// The requests up to now, in the order of their arrival.
    pub fn received(&self) -> Vec<Sent> {
        self.state().received.clone()
    }

    /// Drops the requests up to now, of which a long test has many, and returns their number.
    pub fn forget(&self) -> usize {
        let mut state = self.state();
        state.taken = 0;
        std::mem::take(&mut state.received).len()
    }

    /// The number of connections up to now.
    pub fn connections(&self) -> usize {
        self.state().connections
    }

    /// Waits until there are `count` requests, and returns them.
    ///
    /// # Panics
    ///
    /// If there are more.
    pub async fn wait_for(&self, count: usize) -> Vec<Sent> {
        eventually(&format!("{count} requests of webhooks"), async || self.state().received.len() >= count).await;
        let received = self.received();
        assert_eq!(received.len(), count, "{received:#?}");
        received
    }

    /// Waits for the next request that this method hasn't returned.
    pub async fn next(&self) -> Sent {
        let mut next = None;
        eventually("another request of a webhook", async || {
            let mut state = self.state();
            next = state.received.get(state.taken).cloned();
            state.taken += usize::from(next.is_some());
            next.is_some()
        })
        .await;
        next.unwrap()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Serves a connection until it ends.
    async fn serve(self, stream: TcpStream) -> io::Result<()> {
        let mut stream = BufReader::new(stream);
        while let Some(sent) = read(&mut stream).await? {
            let reply = {
                let mut state = self.state();
                state.received.push(sent);
                state.script.pop_front().unwrap_or_else(|| state.reply.clone())
            };
            sleep(reply.delay).await;
            match reply.status {
                Some(status) => {
                    let length = if status == 204 { "" } else { "Content-Length: 0\r\n" };
                    let head = format!("HTTP/1.1 {status} \r\n{}{length}\r\n", reply.header);
                    stream.write_all(head.as_bytes()).await?;
                }
                // Until the other side gives up.
                None => {
                    stream.read_u8().await?;
                }
            }
        }
        Ok(())
    }
}

/// Reads a request; `None` at the end of the connection.
async fn read(stream: &mut BufReader<TcpStream>) -> io::Result<Option<Sent>> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let path = lines[0].strip_prefix("POST ").and_then(|line| line.strip_suffix(" HTTP/1.1"));
    let path = path.unwrap_or_else(|| panic!("{lines:#?}")).to_owned();
    let header = |line: &String| {
        let (name, value) = line.split_once(": ").unwrap_or_else(|| panic!("{line}"));
        (name.to_ascii_lowercase(), value.to_owned())
    };
    let headers: BTreeMap<_, _> = lines[1..].iter().map(header).collect();
    let mut body = vec![0; headers["content-length"].parse().unwrap()];
    stream.read_exact(&mut body).await?;
    Ok(Some(Sent { path, headers, body: String::from_utf8(body).unwrap(), at: Instant::now() }))
}

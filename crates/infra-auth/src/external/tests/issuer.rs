//! A fake issuer: its keys, its tokens, and a server that publishes configurable responses.

use super::now;
use crate::keys::{KeyAlgorithm, KeyRing, SigningKey, generate};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::crypto;
use serde_json::{Value, json};
use std::sync::{
    Arc, LazyLock, Mutex,
    atomic::{AtomicUsize, Ordering},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

pub(in crate::external) const NAME: &str = "https://issuer.example";
pub(in crate::external) const AUDIENCE: &str = "https://tasks.example";

/// A key of each type, and a second Ed25519 key.
pub(in crate::external) static KEYS: LazyLock<[SigningKey; 4]> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let mut count = 0;
    [KeyAlgorithm::EdDSA, KeyAlgorithm::ES256, KeyAlgorithm::RS256, KeyAlgorithm::EdDSA].map(|algorithm| {
        count += 1;
        generate(&folder.path().join(count.to_string()), algorithm).unwrap()
    })
});

/// The JWK of a key.
pub(in crate::external) fn jwk(key: &SigningKey) -> Value {
    serde_json::to_value(&KeyRing::new(key.clone(), []).jwks().keys[0]).unwrap()
}

pub(in crate::external) fn jwks<'a>(keys: impl IntoIterator<Item = &'a SigningKey>) -> Value {
    json!({ "keys": keys.into_iter().map(jwk).collect::<Vec<_>>() })
}

/// A header as Better Auth makes it.
pub(in crate::external) fn header(key: &SigningKey) -> Value {
    json!({ "alg": key.algorithm().to_string(), "kid": key.kid() })
}

/// Claims that are valid for a minute.
pub(in crate::external) fn claims() -> Value {
    let now = now().timestamp();
    json!({ "iss": NAME, "aud": AUDIENCE, "sub": "u-1", "iat": now, "exp": now + 60 })
}

pub(in crate::external) fn message(header: &Value, claims: &Value) -> String {
    let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    format!("{}.{}", part(header), part(claims))
}

/// Signs any header and claims.
pub(in crate::external) fn sign(key: &SigningKey, header: &Value, claims: &Value) -> String {
    let message = message(header, claims);
    let ring = KeyRing::new(key.clone(), []);
    let signature = crypto::sign(message.as_bytes(), ring.signing().1, key.algorithm().into()).unwrap();
    format!("{message}.{signature}")
}

/// A valid token.
pub(in crate::external) fn token(key: &SigningKey) -> String {
    sign(key, &header(key), &claims())
}

pub(in crate::external) fn with(mut object: Value, member: &str, value: Value) -> Value {
    object[member] = value;
    object
}

pub(in crate::external) fn without(mut object: Value, member: &str) -> Value {
    object.as_object_mut().unwrap().remove(member).unwrap();
    object
}

/// An HTTP response, byte for byte.
pub(in crate::external) fn answer(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

/// An HTTP server that counts requests for keys.
pub(super) struct Issuer {
    port: u16,
    shared: Arc<Shared>,
    gate: watch::Sender<bool>,
    server: JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    asked: AtomicUsize,
    answer: Mutex<String>,
}

impl Issuer {
    /// Starts a server that publishes these keys.
    pub(super) async fn of<'a>(keys: impl IntoIterator<Item = &'a SigningKey>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::<Shared>::default();
        let (gate, is_open) = watch::channel(true);
        let server = tokio::spawn({
            let shared = Arc::clone(&shared);
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(serve(stream, Arc::clone(&shared), is_open.clone()));
                }
            }
        });
        let issuer = Self { port, shared, gate, server };
        issuer.publish(&jwks(keys));
        issuer
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/jwks", self.port)
    }

    pub(super) fn publish(&self, jwks: &Value) {
        self.answers(answer("200 OK", &jwks.to_string()));
    }

    /// Sets the response. If it is empty, connections are closed without one.
    pub(super) fn answers(&self, answer: String) {
        *self.shared.answer.lock().unwrap() = answer;
    }

    /// Closes connections without a response from now on.
    pub(super) fn goes_down(&self) {
        self.answers(String::new());
    }

    /// Sets whether requests are answered at once, or held until the gate opens.
    pub(super) fn open_gate(&self, is_open: bool) {
        self.gate.send_replace(is_open);
    }

    /// The number of requests for keys since the start.
    pub(super) fn asked(&self) -> usize {
        self.shared.asked.load(Ordering::SeqCst)
    }

    /// Waits until this number of requests has arrived.
    pub(super) async fn is_asked(&self, times: usize) {
        while self.asked() < times {
            tokio::task::yield_now().await;
        }
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(mut stream: TcpStream, shared: Arc<Shared>, mut is_open: watch::Receiver<bool>) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => request.push(byte),
            Err(_) => return,
        }
    }
    shared.asked.fetch_add(1, Ordering::SeqCst);
    if is_open.wait_for(|is_open| *is_open).await.is_ok() {
        let answer = shared.answer.lock().unwrap().clone();
        // A client that has read enough closes the connection.
        stream.write_all(answer.as_bytes()).await.ok();
        stream.shutdown().await.ok();
    }
}

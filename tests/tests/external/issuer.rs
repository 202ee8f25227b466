//! An external issuer: a key, its tokens and its JWKS.

use fasttrack_tests::{Client, Installation, Server, jwt};
use jsonwebtoken::{Algorithm, EncodingKey, crypto, jwk::Jwk};
use serde_json::{Value, json};
use std::{
    fs,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

pub const NAME: &str = "https://issuer.example";
pub const AUDIENCE: &str = "https://tasks.example";

/// The `exp` of tokens, in the year 2096.
const FAR: i64 = 4_000_000_000;

/// An ES256 key pair and its `kid`.
pub struct Key {
    kid: &'static str,
    private: EncodingKey,
}

impl Key {
    pub async fn new(kid: &'static str) -> Self {
        let installation = Installation::without_settings();
        let pem = fs::read(installation.generate_key("ES256").await).unwrap();
        Self { kid, private: EncodingKey::from_ec_pem(&pem).unwrap() }
    }

    /// The public key as a JWK.
    pub fn jwk(&self) -> Value {
        let mut jwk = serde_json::to_value(Jwk::from_encoding_key(&self.private, Algorithm::ES256).unwrap()).unwrap();
        jwk["kid"] = json!(self.kid);
        jwk
    }

    pub fn header(&self) -> Value {
        json!({"alg": "ES256", "kid": self.kid})
    }

    /// Signs any header and claims.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let unsigned = jwt::compact(header, claims, b"");
        let message = unsigned.trim_end_matches('.');
        format!("{message}.{}", crypto::sign(message.as_bytes(), &self.private, Algorithm::ES256).unwrap())
    }

    /// Signs a valid token with these claims in addition.
    pub fn token(&self, said: Value) -> String {
        self.sign(&self.header(), &claims(said))
    }
}

/// Returns the claims of a valid token, and these in addition.
pub fn claims(said: Value) -> Value {
    let mut claims = json!({"iss": NAME, "aud": AUDIENCE, "exp": FAR});
    let Value::Object(said) = said else { panic!("{said}") };
    claims.as_object_mut().unwrap().extend(said);
    claims
}

/// Serves a JWKS until it is dropped, and counts requests.
pub struct Issuer {
    pub key: Key,
    port: u16,
    published: Arc<Mutex<Value>>,
    asked: Arc<AtomicUsize>,
    server: JoinHandle<()>,
}

impl Issuer {
    /// Starts an issuer with one key on a free port.
    pub async fn new() -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").await.unwrap()).await
    }

    /// Starts an issuer with one key on this port.
    pub async fn on(listener: TcpListener) -> Self {
        let (key, port) = (Key::new("first").await, listener.local_addr().unwrap().port());
        let published = Arc::new(Mutex::new(json!({"keys": [key.jwk()]})));
        let asked = Arc::<AtomicUsize>::default();
        let server = tokio::spawn({
            let (published, asked) = (Arc::clone(&published), Arc::clone(&asked));
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    asked.fetch_add(1, Ordering::SeqCst);
                    let body = published.lock().unwrap().to_string();
                    tokio::spawn(answer(stream, body));
                }
            }
        });
        Self { key, port, published, asked, server }
    }

    /// Replaces the published keys.
    pub fn publish(&self, keys: &[&Key]) {
        let keys: Vec<_> = keys.iter().map(|key| key.jwk()).collect();
        *self.published.lock().unwrap() = json!({"keys": keys});
    }

    /// Returns how many requests for the JWKS were received.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// Configures an installation to accept tokens of this issuer.
    pub fn trusted_by(&self, installation: Installation) -> Installation {
        trusting(installation, self.port)
    }

    /// Starts a server that accepts tokens of this issuer.
    pub fn start(&self) -> Server {
        self.trusted_by(Installation::new()).start()
    }

    /// Returns a client of this server with a token that has these claims.
    pub fn user(&self, server: &Server, said: Value) -> Client {
        server.anonymous().with_token(&self.key.token(said))
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Configures an installation to accept tokens of a local issuer on this port.
pub fn trusting(installation: Installation, port: u16) -> Installation {
    let installation = installation.with("JWT_ISSUER", NAME).with("JWT_AUDIENCE", AUDIENCE);
    installation.with("JWKS_URL", format!("http://127.0.0.1:{port}/jwks"))
}

async fn answer(mut stream: TcpStream, body: String) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => request.push(byte),
            Err(_) => return,
        }
    }
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    // Whoever hangs up doesn't want it.
    stream.write_all([head, body].concat().as_bytes()).await.ok();
}

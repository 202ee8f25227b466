//! The other issuer: a key, what it signs, and where it publishes the key.

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

/// In the year 2096.
const FAR: i64 = 4_000_000_000;

/// A key pair.
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

    /// The public part.
    pub fn jwk(&self) -> Value {
        let mut jwk = serde_json::to_value(Jwk::from_encoding_key(&self.private, Algorithm::ES256).unwrap()).unwrap();
        jwk["kid"] = json!(self.kid);
        jwk
    }

    pub fn header(&self) -> Value {
        json!({"alg": "ES256", "kid": self.kid})
    }

    /// A token of this header and these claims, whatever they are.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let unsigned = jwt::compact(header, claims, b"");
        let message = unsigned.trim_end_matches('.');
        format!("{message}.{}", crypto::sign(message.as_bytes(), &self.private, Algorithm::ES256).unwrap())
    }

    /// A token that says this of its bearer, and what it must say besides.
    pub fn token(&self, said: Value) -> String {
        self.sign(&self.header(), &claims(said))
    }
}

/// What a good token says, and this.
pub fn claims(said: Value) -> Value {
    let mut claims = json!({"iss": NAME, "aud": AUDIENCE, "exp": FAR});
    let Value::Object(said) = said else { panic!("{said}") };
    claims.as_object_mut().unwrap().extend(said);
    claims
}

/// Serves keys on this machine until it is dropped, and counts who asks.
pub struct Issuer {
    pub key: Key,
    port: u16,
    published: Arc<Mutex<Value>>,
    asked: Arc<AtomicUsize>,
    server: JoinHandle<()>,
}

impl Issuer {
    /// With one key.
    pub async fn new() -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").await.unwrap()).await
    }

    /// On a port that was taken before.
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

    /// From now on, these.
    pub fn publish(&self, keys: &[&Key]) {
        let keys: Vec<_> = keys.iter().map(|key| key.jwk()).collect();
        *self.published.lock().unwrap() = json!({"keys": keys});
    }

    /// How often it was asked for keys.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// What trusts this issuer.
    pub fn trusted_by(&self, installation: Installation) -> Installation {
        trusting(installation, self.port)
    }

    /// A server of its own that trusts this issuer.
    pub fn start(&self) -> Server {
        self.trusted_by(Installation::new()).start()
    }

    /// Whoever the issuer says this of, as a client of this server.
    pub fn user(&self, server: &Server, said: Value) -> Client {
        server.anonymous().with_token(&self.key.token(said))
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// What trusts an issuer on this port of this machine.
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

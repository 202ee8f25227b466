use crate::{Answer, DEADLINE, EventStream, Socket, socket};
use reqwest::{
    Method, RequestBuilder,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE},
};
use serde_json::Value;
use std::{pin::Pin, time::Duration};

/// The media type of the payload in an envelope.
pub const ENVELOPE: &str = "application/vnd.fasttrack.envelope+json";
/// The media type of the payload itself, and of errors as problem details.
pub const BARE: &str = "application/vnd.fasttrack.bare+json";

/// Sends requests to one server, with or without a token.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    url: String,
    token: Option<String>,
}

/// A request that is sent when it is awaited.
#[derive(Debug)]
pub struct Request {
    what: String,
    builder: RequestBuilder,
}

impl Client {
    /// A client without a token.
    pub fn new(url: &str) -> Self {
        Self::by(reqwest::Client::builder(), url)
    }

    /// A client without a token that trusts only this certificate.
    pub fn trusting(url: &str, pem: &str) -> Self {
        let certificate = reqwest::Certificate::from_pem(pem.as_bytes()).unwrap();
        Self::by(reqwest::Client::builder().tls_certs_only([certificate]), url)
    }

    fn by(http: reqwest::ClientBuilder, url: &str) -> Self {
        // A connection isn't used again about when the server gives it up.
        let http = http.timeout(DEADLINE).pool_idle_timeout(Duration::from_secs(30));
        Self { http: http.build().unwrap(), url: url.to_owned(), token: None }
    }

    /// Sends this token with each request.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// A request without a body.
    pub fn request(&self, method: Method, path: impl AsRef<str>) -> Request {
        let path = path.as_ref();
        let what = format!("{method} {path}");
        let mut builder = self.http.request(method, format!("{}{path}", self.url));
        if let Some(token) = &self.token {
            builder = builder.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        Request { what, builder }
    }

    /// Creates a `GET` request.
    pub fn get(&self, path: impl AsRef<str>) -> Request {
        self.request(Method::GET, path)
    }

    /// Creates a `DELETE` request.
    pub fn delete(&self, path: impl AsRef<str>) -> Request {
        self.request(Method::DELETE, path)
    }

    /// The handshake of a WebSocket. `query` is empty or begins with a question mark.
    pub fn socket(&self, query: &str) -> Request {
        self.get(format!("/ws{query}")).upgrading()
    }

    /// Creates a `POST` request with a JSON body.
    pub fn post(&self, path: impl AsRef<str>, body: impl Into<Value>) -> Request {
        self.request(Method::POST, path).json(body)
    }

    /// Creates a `PUT` request with a JSON body.
    pub fn put(&self, path: impl AsRef<str>, body: impl Into<Value>) -> Request {
        self.request(Method::PUT, path).json(body)
    }

    /// Creates a `PATCH` request with a JSON body.
    pub fn patch(&self, path: impl AsRef<str>, body: impl Into<Value>) -> Request {
        self.request(Method::PATCH, path).json(body)
    }
}

impl Request {
    #[must_use]
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.builder = self.builder.header(name, value.as_ref());
        self
    }

    #[must_use]
    pub fn accept(self, media_type: &str) -> Self {
        self.header(ACCEPT.as_str(), media_type)
    }

    /// Sets the body and its `Content-Type`.
    #[must_use]
    pub fn body(self, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.header(CONTENT_TYPE.as_str(), media_type).untyped(body)
    }

    /// Sets a body without `Content-Type`.
    #[must_use]
    pub fn untyped(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.builder = self.builder.body(body.into());
        self
    }

    /// Adds the headers of a WebSocket handshake.
    #[must_use]
    pub fn upgrading(self) -> Self {
        let headers = [
            ("connection", "Upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", socket::KEY),
        ];
        headers.into_iter().fold(self, |request, (name, value)| request.header(name, value))
    }

    /// Opens the WebSocket.
    ///
    /// # Panics
    ///
    /// If the server refuses.
    pub async fn open(self) -> Socket {
        Socket::open(&self.what, self.builder).await
    }

    /// Opens the event stream.
    ///
    /// # Panics
    ///
    /// If the server refuses.
    pub async fn stream(self) -> EventStream {
        EventStream::open(&self.what, self.builder).await
    }

    fn json(self, body: impl Into<Value>) -> Self {
        self.body("application/json", body.into().to_string())
    }

    /// Opens the event stream. `None` if the server refuses, or ends before it responds.
    pub async fn try_stream(self) -> Option<EventStream> {
        let response = self.builder.send().await.ok()?;
        (response.status() == 200).then(|| EventStream::new(response))
    }

    /// Returns the status and ignores the body, which may be endless.
    ///
    /// # Panics
    ///
    /// If there is no response.
    pub async fn status(self) -> u16 {
        self.builder.send().await.unwrap().status().as_u16()
    }

    /// Sends the request. `None` if the server ends before it responds.
    pub async fn try_send(self) -> Option<Answer> {
        Answer::receive(&self.what, self.builder).await.ok()
    }
}

impl IntoFuture for Request {
    type Output = Answer;
    type IntoFuture = Pin<Box<dyn Future<Output = Answer> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { what, builder } = self;
        Box::pin(async move {
            match Answer::receive(&what, builder).await {
                Ok(answer) => answer,
                Err(error) => panic!("{what}: no answer: {error:?}"),
            }
        })
    }
}

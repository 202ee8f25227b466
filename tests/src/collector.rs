//! A collector of traces, as servers send them by OTLP over HTTP.

use crate::eventually;
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{AnyValue, KeyValue, any_value::Value},
};
use prost::Message;
use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// A collector that keeps the received spans.
#[derive(Debug)]
pub struct Collector {
    url: String,
    received: Arc<Mutex<Received>>,
}

#[derive(Debug, Default)]
struct Received {
    bytes: Vec<u8>,
    spans: Vec<Span>,
}

/// A span. Ids are in hexadecimal, values of attributes are text.
#[derive(Clone, Debug)]
pub struct Span {
    pub name: String,
    /// The id has 32 hexadecimal digits.
    pub trace_id: String,
    /// The id has 16 hexadecimal digits.
    pub span_id: String,
    /// The id has 16 hexadecimal digits; it is empty for the root of a trace.
    pub parent_id: String,
    /// The kind of OTLP: 1 is internal, 2 server, 3 client.
    pub kind: i32,
    /// The status code of OTLP: 2 is an error.
    pub status: i32,
    /// The attributes of the span and of its resource.
    pub attributes: BTreeMap<String, String>,
}

impl Collector {
    /// A collector that accepts everything.
    pub async fn start() -> Self {
        Self::listen(true).await
    }

    /// A collector that accepts connections and never responds.
    pub async fn silent() -> Self {
        Self::listen(false).await
    }

    async fn listen(answers: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let received = Arc::<Mutex<Received>>::default();
        let kept = Arc::clone(&received);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&kept), answers));
            }
        });
        Self { url, received }
    }

    /// The endpoint for the settings of a server.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// All received bytes, heads and bodies.
    pub fn bytes(&self) -> Vec<u8> {
        self.received.lock().unwrap().bytes.clone()
    }

    /// All received spans.
    pub fn spans(&self) -> Vec<Span> {
        self.received.lock().unwrap().spans.clone()
    }

    /// Waits for a span of this name.
    pub async fn span(&self, name: &str) -> Span {
        let mut found = None;
        eventually(name, async || {
            found = self.spans().into_iter().find(|span| span.name == name);
            found.is_some()
        })
        .await;
        found.unwrap()
    }
}

/// Serves a connection until it ends.
async fn serve(stream: TcpStream, kept: Arc<Mutex<Received>>, answers: bool) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if stream.read_line(&mut head).await? == 0 {
                return Ok(());
            }
        }
        let head = head.to_ascii_lowercase();
        assert!(head.starts_with("post /v1/traces http/1.1\r\n"), "{head}");
        assert!(head.contains("\r\ncontent-type: application/x-protobuf\r\n"), "{head}");
        let (_, length) = head.split_once("content-length: ").unwrap();
        let mut body = vec![0; length.lines().next().unwrap().parse().unwrap()];
        stream.read_exact(&mut body).await?;
        {
            let mut received = kept.lock().unwrap();
            received.bytes.extend([head.as_bytes(), &body].concat());
            received.spans.extend(spans(&body));
        }
        if answers {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await?;
        }
    }
}

fn spans(body: &[u8]) -> Vec<Span> {
    let request = ExportTraceServiceRequest::decode(body).unwrap();
    let mut spans = Vec::new();
    for resource in request.resource_spans {
        let of_resource = resource.resource.unwrap_or_default().attributes;
        for span in resource.scope_spans.into_iter().flat_map(|scope| scope.spans) {
            let attributes = of_resource.iter().chain(&span.attributes);
            spans.push(Span {
                name: span.name.clone(),
                trace_id: hex(&span.trace_id),
                span_id: hex(&span.span_id),
                parent_id: hex(&span.parent_span_id),
                kind: span.kind,
                status: span.status.clone().unwrap_or_default().code,
                attributes: attributes.map(|KeyValue { key, value, .. }| (key.clone(), text(value.as_ref()))).collect(),
            });
        }
    }
    spans
}

fn text(value: Option<&AnyValue>) -> String {
    match value.and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        other => format!("{other:?}"),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

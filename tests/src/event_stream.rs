use crate::{Answer, DEADLINE};
use reqwest::{RequestBuilder, Response};
use serde_json::Value;
use std::collections::BTreeMap;
use tokio::time::timeout;

/// The fields of an event by name. A comment is a field without a name.
pub type Fields = BTreeMap<String, String>;

/// A stream of events. Dropping it closes its connection.
#[derive(Debug)]
pub struct EventStream {
    response: Response,
    buffer: String,
}

impl EventStream {
    pub(crate) async fn open(what: &str, request: RequestBuilder) -> Self {
        let response = request.header("accept", "text/event-stream").send().await.unwrap();
        let media_type = response.headers().get("content-type").map(|value| value.to_str().unwrap());
        let agreed = media_type.is_some_and(|media_type| media_type.starts_with("text/event-stream"));
        assert!(agreed && response.status() == 200, "{:#?}", Answer::read(what, response).await);
        Self::new(response)
    }

    pub(crate) fn new(response: Response) -> Self {
        Self { response, buffer: String::new() }
    }

    /// Returns a header of the response.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name).map(|value| value.to_str().unwrap())
    }

    /// Receives the next event or comment; `None` at the end.
    ///
    /// # Panics
    ///
    /// If nothing arrives in time.
    pub async fn receive(&mut self) -> Option<Fields> {
        loop {
            if let Some(end) = self.buffer.find("\n\n") {
                let line = |line: &str| {
                    let (name, value) = line.split_once(':').unwrap_or((line, ""));
                    (name.to_owned(), value.strip_prefix(' ').unwrap_or(value).to_owned())
                };
                return Some(self.buffer.drain(..end + 2).as_str().trim_end().lines().map(line).collect());
            }
            let Ok(chunk) = timeout(DEADLINE, self.response.chunk()).await else { panic!("nothing comes") };
            // One that is torn off is over as well.
            self.buffer.push_str(str::from_utf8(&chunk.ok().flatten()?).unwrap());
        }
    }

    /// Receives the next event with data; `None` at the end.
    pub async fn try_next(&mut self) -> Option<Fields> {
        loop {
            let fields = self.receive().await?;
            if fields.contains_key("data") {
                return Some(fields);
            }
        }
    }

    /// Receives the next notification. The event's `id` is its number.
    ///
    /// # Panics
    ///
    /// If the stream ends, or another event arrives.
    pub async fn next(&mut self) -> Value {
        let fields = self.try_next().await.expect("the stream goes on");
        let notification: Value = serde_json::from_str(&fields["data"]).unwrap();
        assert_eq!(fields.get("event"), None, "{fields:?}");
        assert_eq!(fields["id"], notification["seq"].to_string(), "{fields:?}");
        notification
    }

    /// Waits for the end and returns the code of the `close` event. Other events are ignored.
    pub async fn closed(&mut self) -> Option<u16> {
        let mut code = None;
        while let Some(fields) = self.receive().await {
            if fields.get("event").is_some_and(|event| event == "close") {
                let data: Value = serde_json::from_str(&fields["data"]).unwrap();
                code = data["code"].as_u64().map(|code| u16::try_from(code).unwrap());
            }
        }
        code
    }
}

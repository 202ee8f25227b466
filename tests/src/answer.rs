use chrono::DateTime;
use reqwest::{RequestBuilder, Response, header::HeaderMap};
use serde_json::Value;

/// A complete response, and the request for messages.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Names the request in messages of failed checks: its method and path.
    pub what: String,
    pub status: u16,
    pub headers: HeaderMap,
    /// The body as text; invalid UTF-8, as in an image, is replaced.
    pub body: String,
}

impl Answer {
    pub(crate) async fn receive(what: &str, request: RequestBuilder) -> reqwest::Result<Self> {
        Self::read(what, request.send().await?).await
    }

    pub(crate) async fn read(what: &str, response: Response) -> reqwest::Result<Self> {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = String::from_utf8_lossy(&response.bytes().await?).into_owned();
        Ok(Self { what: what.to_owned(), status, headers, body })
    }

    /// Checks that the response has this status.
    ///
    /// # Panics
    ///
    /// If it has another.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:#?}");
        self
    }

    /// Checks the status and the error code in an envelope.
    ///
    /// # Panics
    ///
    /// If they are others, or the body is no error.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Self {
        assert_eq!((self.status, self.code().as_str()), (status, code), "{self:#?}");
        let body = self.json();
        assert_eq!(body["data"], Value::Null, "{self:#?}");
        assert!(body["error"]["message"].as_str().is_some_and(|text| !text.is_empty()), "{self:#?}");
        assert!(body["error"]["details"].is_array(), "{self:#?}");
        self
    }

    /// Checks the status and the error code in a problem (RFC 9457). Returns the fields that it names, sorted.
    ///
    /// # Panics
    ///
    /// If they are others, or the body is no problem.
    #[track_caller]
    pub fn problem(self, status: u16, code: &str) -> Vec<String> {
        assert_eq!((self.status, self.code().as_str()), (status, code), "{self:#?}");
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:#?}");
        let body = self.json();
        has_fields(&body, &["type", "title", "status", "detail", "code", "request_id", "errors"]);
        assert_eq!(body["status"], status, "{self:#?}");
        let mut fields: Vec<_> = body["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| error["field"].as_str().unwrap().to_owned())
            .collect();
        fields.sort_unstable();
        fields
    }

    /// Checks for 400 `validation_failed` with exactly these fields in any order, each with a code and a message.
    ///
    /// # Panics
    ///
    /// If the response is another.
    #[track_caller]
    pub fn invalid(self, fields: &[&str]) -> Self {
        let answer = self.refused(400, "validation_failed");
        let details = answer.json()["error"]["details"].clone();
        let details = details.as_array().unwrap();
        for part in ["field", "code", "message"] {
            let complete = details.iter().all(|d| d[part].as_str().is_some_and(|text| !text.is_empty()));
            assert!(complete, "{answer:#?}");
        }
        let mut got: Vec<_> = details.iter().map(|detail| detail["field"].as_str().unwrap()).collect();
        let mut expected = fields.to_vec();
        got.sort_unstable();
        expected.sort_unstable();
        assert_eq!(got, expected, "{answer:#?}");
        answer
    }

    /// Checks for 400 `validation_failed` with one detail, which has this field and this code.
    ///
    /// # Panics
    ///
    /// If the response is another.
    #[track_caller]
    pub fn invalid_as(self, field: &str, code: &str) -> Self {
        let answer = self.invalid(&[field]);
        assert_eq!(answer.json()["error"]["details"][0]["code"], code, "{answer:#?}");
        answer
    }

    /// Parses the body.
    ///
    /// # Panics
    ///
    /// If it is no JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    /// Returns the payload in an envelope.
    ///
    /// # Panics
    ///
    /// If the body is an error.
    #[track_caller]
    pub fn data(&self) -> Value {
        let mut body = self.json();
        assert_eq!(body["error"], Value::Null, "{self:#?}");
        body["data"].take()
    }

    /// Returns the items of a page in an envelope.
    #[track_caller]
    pub fn items(&self) -> Vec<Value> {
        self.data()["items"].as_array().unwrap_or_else(|| panic!("{self:#?}")).clone()
    }

    /// Returns the ids of the items of a page; of members, those of the users.
    #[track_caller]
    pub fn ids(&self) -> Vec<i64> {
        self.items().iter().map(|item| item["id"].as_i64().or(item["user_id"].as_i64()).unwrap()).collect()
    }

    /// Returns the id in the payload.
    #[track_caller]
    pub fn id(&self) -> i64 {
        self.data()["id"].as_i64().unwrap_or_else(|| panic!("{self:#?}"))
    }

    /// Returns the error code in either representation, or an empty string.
    pub fn code(&self) -> String {
        let body = serde_json::from_str::<Value>(&self.body).unwrap_or_default();
        body["error"]["code"].as_str().or(body["code"].as_str()).unwrap_or_default().to_owned()
    }

    /// Returns a header, if there is one.
    #[track_caller]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Returns the entity tag.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[track_caller]
    pub fn etag(&self) -> &str {
        self.header("etag").unwrap_or_else(|| panic!("no ETag: {self:#?}"))
    }
}

/// Checks that an object has exactly these fields.
///
/// # Panics
///
/// If it has others.
#[track_caller]
pub fn has_fields(object: &Value, fields: &[&str]) {
    let mut got: Vec<_> = object.as_object().unwrap_or_else(|| panic!("{object}")).keys().collect();
    let mut expected = fields.to_vec();
    got.sort_unstable();
    expected.sort_unstable();
    assert_eq!(got, expected, "{object:#}");
}

/// Parses a time of the API: RFC 3339 in UTC, ending in `Z`.
///
/// # Panics
///
/// If it is none.
#[track_caller]
pub fn timestamp(value: &Value) -> DateTime<chrono::FixedOffset> {
    let text = value.as_str().unwrap_or_else(|| panic!("{value}"));
    assert!(text.ends_with('Z'), "{text}");
    DateTime::parse_from_rfc3339(text).unwrap()
}

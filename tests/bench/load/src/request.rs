//! Writes requests.

use crate::Outcome;
use std::{fmt::Arguments, io::Write};

/// GET with a token.
pub fn get(request: &mut Vec<u8>, token: &str, path: Arguments<'_>) -> Outcome {
    Ok(write!(request, "GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n")?)
}

/// GET with a token, of what has another entity tag.
pub fn get_unless(request: &mut Vec<u8>, token: &str, path: Arguments<'_>, tag: &str) -> Outcome {
    Ok(write!(
        request,
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nIf-None-Match: {tag}\r\n\r\n"
    )?)
}

/// A request with a token and a body.
pub fn send(request: &mut Vec<u8>, token: &str, method: &str, path: Arguments<'_>, body: &str) -> Outcome {
    let length = body.len();
    Ok(write!(
        request,
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )?)
}

/// POST with a body and without a token.
pub fn post(request: &mut Vec<u8>, path: &str, body: &str) -> Outcome {
    let length = body.len();
    Ok(write!(
        request,
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )?)
}

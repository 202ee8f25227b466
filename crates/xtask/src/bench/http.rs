//! Single requests to servers of this machine.

use crate::outcome::Outcome;
use serde_json::Value;
use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

/// GET: the body of the response. Fails where its status is not 2xx.
pub(super) fn get(address: &str, path: &str) -> Outcome<Vec<u8>> {
    exchange(address, &format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"))
}

/// POST of JSON: the body of the response, in the envelope. Fails where its status is not 2xx.
pub(super) fn post(address: &str, path: &str, body: &Value) -> Outcome<Value> {
    let body = body.to_string();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    Ok(serde_json::from_slice(&exchange(address, &request)?)?)
}

fn exchange(address: &str, request: &str) -> Outcome<Vec<u8>> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    stream.write_all(request.as_bytes())?;
    let mut response = Vec::new();
    stream.read_to_end(&mut response)?;
    body(response)
}

fn body(mut response: Vec<u8>) -> Outcome<Vec<u8>> {
    let end = response.windows(4).position(|window| window == b"\r\n\r\n").ok_or("the response has no head")?;
    if response.starts_with(b"HTTP/1.1 2") {
        Ok(response.split_off(end + 4))
    } else {
        Err(String::from_utf8_lossy(&response).into_owned().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_success_has_a_body() {
        assert_eq!(body(b"HTTP/1.1 201 Created\r\nx: y\r\n\r\n{}".to_vec()).unwrap(), b"{}");
        assert!(
            body(b"HTTP/1.1 503 Service Unavailable\r\n\r\nbusy".to_vec()).unwrap_err().to_string().contains("busy")
        );
        assert!(body(b"HTTP/1.1 200 OK\r\n".to_vec()).is_err());
    }
}

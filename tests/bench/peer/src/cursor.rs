//! Cursors of pages: the id of the last row, as base64 of JSON.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Cursor {
    id: i64,
}

pub fn encode(id: i64) -> Result<String, serde_json::Error> {
    Ok(URL_SAFE_NO_PAD.encode(serde_json::to_vec(&Cursor { id })?))
}

pub fn decode(cursor: &str) -> Option<i64> {
    let json = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    serde_json::from_slice::<Cursor>(&json).ok().map(|cursor| cursor.id)
}

//! Reads the frames that the client of a WebSocket sends.

use super::frames::{ClientFrame, Frames};
use actix_web::dev::Payload;
use futures_util::StreamExt;

/// The frames of the request body that became the WebSocket.
pub struct FrameReader {
    payload: Payload,
    frames: Frames,
}

impl FrameReader {
    pub fn new(payload: Payload) -> Self {
        Self { payload, frames: Frames::default() }
    }

    /// Waits for the next frame. Cancel safe.
    pub async fn next(&mut self) -> ClientFrame {
        loop {
            if let Some(frame) = self.frames.parse() {
                return frame;
            }
            match self.payload.next().await {
                Some(Ok(bytes)) => self.frames.push(bytes),
                Some(Err(_)) | None => return ClientFrame::Disconnected,
            }
        }
    }

    /// Waits for the client's close frame, or for the end of the connection. Cancel safe.
    pub async fn closed(&mut self) {
        while !matches!(self.next().await, ClientFrame::Close(_) | ClientFrame::Disconnected) {}
    }
}

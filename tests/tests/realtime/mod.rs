//! Notifications over WebSocket, as server-sent events, and in a list.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod access;
mod bounds;
mod close;
mod events;
mod form;
mod gone;
mod heartbeat;
mod messages;
mod notifications;
mod replay;
mod slow;
mod ticket;

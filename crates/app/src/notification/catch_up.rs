//! Hints may have been missed.

use crate::Error;
use fasttrack_domain::ports::{news::NewsBoard, notification::NotificationRepository};
use std::sync::Arc;

/// Puts up how far the notifications of everybody reach who is followed here, whatever was heard.
pub struct CatchUp {
    notifications: Arc<dyn NotificationRepository>,
    board: Arc<dyn NewsBoard>,
}

impl CatchUp {
    /// Over these ports.
    pub fn new(notifications: Arc<dyn NotificationRepository>, board: Arc<dyn NewsBoard>) -> Self {
        Self { notifications, board }
    }

    /// Once.
    pub async fn execute(&self) -> Result<(), Error> {
        let users = self.board.followed();
        if !users.is_empty() {
            self.board.post(&self.notifications.heads(users).await?);
        }
        Ok(())
    }
}

//! What is between a client and the nodes.

use super::{message::Message, nodes::Nodes, tampering::Tampering};
use fasttrack_tests::Answer;
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// How long a client waits for an answer. It is less than a server takes to give up its database.
const PATIENCE: Duration = Duration::from_secs(3);

/// Sends messages to nodes, with a planted fault or none.
pub(super) struct Wire {
    pub(super) nodes: Arc<Nodes>,
    pub(super) tampering: Option<Tampering>,
}

impl Wire {
    /// Returns the answer, or why there is none: then the message may have an effect, also later.
    pub(super) async fn send(&self, node: usize, message: &Message) -> Result<Answer, String> {
        let Some(tampering) = &self.tampering else { return self.forward(node, message).await };
        let (before, sent) = tampering.sent(message);
        if let Some(before) = before {
            self.forward(node, &before).await?;
        }
        let answer = self.forward(node, &sent).await?;
        Ok(tampering.shown(message, &sent, answer))
    }

    async fn forward(&self, node: usize, message: &Message) -> Result<Answer, String> {
        let Some(client) = self.nodes.client(node) else { return Err("the node doesn't run".to_owned()) };
        match timeout(PATIENCE, message.to(&client).try_send()).await {
            Ok(Some(answer)) => Ok(answer),
            Ok(None) => Err("the connection was lost".to_owned()),
            Err(_) => Err("there was no answer in time".to_owned()),
        }
    }
}

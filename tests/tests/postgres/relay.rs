//! A TCP proxy between a server and its database that can stop forwarding without closing connections.

use std::sync::Arc;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinHandle,
};

/// Forwards connections to its port. Dropping it closes them.
pub struct Relay {
    url: String,
    is_stopped: watch::Sender<bool>,
    accepting: JoinHandle<()>,
}

impl Relay {
    /// Starts a proxy to the PostgreSQL of a URL.
    pub async fn to(database_url: &str) -> Self {
        let (scheme, rest) = database_url.split_once("://").unwrap();
        let (authority, database) = rest.split_once('/').unwrap();
        let (user, target) = authority.rsplit_once('@').unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("{scheme}://{user}@{}/{database}", listener.local_addr().unwrap());
        let (is_stopped, link) = watch::channel(false);
        let accepting = tokio::spawn(accept(listener, Arc::from(target), link));
        Self { url, is_stopped, accepting }
    }

    /// Returns the database URL that leads through the proxy.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Stops forwarding, for new connections too.
    pub fn stop_forwarding(&self) {
        self.is_stopped.send_replace(true);
    }

    /// Forwards again, beginning with what arrived meanwhile.
    pub fn resume_forwarding(&self) {
        self.is_stopped.send_replace(false);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, target: Arc<str>, link: watch::Receiver<bool>) {
    loop {
        let (client, _) = listener.accept().await.unwrap();
        let (target, mut link) = (Arc::clone(&target), link.clone());
        tokio::spawn(async move {
            let open = link.wait_for(|is_stopped| !is_stopped).await.is_ok();
            if open && let Ok(server) = TcpStream::connect(&*target).await {
                let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
                tokio::join!(pass(from_client, to_server, link.clone()), pass(from_server, to_client, link));
            }
        });
    }
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut link: watch::Receiver<bool>) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let open = link.wait_for(|is_stopped| !is_stopped).await.is_ok();
        if !open || to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}

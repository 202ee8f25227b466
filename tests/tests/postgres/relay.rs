//! A TCP proxy between a server and its database that can stop forwarding, slow down, and close connections.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    select,
    sync::watch,
    task::JoinHandle,
    time::sleep,
};

/// How long a slow proxy keeps what it reads. It is the pause after a connection that can't be accepted as well.
const LATENCY: Duration = Duration::from_millis(60);

/// Forwards connections to its port. Dropping it closes them.
pub struct Relay {
    url: String,
    link: watch::Sender<Link>,
    accepting: JoinHandle<()>,
}

/// What the proxy does with its connections.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Link {
    Forwarding,
    /// Nothing passes, and connections stay open.
    Silent,
    /// Everything passes late.
    Slow,
    /// Connections are closed, new ones too.
    Cut,
    /// The answers of the database end, new ones too, while it still gets what is sent.
    HalfClosed,
}

/// The direction of data.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Direction {
    ToDatabase,
    ToServer,
}

impl Relay {
    /// Starts a proxy to the PostgreSQL of a URL.
    pub async fn to(database_url: &str) -> Self {
        let (scheme, rest) = database_url.split_once("://").unwrap();
        let (authority, database) = rest.split_once('/').unwrap();
        let (user, target) = authority.rsplit_once('@').unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("{scheme}://{user}@{}/{database}", listener.local_addr().unwrap());
        let (link, state) = watch::channel(Link::Forwarding);
        let accepting = tokio::spawn(accept(listener, Arc::from(target), state));
        Self { url, link, accepting }
    }

    /// Returns the database URL that leads through the proxy.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Stops forwarding, for new connections too.
    pub fn stop_forwarding(&self) {
        self.link.send_replace(Link::Silent);
    }

    /// Forwards from now on with a delay.
    pub fn slow_down(&self) {
        self.link.send_replace(Link::Slow);
    }

    /// Closes all connections, and new ones at once.
    pub fn cut(&self) {
        self.link.send_replace(Link::Cut);
    }

    /// Ends the answers of the database on all connections. What servers send still arrives, so that a commit may succeed
    /// whose answer is lost.
    pub fn close_answers(&self) {
        self.link.send_replace(Link::HalfClosed);
    }

    /// Forwards again, beginning with what arrived meanwhile.
    pub fn resume_forwarding(&self) {
        self.link.send_replace(Link::Forwarding);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Link {
    fn ends(self, direction: Direction) -> bool {
        self == Self::Cut || self == Self::HalfClosed && direction == Direction::ToServer
    }
}

async fn accept(listener: TcpListener, target: Arc<str>, link: watch::Receiver<Link>) {
    loop {
        let Ok((client, _)) = listener.accept().await else {
            // A connection that was given up before, or too many open files for the moment.
            sleep(LATENCY).await;
            continue;
        };
        let (target, mut link) = (Arc::clone(&target), link.clone());
        tokio::spawn(async move {
            let open = link.wait_for(|link| *link != Link::Silent).await.is_ok_and(|link| *link != Link::Cut);
            if open && let Ok(server) = TcpStream::connect(&*target).await {
                let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
                tokio::join!(
                    pass(from_client, to_server, link.clone(), Direction::ToDatabase),
                    pass(from_server, to_client, link, Direction::ToServer),
                );
            }
        });
    }
}

/// Forwards one direction of a connection until it ends. Its other end is shut down then.
async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut link: watch::Receiver<Link>, direction: Direction) {
    let mut buffer = vec![0; 1 << 16];
    let mut ending = link.clone();
    loop {
        let length = select! {
            _ = ending.wait_for(|link| link.ends(direction)) => return,
            read = from.read(&mut buffer) => match read {
                Ok(length @ 1..) => length,
                _ => return,
            },
        };
        let open = link.wait_for(|link| *link != Link::Silent).await.is_ok_and(|link| !link.ends(direction));
        if !open {
            return;
        }
        let is_slow = *link.borrow() == Link::Slow;
        if is_slow {
            sleep(LATENCY).await;
        }
        if to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}

//! Connections: how many there may be, and how long one may be kept without being used.

use super::{
    metrics::{Refusal, refused},
    watched::Activity,
};
use actix_web::{
    Error, HttpResponse,
    body::{BodySize, MessageBody},
    dev::{Extensions, ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{ConnectionType, StatusCode},
    middleware::Next,
    rt::net::TcpStream,
};
use fasttrack_domain::rate_limit::Network;
use ipnet::IpNet;
use metrics::{Gauge, gauge};
use socket2::{SockRef, Socket};
use std::{
    collections::HashMap,
    io,
    net::{IpAddr, Shutdown},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

/// What may be held open.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// Connections of all clients.
    pub total: usize,
    /// Connections of one address, or of one /64 of IPv6; 0 for no bound of their own.
    pub per_address: usize,
    /// For whom that doesn't hold: many stand behind each.
    pub proxies: Vec<IpNet>,
    /// How long a connection is kept on which a request has begun to come, but is not there.
    pub pause: Duration,
    /// How long a connection is kept on which nothing came since its last answer was made.
    pub idle: Duration,
}

/// All connections that are open. Clones are the same.
#[derive(Clone, Debug)]
pub struct Connections(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    bounds: Bounds,
    /// How many are open, for operators.
    shown: Gauge,
    open: Mutex<Open>,
    refused: AtomicU64,
}

#[derive(Debug, Default)]
struct Open {
    last: u64,
    all: HashMap<u64, Connection>,
    of_address: HashMap<Network, usize>,
}

#[derive(Debug)]
struct Connection {
    /// Another handle of its socket.
    socket: Socket,
    /// What is under way on it.
    activity: Arc<Activity>,
}

/// What a connection has with it while it lasts.
enum Place {
    /// It counts.
    Taken(Taken),
    /// It was one too many; what it sent is not to be done.
    Refused,
}

struct Taken {
    id: u64,
    address: Option<Network>,
    activity: Arc<Activity>,
    connections: Connections,
}

impl Connections {
    /// None yet.
    pub fn new(bounds: Bounds) -> Self {
        gauge!(description: "Connections that may be open.", "fasttrack_http_connections_limit")
            .set(u32::try_from(bounds.total).unwrap_or(u32::MAX));
        let shown = gauge!(description: "Connections that are open.", "fasttrack_http_connections");
        let (open, refused) = (Mutex::default(), AtomicU64::new(0));
        Self(Arc::new(Shared { bounds, shown, open, refused }))
    }

    /// Takes in a connection that was just made, or refuses it.
    pub fn enter(&self, stream: &TcpStream, is_plain: bool, activity: &Arc<Activity>, extensions: &mut Extensions) {
        if let Some(taken) = self.take(stream, activity) {
            extensions.insert(Place::Taken(taken));
        } else {
            extensions.insert(Place::Refused);
            self.0.refused.fetch_add(1, Relaxed);
            refused(Refusal::Connections);
            // A client that is gone already needs no answer.
            refuse(&SockRef::from(stream), is_plain).ok();
        }
    }

    /// `None` where there is no room, or no handle for another connection.
    fn take(&self, stream: &TcpStream, activity: &Arc<Activity>) -> Option<Taken> {
        let bounds = &self.0.bounds;
        let address = stream.peer_addr().ok().and_then(|peer| self.counted(peer.ip()));
        let socket = SockRef::from(stream).try_clone().ok()?;
        let connection = Connection { socket, activity: Arc::clone(activity) };
        let mut open = self.open();
        let of_address = address.map_or(0, |address| open.of_address.get(&address).copied().unwrap_or_default());
        if open.all.len() >= bounds.total || (address.is_some() && of_address >= bounds.per_address) {
            return None;
        }
        open.last += 1;
        let id = open.last;
        open.all.insert(id, connection);
        if let Some(address) = address {
            open.of_address.insert(address, of_address + 1);
        }
        self.0.shown.increment(1);
        Some(Taken { id, address, activity: Arc::clone(activity), connections: self.clone() })
    }

    /// Whose connections are counted together; `None` for those whom no bound of their own holds.
    fn counted(&self, peer: IpAddr) -> Option<Network> {
        let Bounds { per_address, proxies, .. } = &self.0.bounds;
        let peer = peer.to_canonical();
        (*per_address > 0 && !proxies.iter().any(|proxy| proxy.contains(&peer))).then(|| peer.into())
    }

    /// Ends those that were paused for too long: a client that sends half a request, or takes no answer. Tells how many
    /// connections were refused since it was last asked.
    pub fn end_paused(&self) -> u64 {
        let (now, Bounds { pause, idle, .. }) = (Instant::now(), &self.0.bounds);
        for connection in self.open().all.values() {
            if connection.activity.is_over(now, *pause, *idle) {
                connection.socket.shutdown(Shutdown::Both).ok();
            }
        }
        self.0.refused.swap(0, Relaxed)
    }

    /// How many are open.
    pub fn count(&self) -> usize {
        self.open().all.len()
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        let mut open = self.connections.open();
        open.all.remove(&self.id);
        self.connections.0.shown.decrement(1);
        let Some(address) = self.address else { return };
        if let Some(count) = open.of_address.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                open.of_address.remove(&address);
            }
        }
    }
}

/// What a client sees of a refusal, whatever it was about to ask. Nobody is waited for.
const NO_ROOM: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

fn refuse(socket: &Socket, is_plain: bool) -> io::Result<()> {
    if is_plain {
        socket.send(NO_ROOM)?;
    }
    socket.shutdown(Shutdown::Both)
}

/// The outermost middleware: it knows when a connection is used.
pub async fn middleware(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let activity = match request.conn_data() {
        Some(Place::Taken(taken)) => Arc::clone(&taken.activity),
        Some(Place::Refused) => {
            let response = HttpResponse::ServiceUnavailable().finish();
            return Err(InternalError::from_response("refused", response).into());
        }
        None => return next.call(request).await,
    };
    activity.begin();
    let mut response = next.call(request).await;
    match &mut response {
        // How long that lasts nobody knows; nothing is to come after it.
        Ok(response) if response.response().body().size() == BodySize::Stream => {
            if response.status() != StatusCode::SWITCHING_PROTOCOLS {
                response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
            }
        }
        _ => activity.end(),
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::watched::Watched;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    struct Pair {
        client: TcpStream,
        server: Watched<TcpStream>,
        extensions: Extensions,
    }

    impl Pair {
        async fn enter(connections: &Connections) -> Self {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
            let (server, mut extensions) = (Watched::new(listener.accept().await.unwrap().0), Extensions::new());
            connections.enter(server.get_ref(), true, &server.activity, &mut extensions);
            Self { client, server, extensions }
        }

        fn is_taken(&self) -> bool {
            matches!(self.extensions.get(), Some(Place::Taken(_)))
        }

        async fn received(mut self) -> String {
            let mut text = String::new();
            self.client.read_to_string(&mut text).await.unwrap();
            text
        }
    }

    fn connections(total: usize, per_address: usize, proxies: &str, pause: Duration) -> Connections {
        let proxies = proxies.split_terminator(',').map(|proxy| proxy.parse().unwrap()).collect();
        Connections::new(Bounds { total, per_address, proxies, pause, idle: pause })
    }

    const LONG: Duration = Duration::from_mins(1);

    #[tokio::test]
    async fn who_finds_no_room_is_told_so_at_once_and_who_leaves_makes_room() {
        let connections = connections(2, 0, "", LONG);
        let (first, second) = (Pair::enter(&connections).await, Pair::enter(&connections).await);
        assert!(first.is_taken() && second.is_taken());
        let third = Pair::enter(&connections).await;
        assert!(!third.is_taken());
        assert!(third.received().await.starts_with("HTTP/1.1 503 "));
        assert_eq!((connections.end_paused(), connections.end_paused()), (1, 0));
        drop(first);
        assert!(Pair::enter(&connections).await.is_taken());
        drop(second);
        assert_eq!((connections.count(), connections.open().of_address.len()), (0, 0));
    }

    #[tokio::test]
    async fn one_address_leaves_room_for_others_unless_it_is_a_proxy() {
        let alone = connections(9, 1, "", LONG);
        let pair = Pair::enter(&alone).await;
        assert!(pair.is_taken() && !Pair::enter(&alone).await.is_taken());
        drop(pair);
        assert_eq!((alone.count(), alone.open().of_address.len()), (0, 0));
        let proxied = connections(9, 1, "127.0.0.0/8", LONG);
        let pair = Pair::enter(&proxied).await;
        assert!(pair.is_taken() && Pair::enter(&proxied).await.is_taken());
    }

    #[test]
    fn addresses_of_one_network_of_ipv6_are_counted_together() {
        let connections = connections(9, 1, "10.0.0.0/8", LONG);
        let counted = |ip: &str| connections.counted(ip.parse().unwrap());
        assert_eq!(counted("2001:db8::1"), counted("2001:db8::ffff:0:0:1"));
        assert_ne!(counted("2001:db8::1"), counted("2001:db8:0:1::1"));
        assert_eq!(counted("::ffff:203.0.113.7"), counted("203.0.113.7"));
        assert_ne!(counted("203.0.113.7"), counted("203.0.113.8"));
        assert_eq!((counted("10.1.2.3"), counted("::ffff:10.1.2.3")), (None, None));
    }

    #[tokio::test]
    async fn only_what_is_paused_is_ended() {
        let connections = connections(9, 0, "", Duration::ZERO);
        let (paused, mut busy) = (Pair::enter(&connections).await, Pair::enter(&connections).await);
        busy.server.activity.begin();
        connections.end_paused();
        assert_eq!(paused.received().await, "");
        busy.client.write_all(b"x").await.unwrap();
        assert_eq!(busy.server.read_u8().await.unwrap(), b'x');
    }
}

//! Limits the number of connections, and closes idle ones.

use super::{
    metrics::{Refusal, refused},
    watched::Activity,
};
use actix_web::{
    Error, HttpRequest, HttpResponse,
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

/// Limits of connections.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// Maximum number of connections in total.
    pub total: usize,
    /// Maximum number of connections per IPv4 address or IPv6 /64; 0: no such limit.
    pub per_address: usize,
    /// Proxies, to which the limit per address does not apply.
    pub proxies: Vec<IpNet>,
    /// How long a request, or the reading of a response, may make no progress.
    pub pause: Duration,
    /// How long a connection may be idle after its last response.
    pub idle: Duration,
}

/// All open connections. Clones share them.
#[derive(Clone, Debug)]
pub struct Connections(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    bounds: Bounds,
    /// The number of open connections.
    gauge: Gauge,
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
    /// A duplicated handle of its socket.
    socket: Socket,
    activity: Arc<Activity>,
}

/// The outcome of admitting a connection, kept in its data.
enum Admission {
    Admitted(Admitted),
    /// The connection exceeds a limit: its requests are not handled.
    Refused,
}

/// Counts an admitted connection until it is dropped.
struct Admitted {
    id: u64,
    address: Option<Network>,
    activity: Arc<Activity>,
    connections: Connections,
}

impl Connections {
    pub fn new(bounds: Bounds) -> Self {
        gauge!(description: "Connections that may be open.", "fasttrack_http_connections_limit")
            .set(u32::try_from(bounds.total).unwrap_or(u32::MAX));
        let gauge = gauge!(description: "Connections that are open.", "fasttrack_http_connections");
        let (open, refused) = (Mutex::default(), AtomicU64::new(0));
        Self(Arc::new(Shared { bounds, gauge, open, refused }))
    }

    /// Admits or refuses a new connection.
    pub fn on_connect(
        &self,
        stream: &TcpStream,
        is_plain: bool,
        activity: &Arc<Activity>,
        extensions: &mut Extensions,
    ) {
        if let Some(admitted) = self.admit(stream, activity) {
            extensions.insert(Admission::Admitted(admitted));
        } else {
            extensions.insert(Admission::Refused);
            self.0.refused.fetch_add(1, Relaxed);
            refused(Refusal::Connections);
            // Fails only if the client has gone.
            refuse(&SockRef::from(stream), is_plain).ok();
        }
    }

    /// `None` if a limit is reached, or the socket can't be duplicated.
    fn admit(&self, stream: &TcpStream, activity: &Arc<Activity>) -> Option<Admitted> {
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
        self.0.gauge.increment(1);
        Some(Admitted { id, address, activity: Arc::clone(activity), connections: self.clone() })
    }

    /// The network that a peer counts against; `None` if the limit per address does not apply.
    fn counted(&self, peer: IpAddr) -> Option<Network> {
        let Bounds { per_address, proxies, .. } = &self.0.bounds;
        let peer = peer.to_canonical();
        (*per_address > 0 && !proxies.iter().any(|proxy| proxy.contains(&peer))).then(|| peer.into())
    }

    /// Closes stalled and idle connections. Returns how many connections were refused since the last call.
    pub fn close_idle(&self) -> u64 {
        let (now, Bounds { pause, idle, .. }) = (Instant::now(), &self.0.bounds);
        for connection in self.open().all.values() {
            if connection.activity.is_over(now, *pause, *idle) {
                connection.socket.shutdown(Shutdown::Both).ok();
            }
        }
        self.0.refused.swap(0, Relaxed)
    }

    pub fn count(&self) -> usize {
        self.open().all.len()
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut open = self.connections.open();
        open.all.remove(&self.id);
        self.connections.0.gauge.decrement(1);
        let Some(address) = self.address else { return };
        if let Some(count) = open.of_address.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                open.of_address.remove(&address);
            }
        }
    }
}

/// The response to a refused connection, which is sent without reading a request.
const UNAVAILABLE: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

fn refuse(socket: &Socket, is_plain: bool) -> io::Result<()> {
    if is_plain {
        socket.send(UNAVAILABLE)?;
    }
    socket.shutdown(Shutdown::Both)
}

/// The activity of the request's connection; `None` where connections are not watched.
pub fn activity(request: &HttpRequest) -> Option<Arc<Activity>> {
    match request.conn_data::<Admission>()? {
        Admission::Admitted(admitted) => Some(Arc::clone(&admitted.activity)),
        Admission::Refused => None,
    }
}

/// The middleware that records when a connection is in use.
pub async fn middleware(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let activity = match request.conn_data() {
        Some(Admission::Admitted(admitted)) => Arc::clone(&admitted.activity),
        Some(Admission::Refused) => {
            let response = HttpResponse::ServiceUnavailable().finish();
            return Err(InternalError::from_response("refused", response).into());
        }
        None => return next.call(request).await,
    };
    activity.begin();
    let mut response = next.call(request).await;
    match &mut response {
        // A stream has no known end; no request may follow it.
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
mod tests;

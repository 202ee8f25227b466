//! Where connections come in, and how that ends without losing one.

use socket2::{Domain, Protocol, SockRef, Socket, Type};
use std::{
    io,
    net::{SocketAddr, TcpListener, ToSocketAddrs},
    time::Duration,
};

/// Connections that may wait to be taken in.
const BACKLOG: i32 = 1024;

/// How long those who were about to come in, when the door was closed, have for that and for their request.
const SETTLE: Duration = Duration::from_millis(250);

// @spec SPEC-012
/// The sockets that listen. They do so while it lives, whatever the server does with its own.
#[derive(Debug)]
pub struct Door {
    listeners: Vec<TcpListener>,
}

impl Door {
    /// Listens on the addresses of a host, where one is free at least.
    pub fn open(host: &str, port: u16) -> io::Result<Self> {
        let (listeners, errors): (Vec<_>, Vec<_>) =
            (host, port).to_socket_addrs()?.map(listen).partition(Result::is_ok);
        match errors.into_iter().find_map(Result::err) {
            Some(error) if listeners.is_empty() => Err(error),
            None if listeners.is_empty() => Err(io::ErrorKind::AddrNotAvailable.into()),
            _ => Ok(Self { listeners: listeners.into_iter().flatten().collect() }),
        }
    }

    /// The same sockets, for the server.
    pub fn listeners(&self) -> io::Result<Vec<TcpListener>> {
        self.listeners.iter().map(TcpListener::try_clone).collect()
    }

    /// Lets no more connections begin, and those that have begun come in. A socket that is closed as it is resets
    /// whoever waits before it, with requests that may have been sent already.
    pub async fn close(self) {
        for listener in &self.listeners {
            if let Err(error) = ignore_newcomers(listener) {
                tracing::debug!(%error, "connections that come in just now may be reset");
            }
        }
        tokio::time::sleep(SETTLE).await;
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // A server that was just here left connections behind, which are no reason to wait.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Segments that ask for a connection are dropped, and no others. Who asks will ask again after a second, to be refused
/// then: nothing was sent, so that anybody may go elsewhere.
#[cfg(target_os = "linux")]
fn ignore_newcomers(listener: &TcpListener) -> io::Result<()> {
    use socket2::SockFilter;
    // Of a TCP header, RFC 9293 section 3.1.
    const FLAGS: u32 = 13;
    const SYN: u32 = 0x02;
    const ACK: u32 = 0x10;
    // Operations of the kernel's packet filter.
    const LOAD_BYTE: u16 = 0x30;
    const AND: u16 = 0x54;
    const IF_EQUAL: u16 = 0x15;
    const ACCEPT_BYTES: u16 = 0x06;
    SockRef::from(listener).attach_filter(&[
        SockFilter::new(LOAD_BYTE, 0, 0, FLAGS),
        SockFilter::new(AND, 0, 0, SYN | ACK),
        SockFilter::new(IF_EQUAL, 0, 1, SYN),
        SockFilter::new(ACCEPT_BYTES, 0, 0, 0),
        SockFilter::new(ACCEPT_BYTES, 0, 0, u32::MAX),
    ])
}

#[cfg(not(target_os = "linux"))]
fn ignore_newcomers(_: &TcpListener) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

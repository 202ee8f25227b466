//! The listening sockets, and how a graceful shutdown closes them without resetting a connection.

use socket2::{Domain, Protocol, SockRef, Socket, Type};
use std::{
    io,
    net::{SocketAddr, TcpListener, ToSocketAddrs},
    time::Duration,
};

/// Maximum number of connections that the system completes before the server accepts them.
const BACKLOG: i32 = 1024;

/// Time for connections in the backlog to be accepted and to send their request, after new ones are ignored.
const SETTLE: Duration = Duration::from_millis(250);

// @spec SPEC-012
/// The listening sockets. They stay open as long as this exists, whatever the server does with its clones.
#[derive(Debug)]
pub struct Listeners {
    sockets: Vec<TcpListener>,
}

impl Listeners {
    /// Listens on every address of a host that can be used; an error where none can.
    pub fn bind(host: &str, port: u16) -> io::Result<Self> {
        let (sockets, errors): (Vec<_>, Vec<_>) = (host, port).to_socket_addrs()?.map(listen).partition(Result::is_ok);
        match errors.into_iter().find_map(Result::err) {
            Some(error) if sockets.is_empty() => Err(error),
            None if sockets.is_empty() => Err(io::ErrorKind::AddrNotAvailable.into()),
            _ => Ok(Self { sockets: sockets.into_iter().flatten().collect() }),
        }
    }

    /// Duplicates the sockets, for the server to use and close.
    pub fn try_clone(&self) -> io::Result<Vec<TcpListener>> {
        self.sockets.iter().map(TcpListener::try_clone).collect()
    }

    /// Ignores new connections, waits for those in the backlog to be accepted, and closes the sockets. Closing at once
    /// would reset the backlog, with requests that may have been sent already.
    pub async fn close(self) {
        for socket in &self.sockets {
            if let Err(error) = ignore_new_connections(socket) {
                tracing::debug!(%error, "new connections can't be ignored; those in the backlog may be reset");
            }
        }
        tokio::time::sleep(SETTLE).await;
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // Without this the address can't be used while connections of a former server are in TIME_WAIT.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Drops segments that request a connection (SYN without ACK), and no others. The client sends it again after a second,
/// and is refused then, before it has sent a request: it may connect to another server.
#[cfg(target_os = "linux")]
fn ignore_new_connections(listener: &TcpListener) -> io::Result<()> {
    use socket2::SockFilter;
    // Offset and bits of the flags in a TCP header, RFC 9293 section 3.1.
    const FLAGS: u32 = 13;
    const SYN: u32 = 0x02;
    const ACK: u32 = 0x10;
    // Instructions of the classic Berkeley Packet Filter (BPF).
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
fn ignore_new_connections(_: &TcpListener) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

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
        connections.on_connect(server.get_ref(), true, &server.activity, &mut extensions);
        Self { client, server, extensions }
    }

    fn is_admitted(&self) -> bool {
        matches!(self.extensions.get(), Some(Admission::Admitted(_)))
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
async fn connection_over_the_limit_gets_503_until_another_closes() {
    let connections = connections(2, 0, "", LONG);
    let (first, second) = (Pair::enter(&connections).await, Pair::enter(&connections).await);
    assert!(first.is_admitted() && second.is_admitted());
    let third = Pair::enter(&connections).await;
    assert!(!third.is_admitted());
    assert!(third.received().await.starts_with("HTTP/1.1 503 "));
    assert_eq!((connections.close_idle(), connections.close_idle()), (1, 0));
    drop(first);
    assert!(Pair::enter(&connections).await.is_admitted());
    drop(second);
    assert_eq!((connections.count(), connections.open().of_address.len()), (0, 0));
}

#[tokio::test]
async fn one_address_leaves_room_for_others_unless_it_is_a_proxy() {
    let alone = connections(9, 1, "", LONG);
    let pair = Pair::enter(&alone).await;
    assert!(pair.is_admitted() && !Pair::enter(&alone).await.is_admitted());
    drop(pair);
    assert_eq!((alone.count(), alone.open().of_address.len()), (0, 0));
    let proxied = connections(9, 1, "127.0.0.0/8", LONG);
    let pair = Pair::enter(&proxied).await;
    assert!(pair.is_admitted() && Pair::enter(&proxied).await.is_admitted());
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
    connections.close_idle();
    assert_eq!(paused.received().await, "");
    busy.client.write_all(b"x").await.unwrap();
    assert_eq!(busy.server.read_u8().await.unwrap(), b'x');
}

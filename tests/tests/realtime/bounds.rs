//! Limits: size of messages and sockets per user.

use fasttrack_tests::{
    RawRealtimeConnection, Server, Socket, Team, eventually,
    tungstenite::{
        Message,
        protocol::frame::{
            Frame,
            coding::{Data, OpCode},
        },
    },
};

fn text(length: usize) -> Message {
    Message::text("x".repeat(length))
}

/// Sends one message in frames of these lengths.
async fn send_fragments(socket: &mut Socket, lengths: &[usize]) {
    for (n, length) in lengths.iter().enumerate() {
        let data = if n == 0 { Data::Text } else { Data::Continue };
        let frame = Frame::message(vec![b'x'; *length], OpCode::Data(data), n + 1 == lengths.len());
        socket.send(Message::Frame(frame)).await;
    }
}

#[tokio::test]
async fn messages_of_client_are_ignored() {
    let server = Server::shared();
    let team = Team::new(&server).await;
    let mut socket = team.assignee.follow(1).await;
    for message in [text(0), text(4096), Message::text(r#"{"type": "subscribe"}"#), Message::binary(vec![0; 4096])] {
        for _ in 0..20 {
            socket.send(message.clone()).await;
        }
    }
    send_fragments(&mut socket, &[0, 1000, 3096, 0]).await;
    socket.send(Message::Pong(vec![1].into())).await;
    team.toggle(2).await;
    socket.take(2..=3).await;
}

#[tokio::test]
async fn message_over_4_kib_closes_socket() {
    let server = Server::shared();
    let ann = server.register().await;
    for message in
        [text(4097), Message::binary(vec![0; 4097]), text(1 << 16), Message::binary(vec![0; 1 << 20]), text(1 << 23)]
    {
        let mut socket = ann.follow(0).await;
        let length = message.len();
        socket.send(message).await;
        assert_eq!(socket.closed().await, Some(1009), "{length}");
    }
}

#[tokio::test]
async fn fragmented_message_is_limited_to_4_kib() {
    let server = Server::shared();
    let ann = server.register().await;
    for lengths in [vec![2048, 2049], vec![4096, 1], vec![1; 4097], vec![4000, 4000, 4000], vec![0, 4097]] {
        let mut socket = ann.follow(0).await;
        send_fragments(&mut socket, &lengths).await;
        assert_eq!(socket.closed().await, Some(1009), "{} pieces", lengths.len());
    }
}

#[tokio::test]
async fn invalid_frame_closes_socket() {
    let server = Server::shared();
    let ann = server.register().await;
    let long_ping = [b"\x89\xFE\x00\x7E\0\0\0\0", &[0; 126][..]].concat();
    for wrong in [
        // Not masked.
        &b"\x81\x01a"[..],
        // With a reserved bit.
        b"\xC1\x81\0\0\0\0a",
        // Of no kind that there is.
        b"\x83\x80\0\0\0\0",
        // A ping in pieces, and one of more than 125 bytes.
        b"\x09\x80\0\0\0\0",
        &long_ping,
        // The continuation of nothing, and a message within another.
        b"\x80\x80\0\0\0\0",
        b"\x01\x80\0\0\0\0\x81\x80\0\0\0\0",
        // Longer than anything.
        b"\x81\xFF\x80\0\0\0\0\0\0\0\0\0\0\0",
    ] {
        let mut connection = RawRealtimeConnection::web_socket(&server, &ann, 0).await;
        connection.send(wrong).await;
        let frame = connection.next().await.unwrap();
        assert!(matches!(frame.code(), Some(1002 | 1009)), "{wrong:x?}: {frame:?}");
    }
}

#[tokio::test]
async fn text_that_is_not_utf8_closes_socket_with_1007() {
    let server = Server::shared();
    let ann = server.register().await;
    for wrong in [
        &b"\x81\x82\0\0\0\0a\xFF"[..],
        // A surrogate, and a character that ends with its message.
        b"\x81\x83\0\0\0\0\xED\xA0\x80",
        b"\x01\x81\0\0\0\0\xC3\x80\x81\0\0\0\0a",
        // The reason to close is a text as well.
        b"\x88\x83\0\0\0\0\x03\xE8\xFF",
    ] {
        let mut connection = RawRealtimeConnection::web_socket(&server, &ann, 0).await;
        connection.send(wrong).await;
        assert_eq!(connection.next().await.unwrap().code(), Some(1007), "{wrong:x?}");
    }
    let mut connection = RawRealtimeConnection::web_socket(&server, &ann, 0).await;
    // What is no text needs no encoding, and a character may be cut by frames.
    connection.send(b"\x82\x81\0\0\0\0\xFF\x01\x81\0\0\0\0\xC3\x80\x81\0\0\0\0\xA9\x88\x80\0\0\0\0").await;
    assert_eq!(connection.next().await.unwrap().payload, b"");
}

#[tokio::test]
async fn socket_over_limit_of_20_is_closed() {
    let server = Server::shared();
    let team = Team::new(&server).await;
    let elsewhere = team.assignee.log_in_again().await;
    let mut sockets = Vec::new();
    for n in 0..20 {
        let session = if n % 2 == 0 { &team.assignee } else { &elsewhere };
        sockets.push(session.follow(0).await);
    }
    for session in [&team.assignee, &elsewhere] {
        assert_eq!(session.follow(0).await.closed().await, Some(1008));
    }
    // Somebody else's count for themselves.
    team.owner.follow(0).await.close().await;
    team.toggle(1).await;
    for socket in &mut sockets {
        socket.take(1..=2).await;
    }
    // One that goes makes room, whether it says so or not.
    for polite in [true, false] {
        let socket = sockets.pop().unwrap();
        if polite {
            socket.close().await;
        } else {
            drop(socket);
        }
        eventually("there is room again", async || {
            let mut socket = elsewhere.follow(0).await;
            let taken = socket.try_next().await.is_some();
            if taken {
                sockets.push(socket);
            }
            taken
        })
        .await;
    }
    assert_eq!(elsewhere.follow(0).await.closed().await, Some(1008));
}

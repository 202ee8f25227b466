//! Receives notifications of the changes that the load makes, on many connections.

mod chunks;
mod deliveries;
mod event_stream;
mod response;
mod socket;

use crate::{Outcome, report::Recorder, scenario::Change};
use clap::ValueEnum;
use deliveries::{Deliveries, Message};
use event_stream::EventStream;
use mio::{Registry, Token};
use socket::Socket;
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

/// The longest that the server may take to open a connection.
const DEADLINE: Duration = Duration::from_secs(30);

/// How notifications are received.
#[derive(Clone, Copy)]
pub struct Follow {
    pub transport: Transport,
    /// Of the server that sends them.
    pub address: SocketAddr,
    /// Connections of all users.
    pub followers: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Transport {
    /// GET `/ws`
    Sockets,
    /// GET `/events`
    EventStreams,
}

/// The connections on which notifications are received. Connection i is that of user i % users.
pub struct Followers {
    list: Vec<Follower>,
    /// How many connections each user has.
    of_user: Vec<u64>,
    deliveries: Deliveries,
}

struct Follower {
    stream: Stream,
    /// The number of the last notification.
    last: Option<u64>,
}

enum Stream {
    Socket(Socket),
    Events(EventStream),
}

impl Followers {
    /// Opens the connections, one after the other, and registers them with tokens from `token` on.
    pub fn open(follow: Option<Follow>, tokens: &[String], registry: &Registry, token: usize) -> Outcome<Self> {
        let mut followers =
            Self { list: Vec::new(), of_user: vec![0; tokens.len()], deliveries: Deliveries::default() };
        let Some(Follow { transport, address, followers: count }) = follow else { return Ok(followers) };
        for number in 0..count {
            let user = number % tokens.len();
            let (token, access_token) = (Token(token + number), &tokens[user]);
            let stream = match transport {
                Transport::Sockets => Stream::Socket(Socket::open(address, access_token, registry, token)?),
                Transport::EventStreams => Stream::Events(EventStream::open(address, access_token, registry, token)?),
            };
            followers.list.push(Follower { stream, last: None });
            followers.of_user[user] += 1;
        }
        Ok(followers)
    }

    pub fn len(&self) -> usize {
        self.list.len()
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether messages about changes are still to come.
    pub fn are_waiting(&self) -> bool {
        self.deliveries.are_outstanding()
    }

    /// A change is sent of which this user will be notified.
    pub fn expect(&mut self, change: Change, user: u64) {
        let messages = usize::try_from(user).ok().and_then(|user| self.of_user.get(user));
        self.deliveries.expect(change, messages.copied().unwrap_or_default());
    }

    /// A change was answered. Fails where it wasn't made, as its messages would be waited for in vain.
    pub fn answered(&mut self, change: Change, status: u16, now: Instant, recorder: &mut Recorder) -> Outcome {
        if status != 200 {
            return Err(format!("a change was answered by {status}").into());
        }
        self.deliveries.answered(change, now, recorder);
        Ok(())
    }

    /// Reads what a connection has. Fails if a message is missing or the server has ended it.
    pub fn receive(&mut self, index: usize, recorder: &mut Recorder) -> Outcome {
        let Self { list, deliveries, .. } = self;
        let Follower { stream, last } = &mut list[index];
        let mut take = |text: &[u8]| -> Outcome {
            let message = Message::parse(text)?;
            if let Some(before) = last.replace(message.seq)
                && message.seq != before + 1
            {
                return Err(format!("notification {} came after {before}", message.seq).into());
            }
            if let Some(change) = message.change() {
                deliveries.delivered(change, Instant::now(), recorder);
            }
            Ok(())
        };
        match stream {
            Stream::Socket(socket) => socket.receive(&mut take),
            Stream::Events(events) => events.receive(&mut take),
        }
    }
}

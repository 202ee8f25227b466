//! Sends requests for some time, or so many of them.

use crate::{
    Outcome,
    connection::Connection,
    follow::{Follow, Followers},
    report::{Recorder, Report},
    scenario::Scenario,
};
use mio::{Events, Poll, Token};
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

/// The longest that a response or a message may take.
const DEADLINE: Duration = Duration::from_mins(1);

pub struct Load {
    /// At least one. Connection i is to the server i % addresses.
    pub addresses: Vec<SocketAddr>,
    pub connections: usize,
    pub until: Until,
    /// Requests a second of all connections; as many as are answered without it.
    pub rate: Option<f64>,
    /// Whether messages about the changes are received, and how.
    pub follow: Option<Follow>,
}

#[derive(Clone, Copy)]
pub enum Until {
    Time(Duration),
    /// Requests of all connections, rounded up to as many for each.
    Requests(u64),
}

/// Sends the requests that prepare the load, then those of the load, and waits for the responses and messages to the last.
pub fn run(scenario: &mut Scenario, load: &Load) -> Outcome<Report> {
    let poll = Poll::new()?;
    let open = |number: usize| {
        let address = load.addresses[number % load.addresses.len()];
        Connection::open(address, poll.registry(), Token(number))
    };
    let connections = (0..load.connections).map(open).collect::<Outcome<Vec<_>>>()?;
    let followers = Followers::open(load.follow, scenario.tokens(), poll.registry(), load.connections)?;
    let start = Instant::now();
    let end = End::After(scenario.preparations());
    let mut driver = Driver { scenario, connections, followers, poll, open: 0, is_preparing: true, end, period: None };
    driver.drive(start, None, &mut Recorder::new())?;

    let start = Instant::now();
    driver.is_preparing = false;
    driver.end = match load.until {
        Until::Time(time) => End::At(start + time),
        Until::Requests(requests) => End::After(requests.div_ceil(load.connections as u64)),
    };
    let mut recorder = Recorder::new();
    driver.drive(start, load.rate, &mut recorder)?;
    Ok(recorder.report(start.elapsed()))
}

struct Driver<'a> {
    scenario: &'a mut Scenario,
    connections: Vec<Connection>,
    followers: Followers,
    poll: Poll,
    /// Connections that didn't send their last request yet, or wait for its response.
    open: usize,
    is_preparing: bool,
    end: End,
    /// Between two requests of a connection.
    period: Option<Duration>,
}

/// When a connection sends no more.
#[derive(Clone, Copy)]
enum End {
    At(Instant),
    /// So many requests.
    After(u64),
}

impl Driver<'_> {
    /// Sends requests until the end, and waits for what comes of them.
    fn drive(&mut self, start: Instant, rate: Option<f64>, recorder: &mut Recorder) -> Outcome {
        let pause = rate.map(|rate| Duration::from_secs_f64(1.0 / rate));
        self.period = pause.map(|pause| pause * u32::try_from(self.connections.len()).unwrap_or(u32::MAX));
        self.open = self.connections.len();
        for (number, index) in (0..).zip(0..self.connections.len()) {
            self.connections[index].begin(start + pause.unwrap_or_default() * number);
            self.advance(index, start)?;
        }
        let mut events = Events::with_capacity(self.connections.len() + self.followers.len());
        // Of the last response.
        let mut last = Instant::now();
        loop {
            let due = self.send_due()?;
            if self.open == 0 && !self.followers.are_waiting() {
                return Ok(());
            }
            self.poll.poll(&mut events, Some(due.unwrap_or(DEADLINE)))?;
            // Nothing is to be sent. Pings arrive whatever is missing.
            if due.is_none() && (events.is_empty() || last.elapsed() > DEADLINE) {
                return Err(format!("a response or a message takes longer than {DEADLINE:?}").into());
            }
            for event in &events {
                let Token(token) = event.token();
                if let Some(follower) = token.checked_sub(self.connections.len()) {
                    self.followers.receive(follower, recorder)?;
                } else if self.receive(token, recorder)? {
                    last = Instant::now();
                }
            }
        }
    }

    /// Reads from a connection, and goes on where a response is there. Returns whether it is.
    fn receive(&mut self, index: usize, recorder: &mut Recorder) -> Outcome<bool> {
        let connection = &mut self.connections[index];
        let (due, sent) = (connection.due, connection.sent);
        let Some(answer) = connection.receive()? else { return Ok(false) };
        let (status, now) = (answer.status, Instant::now());
        self.scenario.receive(index, &answer)?;
        if self.is_preparing && status != 200 {
            return Err(format!("a request before the load was answered by {status}").into());
        }
        if self.followers.is_empty() {
            recorder.record(status, now - due);
        } else {
            recorder.count(status);
            self.followers.answered(self.scenario.change(index, sent - 1), status, now, recorder)?;
        }
        connection.due = self.period.map_or(now, |period| due + period);
        self.advance(index, now)?;
        Ok(true)
    }

    /// Sends the next request of a connection if it is due, or none if it is at its end.
    fn advance(&mut self, index: usize, now: Instant) -> Outcome {
        let connection = &mut self.connections[index];
        let is_over = match self.end {
            End::At(end) => connection.due >= end,
            End::After(requests) => connection.sent >= requests,
        };
        if is_over && self.scenario.may_end_after(connection.sent) {
            connection.has_ended = true;
            self.open -= 1;
        } else if connection.due <= now {
            if !self.followers.is_empty() {
                let change = self.scenario.change(index, connection.sent);
                self.followers.expect(change, self.scenario.assignee(change.task));
            }
            connection.send(|request, n| {
                if self.is_preparing {
                    self.scenario.prepare(request, index, n)
                } else {
                    self.scenario.write(request, index, n)
                }
            })?;
        }
        Ok(())
    }

    /// Sends what is due on idle connections, and returns how long it is until more is. Without a rate no connection is
    /// idle.
    fn send_due(&mut self) -> Outcome<Option<Duration>> {
        if self.period.is_none() {
            return Ok(None);
        }
        let now = Instant::now();
        let mut next = None;
        for index in 0..self.connections.len() {
            let connection = &mut self.connections[index];
            if connection.is_idle() && connection.due <= now {
                // What is late here is the timer, not the server.
                connection.due = now;
                self.advance(index, now)?;
            } else if connection.is_idle() {
                next = Some(next.map_or(connection.due, |next: Instant| next.min(connection.due)));
            }
        }
        Ok(next.map(|next| next.saturating_duration_since(now)))
    }
}

//! Sends requests for some time.

use crate::{
    Outcome,
    connection::Connection,
    report::{Recorder, Report},
    scenario::Scenario,
};
use mio::{Events, Poll, Token};
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

/// The longest that a response may take.
const DEADLINE: Duration = Duration::from_mins(1);

/// Sends requests on all connections for `time`, and waits for the responses to the last. `rate` is of all connections.
pub fn run(
    scenario: &Scenario,
    address: SocketAddr,
    connections: usize,
    time: Duration,
    rate: Option<f64>,
) -> Outcome<Report> {
    let mut poll = Poll::new()?;
    let open = |token| Connection::open(address, poll.registry(), Token(token));
    let connections = (0..connections).map(open).collect::<Outcome<Vec<_>>>()?;
    let pause = rate.map(|rate| Duration::from_secs_f64(1.0 / rate));
    let start = Instant::now();
    let period = pause.map(|pause| pause * u32::try_from(connections.len()).unwrap_or(u32::MAX));
    let mut driver = Driver { scenario, open: connections.len(), connections, period, end: start + time };
    for (number, index) in (0..).zip(0..driver.connections.len()) {
        driver.connections[index].due = start + pause.unwrap_or_default() * number;
        driver.advance(index, start)?;
    }
    let mut events = Events::with_capacity(driver.connections.len());
    let mut recorder = Recorder::new();
    while driver.open > 0 {
        poll.poll(&mut events, Some(driver.send_due()?.unwrap_or(DEADLINE)))?;
        if events.is_empty() && driver.period.is_none() {
            return Err(format!("a response takes longer than {DEADLINE:?}").into());
        }
        for event in &events {
            let Token(index) = event.token();
            let connection = &mut driver.connections[index];
            if let Some(status) = connection.receive()? {
                let now = Instant::now();
                recorder.record(status, now - connection.due);
                connection.due = driver.period.map_or(now, |period| connection.due + period);
                driver.advance(index, now)?;
            }
        }
    }
    Ok(recorder.report(start.elapsed()))
}

struct Driver<'a> {
    scenario: &'a Scenario,
    connections: Vec<Connection>,
    /// Connections that didn't send their last request yet, or wait for its response.
    open: usize,
    /// Between two requests of a connection.
    period: Option<Duration>,
    end: Instant,
}

impl Driver<'_> {
    /// Sends the next request of a connection if it is due, or none if the time is over.
    fn advance(&mut self, index: usize, now: Instant) -> Outcome {
        let connection = &mut self.connections[index];
        if connection.due >= self.end && self.scenario.may_end_after(connection.sent) {
            connection.has_ended = true;
            self.open -= 1;
        } else if connection.due <= now {
            connection.send(|request, n| self.scenario.write(request, index as u64, n))?;
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

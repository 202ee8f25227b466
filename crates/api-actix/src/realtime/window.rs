//! How far a WebSocket's client has read.
//!
//! Pings carry the number of bytes that were sent before them; their pongs tell that these were read. No more than a
//! window is ever on its way, in whosever buffers, so that a client that stops reading holds up kilobytes. The window
//! is less than what an HTTP connection buffers before it stops to ask for more, so that it always takes what we send.

/// Most bytes on their way, up to the end of the frame that exceeds it.
const WINDOW: u64 = 16 * 1024;

/// How many bytes go between two pings, at most.
const MARK: u64 = 4 * 1024;

/// What stands before the payload of a frame that we send, at most: none is longer than 64 KiB.
const HEAD: u64 = 4;

/// Counts what is on its way.
#[derive(Debug, Default)]
pub struct Window {
    sent: u64,
    marked: u64,
    read: u64,
}

impl Window {
    /// Whether more may be sent.
    pub fn is_open(&self) -> bool {
        self.on_the_way() < WINDOW
    }

    /// Whether about all that was sent was read as well.
    pub fn is_nearly_read(&self) -> bool {
        self.on_the_way() < 2 * MARK
    }

    fn on_the_way(&self) -> u64 {
        self.sent - self.read
    }

    /// A frame is sent. Whether a ping is due.
    pub fn send(&mut self, payload: usize) -> bool {
        self.sent += HEAD + payload as u64;
        self.sent - self.marked >= MARK
    }

    /// The payload of a ping, which is sent.
    pub fn ping(&mut self) -> [u8; 8] {
        self.marked = self.sent;
        let mark = self.sent.to_be_bytes();
        self.send(mark.len());
        mark
    }

    /// A pong has come. Whether the client has read on, by what the pong says.
    pub fn on_pong(&mut self, payload: &[u8]) -> bool {
        let Ok(mark) = payload.try_into().map(u64::from_be_bytes) else { return false };
        let progress = self.read < mark && mark <= self.marked;
        if progress {
            self.read = mark;
        }
        progress
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends until the window is closed; the pings.
    fn fill(window: &mut Window) -> Vec<[u8; 8]> {
        let mut pings = Vec::new();
        while window.is_open() {
            if window.send(300) {
                pings.push(window.ping());
            }
        }
        pings
    }

    #[test]
    fn a_client_that_reads_nothing_is_sent_no_more_than_a_window() {
        let mut window = Window::default();
        fill(&mut window);
        assert!((WINDOW..WINDOW + 500).contains(&window.sent), "{window:?}");
        assert!(!window.is_nearly_read());
    }

    #[test]
    fn each_pong_opens_the_window_by_what_was_read() {
        let mut window = Window::default();
        let pings = fill(&mut window);
        assert!(pings.len() >= 3);
        for ping in &pings {
            assert!(window.on_pong(ping) && window.is_open());
            assert!(!window.on_pong(ping), "an old one says nothing new");
        }
        assert!(window.is_nearly_read());
        assert!(fill(&mut window).len() >= 2);
    }

    #[test]
    fn a_pong_of_nothing_that_was_asked_opens_nothing() {
        let mut window = Window::default();
        fill(&mut window);
        for wrong in [&b""[..], b"abc", &u64::MAX.to_be_bytes(), &(1_u64 << 40).to_be_bytes(), &[0; 9]] {
            assert!(!window.on_pong(wrong));
        }
        assert!(!window.is_open());
    }
}

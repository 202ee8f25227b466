//! An SMTP server for tests: it listens on 127.0.0.1, keeps the mails that it accepts, and refuses commands or stops
//! answering when a test sets it to. It refuses what doesn't conform to RFC 5321, so that a client that works with it works
//! with others.
//!
//! ```no_run
//! use fasttrack_testkit::smtp::{Security, SmtpServer};
//!
//! let server = SmtpServer::start(Security::StartTls);
//! println!("SMTP_URL={}", server.url());
//! for mail in server.mails() {
//!     println!("{:?}: {}", mail.to, mail.subject());
//! }
//! ```

mod session;
mod tls;

use mail_parser::MessageParser;
use session::Session;
use std::{
    net::{Ipv4Addr, TcpListener},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};
use tokio::{select, sync::oneshot, task::JoinSet};

/// When a server encrypts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// Never.
    None,
    /// When the client asks for it; it takes no mail before.
    StartTls,
    /// From the first byte.
    Tls,
}

/// A mail that a server has accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The envelope's sender.
    pub from: String,
    /// The envelope's receivers.
    pub to: Vec<String>,
    /// The credentials of the client: base64 of SASL PLAIN (RFC 4616).
    pub login: Option<String>,
    /// Header and body, as they came.
    pub data: String,
}

impl Received {
    /// The subject, decoded.
    pub fn subject(&self) -> String {
        MessageParser::new().parse(&self.data).unwrap().subject().unwrap().to_owned()
    }

    /// The part that is plain text, decoded.
    pub fn text(&self) -> String {
        let message = MessageParser::new().parse(&self.data).unwrap();
        message.text_part(0).filter(|part| part.is_text() && !part.is_text_html()).unwrap();
        message.body_text(0).unwrap().into_owned()
    }

    /// The part that is HTML, decoded.
    pub fn html(&self) -> String {
        let message = MessageParser::new().parse(&self.data).unwrap();
        message.html_part(0).filter(|part| part.is_text_html()).unwrap();
        message.body_html(0).unwrap().into_owned()
    }

    /// A header as it came, without its name.
    pub fn header(&self, name: &str) -> Option<String> {
        let message = MessageParser::new().parse(&self.data).unwrap();
        message.header_raw(name).map(|value| value.trim().to_owned())
    }
}

/// Listens until it is dropped.
#[derive(Debug)]
pub struct SmtpServer {
    port: u16,
    security: Security,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

/// The state that the sessions and the test share.
#[derive(Debug, Default)]
struct Shared {
    mails: Mutex<Vec<Received>>,
    behavior: Mutex<Behavior>,
    unanswered: AtomicUsize,
}

/// How a server answers from now on.
#[derive(Clone, Debug, Default)]
enum Behavior {
    /// It accepts mails.
    #[default]
    Accept,
    /// It doesn't answer this command; none where it is absent.
    NoAnswer(Option<String>),
    /// It answers this command with this code.
    Refuse(String, u16),
}

impl SmtpServer {
    /// Starts a server on a free port.
    pub fn start(security: Security) -> Self {
        Self::start_at(0, security)
    }

    /// Starts a server on this port, for instance that of a server that was dropped.
    pub fn start_at(port: u16, security: Security) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::<Shared>::default();
        let (stop, stopped) = oneshot::channel();
        // On a thread of its own, so that it has ended when it is dropped, whatever runs the test.
        let thread = thread::spawn({
            let shared = Arc::clone(&shared);
            move || serve(listener, security, &shared, stopped)
        });
        Self { port, security, shared, stop: Some(stop), thread: Some(thread) }
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The value of `SMTP_URL`, without user and password: the server accepts any.
    pub fn url(&self) -> String {
        let port = self.port;
        match self.security {
            Security::None => format!("smtp://127.0.0.1:{port}"),
            Security::StartTls => format!("smtp://127.0.0.1:{port}?tls=required"),
            Security::Tls => format!("smtps://127.0.0.1:{port}"),
        }
    }

    /// The authority behind its certificate, the same for all servers of this process. The certificate is for
    /// `127.0.0.1` alone.
    pub fn root_pem() -> &'static str {
        tls::root_pem()
    }

    /// The accepted mails, in order.
    pub fn mails(&self) -> Vec<Received> {
        self.shared.mails.lock().unwrap().clone()
    }

    /// Answers every receiver with this code.
    pub fn refuse(&self, code: u16) {
        self.refuse_at("RCPT", code);
    }

    /// Answers `command` with this code: one of SMTP's, in capitals, or `.` for the end of a mail.
    pub fn refuse_at(&self, command: &str, code: u16) {
        self.set_behavior(Behavior::Refuse(command.to_owned(), code));
    }

    /// Answers nothing from now on, and keeps connections open.
    pub fn stop_answering(&self) {
        self.set_behavior(Behavior::NoAnswer(None));
    }

    /// Doesn't answer `command`, as above, and keeps the connection open. A mail whose end gets no answer is accepted.
    pub fn stop_answering_at(&self, command: &str) {
        self.set_behavior(Behavior::NoAnswer(Some(command.to_owned())));
    }

    /// The number of commands and connections that got no answer so far.
    pub fn unanswered(&self) -> usize {
        self.shared.unanswered.load(Ordering::SeqCst)
    }

    /// Accepts mails again. A command that got no answer gets none later.
    pub fn accept(&self) {
        self.set_behavior(Behavior::Accept);
    }

    fn set_behavior(&self, behavior: Behavior) {
        *self.shared.behavior.lock().unwrap() = behavior;
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        drop(self.stop.take());
        let ended = self.thread.take().map(thread::JoinHandle::join);
        assert!(thread::panicking() || matches!(ended, Some(Ok(()))), "the SMTP server failed");
    }
}

fn serve(listener: TcpListener, security: Security, shared: &Arc<Shared>, mut stopped: oneshot::Receiver<()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        let mut sessions = JoinSet::new();
        loop {
            select! {
                _ = &mut stopped => return,
                connection = listener.accept() => {
                    let (stream, _) = connection.unwrap();
                    let session = Session::new(Arc::clone(shared));
                    // A client that disconnects in between does not fail the test.
                    sessions.spawn(async move { session.serve(stream, security).await.ok() });
                }
            }
        }
    });
}

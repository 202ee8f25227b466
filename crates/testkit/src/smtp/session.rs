//! One client's connection.

use super::{Behavior, Received, Security, Shared, tls};
use std::{
    future::pending,
    io,
    sync::{Arc, atomic::Ordering},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    net::TcpStream,
};

/// With its end (RFC 5321 section 4.5.3.1.6).
const MAX_LINE: usize = 1000;

pub(super) struct Session {
    shared: Arc<Shared>,
    greeted: bool,
    login: Option<String>,
    mail: Option<Mail>,
}

struct Mail {
    from: String,
    to: Vec<String>,
    eight_bit: bool,
}

/// What follows an answer.
enum Next {
    Command,
    Mail,
    StartTls,
    End,
}

impl Session {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, greeted: false, login: None, mail: None }
    }

    pub(super) async fn serve(mut self, stream: TcpStream, security: Security) -> io::Result<()> {
        match security {
            Security::None => self.converse(stream, true, false).await.map(drop),
            Security::Tls => self.converse(tls::acceptor().accept(stream).await?, true, false).await.map(drop),
            Security::StartTls => {
                let Some(stream) = self.converse(stream, true, true).await? else { return Ok(()) };
                // What was received in clear is discarded (RFC 3207 section 4.2).
                let mut encrypted = Self::new(Arc::clone(&self.shared));
                encrypted.converse(tls::acceptor().accept(stream).await?, false, false).await.map(drop)
            }
        }
    }

    /// Until the end, or until the client wants the stream encrypted.
    async fn converse<S>(&mut self, stream: S, greet: bool, must_encrypt: bool) -> io::Result<Option<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut stream = BufReader::new(stream);
        if greet {
            self.answer(&mut stream, "", "220 127.0.0.1 ESMTP").await?;
        }
        loop {
            let Some(line) = read_line(&mut stream).await? else { return Ok(None) };
            let line = match line {
                Ok(line) => line,
                Err(fault) => return self.answer(&mut stream, "", fault).await.map(|()| None),
            };
            let (command, argument) = line.split_once(' ').unwrap_or((&line, ""));
            let command = command.to_ascii_uppercase();
            let (answer, next) = self.obey(&command, argument, must_encrypt);
            self.answer(&mut stream, &command, &answer).await?;
            match next {
                Next::Command => {}
                Next::Mail => {
                    let answer = self.take(&mut stream).await?;
                    self.answer(&mut stream, ".", &answer).await?;
                }
                Next::StartTls => return Ok(Some(stream.into_inner())),
                Next::End => return Ok(None),
            }
        }
    }

    async fn answer(&self, stream: &mut (impl AsyncWrite + Unpin), to: &str, answer: &str) -> io::Result<()> {
        if let Behavior::NoAnswer(at) = self.behavior()
            && at.is_none_or(|command| command == to)
        {
            self.shared.unanswered.fetch_add(1, Ordering::SeqCst);
            pending::<()>().await;
        }
        stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
        stream.flush().await
    }

    fn behavior(&self) -> Behavior {
        self.shared.behavior.lock().unwrap().clone()
    }

    fn refusal(&self, command: &str) -> Option<String> {
        match self.behavior() {
            Behavior::Refuse(refused, code) if refused == command => Some(format!("{code} as the test wants it")),
            _ => None,
        }
    }

    fn obey(&mut self, command: &str, argument: &str, must_encrypt: bool) -> (String, Next) {
        if let Some(refusal) = self.refusal(command) {
            return (refusal, Next::Command);
        }
        let answer = match command {
            "QUIT" => return ("221 bye".to_owned(), Next::End),
            "STARTTLS" if must_encrypt => return ("220 go on".to_owned(), Next::StartTls),
            "EHLO" if !argument.is_empty() => {
                self.greeted = true;
                let more = if must_encrypt { "STARTTLS" } else { "AUTH PLAIN" };
                return (format!("250-127.0.0.1\r\n250-8BITMIME\r\n250 {more}"), Next::Command);
            }
            "NOOP" => "250 ok",
            "RSET" => {
                self.mail = None;
                "250 ok"
            }
            _ if must_encrypt => "530 5.7.0 encrypt first",
            _ if !self.greeted => "503 greet first",
            "AUTH" => match argument.strip_prefix("PLAIN ") {
                Some(login) => {
                    self.login = Some(login.to_owned());
                    "235 welcome"
                }
                None => "504 PLAIN alone",
            },
            "MAIL" => match path(argument, "FROM:") {
                Some((from, parameters)) if self.mail.is_none() => {
                    let eight_bit = parameters.contains("BODY=8BITMIME");
                    self.mail = Some(Mail { from, to: Vec::new(), eight_bit });
                    "250 ok"
                }
                Some(_) => "503 one after the other",
                None => "501 from whom",
            },
            "RCPT" => match (path(argument, "TO:"), &mut self.mail) {
                (Some((to, _)), Some(mail)) => {
                    mail.to.push(to);
                    "250 ok"
                }
                (None, _) => "501 to whom",
                (_, None) => "503 MAIL first",
            },
            "DATA" if self.mail.as_ref().is_some_and(|mail| !mail.to.is_empty()) => {
                return ("354 go on".to_owned(), Next::Mail);
            }
            "DATA" => "503 RCPT first",
            _ => "500 what",
        };
        (answer.to_owned(), Next::Command)
    }

    /// Reads a mail to its end.
    async fn take<S: AsyncRead + AsyncWrite + Unpin>(&mut self, stream: &mut BufReader<S>) -> io::Result<String> {
        let (mut data, mut fault) = (String::new(), None);
        loop {
            match read_line(stream).await?.ok_or(io::ErrorKind::UnexpectedEof)? {
                Ok(line) if line == "." => break,
                Ok(line) => {
                    data.push_str(line.strip_prefix('.').unwrap_or(&line));
                    data.push_str("\r\n");
                }
                Err(found) => fault = Some(found.to_owned()),
            }
        }
        let Mail { from, to, eight_bit } = self.mail.take().ok_or(io::ErrorKind::InvalidData)?;
        if !data.is_ascii() && !eight_bit {
            fault = Some("554 eight bits without BODY=8BITMIME".to_owned());
        }
        if let Some(refusal) = self.refusal(".").or(fault) {
            return Ok(refusal);
        }
        self.shared.mails.lock().unwrap().push(Received { from, to, login: self.login.clone(), data });
        Ok("250 taken".to_owned())
    }
}

/// Without its end; `Err` with the answer to a line that isn't in the form that it must have.
async fn read_line<S>(stream: &mut BufReader<S>) -> io::Result<Option<Result<String, &'static str>>>
where
    S: AsyncRead + Unpin,
{
    let mut line = Vec::new();
    if stream.read_until(b'\n', &mut line).await? == 0 {
        return Ok(None);
    }
    Ok(Some(match line.strip_suffix(b"\r\n") {
        _ if line.len() > MAX_LINE => Err("500 the line is too long"),
        Some(line) if !line.contains(&b'\r') => String::from_utf8(line.to_vec()).map_err(|_| "500 not in UTF-8"),
        _ => Err("500 a line ends with CR and LF"),
    }))
}

/// The address and what stands behind it.
fn path<'a>(argument: &'a str, keyword: &str) -> Option<(String, &'a str)> {
    let path = argument.strip_prefix(keyword)?.strip_prefix('<')?;
    let (address, parameters) = path.split_once('>')?;
    Some((address.to_owned(), parameters))
}

//! Standard output and standard error of commands. Their reader may stop, as `head` does.

use crate::program::start::StartError;
use std::{
    fmt::Display,
    io::{self, Write},
};

/// Writes a line to standard output. [`StartError::OutputClosed`], which ends the command quietly, where its reader is
/// gone.
pub fn line(text: impl Display) -> Result<(), StartError> {
    written(writeln!(io::stdout().lock(), "{text}"))
}

/// Writes a text whose last line is complete.
pub fn text(text: &[u8]) -> Result<(), StartError> {
    let mut stdout = io::stdout().lock();
    written(stdout.write_all(text).and_then(|()| stdout.flush()))
}

fn written(outcome: io::Result<()>) -> Result<(), StartError> {
    outcome.map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => StartError::OutputClosed,
        _ => StartError::failed("standard output can't be written", &error),
    })
}

/// Writes a line to standard error, if it is open: `eprintln!` would panic where it is closed.
pub fn note(text: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

//! Standard output and standard error of commands. Whoever reads them may stop, as `head` does.

use crate::program::start::StartError;
use std::{
    fmt::Display,
    io::{self, Write},
};

/// Writes a line to standard output. [`StartError::OutputClosed`] where nobody reads it any more, which ends a command
/// without a word.
pub fn line(text: impl Display) -> Result<(), StartError> {
    written(writeln!(io::stdout().lock(), "{text}"))
}

/// Writes a text that ends its last line itself.
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

/// Writes a line to standard error. `eprintln!` panics where that is closed, and there is nowhere else to say so.
pub fn note(text: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

//! Histories as files: a line of JSON an operation.

use super::record::Operation;
use std::{
    fs::File,
    io::{self, BufRead, BufReader, BufWriter, Write},
    path::Path,
};

/// Writes a history to a new file.
pub fn write(path: &Path, history: &[Operation]) -> io::Result<()> {
    let mut file = BufWriter::new(File::create_new(path)?);
    for operation in history {
        serde_json::to_writer(&mut file, operation)?;
        file.write_all(b"\n")?;
    }
    file.flush()
}

/// Reads a history. The error of a line that is none names its number.
pub fn read(path: &Path) -> io::Result<Vec<Operation>> {
    let lines = BufReader::new(File::open(path)?).lines();
    let parsed = |(number, line): (usize, io::Result<String>)| {
        serde_json::from_str(&line?)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, format!("line {}: {error}", number + 1)))
    };
    lines.enumerate().map(parsed).collect()
}

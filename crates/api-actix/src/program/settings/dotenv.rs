//! The file `.env`: read once, before anything else reads the environment.

use dotenvy::Error as ReadError;
use std::{
    cell::Cell,
    collections::HashMap,
    env, fs,
    io::{self, Read},
    path::Path,
    rc::Rc,
};

/// Variables that libraries read, and prefixes of such.
const OF_OTHERS: [&str; 10] =
    ["OTEL_", "RUST_", "MIMALLOC_", "SSL_CERT_", "PG", "NO_COLOR", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "TZ"];

/// Similarity, 0 to 1, from which on one name is suggested for another.
const SIMILAR: f64 = 0.7;

/// Why `.env` can't be used. It never contains a value from the file.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDotEnv {
    /// The number of a line that is no `NAME=value`.
    #[error(
        ".env, line {0}: is no NAME=value; put a value with spaces, quotes or a # into quotes, for example \
         MAIL_FROM=\"fasttrack <tasks@example.org>\""
    )]
    Line(usize),
    /// The file can't be read, or is not UTF-8.
    #[error(".env: {0}")]
    Unreadable(String),
}

/// Names in the file `.env`.
#[derive(Debug, Default)]
pub struct DotEnv {
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    name: String,
    line: usize,
    /// Whether this line set the variable: it wasn't set before.
    is_effective: bool,
}

impl DotEnv {
    /// Reads the file at `path`, where there is one, and sets what the environment hasn't set already. Of two lines with
    /// one name the first counts.
    pub fn load(path: &Path) -> Result<Self, InvalidDotEnv> {
        let text = match fs::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            text => text.map_err(|error| InvalidDotEnv::Unreadable(error.to_string()))?,
        };
        let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&text);
        let file = Self::parse(text, is_set)?;
        dotenvy::from_read(text).map_err(|error| InvalidDotEnv::Unreadable(error.to_string()))?;
        Ok(file)
    }

    fn parse(text: &[u8], is_set: impl Fn(&str) -> bool) -> Result<Self, InvalidDotEnv> {
        let lines = Rc::<Cell<usize>>::default();
        let reader = LineReader { rest: text, lines: Rc::clone(&lines) };
        let mut entries = Vec::<Entry>::new();
        for item in dotenvy::from_read_iter(reader) {
            let (name, _) = item.map_err(|error| match error {
                // A quoted value may go on over many lines; the first has the name.
                ReadError::LineParse(text, _) => {
                    InvalidDotEnv::Line(lines.get() - text.trim_end().matches('\n').count())
                }
                error => InvalidDotEnv::Unreadable(format!("line {}: {error}", lines.get())),
            })?;
            let is_first = entries.iter().all(|entry| entry.name != name);
            let is_effective = is_first && !is_set(&name);
            entries.push(Entry { name, line: lines.get(), is_effective });
        }
        Ok(Self { entries })
    }

    /// Whether the file set this variable.
    pub fn gave(&self, name: &str) -> bool {
        self.entries.iter().any(|entry| entry.name == name && entry.is_effective)
    }

    /// Lines that have no effect: unknown names, and names that occur twice.
    pub fn warnings(&self, known: &[String]) -> Vec<String> {
        let mut first = HashMap::new();
        let mut warnings = Vec::new();
        for Entry { name, line, .. } in &self.entries {
            if let Some(before) = first.insert(name, line) {
                warnings.push(format!(".env, line {line}: {name} is in line {before} already, and that one counts"));
                first.insert(name, before);
            } else if !known.contains(name) && !OF_OTHERS.iter().any(|others| name.starts_with(others)) {
                let similar = known
                    .iter()
                    .map(|known| (strsim::normalized_damerau_levenshtein(name, known), known))
                    .filter(|(similarity, _)| *similarity >= SIMILAR)
                    .max_by(|(a, _), (b, _)| a.total_cmp(b));
                let hint = similar.map(|(_, known)| format!("; did you mean {known}?")).unwrap_or_default();
                warnings.push(format!(".env, line {line}: {name} is no setting and has no effect{hint}"));
            }
        }
        warnings
    }
}

#[expect(clippy::disallowed_methods, reason = "this is where settings are read")]
fn is_set(name: &str) -> bool {
    // As dotenvy sees it: it overrides what is no UTF-8.
    env::var(name).is_ok()
}

/// Reads one line at a time and counts them, so that the parser can't read ahead of the line that it parses.
struct LineReader<'a> {
    rest: &'a [u8],
    lines: Rc<Cell<usize>>,
}

impl Read for LineReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let line = self.rest.iter().position(|byte| *byte == b'\n').map_or(self.rest.len(), |end| end + 1);
        let taken = line.min(buffer.len());
        let (chunk, rest) = self.rest.split_at(taken);
        buffer[..taken].copy_from_slice(chunk);
        self.rest = rest;
        if chunk.ends_with(b"\n") || (rest.is_empty() && taken > 0) {
            self.lines.set(self.lines.get() + 1);
        }
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<DotEnv, InvalidDotEnv> {
        DotEnv::parse(text.as_bytes(), |name| name == "HOST")
    }

    fn known() -> Vec<String> {
        ["HOST", "PORT", "CORS_ORIGINS", "RATE_LIMIT_REQUESTS"].map(str::to_owned).to_vec()
    }

    #[test]
    fn a_wrong_line_is_named_by_its_number_alone() {
        for (text, line) in [
            ("secret", 1),
            ("PORT=1\n\n# comment\nsecret words\nHOST=x\n", 4),
            ("PORT=1\nMAIL_FROM=secret <secret@example.org>", 2),
            ("PORT=1\r\nsecret words\r\n", 2),
            ("PORT=\"1\n2\n3\"\nsecret words\n", 4),
            ("PORT=1\n\nHOST='secret\nand\nso on\n", 3),
            ("=secret", 1),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(error, InvalidDotEnv::Line(line), "{text:?}");
            assert!(!error.to_string().contains("secret"), "{error}");
        }
        assert!(matches!(DotEnv::parse(b"PORT=1\nHOST=\xff\n", |_| false), Err(InvalidDotEnv::Unreadable(_))));
    }

    #[test]
    fn long_lines_are_one_line_each() {
        let long = format!("A={}\nB={}\nC d\n", "x".repeat(20_000), "y".repeat(9_000));
        assert_eq!(parse(&long).unwrap_err(), InvalidDotEnv::Line(3));
    }

    #[test]
    fn environment_overrides_the_file() {
        let file = parse("HOST=a\nPORT=1\nexport CORS_ORIGINS=x\n").unwrap();
        assert_eq!(["HOST", "PORT", "CORS_ORIGINS", "WORKERS"].map(|name| file.gave(name)), [false, true, true, false]);
    }

    #[test]
    fn a_misspelt_name_is_reported_with_the_right_one() {
        let file = parse("PROT=1\n\nCORS_ORIGIN=x\nRATELIMIT_REQUESTS=1\nHOST=a\nPORT=1\n").unwrap();
        assert_eq!(
            file.warnings(&known()),
            [
                ".env, line 1: PROT is no setting and has no effect; did you mean PORT?",
                ".env, line 3: CORS_ORIGIN is no setting and has no effect; did you mean CORS_ORIGINS?",
                ".env, line 4: RATELIMIT_REQUESTS is no setting and has no effect; did you mean RATE_LIMIT_REQUESTS?",
            ]
        );
    }

    #[test]
    fn unknown_name_is_reported_unless_a_library_reads_it() {
        let file = parse("COMPOSE_PROJECT=x\nRUST_BACKTRACE=1\nOTEL_BSP_MAX_QUEUE_SIZE=1\nNO_COLOR=1\n").unwrap();
        assert_eq!(file.warnings(&known()), [".env, line 1: COMPOSE_PROJECT is no setting and has no effect"]);
    }

    #[test]
    fn repeated_name_is_reported() {
        let file = parse("PORT=1\nHOST=x\nPORT=2\nPORT=3\n").unwrap();
        let warnings = file.warnings(&known());
        assert_eq!(warnings[0], ".env, line 3: PORT is in line 1 already, and that one counts");
        assert_eq!(warnings[1], ".env, line 4: PORT is in line 1 already, and that one counts");
        assert_eq!(warnings.len(), 2);
    }
}

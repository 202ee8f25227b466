//! Origins as browsers write them.

/// Checks an origin (RFC 6454 section 6.2): scheme, host, and a port that isn't the scheme's own.
pub fn origin(text: &str) -> Result<String, String> {
    if text.contains('*') {
        return Err("* is not accepted: name each front end, as browsers send it in Origin".to_owned());
    }
    is_origin(text)
        .then(|| text.to_owned())
        .ok_or_else(|| format!("{text:?} is no origin: a scheme in lower case, `://`, a host, nothing behind it"))
}

fn is_origin(origin: &str) -> bool {
    let Some((scheme, host)) = origin.split_once("://") else { return false };
    let of_scheme = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "+-.".contains(c);
    let of_host = |c: char| c.is_ascii_graphic() && !c.is_ascii_uppercase() && !"/?#@*\\\"".contains(c);
    scheme.starts_with(|c: char| c.is_ascii_lowercase())
        && scheme.chars().all(of_scheme)
        && !host.is_empty()
        && host.chars().all(of_host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_what_a_browser_would_send() {
        for text in ["https://app.example.org", "http://localhost:3000", "app://fasttrack", "http://[::1]:8080"] {
            assert_eq!(origin(text).as_deref(), Ok(text));
        }
        for wrong in
            ["*", "null", "https://", "app.example.org", "https://example.org/", "HTTPS://example.org", "https://*.org"]
        {
            assert!(origin(wrong).is_err(), "{wrong}");
        }
    }
}

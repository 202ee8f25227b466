//! Entity tags of `If-Match` and `If-None-Match` (RFC 9110 sections 8.8.3 and 13.1). Ours are `"<version>"`.

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH};
use fasttrack_domain::{field::Invalid, precondition::Versions};

/// An entity tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct EntityTag<'a> {
    is_weak: bool,
    /// The text between the quotes.
    opaque: &'a [u8],
}

impl EntityTag<'_> {
    /// The version in a tag of ours, weak or not.
    fn version(&self) -> Option<i64> {
        let text = std::str::from_utf8(self.opaque).ok()?;
        text.parse().ok().filter(|version: &i64| version.to_string() == text)
    }
}

// @spec SPEC-010
/// Parses `If-Match`. By the strong comparison, a weak tag matches no version (RFC 9110 section 8.8.3.2).
pub fn if_match(headers: &HeaderMap) -> Result<Option<Versions>, Invalid> {
    field(headers, &IF_MATCH, |tag| !tag.is_weak)
}

/// Parses `If-None-Match`, with the weak comparison.
pub fn if_none_match(headers: &HeaderMap) -> Result<Option<Versions>, Invalid> {
    field(headers, &IF_NONE_MATCH, |_| true)
}

fn field(
    headers: &HeaderMap,
    name: &HeaderName,
    is_comparable: impl Fn(&EntityTag<'_>) -> bool,
) -> Result<Option<Versions>, Invalid> {
    // Several lines are one list (RFC 9110 section 5.3).
    let lines: Vec<_> = headers.get_all(name).map(HeaderValue::as_bytes).collect();
    let value = lines.join(&b',');
    if lines.is_empty() {
        return Ok(None);
    }
    if value.trim_ascii() == b"*" {
        return Ok(Some(Versions::Any));
    }
    let invalid = || Invalid::new("invalid", "must be `*` or entity tags in quotes, like \"3\"");
    let tags = list(&value).filter(|tags| !tags.is_empty()).ok_or_else(invalid)?;
    Ok(Some(Versions::OneOf(tags.iter().filter(|tag| is_comparable(tag)).filter_map(EntityTag::version).collect())))
}

/// Parses `#entity-tag`, ignoring empty elements (RFC 9110 section 5.6.1.2); `None` if the syntax is wrong.
fn list(mut rest: &[u8]) -> Option<Vec<EntityTag<'_>>> {
    let mut tags = Vec::new();
    loop {
        rest = rest.trim_ascii_start();
        if let Some((tag, behind)) = entity_tag(rest) {
            tags.push(tag);
            rest = behind.trim_ascii_start();
        }
        match rest.split_first() {
            None => return Some(tags),
            Some((b',', behind)) => rest = behind,
            Some(_) => return None,
        }
    }
}

/// Parses the tag at the beginning of `text`, and returns the rest.
fn entity_tag(text: &[u8]) -> Option<(EntityTag<'_>, &[u8])> {
    let (is_weak, quoted) = text.strip_prefix(b"W/").map_or((false, text), |quoted| (true, quoted));
    let inner = quoted.strip_prefix(b"\"")?;
    let end = inner.iter().position(|byte| *byte == b'"')?;
    let (opaque, behind) = inner.split_at(end);
    // Visible ASCII and any other bytes; no spaces, and no escapes by backslash.
    let is_tag = opaque.iter().all(|byte| byte.is_ascii_graphic() || !byte.is_ascii());
    is_tag.then_some((EntityTag { is_weak, opaque }, &behind[1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Read = Result<Option<Versions>, &'static str>;

    fn read(lines: &[(HeaderName, &[u8])]) -> [Read; 2] {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(name.clone(), HeaderValue::from_bytes(value).unwrap());
        }
        [if_match(&headers), if_none_match(&headers)].map(|read| read.map_err(|invalid| invalid.code))
    }

    fn strong(value: &[u8]) -> Read {
        let [if_match, _] = read(&[(IF_MATCH, value)]);
        if_match
    }

    fn weak(value: &[u8]) -> Read {
        let [_, if_none_match] = read(&[(IF_NONE_MATCH, value)]);
        if_none_match
    }

    #[expect(clippy::unnecessary_wraps, reason = "it is compared with a result")]
    fn one_of(versions: &[i64]) -> Read {
        Ok(Some(Versions::OneOf(versions.to_vec())))
    }

    #[test]
    fn if_match_compares_strongly() {
        assert_eq!(strong(b"\"3\""), one_of(&[3]));
        assert_eq!(strong(b"\"3\", W/\"4\", \"x\", \"05\",\"6\""), one_of(&[3, 6]));
        assert_eq!(strong(b" * "), Ok(Some(Versions::Any)));
    }

    #[test]
    fn if_none_match_compares_weakly() {
        assert_eq!(weak(b"\"2\", W/\"3\""), one_of(&[2, 3]));
        assert_eq!(weak(b"*"), Ok(Some(Versions::Any)));
    }

    #[test]
    fn tags_may_have_commas_and_what_is_not_ascii() {
        assert_eq!(strong(b"\"3,4\", \"6\""), one_of(&[6]));
        assert_eq!(strong(b"\"\xFF\", \"*\", \"W/\", \"\", \"\\\",\"7\""), one_of(&[7]));
    }

    #[test]
    fn empty_elements_and_several_lines_are_one_list() {
        assert_eq!(strong(b", \"1\" ,\t, \"2\","), one_of(&[1, 2]));
        let lines = [(IF_MATCH, &b"\"1\""[..]), (IF_NONE_MATCH, b"\"9\""), (IF_MATCH, b"\"2\"")];
        assert_eq!(read(&lines), [one_of(&[1, 2]), one_of(&[9])]);
        assert_eq!(read(&[]), [Ok(None), Ok(None)]);
    }

    #[test]
    fn what_is_no_list_of_tags_is_refused() {
        for wrong in [
            &b"3"[..],
            b"",
            b",",
            b"\"3",
            b"3\"",
            b"\"3\" \"4\"",
            b"\"3\"\"4\"",
            b"w/\"3\"",
            b"W/ \"3\"",
            b"W/3",
            b"\"a b\"",
            b"*, \"3\"",
            b"**",
        ] {
            assert_eq!(strong(wrong), Err("invalid"), "{wrong:?}");
            assert_eq!(weak(wrong), Err("invalid"), "{wrong:?}");
        }
        assert_eq!(read(&[(IF_MATCH, b"*"), (IF_MATCH, b"\"3\"")]), [Err("invalid"), Ok(None)]);
    }
}

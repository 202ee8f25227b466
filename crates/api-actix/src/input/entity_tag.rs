//! Entity tags of `If-Match` and `If-None-Match` (RFC 9110 sections 8.8.3 and 13.1). Ours are `"<version>"`.

use actix_web::http::header::{EntityTag, HeaderValue};
use fasttrack_domain::{field::Invalid, precondition::Precondition};

// @spec SPEC-010
/// What one header says.
#[derive(Debug, PartialEq)]
pub enum EntityTags {
    /// `*`
    Any,
    /// A list.
    List(Vec<EntityTag>),
}

impl EntityTags {
    /// Reads one header.
    pub fn parse(header: &HeaderValue) -> Result<Self, Invalid> {
        let invalid = || Invalid::new("invalid", "must be `*` or entity tags in quotes, like \"3\"");
        let header = header.to_str().map_err(|_| invalid())?;
        if header.trim() == "*" {
            return Ok(Self::Any);
        }
        // A tag may have commas of its own.
        let mut quoted = false;
        let tags: Vec<EntityTag> = header
            .split(|character| {
                quoted ^= character == '"';
                character == ',' && !quoted
            })
            .map(str::trim)
            .filter(|tag| !tag.is_empty())
            .map(|tag| tag.parse().map_err(|_| invalid()))
            .collect::<Result<_, _>>()?;
        if tags.is_empty() { Err(invalid()) } else { Ok(Self::List(tags)) }
    }

    /// For `If-None-Match`: compared weakly.
    pub fn match_weakly(&self, version: i64) -> bool {
        match self {
            Self::Any => true,
            Self::List(tags) => {
                let current = EntityTag::new_strong(version.to_string());
                tags.iter().any(|tag| tag.weak_eq(&current))
            }
        }
    }

    /// For `If-Match`: compared strongly, so that a weak tag names no version, and neither does one that isn't ours.
    pub fn precondition(headers: &[Self]) -> Precondition {
        let mut versions = Vec::new();
        for header in headers {
            match header {
                Self::Any => return Precondition::Any,
                Self::List(tags) => versions.extend(tags.iter().filter(|tag| !tag.weak).filter_map(version)),
            }
        }
        Precondition::OneOf(versions)
    }
}

fn version(tag: &EntityTag) -> Option<i64> {
    tag.tag().parse().ok().filter(|version: &i64| version.to_string() == tag.tag())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn precondition(header: &'static str) -> Precondition {
        EntityTags::precondition(&[EntityTags::parse(&HeaderValue::from_static(header)).unwrap()])
    }

    #[test]
    fn if_match_compares_strongly() {
        assert_eq!(precondition("\"3\""), Precondition::OneOf(vec![3]));
        assert_eq!(precondition("\"3\", W/\"4\", \"x\", \"05\",\"6\""), Precondition::OneOf(vec![3, 6]));
        assert_eq!(precondition("\"3,4\", \"6\""), Precondition::OneOf(vec![6]));
        assert_eq!(precondition(" * "), Precondition::Any);
    }

    #[test]
    fn if_none_match_compares_weakly() {
        let tags = EntityTags::parse(&HeaderValue::from_static("\"2\", W/\"3\"")).unwrap();
        assert!(tags.match_weakly(2) && tags.match_weakly(3) && !tags.match_weakly(4));
    }

    #[test]
    fn what_is_no_list_of_tags_is_refused() {
        for wrong in ["3", "", ",", "\"3", "\"3\" \"4\""] {
            assert!(EntityTags::parse(&HeaderValue::from_static(wrong)).is_err(), "{wrong:?}");
        }
    }
}

//! Timestamps: RFC 3339 in UTC with `Z`, always to the microsecond, so that they sort as text.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serializer;

/// For `serialize_with`. Writes one string at once, as chrono's own serializer writes each character by itself.
pub fn serialize<S: Serializer>(moment: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&text(*moment))
}

/// The text of a timestamp that is a part of a field.
pub fn text(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Micros, true)
}

//! Parses the domain's values from JSON, and from the strings of paths and queries.

use super::fault::{Faults, path_of};
use chrono::DateTime;
use deserr::{DeserializeError, Deserr, ErrorKind, IntoValue, Map, Value, ValueKind, ValuePointerRef, take_cf_content};
use fasttrack_domain::{
    Timestamp,
    api_token::Scope,
    due::{Due, parse_instant},
    email::Email,
    field::Invalid,
    id::{LabelId, ProjectId, TaskId, UserId},
    label::Color,
    membership::{GrantedRole, MemberRole},
    password::{Password, PasswordAttempt},
    patch::{Patch, Set},
    project::ProjectStatus,
    search::SearchQuery,
    task::{IdFilter, TaskPriority, TaskStatus},
    text::{CommentBody, Description, DisplayName, LabelName, ProjectName, TaskTitle, TokenName},
    token::SecretToken,
    user::Role,
    webhook::{WebhookEventType, WebhookUrl},
};
use std::str::FromStr;

/// A type that is parsed from a JSON string.
trait OfString: Sized {
    fn of_string(text: String) -> Result<Self, Invalid>;
}

macro_rules! of_string {
    ($($type:ty = $read:expr;)+) => {$(
        impl OfString for $type {
            fn of_string(text: String) -> Result<Self, Invalid> {
                $read(text)
            }
        }

        impl Deserr<Faults> for $type {
            fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Faults> {
                string(value, at)
            }
        }
    )+};
}

of_string! {
    ProjectName = Self::parse;
    TaskTitle = Self::parse;
    Description = Self::parse;
    CommentBody = Self::parse;
    DisplayName = Self::parse;
    LabelName = Self::parse;
    TokenName = Self::parse;
    Color = Self::parse;
    Password = Self::parse;
    WebhookUrl = Self::parse;
    Email = |text: String| Self::parse(&text);
    Due = |text: String| Self::parse(&text);
    Timestamp = |text: String| parse_instant(&text);
    SearchQuery = |text: String| Self::parse(&text);
    Role = |text: String| text.parse();
    Scope = |text: String| text.parse();
    MemberRole = |text: String| text.parse();
    GrantedRole = |text: String| text.parse();
    ProjectStatus = |text: String| text.parse();
    TaskStatus = |text: String| text.parse();
    TaskPriority = |text: String| text.parse();
    WebhookEventType = |text: String| text.parse();
    PasswordAttempt = |text: String| without_nul(text).map(Self::new);
    SecretToken = |text: String| without_nul(text).map(Self::new);
    AuditObjectText = Self::parse;
    LoginEmail = |text: String| without_nul(text).map(|text| Self(Email::lookup(&text)));
}

/// The email of a login; `None` if it is no address, which no account has. A login reports only whether it succeeded.
pub struct LoginEmail(pub Option<Email>);

fn without_nul(text: String) -> Result<String, Invalid> {
    if text.contains('\0') { Err(Invalid::new("nul_character", "must not contain U+0000")) } else { Ok(text) }
}

fn string<T: OfString, V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<T, Faults> {
    match value {
        Value::String(text) => T::of_string(text).map_err(|invalid| Faults::of(invalid.at(path_of(at)))),
        other => Err(wrong_kind(other, ValueKind::String, at)),
    }
}

pub(super) fn wrong_kind<V: IntoValue>(actual: Value<V>, accepted: ValueKind, at: ValuePointerRef<'_>) -> Faults {
    let kind = ErrorKind::IncorrectValueKind { actual, accepted: &[accepted] };
    take_cf_content(Faults::error::<V>(None, kind, at))
}

/// The integer that equals a number with a fraction or an exponent, if there is one.
#[expect(clippy::cast_possible_truncation, reason = "it is whole, and an f64 has every integer up to there")]
pub(super) fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() < 2_f64.powi(53)).then_some(number as i64)
}

/// Parses an integer. JSON has one kind of numbers: 7.0 is the integer 7.
fn integer<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<i64, Faults> {
    let out_of_range = || Faults::of(Invalid::new("out_of_range", "must be an integer of 64 bits").at(path_of(at)));
    match value {
        Value::Float(number) if number.fract() == 0.0 => whole(number).ok_or_else(out_of_range),
        Value::Integer(number) => i64::try_from(number).map_err(|_| out_of_range()),
        value => i64::deserialize_from_value(value, at),
    }
}

macro_rules! ids {
    ($($id:ty),+) => {$(
        impl Deserr<Faults> for $id {
            fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Faults> {
                integer(value, at).map(Self::new)
            }
        }

        impl FromStr for FilterId<$id> {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<Self, Invalid> {
                let id: $id = text.parse()?;
                if id.get() < 1 { Err(Invalid::new("out_of_range", "must be at least 1")) } else { Ok(Self(id)) }
            }
        }
    )+};
}

ids!(UserId, ProjectId, TaskId, LabelId);

impl<T: Deserr<Faults>> Deserr<Faults> for Patch<T> {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Faults> {
        match value {
            Value::Null => Ok(Self::Clear),
            value => T::deserialize_from_value(value, at).map(Self::Set),
        }
    }
}

/// A field that may be absent, but not null; deserr's `Option` accepts null.
pub struct NonNull<T>(pub Set<T>);

impl<T> Default for NonNull<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Deserr<Faults>> Deserr<Faults> for NonNull<T> {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Faults> {
        T::deserialize_from_value(value, at).map(|value| Self(Some(value)))
    }
}

/// A value of a path or a query, where all values are strings.
pub struct Text<T>(pub T);

impl<T: FromStr<Err = Invalid>> Deserr<Faults> for Text<T> {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Faults> {
        match value {
            Value::String(text) => text.parse().map(Self).map_err(|invalid| Faults::of(invalid.at(path_of(at)))),
            other => Err(wrong_kind(other, ValueKind::String, at)),
        }
    }
}

/// An id that a list is filtered by. It must be positive; in a path, an id that nothing has is 404.
pub struct FilterId<T>(pub T);

/// `none`, or an id that a list is filtered by.
pub struct FilterIdOrNone<T>(pub IdFilter<T>);

impl<T: FromStr<Err = Invalid>> FromStr for FilterIdOrNone<T>
where
    FilterId<T>: FromStr<Err = Invalid>,
{
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Ok(Self(match text.parse::<IdFilter<T>>()? {
            IdFilter::None => IdFilter::None,
            IdFilter::Id(_) => IdFilter::Id(text.parse::<FilterId<T>>()?.0),
        }))
    }
}

/// `true` or `false`.
#[derive(Clone, Copy)]
pub struct Flag(pub bool);

impl FromStr for Flag {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        text.parse().map(Self).map_err(|_| Invalid::new("invalid", "must be `true` or `false`"))
    }
}

/// The object of audit entries, like `user/5`.
pub struct AuditObjectText(pub String);

impl AuditObjectText {
    fn parse(text: String) -> Result<Self, Invalid> {
        let length = text.chars().count();
        if !(1..=100).contains(&length) {
            return Err(Invalid::new("invalid", "must be 1 to 100 characters, like `user/5`"));
        }
        without_nul(text).map(Self)
    }
}

/// An instant.
#[derive(Clone, Copy)]
pub struct Moment(pub Timestamp);

impl FromStr for Moment {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let moment = DateTime::parse_from_rfc3339(text).map(|moment| Self(moment.to_utc()));
        moment.map_err(|_| Invalid::new("invalid", "must be an instant with an offset, like `2026-01-02T03:04:05Z`"))
    }
}

/// The number of a notification, or 0 before the first.
#[derive(Clone, Copy)]
pub struct Seq(pub i64);

impl Seq {
    fn new(seq: i64) -> Result<Self, Invalid> {
        if seq < 0 { Err(Self::invalid()) } else { Ok(Self(seq)) }
    }

    fn invalid() -> Invalid {
        Invalid::new("out_of_range", "must be a whole number of at least 0")
    }
}

impl FromStr for Seq {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        text.parse().map_err(|_| Self::invalid()).and_then(Self::new)
    }
}

impl Deserr<Faults> for Seq {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Faults> {
        let seq = integer(value, at)?;
        Self::new(seq).map_err(|invalid| Faults::of(invalid.at(path_of(at))))
    }
}

/// `path.id`
pub struct ById<T> {
    pub id: Text<T>,
}

/// By hand: the derive would require `T: Deserr`.
impl<T: FromStr<Err = Invalid>> Deserr<Faults> for ById<T> {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Faults> {
        let id = match value {
            Value::Map(mut parameters) => parameters.remove("id").map_or(Value::Null, IntoValue::into_value),
            other => other,
        };
        Text::deserialize_from_value(id, at.push_key("id")).map(|id| Self { id })
    }
}

//! Parses the page of a list from a query.

use super::{
    fault::Faults,
    field::{Text, wrong_kind},
};
use deserr::{Deserr, IntoValue, Value, ValueKind, ValuePointerRef};
use fasttrack_domain::{
    field::Invalid,
    page::{Cursor, Limit, PageRequest},
};
use std::str::FromStr;
use utoipa::IntoParams;

/// `query.limit` and `query.cursor`, for lists without a filter.
#[derive(Deserr, IntoParams)]
#[deserr(error = Faults)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Most items of the page.
    #[deserr(default)]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 100, default = 20)]
    limit: PageLimit,
    /// The `next_cursor` of the page before; opaque.
    #[deserr(default)]
    #[param(value_type = Option<String>, example = "eyJpZCI6IDQyfQ")]
    cursor: PageCursor,
}

impl PageQuery {
    /// The requested page.
    pub fn request(&self) -> PageRequest {
        page(&self.limit, &self.cursor)
    }
}

/// The page that `limit` and `cursor` request.
pub fn page(limit: &PageLimit, cursor: &PageCursor) -> PageRequest {
    PageRequest { limit: limit.0, cursor: cursor.0 }
}

/// `query.limit`
#[derive(Default)]
pub struct PageLimit(Limit);

impl PageLimit {
    pub const fn get(&self) -> Limit {
        self.0
    }
}

impl Deserr<Faults> for PageLimit {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Faults> {
        Text::<Self>::deserialize_from_value(value, at).map(|text| text.0)
    }
}

impl FromStr for PageLimit {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        // Anything but a number, or one beyond 64 bits, is out of range as well.
        Limit::new(text.parse().unwrap_or(0)).map(Self)
    }
}

/// `query.limit` of todos.
pub struct TodoLimit(pub Limit);

impl Default for TodoLimit {
    fn default() -> Self {
        Self(Limit::TODOS)
    }
}

impl Deserr<Faults> for TodoLimit {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Faults> {
        Text::<Self>::deserialize_from_value(value, at).map(|text| text.0)
    }
}

impl FromStr for TodoLimit {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Limit::of_todos(text.parse().unwrap_or(0)).map(Self)
    }
}

/// `query.cursor`
#[derive(Default)]
pub struct PageCursor(pub Option<Cursor>);

impl Deserr<Faults> for PageCursor {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Faults> {
        match value {
            Value::String(text) => Cursor::decode(&text).map(|cursor| Self(Some(cursor))).map_err(Faults::of_cursor),
            other => Err(wrong_kind(other, ValueKind::String, at)),
        }
    }
}

//! Keyset pagination: a page begins after the last id of the previous one, so that inserted and deleted rows neither
//! shift nor repeat others.

use crate::field::Invalid;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use std::{fmt, str::FromStr};

// @spec SPEC-006
// @decision DEC-0023
/// The position of the next page: after this id. Its text is opaque to clients: URL-safe base64 without padding of
/// `{"id": 42}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor(i64);

/// The text is not a cursor that [`Cursor::encode`] makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor that was handed out here")]
pub struct InvalidCursor;

impl Cursor {
    /// The position after the row with this id.
    pub const fn after(id: i64) -> Self {
        Self(id)
    }

    /// The id of the previous page's last row.
    pub const fn id(self) -> i64 {
        self.0
    }

    pub fn encode(self) -> String {
        URL_SAFE_NO_PAD.encode(format!("{{\"id\": {}}}", self.0))
    }

    /// Accepts exactly the texts that [`Cursor::encode`] makes for ids above zero.
    pub fn decode(text: &str) -> Result<Self, InvalidCursor> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidCursor)?;
        let json = std::str::from_utf8(&bytes).map_err(|_| InvalidCursor)?;
        let digits = json.strip_prefix("{\"id\": ").and_then(|rest| rest.strip_suffix('}')).ok_or(InvalidCursor)?;
        let cursor = Self(digits.parse().map_err(|_| InvalidCursor)?);
        if cursor.0 > 0 && cursor.encode() == text { Ok(cursor) } else { Err(InvalidCursor) }
    }
}

impl FromStr for Cursor {
    type Err = InvalidCursor;

    /// Does what [`Cursor::decode`] does.
    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        Self::decode(text)
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.encode())
    }
}

// @spec SPEC-006
/// The most rows of a page: 1 to 100, for todos and changes 1 to 1000.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit(u32);

impl Limit {
    pub const MAX: u32 = 100;
    pub const MAX_TODOS: u32 = 1000;
    pub const MAX_CHANGES: u32 = 1000;
    /// The default limit of a page of todos.
    pub const TODOS: Self = Self(100);
    /// The default limit of a page of changes.
    pub const CHANGES: Self = Self(200);
    /// The limit of the pages that a stream of changes is read in.
    pub const STREAM: Self = Self(20);
    /// The limit of the pages that an export is read in.
    pub const EXPORT: Self = Self(500);

    /// Accepts 1 to [`Self::MAX`].
    pub fn new(limit: i64) -> Result<Self, Invalid> {
        Self::up_to(Self::MAX, limit)
    }

    /// Accepts 1 to [`Self::MAX_TODOS`].
    pub fn of_todos(limit: i64) -> Result<Self, Invalid> {
        Self::up_to(Self::MAX_TODOS, limit)
    }

    /// Accepts 1 to [`Self::MAX_CHANGES`].
    pub fn of_changes(limit: i64) -> Result<Self, Invalid> {
        Self::up_to(Self::MAX_CHANGES, limit)
    }

    fn up_to(max: u32, limit: i64) -> Result<Self, Invalid> {
        u32::try_from(limit)
            .ok()
            .filter(|n| (1..=max).contains(n))
            .map(Self)
            .ok_or_else(|| Invalid::new("out_of_range", format!("must be between 1 and {max}")))
    }

    pub const fn get(self) -> u32 {
        self.0
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(20)
    }
}

/// The limit of a page, and where it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRequest<C = Cursor> {
    pub limit: Limit,
    /// The first page is meant where it is absent.
    pub cursor: Option<C>,
}

impl<C> Default for PageRequest<C> {
    /// The first page, with the default limit.
    fn default() -> Self {
        Self { limit: Limit::default(), cursor: None }
    }
}

impl PageRequest {
    /// The id that the page begins after; 0 for the first page, as ids begin at 1.
    pub fn after_id(&self) -> i64 {
        self.cursor.map_or(0, Cursor::id)
    }

    /// The id that the page begins before, in a list with the newest rows first.
    pub fn before_id(&self) -> i64 {
        self.cursor.map_or(i64::MAX, Cursor::id)
    }
}

impl<C> PageRequest<C> {
    /// The number of rows to query: one more than the limit, which shows whether another page follows.
    pub fn fetch(&self) -> i64 {
        i64::from(self.limit.get()) + 1
    }

    /// Converts the cursor.
    pub fn map<D>(self, f: impl FnOnce(C) -> D) -> PageRequest<D> {
        PageRequest { limit: self.limit, cursor: self.cursor.map(f) }
    }
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T, C = Cursor> {
    /// Ordered by ascending id, unless the list documents another order.
    pub items: Vec<T>,
    pub next: Option<C>,
}

impl<T> Page<T> {
    /// Makes a page of the queried rows, of which there are at most [`PageRequest::fetch`].
    pub fn from_fetched(rows: Vec<T>, request: &PageRequest, id: impl Fn(&T) -> i64) -> Self {
        Self::cut(rows, request.limit, |row| Cursor::after(id(row)))
    }
}

impl<T, C> Page<T, C> {
    /// Makes a page of the queried rows, of which there are at most [`PageRequest::fetch`]. `cursor` makes the cursor of the
    /// last row on the page.
    pub fn cut(mut rows: Vec<T>, limit: Limit, cursor: impl FnOnce(&T) -> C) -> Self {
        let size = limit.get() as usize;
        let next = if rows.len() > size {
            rows.truncate(size);
            rows.last().map(cursor)
        } else {
            None
        };
        Self { items: rows, next }
    }

    /// A page of a list without rows.
    pub fn empty() -> Self {
        Self { items: Vec::new(), next: None }
    }

    /// Converts each item.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U, C> {
        Page { items: self.items.into_iter().map(f).collect(), next: self.next }
    }

    /// Converts the cursor.
    pub fn map_next<D>(self, f: impl FnOnce(C) -> D) -> Page<T, D> {
        Page { items: self.items, next: self.next.map(f) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_cursor_is_the_base64_of_its_json() {
        assert_eq!(Cursor::after(42).encode(), "eyJpZCI6IDQyfQ");
        assert_eq!(Cursor::decode("eyJpZCI6IDQyfQ"), Ok(Cursor::after(42)));
    }

    #[test]
    fn a_cursor_of_another_form_is_refused() {
        for json in [
            "{\"id\":42}",
            "{\"id\": 042}",
            "{\"id\": +42}",
            "{\"id\": -1}",
            "{\"id\": 0}",
            "{\"id\": 42} ",
            "42",
            "{\"id\": 9223372036854775808}",
        ] {
            assert_eq!(Cursor::decode(&URL_SAFE_NO_PAD.encode(json)), Err(InvalidCursor), "{json}");
        }
        for text in ["", "eyJpZCI6IDQyfQ==", "eyJpZCI6IDQyfR", "!", "eyJpZCI6IDQyfQ\n"] {
            assert_eq!(Cursor::decode(text), Err(InvalidCursor), "{text:?}");
        }
    }

    #[test]
    fn a_limit_is_between_1_and_100() {
        for wrong in [i64::MIN, -1, 0, 101, 1 << 32, i64::MAX] {
            assert!(Limit::new(wrong).is_err(), "{wrong}");
        }
        assert_eq!(Limit::new(100).map(Limit::get), Ok(100));
    }

    #[test]
    fn a_page_of_todos_may_have_1000() {
        for wrong in [i64::MIN, -1, 0, 1001, 1 << 32, i64::MAX] {
            assert!(Limit::of_todos(wrong).is_err(), "{wrong}");
        }
        assert_eq!(Limit::of_todos(1000).map(Limit::get), Ok(1000));
        assert_eq!(Limit::of_todos(100), Ok(Limit::TODOS));
    }

    #[test]
    fn a_page_of_changes_may_have_1000() {
        for wrong in [i64::MIN, -1, 0, 1001, 1 << 32, i64::MAX] {
            assert!(Limit::of_changes(wrong).is_err(), "{wrong}");
        }
        assert_eq!(Limit::of_changes(1000).map(Limit::get), Ok(1000));
        assert_eq!(Limit::of_changes(200), Ok(Limit::CHANGES));
    }

    #[test]
    fn only_a_page_with_rows_behind_it_has_a_next_one() {
        let limit = Limit::new(2).unwrap();
        let cut = |rows: &[i64]| Page::cut(rows.to_vec(), limit, |row| *row);
        assert_eq!(cut(&[4, 5]), Page { items: vec![4, 5], next: None });
        assert_eq!(cut(&[4, 5, 6]), Page { items: vec![4, 5], next: Some(5) });
    }

    #[test]
    fn a_page_begins_at_its_cursor_or_at_an_end() {
        let request = |cursor| PageRequest { limit: Limit::TODOS, cursor };
        let (first, next) = (request(None), request(Some(Cursor::after(42))));
        assert_eq!(
            [(first.after_id(), first.before_id()), (next.after_id(), next.before_id())],
            [(0, i64::MAX), (42, 42)]
        );
        assert_eq!(next.map(Cursor::id), PageRequest { limit: Limit::TODOS, cursor: Some(42) });
        assert_eq!(Cursor::after(42).to_string(), "eyJpZCI6IDQyfQ");
    }

    proptest! {
        #[test]
        fn cursor_survives_encoding(id in 1..=i64::MAX) {
            prop_assert_eq!(Cursor::decode(&Cursor::after(id).encode()), Ok(Cursor::after(id)));
        }

        #[test]
        fn decoded_cursor_encodes_to_the_same_text(text in "\\PC{0,40}|[A-Za-z0-9_=-]{0,40}") {
            if let Ok(cursor) = Cursor::decode(&text) {
                prop_assert_eq!(cursor.encode(), text);
            }
        }

        #[test]
        fn walking_the_pages_gives_every_row_once(rows in 0i64..250, limit in 1i64..=100) {
            let (mut seen, mut cursor) = (Vec::new(), None);
            for _ in 0..=rows {
                let request = PageRequest { limit: Limit::new(limit).unwrap_or_default(), cursor };
                let fetched = (1..=rows).filter(|id| *id > request.after_id()).take(usize::try_from(request.fetch()).unwrap());
                let page = Page::from_fetched(fetched.collect(), &request, |id| *id);
                seen.extend(page.items);
                cursor = page.next;
                if cursor.is_none() { break; }
            }
            prop_assert_eq!(seen, (1..=rows).collect::<Vec<_>>());
        }
    }
}

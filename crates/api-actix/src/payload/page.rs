//! Pages.

use fasttrack_domain::page::{Cursor, Page};
use serde::Serialize;
use utoipa::ToSchema;

// @spec SPEC-006
/// A page of a list, by ascending id.
#[derive(Serialize, ToSchema)]
#[schema(as = Page)]
pub struct PagePayload<T> {
    items: Vec<T>,
    /// Give it as `cursor` to get the next page; null on the last one.
    #[schema(required, example = "eyJpZCI6IDQyfQ")]
    next_cursor: Option<String>,
    /// Whether there is a next page.
    has_more: bool,
}

impl<E, T: From<E>> From<Page<E>> for PagePayload<T> {
    fn from(page: Page<E>) -> Self {
        Self {
            has_more: page.next.is_some(),
            next_cursor: page.next.map(Cursor::encode),
            items: page.items.into_iter().map(T::from).collect(),
        }
    }
}

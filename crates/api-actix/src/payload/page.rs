//! Pages.

use fasttrack_domain::page::Page;
use serde::Serialize;
use std::fmt::Display;
use utoipa::ToSchema;

// @spec SPEC-006
/// A page of a list, by ascending id unless the list has another order.
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

impl<E, C: Display, T: From<E>> From<Page<E, C>> for PagePayload<T> {
    fn from(page: Page<E, C>) -> Self {
        Self {
            has_more: page.next.is_some(),
            next_cursor: page.next.map(|cursor| cursor.to_string()),
            items: page.items.into_iter().map(T::from).collect(),
        }
    }
}

//! Reads a list page by page while rows are created and deleted.

use fasttrack_domain::page::{Limit, Page, PageRequest};
use std::collections::BTreeSet;

/// The first page of three rows.
pub(super) fn first_page() -> PageRequest {
    PageRequest { limit: Limit::new(3).unwrap(), cursor: None }
}

/// Asserts that pages have each row once that stays, in ascending order, and none that was deleted before its page.
///
/// Begins with twelve rows. After each page a row of a later page is deleted and a new one created; after every second
/// one the last row of the page, behind which the next page begins, is deleted too.
pub(super) async fn walk_while_rows_change(
    fetch: impl AsyncFn(PageRequest) -> Page<i64>,
    insert: impl AsyncFn() -> i64,
    remove: impl AsyncFn(i64),
) {
    let mut standing = BTreeSet::new();
    for _ in 0..12 {
        standing.insert(insert().await);
    }
    let mut unseen = standing.clone();
    let (mut seen, mut request, mut gone_unseen) = (Vec::new(), first_page(), Vec::new());
    loop {
        let page = fetch(request).await;
        seen.extend(page.items);
        let Some(cursor) = page.next else { break };
        assert_eq!(seen.last(), Some(&cursor.id()), "a page begins behind the last row of the one before");
        unseen = unseen.split_off(&(cursor.id() + 1));
        let ahead = unseen.iter().nth(1).copied();
        gone_unseen.extend(ahead);
        let last = (seen.len() % 2 == 0).then_some(cursor.id());
        for gone in ahead.into_iter().chain(last) {
            standing.remove(&gone);
            unseen.remove(&gone);
            remove(gone).await;
        }
        insert().await;
        request.cursor = Some(cursor);
    }
    assert!(seen.is_sorted_by(|a, b| a < b), "ascending, none twice: {seen:?}");
    assert!(standing.iter().all(|id| seen.contains(id)), "{standing:?} stood throughout, seen: {seen:?}");
    assert!(!gone_unseen.is_empty() && gone_unseen.iter().all(|id| !seen.contains(id)), "{gone_unseen:?}");
}

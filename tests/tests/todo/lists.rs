//! Filters and pages of todos.

use super::{encoded, path, todo};
use fasttrack_tests::{Account, Answer, Server, all};
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[track_caller]
fn ids(page: &Answer) -> Vec<i64> {
    page.json().as_array().unwrap().iter().map(|todo| todo["id"].as_i64().unwrap()).collect()
}

/// Returns the URL of the next page, from `Link`.
#[track_caller]
fn next(page: &Answer) -> Option<String> {
    let link = page.header("link")?;
    let (target, relation) = link.strip_prefix('<').unwrap().split_once('>').unwrap();
    assert_eq!(relation, r#"; rel="next""#, "{link}");
    Some(target.to_owned())
}

/// Returns every page from this URL on.
async fn walk(account: &Account, from: &str) -> Vec<Answer> {
    let mut pages = vec![account.get(from).await.expect(200)];
    while let Some(target) = next(pages.last().unwrap()) {
        pages.push(account.get(target).await.expect(200));
    }
    pages
}

/// Creates `count` todos, a hundred at a time: on PostgreSQL those of one project wait for each other.
async fn given(account: &Account, count: usize) -> Vec<i64> {
    let mut ids = Vec::new();
    for first in (0..count).step_by(100) {
        let numbers = first..count.min(first + 100);
        let requests = numbers.map(|n| account.post(path(account), json!({"title": "Dig", "completed": n % 3 == 0})));
        ids.extend(all(requests).await.into_iter().map(|made| made.expect(201).json()["id"].as_i64().unwrap()));
    }
    ids.sort_unstable();
    ids
}

#[tokio::test]
async fn todos_filter_by_completion() {
    let server = Server::shared();
    let ann = server.register().await;
    for completed in [true, false, false, true, true] {
        todo(&ann, json!({"completed": completed})).await;
    }
    let list = async |query: &str| ann.get(format!("{}{query}", path(&ann))).await.expect(200);
    let whole = list("").await;
    assert!(ids(&whole).is_sorted());
    for (completed, count) in [(true, 3), (false, 2)] {
        let page = list(&format!("?completed={completed}")).await;
        let expected: Vec<_> =
            whole.json().as_array().unwrap().iter().filter(|todo| todo["completed"] == completed).cloned().collect();
        assert_eq!((page.json(), expected.len()), (Value::Array(expected), count));
    }
    // Filter and pages together: a page is as long as it may be.
    let pages = walk(&ann, &format!("{}?completed=true&limit=2", path(&ann))).await;
    assert_eq!(pages.iter().map(|page| ids(page).len()).collect::<Vec<_>>(), [2, 1]);
}

#[tokio::test]
async fn todo_page_has_100_by_default_and_1000_at_most() {
    let server = Server::shared();
    let ann = server.register().await;
    let expected = given(&ann, 250).await;
    let list = async |query: &str| ann.get(format!("{}{query}", path(&ann))).await.expect(200);
    let first = list("").await;
    assert_eq!(ids(&first), expected[..100]);
    assert!(next(&first).is_some());
    for query in ["?limit=250", "?limit=1000"] {
        let whole = list(query).await;
        assert_eq!((ids(&whole), next(&whole)), (expected.clone(), None), "{query}");
    }
    let pages = walk(&ann, &path(&ann)).await;
    assert_eq!(pages.iter().map(|page| ids(page).len()).collect::<Vec<_>>(), [100, 100, 50]);
    assert_eq!(pages.iter().flat_map(ids).collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn next_link_changes_only_the_cursor() {
    let server = Server::shared();
    let ann = server.register().await;
    given(&ann, 9).await;
    let encoded = encoded(&ann.id.to_string());
    let from = format!("/api/{encoded}/tasks?limit=1&completed=true&x=a%20%26%3Eb&y");
    let first = ann.get(&from).await.expect(200);
    let target = next(&first).unwrap();
    let (before, cursor) = target.split_once("&cursor=").unwrap();
    assert_eq!(before, from);
    let second = ann.get(&target).await.expect(200);
    assert_eq!(next(&second).unwrap().split_once("&cursor=").unwrap().0, from);
    assert!(!next(&second).unwrap().contains(cursor));
    assert_eq!(walk(&ann, &from).await.len(), 3);
}

#[tokio::test]
async fn links_skip_and_repeat_nothing_during_changes() {
    let server = Server::shared();
    let ann = server.register().await;
    let (mut standing, mut doomed) = (BTreeSet::new(), Vec::new());
    for (n, id) in given(&ann, 250).await.into_iter().enumerate() {
        if n % 5 == 0 {
            doomed.push(id);
        } else {
            standing.insert(id);
        }
    }
    let mut seen = Vec::new();
    let mut target = Some(format!("{}?limit=10", path(&ann)));
    let mut added = 0;
    while let Some(address) = target {
        let page = ann.get(address).await.expect(200);
        seen.extend(ids(&page));
        target = next(&page);
        // From both ends; also the one that the cursor names.
        let last = doomed.iter().position(|id| Some(id) == seen.last()).map(|at| doomed.remove(at));
        for id in [doomed.pop(), last].into_iter().flatten() {
            ann.delete(format!("{}/{id}", path(&ann))).await.expect(204);
        }
        if added < 20 {
            todo(&ann, json!({})).await;
            added += 1;
        }
    }
    let unique: BTreeSet<_> = seen.iter().copied().collect();
    assert_eq!(unique.len(), seen.len(), "repeated: {seen:?}");
    assert!(seen.is_sorted());
    assert!(standing.is_subset(&unique), "skipped: {:?}", standing.difference(&unique));
}

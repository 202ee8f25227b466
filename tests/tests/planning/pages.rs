//! Cursors of lists of tasks, bound to list, filters and order.

use super::{ids, label, move_task, tasks, walk};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use fasttrack_tests::{Account, Server};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The orders in which a cursor is bound.
const SORTS: [&str; 9] =
    ["-id", "position", "-position", "due", "-due", "priority", "-priority", "updated_at", "-updated_at"];

/// Returns the cursor of the page after this one.
async fn cursor(reader: &Account, list: &str, query: &str) -> String {
    let page = reader.get(format!("{list}?{query}")).await.expect(200).data();
    assert_eq!(page["has_more"], true, "{page:#}");
    page["next_cursor"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn cursor_is_good_for_its_list_filters_and_order_only() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let (project, another) = (ann.project().await, ann.project().await);
    ann.share(project, &bob, "viewer").await;
    let (urgent, soon) = (label(&ann, project, "Urgent").await, label(&ann, project, "Soon").await);
    let fields = json!({"title": "Paint", "labels": [urgent, soon], "due": "2026-12-01", "assignee_id": ann.id});
    tasks(&ann, project, vec![fields.clone(); 5]).await;
    let elsewhere = json!({"title": "Paint", "due": "2026-12-01", "assignee_id": ann.id});
    tasks(&ann, another, vec![elsewhere; 5]).await;
    let list = format!("/projects/{project}/tasks");
    let filters = format!("label={urgent}&label={soon}&q=paint&due_from=2026-12-01&completed=false");
    for sort in SORTS {
        let cursor = cursor(&ann, &list, &format!("limit=2&sort={sort}&{filters}")).await;
        let page = ann.get(format!("{list}?{filters}&sort={sort}&limit=100&cursor={cursor}")).await.expect(200);
        assert_eq!(page.items().len(), 3, "{sort}");
        // What is unknown, in another order or spelling, or the page's length makes no difference, nor does the reader.
        let same = format!("cursor={cursor}&limit=1&x=y&completed=false&label={soon}&label={urgent}&sort={sort}");
        let same = format!("{same}&due_from=2026-12-01T00:00:00Z&q=PAINT");
        for reader in [&ann, &bob] {
            assert_eq!(reader.get(format!("{list}?{same}")).await.expect(200).items(), page.items()[..1], "{sort}");
        }
        let opposite = sort.strip_prefix('-').map_or_else(|| format!("-{sort}"), str::to_owned);
        for wrong in [
            format!("{list}?sort={opposite}&{filters}"),
            format!("{list}?{filters}"),
            format!("{list}?sort={sort}"),
            format!("{list}?sort={sort}&{filters}&status=todo"),
            format!("{list}?sort={sort}&{}", filters.replace("completed=false", "completed=true")),
            format!("{list}?sort={sort}&{}", filters.replace(&format!("&label={soon}"), "")),
            format!("{list}?sort={sort}&{}", filters.replace("q=paint", "q=pain")),
            format!("{list}?sort={sort}&{}", filters.replace("due_from", "due_until")),
            format!("/projects/{another}/tasks?sort={sort}&{filters}"),
            format!("/tasks?sort={sort}&{filters}"),
            format!("/tasks?scope=visible&sort={sort}&{filters}"),
        ] {
            ann.get(format!("{wrong}&cursor={cursor}")).await.refused(400, "invalid_cursor");
        }
    }
    for sort in SORTS {
        let cursor = cursor(&ann, "/tasks", &format!("limit=2&sort={sort}")).await;
        ann.get(format!("/tasks?scope=assigned&sort={sort}&cursor={cursor}")).await.expect(200);
        ann.get(format!("/tasks?scope=visible&sort={sort}&cursor={cursor}")).await.refused(400, "invalid_cursor");
    }
}

#[tokio::test]
async fn cursor_by_id_is_bound_to_nothing() {
    let server = Server::shared();
    let ann = server.register().await;
    let (project, another) = (ann.project().await, ann.project().await);
    let mut made = tasks(&ann, project, vec![json!({"assignee_id": ann.id}); 4]).await;
    made.extend(tasks(&ann, another, vec![json!({"assignee_id": ann.id, "status": "done"}); 2]).await);
    let list = format!("/projects/{project}/tasks");
    for query in ["limit=2", "limit=2&sort=id", "limit=2&status=todo&q=dig"] {
        let cursor = cursor(&ann, &list, query).await;
        assert_eq!(cursor, URL_SAFE_NO_PAD.encode(format!("{{\"id\": {}}}", made[1])));
        for (other, expected) in [
            (format!("{list}?"), &made[2..4]),
            (format!("{list}?sort=id&completed=false&"), &made[2..4]),
            ("/tasks?".to_owned(), &made[2..]),
            ("/tasks?completed=true&".to_owned(), &made[4..]),
            (format!("/projects/{another}/tasks?"), &made[4..]),
        ] {
            assert_eq!(ann.get(format!("{other}cursor={cursor}")).await.expect(200).ids(), expected, "{other}");
        }
        for sort in SORTS {
            ann.get(format!("{list}?sort={sort}&cursor={cursor}")).await.refused(400, "invalid_cursor");
        }
    }
}

#[tokio::test]
async fn altered_cursor_in_any_order_is_refused() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    tasks(&ann, project, vec![json!({"due": "2026-12-01"}); 4]).await;
    let list = format!("/projects/{project}/tasks");
    for sort in SORTS {
        let good = cursor(&ann, &list, &format!("limit=2&sort={sort}")).await;
        let mut wrong = vec![
            String::new(),
            "x".to_owned(),
            "!".to_owned(),
            format!("{good}%3D"),
            format!("{good}%0A"),
            format!("%20{good}"),
            format!("{good}{good}"),
            good[1..].to_owned(),
            good[..good.len() - 1].to_owned(),
            good.to_lowercase(),
            URL_SAFE_NO_PAD.encode("{\"id\": 42}"),
        ];
        // Of the part that binds it, each character counts.
        for place in [0, 5, 12] {
            let mut altered = good.clone();
            let other = if &good[place..=place] == "A" { "B" } else { "A" };
            altered.replace_range(place..=place, other);
            wrong.push(altered);
        }
        for text in wrong.into_iter().filter(|text| *text != good) {
            ann.get(format!("{list}?sort={sort}&cursor={text}")).await.refused(400, "invalid_cursor");
        }
        ann.get(format!("{list}?sort={sort}&cursor={good}")).await.expect(200);
        // With other faults, these are listed as before.
        ann.get(format!("{list}?sort={sort}&cursor={good}&limit=0")).await.invalid(&["query.limit"]);
    }
}

#[tokio::test]
async fn full_last_page_has_no_cursor_in_any_order() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    tasks(&ann, project, [json!({"due": "2026-12-01"}), json!({}), json!({"priority": "low"})]).await;
    for sort in SORTS {
        let page = ann.get(format!("/projects/{project}/tasks?limit=3&sort={sort}")).await.expect(200).data();
        let end = (page["items"].as_array().unwrap().len(), &page["has_more"], &page["next_cursor"]);
        assert_eq!(end, (3, &json!(false), &Value::Null), "{sort}");
    }
}

#[tokio::test]
async fn rows_that_stand_still_come_once_in_any_order() {
    let server = Server::shared();
    let ann = server.register().await;
    for sort in SORTS {
        let project = ann.project().await;
        let priorities = ["low", "medium", "high"];
        let task = |n: usize| match n % 4 {
            0 => json!({"priority": priorities[n % 3]}),
            day => json!({"priority": priorities[n % 3], "due": format!("2026-12-0{day}")}),
        };
        let made = tasks(&ann, project, (0..32).map(task)).await;
        let list = format!("/projects/{project}/tasks");
        let (mut standing, mut restless) = (BTreeSet::new(), Vec::new());
        for (n, id) in made.iter().enumerate() {
            if n % 3 == 0 {
                restless.push(*id);
            } else {
                standing.insert(*id);
            }
        }
        let whole = ids(&walk(&ann, &list, &format!("limit=100&sort={sort}")).await);
        let expected: Vec<_> = whole.into_iter().filter(|id| standing.contains(id)).collect();

        let (mut seen, mut query) = (Vec::new(), format!("limit=4&sort={sort}"));
        for round in 0.. {
            let page = ann.get(format!("{list}?{query}")).await.expect(200);
            seen.extend(page.ids());
            let Some(next) = page.data()["next_cursor"].as_str().map(str::to_owned) else { break };
            query = format!("limit=4&sort={sort}&cursor={next}");
            if round > 20 {
                continue;
            }
            // Others move in all orders, go, and are added; also the row that the cursor names, where it's one of them.
            let end = *seen.last().unwrap();
            for (n, id) in restless.iter().enumerate().filter(|(n, id)| **id == end || (n + round) % 3 == 0) {
                let due = format!("2026-12-0{}", 1 + (n + round) % 5);
                let patch = json!({"due": due, "priority": priorities[(n + round) % 3], "title": format!("{round}")});
                ann.patch(format!("/tasks/{id}"), patch).await.expect(200);
                let place = if n % 2 == 0 { json!({"after": null}) } else { json!({"after": end}) };
                move_task(&ann, *id, place).await.expect(200);
            }
            if let Some(place) = restless.iter().position(|id| *id == end).or(restless.len().checked_sub(1)) {
                ann.delete(format!("/tasks/{}", restless.remove(place))).await.expect(204);
            }
            ann.task(project, json!({"due": "2026-12-02", "priority": priorities[round % 3]})).await;
        }
        let still: Vec<_> = seen.into_iter().filter(|id| standing.contains(id)).collect();
        assert_eq!(still, expected, "{sort}");
    }
}

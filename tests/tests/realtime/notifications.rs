use fasttrack_tests::{Account, Answer, Server, Team, all, eventually, has_fields, timestamp};
use serde_json::{Value, json};

/// Creates a team whose assignee has `count` notifications.
async fn told(server: &Server, count: usize) -> Team {
    let team = Team::new(server).await;
    team.toggle(count - 1).await;
    eventually("everything was told", async || reach(&team.assignee).await == Some(i64::try_from(count).unwrap()))
        .await;
    team
}

/// Returns the number of the newest notification.
async fn reach(account: &Account) -> Option<i64> {
    seqs(&account.get("/notifications?limit=1").await.expect(200)).first().copied()
}

fn seqs(page: &Answer) -> Vec<i64> {
    page.items().iter().map(|item| item["seq"].as_i64().unwrap()).collect()
}

async fn unread(account: &Account) -> Vec<i64> {
    seqs(&account.get("/notifications?unread=true&limit=100").await.expect(200))
}

async fn read(account: &Account, up_to: i64) {
    let answer = account.post("/notifications/read", json!({"up_to": up_to})).await.expect(200);
    assert_eq!(answer.data(), Value::Null);
}

#[tokio::test]
async fn list_has_pushed_notifications_newest_first() {
    let server = Server::shared();
    let team = told(&server, 3).await;
    let page = team.assignee.get("/notifications").await.expect(200);
    has_fields(&page.data(), &["items", "next_cursor", "has_more"]);
    assert_eq!((seqs(&page), page.data()["has_more"].clone()), (vec![3, 2, 1], json!(false)));
    let mut sent = team.assignee.follow(0).await.take(1..=3).await;
    sent.reverse();
    for (mut item, message) in page.items().into_iter().zip(sent) {
        has_fields(&item, &["seq", "type", "data", "timestamp", "read"]);
        timestamp(&item["timestamp"]);
        assert_eq!(item.as_object_mut().unwrap().remove("read"), Some(json!(false)));
        assert_eq!(item, message);
    }
}

#[tokio::test]
async fn user_without_notifications_has_empty_page() {
    let server = Server::shared();
    let ann = server.register().await;
    let empty = json!({"items": [], "next_cursor": null, "has_more": false});
    assert_eq!(ann.get("/notifications").await.expect(200).data(), empty);
    read(&ann, 5).await;
    assert_eq!(ann.get("/notifications?unread=true").await.expect(200).data(), empty);
    server.anonymous().get("/notifications").await.refused(401, "token_missing");
}

#[tokio::test]
async fn pages_repeat_nothing_while_notifications_arrive() {
    let server = Server::shared();
    let team = told(&server, 25).await;
    let first = team.assignee.get("/notifications").await.expect(200);
    assert_eq!((first.items().len(), first.data()["has_more"].clone()), (20, json!(true)));
    let mut seen = Vec::new();
    let mut query = "limit=7".to_owned();
    loop {
        let page = team.assignee.get(format!("/notifications?{query}")).await.expect(200);
        seen.extend(seqs(&page));
        let data = page.data();
        let Some(cursor) = data["next_cursor"].as_str() else {
            assert_eq!(data["has_more"], false);
            break;
        };
        assert_eq!((page.items().len(), &data["has_more"]), (7, &json!(true)));
        query = format!("limit=7&cursor={cursor}");
        team.toggle(1).await;
    }
    assert!(seen.iter().copied().eq((1..=25).rev()), "{seen:?}");
}

#[tokio::test]
async fn read_marks_cover_all_up_to_a_number_and_stay() {
    let server = Server::shared();
    let team = told(&server, 6).await;
    let ann = &team.assignee;
    assert_eq!(unread(ann).await, [6, 5, 4, 3, 2, 1]);
    for (up_to, left) in [(0, vec![6, 5, 4, 3, 2, 1]), (4, vec![6, 5]), (4, vec![6, 5]), (2, vec![6, 5]), (5, vec![6])]
    {
        read(ann, up_to).await;
        assert_eq!(unread(ann).await, left, "{up_to}");
    }
    let page = ann.get("/notifications?unread=false").await.expect(200);
    let flags: Vec<_> = page.items().iter().map(|item| item["read"].as_bool().unwrap()).collect();
    assert_eq!(flags, [false, true, true, true, true, true]);
    // Unread ones come in pages too.
    read(ann, 0).await;
    let page = ann.get("/notifications?unread=true&limit=1").await.expect(200);
    assert_eq!((seqs(&page), page.data()["has_more"].clone()), (vec![6], json!(false)));
}

#[tokio::test]
async fn only_existing_notifications_are_marked_read() {
    let server = Server::shared();
    let team = told(&server, 2).await;
    read(&team.assignee, i64::MAX).await;
    assert_eq!(unread(&team.assignee).await, [] as [i64; 0]);
    team.toggle(2).await;
    eventually("it was told", async || reach(&team.assignee).await == Some(4)).await;
    assert_eq!(unread(&team.assignee).await, [4, 3]);
}

#[tokio::test]
async fn notifications_of_others_are_invisible() {
    let server = Server::shared();
    let (team, admin) = (told(&server, 2).await, server.admin().await);
    for other in [&team.owner, &admin] {
        assert_eq!(reach(other).await, None);
        read(other, 2).await;
    }
    assert_eq!(unread(&team.assignee).await, [2, 1]);
}

#[tokio::test]
async fn concurrent_read_marks_keep_the_highest() {
    let server = Server::shared();
    let team = told(&server, 20).await;
    let marks = (1..=19).map(|n| team.assignee.post("/notifications/read", json!({"up_to": n * 7 % 19 + 1})));
    for answer in all(marks).await {
        answer.expect(200);
    }
    assert_eq!(unread(&team.assignee).await, [20]);
}

#[tokio::test]
async fn whole_number_may_have_a_fraction_of_zero() {
    let server = Server::shared();
    let ann = server.register().await;
    ann.post("/notifications/read", json!({"up_to": 7.0})).await.expect(200);
}

#[tokio::test]
async fn malformed_notification_request_is_named() {
    let server = Server::shared();
    let ann = server.register().await;
    for wrong in [json!(-1), json!(1.5), json!("1"), json!(null), json!(true), json!(9_223_372_036_854_775_808_u64)] {
        ann.post("/notifications/read", json!({"up_to": wrong})).await.invalid(&["up_to"]);
    }
    ann.post("/notifications/read", json!({})).await.invalid(&["up_to"]);
    ann.post("/notifications/read", json!({"up_to": 1, "all": true})).await.invalid(&["all"]);
    ann.get("/notifications?unread=perhaps&limit=0").await.invalid(&["query.unread", "query.limit"]);
    ann.get("/notifications?cursor=x").await.refused(400, "invalid_cursor");
}

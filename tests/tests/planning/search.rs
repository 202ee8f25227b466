//! Search by the beginnings of words.

use super::{encoded, ids, label, tasks, walk};
use fasttrack_tests::{Account, Installation, Server, eventually};
use serde_json::json;

/// Returns what a search in a project finds.
async fn find(reader: &Account, project: i64, query: &str) -> Vec<i64> {
    let query = format!("limit=100&q={}", encoded(query));
    ids(&walk(reader, &format!("/projects/{project}/tasks"), &query).await)
}

#[tokio::test]
async fn words_are_found_in_every_script() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let titles = [
        "Paint the garden fence, élan über Straße",
        "Москва\u{301}: купить молоко",
        "ΣΊΣΥΦΟΣ και Αθήνα",
        "日本語のカナ 東京タワー",
        "مُحَمَّد يكتب",
        "שָׁלוֹם עולם",
        "Ærøskøbing m² ﬁnd v2.0-beta_1",
        "한국어 회의",
        "हिन्दी कार्य",
    ];
    let mut fields: Vec<_> = titles.iter().map(|title| json!({"title": title})).collect();
    fields.push(json!({"title": "Plain", "description": "Behind the\nFENCE posts"}));
    let made = tasks(&ann, project, fields).await;
    let cases: &[(&str, &[usize])] = &[
        ("fence", &[0, 9]),
        ("FEN pai", &[0]),
        ("gard gar g", &[0]),
        ("plain post", &[9]),
        ("ence", &[]),
        ("fences", &[]),
        ("gar den", &[]),
        ("paint, the!", &[0]),
        ("elan", &[0]),
        ("ÉLAN", &[0]),
        ("e\u{301}lan", &[0]),
        ("UBER", &[0]),
        ("u\u{308}ber", &[0]),
        ("strasse", &[0]),
        ("STRASSE", &[0]),
        ("straße", &[0]),
        ("STRAẞE", &[0]),
        ("stras", &[0]),
        ("strase", &[]),
        ("москва", &[1]),
        ("МОЛ куп", &[1]),
        ("осква", &[]),
        ("σίσυφος", &[2]),
        ("σισυφοσ", &[2]),
        ("ΑΘΗΝΑ", &[2]),
        ("αθ και", &[2]),
        ("本", &[3]),
        ("京東", &[3]),
        ("日本 タワー", &[3]),
        ("ﾀﾜｰ", &[3]),
        ("大", &[]),
        ("日大", &[]),
        ("محمد", &[4]),
        ("يكت", &[4]),
        ("كتب", &[]),
        ("שלום", &[5]),
        ("שָׁל", &[5]),
        ("לום", &[]),
        ("Æ", &[6]),
        ("ærøsk", &[6]),
        ("aero", &[]),
        ("m2", &[6]),
        ("ｆｉｎｄ", &[6]),
        ("v2 beta 1", &[6]),
        ("v2.0", &[6]),
        ("v20", &[]),
        ("한", &[7]),
        ("하", &[7]),
        ("국", &[]),
        ("हिन्", &[8]),
        ("कार्य हिन्दी", &[8]),
    ];
    for (query, expected) in cases {
        let expected: Vec<_> = expected.iter().map(|place| made[*place]).collect();
        assert_eq!(find(&ann, project, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn signs_of_query_languages_only_separate_words() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let made = tasks(&ann, project, [json!({"title": "Paint the fence"}), json!({"title": "Or not 1"})]).await;
    for (query, expected) in [
        ("fence*", vec![made[0]]),
        ("\"fence\" 'paint", vec![made[0]]),
        ("fence:* & paint | !the", vec![made[0]]),
        ("\\fence\\ <-> (paint", vec![made[0]]),
        ("fence OR not", vec![]),
        ("NOT fence", vec![]),
        ("or AND not", vec![]),
        ("NEAR(fence paint)", vec![]),
        ("words:fence", vec![]),
        ("#1", vec![made[1]]),
        ("@1", vec![made[1]]),
        ("f_nce", vec![]),
        ("f%", vec![made[0]]),
    ] {
        assert_eq!(find(&ann, project, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn query_has_1_to_200_characters_and_a_word() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let task = ann.task(project, json!({"title": "é".repeat(200)})).await;
    for list in [format!("/projects/{project}/tasks"), "/tasks".to_owned()] {
        for wrong in ["", " ", "-", "%", "\"'*", "…!?", "👍", "\u{0}", "a\u{0}", &"é".repeat(201), &"a ".repeat(101)]
        {
            ann.get(format!("{list}?q={}", encoded(wrong))).await.invalid(&["query.q"]);
        }
    }
    for right in ["é".repeat(200), "é".repeat(199), "e".repeat(200), "é ".repeat(100)] {
        assert_eq!(find(&ann, project, &right).await, [task]);
    }
    assert!(find(&ann, project, &"a ".repeat(100)).await.is_empty());
}

#[tokio::test]
async fn search_follows_every_change_of_a_text() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let urgent = label(&ann, project, "Fence").await;
    let task = ann.task(project, json!({"title": "Paint", "description": "The fence"})).await;
    let path = format!("/tasks/{task}");
    let found = async |query: &str| !find(&ann, project, query).await.is_empty();
    assert!(found("paint fence").await);
    // A label is no text.
    ann.patch(&path, json!({"description": null, "labels": [urgent]})).await.expect(200);
    assert!(found("paint").await && !found("fence").await);
    ann.patch(&path, json!({"title": "Rake"})).await.expect(200);
    assert!(found("rake").await && !found("paint").await);
    ann.patch(&path, json!({"status": "in_progress", "priority": "high", "due": "2026-12-01"})).await.expect(200);
    assert!(found("rake").await);
    let bulk = json!({"ids": [task], "patch": {"description": "Leaves"}});
    ann.patch(format!("/projects/{project}/tasks/bulk"), bulk).await.expect(200);
    assert!(found("leav rak").await);
    ann.delete(&path).await.expect(204);
    assert!(!found("rake").await);

    let todos = format!("/api/{}/tasks", ann.id);
    let todo =
        ann.post(&todos, json!({"title": "Rest", "description": "Quietly"})).await.expect(201).json()["id"].clone();
    let visible = async |query: &str| ids(&walk(&ann, "/tasks", &format!("scope=visible&q={query}")).await);
    assert_eq!(json!(visible("quiet").await), json!([todo]));
    ann.put(format!("{todos}/{todo}"), json!({"title": "Sleep"})).await.expect(200);
    assert_eq!((json!(visible("sleep").await), visible("quiet").await), (json!([todo]), vec![]));
}

#[tokio::test]
async fn every_word_of_a_long_description_is_found() {
    let server = Server::shared();
    let ann = server.register().await;
    let project = ann.project().await;
    let words: Vec<_> = (0..1_090).map(|n| format!("word{n:04}")).collect();
    let long = format!("{}x", "long".repeat(25));
    let description = format!("{} {long}", words.join(" "));
    let task = ann.task(project, json!({"description": description})).await;
    for word in ["word0000", "word0544", "word1089", "water word1089", &long] {
        assert_eq!(find(&ann, project, word).await, [task], "{word}");
    }
    assert!(find(&ann, project, "word1090").await.is_empty());
}

#[tokio::test]
async fn rebuild_repairs_the_index() {
    let server = Server::start();
    let installation = server.installation();
    let ann = server.register().await;
    let project = ann.project().await;
    let made = tasks(&ann, project, (0..30).map(|n| json!({"title": format!("Paint {n}")}))).await;
    installation.sql("DELETE FROM task_words");
    assert!(find(&ann, project, "paint").await.is_empty());
    let printed = installation.command(["search", "rebuild"]).run().await.succeeded();
    assert!(printed.contains("30"), "{printed}");
    assert_eq!(find(&ann, project, "paint").await, made);
    assert_eq!(find(&ann, project, "paint 17").await, [made[17]]);
    // Once more changes nothing, while tasks are written.
    let (rebuilt, changed) = tokio::join!(
        installation.command(["search", "rebuild"]).run(),
        ann.patch(format!("/tasks/{}", made[3]), json!({"title": "Rake"})).into_future(),
    );
    rebuilt.succeeded();
    changed.expect(200);
    assert_eq!((find(&ann, project, "rake").await, find(&ann, project, "paint").await.len()), (vec![made[3]], 29));
}

#[tokio::test]
async fn texts_that_another_release_wrote_are_found() {
    let installation = Installation::new();
    let server = installation.start();
    let ann = server.register().await;
    let project = ann.project().await;
    let made = tasks(&ann, project, [json!({"title": "Paint"}), json!({"title": "Paint"})]).await;
    server.kill();
    // As a program would that doesn't know of words.
    installation.sql(&format!("UPDATE tasks SET title = 'Rake', version = version + 1 WHERE id = {}", made[0]));
    let server = installation.start();
    let ann = ann.on(&server);
    eventually("the new title is found", async || find(&ann, project, "rake").await == [made[0]]).await;
    assert_eq!(find(&ann, project, "paint").await, made[1..]);
}

use fasttrack_tests::{Server, has_fields, timestamp};
use serde_json::{Value, json};

#[tokio::test]
async fn new_project_is_active_with_version_1() {
    let server = Server::shared();
    let ann = server.register().await;
    let body = json!({"name": "  Garden\n", "description": " Roses "});
    let answer = ann.post("/projects", body).await.expect(201);
    assert_eq!(answer.etag(), r#""1""#);
    let project = answer.data();
    let fields = ["id", "name", "description", "status", "owner_id", "role", "created_at", "updated_at", "version"];
    has_fields(&project, &fields);
    assert_eq!(project["name"], "Garden");
    assert_eq!(project["description"], "Roses");
    assert_eq!(project["status"], "active");
    assert_eq!((&project["owner_id"], &project["role"]), (&json!(ann.id), &json!("owner")));
    assert_eq!(project["version"], 1);
    assert_eq!(timestamp(&project["created_at"]), timestamp(&project["updated_at"]));

    let location = answer.header("location").unwrap();
    assert!(location.ends_with(&format!("/projects/{}", answer.id())), "{location}");
    let path = location.strip_prefix(server.url()).unwrap_or(location);
    assert_eq!(ann.get(path).await.expect(200).data(), project);
}

#[tokio::test]
async fn project_description_is_optional() {
    let server = Server::shared();
    let ann = server.register().await;
    for body in [json!({"name": "Garden"}), json!({"name": "Garden", "description": null})] {
        assert_eq!(ann.post("/projects", body).await.expect(201).data()["description"], Value::Null);
    }
}

#[tokio::test]
async fn project_values_at_bounds_are_accepted() {
    let server = Server::shared();
    let ann = server.register().await;
    for (name, description) in [("x", String::new()), (&"é".repeat(200), "🌳".repeat(10_000))] {
        let body = json!({"name": format!(" {name} "), "description": description});
        let project = ann.post("/projects", body).await.expect(201).data();
        assert_eq!((&project["name"], &project["description"]), (&json!(name), &json!(description)));
    }
}

#[tokio::test]
async fn invalid_project_value_is_named() {
    let server = Server::shared();
    let ann = server.register().await;
    for (field, value) in [
        ("name", Value::Null),
        ("name", json!("")),
        ("name", json!(" \u{2003} ")),
        ("name", json!("x".repeat(201))),
        ("name", json!("a\u{0}b")),
        ("name", json!(7)),
        ("name", json!({"en": "Garden"})),
        ("description", json!("x".repeat(10_001))),
        ("description", json!("a\u{0}b")),
        ("description", json!(true)),
        ("status", json!("active")),
        ("owner_id", json!(1)),
        ("role", json!("owner")),
        ("version", json!(1)),
    ] {
        let mut body = json!({"name": "Garden"});
        body[field] = value;
        ann.post("/projects", body).await.invalid(&[field]);
    }
    ann.post("/projects", json!({})).await.invalid(&["name"]);
    let all = json!({"description": 1, "owner_id": 1, "x": {}});
    ann.post("/projects", all).await.invalid(&["name", "description", "owner_id", "x"]);
    assert_eq!(ann.get("/projects").await.expect(200).ids(), [0; 0]);
}

use fasttrack_tests::{Client, Server};

/// The values of `src` and `href` in a page.
fn references(page: &str) -> Vec<&str> {
    ["src=\"", "href=\""]
        .into_iter()
        .flat_map(|attribute| page.split(attribute).skip(1).filter_map(|rest| rest.split('"').next()))
        .collect()
}

async fn page(client: &Client, path: &str) -> String {
    let answer = client.get(path).await.expect(200);
    assert!(answer.header("content-type").unwrap().starts_with("text/html"), "{answer:#?}");
    answer.body
}

#[tokio::test]
async fn both_documentation_pages_are_complete_without_internet() {
    let server = Server::shared();
    let client = server.anonymous();
    let swagger = page(&client, "/docs").await;
    for reference in references(&swagger) {
        assert!(!reference.contains("//"), "{reference}");
        let path = reference.trim_start_matches("./");
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/docs/{path}") };
        let answer = client.get(&path).await.expect(200);
        assert!(answer.header("content-type").is_some() && !answer.body.is_empty());
    }
    let initializer = client.get("/docs/swagger-initializer.js").await.expect(200).body;
    assert!(initializer.contains("/openapi.json"), "{initializer}");

    let redoc = page(&client, "/redoc").await;
    assert!(redoc.contains("/openapi.json"));
    // The script itself stands in the page; only what the page loads counts.
    let head = redoc.split("<script>").next().unwrap();
    for reference in references(head) {
        assert!(reference.starts_with("data:") || !reference.contains("//"), "{reference}");
    }
}

#[tokio::test]
async fn the_page_that_shows_notifications_is_complete_in_itself_and_may_speak_with_this_server_alone() {
    let server = Server::shared();
    let answer = server.anonymous().get("/docs/realtime").await.expect(200);
    assert!(answer.header("content-type").unwrap().starts_with("text/html"), "{answer:#?}");
    assert!(references(&answer.body).iter().all(|reference| reference.starts_with("data:")), "{}", answer.body);
    let policy = answer.header("content-security-policy").unwrap();
    for directive in ["default-src 'none'", "connect-src 'self'", "frame-ancestors 'none'"] {
        assert!(policy.contains(directive), "{policy}");
    }
    // Nothing that somebody else wrote becomes markup.
    assert!(!answer.body.contains("innerHTML"));
}

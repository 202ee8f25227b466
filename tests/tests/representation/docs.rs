use fasttrack_tests::{BARE, Client, Server, has_fields};

/// Returns the values of `src` and `href` in a page.
fn references(page: &str) -> Vec<&str> {
    ["src=\"", "href=\""]
        .into_iter()
        .flat_map(|attribute| page.split(attribute).skip(1).filter_map(|rest| rest.split('"').next()))
        .collect()
}

/// Returns the path that a reference in the page at `page` leads to.
fn resolved(page: &str, reference: &str) -> String {
    let page = reqwest::Url::parse("http://localhost").unwrap().join(page).unwrap();
    let target = page.join(reference).unwrap();
    assert_eq!(target.origin(), page.origin(), "{reference}");
    target.path().to_owned()
}

async fn page(client: &Client, path: &str) -> String {
    let answer = client.get(path).await.expect(200);
    assert!(answer.header("content-type").unwrap().starts_with("text/html"), "{answer:#?}");
    answer.body
}

#[tokio::test]
async fn documentation_pages_need_no_internet() {
    let server = Server::shared();
    let client = server.anonymous();
    let swagger = page(&client, "/docs").await;
    for reference in references(&swagger) {
        assert!(!reference.contains("//"), "{reference}");
        let answer = client.get(resolved("/docs", reference)).await.expect(200);
        assert!(answer.header("content-type").is_some() && !answer.body.is_empty());
    }
    let initializer = client.get("/docs/swagger-initializer.js").await.expect(200).body;
    assert!(initializer.contains("/openapi.json"), "{initializer}");

    let redoc = page(&client, "/redoc").await;
    assert!(redoc.contains("/openapi.json"));
    assert!(redoc.contains("name=\"viewport\""));
    // The script itself stands in the page; only what the page loads counts.
    let head = redoc.split("<script>").next().unwrap();
    for reference in references(head) {
        assert!(reference.starts_with("data:") || !reference.contains("//"), "{reference}");
    }
}

#[tokio::test]
async fn own_pages_are_self_contained() {
    let server = Server::shared();
    for path in ["/docs/realtime", "/docs/webhooks"] {
        let answer = server.anonymous().get(path).await.expect(200);
        assert!(answer.header("content-type").unwrap().starts_with("text/html"), "{answer:#?}");
        let references = references(&answer.body).into_iter().map(|reference| resolved(path, reference));
        assert_eq!(references.collect::<Vec<_>>(), ["/favicon.ico"], "{}", answer.body);
        let policy = answer.header("content-security-policy").unwrap();
        for directive in ["default-src 'none'", "connect-src 'self'", "frame-ancestors 'none'"] {
            assert!(policy.contains(directive), "{policy}");
        }
        // Nothing that somebody else wrote becomes markup.
        assert!(!answer.body.contains("innerHTML"), "{path}");
    }
}

#[tokio::test]
async fn start_page_is_html_for_browsers_and_json_for_others() {
    let server = Server::shared();
    let client = server.anonymous();
    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    let answer = client.get("/").accept(browser).await.expect(200);
    assert!(answer.header("content-type").unwrap().starts_with("text/html"), "{answer:#?}");
    assert!(answer.header("content-security-policy").unwrap().contains("default-src 'none'"), "{answer:#?}");
    assert!(answer.body.contains("name=\"viewport\"") && answer.body.contains(env!("CARGO_PKG_VERSION")));
    for reference in references(&answer.body) {
        client.get(resolved("/", reference)).await.expect(200);
    }
    for accept in ["application/json", "*/*", BARE] {
        let answer = client.get("/").accept(accept).await.expect(200);
        assert_eq!(answer.header("content-type"), Some("application/json"), "{accept}");
        assert!(answer.header("vary").unwrap().contains("Accept"), "{answer:#?}");
        let home = answer.json();
        has_fields(&home, &["name", "version", "docs", "redoc", "openapi"]);
        assert_eq!((&home["name"], &home["version"]), (&"fasttrack".into(), &env!("CARGO_PKG_VERSION").into()));
        for page in ["docs", "redoc", "openapi"] {
            client.get(home[page].as_str().unwrap()).await.expect(200);
        }
    }
    client.post("/", serde_json::json!({})).await.refused(405, "method_not_allowed");
}

#[tokio::test]
async fn favicon_is_an_icon() {
    let answer = Server::shared().anonymous().get("/favicon.ico").await.expect(200);
    assert_eq!(answer.header("content-type"), Some("image/vnd.microsoft.icon"));
    assert!(answer.header("cache-control").unwrap().contains("max-age"));
    // The head of an ICO file.
    assert!(answer.body.starts_with("\0\0\u{1}\0"), "{:?}", answer.body.get(..8));
}

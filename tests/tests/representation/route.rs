use fasttrack_tests::Server;
use reqwest::Method;

#[tokio::test]
async fn unknown_route_is_404_with_and_without_token() {
    let server = Server::shared();
    let ann = server.register().await;
    for path in
        ["/index.html", "/nowhere", "/projects/1/nowhere", "/tasks/1/comments/1", "/auth", "/Projects", "/auth/login/x"]
    {
        for client in [&ann, &server.anonymous()] {
            client.get(path).await.refused(404, "not_found");
            client.request(Method::POST, path).body("text/plain", "x").await.refused(404, "not_found");
        }
    }
}

#[tokio::test]
async fn unsupported_method_is_405_with_allow() {
    let server = Server::shared();
    let ann = server.register().await;
    for (method, path, allowed) in [
        ("GET", "/auth/register", vec!["POST"]),
        ("GET", "/auth/login", vec!["POST"]),
        ("PUT", "/auth/refresh", vec!["POST"]),
        ("DELETE", "/auth/logout", vec!["POST"]),
        ("POST", "/auth/me", vec!["GET"]),
        ("PUT", "/users/me", vec!["DELETE", "GET", "PATCH"]),
        ("POST", "/users", vec!["GET"]),
        ("PUT", "/users/1", vec!["DELETE", "GET", "PATCH"]),
        ("PUT", "/projects", vec!["GET", "POST"]),
        ("PUT", "/projects/1", vec!["DELETE", "GET", "PATCH"]),
        ("PATCH", "/projects/1/tasks", vec!["GET", "POST"]),
        ("POST", "/tasks", vec!["GET"]),
        ("POST", "/tasks/1", vec!["DELETE", "GET", "PATCH"]),
        ("GET", "/projects/1/tasks/bulk", vec!["PATCH", "POST"]),
        ("PUT", "/projects/1/labels", vec!["GET", "POST"]),
        ("GET", "/labels/1", vec!["DELETE", "PATCH"]),
        ("GET", "/tasks/1/labels/1", vec!["DELETE", "PUT"]),
        ("GET", "/tasks/1/move", vec!["POST"]),
        ("DELETE", "/tasks/1/comments", vec!["GET", "POST"]),
        ("GET", "/comments/1", vec!["DELETE"]),
        ("DELETE", "/projects/1/stats", vec!["GET"]),
        ("POST", "/notifications", vec!["GET"]),
        ("GET", "/notifications/read", vec!["POST"]),
        ("POST", "/ws", vec!["GET"]),
        ("GET", "/ws/ticket", vec!["POST"]),
        ("POST", "/events", vec!["GET"]),
        ("POST", "/health/live", vec!["GET"]),
        ("POST", "/.well-known/jwks.json", vec!["GET"]),
        ("POST", "/openapi.json", vec!["GET"]),
        ("PURGE", "/projects", vec!["GET", "POST"]),
    ] {
        for client in [&ann, &server.anonymous()] {
            let answer = client.request(method.parse().unwrap(), path).await.refused(405, "method_not_allowed");
            // HEAD and OPTIONS come with the others, or not.
            let mut allow: Vec<_> = answer.header("allow").unwrap().split(',').map(str::trim).collect();
            allow.retain(|method| !["HEAD", "OPTIONS"].contains(method));
            allow.sort_unstable();
            assert_eq!(allow, allowed, "{method} {path}");
            let body = answer.json();
            let message = body["error"]["message"].as_str().unwrap();
            assert!(allowed.iter().all(|method| message.contains(method)), "{method} {path}: {message}");
        }
    }
}

#[tokio::test]
async fn head_equals_get_without_body() {
    let server = Server::shared();
    let ann = server.register().await;
    for (path, status) in [("/users/me", 200), ("/projects/999999", 404), ("/nowhere", 404), ("/health/live", 200)] {
        let get = ann.get(path).await.expect(status);
        let head = ann.request(Method::HEAD, path).await.expect(status);
        assert_eq!(head.body, "", "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
        assert_eq!(head.header("content-length"), get.header("content-length"), "{path}");
    }
    server.anonymous().request(Method::HEAD, "/users/me").await.expect(401);
    ann.request(Method::HEAD, "/auth/login").await.expect(405);
}

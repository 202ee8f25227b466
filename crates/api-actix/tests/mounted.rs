//! The API under a prefix of another application: addresses, limits and background work are those of the API alone.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use actix_web::{
    App, Error,
    body::MessageBody,
    dev::{Service, ServiceResponse},
    http::{Method, StatusCode, header},
    rt::time::sleep,
    test::{self, TestRequest},
    web,
};
use fasttrack_api_actix::program::Embedded;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Requests that a user may send; more than the journey needs.
const LIMIT: usize = 500;

struct Answer {
    status: StatusCode,
    headers: header::HeaderMap,
    body: String,
}

impl Answer {
    fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name}: {:?}", self.headers)).to_str().unwrap()
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The payload in the envelope.
    fn data(&self) -> Value {
        self.json()["data"].clone()
    }
}

/// Sends requests to an application in this process, with an access token once there is one.
struct Client<S> {
    app: S,
    token: Option<String>,
}

impl<S, B> Client<S>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let peer = "127.0.0.1:40000".parse().unwrap();
        let mut request = TestRequest::with_uri(path).method(method).peer_addr(peer);
        if let Some(token) = &self.token {
            request = request.insert_header((header::AUTHORIZATION, format!("Bearer {token}")));
        }
        if let Some(body) = body {
            request = request.set_json(body);
        }
        let response = test::call_service(&self.app, request.to_request()).await;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = test::read_body(response).await;
        Answer { status, headers, body: String::from_utf8_lossy(&body).into_owned() }
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }
}

#[actix_web::test]
async fn journey_under_a_prefix_is_that_of_the_api_alone() {
    let directory = tempfile::tempdir().unwrap();
    let settings = [("DATA_DIR", directory.path().display().to_string()), ("RATE_LIMIT_REQUESTS", LIMIT.to_string())];
    let tracker = Embedded::start(settings).await.unwrap();
    let own = web::resource("/projects").to(|| async { "a page of the application" });
    let app = test::init_service(App::new().service(own).service(tracker.application.scope("/tracker"))).await;
    let mut client = Client { app, token: None };

    let account = json!({"email": "ann@example.org", "password": "correct horse"});
    let user = client.post("/tracker/auth/register", account.clone()).await.expect(201).data()["id"].clone();
    let tokens = client.post("/tracker/auth/login", account).await.expect(200).data();
    client.token = tokens["access_token"].as_str().map(ToOwned::to_owned);

    let project = client.post("/tracker/projects", json!({"name": "Garden"})).await.expect(201);
    let project_address = format!("/tracker/projects/{}", project.data()["id"]);
    assert_eq!(project.header("location"), project_address);
    client.get(&project_address).await.expect(200).header("ratelimit");
    let task = client.post(&format!("{project_address}/tasks"), json!({"title": "Paint"})).await.expect(201);
    let task_address = format!("/tracker/tasks/{}", task.data()["id"]);
    assert_eq!(task.header("location"), task_address);
    client.post(&format!("{task_address}/comments"), json!({"body": "Which colour?"})).await.expect(201);

    // Bare, as under `/api/` without a prefix.
    let todos = format!("/tracker/api/{user}/tasks");
    for title in ["Water", "Weed"] {
        let todo = client.post(&todos, json!({"title": title})).await.expect(201);
        assert_eq!(todo.json()["title"], title);
        assert_eq!(todo.header("location"), format!("{todos}/{}", todo.json()["id"]));
    }
    let page = client.get(&format!("{todos}?limit=1")).await.expect(200);
    assert!(page.header("link").starts_with(&format!("<{todos}?limit=1&cursor=")), "{}", page.header("link"));
    client.get("/tracker/api/0/tasks").await.expect(403);

    let deadline = Instant::now() + Duration::from_secs(20);
    while client.get(&format!("{project_address}/stats")).await.expect(200).data()["total"] != 1 {
        assert!(Instant::now() < deadline, "no event was dispatched");
        sleep(Duration::from_millis(100)).await;
    }

    assert_eq!(client.get("/tracker").await.expect(308).header("location"), "/tracker/");
    assert_eq!(client.get("/tracker/").await.expect(200).json()["docs"], "/tracker/docs");
    let document = client.get("/tracker/openapi.json").await.expect(200).json();
    assert_eq!(document["servers"][0]["url"], "/tracker");
    let wrong_method = client.send(Method::DELETE, "/tracker/projects", None).await.expect(405);
    assert!(wrong_method.header("allow").contains("POST"));
    assert_eq!(client.get("/tracker/nowhere").await.expect(404).json()["error"]["code"], "not_found");
    let no_upgrade = client.get("/tracker/ws").await.expect(400);
    assert_eq!(no_upgrade.json()["error"]["details"][0]["field"], "header.upgrade");
    assert_eq!(client.get("/projects").await.expect(200).body, "a page of the application");

    for _ in 0..=LIMIT {
        let answer = client.get(&project_address).await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            assert_eq!(answer.json()["error"]["code"], "rate_limited");
            answer.header("retry-after");
            tracker.stop().await;
            return;
        }
    }
    panic!("{LIMIT} requests were not limited");
}

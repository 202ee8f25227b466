//! Sends requests to the API in this process, one after the other. `cargo xtask instructions` runs it in Callgrind.
//!
//! For each operation it prints the name, and how many requests were sent between [`counting_begins`] and
//! [`counting_ends`].

use actix_http::Request;
use actix_web::{
    Error as ActixError,
    body::MessageBody,
    dev::{Service, ServiceResponse},
    http::header::{AUTHORIZATION, CONTENT_TYPE},
    test::{self, TestRequest},
    web::Bytes,
};
use fasttrack_api_actix::program::Embedded;
use serde_json::{Value, json};
use std::{
    error::Error,
    hint::black_box,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    ops::Range,
};

/// The allocator of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

const TASKS: usize = 100;

/// Requests of an operation that aren't counted: they fill caches, and each task gets one.
const WARM_UP: usize = TASKS;

/// Requests of an operation that are counted: each task gets two, so that its status changes in both directions.
const COUNTED: usize = 2 * TASKS;

const PEER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 40_000);

#[actix_web::main]
async fn main() -> Outcome {
    let directory = tempfile::tempdir()?;
    let data_dir = directory.path().display().to_string();
    let settings = [
        ("DATA_DIR", data_dir.as_str()),
        ("BCRYPT_COST", "4"),
        // Generating an RSA key takes long in Callgrind.
        ("JWT_ALGORITHM", "EdDSA"),
        ("LOGIN_RATE_LIMIT", "0"),
        ("MAX_QUEUE_MILLISECONDS", "0"),
        ("RATE_LIMIT_REQUESTS", "0"),
    ];
    let tracker = Embedded::start(settings.map(|(name, value)| (name, value.to_owned()))).await?;
    let application = tracker.application.clone();
    // This ends the background work, whose instructions would be counted with those of the requests that it happens to
    // run beside. The clone still serves.
    tracker.stop().await;
    let mut client = Client { app: test::init_service(application.app()).await, authorization: None };
    let rows = Rows::create(&mut client).await?;
    for operation in Operation::ALL {
        operation.repeat(&client, &rows, 0..WARM_UP).await?;
        counting_begins();
        operation.repeat(&client, &rows, WARM_UP..WARM_UP + COUNTED).await?;
        counting_ends();
        println!("{} {COUNTED}", operation.name());
    }
    Ok(())
}

/// When this function is called, Callgrind writes its counters to a file and sets them to zero.
#[inline(never)]
fn counting_begins() {
    let _ = black_box("begins");
}

/// When this function is called, Callgrind does the same again. The function differs, so that no linker merges the two.
#[inline(never)]
fn counting_ends() {
    let _ = black_box("ends");
}

/// Sends requests to the application.
struct Client<S> {
    app: S,
    /// The value of the header, once there is a token.
    authorization: Option<String>,
}

impl<S, B> Client<S>
where
    S: Service<Request, Response = ServiceResponse<B>, Error = ActixError>,
    B: MessageBody,
{
    /// Returns the body of the response, which must have this status.
    async fn send(&self, request: TestRequest, status: u16) -> Outcome<Bytes> {
        let mut request = request.peer_addr(PEER);
        if let Some(authorization) = &self.authorization {
            request = request.insert_header((AUTHORIZATION, authorization.as_str()));
        }
        let response = test::call_service(&self.app, request.to_request()).await;
        let actual = response.status().as_u16();
        let body = test::read_body(response).await;
        if actual == status {
            return Ok(body);
        }
        Err(format!("status {actual} instead of {status}: {}", String::from_utf8_lossy(&body)).into())
    }

    /// Returns the payload in the envelope.
    async fn post(&self, path: &str, body: &Value, status: u16) -> Outcome<Value> {
        let body = self.send(with_body(TestRequest::post().uri(path), body.to_string()), status).await?;
        let mut response: Value = serde_json::from_slice(&body)?;
        Ok(response["data"].take())
    }
}

fn with_body(request: TestRequest, body: impl Into<Bytes>) -> TestRequest {
    request.insert_header((CONTENT_TYPE, "application/json")).set_payload(body)
}

/// The rows that requests are about: a project, and its tasks with an assignee.
struct Rows {
    project: i64,
    tasks: Vec<i64>,
    /// The body of a request for another such task.
    task: Bytes,
}

impl Rows {
    /// Creates them by requests of their owner, who stays logged in.
    async fn create<S, B>(client: &mut Client<S>) -> Outcome<Self>
    where
        S: Service<Request, Response = ServiceResponse<B>, Error = ActixError>,
        B: MessageBody,
    {
        let account = |name: &str| json!({"email": format!("{name}@example.org"), "password": "correct horse"});
        let assignee = id(&client.post("/auth/register", &account("assignee"), 201).await?)?;
        let owner = account("owner");
        client.post("/auth/register", &owner, 201).await?;
        let tokens = client.post("/auth/login", &owner, 200).await?;
        client.authorization = tokens["access_token"].as_str().map(|token| format!("Bearer {token}"));
        let project = id(&client.post("/projects", &json!({"name": "Garden"}), 201).await?)?;
        let task = json!({
            "title": "Water the roses",
            "description": "Early in the morning, and not on the leaves.",
            "assignee_id": assignee,
        });
        let path = format!("/projects/{project}/tasks");
        let mut tasks = Vec::new();
        for _ in 0..TASKS {
            tasks.push(id(&client.post(&path, &task, 201).await?)?);
        }
        Ok(Self { project, tasks, task: task.to_string().into() })
    }
}

fn id(payload: &Value) -> Outcome<i64> {
    payload["id"].as_i64().ok_or_else(|| format!("no id: {payload}").into())
}

#[derive(Clone, Copy)]
enum Operation {
    Read,
    List,
    Create,
    Status,
}

impl Operation {
    const ALL: [Self; 4] = [Self::Read, Self::List, Self::Create, Self::Status];

    /// The name in `docs/instructions.json`.
    fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::List => "list",
            Self::Create => "create",
            Self::Status => "status",
        }
    }

    /// Sends a request for each number.
    async fn repeat<S, B>(self, client: &Client<S>, rows: &Rows, numbers: Range<usize>) -> Outcome
    where
        S: Service<Request, Response = ServiceResponse<B>, Error = ActixError>,
        B: MessageBody,
    {
        for number in numbers {
            let (request, status) = self.request(rows, number);
            client.send(request, status).await?;
        }
        Ok(())
    }

    /// The request with this number, and the status of its response.
    fn request(self, rows: &Rows, number: usize) -> (TestRequest, u16) {
        let project = rows.project;
        let task = rows.tasks[number % TASKS];
        match self {
            Self::Read => (TestRequest::get().uri(&format!("/tasks/{task}")), 200),
            Self::List => (TestRequest::get().uri(&format!("/projects/{project}/tasks?limit=50")), 200),
            Self::Create => {
                let request = TestRequest::post().uri(&format!("/projects/{project}/tasks"));
                (with_body(request, rows.task.clone()), 201)
            }
            Self::Status => {
                let is_todo = (number / TASKS).is_multiple_of(2);
                let body = if is_todo { r#"{"status": "in_progress"}"# } else { r#"{"status": "todo"}"# };
                (with_body(TestRequest::patch().uri(&format!("/tasks/{task}")), body), 200)
            }
        }
    }
}

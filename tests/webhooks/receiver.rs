#![expect(clippy::disallowed_methods, reason = "an example for others, which has its own settings and clock")]

//! Receives webhooks of fasttrack.

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use std::{
    collections::HashSet,
    env,
    error::Error,
    sync::Mutex,
    time::{SystemTime, UNIX_EPOCH},
};

/// Every message is shorter.
const MAX_BYTES: usize = 20 * 1024;

/// How many seconds the time of a message may differ from ours, so that nobody sends a recorded one later.
const TOLERANCE: u64 = 300;

struct Receiver {
    key: hmac::Key,
    /// A service keeps these ids in its database, and commits them with what it does.
    seen: Mutex<HashSet<String>>,
}

impl Receiver {
    fn new(secret: &str) -> Result<Self, Box<dyn Error>> {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").ok_or("a secret begins with whsec_")?)?;
        Ok(Self { key: hmac::Key::new(hmac::HMAC_SHA256, &key), seen: Mutex::default() })
    }

    /// Returns the id and the message, if it is genuine.
    fn verify<'a>(&self, request: &'a HttpRequest, body: &[u8]) -> Option<(&'a str, Value)> {
        let header = |name: &'static str| request.headers().get(name)?.to_str().ok();
        let (id, timestamp) = (header("webhook-id")?, header("webhook-timestamp")?);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs();
        if now.abs_diff(timestamp.parse().ok()?) > TOLERANCE {
            return None;
        }
        let signed = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body].concat();
        let is_genuine = header("webhook-signature")?.split(' ').any(|signature| {
            let tag = signature.strip_prefix("v1,").and_then(|tag| STANDARD.decode(tag).ok());
            tag.is_some_and(|tag| hmac::verify(&self.key, &signed, &tag).is_ok())
        });
        if is_genuine { Some((id, serde_json::from_slice(body).ok()?)) } else { None }
    }

    fn is_new(&self, id: &str) -> bool {
        self.seen.lock().is_ok_and(|mut seen| seen.insert(id.to_owned()))
    }
}

fn handle(message: &Value) {
    let text = |pointer| message.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    match text("/type") {
        "task.created" => println!("{} created {}", text("/data/actor/display_name"), text("/data/task/title")),
        other => println!("{other}"),
    }
}

async fn receive(request: HttpRequest, body: web::Bytes, receiver: web::Data<Receiver>) -> HttpResponse {
    let Some((id, message)) = receiver.verify(&request, &body) else {
        return HttpResponse::BadRequest().finish();
    };
    if receiver.is_new(id) {
        handle(&message);
    }
    HttpResponse::NoContent().finish()
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let receiver = web::Data::new(Receiver::new(&env::var("WEBHOOK_SECRET")?)?);
    let app = move || {
        let app = App::new().app_data(receiver.clone()).app_data(web::PayloadConfig::new(MAX_BYTES));
        app.default_service(web::to(receive))
    };
    let server = HttpServer::new(app).workers(1).bind(("127.0.0.1", env::var("PORT")?.parse::<u16>()?))?;
    for address in server.addrs() {
        println!("listening on http://{address}");
    }
    server.run().await?;
    Ok(())
}

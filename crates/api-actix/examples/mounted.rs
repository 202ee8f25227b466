//! The API under `/tracker` of another application, on SQLite: `cargo run --example mounted`, then open
//! <http://127.0.0.1:8081/tracker/>.

use actix_web::{App, HttpServer, web};
use fasttrack_api_actix::program::Embedded;
use std::error::Error;

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let tracker = Embedded::start([("DATA_DIR", directory.path().display().to_string())]).await?;
    let application = tracker.application.clone();
    let mount = move || {
        App::new().route("/", web::get().to(|| async { "our own page" })).service(application.scope("/tracker"))
    };
    HttpServer::new(mount).bind(("127.0.0.1", 8081))?.run().await?;
    tracker.stop().await;
    Ok(())
}

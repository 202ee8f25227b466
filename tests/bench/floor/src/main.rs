//! The floor of the benchmark: what actix costs without anything of ours.

use actix_web::{App, HttpResponse, HttpServer, web};
use clap::Parser;

/// Serves a constant response.
#[derive(Parser)]
struct Options {
    #[arg(long)]
    workers: usize,
}

async fn constant() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(r#"{"status":"ok"}"#)
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let options = Options::parse();
    let server = HttpServer::new(|| App::new().route("/", web::get().to(constant)))
        .workers(options.workers)
        .bind(("127.0.0.1", 0))?;
    for address in server.addrs() {
        println!("listening on http://{address}");
    }
    server.run().await
}

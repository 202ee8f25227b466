//! The server that fasttrack is compared with: axum and sqlx, plain and well tuned.
//!
//! It has five routes of fasttrack's API with the same checks of permission, the same payloads and the same tokens, and
//! commits as durably. It has no events, no notifications, no limits, no metrics and no representations.

mod cursor;
mod failure;
mod model;
mod postgres;
mod sqlite;
mod token;

use axum::serve::ListenerExt;
use clap::Parser;
use std::{error::Error, path::PathBuf, sync::Arc};
use token::Verifier;
use tokio::net::TcpListener;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Serves the five routes on a free port.
#[derive(Parser)]
struct Options {
    /// `sqlite:///path` or `postgres://…`, with the tables in it.
    #[arg(long)]
    database_url: String,
    /// A JSON Web Key Set with the key that tokens are signed with.
    #[arg(long)]
    jwks: PathBuf,
    #[arg(long)]
    workers: usize,
    /// Connections to read on; on PostgreSQL, to write as well.
    #[arg(long)]
    readers: u32,
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(options.workers).enable_all().build()?;
    runtime.block_on(serve(options))
}

async fn serve(options: Options) -> Result<(), Box<dyn Error>> {
    let verifier = Arc::new(Verifier::read(&options.jwks)?);
    let url = &options.database_url;
    let router = if url.starts_with("sqlite:") {
        let (readers, writer) = sqlite::connect(url, options.readers).await?;
        sqlite::routes::router(readers, writer, verifier)
    } else {
        let pool = postgres::connect(url, options.readers).await?;
        postgres::routes::router(pool.clone(), pool, verifier)
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    // Fails only where the socket is closed already.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    Ok(axum::serve(listener, router).await?)
}

//! The binary `fasttrack`, which runs `program::cli::main`.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    fasttrack_api_actix::program::cli::main()
}

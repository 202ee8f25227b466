//! Files of `src/postgres` whose tests need no server, and those that they use.

#[path = "../../src/postgres/channel_binding.rs"]
mod channel_binding;
#[path = "../../src/postgres/news.rs"]
mod news;
#[path = "../../src/postgres/options.rs"]
mod options;
#[path = "../../src/postgres/sharing.rs"]
mod sharing;
#[path = "../../src/postgres/sqlstate_reader.rs"]
mod sqlstate_reader;
#[path = "../../src/postgres/target.rs"]
mod target;
#[path = "../../src/postgres/tls/mod.rs"]
mod tls;

//! Types of adapters that settings have. This file imports nothing of the program, as the rest of the wiring depends on
//! the settings.

pub use fasttrack_infra_auth::{external::JwksUrl, keys::KeyAlgorithm};
pub use fasttrack_infra_diesel::DatabaseUrl;
pub use fasttrack_infra_limits::redis::RedisUrl;
pub use fasttrack_infra_notify::mail::{Sender, SmtpUrl};

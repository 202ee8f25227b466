//! What operators rely on when things go wrong: crashes, storms, and the end of a process.

mod durability;
mod figures;
mod metrics;
mod overload;
mod shutdown;
mod watching;

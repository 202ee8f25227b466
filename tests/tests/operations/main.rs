//! What operators rely on when things go wrong: crashes, storms, and the end of a process.

mod durability;
mod overload;
mod shutdown;

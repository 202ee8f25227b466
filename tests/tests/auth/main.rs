//! Registration, sessions and tokens.

mod access_token;
mod keys;
mod login;
mod logout;
mod refresh;
mod register;
mod revocation;

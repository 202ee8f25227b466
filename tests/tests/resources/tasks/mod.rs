mod create;
mod id;
mod list;
mod status;

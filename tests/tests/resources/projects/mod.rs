mod create;
mod id;
mod list;

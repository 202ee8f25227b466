mod id;
mod list;
mod me;

use std::error::Error;

/// The result of a task, or of a part of it. The error is printed as text.
pub(crate) type Outcome<T = ()> = Result<T, Box<dyn Error>>;

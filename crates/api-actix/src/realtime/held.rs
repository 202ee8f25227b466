//! A response whose end is held back: an HTTP connection whose response is at its end reads nothing more, and one that
//! doesn't get rid of its response stays for ever.

use actix_web::{
    HttpResponse,
    body::{BodySize, BoxBody, MessageBody},
    web::Bytes,
};
use std::{
    error::Error,
    pin::Pin,
    task::{Context, Poll, ready},
};
use tokio::sync::oneshot;

/// The client did not even take the end, so its connection is torn down.
#[derive(Debug, thiserror::Error)]
#[error("the client reads nothing any more")]
struct Stuck;

/// Holds back the end of a response until it is dropped.
pub struct Hold(oneshot::Sender<Stuck>);

impl Hold {
    /// Tears down the connection.
    pub fn cut(self) {
        // A connection that is gone needs no more.
        let _ = self.0.send(Stuck);
    }
}

/// Holds back the end of `response`.
pub fn hold(response: HttpResponse) -> (HttpResponse, Hold) {
    let (hold, end) = oneshot::channel();
    (response.map_body(|_, body| Held { body: Some(body), end }.boxed()), Hold(hold))
}

struct Held {
    body: Option<BoxBody>,
    end: oneshot::Receiver<Stuck>,
}

impl MessageBody for Held {
    type Error = Box<dyn Error>;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        if let Some(body) = &mut self.body {
            if let Some(part) = ready!(Pin::new(body).poll_next(context)) {
                return Poll::Ready(Some(part));
            }
            self.body = None;
        }
        Poll::Ready(match ready!(Pin::new(&mut self.end).poll(context)) {
            Ok(stuck) => Some(Err(stuck.into())),
            Err(_) => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use std::future::poll_fn;

    #[test]
    fn the_end_comes_when_nobody_holds_it_back_any_more() {
        let (response, hold) = hold(HttpResponse::Ok().body("x"));
        let mut body = response.into_body();
        let mut next = || poll_fn(|context| Pin::new(&mut body).poll_next(context)).now_or_never();
        assert_eq!(next().unwrap().unwrap().unwrap(), "x");
        assert!(next().is_none());
        drop(hold);
        assert!(next().unwrap().is_none());
    }

    #[test]
    fn what_is_cut_ends_with_an_error() {
        let (response, hold) = hold(HttpResponse::Ok().finish());
        hold.cut();
        let mut body = response.into_body();
        let end = poll_fn(|context| Pin::new(&mut body).poll_next(context)).now_or_never().unwrap();
        assert!(end.unwrap().is_err());
    }
}

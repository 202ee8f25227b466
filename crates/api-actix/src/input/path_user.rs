//! `{user_id}` in `/api/{user_id}/tasks`: a user by the name that its own tokens give it.

use crate::http::{caller::Caller, prefix::path_within};
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use fasttrack_domain::id::UserId;
use percent_encoding::percent_decode_str;
use std::{
    convert::Infallible,
    future::{Ready, ready},
};

/// Whoever the path names. That it is nobody is no fault of the form: it is up to the use case.
pub struct PathUser(Vec<u8>);

impl PathUser {
    /// The caller, if the path names it; `None` for anybody else, who isn't looked up.
    pub fn among(&self, caller: &Caller) -> Option<UserId> {
        caller.0.are_of(&self.0).then_some(caller.0.user_id)
    }
}

impl FromRequest for PathUser {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        // Of the path as it was sent: the framework's reading of it replaces bytes that are no UTF-8, and a subject
        // may be equal to what stands there then.
        let segment = path_within(request).split('/').nth(2).unwrap_or_default();
        ready(Ok(Self(percent_decode_str(segment).collect())))
    }
}

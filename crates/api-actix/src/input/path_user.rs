//! `{user_id}` in `/api/{user_id}/tasks`: an id of ours, or the subject of another issuer.

use crate::http::{caller::Caller, prefix::path_within};
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use fasttrack_domain::id::UserId;
use percent_encoding::percent_decode_str;
use std::{
    convert::Infallible,
    future::{Ready, ready},
};

/// The user that the path names. An unknown one is no fault of validation: the use case refuses it.
pub struct PathUser(Vec<u8>);

impl PathUser {
    /// The caller's id if the path names the caller, else `None`. Other users are not looked up.
    pub fn if_caller(&self, caller: &Caller) -> Option<UserId> {
        caller.0.match_user_name(&self.0).then_some(caller.0.user_id)
    }
}

impl FromRequest for PathUser {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        // From the path as it was sent: the framework replaces bytes that are not UTF-8, and the result could equal the
        // subject of another user.
        let segment = path_within(request).split('/').nth(2).unwrap_or_default();
        ready(Ok(Self(percent_decode_str(segment).collect())))
    }
}

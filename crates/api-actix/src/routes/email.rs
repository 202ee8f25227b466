//! `/auth/email`: proving that an address is one's own.

use crate::{
    api::Api,
    http::{
        caller::Caller,
        reply::{Reply, Result},
    },
    input::{Input, Nothing, body::Json, fault::Faults},
    openapi::Routes,
    payload::envelope::EnvelopedNull,
};
use actix_web::{post, web::Data};
use deserr::Deserr;
use fasttrack_domain::token::SecretToken;
use utoipa::ToSchema;

pub fn configure(config: &mut Routes<'_>) {
    config.service(verify).service(resend);
}

/// A token from a mail.
#[derive(Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({"token": "q3fZ0mXkN6r1cVtYb8uJwLx2EhGdSa5oPiTz7RvMnKc"}))]
pub struct VerifyEmailBody {
    #[schema(value_type = String)]
    token: SecretToken,
}

/// Verify an email address.
///
/// For whoever has the token from a verification mail, which works once and for 24 hours. The address is verified then,
/// and takes the place of the former one if it was pending.
#[utoipa::path(
    operation_id = "verifyEmail",
    tag = "auth",
    request_body = VerifyEmailBody,
    responses(
        (status = 200, description = "Verified", body = EnvelopedNull),
        (
            status = 400,
            description = "`invalid_verification_token`: unknown, used or expired; `validation_failed` or `malformed_json`"
        ),
        (status = 409, description = "`email_taken`: another account has the address by now"),
    ),
    security(())
)]
#[post("/auth/email/verify")]
async fn verify(api: Data<Api>, input: Input<Nothing, Nothing, Json<VerifyEmailBody>>) -> Result<()> {
    api.use_cases.accounts.verify_email(input.body.0.token).await?;
    Ok(Reply::ok(()))
}

/// Ask for another verification mail.
///
/// For every user; it does nothing where there is nothing to verify. The token of the mail before dies with the next one.
/// After five of these mails a day there are no more, and the last token stays good.
#[utoipa::path(
    operation_id = "resendVerification",
    tag = "auth",
    responses((status = 202, description = "A mail is on its way if there is an address to verify", body = EnvelopedNull))
)]
#[post("/auth/email/verify/resend")]
async fn resend(api: Data<Api>, caller: Caller) -> Result<()> {
    api.use_cases.accounts.resend_verification(caller.0.user_id).await?;
    Ok(Reply::accepted(()))
}

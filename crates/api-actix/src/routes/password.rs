//! `/auth/password`: another one, for who knows the former and for who forgot it.

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
use fasttrack_app::account::{ChangePassword, ResetPassword};
use fasttrack_domain::{
    email::Email,
    password::{Password, PasswordAttempt},
    token::SecretToken,
};
use utoipa::ToSchema;

pub fn configure(config: &mut Routes<'_>) {
    config.service(change).service(forgot).service(reset);
}

/// The current password and the new one.
#[derive(Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({"current_password": "correct horse", "new_password": "another horse"}))]
pub struct ChangePasswordBody {
    #[schema(value_type = String, format = Password)]
    current_password: PasswordAttempt,
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 128)]
    new_password: Password,
}

/// Change the caller's password.
///
/// For every user with a password, who has to send the current one (401 `invalid_credentials` where it is wrong).
/// Every other session of the caller ends; the current one goes on with the tokens that it has.
#[utoipa::path(
    operation_id = "changePassword",
    tag = "auth",
    request_body = ChangePasswordBody,
    responses(
        (status = 200, description = "Changed", body = EnvelopedNull),
        (status = 401, description = "`invalid_credentials`: not the current password; or that of a refused token"),
    )
)]
#[post("/auth/password/change")]
async fn change(
    api: Data<Api>,
    caller: Caller,
    input: Input<Nothing, Nothing, Json<ChangePasswordBody>>,
) -> Result<()> {
    let ChangePasswordBody { current_password: current, new_password: new } = input.body.0;
    let (user_id, session_id) = (caller.0.user_id, caller.0.session_id());
    api.use_cases.accounts.change_password(ChangePassword { user_id, session_id, current, new }).await?;
    Ok(Reply::ok(()))
}

/// The account whose password is forgotten.
#[derive(Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({"email": "ann@example.org"}))]
pub struct ForgotPasswordBody {
    #[schema(value_type = String, format = Email, max_length = 254)]
    email: Email,
}

/// Ask for a mail that resets a forgotten password.
///
/// For everybody, without a token. The answer is always 202, so that nobody learns which addresses have accounts.
/// Where this one has, a mail follows with a token that is good once and for 30 minutes.
#[utoipa::path(
    operation_id = "forgotPassword",
    tag = "auth",
    request_body = ForgotPasswordBody,
    responses((status = 202, description = "A mail is on its way if there is such an account", body = EnvelopedNull)),
    security(())
)]
#[post("/auth/password/forgot")]
async fn forgot(api: Data<Api>, input: Input<Nothing, Nothing, Json<ForgotPasswordBody>>) -> Result<()> {
    api.use_cases.accounts.forgot_password(input.body.0.email).await?;
    Ok(Reply::accepted(()))
}

/// A token from a mail, and the new password.
#[derive(Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({
    "token": "q3fZ0mXkN6r1cVtYb8uJwLx2EhGdSa5oPiTz7RvMnKc", "new_password": "another horse"
}))]
pub struct ResetPasswordBody {
    #[schema(value_type = String)]
    token: SecretToken,
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 128)]
    new_password: Password,
}

/// Set a new password with the token of a mail.
///
/// For whoever holds the token of a mail that `POST /auth/password/forgot` has sent. The token is spent and every
/// session of the user ends, so the user logs in again with the new password.
#[utoipa::path(
    operation_id = "resetPassword",
    tag = "auth",
    request_body = ResetPasswordBody,
    responses(
        (status = 200, description = "Changed", body = EnvelopedNull),
        (
            status = 400,
            description = "`invalid_reset_token`: unknown, used or expired; `validation_failed` or `malformed_json`"
        ),
    ),
    security(())
)]
#[post("/auth/password/reset")]
async fn reset(api: Data<Api>, input: Input<Nothing, Nothing, Json<ResetPasswordBody>>) -> Result<()> {
    let ResetPasswordBody { token, new_password: password } = input.body.0;
    api.use_cases.accounts.reset_password(ResetPassword { token, password }).await?;
    Ok(Reply::ok(()))
}

//! `/api/auth`: accounts for the todo surface.

use crate::{
    api::Api,
    http::reply::{Reply, Result},
    input::{Input, Nothing, body::Json, fault::Faults},
    openapi::Routes,
    payload::todo::SignupPayload,
};
use actix_web::{post, web::Data};
use deserr::Deserr;
use fasttrack_app::user::Register;
use fasttrack_domain::{email::Email, password::Password};
use utoipa::ToSchema;

pub fn configure(config: &mut Routes<'_>) {
    config.service(sign_up);
}

/// A new account.
#[derive(Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({"email": "ann@example.org", "password": "correct horse"}))]
pub struct SignupBody {
    #[schema(value_type = String, format = Email, max_length = 254)]
    email: Email,
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 128)]
    password: Password,
}

/// Sign up for an account.
///
/// For everybody, without a token, unless the operator has closed registration (403). The same as `POST
/// /auth/register` without a display name; the account logs in at `POST /auth/login`.
#[utoipa::path(
    operation_id = "signUp",
    tag = "todos",
    request_body = SignupBody,
    responses(
        (status = 201, description = "The account", body = SignupPayload),
        (status = 403, description = "`forbidden`: registration is closed"),
        (status = 409, description = "`email_taken`"),
    ),
    security(())
)]
#[post("/api/auth/signup")]
async fn sign_up(api: Data<Api>, input: Input<Nothing, Nothing, Json<SignupBody>>) -> Result<SignupPayload> {
    let SignupBody { email, password } = input.body.0;
    let command = Register { email, password, display_name: None };
    Ok(Reply::created(api.use_cases.users.register(command).await?.into()))
}

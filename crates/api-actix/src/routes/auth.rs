//! `/auth`: from a registration to tokens and back.

use crate::{
    api::Api,
    http::{
        audit,
        caller::{Caller, bearer_token},
        client::RequestClient,
        error::{ApiError, ErrorCode},
        rate_limit,
        reply::{Reply, Result},
    },
    input::{
        Input, Nothing,
        body::{Json, OptionalJson},
        fault::Faults,
        field::{LoginEmail, NonNull},
    },
    openapi::Routes,
    payload::{
        envelope::{Enveloped, EnvelopedNull},
        token::TokensPayload,
        user::UserPayload,
    },
};
use actix_web::{
    FromRequest, HttpRequest, get,
    middleware::from_fn,
    post,
    web::{Data, Payload},
};
use deserr::Deserr;
use fasttrack_app::{
    auth::{Login, Logout, LogoutExpired, Refresh},
    user::Register,
};
use fasttrack_domain::{
    email::Email,
    password::{Password, PasswordAttempt},
    text::DisplayName,
    token::SecretToken,
};
use utoipa::ToSchema;

pub fn configure(config: &mut Routes<'_>) {
    config.service(register).service(login).service(refresh).service(logout).service(me);
}

/// A new account.
#[derive(Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({"email": "ann@example.org", "password": "correct horse", "display_name": "Ann"}))]
pub struct RegisterBody {
    #[schema(value_type = String, format = Email, max_length = 254)]
    email: Email,
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 128)]
    password: Password,
    /// What stands before the `@` where absent.
    #[deserr(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 100)]
    display_name: NonNull<DisplayName>,
}

/// Register an account.
///
/// For everybody, without a token, unless the operator has closed registration (403). The account has the role `user`
/// and can log in at once; an address that has an account already is 409 `email_taken`.
#[utoipa::path(
    operation_id = "register",
    tag = "auth",
    request_body = RegisterBody,
    responses(
        (status = 201, description = "The account", body = Enveloped<UserPayload>),
        (status = 403, description = "`forbidden`: registration is closed"),
        (status = 409, description = "`email_taken`"),
    ),
    security(())
)]
#[post("/auth/register")]
async fn register(api: Data<Api>, input: Input<Nothing, Nothing, Json<RegisterBody>>) -> Result<UserPayload> {
    let RegisterBody { email, password, display_name } = input.body.0;
    let command = Register { email, password, display_name: display_name.0 };
    Ok(Reply::created(api.use_cases.users.register(command).await?.into()))
}

/// The credentials of an account.
#[derive(Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({"email": "ann@example.org", "password": "correct horse"}))]
pub struct LoginBody {
    #[schema(value_type = String)]
    email: LoginEmail,
    #[schema(value_type = String, format = Password)]
    password: PasswordAttempt,
}

/// Log in.
///
/// For everybody, without a token. Begins a session and gives its first pair of tokens: the access token goes into
/// `Authorization: Bearer`, the refresh token gets the next pair from `POST /auth/refresh`. Failed logins are counted
/// for each network address: after too many, every login from there is 429 until the window has slid.
#[utoipa::path(
    operation_id = "login",
    tag = "auth",
    request_body = LoginBody,
    responses(
        (status = 200, description = "Tokens", body = Enveloped<TokensPayload>),
        (status = 401, description = "`invalid_credentials`: unknown email or wrong password"),
        (
            status = 403,
            description = "Right password, but `account_disabled`: a deactivated account, or `email_unverified`: the address must be verified first, and another mail is on its way"
        ),
    ),
    security(())
)]
#[post("/auth/login", wrap = "from_fn(rate_limit::logins)")]
async fn login(
    api: Data<Api>,
    client: RequestClient,
    input: Input<Nothing, Nothing, Json<LoginBody>>,
) -> Result<TokensPayload> {
    let LoginBody { email, password } = input.body.0;
    let command = Login { email: email.0, password, client: client.0, origin: input.origin };
    Ok(Reply::ok(api.use_cases.auth.login(command).await?.into()).uncached())
}

/// A refresh token that was not exchanged yet.
#[derive(Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({"refresh_token": "eyJhbGciOiJSUzI1NiJ9.eyJzaWQiOiIxIn0.c2lnbmF0dXJl"}))]
pub struct RefreshBody {
    #[schema(value_type = String)]
    refresh_token: SecretToken,
}

/// Exchange a refresh token for a new pair of tokens.
///
/// For whoever holds a refresh token; no access token is needed. The token that was sent is spent: a second use ends
/// its whole session (RFC 9700), so send each one once and keep the new one.
#[utoipa::path(
    operation_id = "refresh",
    tag = "auth",
    request_body = RefreshBody,
    responses(
        (status = 200, description = "Tokens", body = Enveloped<TokensPayload>),
        (status = 401, description = "`invalid_refresh_token`, or `refresh_token_reused`: the session is revoked"),
    ),
    security(())
)]
#[post("/auth/refresh")]
async fn refresh(
    api: Data<Api>,
    client: RequestClient,
    input: Input<Nothing, Nothing, Json<RefreshBody>>,
) -> Result<TokensPayload> {
    let command = Refresh { refresh_token: input.body.0.refresh_token, client: client.0, origin: input.origin };
    Ok(Reply::ok(api.use_cases.auth.refresh(command).await?.into()).uncached())
}

/// Another session to end.
#[derive(Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({"refresh_token": "eyJhbGciOiJSUzI1NiJ9.eyJzaWQiOiIxIn0.c2lnbmF0dXJl"}))]
pub struct LogoutBody {
    /// The refresh token of another session of the same user, which ends too.
    #[deserr(default)]
    #[schema(value_type = String, required = false)]
    refresh_token: NonNull<SecretToken>,
}

/// Log out.
///
/// For every user. The access token and its session's refresh token stop working, and the session's open connections
/// are closed. A `refresh_token` in the body ends its session too. An access
/// token that has expired is enough where a good refresh token of its session comes along.
#[utoipa::path(
    operation_id = "logout",
    tag = "auth",
    request_body(content = Option<LogoutBody>, description = "May be absent"),
    responses(
        (status = 200, description = "Logged out", body = EnvelopedNull),
        (status = 403, description = "`forbidden`: the refresh token is somebody else's"),
    )
)]
#[post("/auth/logout")]
async fn logout(
    api: Data<Api>,
    request: HttpRequest,
    caller: std::result::Result<Caller, ApiError>,
    payload: Payload,
) -> Result<()> {
    let (mut payload, origin) = (payload.into_inner(), audit::origin(&request));
    // Read by hand: a token that is refused goes before a fault of the body.
    let input = Input::<Nothing, Nothing, OptionalJson<LogoutBody>>::from_request(&request, &mut payload);
    let refresh_token =
        |input: Input<_, _, OptionalJson<LogoutBody>>| input.body.0.and_then(|body: LogoutBody| body.refresh_token.0);
    match caller {
        Ok(Caller(claims)) => {
            let refresh_token = refresh_token(input.await?);
            api.use_cases.auth.logout(Logout { claims, refresh_token, origin }).await?;
        }
        Err(expired) if expired.code == ErrorCode::TokenExpired => {
            let access_token = bearer_token(&request);
            let (Some(access_token), Some(refresh_token)) = (access_token, input.await.ok().and_then(refresh_token))
            else {
                return Err(expired);
            };
            let command = LogoutExpired { access_token, refresh_token, origin };
            api.use_cases.auth.logout_expired(command).await?;
        }
        Err(refused) => return Err(refused),
    }
    Ok(Reply::ok(()))
}

/// Show the caller's account.
///
/// For every user. Answers the same as `GET /users/me`, so that a client can see whose token it has, and whether the
/// token still works.
#[utoipa::path(
    operation_id = "me",
    tag = "auth",
    responses((status = 200, description = "The account", body = Enveloped<UserPayload>))
)]
#[get("/auth/me")]
async fn me(api: Data<Api>, caller: Caller) -> Result<UserPayload> {
    Ok(Reply::ok(api.use_cases.users.me(caller.actor()).await?.into()))
}

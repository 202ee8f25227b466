//! `/users`: the caller's own account, and everybody's for admins.

use crate::{
    api::Api,
    http::{
        caller::Caller,
        error::ApiError,
        reply::{NoContent, Reply, Result},
    },
    input::{
        Input, Nothing,
        body::Json,
        fault::Faults,
        field::{ById, Flag, NonNull, Text},
        page::{PageCursor, PageLimit, page},
    },
    openapi::{Routes, responses::NotAdminForbidden},
    payload::{envelope::Enveloped, page::PagePayload, user::UserPayload, word},
};
use actix_web::{delete, get, patch, web::Data};
use deserr::Deserr;
use fasttrack_app::user::{EraseUser, ListUsers, UpdateMe, UpdateUser};
use fasttrack_domain::{
    email::Email,
    id::UserId,
    password::PasswordAttempt,
    text::DisplayName,
    user::{Role, UserFilter, UserPatch},
};
use utoipa::{IntoParams, ToSchema};

pub fn configure(config: &mut Routes<'_>) {
    // `/users/me` before `/users/{id}`, which matches it as well.
    config.service(get_me).service(update_me).service(list).service(get).service(update).service(erase);
}

/// Show the caller's account.
///
/// For every user. Shows the caller's own account, whatever its role; only administrators see those of others.
#[utoipa::path(
    operation_id = "getMe",
    tag = "users",
    responses((status = 200, description = "The account", body = Enveloped<UserPayload>))
)]
#[get("/users/me")]
async fn get_me(api: Data<Api>, caller: Caller) -> Result<UserPayload> {
    Ok(Reply::ok(api.use_cases.users.me(caller.actor()).await?.into()))
}

/// The fields that users may change of their own account.
#[derive(Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({"display_name": "Anna"}))]
pub struct PatchMeBody {
    #[deserr(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 100)]
    display_name: NonNull<DisplayName>,
    #[deserr(default)]
    #[schema(value_type = String, required = false, format = Email, max_length = 254)]
    email: NonNull<Email>,
    /// Needed to change `email` where the account has a password.
    #[deserr(default)]
    #[schema(value_type = String, required = false, format = Password)]
    current_password: NonNull<PasswordAttempt>,
}

/// Change the caller's account.
///
/// For every user, about the caller alone; role and activation are an administrator's to change. An address that
/// another account has is 409 `email_taken`.
#[utoipa::path(
    operation_id = "updateMe",
    tag = "users",
    request_body = PatchMeBody,
    responses(
        (status = 200, description = "The account", body = Enveloped<UserPayload>),
        (status = 401, description = "`invalid_credentials`: not the current password; or that of a refused token"),
        (status = 409, description = "`email_taken`"),
    )
)]
#[patch("/users/me")]
async fn update_me(
    api: Data<Api>,
    caller: Caller,
    input: Input<Nothing, Nothing, Json<PatchMeBody>>,
) -> Result<UserPayload> {
    let PatchMeBody { display_name, email, current_password } = input.body.0;
    let command = UpdateMe {
        actor: caller.actor(),
        display_name: display_name.0,
        email: email.0,
        current_password: current_password.0,
    };
    Ok(Reply::ok(api.use_cases.users.update_me(command).await?.into()))
}

/// Which users.
#[derive(Deserr, IntoParams)]
#[deserr(error = Faults)]
#[into_params(parameter_in = Query)]
pub struct ListUsersQuery {
    #[deserr(default)]
    #[param(schema_with = word::role, required = false)]
    role: NonNull<Role>,
    /// Only those who may log in, or only those who may not.
    #[deserr(default)]
    #[param(value_type = Option<bool>)]
    is_active: NonNull<Text<Flag>>,
    /// Compared without case.
    #[deserr(default)]
    #[param(value_type = Option<String>, format = Email, max_length = 254)]
    email: NonNull<Email>,
    /// Most items of the page.
    #[deserr(default)]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 100, default = 20)]
    limit: PageLimit,
    /// The `next_cursor` of the page before; opaque.
    #[deserr(default)]
    #[param(value_type = Option<String>, example = "eyJpZCI6IDQyfQ")]
    cursor: PageCursor,
}

/// List users.
///
/// For administrators alone. Gives a page by ascending id, deactivated accounts included. Of several filters all have
/// to match.
#[utoipa::path(
    operation_id = "listUsers",
    tag = "users",
    params(ListUsersQuery),
    responses(
        (status = 200, description = "A page of accounts", body = Enveloped<PagePayload<UserPayload>>),
        NotAdminForbidden,
    )
)]
#[get("/users")]
async fn list(
    api: Data<Api>,
    caller: Caller,
    input: Input<Nothing, ListUsersQuery>,
) -> Result<PagePayload<UserPayload>> {
    let ListUsersQuery { role, is_active, email, limit, cursor } = input.query;
    let filter = UserFilter { role: role.0, is_active: is_active.0.map(|flag| flag.0.0), email: email.0 };
    let command = ListUsers { actor: caller.actor(), filter, page: page(&limit, &cursor) };
    Ok(Reply::ok(api.use_cases.users.list(command).await?.into()))
}

/// Show a user.
///
/// For administrators alone; everybody else has `GET /users/me`. A deactivated account is shown like any other.
#[utoipa::path(
    operation_id = "getUser",
    tag = "users",
    params(("id" = i64, Path, description = "The user")),
    responses(
        (status = 200, description = "The account", body = Enveloped<UserPayload>),
        NotAdminForbidden,
    )
)]
#[get("/users/{id}")]
async fn get(api: Data<Api>, caller: Caller, input: Input<ById<UserId>>) -> Result<UserPayload> {
    Ok(Reply::ok(api.use_cases.users.get(caller.actor(), input.path.id.0).await?.into()))
}

/// The fields that administrators may change of an account.
#[derive(Deserr, ToSchema)]
#[deserr(error = Faults, deny_unknown_fields)]
#[schema(example = json!({"role": "admin"}))]
pub struct PatchUserBody {
    #[deserr(default)]
    #[schema(schema_with = word::role, required = false)]
    role: NonNull<Role>,
    #[deserr(default)]
    #[schema(value_type = bool, required = false)]
    is_active: NonNull<bool>,
    #[deserr(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 100)]
    display_name: NonNull<DisplayName>,
}

/// Change a user.
///
/// For administrators alone. Another role ends the user's access tokens, and the sessions refresh into the new role;
/// deactivation ends the sessions too. The last active administrator can be neither demoted nor deactivated (409
/// `conflict`).
#[utoipa::path(
    operation_id = "updateUser",
    tag = "users",
    params(("id" = i64, Path, description = "The user")),
    request_body = PatchUserBody,
    responses(
        (status = 200, description = "The account", body = Enveloped<UserPayload>),
        NotAdminForbidden,
        (status = 409, description = "`conflict`: the last active admin can't be demoted or deactivated"),
    )
)]
#[patch("/users/{id}")]
async fn update(
    api: Data<Api>,
    caller: Caller,
    input: Input<ById<UserId>, Nothing, Json<PatchUserBody>>,
) -> Result<UserPayload> {
    let PatchUserBody { role, is_active, display_name } = input.body.0;
    let patch =
        UserPatch { role: role.0, is_active: is_active.0, display_name: display_name.0, ..UserPatch::default() };
    let command = UpdateUser { actor: caller.actor(), id: input.path.id.0, patch, origin: input.origin };
    Ok(Reply::ok(api.use_cases.users.update(command).await?.into()))
}

/// Who gets what the user owns.
#[derive(Deserr, IntoParams)]
#[deserr(error = Faults)]
#[into_params(parameter_in = Query)]
pub struct EraseUserQuery {
    /// Another active user, who gets all projects and assigned tasks, and the memberships.
    #[deserr(default)]
    #[param(value_type = Option<i64>, minimum = 1)]
    reassign_to: NonNull<Text<UserId>>,
}

/// Erase a user.
///
/// For administrators alone. All tokens of the user end, the address is free again, and what the user wrote in projects
/// of others stays, under the name `Deleted user`. The user's own projects are deleted, unless `reassign_to` names who
/// gets them; without it, 409 `conflict` names those that have other members. The last active administrator can't be
/// erased (409 `conflict`).
#[utoipa::path(
    operation_id = "eraseUser",
    tag = "users",
    params(("id" = i64, Path, description = "The user"), EraseUserQuery),
    responses(
        (status = 204, description = "Erased"),
        NotAdminForbidden,
        (
            status = 409,
            description = "`conflict`: the user owns projects that have other members, which `details` names, or is the last active admin"
        ),
    )
)]
#[delete("/users/{id}")]
async fn erase(
    api: Data<Api>,
    caller: Caller,
    input: Input<ById<UserId>, EraseUserQuery>,
) -> std::result::Result<NoContent, ApiError> {
    let command = EraseUser {
        actor: caller.actor(),
        id: input.path.id.0,
        reassign_to: input.query.reassign_to.0.map(|id| id.0),
        origin: input.origin,
    };
    api.use_cases.users.erase(command).await?;
    Ok(NoContent)
}

//! `/people`: how users find each other.

use crate::{
    api::Api,
    http::{
        caller::Caller,
        reply::{Reply, Result},
    },
    input::{
        Input, Nothing,
        fault::Faults,
        field::{LoginEmail, NonNull},
        page::{PageCursor, PageLimit, page},
    },
    openapi::Routes,
    payload::{envelope::Enveloped, page::PagePayload, person::PersonPayload},
};
use actix_web::{get, web::Data};
use deserr::Deserr;
use fasttrack_app::people::ListPeople;
use fasttrack_domain::page::Page;
use utoipa::IntoParams;

pub fn configure(config: &mut Routes<'_>) {
    config.service(list);
}

/// Which people.
#[derive(Deserr, IntoParams)]
#[deserr(error = Faults)]
#[into_params(parameter_in = Query)]
pub struct ListPeopleQuery {
    /// Only the user with this address, compared as at a login; nobody has what is no address.
    #[deserr(default)]
    #[param(value_type = Option<String>)]
    email: NonNull<LoginEmail>,
    /// Most items of the page.
    #[deserr(default)]
    #[param(value_type = Option<i64>, minimum = 1, maximum = 100, default = 20)]
    limit: PageLimit,
    /// The `next_cursor` of the page before; opaque.
    #[deserr(default)]
    #[param(value_type = Option<String>, example = "eyJpZCI6IDQyfQ")]
    cursor: PageCursor,
}

/// List people.
///
/// For every user: the active users that are members of a project with the caller, and the caller; administrators get
/// all active users. Gives a page by ascending id. With `email` it has the one active user with that address instead,
/// whoever that is, or none.
#[utoipa::path(
    operation_id = "listPeople",
    tag = "people",
    params(ListPeopleQuery),
    responses((status = 200, description = "A page of people", body = Enveloped<PagePayload<PersonPayload>>)),
    security(("apiToken" = ["projects:read"]))
)]
#[get("/people")]
async fn list(
    api: Data<Api>,
    caller: Caller,
    input: Input<Nothing, ListPeopleQuery>,
) -> Result<PagePayload<PersonPayload>> {
    let ListPeopleQuery { email, limit, cursor } = input.query;
    let people = &api.use_cases.people;
    let page = match email.0 {
        Some(LoginEmail(Some(email))) => Page { items: people.find(&email).await?.into_iter().collect(), next: None },
        // No account has what is no address.
        Some(LoginEmail(None)) => Page { items: Vec::new(), next: None },
        None => people.list(ListPeople { actor: caller.actor(), page: page(&limit, &cursor) }).await?,
    };
    Ok(Reply::ok(page.into()))
}

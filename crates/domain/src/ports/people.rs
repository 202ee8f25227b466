//! Reading of people.

use super::RepositoryError;
use crate::{
    email::Email,
    id::UserId,
    page::{Page, PageRequest},
    person::{PeopleFilter, Person},
};
use async_trait::async_trait;

/// Reads what users see of each other.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait PeopleRepository: Send + Sync {
    /// Returns a page of the people that the filter selects. This is one query by indexes.
    async fn list(&self, filter: PeopleFilter, page: PageRequest) -> Result<Page<Person>, RepositoryError>;

    /// Returns the user, active or not. An erased one has the name [`Person::deleted_name`].
    async fn find(&self, id: UserId) -> Result<Option<Person>, RepositoryError>;

    /// Returns those of these users that are active, in any order.
    async fn find_active(&self, ids: Vec<UserId>) -> Result<Vec<Person>, RepositoryError>;

    /// Finds an active user by the [`key`](Email::key) of its address.
    async fn find_by_email(&self, email: &Email) -> Result<Option<Person>, RepositoryError>;
}

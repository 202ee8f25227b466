//! What users see of each other.

use super::{Cached, Connection, Database, Error, schema::users, views};
use async_trait::async_trait;
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, Queryable, QueryableByName, Selectable, SelectableHelper,
    sql_query, sql_types::BigInt,
};
use diesel_async::RunQueryDsl;
use fasttrack_domain::{
    email::Email,
    id::UserId,
    page::{Page, PageRequest},
    person::Person,
    ports::{RepositoryError, people},
};

/// Reads people.
#[derive(Clone)]
pub struct PeopleRepository {
    database: Database,
}

impl PeopleRepository {
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

#[derive(Queryable, QueryableByName, Selectable)]
#[diesel(table_name = users)]
struct PersonRow {
    id: i64,
    display_name: String,
}

impl PersonRow {
    fn entity(self) -> Result<Person, Error> {
        views::person(self.id, self.display_name)
    }
}

/// The active users behind an id that are members of a project with a user, and that user itself.
///
/// They are collected first: PostgreSQL would compare each account with each membership in a condition with `IN`.
const COLLEAGUES: &str = "SELECT users.id, users.display_name \
     FROM (SELECT theirs.user_id AS id \
             FROM members AS mine JOIN members AS theirs ON theirs.project_id = mine.project_id \
             WHERE mine.user_id = $1 AND theirs.user_id > $2 UNION SELECT $1) AS colleagues \
         JOIN users ON users.id = colleagues.id \
     WHERE users.id > $2 AND users.is_active AND users.erased_at IS NULL \
     ORDER BY users.id LIMIT $3";

async fn colleagues(conn: &mut Connection, reader: UserId, page: &PageRequest) -> Result<Vec<PersonRow>, Error> {
    let query = sql_query(COLLEAGUES).bind::<BigInt, _>(reader.get()).bind::<BigInt, _>(page.after_id());
    Ok(Cached(query.bind::<BigInt, _>(page.fetch())).load(conn).await?)
}

async fn all(conn: &mut Connection, page: &PageRequest) -> Result<Vec<PersonRow>, Error> {
    let query = users::table
        .filter(users::is_active.eq(true))
        .filter(users::erased_at.is_null())
        .filter(users::id.gt(page.after_id()))
        .order(users::id)
        .limit(page.fetch())
        .select(PersonRow::as_select());
    Ok(query.load(conn).await?)
}

// @spec SPEC-020
#[async_trait]
impl people::PeopleRepository for PeopleRepository {
    async fn list(&self, reader: Option<UserId>, page: PageRequest) -> Result<Page<Person>, RepositoryError> {
        self.database
            .read(async move |conn| {
                let rows = match reader {
                    Some(reader) => colleagues(conn, reader, &page).await?,
                    None => all(conn, &page).await?,
                };
                let people = rows.into_iter().map(PersonRow::entity).collect::<Result<_, _>>()?;
                Ok(Page::from_fetched(people, &page, |person: &Person| person.id.get()))
            })
            .await
    }

    async fn find(&self, id: UserId) -> Result<Option<Person>, RepositoryError> {
        self.database
            .read(async move |conn| {
                let query = users::table.find(id.get()).select(PersonRow::as_select());
                query.first(conn).await.optional()?.map(PersonRow::entity).transpose()
            })
            .await
    }

    async fn find_active(&self, ids: Vec<UserId>) -> Result<Vec<Person>, RepositoryError> {
        self.database
            .read(async move |conn| {
                let query = users::table
                    .filter(users::id.eq_any(ids.iter().map(|id| id.get())))
                    .filter(users::is_active.eq(true))
                    .filter(users::erased_at.is_null())
                    .select(PersonRow::as_select());
                let rows: Vec<PersonRow> = query.load(conn).await?;
                rows.into_iter().map(PersonRow::entity).collect()
            })
            .await
    }

    async fn find_by_email(&self, email: &Email) -> Result<Option<Person>, RepositoryError> {
        let email = email.key().to_owned();
        self.database
            .read(async move |conn| {
                let query = users::table
                    .filter(users::email.eq(email))
                    .filter(users::is_active.eq(true))
                    .filter(users::erased_at.is_null())
                    .select(PersonRow::as_select());
                query.first(conn).await.optional()?.map(PersonRow::entity).transpose()
            })
            .await
    }
}

//! What users see of each other.

use super::super::run_query_dsl::RunQueryDsl;
use super::{Cached, Connection, Database, Error, dialect, schema::users, views};
use async_trait::async_trait;
use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, Queryable, QueryableByName, Selectable, SelectableHelper,
    sql_query,
    sql_types::{BigInt, Text},
};
use fasttrack_domain::{
    email::Email,
    id::{ProjectId, UserId},
    page::{Page, PageRequest},
    person::{PeopleFilter, Person},
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

/// The same within some projects: those of a list of ids.
///
/// The list comes first, as SQLite numbers parameters in the order in which they stand.
fn narrowed(all: bool) -> String {
    let [before, after] = dialect::IS_AMONG;
    let shared = if all {
        ""
    } else {
        " AND EXISTS (SELECT 1 FROM members AS mine \
             WHERE mine.project_id = theirs.project_id AND mine.user_id = $3)"
    };
    format!(
        "SELECT users.id, users.display_name \
         FROM (SELECT theirs.user_id AS id FROM members AS theirs \
                 WHERE theirs.project_id{before}$1{after} AND theirs.user_id > $2{shared} UNION SELECT $3) AS colleagues \
             JOIN users ON users.id = colleagues.id \
         WHERE users.id > $2 AND users.is_active AND users.erased_at IS NULL \
         ORDER BY users.id LIMIT $4"
    )
}

async fn members_of(
    conn: &mut Connection,
    projects: &[ProjectId],
    filter: &PeopleFilter,
    page: &PageRequest,
) -> Result<Vec<PersonRow>, Error> {
    let query = sql_query(narrowed(filter.all)).bind::<Text, _>(dialect::id_list(projects));
    let query = query.bind::<BigInt, _>(page.after_id()).bind::<BigInt, _>(filter.reader.get());
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
    async fn list(&self, filter: PeopleFilter, page: PageRequest) -> Result<Page<Person>, RepositoryError> {
        self.database
            .read(async move |conn| {
                let rows = match filter.reach.ids() {
                    Some(projects) => members_of(conn, projects, &filter, &page).await?,
                    None if filter.all => all(conn, &page).await?,
                    None => colleagues(conn, filter.reader, &page).await?,
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

//! The audit trail: entries that are committed with a change, and entries that are inserted in groups.

use super::super::run_query_dsl::RunQueryDsl;
use super::{Connection, Database, Error, SqlTimestamp, bulk, delete_batch::delete_batch, schema::audit};
use crate::audit::{json, log};
use async_trait::async_trait;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, Selectable,
    SelectableHelper, dsl::not, insert_into, update,
};
use fasttrack_domain::{
    Timestamp,
    audit::{AuditChanges, AuditEntry, AuditFilter, AuditObject, AuditRecord},
    id::{AuditId, UserId},
    page::{Page, PageRequest},
    ports::{RepositoryError, audit as port},
};

/// Stores the audit trail.
#[derive(Clone)]
pub struct AuditRepository {
    database: Database,
}

impl AuditRepository {
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

#[derive(Insertable)]
#[diesel(table_name = audit, treat_none_as_default_value = false)]
struct NewRow {
    at: SqlTimestamp,
    actor_id: Option<i64>,
    action: &'static str,
    object: Option<String>,
    changes: String,
    ip: Option<String>,
    request_id: Option<String>,
}

impl NewRow {
    fn of(entry: &AuditEntry) -> Self {
        Self {
            at: SqlTimestamp(entry.at),
            actor_id: entry.actor_id.map(UserId::get),
            action: entry.action.as_str(),
            object: entry.object.map(|object| object.to_string()),
            changes: json(&entry.changes),
            ip: entry.origin.ip.map(|ip| ip.to_string()),
            request_id: entry.origin.request_id.clone(),
        }
    }
}

/// Inserts the entry of a change within its transaction. Where the change created something, `created` is the entry's object.
/// The caller passes the result to [`log_committed`] after the commit.
pub(super) async fn insert(
    conn: &mut Connection,
    entry: Option<AuditEntry>,
    created: Option<AuditObject>,
) -> Result<Option<AuditEntry>, Error> {
    let Some(mut entry) = entry else { return Ok(None) };
    entry.object = created.or(entry.object);
    insert_into(audit::table).values(NewRow::of(&entry)).execute(conn).await?;
    Ok(Some(entry))
}

/// Inserts the entries of a change of many objects, as [`insert`] does.
pub(super) async fn insert_all(conn: &mut Connection, entries: Vec<AuditEntry>) -> Result<Vec<AuditEntry>, Error> {
    bulk::insert(conn, audit::table, entries.iter().map(NewRow::of).collect()).await?;
    Ok(entries)
}

/// Logs the entries of a committed change, and returns the rest of the result.
pub(super) fn log_committed<T, E>((committed, entries): (T, E)) -> T
where
    E: IntoIterator<Item = AuditEntry>,
{
    entries.into_iter().for_each(|entry| log(&entry));
    committed
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit)]
struct Row {
    id: i64,
    at: SqlTimestamp,
    actor_id: Option<i64>,
    action: String,
    object: Option<String>,
    changes: String,
    ip: Option<String>,
    request_id: Option<String>,
}

impl Row {
    fn entity(self) -> AuditRecord {
        AuditRecord {
            id: AuditId::new(self.id),
            at: self.at.0,
            actor_id: self.actor_id.map(UserId::new),
            action: self.action,
            object: self.object,
            changes: self.changes,
            ip: self.ip,
            request_id: self.request_id,
        }
    }
}

// @spec SPEC-018
#[async_trait]
impl port::AuditRepository for AuditRepository {
    async fn append(&self, entries: Vec<AuditEntry>) -> Result<Vec<AuditId>, RepositoryError> {
        self.database
            .write(async move |conn| {
                let mut ids = Vec::with_capacity(entries.len());
                for entry in &entries {
                    let statement = insert_into(audit::table).values(NewRow::of(entry)).returning(audit::id);
                    ids.push(AuditId::new(statement.get_result(conn).await?));
                }
                Ok(ids)
            })
            .await
    }

    async fn recount(&self, counts: Vec<(AuditId, AuditChanges)>) -> Result<(), RepositoryError> {
        self.database
            .write(async move |conn| {
                for (id, changes) in &counts {
                    update(audit::table.find(id.get())).set(audit::changes.eq(json(changes))).execute(conn).await?;
                }
                Ok(())
            })
            .await
    }

    async fn list(&self, filter: AuditFilter, page: PageRequest) -> Result<Page<AuditRecord>, RepositoryError> {
        self.database
            .read(async move |conn| {
                let mut query = audit::table
                    .order((audit::at.desc(), audit::id.desc()))
                    .limit(page.fetch())
                    .select(Row::as_select())
                    .into_boxed();
                if let Some(actor) = filter.actor_id {
                    query = query.filter(audit::actor_id.eq(actor.get()));
                }
                if let Some(object) = filter.object.clone() {
                    query = query.filter(audit::object.eq(object));
                }
                if let Some(since) = filter.since {
                    query = query.filter(audit::at.ge(SqlTimestamp(since)));
                }
                if let Some(cursor) = page.cursor {
                    let last = audit::table.find(cursor.id()).select(audit::at).first::<SqlTimestamp>(conn).await;
                    let Some(last) = last.optional()? else { return Ok(Page { items: Vec::new(), next: None }) };
                    // An index finds the rows by the first condition; few entries have the same timestamp.
                    query =
                        query.filter(audit::at.le(last)).filter(not(audit::at.eq(last).and(audit::id.ge(cursor.id()))));
                }
                let rows: Vec<Row> = query.load(conn).await?;
                let items = rows.into_iter().map(Row::entity).collect();
                Ok(Page::from_fetched(items, &page, |record: &AuditRecord| record.id.get()))
            })
            .await
    }

    async fn delete_until(&self, until: Timestamp, limit: u32) -> Result<u64, RepositoryError> {
        self.database.write(async move |conn| Ok(delete_batch!(conn, audit, at, until, limit))).await
    }
}

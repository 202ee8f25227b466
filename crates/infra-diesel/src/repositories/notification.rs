//! Notifications, numbered for each user. The last number is in the user's row of `notification_heads`.

use super::super::run_query_dsl::RunQueryDsl;
use super::{
    Cached, Connection, Database, Error, SqlTimestamp,
    delete_batch::delete_batch,
    dialect,
    schema::{notification_heads, notifications},
};
use async_trait::async_trait;
use diesel::{
    ExpressionMethods, IntoSql, NullableExpressionMethods, QueryDsl, dsl::case_when, sql_types::BigInt, update,
};
use fasttrack_domain::{
    Timestamp,
    field::Invalid,
    id::UserId,
    notification::{NewNotification, Notification, NotificationHead},
    page::{Page, PageRequest},
    ports::{RepositoryError, notification},
};
use std::collections::BTreeMap;

/// Stores notifications and up to which the user has read them.
#[derive(Clone)]
pub struct NotificationRepository {
    database: Database,
}

impl NotificationRepository {
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

/// How many users one statement selects: SQLite allows 32,766 parameters.
const USERS: usize = 1_000;

/// Numbers notifications in this order and inserts them. Returns the last number of each user.
pub(super) async fn insert(conn: &mut Connection, new: Vec<NewNotification>) -> Result<Vec<NotificationHead>, Error> {
    if new.is_empty() {
        return Ok(Vec::new());
    }
    let mut counts = BTreeMap::<_, i64>::new();
    for notification in &new {
        *counts.entry(notification.user_id.get()).or_default() += 1;
    }
    let heads = dialect::raise_heads(conn, counts.clone()).await?;
    let mut last: BTreeMap<_, _> = heads.iter().map(|&(user, seq)| (user, seq - counts[&user])).collect();
    let mut rows = Vec::with_capacity(new.len());
    for NewNotification { user_id, actor_id, content, at } in new {
        let seq = last.entry(user_id.get()).or_default();
        *seq += 1;
        let ids = [user_id.get(), *seq, actor_id.get()];
        rows.push((ids, serde_json::to_string(&content)?, SqlTimestamp(at)));
    }
    dialect::insert_notifications(conn, rows).await?;
    Ok(heads.into_iter().map(|(user, seq)| NotificationHead { user_id: UserId::new(user), seq }).collect())
}

/// `seq`, `content`, `created_at` and `read_up_to`.
type Row = (i64, String, SqlTimestamp, Option<i64>);

fn entity((seq, content, created_at, read_up_to): Row) -> Result<Notification, Error> {
    let content = serde_json::from_str(&content).map_err(|error| Error::Corrupt {
        table: "notifications",
        id: seq,
        reason: Invalid::new("invalid", error.to_string()),
    })?;
    Ok(Notification { seq, content, at: created_at.0, read: Some(seq) <= read_up_to })
}

#[async_trait]
impl notification::NotificationRepository for NotificationRepository {
    async fn list(&self, user: UserId, unread: bool, page: PageRequest) -> Result<Page<Notification>, RepositoryError> {
        self.database
            .read(async move |conn| {
                // A subquery instead of a join, so that it bounds the range of the index.
                let read_up_to =
                    notification_heads::table.find(user.get()).select(notification_heads::read_up_to).single_value();
                let mut query = notifications::table
                    .filter(notifications::user_id.eq(user.get()))
                    .filter(notifications::seq.lt(page.before_id()))
                    .order(notifications::seq.desc())
                    .limit(page.fetch())
                    .select((notifications::seq, notifications::content, notifications::created_at, read_up_to))
                    .into_boxed();
                if unread {
                    query = query.filter(notifications::seq.nullable().gt(read_up_to));
                }
                let rows: Vec<Row> = query.load(conn).await?;
                let items = rows.into_iter().map(entity).collect::<Result<_, _>>()?;
                Ok(Page::from_fetched(items, &page, |notification: &Notification| notification.seq))
            })
            .await
    }

    async fn after(&self, user: UserId, seq: i64, limit: u32) -> Result<Vec<Notification>, RepositoryError> {
        self.database
            .read(async move |conn| {
                let read_up_to =
                    notification_heads::table.find(user.get()).select(notification_heads::read_up_to).single_value();
                let rows: Vec<Row> = notifications::table
                    .filter(notifications::user_id.eq(user.get()))
                    .filter(notifications::seq.gt(seq))
                    .order(notifications::seq)
                    .limit(limit.into())
                    .select((notifications::seq, notifications::content, notifications::created_at, read_up_to))
                    .load(conn)
                    .await?;
                rows.into_iter().map(entity).collect()
            })
            .await
    }

    async fn heads(&self, users: Vec<UserId>) -> Result<Vec<NotificationHead>, RepositoryError> {
        self.database
            .read(async move |conn| {
                let mut heads = Vec::new();
                for users in users.chunks(USERS) {
                    let rows: Vec<(i64, i64)> = notification_heads::table
                        .filter(notification_heads::user_id.eq_any(users.iter().map(|user| user.get())))
                        .select((notification_heads::user_id, notification_heads::last_seq))
                        .load(conn)
                        .await?;
                    heads.extend(
                        rows.into_iter().map(|(user, seq)| NotificationHead { user_id: UserId::new(user), seq }),
                    );
                }
                Ok(heads)
            })
            .await
    }

    async fn mark_read(&self, user: UserId, up_to: i64) -> Result<(), RepositoryError> {
        self.database
            .write(async move |conn| {
                let exists = case_when(notification_heads::last_seq.gt(up_to), up_to.into_sql::<BigInt>())
                    .otherwise(notification_heads::last_seq);
                let unread =
                    notification_heads::table.find(user.get()).filter(notification_heads::read_up_to.lt(up_to));
                Cached(update(unread).set(notification_heads::read_up_to.eq(exists))).execute(conn).await?;
                Ok(())
            })
            .await
    }

    async fn delete_until(&self, until: Timestamp, limit: u32) -> Result<u64, RepositoryError> {
        self.database.write(async move |conn| Ok(delete_batch!(conn, notifications, created_at, until, limit))).await
    }
}

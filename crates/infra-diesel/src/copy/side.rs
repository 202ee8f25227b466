//! One side of a copy, once for both databases, as `repositories/` is. A row travels as one line of JSON.

use super::{Connection, bulk, repositories::exact_schema_state, schema};
use crate::{
    Error, SchemaState,
    copy::{BATCH, Side, Table},
    stamp::Stamp,
};
use async_trait::async_trait;
use diesel::{BoolExpressionMethods, ExpressionMethods, Insertable, QueryDsl, Queryable};
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};

/// A connection with a transaction open, that ends it unfinished when it is dropped.
pub(crate) struct Open(Connection);

impl Open {
    /// Reads all tables as they are at one moment.
    pub(crate) async fn source(mut connection: Connection) -> Result<Self, Error> {
        bulk::begin_reading(&mut connection).await?;
        Ok(Self(connection))
    }

    /// Keeps all others from writing until it is through.
    pub(crate) async fn target(mut connection: Connection) -> Result<Self, Error> {
        bulk::begin_writing(&mut connection).await?;
        Ok(Self(connection))
    }
}

/// Rows that come behind `$last` in the order of their key.
macro_rules! behind {
    ($table:ident, $last:ident, $key:ident) => {
        schema::$table::$key.gt(&$last.$key)
    };
    ($table:ident, $last:ident, $first:ident, $second:ident) => {
        schema::$table::$first
            .gt(&$last.$first)
            .or(schema::$table::$first.eq(&$last.$first).and(schema::$table::$second.gt(&$last.$second)))
    };
}

/// What a row of each table is, which the compiler compares with the schema column by column, and how rows are read
/// and written.
macro_rules! tables {
    ($($variant:ident = $table:ident by $($key:ident)+ { $($column:ident: $kind:ty,)+ })+) => {
        $(
            mod $table {
                use super::*;

                #[derive(Queryable, Insertable, Serialize, Deserialize)]
                #[diesel(table_name = schema::$table, treat_none_as_default_value = false)]
                pub(super) struct Row {
                    $(pub(super) $column: $kind,)+
                }

                pub(super) async fn read(conn: &mut Connection, last: Option<&str>) -> Result<Vec<String>, Error> {
                    let last: Option<Row> = last.map(serde_json::from_str).transpose()?;
                    let mut query = schema::$table::table.order(($(schema::$table::$key,)+)).limit(BATCH).into_boxed();
                    if let Some(last) = &last {
                        query = query.filter(behind!($table, last, $($key),+));
                    }
                    let rows: Vec<Row> = query.load(conn).await?;
                    Ok(rows.iter().map(serde_json::to_string).collect::<Result<_, _>>()?)
                }

                pub(super) async fn write(conn: &mut Connection, rows: &[String]) -> Result<(), Error> {
                    let rows = rows.iter().map(|row| serde_json::from_str(row)).collect::<Result<Vec<Row>, _>>()?;
                    Ok(bulk::insert(conn, schema::$table::table, rows).await?)
                }
            }
        )+

        #[async_trait]
        impl Side for Open {
            async fn schema_state(&mut self) -> Result<SchemaState, Error> {
                exact_schema_state(&mut self.0).await
            }

            async fn count(&mut self, table: Table) -> Result<u64, Error> {
                let count: i64 = match table {
                    $(Table::$variant => schema::$table::table.count().get_result(&mut self.0).await?,)+
                };
                Ok(count.unsigned_abs())
            }

            async fn read(&mut self, table: Table, last: Option<&str>) -> Result<Vec<String>, Error> {
                match table {
                    $(Table::$variant => $table::read(&mut self.0, last).await,)+
                }
            }

            async fn write(&mut self, table: Table, rows: &[String]) -> Result<(), Error> {
                match table {
                    $(Table::$variant => $table::write(&mut self.0, rows).await,)+
                }
            }

            async fn last_id(&mut self, table: Table) -> Result<i64, Error> {
                Ok(bulk::last_id(&mut self.0, table.name()).await?)
            }

            async fn continue_ids(&mut self, table: Table, last: i64) -> Result<(), Error> {
                Ok(bulk::continue_ids(&mut self.0, table.name(), last).await?)
            }

            async fn commit(mut self: Box<Self>) -> Result<(), Error> {
                Ok(bulk::commit(&mut self.0).await?)
            }
        }
    };
}

tables! {
    Users = users by id {
        id: i64,
        email: String,
        display_name: String,
        role: String,
        is_active: bool,
        password_hash: Option<String>,
        token_epoch: i64,
        created_at: Stamp,
        updated_at: Stamp,
        version: i64,
        is_email_verified: bool,
        pending_email: Option<String>,
        is_external: bool,
        mailbox: Option<String>,
        key: Vec<u8>,
        project_count: i64,
    }
    Projects = projects by id {
        id: i64,
        name: String,
        description: Option<String>,
        status: String,
        owner_id: i64,
        created_at: Stamp,
        updated_at: Stamp,
        version: i64,
        task_count: i64,
    }
    Tasks = tasks by id {
        id: i64,
        project_id: i64,
        title: String,
        description: Option<String>,
        status: String,
        priority: String,
        assignee_id: Option<i64>,
        created_at: Stamp,
        updated_at: Stamp,
        version: i64,
        comment_count: i64,
    }
    Comments = comments by id {
        id: i64,
        task_id: i64,
        author_id: i64,
        body: String,
        created_at: Stamp,
    }
    Sessions = sessions by id {
        id: i64,
        user_id: i64,
        created_at: Stamp,
        last_used_at: Stamp,
        expires_at: Stamp,
        ended_at: Option<Stamp>,
        ip: Option<String>,
        user_agent: Option<String>,
        key: Vec<u8>,
    }
    RefreshTokens = refresh_tokens by jti {
        jti: String,
        session_id: i64,
        expires_at: Stamp,
        spent_at: Option<Stamp>,
    }
    Revocations = revocations by id {
        id: i64,
        kind: String,
        subject: String,
        epoch: Option<i64>,
        until: Stamp,
    }
    Events = events by id {
        id: i64,
        kind: String,
        payload: String,
        created_at: Stamp,
        is_set_aside: bool,
    }
    IdempotencyRecords = idempotency_records by user_id key {
        user_id: i64,
        key: String,
        fingerprint: Vec<u8>,
        created: String,
        expires_at: Stamp,
    }
    ProjectStatistics = project_statistics by project_id {
        project_id: i64,
        todo: i64,
        in_progress: i64,
        done: i64,
        updated_at: Stamp,
    }
    NotificationHeads = notification_heads by user_id {
        user_id: i64,
        last_seq: i64,
        read_up_to: i64,
    }
    Notifications = notifications by user_id seq {
        user_id: i64,
        seq: i64,
        content: String,
        created_at: Stamp,
    }
    Jobs = jobs by id {
        id: i64,
        kind: String,
        payload: String,
        attempts: i64,
        run_at: Stamp,
        worker: Option<String>,
        leased_until: Option<Stamp>,
        dead_at: Option<Stamp>,
        last_error: Option<String>,
        created_at: Stamp,
        key: Option<String>,
        is_asked_again: bool,
        priority: i64,
        nonce: Option<String>,
    }
    Tickets = tickets by hash {
        hash: Vec<u8>,
        claims: String,
        expires_at: Stamp,
    }
    PasswordResets = password_resets by user_id {
        user_id: i64,
        email: String,
        hash: Vec<u8>,
        mails: i64,
        expires_at: Stamp,
    }
    EmailVerifications = email_verifications by user_id {
        user_id: i64,
        email: String,
        hash: Option<Vec<u8>>,
        mails: i64,
        repeats: i64,
        expires_at: Stamp,
    }
    Identities = identities by issuer subject {
        issuer: String,
        subject: String,
        user_id: i64,
        created_at: Stamp,
    }
    Inboxes = inboxes by user_id {
        user_id: i64,
        project_id: i64,
    }
    LoginAttempts = login_attempts by id {
        id: i64,
        network: String,
        began_at: Stamp,
    }
    SentNotices = sent_notices by mail {
        mail: String,
        user_id: i64,
        kind: String,
        task_id: Option<i64>,
        sent_at: Stamp,
    }
    HeldNotices = held_notices by id {
        id: i64,
        user_id: i64,
        mail: String,
        key: String,
        kind: String,
        payload: String,
        held_at: Stamp,
    }
    Audit = audit by id {
        id: i64,
        at: Stamp,
        actor_id: Option<i64>,
        action: String,
        object: Option<String>,
        changes: String,
        ip: Option<String>,
        request_id: Option<String>,
    }
}

//! The transaction that reads or writes a database during a copy, once for both databases, as `repositories/` is. A row
//! is passed on as one line of JSON.

use super::run_query_dsl::RunQueryDsl;
use super::{Connection, bulk, repositories::exact_schema_state, schema};
use crate::{
    Error, SchemaState,
    copy::{BATCH, CopyTransaction, Table},
    sql_timestamp::SqlTimestamp,
    tables::tables,
};
use async_trait::async_trait;
use diesel::{BoolExpressionMethods, ExpressionMethods, Insertable, QueryDsl, Queryable, delete};
use serde::{Deserialize, Serialize};

/// A connection with an open transaction, which is rolled back when it is dropped without a commit.
pub(crate) struct Transaction(Connection);

impl Transaction {
    /// For reading: sees all tables as they are at one moment.
    pub(crate) async fn source(mut connection: Connection) -> Result<Self, Error> {
        bulk::begin_reading(&mut connection).await?;
        Ok(Self(connection))
    }

    /// For writing: no other connection can write until it ends.
    pub(crate) async fn target(mut connection: Connection) -> Result<Self, Error> {
        bulk::begin_writing(&mut connection).await?;
        Ok(Self(connection))
    }
}

/// What a value of each SQL type is in Rust. The names are those of the SQL types, so that a list of columns is a list of
/// fields as well.
mod values {
    pub(super) type BigInt = i64;
    pub(super) type Binary = Vec<u8>;
    pub(super) type Bool = bool;
    pub(super) type Moment = super::SqlTimestamp;
    pub(super) type Nullable<T> = Option<T>;
    pub(super) type Text = String;
}

/// Sets what isn't copied, which most tables don't have.
trait SkipUncopied {
    fn skip_uncopied(&mut self) {}
}

impl<Row> SkipUncopied for Row {}

impl tasks::Row {
    /// Takes precedence over the function of the trait. The index of words isn't copied: the target fills it for tasks with
    /// another version than this.
    fn skip_uncopied(&mut self) {
        self.words_version = 0;
    }
}

/// The rows behind `$last` in the order of the primary key.
macro_rules! rows_after {
    ($table:ident, $last:ident, $key:ident) => {
        schema::$table::$key.gt(&$last.$key)
    };
    ($table:ident, $last:ident, $first:ident, $second:ident) => {
        schema::$table::$first
            .gt(&$last.$first)
            .or(schema::$table::$first.eq(&$last.$first).and(schema::$table::$second.gt(&$last.$second)))
    };
    ($table:ident, $last:ident, $first:ident, $second:ident, $third:ident) => {
        schema::$table::$first.gt(&$last.$first).or(schema::$table::$first.eq(&$last.$first).and(
            schema::$table::$second
                .gt(&$last.$second)
                .or(schema::$table::$second.eq(&$last.$second).and(schema::$table::$third.gt(&$last.$third))),
        ))
    };
}

/// A row of each table, and how rows are read and written.
macro_rules! copy_tables {
    ($($variant:ident = $table:ident ($($key:ident),+) { $($column:ident -> $kind:ty,)+ })+) => {
        $(
            mod $table {
                use super::{*, values::*};

                #[derive(Queryable, Insertable, Serialize, Deserialize)]
                #[diesel(table_name = schema::$table, treat_none_as_default_value = false)]
                pub(super) struct Row {
                    $(pub(super) $column: $kind,)+
                }

                pub(super) async fn read(conn: &mut Connection, last: Option<&str>) -> Result<Vec<String>, Error> {
                    let last: Option<Row> = last.map(serde_json::from_str).transpose()?;
                    let mut query = schema::$table::table.order(($(schema::$table::$key,)+)).limit(BATCH).into_boxed();
                    if let Some(last) = &last {
                        query = query.filter(rows_after!($table, last, $($key),+));
                    }
                    let mut rows: Vec<Row> = query.load(conn).await?;
                    for row in &mut rows {
                        row.skip_uncopied();
                    }
                    Ok(rows.iter().map(serde_json::to_string).collect::<Result<_, _>>()?)
                }

                pub(super) async fn write(conn: &mut Connection, rows: &[String]) -> Result<(), Error> {
                    let rows = rows.iter().map(|row| serde_json::from_str(row)).collect::<Result<Vec<Row>, _>>()?;
                    Ok(bulk::insert(conn, schema::$table::table, rows).await?)
                }
            }
        )+

        #[async_trait]
        impl CopyTransaction for Transaction {
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

            async fn clear(&mut self, table: Table) -> Result<(), Error> {
                match table {
                    $(Table::$variant => delete(schema::$table::table).execute(&mut self.0).await?,)+
                };
                Ok(())
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

tables!(copy_tables);

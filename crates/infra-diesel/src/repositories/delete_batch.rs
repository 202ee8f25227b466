//! Deletes expired rows in batches, so that other transactions don't wait for long.

/// Deletes up to `$limit` rows of `$table` whose `$column` is at `$until` or earlier, the earliest first, and returns how
/// many. More are deleted only where several rows have the same timestamp as the last one. The column needs an index, and
/// has to be of type [`SqlTimestamp`](crate::sql_timestamp::SqlTimestamp).
macro_rules! delete_batch {
    ($conn:expr, $table:ident, $column:ident, $until:expr, $limit:expr) => {{
        use super::super::run_query_dsl::RunQueryDsl;
        use diesel::{ExpressionMethods, OptionalExtension, QueryDsl};
        let over = || QueryDsl::filter($table::table, $table::$column.le(SqlTimestamp($until)));
        let last: Option<SqlTimestamp> = QueryDsl::order(over(), $table::$column)
            .offset(i64::from($limit) - 1)
            .select($table::$column)
            .first($conn)
            .await
            .optional()?;
        let until = last.unwrap_or(SqlTimestamp($until));
        let batch = QueryDsl::filter($table::table, $table::$column.le(until));
        RunQueryDsl::execute(diesel::delete(batch), $conn).await? as u64
    }};
}
pub(super) use delete_batch;

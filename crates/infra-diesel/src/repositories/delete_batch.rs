//! Deleting what is over in portions, so that nobody who writes has to wait for long.

/// Deletes up to `$limit` rows of `$table` whose moment in `$column` is `$until` or earlier, the earliest first. How
/// many. More only where several rows have the very moment of the last one. The column needs an index, and to be of
/// type [`Stamp`](crate::stamp::Stamp).
macro_rules! delete_portion {
    ($conn:expr, $table:ident, $column:ident, $until:expr, $limit:expr) => {{
        use diesel::{ExpressionMethods, OptionalExtension, QueryDsl};
        use diesel_async::RunQueryDsl;
        let over = || QueryDsl::filter($table::table, $table::$column.le(Stamp($until)));
        let last: Option<Stamp> = QueryDsl::order(over(), $table::$column)
            .offset(i64::from($limit) - 1)
            .select($table::$column)
            .first($conn)
            .await
            .optional()?;
        let until = last.unwrap_or(Stamp($until));
        let portion = QueryDsl::filter($table::table, $table::$column.le(until));
        RunQueryDsl::execute(diesel::delete(portion), $conn).await? as u64
    }};
}
pub(super) use delete_portion;

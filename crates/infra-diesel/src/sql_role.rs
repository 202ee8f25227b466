//! Roles of members as values of columns.

use diesel::{
    deserialize::{self, FromSql, FromSqlRow},
    pg::{Pg, PgValue},
    sql_types::Text,
    sqlite::{Sqlite, SqliteValue},
};
use fasttrack_domain::membership::MemberRole;

/// A role as it is stored. Rows that repeat it are read without a copy of its text.
#[derive(Clone, Copy, Debug, FromSqlRow)]
pub(crate) struct SqlRole(pub(crate) MemberRole);

impl FromSql<Text, Sqlite> for SqlRole {
    fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        Ok(Self(value.read_text().parse()?))
    }
}

impl FromSql<Text, Pg> for SqlRole {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(std::str::from_utf8(value.as_bytes())?.parse()?))
    }
}

//! Parts of queries, with their values.

use super::super::{Moment, SqlTimestamp};
use diesel::{
    backend::Backend,
    query_builder::{AstPass, QueryFragment},
    result::QueryResult,
    serialize::ToSql,
    sql_types::{BigInt, HasSqlType, Text},
};
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    mem::discriminant,
};

/// SQL of constants of this program, and the values between them.
#[derive(Default)]
pub(super) struct Fragment(Vec<Part>);

enum Part {
    Sql(&'static str),
    Number(i64),
    Text(String),
    Moment(SqlTimestamp),
}

impl Fragment {
    pub(super) fn of(sql: &'static str) -> Self {
        Self(vec![Part::Sql(sql)])
    }

    pub(super) fn sql(&mut self, sql: &'static str) -> &mut Self {
        self.0.push(Part::Sql(sql));
        self
    }

    pub(super) fn number(&mut self, value: i64) -> &mut Self {
        self.0.push(Part::Number(value));
        self
    }

    pub(super) fn text(&mut self, value: String) -> &mut Self {
        self.0.push(Part::Text(value));
        self
    }

    pub(super) fn moment(&mut self, value: SqlTimestamp) -> &mut Self {
        self.0.push(Part::Moment(value));
        self
    }

    /// A hash of the text, without the values.
    pub(super) fn hash_of_text(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        for part in &self.0 {
            match part {
                Part::Sql(sql) => sql.hash(&mut hasher),
                Part::Number(_) | Part::Text(_) | Part::Moment(_) => discriminant(part).hash(&mut hasher),
            }
        }
        hasher.finish()
    }

    pub(super) fn append(&mut self, mut other: Self) -> &mut Self {
        self.0.append(&mut other.0);
        self
    }
}

impl<DB> QueryFragment<DB> for Fragment
where
    DB: Backend + HasSqlType<BigInt> + HasSqlType<Text> + HasSqlType<Moment>,
    i64: ToSql<BigInt, DB>,
    String: ToSql<Text, DB>,
    SqlTimestamp: ToSql<Moment, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        for part in &self.0 {
            match part {
                Part::Sql(sql) => out.push_sql(sql),
                Part::Number(value) => out.push_bind_param::<BigInt, _>(value)?,
                Part::Text(value) => out.push_bind_param::<Text, _>(value)?,
                Part::Moment(value) => out.push_bind_param::<Moment, _>(value)?,
            }
        }
        Ok(())
    }
}

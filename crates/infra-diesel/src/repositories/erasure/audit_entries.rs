//! Erases what audit entries about an account say of its owner.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::{
    super::{Connection, Database, Error, schema::audit},
    portion::{PORTION, is_full},
};
use diesel::{
    ExpressionMethods, QueryDsl, QueryableByName, sql_query,
    sql_types::{BigInt, Text},
    update,
};
use fasttrack_domain::{
    audit::{AuditObject, PERSONAL_FIELDS},
    id::UserId,
    ports::RepositoryError,
};
use serde_json::{Map, Value};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    changes: String,
}

/// Entries about the account with a value of a personal field. A quotation mark within a value has a backslash before it, so
/// that no value looks like a field.
async fn find(conn: &mut Connection, user: UserId) -> Result<Vec<Row>, Error> {
    let has_value =
        |field: &&str| format!("changes LIKE '%\"{field}\":%' AND changes NOT LIKE '%\"{field}\":[null,null]%'");
    let has_value = PERSONAL_FIELDS.iter().map(has_value).collect::<Vec<_>>().join(" OR ");
    let query = sql_query(format!(
        "SELECT id, changes FROM audit WHERE object = $1 AND ({has_value}) ORDER BY at, id LIMIT {PORTION}"
    ));
    Ok(query.bind::<Text, _>(AuditObject::User(user).to_string()).load(conn).await?)
}

/// The changes without values of personal fields, of which the names stay.
fn without_values(row: &Row) -> String {
    match serde_json::from_str::<Map<String, Value>>(&row.changes) {
        Ok(mut changes) => {
            for field in PERSONAL_FIELDS {
                if let Some(values) = changes.get_mut(field) {
                    *values = Value::from(vec![Value::Null, Value::Null]);
                }
            }
            Value::Object(changes).to_string()
        }
        Err(error) => {
            tracing::error!(id = row.id, %error, "an audit entry about an erased account can't be read and is emptied");
            "{}".to_owned()
        }
    }
}

/// Erases a portion. Returns whether nothing is left.
pub(super) async fn erase(database: &Database, user: UserId) -> Result<bool, RepositoryError> {
    let rows = database.read(async move |conn| find(conn, user).await).await?;
    let is_last = !is_full(rows.len());
    if !rows.is_empty() {
        database
            .write(async move |conn| {
                for row in &rows {
                    update(audit::table.find(row.id)).set(audit::changes.eq(without_values(row))).execute(conn).await?;
                }
                Ok(())
            })
            .await?;
    }
    Ok(is_last)
}

//! Converts email addresses of accounts that were created before addresses were normalized by Unicode case folding.

use super::super::run_query_dsl::RunQueryDsl;
use super::{Connection, Error, schema::users};
use diesel::{ExpressionMethods, QueryDsl, update};
use fasttrack_domain::email::Email;
use std::collections::HashMap;

/// The migration before which [`convert`] is run; where it is applied, the addresses are converted.
const MIGRATION: &str = "2026-11-26-000011_address_forms";

/// How many rows are read at once.
const BATCH: i64 = 1000;

/// How many clashes an error lists.
const NAMED: usize = 10;

/// Splits the pending migrations into those before the conversion and those after it; `None` where it is not pending.
pub(crate) fn split(pending: &[String]) -> Option<(&[String], &[String])> {
    let at = pending.iter().position(|name| name == MIGRATION)?;
    Some(pending.split_at(at))
}

/// The accounts whose address has another form today, with that form. Fails where two accounts would have the same address,
/// and names them.
pub(crate) async fn outdated(conn: &mut Connection) -> Result<Vec<(i64, Email)>, Error> {
    let (mut last, mut outdated) = (0, Vec::new());
    let mut owners = HashMap::<String, i64>::new();
    let mut clashes = Vec::new();
    loop {
        let rows: Vec<(i64, String)> = users::table
            .filter(users::id.gt(last))
            .order(users::id)
            .limit(BATCH)
            .select((users::id, users::email))
            .load(conn)
            .await?;
        let Some(&(id, _)) = rows.last() else { break };
        last = id;
        // Addresses in ASCII are in lower case already.
        for (id, address) in rows.into_iter().filter(|(_, address)| !address.is_ascii()) {
            let Some(email) = Email::lookup(&address) else { continue };
            if email.key() == address && email.as_str() == address {
                continue;
            }
            let same = users::table.filter(users::email.eq(email.key().to_owned())).filter(users::id.ne(id));
            let standing: Vec<i64> = same.select(users::id).limit(1).load(conn).await?;
            let former = owners.insert(email.key().to_owned(), id);
            if let Some(other) = standing.into_iter().next().or(former) {
                clashes.push(format!("{other} and {id}"));
            }
            outdated.push((id, email));
        }
    }
    if clashes.is_empty() {
        return Ok(outdated);
    }
    clashes.truncate(NAMED);
    Err(Error::AddressClash(clashes.join(", ")))
}

/// Sets the address of those accounts to today's form, within the open transaction.
pub(crate) async fn convert(conn: &mut Connection) -> Result<(), Error> {
    for (id, email) in outdated(conn).await? {
        let mailbox = (email.as_str() != email.key()).then(|| email.as_str().to_owned());
        let form = (users::email.eq(email.key().to_owned()), users::mailbox.eq(mailbox));
        update(users::table.find(id)).set(form).execute(conn).await?;
    }
    Ok(())
}

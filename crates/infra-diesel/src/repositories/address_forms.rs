//! Addresses of accounts that were made before one address was one account in all its spellings.

use super::{Connection, Error, schema::users};
use diesel::{ExpressionMethods, QueryDsl, update};
use diesel_async::RunQueryDsl;
use fasttrack_domain::email::Email;
use std::collections::HashMap;

/// The migration before which [`convert`] has to be done: it says that it was.
const MIGRATION: &str = "2026-11-26-000011_address_forms";

/// Rows that are read at once.
const BATCH: i64 = 1000;

/// Clashes that an error names.
const NAMED: usize = 10;

/// Pending migrations that come before the conversion and those that come after it; `None` where it is not pending.
pub(crate) fn split(pending: &[String]) -> Option<(&[String], &[String])> {
    let at = pending.iter().position(|name| name == MIGRATION)?;
    Some(pending.split_at(at))
}

/// Accounts whose address is written in another form today, with that form. Fails where two accounts would have one
/// address, and names them.
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
        // What is in ASCII was in lower case already.
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

/// Gives those accounts their address in today's form. Within the transaction that is open.
pub(crate) async fn convert(conn: &mut Connection) -> Result<(), Error> {
    for (id, email) in outdated(conn).await? {
        let mailbox = (email.as_str() != email.key()).then(|| email.as_str().to_owned());
        let form = (users::email.eq(email.key().to_owned()), users::mailbox.eq(mailbox));
        update(users::table.find(id)).set(form).execute(conn).await?;
    }
    Ok(())
}

//! Reads who has access to what notifications and mails are about.

use super::{Connection, Error, dialect};
use fasttrack_domain::{
    audience::{Audience, Grants},
    id::{ProjectId, TaskId, UserId},
};
use std::collections::HashSet;

/// Returns the grants of these audiences. What grants an access can't end before the transaction does: on PostgreSQL the
/// rows are locked.
pub(super) async fn grants(conn: &mut Connection, audiences: &HashSet<Audience>) -> Result<Grants, Error> {
    let (projects, users) = (
        sorted(audiences.iter().map(|audience| audience.project_id.get())),
        sorted(audiences.iter().map(|audience| audience.user_id.get())),
    );
    dialect::lock_audience(conn, &projects, &users).await?;
    let wanted = sorted(audiences.iter().map(|audience| (audience.user_id.get(), audience.project_id.get())));
    let members = dialect::members_among(conn, &wanted).await?;
    let members = members.into_iter().map(|(user, project)| (UserId::new(user), ProjectId::new(project)));
    let mut grants = Grants { members: members.collect(), ..Grants::default() };
    // A task is locked against any change: not where its project grants the access.
    let others = audiences.iter().filter(|audience| !grants.include(audience));
    let wanted = sorted(others.filter_map(|audience| Some((audience.user_id.get(), audience.task_id?.get()))));
    if !wanted.is_empty() {
        let assignees = dialect::assignees_among(conn, &wanted).await?;
        let assignees = assignees.into_iter().map(|(user, task)| (UserId::new(user), TaskId::new(task)));
        grants.assignees = assignees.collect();
    }
    Ok(grants)
}

/// Each value once, in ascending order.
fn sorted<T: Ord>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut values: Vec<_> = values.collect();
    values.sort_unstable();
    values.dedup();
    values
}

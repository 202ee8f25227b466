//! Ends the memberships of an account that is erased, or passes them on with its projects.
//!
//! The caller holds the locks of these projects, so that no other transaction changes a role in them.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::super::{Connection, Error, Moment, SqlTimestamp, event, schema::members};
use diesel::{ExpressionMethods, QueryDsl, sql_query};
use fasttrack_domain::{
    Timestamp,
    change::Thing,
    event::Touched,
    id::{ProjectId, UserId},
    membership::MemberRole,
};

async fn execute(conn: &mut Connection, statement: String) -> Result<usize, Error> {
    Ok(sql_query(statement).execute(conn).await?)
}

/// Executes a statement with `$1` for the time.
async fn execute_at(conn: &mut Connection, statement: String, at: Timestamp) -> Result<usize, Error> {
    Ok(sql_query(statement).bind::<Moment, _>(SqlTimestamp(at)).execute(conn).await?)
}

/// The rank of a role as an SQL expression.
fn rank(column: &str) -> String {
    let role = |role: &MemberRole| format!("WHEN '{}' THEN {}", role.as_str(), role.rank());
    let roles = MemberRole::ALL.iter().map(role).collect::<Vec<_>>().join(" ");
    format!("CASE {column} {roles} END")
}

/// The projects that the account is a member of, its own ones too, with its role.
async fn roles(conn: &mut Connection, user: i64) -> Result<Vec<(i64, String)>, Error> {
    let of_user = members::table.filter(members::user_id.eq(user)).order(members::project_id);
    Ok(of_user.select((members::project_id, members::role)).load(conn).await?)
}

/// Passes the account's projects and memberships on to `receiver`, of two roles the higher. Its Inbox becomes an ordinary
/// project.
pub(super) async fn pass_on(conn: &mut Connection, user: i64, receiver: i64, at: Timestamp) -> Result<(), Error> {
    let touched = |(project, _): (i64, String)| {
        let (project, next) = (ProjectId::new(project), UserId::new(receiver));
        let things = vec![Thing::project(project), Thing::member(UserId::new(user)).deleted(), Thing::member(next)];
        Touched::new(project, at, things).for_audience(vec![next])
    };
    let touched: Vec<_> = roles(conn, user).await?.into_iter().map(touched).collect();
    event::record_all(conn, &touched).await?;
    pass_memberships_on(conn, user, receiver, at).await?;
    execute(conn, format!("DELETE FROM inboxes WHERE user_id = {user}")).await?;
    let statement = format!(
        "UPDATE projects SET owner_id = {receiver}, version = version + 1, \
             updated_at = CASE WHEN updated_at > $1 THEN updated_at ELSE $1 END WHERE owner_id = {user}"
    );
    let moved = execute_at(conn, statement, at).await?;
    execute(conn, format!("UPDATE users SET project_count = project_count + {moved} WHERE id = {receiver}")).await?;
    execute(conn, format!("UPDATE users SET project_count = 0 WHERE id = {user}")).await?;
    Ok(())
}

async fn pass_memberships_on(conn: &mut Connection, user: i64, receiver: i64, at: Timestamp) -> Result<(), Error> {
    // Where both are members there is one less, as the owner isn't counted.
    let statement = format!(
        "UPDATE projects SET member_count = member_count - 1 WHERE id IN \
             (SELECT mine.project_id FROM members AS mine JOIN members AS theirs ON theirs.project_id = mine.project_id \
             WHERE mine.user_id = {user} AND theirs.user_id = {receiver})"
    );
    execute(conn, statement).await?;
    let mine = format!("FROM members AS mine WHERE mine.project_id = members.project_id AND mine.user_id = {user}");
    let is_higher = format!("mine.role <> 'owner' AND {} > {}", rank("mine.role"), rank("members.role"));
    let statement = format!(
        "UPDATE members SET role = (SELECT mine.role {mine}) \
         WHERE user_id = {receiver} AND EXISTS (SELECT 1 {mine} AND {is_higher})"
    );
    execute(conn, statement).await?;
    let theirs = format!(
        "SELECT 1 FROM members AS theirs WHERE theirs.project_id = members.project_id AND theirs.user_id = {receiver}"
    );
    let statement = format!(
        "UPDATE members SET user_id = {receiver}, created_at = $1 WHERE user_id = {user} AND NOT EXISTS ({theirs})"
    );
    execute_at(conn, statement, at).await?;
    // A project has one owner at any time: the former one's row is deleted first.
    execute(conn, format!("DELETE FROM members WHERE user_id = {user}")).await?;
    let statement = format!(
        "UPDATE members SET role = 'owner' WHERE user_id = {receiver} AND role <> 'owner' \
             AND project_id IN (SELECT id FROM projects WHERE owner_id = {user})"
    );
    execute(conn, statement).await?;
    Ok(())
}

/// Ends the account's memberships in projects of others, and deletes the invitations to its own projects.
pub(super) async fn end(conn: &mut Connection, user: i64, at: Timestamp) -> Result<(), Error> {
    let others = roles(conn, user).await?.into_iter().filter(|(_, role)| role != MemberRole::Owner.as_str());
    let ended = |(project, _): (i64, String)| {
        Touched::new(ProjectId::new(project), at, vec![Thing::member(UserId::new(user)).deleted()])
    };
    event::record_all(conn, &others.map(ended).collect::<Vec<_>>()).await?;
    let statement = format!(
        "UPDATE projects SET member_count = member_count - 1 \
         WHERE owner_id <> {user} AND id IN (SELECT project_id FROM members WHERE user_id = {user})"
    );
    execute(conn, statement).await?;
    let own = format!("(SELECT id FROM projects WHERE owner_id = {user})");
    execute(conn, format!("DELETE FROM members WHERE user_id = {user} AND project_id NOT IN {own}")).await?;
    execute(conn, format!("DELETE FROM invitations WHERE project_id IN {own}")).await?;
    Ok(())
}

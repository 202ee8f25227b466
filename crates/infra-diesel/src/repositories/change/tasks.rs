//! Finds the tasks of a listing by ascending id.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::super::{Cached, Connection, Error};
use diesel::{
    QueryableByName, sql_query,
    sql_types::{BigInt, Bool},
};

/// How many tasks one query looks at, at most, to find those that are listed.
const MOST: i64 = 1_000;

/// How many tasks the next query looks at, where one that looked at `step` didn't find enough.
pub(super) fn longer(step: i64) -> i64 {
    (step * 10).min(MOST)
}

/// A task of a project.
#[derive(QueryableByName)]
pub(super) struct ProjectTask {
    #[diesel(sql_type = BigInt)]
    pub(super) id: i64,
    #[diesel(sql_type = BigInt)]
    pub(super) comment_count: i64,
}

/// A task that is assigned to a user.
#[derive(QueryableByName)]
pub(super) struct AssignedTask {
    #[diesel(sql_type = BigInt)]
    pub(super) id: i64,
    /// Whether the user is a member of its project.
    #[diesel(sql_type = Bool)]
    pub(super) is_of_member: bool,
}

/// No index has the tasks with comments alone: whoever wants those looks at all of them.
const IN_PROJECT: &str = "SELECT id, comment_count FROM tasks WHERE project_id = $1 AND id > $2 ORDER BY id LIMIT $3";

/// No index has the tasks in foreign projects alone: whoever wants those looks at all of them.
const ASSIGNED: &str = "SELECT id, EXISTS (SELECT 1 FROM members \
         WHERE members.user_id = $1 AND members.project_id = tasks.project_id) AS is_of_member \
     FROM tasks WHERE assignee_id = $1 AND id > $2 ORDER BY id LIMIT $3";

/// The first tasks of a project behind one.
pub(super) async fn in_project(
    conn: &mut Connection,
    project: i64,
    after: i64,
    limit: i64,
) -> Result<Vec<ProjectTask>, Error> {
    let query = sql_query(IN_PROJECT).bind::<BigInt, _>(project).bind::<BigInt, _>(after);
    Ok(Cached(query.bind::<BigInt, _>(limit)).load(conn).await?)
}

/// The first tasks behind one that are assigned to a user, in whatever project.
pub(super) async fn assigned(
    conn: &mut Connection,
    user: i64,
    after: i64,
    limit: i64,
) -> Result<Vec<AssignedTask>, Error> {
    let query = sql_query(ASSIGNED).bind::<BigInt, _>(user).bind::<BigInt, _>(after);
    Ok(Cached(query.bind::<BigInt, _>(limit)).load(conn).await?)
}

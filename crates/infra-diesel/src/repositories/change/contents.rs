//! Reads what the things of a page contain now.

use super::super::super::run_query_dsl::RunQueryDsl;
use super::{
    super::{
        Cached, Connection, Error, comment::CommentViewRow, dialect, label::LabelRow, member, project, task::views,
    },
    rows::{Changed, Origin},
};
use diesel::{
    QueryableByName, sql_query,
    sql_types::{BigInt, Text},
};
use fasttrack_domain::{
    change::{FeedReader, ThingKind},
    comment::CommentView,
    label::Label,
    membership::Member,
    project::ProjectView,
    task::TaskView,
};
use std::collections::{HashMap, HashSet};

/// What the things that changed contain, by their ids, where they exist.
pub(super) struct Contents {
    /// The projects of all of them.
    pub(super) projects: HashMap<i64, ProjectView>,
    /// By project and user.
    pub(super) members: HashMap<(i64, i64), Member>,
    pub(super) labels: HashMap<i64, Label>,
    /// The tasks that changed, and those of the reader's own comments.
    pub(super) tasks: HashMap<i64, TaskView>,
    pub(super) comments: HashMap<i64, CommentView>,
    /// Those of the tasks of deleted comments that exist.
    pub(super) kept_tasks: HashSet<i64>,
}

impl Contents {
    /// Reads them by a statement for each kind, and one for each member.
    pub(super) async fn of(conn: &mut Connection, reader: &FeedReader, changed: &[Changed]) -> Result<Self, Error> {
        let ids = |kind: ThingKind| changed.iter().filter(move |thing| thing.kind == kind).map(|thing| thing.id);
        let projects = sorted(changed.iter().map(|thing| thing.project_id));
        let projects = project::views(conn, &projects, reader.id.get()).await?;
        let mut members = HashMap::new();
        for thing in changed.iter().filter(|thing| thing.kind == ThingKind::Member) {
            if let Some(member) = member::find(conn, thing.project_id, thing.id).await? {
                members.insert((thing.project_id, thing.id), member);
            }
        }
        let labels = labels(conn, &sorted(ids(ThingKind::Label))).await?;
        let of_own_comments = changed.iter().filter(|thing| matches!(thing.origin, Origin::Reader { .. }));
        let of_own_comments = of_own_comments.filter_map(|thing| thing.task_id);
        let tasks = views::read(conn, &sorted(ids(ThingKind::Task).chain(of_own_comments))).await?;
        let comments = comments(conn, &sorted(ids(ThingKind::Comment))).await?;
        let comments: HashMap<_, _> = comments.into_iter().map(|view| (view.comment.id.get(), view)).collect();
        let of_deleted = changed.iter().filter(|thing| !comments.contains_key(&thing.id));
        let kept_tasks = existing(conn, &sorted(of_deleted.filter_map(|thing| thing.task_id))).await?;
        Ok(Self {
            projects: projects.into_iter().map(|view| (view.project.id.get(), view)).collect(),
            members,
            labels: labels.into_iter().map(|label| (label.id.get(), label)).collect(),
            tasks: tasks.into_iter().map(|view| (view.task.id.get(), view)).collect(),
            comments,
            kept_tasks,
        })
    }
}

/// Each id once, in ascending order.
fn sorted(ids: impl Iterator<Item = i64>) -> Vec<i64> {
    let mut ids: Vec<_> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

async fn labels(conn: &mut Connection, ids: &[i64]) -> Result<Vec<Label>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let [before, after] = dialect::IS_AMONG;
    let query = format!("SELECT id, project_id, name, color FROM labels WHERE id{before}$1{after}");
    let query = sql_query(query).bind::<Text, _>(dialect::id_list(ids));
    let rows: Vec<LabelRow> = Cached(query).load(conn).await?;
    rows.into_iter().map(LabelRow::entity).collect()
}

async fn comments(conn: &mut Connection, ids: &[i64]) -> Result<Vec<CommentView>, Error> {
    comments_with(conn, "id", ids).await
}

/// All comments on these tasks, by task and id.
pub(super) async fn comments_on(conn: &mut Connection, tasks: &[i64]) -> Result<Vec<CommentView>, Error> {
    let mut views = comments_with(conn, "task_id", tasks).await?;
    views.sort_unstable_by_key(|view| (view.comment.task_id, view.comment.id));
    Ok(views)
}

/// The comments of which a column is one of some ids, in no order.
async fn comments_with(conn: &mut Connection, column: &'static str, ids: &[i64]) -> Result<Vec<CommentView>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let [before, after] = dialect::IS_AMONG;
    let query = format!(
        "SELECT comments.task_id, comments.id, comments.author_id, comments.body, comments.created_at, \
             users.display_name \
         FROM comments JOIN users ON users.id = comments.author_id WHERE comments.{column}{before}$1{after}"
    );
    let query = sql_query(query).bind::<Text, _>(dialect::id_list(ids));
    let rows: Vec<CommentViewRow> = Cached(query).load(conn).await?;
    rows.into_iter().map(CommentViewRow::view).filter_map(Result::transpose).collect()
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// Those of these tasks that exist.
async fn existing(conn: &mut Connection, tasks: &[i64]) -> Result<HashSet<i64>, Error> {
    if tasks.is_empty() {
        return Ok(HashSet::new());
    }
    let [before, after] = dialect::IS_AMONG;
    let query = sql_query(format!("SELECT id FROM tasks WHERE id{before}$1{after}"));
    let rows: Vec<Id> = Cached(query.bind::<Text, _>(dialect::id_list(tasks))).load(conn).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

//! Labels of projects.

use super::super::run_query_dsl::RunQueryDsl;
use super::{
    Cached, Connection, Database, Error, Lock, audit, dialect, event, quota,
    schema::{labels, members},
    views::membership,
};
use async_trait::async_trait;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl,
    Queryable, QueryableByName, Selectable, SelectableHelper, delete, insert_into, sql_query,
    sql_types::{BigInt, Nullable, Text},
};
use fasttrack_domain::{
    Timestamp,
    audit::{AuditEntry, AuditObject},
    change::Thing,
    event::Touched,
    id::{LabelId, ProjectId, UserId},
    label::{Color, Label, LabelChange, LabelIds, LabelView, NewLabel},
    page::{Page, PageRequest},
    ports::{
        RepositoryError,
        label::{self, ProjectLabels},
    },
    text::LabelName,
};

/// Stores labels.
#[derive(Clone)]
pub struct LabelRepository {
    database: Database,
}

impl LabelRepository {
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

#[derive(Queryable, QueryableByName, Selectable)]
#[diesel(table_name = labels)]
pub(super) struct LabelRow {
    id: i64,
    project_id: i64,
    name: String,
    color: String,
}

impl LabelRow {
    pub(super) fn entity(self) -> Result<Label, Error> {
        let corrupt = Error::corrupt("labels", self.id);
        Ok(Label {
            id: LabelId::new(self.id),
            project_id: ProjectId::new(self.project_id),
            name: LabelName::parse(self.name).map_err(&corrupt)?,
            color: Color::parse(self.color).map_err(&corrupt)?,
        })
    }
}

/// The reader's role in the project, with a label or none.
#[derive(QueryableByName)]
struct ListRow {
    #[diesel(sql_type = Nullable<Text>)]
    role: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    id: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    color: Option<String>,
}

impl ListRow {
    fn entity(self, project_id: i64) -> Option<Result<Label, Error>> {
        let row = LabelRow { id: self.id?, project_id, name: self.name?, color: self.color? };
        Some(row.entity())
    }
}

/// A page of a project's labels, in no order. The project's row is found even where no label is.
const LIST: &str = "SELECT members.role, page.id, page.name, page.color \
     FROM projects LEFT JOIN members ON members.project_id = projects.id AND members.user_id = $1 \
         LEFT JOIN (SELECT id, name, color FROM labels WHERE project_id = $2 AND id > $3 ORDER BY id LIMIT $4) AS page \
             ON TRUE \
     WHERE projects.id = $2";

async fn list(
    conn: &mut Connection,
    project: i64,
    reader: i64,
    page: &PageRequest,
) -> Result<Option<ProjectLabels>, Error> {
    let query = sql_query(LIST).bind::<BigInt, _>(reader).bind::<BigInt, _>(project);
    let query = query.bind::<BigInt, _>(page.after_id()).bind::<BigInt, _>(page.fetch());
    let rows: Vec<ListRow> = Cached(query).load(conn).await?;
    let [first, ..] = rows.as_slice() else { return Ok(None) };
    let membership = membership(project, first.role.clone())?;
    let mut labels: Vec<_> = rows.into_iter().filter_map(|row| row.entity(project)).collect::<Result<_, _>>()?;
    labels.sort_unstable_by_key(|label| label.id);
    let page = Page::from_fetched(labels, page, |label: &Label| label.id.get());
    Ok(Some(ProjectLabels { membership, page }))
}

/// The first labels of a project behind one, by ascending id.
pub(super) async fn behind(conn: &mut Connection, project: i64, after: i64, limit: i64) -> Result<Vec<Label>, Error> {
    let query = labels::table.filter(labels::project_id.eq(project)).filter(labels::id.gt(after)).order(labels::id);
    let rows: Vec<LabelRow> = query.limit(limit).select(LabelRow::as_select()).load(conn).await?;
    rows.into_iter().map(LabelRow::entity).collect()
}

/// Those of these labels that the project has, by ascending id.
async fn find_in_project(conn: &mut Connection, project: i64, ids: &[LabelId]) -> Result<Vec<Label>, Error> {
    let mut query = labels::table
        .filter(labels::project_id.eq(project))
        .order(labels::id)
        .select(LabelRow::as_select())
        .into_boxed();
    // For more, all of the project's are read, which are few: on SQLite each id is a parameter of the statement.
    if ids.len() <= LabelIds::MAX {
        query = query.filter(labels::id.eq_any(ids.iter().map(|id| id.get())));
    }
    let rows: Vec<LabelRow> = query.load(conn).await?;
    let requested = rows.into_iter().filter(|row| ids.contains(&LabelId::new(row.id)));
    requested.map(LabelRow::entity).collect()
}

/// Saves the fields that aren't NULL.
const SAVE: &str = "UPDATE labels SET name = coalesce($1, name), name_key = coalesce($2, name_key), \
         color = coalesce($3, color) \
     WHERE id = $4 RETURNING id, project_id, name, color";

async fn save(conn: &mut Connection, change: &LabelChange) -> Result<Option<Label>, Error> {
    let project = labels::table.find(change.id.get()).select(labels::project_id).first(conn).await.optional()?;
    let Some(project) = project else { return Ok(None) };
    // Before the label, as whoever creates one does.
    dialect::lock(conn, Lock::Project(project)).await?;
    let (name, color) = (change.name.as_ref(), change.color.as_ref());
    let statement = sql_query(SAVE)
        .bind::<Nullable<Text>, _>(name.map(LabelName::as_str))
        .bind::<Nullable<Text>, _>(name.map(LabelName::key))
        .bind::<Nullable<Text>, _>(color.map(Color::as_str))
        .bind::<BigInt, _>(change.id.get());
    let row: Option<LabelRow> = Cached(statement).get_result(conn).await.optional()?;
    row.map(LabelRow::entity).transpose()
}

// @spec SPEC-022
#[async_trait]
impl label::LabelRepository for LabelRepository {
    async fn create(&self, label: NewLabel) -> Result<Label, RepositoryError> {
        self.database
            .write(async move |conn| {
                // Before the label, as whoever gives a task this label does.
                dialect::lock(conn, Lock::Project(label.project_id.get())).await?;
                let row = (
                    labels::project_id.eq(label.project_id.get()),
                    labels::name.eq(label.name.as_str()),
                    labels::name_key.eq(label.name.key()),
                    labels::color.eq(label.color.as_str()),
                );
                let id = insert_into(labels::table).values(row).returning(labels::id).get_result(conn).await?;
                let created = label.stored(LabelId::new(id));
                event::record(conn, &[label.touched(created.id)]).await?;
                let entry = audit::insert(conn, label.audit, Some(AuditObject::Label(created.id))).await?;
                quota::labels_of(label.project_id.get(), label.quota).add(conn).await?;
                Ok((created, entry))
            })
            .await
            .map(audit::log_committed)
            .inspect(event::notify(&self.database))
    }

    async fn list(
        &self,
        project: ProjectId,
        reader: UserId,
        page: PageRequest,
    ) -> Result<Option<ProjectLabels>, RepositoryError> {
        self.database.read(async move |conn| list(conn, project.get(), reader.get(), &page).await).await
    }

    async fn find(&self, id: LabelId, reader: UserId) -> Result<Option<LabelView>, RepositoryError> {
        self.database
            .read(async move |conn| {
                let of_reader = members::project_id.eq(labels::project_id).and(members::user_id.eq(reader.get()));
                let query = labels::table
                    .left_join(members::table.on(of_reader))
                    .filter(labels::id.eq(id.get()))
                    .select((LabelRow::as_select(), members::role.nullable()));
                let found: Option<(LabelRow, Option<String>)> = query.first(conn).await.optional()?;
                let Some((row, role)) = found else { return Ok(None) };
                let membership = membership(row.project_id, role)?;
                Ok(Some(LabelView { label: row.entity()?, membership }))
            })
            .await
    }

    async fn find_in_project(&self, project: ProjectId, ids: Vec<LabelId>) -> Result<Vec<Label>, RepositoryError> {
        self.database.read(async move |conn| find_in_project(conn, project.get(), &ids).await).await
    }

    async fn save(&self, change: LabelChange) -> Result<Option<Label>, RepositoryError> {
        self.database
            .write(async move |conn| {
                let Some(saved) = save(conn, &change).await? else { return Ok((None, None)) };
                let touched = Touched::new(saved.project_id, change.at, vec![Thing::label(saved.id)]);
                event::record(conn, &[touched]).await?;
                Ok((Some(saved), audit::insert(conn, change.audit, None).await?))
            })
            .await
            .map(audit::log_committed)
            .inspect(event::notify(&self.database))
    }

    async fn delete(&self, id: LabelId, now: Timestamp, audit: Option<AuditEntry>) -> Result<bool, RepositoryError> {
        self.database
            .write(async move |conn| {
                let project = quota::remove_label(conn, id.get()).await?;
                let Some(project) = project else { return Ok((false, None)) };
                if delete(labels::table.find(id.get())).execute(conn).await? == 0 {
                    // Another transaction deleted it, and updated the counter, while this one waited for the project.
                    quota::labels_of(project, u32::MAX).add(conn).await?;
                    return Ok((false, None));
                }
                let touched = Touched::new(ProjectId::new(project), now, vec![Thing::label(id).deleted()]);
                event::record(conn, &[touched]).await?;
                Ok((true, audit::insert(conn, audit, None).await?))
            })
            .await
            .map(audit::log_committed)
            .inspect(event::notify(&self.database))
    }
}

//! Projects.

mod delete;

use super::super::run_query_dsl::RunQueryDsl;
use super::{
    Cached, Connection, Database, Error, SqlTimestamp, audit, event, idempotency, quota,
    schema::{inboxes, members, projects},
    views::membership,
    webhook::record,
};
use async_trait::async_trait;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl,
    Queryable, Selectable, SelectableHelper, insert_into, update,
};
use fasttrack_domain::{
    Timestamp,
    audit::AuditEntry,
    event::Change,
    id::{ProjectId, UserId},
    idempotency::Idempotency,
    membership::MemberRole,
    page::{Page, PageRequest},
    ports::{RepositoryError, constraint, project},
    project::{NewProject, Project, ProjectChange, ProjectFilter, ProjectStatus, ProjectView},
    text::{Description, ProjectName},
};

/// Stores projects.
#[derive(Clone)]
pub struct ProjectRepository {
    database: Database,
}

impl ProjectRepository {
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = projects)]
struct ProjectRow {
    id: i64,
    name: String,
    description: Option<String>,
    status: String,
    owner_id: i64,
    created_at: SqlTimestamp,
    updated_at: SqlTimestamp,
    version: i64,
    active_webhooks: i64,
}

impl ProjectRow {
    fn entity(self) -> Result<Project, Error> {
        let corrupt = Error::corrupt("projects", self.id);
        Ok(Project {
            id: ProjectId::new(self.id),
            name: ProjectName::parse(self.name).map_err(&corrupt)?,
            description: self.description.map(Description::parse).transpose().map_err(&corrupt)?,
            status: self.status.parse().map_err(&corrupt)?,
            owner_id: UserId::new(self.owner_id),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
            version: self.version,
        })
    }
}

/// A project, and the reader's role in it.
type ViewRow = (ProjectRow, Option<String>);

fn view((project, role): ViewRow) -> Result<ProjectView, Error> {
    let (membership, has_webhooks) = (membership(project.id, role)?, project.active_webhooks > 0);
    Ok(ProjectView { project: project.entity()?, membership, has_webhooks })
}

/// The projects that the list is limited to, if it is.
fn reach(filter: &ProjectFilter) -> Option<Vec<i64>> {
    filter.reach.ids().map(|ids| ids.iter().map(|id| id.get()).collect())
}

/// Reads projects in which the reader has a role. The status is compared with each of these: an index has the others.
async fn list_shared(conn: &mut Connection, filter: &ProjectFilter, page: &PageRequest) -> Result<Vec<ViewRow>, Error> {
    let mut query = members::table
        .inner_join(projects::table)
        .filter(members::user_id.eq(filter.reader.get()))
        .filter(members::project_id.gt(page.after_id()))
        .order(members::project_id)
        .limit(page.fetch())
        .select((ProjectRow::as_select(), members::role.nullable()))
        .into_boxed();
    if let Some(role) = filter.role {
        query = query.filter(members::role.eq(role.as_str()));
    }
    if let Some(status) = filter.status {
        query = query.filter(projects::status.eq(status.as_str()));
    }
    if let Some(ids) = reach(filter) {
        query = query.filter(members::project_id.eq_any(ids));
    }
    Ok(query.load(conn).await?)
}

/// Reads projects whether or not the reader has a role in them.
async fn list_all(conn: &mut Connection, filter: &ProjectFilter, page: &PageRequest) -> Result<Vec<ViewRow>, Error> {
    let of_reader = members::project_id.eq(projects::id).and(members::user_id.eq(filter.reader.get()));
    let mut query = projects::table
        .left_join(members::table.on(of_reader))
        .filter(projects::id.gt(page.after_id()))
        .order(projects::id)
        .limit(page.fetch())
        .select((ProjectRow::as_select(), members::role.nullable()))
        .into_boxed();
    if let Some(status) = filter.status {
        query = query.filter(projects::status.eq(status.as_str()));
    }
    if let Some(ids) = reach(filter) {
        query = query.filter(projects::id.eq_any(ids));
    }
    Ok(query.load(conn).await?)
}

/// The projects of a page and the next one, as the reader sees them, by ascending id.
pub(super) async fn page(
    conn: &mut Connection,
    filter: &ProjectFilter,
    page: &PageRequest,
) -> Result<Vec<ProjectView>, Error> {
    let rows = if filter.all && filter.role.is_none() {
        list_all(conn, filter, page).await?
    } else {
        list_shared(conn, filter, page).await?
    };
    rows.into_iter().map(view).collect()
}

/// Those of these projects that exist, as the reader sees them, in no order.
pub(super) async fn views(conn: &mut Connection, ids: &[i64], reader: i64) -> Result<Vec<ProjectView>, Error> {
    let of_reader = members::project_id.eq(projects::id).and(members::user_id.eq(reader));
    let query = projects::table
        .left_join(members::table.on(of_reader))
        .filter(projects::id.eq_any(ids))
        .select((ProjectRow::as_select(), members::role.nullable()));
    let rows: Vec<ViewRow> = query.load(conn).await?;
    rows.into_iter().map(view).collect()
}

/// Inserts a project. A trigger inserts its owner as a member.
async fn insert(conn: &mut Connection, project: &NewProject) -> Result<Project, Error> {
    let row = insert_into(projects::table)
        .values((
            projects::name.eq(project.name.as_str()),
            projects::description.eq(project.description.as_ref().map(Description::as_str)),
            projects::status.eq(ProjectStatus::Active.as_str()),
            projects::owner_id.eq(project.owner_id.get()),
            projects::created_at.eq(SqlTimestamp(project.created_at)),
            projects::updated_at.eq(SqlTimestamp(project.created_at)),
            projects::version.eq(1),
        ))
        .returning(ProjectRow::as_returning())
        .get_result(conn)
        .await?;
    row.entity()
}

#[async_trait]
impl project::ProjectRepository for ProjectRepository {
    async fn create(&self, project: NewProject, idempotency: Option<Idempotency>) -> Result<Project, RepositoryError> {
        self.database
            .write(async move |conn| {
                let created = insert(conn, &project).await?;
                event::record(conn, &[project.touched(created.id)]).await?;
                // Before the quota: where the same request has taken the last place, it is the record that is found.
                idempotency::record(conn, idempotency.as_ref(), || created.clone().into()).await?;
                quota::add_project(conn, project.owner_id.get(), project.quota).await?;
                Ok(created)
            })
            .await
            .inspect(event::notify(&self.database))
    }

    async fn find(&self, id: ProjectId, reader: UserId) -> Result<Option<ProjectView>, RepositoryError> {
        self.database
            .read(async move |conn| {
                let of_reader = members::project_id.eq(projects::id).and(members::user_id.eq(reader.get()));
                let query = projects::table
                    .left_join(members::table.on(of_reader))
                    .filter(projects::id.eq(id.get()))
                    .select((ProjectRow::as_select(), members::role.nullable()));
                query.first(conn).await.optional()?.map(view).transpose()
            })
            .await
    }

    async fn roles(
        &self,
        ids: Vec<ProjectId>,
        reader: UserId,
    ) -> Result<Vec<(ProjectId, Option<MemberRole>)>, RepositoryError> {
        self.database
            .read(async move |conn| {
                let of_reader = members::project_id.eq(projects::id).and(members::user_id.eq(reader.get()));
                let mut rows: Vec<(i64, Option<String>)> = projects::table
                    .left_join(members::table.on(of_reader))
                    .filter(projects::id.eq_any(ids.iter().map(|id| id.get())))
                    .select((projects::id, members::role.nullable()))
                    .load(conn)
                    .await?;
                rows.sort_unstable_by_key(|(id, _)| *id);
                let role = |(id, role)| Ok((ProjectId::new(id), membership(id, role)?));
                rows.into_iter().map(role).collect::<Result<_, Error>>()
            })
            .await
    }

    async fn list(&self, filter: ProjectFilter, page: PageRequest) -> Result<Page<ProjectView>, RepositoryError> {
        self.database
            .read(async move |conn| {
                let projects = self::page(conn, &filter, &page).await?;
                Ok(Page::from_fetched(projects, &page, |view: &ProjectView| view.project.id.get()))
            })
            .await
    }

    async fn save(&self, change: ProjectChange) -> Result<Option<Project>, RepositoryError> {
        self.database
            .write(async move |conn| {
                let touched = change.touched();
                let project = change.project;
                let statement =
                    update(projects::table.find(project.id.get())).filter(projects::version.eq(change.based_on)).set((
                        projects::name.eq(project.name.as_str()),
                        projects::description.eq(project.description.as_ref().map(Description::as_str)),
                        projects::status.eq(project.status.as_str()),
                        projects::updated_at.eq(SqlTimestamp(project.updated_at)),
                        projects::version.eq(project.version),
                    ));
                if Cached(statement).execute(conn).await? == 0 {
                    return Ok((None, None));
                }
                event::record(conn, touched.as_slice()).await?;
                if let Some(actor) = change.watched_actor {
                    let changed = Change::ProjectUpdated(project.clone());
                    record::change(conn, project.id, (actor, project.updated_at), changed).await?;
                }
                let entry = audit::insert(conn, change.audit, None).await?;
                Ok((Some(project), entry))
            })
            .await
            .map(audit::log_committed)
            .inspect(event::notify(&self.database))
    }

    async fn delete(
        &self,
        id: ProjectId,
        based_on: i64,
        now: Timestamp,
        audit: Option<AuditEntry>,
    ) -> Result<bool, RepositoryError> {
        loop {
            let audit = audit.clone();
            let deleted =
                self.database.write(async move |conn| delete::delete(conn, id, based_on, now, audit).await).await;
            if let Some(deleted) = deleted.inspect(event::notify(&self.database))? {
                return Ok(audit::log_committed(deleted));
            }
        }
    }

    async fn find_inbox(&self, owner: UserId) -> Result<Option<ProjectView>, RepositoryError> {
        self.database
            .read(async move |conn| {
                let query = inboxes::table
                    .inner_join(projects::table)
                    .filter(inboxes::user_id.eq(owner.get()))
                    .select(ProjectRow::as_select());
                let inbox: Option<ProjectRow> = query.first(conn).await.optional()?;
                inbox.map(|inbox| view((inbox, Some(MemberRole::Owner.as_str().to_owned())))).transpose()
            })
            .await
    }

    async fn create_inbox(&self, project: NewProject) -> Result<Project, RepositoryError> {
        self.database
            .write(async move |conn| {
                let inbox = insert(conn, &project).await?;
                let row = (inboxes::user_id.eq(project.owner_id.get()), inboxes::project_id.eq(inbox.id.get()));
                let statement = insert_into(inboxes::table).values(row).on_conflict(inboxes::user_id).do_nothing();
                match statement.execute(conn).await? {
                    0 => return Err(Error::Conflict(constraint::INBOX)),
                    _ => quota::add_project(conn, project.owner_id.get(), project.quota).await?,
                }
                event::record(conn, &[project.touched(inbox.id)]).await?;
                Ok(inbox)
            })
            .await
            .inspect(event::notify(&self.database))
    }
}

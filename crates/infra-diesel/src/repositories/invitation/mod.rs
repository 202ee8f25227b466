//! Invitations. A project has one to an address at most, as another to the same address replaces it.

mod accept;
mod rows;
mod token;

use super::super::run_query_dsl::RunQueryDsl;
use super::{
    Connection, Database, Error, Lock, SqlTimestamp, audit,
    delete_batch::delete_batch,
    dialect, event, job,
    schema::{invitation_mails, invitations, members, projects, users},
    views::{membership, person},
};
use async_trait::async_trait;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl,
    SelectableHelper, delete, insert_into,
};
use fasttrack_domain::{
    Timestamp,
    audit::AuditEntry,
    id::{InvitationId, ProjectId, UserId},
    invitation::{
        Acceptance, FoundInvitation, INVITATION_MAIL_WINDOW, Invitation, InvitationToSend, NewInvitation,
        NewInvitationToken,
    },
    page::{Page, PageRequest},
    ports::{
        RepositoryError, constraint,
        invitation::{self, ProjectInvitations},
    },
    text::ProjectName,
    ticket::SecretHash,
};
use rows::{InvitationRow, SharedProjectRow};

/// Stores invitations.
#[derive(Clone)]
pub struct InvitationRepository {
    database: Database,
}

impl InvitationRepository {
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

/// Inserts an invitation in place of one to the same address. `Conflict` where the project has as many others that are open
/// as it may have, or doesn't exist.
async fn insert(conn: &mut Connection, new: &NewInvitation) -> Result<Invitation, Error> {
    let project = new.project_id.get();
    // Invitations to a project are counted one after the other.
    dialect::lock(conn, Lock::Project(project)).await?;
    let exists = projects::table.find(project).select(projects::id).first::<i64>(conn).await.optional()?;
    if exists.is_none() {
        return Err(Error::Conflict(constraint::REFERENCE));
    }
    let of_project = || invitations::table.filter(invitations::project_id.eq(project));
    delete(of_project().filter(invitations::address_key.eq(new.email.key()))).execute(conn).await?;
    let open = of_project().filter(invitations::expires_at.gt(SqlTimestamp(new.created_at)));
    let open: i64 = open.count().get_result(conn).await?;
    if open >= i64::from(new.quota) {
        return Err(Error::Conflict(constraint::QUOTA));
    }
    let id = insert_into(invitations::table)
        .values((
            invitations::project_id.eq(project),
            invitations::email.eq(new.email.as_str()),
            invitations::address_key.eq(new.email.key()),
            invitations::role.eq(new.role.as_str()),
            invitations::invited_by.eq(new.invited_by.get()),
            invitations::created_at.eq(SqlTimestamp(new.created_at)),
            invitations::expires_at.eq(SqlTimestamp(new.expires_at())),
        ))
        .returning(invitations::id)
        .get_result(conn)
        .await?;
    Ok(new.stored(InvitationId::new(id)))
}

// @spec SPEC-020
#[async_trait]
impl invitation::InvitationRepository for InvitationRepository {
    async fn create(&self, invitation: NewInvitation) -> Result<Invitation, RepositoryError> {
        let created = self
            .database
            .write(async move |conn| {
                let created = insert(conn, &invitation).await?;
                job::enqueue(conn, &[invitation.job(created.id)]).await?;
                let entry = audit::insert(conn, invitation.audit, None).await?;
                Ok((created, entry))
            })
            .await
            .map(audit::log_committed)?;
        self.database.hints().jobs.notify_one();
        Ok(created)
    }

    async fn list(
        &self,
        project: ProjectId,
        reader: UserId,
        now: Timestamp,
        page: PageRequest,
    ) -> Result<Option<ProjectInvitations>, RepositoryError> {
        self.database
            .read(async move |conn| {
                let of_reader = members::project_id.eq(projects::id).and(members::user_id.eq(reader.get()));
                // Conditions of the join, so that the project's row is found even where no invitation is.
                let on_page = invitations::project_id
                    .eq(projects::id)
                    .and(invitations::id.gt(page.after_id()))
                    .and(invitations::expires_at.gt(SqlTimestamp(now)));
                let rows: Vec<(Option<String>, Option<InvitationRow>)> = projects::table
                    .left_join(members::table.on(of_reader))
                    .left_join(invitations::table.on(on_page))
                    .filter(projects::id.eq(project.get()))
                    .order(invitations::id)
                    .limit(page.fetch())
                    .select((members::role.nullable(), Option::<InvitationRow>::as_select()))
                    .load(conn)
                    .await?;
                let [(role, _), ..] = rows.as_slice() else { return Ok(None) };
                let role = role.clone();
                let rows = rows.into_iter().filter_map(|(_, invitation)| invitation);
                let items = rows.map(InvitationRow::entity).collect::<Result<_, _>>()?;
                let page = Page::from_fetched(items, &page, |invitation: &Invitation| invitation.id.get());
                Ok(Some(ProjectInvitations { membership: membership(project.get(), role)?, page }))
            })
            .await
    }

    async fn delete(
        &self,
        project: ProjectId,
        id: InvitationId,
        now: Timestamp,
        audit: Option<AuditEntry>,
    ) -> Result<bool, RepositoryError> {
        self.database
            .write(async move |conn| {
                let open = invitations::table
                    .filter(invitations::id.eq(id.get()))
                    .filter(invitations::project_id.eq(project.get()))
                    .filter(invitations::expires_at.gt(SqlTimestamp(now)));
                if delete(open).execute(conn).await? == 0 {
                    return Ok((false, None));
                }
                Ok((true, audit::insert(conn, audit, None).await?))
            })
            .await
            .map(audit::log_committed)
    }

    async fn find_to_send(
        &self,
        id: InvitationId,
        now: Timestamp,
    ) -> Result<Option<InvitationToSend>, RepositoryError> {
        self.database
            .read(async move |conn| {
                let row: Option<(InvitationRow, String, (i64, String))> = invitations::table
                    .inner_join(projects::table.on(projects::id.eq(invitations::project_id)))
                    .inner_join(users::table.on(users::id.eq(invitations::invited_by)))
                    .filter(invitations::id.eq(id.get()))
                    .filter(invitations::expires_at.gt(SqlTimestamp(now)))
                    .select((InvitationRow::as_select(), projects::name, (users::id, users::display_name)))
                    .first(conn)
                    .await
                    .optional()?;
                let Some((row, project, (user, name))) = row else { return Ok(None) };
                let invitation = row.entity()?;
                let corrupt = Error::corrupt("projects", invitation.project_id.get());
                let project = ProjectName::parse(project).map_err(corrupt)?;
                let invited_by = person(user, name)?.display_name;
                Ok(Some(InvitationToSend { invitation, project, invited_by }))
            })
            .await
    }

    async fn set_token(&self, token: NewInvitationToken) -> Result<bool, RepositoryError> {
        self.database.write(async move |conn| token::set(conn, token).await).await
    }

    async fn find(
        &self,
        hash: SecretHash,
        reader: UserId,
        now: Timestamp,
    ) -> Result<Option<FoundInvitation>, RepositoryError> {
        self.database
            .read(async move |conn| {
                let of_reader = members::project_id.eq(projects::id).and(members::user_id.eq(reader.get()));
                let row: Option<(InvitationRow, SharedProjectRow, Option<String>)> = invitations::table
                    .inner_join(projects::table.on(projects::id.eq(invitations::project_id)))
                    .left_join(members::table.on(of_reader))
                    .filter(invitations::hash.eq(&hash.as_bytes()[..]))
                    .filter(invitations::expires_at.gt(SqlTimestamp(now)))
                    .select((InvitationRow::as_select(), SharedProjectRow::as_select(), members::role.nullable()))
                    .first(conn)
                    .await
                    .optional()?;
                let Some((invitation, project, role)) = row else { return Ok(None) };
                let has_webhooks = project.has_webhooks();
                let (invitation, project) = (invitation.entity()?, project.entity()?);
                let membership = membership(project.id.get(), role)?;
                Ok(Some(FoundInvitation { invitation, project, membership, has_webhooks }))
            })
            .await
    }

    async fn accept(&self, acceptance: Acceptance) -> Result<bool, RepositoryError> {
        self.database
            .write(async move |conn| accept::accept(conn, acceptance).await)
            .await
            .map(audit::log_committed)
            .inspect(event::notify(&self.database))
    }

    async fn delete_expired(&self, now: Timestamp, limit: u32) -> Result<u64, RepositoryError> {
        self.database
            .write(async move |conn| {
                let invitations = delete_batch!(conn, invitations, expires_at, now, limit);
                let window = now - INVITATION_MAIL_WINDOW;
                Ok(invitations + delete_batch!(conn, invitation_mails, sent_at, window, limit))
            })
            .await
    }
}

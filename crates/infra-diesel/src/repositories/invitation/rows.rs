//! Here are the rows of invitations, and of the projects that they are to.

use super::super::{
    Error, SqlTimestamp,
    schema::{invitations, projects},
};
use diesel::{Queryable, Selectable};
use fasttrack_domain::{
    email::Email,
    id::{InvitationId, ProjectId, UserId},
    invitation::Invitation,
    project::Project,
    text::{Description, ProjectName},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = invitations)]
pub(super) struct InvitationRow {
    id: i64,
    project_id: i64,
    email: String,
    role: String,
    created_at: SqlTimestamp,
    expires_at: SqlTimestamp,
}

impl InvitationRow {
    pub(super) fn entity(self) -> Result<Invitation, Error> {
        let corrupt = Error::corrupt("invitations", self.id);
        Ok(Invitation {
            id: InvitationId::new(self.id),
            project_id: ProjectId::new(self.project_id),
            email: Email::from_storage(self.email).map_err(&corrupt)?,
            role: self.role.parse().map_err(&corrupt)?,
            created_at: self.created_at.0,
            expires_at: self.expires_at.0,
        })
    }
}

/// The columns that a new membership shows of its project.
#[derive(Queryable, Selectable)]
#[diesel(table_name = projects)]
pub(super) struct SharedProjectRow {
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

impl SharedProjectRow {
    pub(super) fn has_webhooks(&self) -> bool {
        self.active_webhooks > 0
    }

    pub(super) fn entity(self) -> Result<Project, Error> {
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

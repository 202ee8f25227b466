use super::Accounts;
use crate::{Error, Ports};
use fasttrack_domain::{
    Timestamp,
    api_token::ApiToken,
    comment::CommentView,
    id::{CommentId, ProjectId, TaskId, UserId},
    identity::LinkedIdentity,
    membership::MemberRole,
    notification::Notification,
    page::{Cursor, Limit, Page, PageRequest},
    ports::{
        api_token::ApiTokenRepository, export::ExportRepository, notification::NotificationRepository,
        project::ProjectRepository, session::SessionRepository, task::TaskRepository,
    },
    project::{ProjectFilter, ProjectView},
    session::Session,
    task::{TaskCursor, TaskQuery, TaskView},
    token::TokenError,
    user::User,
};
use std::sync::Arc;

/// The first page of a list.
const FIRST: PageRequest = PageRequest { limit: Limit::EXPORT, cursor: None };

/// The ports that an export reads.
#[derive(Clone)]
pub struct ExportPorts {
    pub sessions: Arc<dyn SessionRepository>,
    pub projects: Arc<dyn ProjectRepository>,
    pub tasks: Arc<dyn TaskRepository>,
    pub notifications: Arc<dyn NotificationRepository>,
    pub api_tokens: Arc<dyn ApiTokenRepository>,
    pub exports: Arc<dyn ExportRepository>,
}

impl ExportPorts {
    pub(super) fn new(ports: &Ports) -> Self {
        Self {
            sessions: ports.repositories.sessions.clone(),
            projects: ports.repositories.projects.clone(),
            tasks: ports.repositories.tasks.clone(),
            notifications: ports.repositories.notifications.clone(),
            api_tokens: ports.repositories.api_tokens.clone(),
            exports: ports.repositories.exports.clone(),
        }
    }
}

/// A part of an export. The parts come in the order of the variants; of a list there can be any number, also empty ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExportPart {
    User(User),
    /// The sessions that haven't ended.
    Sessions(Vec<Session>),
    Identities(Vec<LinkedIdentity>),
    /// The projects that the user owns.
    Projects(Vec<ProjectView>),
    /// The tasks of these projects, then tasks elsewhere that are assigned to the user.
    Tasks(Vec<TaskView>),
    /// The comments on the tasks of these projects, then those that the user wrote elsewhere.
    Comments(Vec<CommentView>),
    Notifications(Vec<Notification>),
    /// The API tokens that are not revoked.
    ApiTokens(Vec<ApiToken>),
}

/// What an export reads next.
#[derive(Clone, Copy, Debug)]
enum Position {
    User,
    Sessions(PageRequest),
    Identities,
    Projects(PageRequest),
    /// Of the project at this place among the user's own.
    ProjectTasks(usize, PageRequest),
    AssignedTasks(PageRequest),
    /// Of the project at this place among the user's own, after this comment on this task.
    ProjectComments(usize, Option<(TaskId, CommentId)>),
    OtherComments(PageRequest),
    Notifications(PageRequest),
    ApiTokens(PageRequest),
    End,
}

/// An export that is read part by part, so that its size doesn't matter.
pub struct Export {
    ports: ExportPorts,
    user: User,
    at: Timestamp,
    /// The user's own projects, by ascending id.
    own: Vec<ProjectId>,
    position: Position,
}

impl Accounts {
    // @spec SPEC-021
    /// Begins the export of a user's own data. [`Error::Token`] where the account is gone.
    #[tracing::instrument(name = "user.export", skip_all)]
    pub async fn export(&self, user_id: UserId) -> Result<Export, Error> {
        let user = self.users.find(user_id).await?.ok_or(TokenError::Revoked)?;
        let (ports, at) = (self.exports.clone(), self.clock.now());
        Ok(Export { ports, user, at, own: Vec::new(), position: Position::User })
    }
}

/// The position behind a page: the next page of the same list, or what follows the list.
fn behind<T>(page: &Page<T>, list: impl FnOnce(PageRequest) -> Position, following: Position) -> Position {
    match page.next {
        Some(cursor) => list(PageRequest { cursor: Some(cursor), ..FIRST }),
        None => following,
    }
}

impl Export {
    /// Reads the next part; `Ok(None)` behind the last. After an error the export goes on where it was.
    pub async fn next(&mut self) -> Result<Option<ExportPart>, Error> {
        loop {
            let (part, next) = match self.position {
                Position::User => (Some(ExportPart::User(self.user.clone())), Position::Sessions(FIRST)),
                Position::Sessions(page) => self.sessions(page).await?,
                Position::Identities => {
                    let identities = self.ports.exports.identities(self.user.id).await?;
                    (Some(ExportPart::Identities(identities)), Position::Projects(FIRST))
                }
                Position::Projects(page) => self.projects(page).await?,
                Position::ProjectTasks(place, page) => self.project_tasks(place, page).await?,
                Position::AssignedTasks(page) => self.assigned_tasks(page).await?,
                Position::ProjectComments(place, after) => self.project_comments(place, after).await?,
                Position::OtherComments(page) => {
                    let found = self.ports.exports.comments_elsewhere(self.user.id, page).await?;
                    let next = behind(&found, Position::OtherComments, Position::Notifications(FIRST));
                    (Some(ExportPart::Comments(found.items)), next)
                }
                Position::Notifications(page) => {
                    let found = self.ports.notifications.list(self.user.id, false, page).await?;
                    let next = behind(&found, Position::Notifications, Position::ApiTokens(FIRST));
                    (Some(ExportPart::Notifications(found.items)), next)
                }
                Position::ApiTokens(page) => {
                    let found = self.ports.api_tokens.list(Some(self.user.id), page).await?;
                    let next = behind(&found, Position::ApiTokens, Position::End);
                    (Some(ExportPart::ApiTokens(found.items)), next)
                }
                Position::End => return Ok(None),
            };
            self.position = next;
            if part.is_some() {
                return Ok(part);
            }
        }
    }

    async fn sessions(&self, page: PageRequest) -> Result<(Option<ExportPart>, Position), Error> {
        let found = self.ports.sessions.list(self.user.id, self.at, page).await?;
        let next = behind(&found, Position::Sessions, Position::Identities);
        Ok((Some(ExportPart::Sessions(found.items)), next))
    }

    async fn projects(&mut self, page: PageRequest) -> Result<(Option<ExportPart>, Position), Error> {
        let filter = ProjectFilter { role: Some(MemberRole::Owner), ..ProjectFilter::of(self.user.id) };
        let found = self.ports.projects.list(filter, page).await?;
        self.own.extend(found.items.iter().map(|view| view.project.id));
        let next = behind(&found, Position::Projects, Position::ProjectTasks(0, FIRST));
        Ok((Some(ExportPart::Projects(found.items)), next))
    }

    async fn project_tasks(&self, place: usize, page: PageRequest) -> Result<(Option<ExportPart>, Position), Error> {
        let Some(&project) = self.own.get(place) else { return Ok((None, Position::AssignedTasks(FIRST))) };
        let (tasks, page) = (&self.ports.tasks, page.map(TaskCursor::from));
        let found = tasks.list_in_project(project, self.user.id, TaskQuery::default(), page).await?;
        // It may have been deleted or transferred meanwhile.
        let found = found.filter(|found| found.membership == Some(MemberRole::Owner));
        let found = found.map_or_else(Page::empty, |found| found.page.map_next(Cursor::from));
        let same = |page| Position::ProjectTasks(place, page);
        let next = behind(&found, same, Position::ProjectTasks(place + 1, FIRST));
        Ok((Some(ExportPart::Tasks(found.items)), next))
    }

    async fn assigned_tasks(&self, page: PageRequest) -> Result<(Option<ExportPart>, Position), Error> {
        let page = page.map(TaskCursor::from);
        let found = self.ports.tasks.list_assigned(self.user.id, TaskQuery::default(), page).await?;
        let mut found = found.map_next(Cursor::from);
        let next = behind(&found, Position::AssignedTasks, Position::ProjectComments(0, None));
        found.items.retain(|view| self.own.binary_search(&view.task.project_id).is_err());
        Ok((Some(ExportPart::Tasks(found.items)), next))
    }

    async fn project_comments(
        &self,
        place: usize,
        after: Option<(TaskId, CommentId)>,
    ) -> Result<(Option<ExportPart>, Position), Error> {
        let Some(&project) = self.own.get(place) else { return Ok((None, Position::OtherComments(FIRST))) };
        let found = self.ports.projects.find(project, self.user.id).await?;
        if found.is_none_or(|found| found.membership != Some(MemberRole::Owner)) {
            return Ok((None, Position::ProjectComments(place + 1, None)));
        }
        let limit = Limit::EXPORT.get();
        let found = self.ports.exports.comments_in_project(project, after, limit).await?;
        let last = found.last().filter(|_| found.len() >= limit as usize);
        let next = match last {
            Some(CommentView { comment, .. }) => Position::ProjectComments(place, Some((comment.task_id, comment.id))),
            None => Position::ProjectComments(place + 1, None),
        };
        Ok((Some(ExportPart::Comments(found)), next))
    }
}

#[cfg(test)]
impl ExportPorts {
    /// With mocks that expect no call. A test replaces those that it needs.
    pub(super) fn mocked() -> Self {
        use fasttrack_domain::ports::{
            api_token::MockApiTokenRepository, export::MockExportRepository, notification::MockNotificationRepository,
            project::MockProjectRepository, session::MockSessionRepository, task::MockTaskRepository,
        };
        Self {
            sessions: Arc::new(MockSessionRepository::new()),
            projects: Arc::new(MockProjectRepository::new()),
            tasks: Arc::new(MockTaskRepository::new()),
            notifications: Arc::new(MockNotificationRepository::new()),
            api_tokens: Arc::new(MockApiTokenRepository::new()),
            exports: Arc::new(MockExportRepository::new()),
        }
    }
}

#[cfg(test)]
mod tests;

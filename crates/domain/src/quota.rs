//! Quotas: the most entities in one container, so that no user can fill the storage.

/// The kind of entities that a quota limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuotaKind {
    /// The projects of one user, its Inbox included.
    Projects,
    Tasks,
    Comments,
    /// The members of one project besides its owner.
    Members,
    /// The open invitations to one project.
    Invitations,
    /// The labels of one project.
    Labels,
    /// The labels on one task.
    TaskLabels,
    /// The API tokens of one user that are neither revoked nor expired.
    ApiTokens,
    /// The webhooks of one project.
    Webhooks,
    /// The waiting pings of one webhook.
    Pings,
}

/// The quota is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} at most; {}", self.most(), self.remedy())]
pub struct QuotaExceeded {
    pub kind: QuotaKind,
    pub limit: u32,
}

impl QuotaExceeded {
    fn most(self) -> String {
        let limit = self.limit;
        match self.kind {
            QuotaKind::Projects => format!("a user may have {limit} projects"),
            QuotaKind::Tasks => format!("a project may have {limit} tasks"),
            QuotaKind::Comments => format!("a task may have {limit} comments"),
            QuotaKind::Members => format!("a project may have {limit} members besides its owner"),
            QuotaKind::Invitations => format!("a project may have {limit} open invitations"),
            QuotaKind::Labels => format!("a project may have {limit} labels"),
            QuotaKind::TaskLabels => format!("a task may have {limit} labels"),
            QuotaKind::ApiTokens => format!("a user may have {limit} API tokens"),
            QuotaKind::Webhooks => format!("a project may have {limit} webhooks"),
            QuotaKind::Pings => format!("a webhook may have {limit} waiting pings"),
        }
    }

    const fn remedy(self) -> &'static str {
        match self.kind {
            QuotaKind::Projects
            | QuotaKind::Tasks
            | QuotaKind::Comments
            | QuotaKind::Members
            | QuotaKind::Invitations
            | QuotaKind::Labels
            | QuotaKind::TaskLabels
            | QuotaKind::ApiTokens
            | QuotaKind::Webhooks => "delete some first",
            QuotaKind::Pings => "wait until they are sent",
        }
    }
}

/// The quotas of an installation. The defaults are the ones without settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quotas {
    /// The Inbox counts as a project.
    pub projects_per_user: u32,
    pub tasks_per_project: u32,
    pub comments_per_task: u32,
}

impl Default for Quotas {
    fn default() -> Self {
        Self { projects_per_user: 1_000, tasks_per_project: 100_000, comments_per_task: 10_000 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_limit_and_what_to_do() {
        for (kind, expected) in [
            (QuotaKind::Projects, "a user may have 7 projects at most; delete some first"),
            (QuotaKind::Tasks, "a project may have 7 tasks at most; delete some first"),
            (QuotaKind::Comments, "a task may have 7 comments at most; delete some first"),
            (QuotaKind::Members, "a project may have 7 members besides its owner at most; delete some first"),
            (QuotaKind::Invitations, "a project may have 7 open invitations at most; delete some first"),
            (QuotaKind::Labels, "a project may have 7 labels at most; delete some first"),
            (QuotaKind::TaskLabels, "a task may have 7 labels at most; delete some first"),
            (QuotaKind::ApiTokens, "a user may have 7 API tokens at most; delete some first"),
            (QuotaKind::Webhooks, "a project may have 7 webhooks at most; delete some first"),
            (QuotaKind::Pings, "a webhook may have 7 waiting pings at most; wait until they are sent"),
        ] {
            assert_eq!(QuotaExceeded { kind, limit: 7 }.to_string(), expected);
        }
    }
}

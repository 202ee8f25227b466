//! The export of a user's data.

use super::{
    api_token::ApiTokenPayload, comment::CommentPayload, notification::NotificationPayload, project::ProjectPayload,
    session::SessionPayload, task::TaskPayload, timestamp, user::UserPayload,
};
use chrono::{DateTime, Utc};
use fasttrack_app::account::ExportPart;
use fasttrack_domain::{id::SessionId, identity::LinkedIdentity};
use serde::Serialize;
use std::array;
use utoipa::ToSchema;

/// Everything about a user. [`ExportWriter`] writes it part by part.
#[derive(Serialize, ToSchema)]
#[schema(as = Export, example = json!({
    "user": {
        "id": 1, "email": "ann@example.org", "email_verified": true, "pending_email": null, "display_name": "Ann",
        "role": "user", "is_active": true,
        "created_at": "2026-01-02T03:04:05.678901Z", "updated_at": "2026-01-02T03:04:05.678901Z"
    },
    "sessions": [],
    "identities": [{
        "issuer": "https://app.example.org", "subject": "u7Hq2", "created_at": "2026-01-02T03:04:05.678901Z"
    }],
    "projects": [], "tasks": [], "comments": [], "notifications": [], "tokens": []
}))]
pub struct ExportPayload {
    user: UserPayload,
    /// The sessions that haven't ended.
    sessions: Vec<SessionPayload>,
    /// The identities of another issuer that log in to the account.
    identities: Vec<IdentityPayload>,
    /// The user's own projects.
    projects: Vec<ProjectPayload>,
    /// The tasks of these projects, and those elsewhere that are assigned to the user.
    tasks: Vec<TaskPayload>,
    /// The comments on the tasks of these projects, and those that the user wrote elsewhere.
    comments: Vec<CommentPayload>,
    notifications: Vec<NotificationPayload>,
    /// The API tokens that aren't revoked, without their secrets.
    tokens: Vec<ApiTokenPayload>,
}

/// An identity of another issuer.
#[derive(Serialize, ToSchema)]
#[schema(as = Identity, example = json!({
    "issuer": "https://app.example.org", "subject": "u7Hq2", "created_at": "2026-01-02T03:04:05.678901Z"
}))]
pub struct IdentityPayload {
    /// The `iss` of its tokens.
    issuer: String,
    /// The `sub` of its tokens.
    subject: String,
    /// When it was linked to the account.
    #[serde(serialize_with = "timestamp::serialize")]
    created_at: DateTime<Utc>,
}

impl From<LinkedIdentity> for IdentityPayload {
    fn from(LinkedIdentity { identity, created_at }: LinkedIdentity) -> Self {
        Self { issuer: identity.issuer, subject: identity.subject.into(), created_at }
    }
}

/// The lists behind `user`, in their order.
const LISTS: [&str; 7] = ["sessions", "identities", "projects", "tasks", "comments", "notifications", "tokens"];

/// Writes an [`ExportPayload`] from the parts of an export, which come in the order of its fields.
pub struct ExportWriter {
    /// The session of the request, if it has one.
    session: Option<SessionId>,
    /// The lists that aren't begun.
    remaining: array::IntoIter<&'static str, 7>,
    /// The list that is begun and not ended.
    open: Option<&'static str>,
    /// Whether the open list has no items.
    is_empty: bool,
}

impl ExportWriter {
    pub fn new(session: Option<SessionId>) -> Self {
        Self { session, remaining: LISTS.into_iter(), open: None, is_empty: true }
    }

    /// Returns the JSON of the next part.
    pub fn write(&mut self, part: ExportPart) -> Result<Vec<u8>, serde_json::Error> {
        let session = self.session;
        match part {
            ExportPart::User(user) => {
                let mut json = b"{\"user\":".to_vec();
                serde_json::to_writer(&mut json, &UserPayload::from(user))?;
                Ok(json)
            }
            ExportPart::Sessions(sessions) => {
                self.list("sessions", sessions.into_iter().map(|it| SessionPayload::new(it, session)))
            }
            ExportPart::Identities(identities) => {
                self.list("identities", identities.into_iter().map(IdentityPayload::from))
            }
            ExportPart::Projects(projects) => self.list("projects", projects.into_iter().map(ProjectPayload::from)),
            ExportPart::Tasks(tasks) => self.list("tasks", tasks.into_iter().map(TaskPayload::from)),
            ExportPart::Comments(comments) => self.list("comments", comments.into_iter().map(CommentPayload::from)),
            ExportPart::Notifications(notifications) => {
                self.list("notifications", notifications.into_iter().map(NotificationPayload::from))
            }
            ExportPart::ApiTokens(tokens) => self.list("tokens", tokens.into_iter().map(ApiTokenPayload::from)),
        }
    }

    /// Returns the JSON behind the last part.
    pub fn end(&mut self) -> Vec<u8> {
        let mut json = Vec::new();
        self.begin("tokens", &mut json);
        json.extend_from_slice(b"]}");
        json
    }

    fn list<T: Serialize>(
        &mut self,
        name: &'static str,
        items: impl Iterator<Item = T>,
    ) -> Result<Vec<u8>, serde_json::Error> {
        let mut json = Vec::new();
        self.begin(name, &mut json);
        for item in items {
            if !self.is_empty {
                json.push(b',');
            }
            self.is_empty = false;
            serde_json::to_writer(&mut json, &item)?;
        }
        Ok(json)
    }

    /// Ends the lists before this one, and begins it unless it is open.
    fn begin(&mut self, name: &'static str, json: &mut Vec<u8>) {
        while self.open != Some(name)
            && let Some(next) = self.remaining.next()
        {
            if self.open.replace(next).is_some() {
                json.push(b']');
            }
            json.extend_from_slice(format!(",\"{next}\":[").as_bytes());
            self.is_empty = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fasttrack_domain::{Timestamp, identity::Identity};
    use serde_json::{Value, json};

    fn identity(subject: &str) -> LinkedIdentity {
        let subject = subject.parse().unwrap();
        let identity = Identity { issuer: "https://app.example.org".to_owned(), subject };
        LinkedIdentity { identity, created_at: Timestamp::UNIX_EPOCH }
    }

    fn written(parts: Vec<ExportPart>) -> Value {
        let mut writer = ExportWriter::new(None);
        let mut json = b"{\"user\":null".to_vec();
        for part in parts {
            json.extend(writer.write(part).unwrap());
        }
        json.extend(writer.end());
        serde_json::from_slice(&json).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&json)))
    }

    #[test]
    fn every_list_is_there_whatever_parts_come() {
        let empty = json!({
            "user": null, "sessions": [], "identities": [], "projects": [], "tasks": [], "comments": [],
            "notifications": [], "tokens": []
        });
        assert_eq!(written(Vec::new()), empty);
        let parts = vec![ExportPart::Projects(Vec::new()), ExportPart::Tasks(Vec::new())];
        assert_eq!(written(parts), empty);
    }

    #[test]
    fn items_of_several_parts_are_one_list() {
        let parts = [vec!["a"], Vec::new(), vec!["b", "c"], Vec::new()].map(|subjects| {
            let identities = subjects.into_iter().map(identity).collect();
            ExportPart::Identities(identities)
        });
        let written = written(parts.into());
        let subjects: Vec<_> = written["identities"].as_array().unwrap().iter().map(|it| &it["subject"]).collect();
        assert_eq!(subjects, ["a", "b", "c"]);
        assert_eq!(written["identities"][0]["created_at"], "1970-01-01T00:00:00.000000Z");
        assert_eq!(written["notifications"], json!([]));
    }
}

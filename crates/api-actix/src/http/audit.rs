//! Audit entries of refused requests, and the origin of all others.

use super::{
    caller::Authentication,
    client,
    context::Context,
    error::{ApiError, ErrorCode},
    prefix::path_within,
};
use crate::api::Api;
use actix_web::{HttpMessage, HttpRequest, web::Data};
use fasttrack_domain::{
    audit::{AuditAction, AuditEntry, AuditObject, Origin},
    id::{CommentId, LabelId, ProjectId, TaskId, UserId, WebhookId},
};

// @spec SPEC-018
/// Returns the client's address and the id of a request.
pub fn origin(request: &HttpRequest) -> Origin {
    Origin { ip: client::ip(request), request_id: Some(Context::of(request).request_id.to_string()) }
}

/// Records a refused request in the audit: 403 and 429. Refused logins are recorded by the use case, with their
/// account.
pub fn record_refusal(request: &HttpRequest, error: &ApiError) {
    let action = match error.code {
        ErrorCode::Forbidden | ErrorCode::InsufficientScope => AuditAction::Forbidden,
        ErrorCode::RateLimited => AuditAction::RateLimited,
        _ => return,
    };
    let Some(api) = request.app_data::<Data<Api>>() else { return };
    let actor = match request.extensions().get::<Authentication>() {
        Some(Authentication::Bearer(claims)) => Some(claims.user_id),
        _ => None,
    };
    let entry = AuditEntry::new(api.clock.now(), actor, action, origin(request));
    api.audit.record(AuditEntry { object: object(path_within(request)), ..entry });
}

/// The object of a request: the first id in its path. The path itself is not recorded.
fn object(path: &str) -> Option<AuditObject> {
    let mut segments = path.split('/').skip(1);
    let (collection, id) = (segments.next()?, segments.next()?.parse().ok()?);
    match collection {
        "users" => Some(AuditObject::User(UserId::new(id))),
        "projects" => Some(AuditObject::Project(ProjectId::new(id))),
        "tasks" => Some(AuditObject::Task(TaskId::new(id))),
        "comments" => Some(AuditObject::Comment(CommentId::new(id))),
        "labels" => Some(AuditObject::Label(LabelId::new(id))),
        "webhooks" => Some(AuditObject::Webhook(WebhookId::new(id))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_about_the_first_id_in_it() {
        for (path, expected) in [
            ("/users/5", Some("user/5")),
            ("/projects/6/tasks", Some("project/6")),
            ("/tasks/7/comments", Some("task/7")),
            ("/comments/8", Some("comment/8")),
            ("/labels/9", Some("label/9")),
            ("/webhooks/4/test", Some("webhook/4")),
            ("/deliveries/4/retry", None),
            ("/users/me", None),
            ("/users", None),
            ("/api/7/tasks/8", None),
            ("/auth/sessions/9", None),
            ("/tasks/secret", None),
            ("", None),
        ] {
            assert_eq!(object(path).map(|object| object.to_string()).as_deref(), expected, "{path}");
        }
    }
}

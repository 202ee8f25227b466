//! Comments.

use super::{person::PersonPayload, timestamp};
use chrono::{DateTime, Utc};
use fasttrack_domain::comment::CommentView;
use serde::Serialize;
use utoipa::ToSchema;

/// A comment.
#[derive(Serialize, ToSchema)]
#[schema(as = Comment, example = json!({
    "id": 1, "task_id": 1, "author_id": 2, "author": {"id": 2, "display_name": "Ben"}, "body": "Which colour?",
    "created_at": "2026-01-02T03:04:05.678901Z"
}))]
pub struct CommentPayload {
    id: i64,
    task_id: i64,
    author_id: i64,
    author: PersonPayload,
    body: String,
    #[serde(serialize_with = "timestamp::serialize")]
    created_at: DateTime<Utc>,
}

impl From<CommentView> for CommentPayload {
    fn from(CommentView { comment, author }: CommentView) -> Self {
        Self {
            id: comment.id.get(),
            task_id: comment.task_id.get(),
            author_id: comment.author_id.get(),
            author: author.into(),
            body: comment.body.into(),
            created_at: comment.created_at,
        }
    }
}

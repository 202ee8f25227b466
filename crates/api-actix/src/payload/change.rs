//! Changes of the feed.

use super::{
    comment::CommentPayload, label::LabelPayload, member::MemberPayload, project::ProjectPayload, task::TaskPayload,
    word,
};
use fasttrack_domain::change::{DeleteReason, FeedChange, FeedContent, FeedCursor};
use serde::Serialize;
use utoipa::ToSchema;

/// The words of `op`.
const PUT: &str = "put";
const DELETE: &str = "delete";

/// A part of the feed.
#[derive(Serialize, ToSchema)]
#[schema(as = Changes)]
pub struct ChangesPayload {
    changes: Vec<ChangePayload>,
    /// Give it as `since` to get what changes from here on; there is always one.
    #[schema(example = "NDIgMiBvd24gNTQ2N2IwZGExZDEwNjQ5NQ")]
    cursor: String,
    /// Whether there is more already.
    has_more: bool,
}

impl ChangesPayload {
    /// The changes, and where the next answer begins.
    pub fn new(changes: Vec<FeedChange>, cursor: FeedCursor, has_more: bool) -> Self {
        Self { changes: changes.into_iter().map(Into::into).collect(), cursor: cursor.to_string(), has_more }
    }
}

/// A thing that changed, as it is now for the caller.
#[derive(Serialize, ToSchema)]
#[schema(as = Change, example = json!({
    "type": "label", "id": 3, "project_id": 1, "op": "put",
    "data": {"id": 3, "project_id": 1, "name": "Outdoors", "color": "#2e8b57"}
}))]
pub struct ChangePayload {
    #[serde(rename = "type")]
    #[schema(schema_with = word::change_type)]
    kind: &'static str,
    /// Of a member it is the id of the user.
    id: i64,
    /// Of a project it is its own id.
    project_id: i64,
    /// `put`: keep `data` in place of what was before. `delete`: keep it no longer.
    #[schema(schema_with = word::change_op)]
    op: &'static str,
    /// What GET returns for the thing; null for a `delete`.
    #[schema(required)]
    data: Option<ChangeDataPayload>,
    /// Why it is deleted: there is none any more, or the caller may not see it any more. With `delete` alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = word::delete_reason, required = false)]
    reason: Option<&'static str>,
}

/// The thing, by the `type` of the change.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = ChangeData)]
pub enum ChangeDataPayload {
    Project(ProjectPayload),
    Member(MemberPayload),
    Label(LabelPayload),
    Task(Box<TaskPayload>),
    Comment(CommentPayload),
}

impl From<FeedChange> for ChangePayload {
    fn from(change: FeedChange) -> Self {
        let FeedChange { kind, id, project_id, content, .. } = change;
        let data = data(content);
        let reason = data.as_ref().err().map(|reason| reason.as_str());
        let (op, data) = (if reason.is_some() { DELETE } else { PUT }, data.ok());
        Self { kind: kind.as_str(), id, project_id: project_id.get(), op, data, reason }
    }
}

/// The thing as GET returns it, or why it is deleted.
fn data(content: FeedContent) -> Result<ChangeDataPayload, DeleteReason> {
    Ok(match content {
        FeedContent::Project(project) => ChangeDataPayload::Project(project.into()),
        FeedContent::Member(view) => ChangeDataPayload::Member(view.member.into()),
        FeedContent::Label(label) => ChangeDataPayload::Label(label.into()),
        FeedContent::Task(task) => ChangeDataPayload::Task(Box::new((*task).into())),
        FeedContent::Comment(comment) => ChangeDataPayload::Comment(comment.into()),
        FeedContent::Deleted(reason) => return Err(reason),
    })
}

/// Says, among notifications, that the feed has something new.
#[derive(Serialize)]
pub struct ChangesHintPayload {
    #[serde(rename = "type")]
    kind: &'static str,
    /// Who has this cursor needs nothing.
    cursor: String,
}

impl From<FeedCursor> for ChangesHintPayload {
    fn from(cursor: FeedCursor) -> Self {
        Self { kind: "changes", cursor: cursor.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fasttrack_domain::{
        change::{FeedPosition, FeedReader, ThingKind},
        id::{LabelId, ProjectId, UserId},
        label::Label,
        policy::Actor,
        user::Role,
    };
    use serde_json::{Value, json};

    fn change(content: FeedContent) -> FeedChange {
        let next = FeedPosition::after(42);
        FeedChange { kind: ThingKind::Label, id: 3, project_id: ProjectId::new(7), content, next }
    }

    fn shown(content: FeedContent) -> Value {
        serde_json::to_value(ChangePayload::from(change(content))).unwrap()
    }

    fn cursor() -> FeedCursor {
        FeedReader::new(&Actor::new(UserId::new(2), Role::User)).cursor(FeedPosition::after(42))
    }

    #[test]
    fn a_put_has_the_thing_and_no_reason() {
        let label = Label {
            id: LabelId::new(3),
            project_id: ProjectId::new(7),
            name: "Outdoors".parse().unwrap(),
            color: "#2e8b57".parse().unwrap(),
        };
        let data = json!({"id": 3, "project_id": 7, "name": "Outdoors", "color": "#2e8b57"});
        let expected = json!({"type": "label", "id": 3, "project_id": 7, "op": "put", "data": data});
        assert_eq!(shown(FeedContent::Label(label)), expected);
    }

    #[test]
    fn a_delete_has_null_and_its_reason() {
        for (reason, word) in [(DeleteReason::Deleted, "deleted"), (DeleteReason::Access, "access")] {
            let expected =
                json!({"type": "label", "id": 3, "project_id": 7, "op": "delete", "data": null, "reason": word});
            assert_eq!(shown(FeedContent::Deleted(reason)), expected);
        }
    }

    #[test]
    fn an_answer_without_changes_has_a_cursor() {
        let answer = serde_json::to_value(ChangesPayload::new(Vec::new(), cursor(), false)).unwrap();
        assert_eq!(answer, json!({"changes": [], "cursor": cursor().to_string(), "has_more": false}));
    }

    #[test]
    fn a_hint_has_only_its_type_and_cursor() {
        let hint = serde_json::to_value(ChangesHintPayload::from(cursor())).unwrap();
        assert_eq!(hint, json!({"type": "changes", "cursor": cursor().to_string()}));
    }
}

//! Schemas of the domain's enums, so that the document lists exactly their values.

use fasttrack_domain::{
    api_token::Scope,
    change::{DeleteReason, ThingKind},
    membership::{GrantedRole, MemberRole},
    notification::NotificationContent,
    project::ProjectStatus,
    task::{TaskOrder, TaskPriority, TaskScope, TaskStatus},
    user::Role,
    webhook::{DeliveryStatus, DeliveryType, WebhookEventType},
};
use utoipa::openapi::{Array, ArrayBuilder, Object, ObjectBuilder, Type};

/// The schemas with their names in the document.
pub fn named() -> [(&'static str, Object); 16] {
    [
        ("ChangeOp", change_op()),
        ("ChangeType", change_type()),
        ("DeleteReason", delete_reason()),
        ("DeliveryStatus", delivery_status()),
        ("DeliveryType", delivery_type()),
        ("GrantedRole", granted_role()),
        ("MemberRole", member_role()),
        ("ProjectRole", project_role()),
        ("ProjectStatus", project_status()),
        ("Role", role()),
        ("Scope", scope()),
        ("TaskPriority", task_priority()),
        ("TaskScope", task_scope()),
        ("TaskSort", task_sort()),
        ("TaskStatus", task_status()),
        ("WebhookType", webhook_type()),
    ]
}

fn words<T: Copy>(all: &[T], word: fn(T) -> &'static str) -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(all.iter().map(|value| word(*value)))).build()
}

/// `admin`, `user`
pub fn role() -> Object {
    words(Role::ALL, Role::as_str)
}

/// `projects`, `tasks`, `comments`, `notifications`, `webhooks`, each with `:read` and `:write` behind it
pub fn scope() -> Object {
    words(Scope::ALL, Scope::as_str)
}

/// The scopes of a token: at least one.
pub fn scopes() -> Array {
    ArrayBuilder::new().items(scope()).min_items(Some(1)).build()
}

/// `owner`, `editor`, `commenter`, `viewer`
pub fn member_role() -> Object {
    words(MemberRole::ALL, MemberRole::as_str)
}

/// `editor`, `commenter`, `viewer`
pub fn granted_role() -> Object {
    words(GrantedRole::ALL, GrantedRole::as_str)
}

/// `owner`, `editor`, `commenter`, `viewer`, and `admin`
pub fn project_role() -> Object {
    let of_members = MemberRole::ALL.iter().map(|role| role.as_str());
    let all = of_members.chain([Role::Admin.as_str()]);
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(all)).build()
}

/// `active`, `archived`
pub fn project_status() -> Object {
    words(ProjectStatus::ALL, ProjectStatus::as_str)
}

/// `todo`, `in_progress`, `done`
pub fn task_status() -> Object {
    words(TaskStatus::ALL, TaskStatus::as_str)
}

/// `task_assigned`, `comment_added`, `status_changed`, `project_shared`, `task_reminder`
pub fn notification_type() -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(NotificationContent::NAMES)).build()
}

/// `assigned`, `visible`
pub fn task_scope() -> Object {
    words(TaskScope::ALL, TaskScope::as_str)
}

/// `id`, `position`, `due`, `priority`, `updated_at`, and each with `-` before it
pub fn task_sort() -> Object {
    let all = TaskOrder::ALL.iter().flat_map(|order| [order.to_string(), format!("-{order}")]);
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(all)).build()
}

/// `low`, `medium`, `high`
pub fn task_priority() -> Object {
    words(TaskPriority::ALL, TaskPriority::as_str)
}

/// `project`, `member`, `label`, `task`, `comment`
pub fn change_type() -> Object {
    words(ThingKind::ALL, ThingKind::as_str)
}

/// `put`, `delete`
pub fn change_op() -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["put", "delete"])).build()
}

/// `deleted`, `access`
pub fn delete_reason() -> Object {
    words(DeleteReason::ALL, DeleteReason::as_str)
}

/// `task.created` to `member.removed`
pub fn webhook_type() -> Object {
    words(WebhookEventType::ALL, WebhookEventType::as_str)
}

/// At least one type of a webhook.
pub fn webhook_types() -> Array {
    ArrayBuilder::new().items(webhook_type()).min_items(Some(1)).build()
}

/// The types of webhooks, and `ping`
pub fn delivery_type() -> Object {
    let changes = WebhookEventType::ALL.iter().map(|kind| kind.as_str());
    let all = changes.chain([DeliveryType::Ping.as_str()]);
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(all)).build()
}

/// `pending`, `delivered`, `failed`
pub fn delivery_status() -> Object {
    words(DeliveryStatus::ALL, DeliveryStatus::as_str)
}

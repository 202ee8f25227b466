use super::*;
use crate::user::Role;

#[test]
fn only_fields_that_change_are_kept() {
    let changes = AuditChanges::default()
        .field("name", "Ann", "Ann")
        .field("role", "user", "admin")
        .field("assignee_id", None::<i64>, Some(7))
        .set("is_active", true);
    let expected = [
        ("role", AuditValue::Text("user".to_owned()), AuditValue::Text("admin".to_owned())),
        ("assignee_id", AuditValue::Null, AuditValue::Number(7)),
        ("is_active", AuditValue::Null, AuditValue::Bool(true)),
    ];
    assert_eq!(changes.0, expected);
}

#[test]
fn a_long_text_is_cut_between_characters() {
    let AuditValue::Text(text) = AuditValue::from("ß".repeat(201).as_str()) else { panic!("no text") };
    assert_eq!(text, format!("{}…", "ß".repeat(200)));
    assert_eq!(AuditValue::from("ß".repeat(200).as_str()), AuditValue::Text("ß".repeat(200)));
}

#[test]
fn an_object_is_a_word_and_an_id() {
    let objects = [
        AuditObject::User(UserId::new(5)),
        AuditObject::Project(ProjectId::new(6)),
        AuditObject::Task(TaskId::new(7)),
        AuditObject::Comment(CommentId::new(8)),
        AuditObject::Label(LabelId::new(9)),
        AuditObject::ApiToken(ApiTokenId::new(10)),
        AuditObject::Webhook(WebhookId::new(11)),
    ];
    let texts = ["user/5", "project/6", "task/7", "comment/8", "label/9", "token/10", "webhook/11"];
    assert_eq!(objects.map(|object| object.to_string()), texts);
}

#[test]
fn entry_of_a_role_has_its_actor_object_and_changes() {
    let (admin, user) = (Actor::new(UserId::new(1), Role::Admin), Actor::new(UserId::new(2), Role::User));
    let entry = |actor: &Actor, permission| {
        let action = AuditAction::ProjectUpdated;
        AuditEntry::by_role(actor, permission, Timestamp::UNIX_EPOCH, action, &Origin::default())
    };
    let entry_of_admin = entry(&admin, Action::ManageUsers).unwrap();
    assert_eq!((entry_of_admin.actor_id, &entry_of_admin.object), (Some(UserId::new(1)), &None));
    for (actor, permission) in [(&admin, Action::CreateProject), (&user, Action::ManageUsers)] {
        assert_eq!(entry(actor, permission), None, "{permission:?}");
    }
    let (object, changes) = (AuditObject::Project(ProjectId::new(7)), AuditChanges::default().unset("name", "Garden"));
    assert_eq!(changes.0, [("name", AuditValue::from("Garden"), AuditValue::Null)]);
    let entry = entry_of_admin.with_object(object).with_changes(changes.clone());
    assert_eq!((entry.object, entry.changes), (Some(object), changes));
}

#[test]
fn refusals_are_those_that_any_client_can_cause() {
    use AuditAction::{Forbidden, LoginFailed, RateLimited, RefreshFailed};
    let refusals: Vec<_> = AuditAction::ALL.iter().filter(|action| action.is_refusal()).collect();
    assert_eq!(refusals, [&LoginFailed, &RefreshFailed, &Forbidden, &RateLimited]);
}

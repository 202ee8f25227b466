use super::*;

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

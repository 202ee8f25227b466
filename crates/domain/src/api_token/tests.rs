use super::*;
use chrono::DateTime;

const HASH: SecretHash = SecretHash::new([0xab; 32]);

fn new_token() -> NewApiToken {
    NewApiToken {
        epoch: 0,
        user_id: UserId::new(3),
        name: TokenName::parse("CI".to_owned()).unwrap(),
        prefix: "ft_AbCdEfGh".to_owned(),
        hash: HASH,
        scopes: Scopes::from_iter([Scope::TasksWrite, Scope::ProjectsRead]),
        reach: Reach::only(vec![ProjectId::new(9), ProjectId::new(7)]),
        created_at: Timestamp::UNIX_EPOCH,
        expires_at: None,
        quota: MAX_API_TOKENS,
        audit: None,
    }
}

#[test]
fn claims_are_of_the_token_and_its_user() {
    let token = new_token().stored(ApiTokenId::new(5));
    let key = InstanceKey::new([7; InstanceKey::LENGTH]);
    let claims = token.claims(&HASH, Role::Admin, 4, key);
    assert_eq!((claims.user_id, claims.role, claims.epoch), (UserId::new(3), Role::Admin, 4));
    assert_eq!((claims.user_key, claims.session_key, claims.session_id()), (Some(key), None, None));
    let grant = claims.api_grant().unwrap();
    assert_eq!((grant.id, grant.scopes, &grant.reach), (token.id, token.scopes, &token.reach));
    assert_eq!(claims.token_id.as_str(), "api-abababababababababababababababab");
}

#[test]
fn token_without_an_end_never_expires() {
    let token = new_token().stored(ApiTokenId::new(5));
    let expires_at =
        |token: &ApiToken| token.claims(&HASH, Role::User, 0, InstanceKey::new([7; InstanceKey::LENGTH])).expires_at;
    assert_eq!(expires_at(&token), Timestamp::MAX_UTC);
    let end = Timestamp::UNIX_EPOCH + TimeDelta::days(1);
    assert_eq!(expires_at(&ApiToken { expires_at: Some(end), ..token }), end);
}

#[test]
fn audit_has_what_the_token_allows_and_no_secret() {
    let end = DateTime::parse_from_rfc3339("2026-12-01T00:00:00Z").unwrap().to_utc();
    let text = |text: &str| AuditValue::Text(text.to_owned());
    let changes = AuditChanges::of_new_api_token(&NewApiToken { expires_at: Some(end), ..new_token() });
    let expected = [
        ("user_id", AuditValue::Null, AuditValue::Number(3)),
        ("name", AuditValue::Null, text("CI")),
        ("scopes", AuditValue::Null, text("projects:read tasks:write")),
        ("project_ids", AuditValue::Null, text("7, 9")),
        ("expires_at", AuditValue::Null, text("2026-12-01T00:00:00Z")),
    ];
    assert_eq!(changes.0, expected);
}

#[test]
fn audit_of_an_unlimited_token_names_no_limit() {
    let changes = AuditChanges::of_new_api_token(&NewApiToken { reach: Reach::All, ..new_token() });
    let fields: Vec<_> = changes.0.iter().map(|(field, ..)| *field).collect();
    assert_eq!(fields, ["user_id", "name", "scopes"]);
}

//! Lines of the audit that are committed with API tokens.

use super::shared::Ports;
use crate::{
    builders::{MOMENT, after, new_api_token},
    given,
};
use fasttrack_domain::{
    api_token::NewApiToken,
    audit::{AuditAction, AuditEntry, AuditFilter, AuditObject, Origin},
    id::UserId,
    page::PageRequest,
};

fn line(action: AuditAction) -> AuditEntry {
    AuditEntry::new(MOMENT, Some(UserId::new(3)), action, Origin::default())
}

/// Actions and objects, the oldest first.
async fn written(ports: &Ports) -> Vec<(String, Option<String>)> {
    let records = ports.audit.list(AuditFilter::default(), PageRequest::default()).await.unwrap().items;
    records.into_iter().rev().map(|record| (record.action, record.object)).collect()
}

/// The line of a new token has the id that storage assigned.
pub(super) async fn a_line_is_committed_with_an_api_token(ports: &Ports) {
    let user = given::user(ports).await.id;
    let new = NewApiToken { audit: Some(line(AuditAction::ApiTokenCreated)), ..new_api_token(user) };
    let token = ports.api_tokens.create(new).await.unwrap();
    let revoked = line(AuditAction::ApiTokenRevoked).with_object(AuditObject::ApiToken(token.id));
    assert!(ports.api_tokens.revoke(token.id, Some(user), after(1), Some(revoked)).await.unwrap().is_some());
    let object = Some(format!("token/{}", token.id));
    let expected = ["token.created", "token.revoked"];
    assert_eq!(written(ports).await, expected.map(|action| (action.to_owned(), object.clone())));
}

pub(super) async fn a_refused_api_token_has_no_line(ports: &Ports) {
    let (user, other) = (given::user(ports).await.id, given::user(ports).await.id);
    let (token, _) = given::api_token(ports, user).await;
    let new = NewApiToken { audit: Some(line(AuditAction::ApiTokenCreated)), ..new_api_token(user) };
    assert!(ports.api_tokens.create(NewApiToken { quota: 1, ..new.clone() }).await.is_err());
    assert!(ports.api_tokens.create(NewApiToken { user_id: UserId::new(i64::MAX), ..new }).await.is_err());
    let revoked = line(AuditAction::ApiTokenRevoked).with_object(AuditObject::ApiToken(token.id));
    assert_eq!(ports.api_tokens.revoke(token.id, Some(other), after(1), Some(revoked)).await.unwrap(), None);
    assert_eq!(written(ports).await, []);
}

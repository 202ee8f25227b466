//! Audit of acts on members, and of erasures.

use super::{about, told};
use fasttrack_tests::{Server, unique_email};
use serde_json::{Value, json};

#[tokio::test]
async fn every_act_on_members_is_audited_whoever_acts() {
    let server = Server::shared();
    let (ann, bob, admin) = (server.register().await, server.register().await, server.admin().await);
    let project = ann.project().await;
    ann.share(project, &bob, "viewer").await;
    admin.share(project, &bob, "editor").await;
    // The same again is no act.
    ann.share(project, &bob, "editor").await;
    let guest = unique_email("guest");
    let invitation = ann.invite(project, &guest, "commenter").await;
    ann.delete(format!("/projects/{project}/invitations/{invitation}")).await.expect(204);
    ann.post(format!("/projects/{project}/transfer"), json!({"user_id": bob.id})).await.expect(200);
    bob.remove(project, &ann).await;

    let lines = about(&admin, &format!("project/{project}")).await;
    let member = |user: i64, before: Value, after: Value| {
        let id = |role: &Value| if role.is_null() { Value::Null } else { json!(user) };
        json!({"user_id": [id(&before), id(&after)], "role": [before, after]})
    };
    let expected = [
        ("member.removed", bob.id, member(ann.id, json!("editor"), Value::Null)),
        ("project.transferred", ann.id, json!({"owner_id": [ann.id, bob.id]})),
        ("invitation.deleted", ann.id, json!({"invitation_id": [invitation, null]})),
        ("invitation.created", ann.id, json!({"role": [null, "commenter"]})),
        ("member.updated", admin.id, member(bob.id, json!("viewer"), json!("editor"))),
        ("member.added", ann.id, member(bob.id, Value::Null, json!("viewer"))),
    ];
    let expected: Vec<_> = expected.iter().map(|(action, actor, changes)| (*action, Some(*actor), changes)).collect();
    assert_eq!(told(&lines), expected);
    assert!(!format!("{lines:?}").contains(&guest), "{lines:#?}");
}

#[tokio::test]
async fn erasure_is_audited_without_the_name() {
    let server = Server::shared();
    let (ann, bob, cleo) = (server.register().await, server.register().await, server.register().await);
    let admin = server.admin().await;
    ann.erase().await.expect(204);
    admin.delete(format!("/users/{}?reassign_to={}", bob.id, cleo.id)).await.expect(204);
    for (user, actor, changes) in [(&ann, ann.id, json!({})), (&bob, admin.id, json!({"reassign_to": [null, cleo.id]}))]
    {
        let lines = about(&admin, &format!("user/{}", user.id)).await;
        assert_eq!(told(&lines)[0], ("user.erased", Some(actor), &changes));
        assert!(!format!("{lines:?}").contains(user.name()), "{lines:#?}");
    }
}

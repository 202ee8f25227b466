//! Acts on one project at the same moment have one outcome each.

use super::{Mailing, members, part};
use fasttrack_tests::{Account, Answer, Request, Server, all};
use serde_json::{Value, json};

const ROUNDS: usize = 8;

fn put(owner: &Account, project: i64, user: &Account, role: &str) -> Request {
    owner.put(format!("/projects/{project}/members/{}", user.id), json!({"role": role}))
}

fn removal(actor: &Account, project: i64, user: &Account) -> Request {
    actor.delete(format!("/projects/{project}/members/{}", user.id))
}

fn transfer(actor: &Account, project: i64, user: &Account) -> Request {
    actor.post(format!("/projects/{project}/transfer"), json!({"user_id": user.id}))
}

/// Sends two requests at once and returns both responses, in this order.
async fn both(first: Request, second: Request) -> [Answer; 2] {
    let (first, second) = tokio::join!(first.into_future(), second.into_future());
    [first, second]
}

/// Fails unless the project has exactly one owner, who is that of its payload.
async fn has_one_owner(reader: &Account, project: i64) -> i64 {
    let owner = reader.get(format!("/projects/{project}")).await.expect(200).data()["owner_id"].as_i64().unwrap();
    let members = members(reader, project).await;
    let owners: Vec<_> = members.iter().filter(|(_, role)| role == "owner").map(|(id, _)| *id).collect();
    assert_eq!(owners, [owner], "{members:?}");
    owner
}

#[tokio::test]
async fn one_of_concurrent_acceptances_succeeds() {
    let mailing = Mailing::start();
    let ann = mailing.server.register().await;
    let mut guests = Vec::new();
    for _ in 0..4 {
        guests.push(mailing.server.register().await);
    }
    for _ in 0..ROUNDS {
        let project = ann.project().await;
        let token = mailing.invitation(&ann, project, "editor").await;
        let (accepted, refused) = part(all((0..16).map(|n| guests[n % 4].accept(&token))).await, 200);
        assert_eq!((accepted.len(), refused.len()), (1, 15));
        for answer in refused {
            answer.refused(400, "invalid_invitation_token");
        }
        assert_eq!(members(&ann, project).await.len(), 2);
        let mut joined = 0;
        for guest in &guests {
            let projects = guest.get("/projects?limit=100").await.expect(200).ids();
            joined += usize::from(projects.contains(&project));
        }
        assert_eq!(joined, 1);
    }
}

#[tokio::test]
async fn invitation_is_either_withdrawn_or_accepted() {
    let mailing = Mailing::start();
    let (ann, bob) = (mailing.server.register().await, mailing.server.register().await);
    for _ in 0..ROUNDS {
        let project = ann.project().await;
        let token = mailing.invitation(&ann, project, "viewer").await;
        let path = format!("/projects/{project}/invitations");
        let id = ann.get(&path).await.expect(200).ids()[0];
        let [withdrawn, accepted] = both(ann.delete(format!("{path}/{id}")), bob.accept(&token)).await;
        let is_member = members(&ann, project).await.len() == 2;
        match (withdrawn.status, accepted.status) {
            (204, 400) => assert!(!is_member),
            (404, 200) => assert!(is_member),
            other => panic!("{other:?}"),
        }
        assert_eq!(ann.get(path).await.expect(200).ids(), [0; 0]);
    }
}

#[tokio::test]
async fn no_task_is_written_after_role_was_lowered() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    for _ in 0..ROUNDS {
        let project = ann.project().await;
        ann.share(project, &bob, "editor").await;
        let path = format!("/projects/{project}/tasks");
        let write = || bob.post(&path, json!({"title": "Dig"}));
        let requests = (0..12).map(|n| if n == 4 { put(&ann, project, &bob, "viewer") } else { write() });
        let answers = all(requests).await;
        let created = answers.iter().filter(|answer| answer.status == 201).count();
        assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 201 | 403)), "{answers:#?}");
        assert_eq!(ann.get(&path).await.expect(200).ids().len(), created);
        write().await.refused(403, "forbidden");
    }
}

#[tokio::test]
async fn concurrent_changes_of_a_role_are_one_after_the_other() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    for _ in 0..ROUNDS {
        let project = ann.project().await;
        let roles = ["viewer", "commenter", "editor"];
        let answers = all((0..12).map(|n| put(&ann, project, &bob, roles[n % 3]))).await;
        let (added, changed) = part(answers, 201);
        assert_eq!((added.len(), changed.len()), (1, 11));
        for answer in changed {
            answer.expect(200);
        }
        let members = members(&ann, project).await;
        assert!(members.len() == 2 && roles.contains(&members[1].1.as_str()), "{members:?}");
    }
    // One notification for each project.
    let last = ann.project().await;
    ann.share(last, &bob, "viewer").await;
    let mut socket = bob.follow(0).await;
    let told = socket.take(1..=i64::try_from(ROUNDS).unwrap() + 1).await;
    assert_eq!(told.last().unwrap()["data"]["project_id"], last);
}

#[tokio::test]
async fn one_of_concurrent_transfers_by_the_owner_succeeds() {
    let server = Server::shared();
    let (ann, bob, cleo) = (server.register().await, server.register().await, server.register().await);
    for _ in 0..ROUNDS {
        let project = ann.project().await;
        for member in [&bob, &cleo] {
            ann.share(project, member, "viewer").await;
        }
        let answers = all((0..8).map(|n| transfer(&ann, project, [&bob, &cleo][n % 2]))).await;
        let (done, refused) = part(answers, 200);
        assert_eq!((done.len(), refused.len()), (1, 7));
        for answer in refused {
            answer.refused(403, "forbidden");
        }
        let owner = has_one_owner(&ann, project).await;
        assert_eq!(done[0].data()["owner_id"], owner);
        let mut roles: Vec<_> = members(&ann, project).await.into_iter().map(|(_, role)| role).collect();
        roles.sort_unstable();
        assert_eq!(roles, ["editor", "owner", "viewer"]);
    }
}

#[tokio::test]
async fn concurrent_transfers_by_admins_leave_one_owner() {
    let server = Server::shared();
    let (ann, bob, admin) = (server.register().await, server.register().await, server.admin().await);
    for _ in 0..ROUNDS {
        let project = ann.project().await;
        ann.share(project, &bob, "editor").await;
        let answers = all((0..8).map(|n| transfer(&admin, project, [&ann, &bob][n % 2]))).await;
        assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 409)), "{answers:#?}");
        let owner = has_one_owner(&admin, project).await;
        assert!([ann.id, bob.id].contains(&owner));
        assert_eq!(members(&admin, project).await.len(), 2);
    }
}

#[tokio::test]
async fn owner_is_never_removed_while_project_is_transferred() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    for _ in 0..ROUNDS {
        let project = ann.project().await;
        ann.share(project, &bob, "editor").await;
        let [given, removed] = both(transfer(&ann, project, &bob), removal(&bob, project, &bob)).await;
        match (given.status, removed.status) {
            (200, 409) => assert_eq!(has_one_owner(&bob, project).await, bob.id),
            (400, 204) => {
                given.invalid_as("user_id", "not_a_member");
                assert_eq!(has_one_owner(&ann, project).await, ann.id);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn assignment_ends_or_follows_a_concurrent_removal() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    for _ in 0..2 * ROUNDS {
        let project = ann.project().await;
        ann.share(project, &bob, "viewer").await;
        let path = format!("/tasks/{}", ann.task(project, json!({})).await);
        let assignment = ann.patch(&path, json!({"assignee_id": bob.id}));
        let [assigned, removed] = both(assignment, removal(&ann, project, &bob)).await;
        assigned.expect(200);
        removed.expect(204);
        let task = ann.get(&path).await.expect(200).data();
        let seen = bob.get(&path).await.status;
        match (task["assignee_id"].as_i64(), task["version"].as_i64()) {
            // It was assigned first, or only afterwards, as anybody may be.
            (None, Some(3)) => assert_eq!(seen, 403),
            (Some(id), Some(2)) => assert_eq!((id, seen), (bob.id, 200)),
            other => panic!("{other:?}"),
        }
        bob.get(format!("/projects/{project}")).await.refused(403, "forbidden");
    }
}

#[tokio::test]
async fn nobody_becomes_member_of_a_deleted_project() {
    let mailing = Mailing::start();
    let (ann, bob, cleo) =
        (mailing.server.register().await, mailing.server.register().await, mailing.server.register().await);
    for _ in 0..ROUNDS {
        let project = ann.project().await;
        let token = mailing.invitation(&ann, project, "editor").await;
        let requests = [
            ann.delete(format!("/projects/{project}")),
            bob.accept(&token),
            put(&ann, project, &cleo, "viewer"),
            ann.post(format!("/projects/{project}/invitations"), json!({"email": bob.email, "role": "viewer"})),
        ];
        for answer in all(requests).await {
            assert!(matches!(answer.status, 200 | 201 | 204 | 400 | 404), "{answer:#?}");
        }
        for account in [&ann, &bob, &cleo] {
            account.get(format!("/projects/{project}")).await.refused(404, "not_found");
            assert_eq!(account.get("/projects").await.expect(200).ids(), [0; 0]);
            assert_eq!(account.get("/people").await.expect(200).items(), [account.person()]);
        }
    }
}

#[tokio::test]
async fn member_leaves_once_and_is_added_once() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    for _ in 0..ROUNDS {
        let project = ann.project().await;
        ann.share(project, &bob, "editor").await;
        let (left, refused) = part(all((0..6).map(|_| removal(&ann, project, &bob))).await, 204);
        assert_eq!((left.len(), refused.len()), (1, 5));
        for answer in refused {
            answer.refused(404, "not_found");
        }
        let requests =
            (0..6).map(|n| if n % 2 == 0 { put(&ann, project, &bob, "viewer") } else { removal(&ann, project, &bob) });
        let statuses: Vec<_> = all(requests).await.into_iter().map(|answer| answer.status).collect();
        let count = |status: u16| statuses.iter().filter(|it| **it == status).count();
        assert_eq!(count(200) + count(201) + count(204) + count(404), 6, "{statuses:?}");
        let is_member = members(&ann, project).await.len() == 2;
        assert_eq!(count(201) - count(204), usize::from(is_member), "{statuses:?}");
    }
}

#[tokio::test]
async fn project_and_role_are_one_state() {
    let server = Server::shared();
    let (ann, bob) = (server.register().await, server.register().await);
    let project = ann.project().await;
    ann.share(project, &bob, "editor").await;
    let patch = |n: usize| ann.patch(format!("/projects/{project}"), json!({"description": format!("{n}")}));
    let requests = (0..12).map(|n| if n == 6 { transfer(&ann, project, &bob) } else { patch(n) });
    let answers = all(requests).await;
    let changed = answers.iter().filter(|answer| answer.status == 200).count();
    assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 403)), "{answers:#?}");
    let after = bob.get(format!("/projects/{project}")).await.expect(200).data();
    let owned: Value = json!([bob.id, "owner", changed + 1]);
    assert_eq!(json!([after["owner_id"], after["role"], after["version"]]), owned);
}

//! Deliveries that name a user whose account is erased.

use super::shared::{Ports, deliver, due, lease, record};
use crate::{
    builders::{NOBODY, attempt, new_comment, new_member},
    given,
};
use fasttrack_domain::{
    event::Change,
    id::{UserId, WebhookId},
    membership::{GrantedRole, MemberChange},
    person::Person,
    ports::webhook::Recorded,
    project::Project,
    task::NewTask,
    user::User,
    webhook::{AttemptOutcome, DeliveryContent},
};

/// A project with a webhook, and changes in it that name this user: as assignee, author and member.
async fn given_changes(ports: &Ports, user: &User) -> (Project, WebhookId) {
    let (project, owner) = given::project_with_owner(ports).await;
    let webhook = given::webhook(ports, project.id).await.id;
    let assigned = |task| NewTask { assignee_id: Some(user.id), ..task };
    let task = given::task_with(ports, project.id, assigned).await;
    let found = ports.tasks.find(task.id, NOBODY).await.unwrap().unwrap();
    for author in [user.id, owner.id] {
        ports.comments.create(new_comment(&found, author), None).await.unwrap();
    }
    let change = MemberChange { is_watched: true, ..new_member(&project, user.id, GrantedRole::Viewer) };
    ports.members.put(change).await.unwrap().unwrap();
    (project, webhook)
}

/// Who caused each change, and whom it names.
fn names(content: DeliveryContent) -> (Person, Option<Person>) {
    let DeliveryContent::Change { actor, change, .. } = content else { panic!("{content:?}") };
    let named = match *change {
        Change::TaskCreated(view) => view.assignee,
        Change::CommentCreated(view) => Some(view.author),
        Change::MemberAdded(member) => Some(Person { id: member.user_id, display_name: member.display_name }),
        other => panic!("{other:?}"),
    };
    (actor, named)
}

/// The names in what is due, each delivery once that of the same subject before is recorded.
async fn sent(ports: &Ports, webhook: WebhookId) -> Vec<(Person, Option<Person>)> {
    assert_eq!(lease(ports, 1).await, [webhook]);
    let mut sent = Vec::new();
    loop {
        let due = due(ports, webhook, 1).await;
        if due.is_empty() {
            sent.sort_by_key(|(id, _)| *id);
            return sent.into_iter().map(|(_, names)| names).collect();
        }
        for due in due {
            assert_eq!(record(ports, attempt(&due, 1, AttemptOutcome::Delivered)).await, Recorded::Stored);
            sent.push((due.id, names(due.content)));
        }
    }
}

/// What [`given_changes`] names, where the user has no name any more.
fn without(owner: &Person, user: UserId) -> [(Person, Option<Person>); 4] {
    let (owner, user) = (|| owner.clone(), || Person::deleted(user));
    [(owner(), Some(user())), (user(), Some(user())), (owner(), Some(owner())), (owner(), Some(user()))]
}

async fn person(ports: &Ports, user: UserId) -> Person {
    let user = ports.users.find(user).await.unwrap().unwrap();
    Person { id: user.id, display_name: user.display_name }
}

/// Nothing else of them changes.
pub(super) async fn deliveries_have_nothing_of_the_erased_user(ports: &Ports) {
    let (user, other) = (given::user(ports).await, given::user(ports).await);
    let (project, webhook) = given_changes(ports, &user).await;
    deliver(ports).await;
    let erasure = given::erasure(ports, &other, None).await;
    given::all_portions(ports, &erasure).await;
    let erasure = given::erasure(ports, &user, None).await;
    given::all_portions(ports, &erasure).await;
    assert_eq!(given::all_portions(ports, &erasure).await, 1);
    let owner = person(ports, project.owner_id).await;
    assert_eq!(sent(ports, webhook).await, without(&owner, user.id));
}

/// The user was erased between the commit of the changes and their dispatch.
pub(super) async fn no_delivery_names_a_user_erased_before_it(ports: &Ports) {
    let user = given::user(ports).await;
    let (project, webhook) = given_changes(ports, &user).await;
    let erasure = given::erasure(ports, &user, None).await;
    deliver(ports).await;
    let owner = person(ports, project.owner_id).await;
    assert_eq!(sent(ports, webhook).await, without(&owner, user.id));
    given::all_portions(ports, &erasure).await;
}

//! Erasures at the same time as what gives the account a project or a membership, or takes it.

use super::shared::{Ports, add, all_projects, find, role, roles};
use crate::{
    builders::{after, new_project},
    contract::{conflict, simultaneously},
    given,
};
use fasttrack_domain::{
    erasure::{NewErasure, SharedProjects},
    id::ProjectId,
    membership::{GrantedRole, MemberRole},
    ports::{RepositoryError, constraint, erasure::Begun},
};
use tokio::task::yield_now;

const ROUNDS: usize = 10;

/// What came of each of two calls that were made at the same time.
#[derive(Debug)]
enum Outcome {
    Begun(Result<Begun, RepositoryError>),
    Other(Result<bool, RepositoryError>),
}

/// The result of the erasure, and of the other call.
fn split(outcomes: Vec<Outcome>) -> (Result<Begun, RepositoryError>, Result<bool, RepositoryError>) {
    let [first, second] = outcomes.try_into().unwrap();
    match (first, second) {
        (Outcome::Begun(begun), Outcome::Other(other)) | (Outcome::Other(other), Outcome::Begun(begun)) => {
            (begun, other)
        }
        both => panic!("{both:?}"),
    }
}

/// Begins again while the account is outdated, as callers do: it got a project meanwhile.
async fn begin(ports: &Ports, new: NewErasure) -> Result<Begun, RepositoryError> {
    loop {
        match ports.erasures.begin(new.clone()).await {
            Ok(Begun::Outdated) => yield_now().await,
            begun => return begun,
        }
    }
}

/// Whether the account was erased. It may be refused for this project alone.
fn is_erased(begun: Result<Begun, RepositoryError>, shared: ProjectId) -> bool {
    match begun.unwrap() {
        Begun::Erased(_) => true,
        Begun::Shared(SharedProjects(projects)) => {
            assert_eq!(projects, [shared]);
            false
        }
        Begun::Outdated => panic!("another version is stored"),
    }
}

/// The creation comes first, or is refused with `REFERENCE`.
pub(super) async fn a_project_created_during_an_erasure_goes_with_it(ports: &Ports) {
    for _ in 0..ROUNDS {
        let owner = given::user(ports).await;
        let new = owner.erase(None, after(5));
        let outcomes = simultaneously(2, |n| {
            let (ports, new, project) = (ports.clone(), new.clone(), new_project(owner.id));
            async move {
                if n == 0 {
                    Outcome::Begun(begin(&ports, new).await)
                } else {
                    Outcome::Other(ports.projects.create(project, None).await.map(|_| true))
                }
            }
        })
        .await;
        let (begun, created) = split(outcomes);
        assert!(matches!(begun, Ok(Begun::Erased(_))), "{begun:?}");
        if created.is_err() {
            assert_eq!(conflict(created), constraint::REFERENCE);
        }
        given::all_portions(ports, &new.erasure).await;
        assert_eq!(all_projects(ports).await, []);
    }
}

/// The project of the erased owner is never one that somebody has just joined.
pub(super) async fn acceptance_is_seen_or_finds_the_invitation_gone(ports: &Ports) {
    for _ in 0..ROUNDS {
        let (project, owner) = given::project_with_owner(ports).await;
        let user = given::user(ports).await.id;
        let (_, token) = given::invitation(ports, &project, GrantedRole::Viewer).await;
        let found = ports.invitations.find(token, user, after(2)).await.unwrap().unwrap();
        let (acceptance, new) = (found.accept(user, token, after(2)), owner.erase(None, after(5)));
        let outcomes = simultaneously(2, |n| {
            let (ports, new, acceptance) = (ports.clone(), new.clone(), acceptance.clone());
            async move {
                if n == 0 {
                    Outcome::Begun(begin(&ports, new).await)
                } else {
                    Outcome::Other(ports.invitations.accept(acceptance).await)
                }
            }
        })
        .await;
        let (begun, accepted) = split(outcomes);
        let is_erased = is_erased(begun, project.id);
        assert_eq!(accepted.unwrap(), !is_erased);
        if is_erased {
            given::all_portions(ports, &new.erasure).await;
            assert_eq!((find(ports, project.id).await, role(ports, project.id, user).await), (None, None));
        } else {
            assert_eq!(roles(ports, project.id).await, [(owner.id, MemberRole::Owner), (user, MemberRole::Viewer)]);
        }
    }
}

/// A member that comes too late goes with the project.
pub(super) async fn no_member_is_left_of_an_erased_project(ports: &Ports) {
    for _ in 0..ROUNDS {
        let (project, owner) = given::project_with_owner(ports).await;
        let (user, new) = (given::user(ports).await.id, owner.erase(None, after(5)));
        let outcomes = simultaneously(2, |n| {
            let (ports, new, project) = (ports.clone(), new.clone(), project.clone());
            async move {
                if n == 0 {
                    Outcome::Begun(begin(&ports, new).await)
                } else {
                    Outcome::Other(add(&ports, &project, user, 500).await)
                }
            }
        })
        .await;
        let (begun, added) = split(outcomes);
        if is_erased(begun, project.id) {
            given::all_portions(ports, &new.erasure).await;
            assert_eq!((find(ports, project.id).await, role(ports, project.id, user).await), (None, None));
        } else {
            assert!(added.unwrap());
            assert_eq!(roles(ports, project.id).await, [(owner.id, MemberRole::Owner), (user, MemberRole::Viewer)]);
        }
    }
}

/// The addition comes first and ends, or is refused with `REFERENCE`.
pub(super) async fn no_erased_user_is_left_as_a_member(ports: &Ports) {
    for _ in 0..ROUNDS {
        let (project, owner) = given::project_with_owner(ports).await;
        let user = given::user(ports).await;
        let new = user.erase(None, after(5));
        let outcomes = simultaneously(2, |n| {
            let (ports, new, project) = (ports.clone(), new.clone(), project.clone());
            async move {
                if n == 0 {
                    Outcome::Begun(begin(&ports, new).await)
                } else {
                    Outcome::Other(add(&ports, &project, user.id, 1).await)
                }
            }
        })
        .await;
        let (begun, added) = split(outcomes);
        assert!(matches!(begun, Ok(Begun::Erased(_))), "{begun:?}");
        if added.is_err() {
            assert_eq!(conflict(added), constraint::REFERENCE);
        }
        assert_eq!(roles(ports, project.id).await, [(owner.id, MemberRole::Owner)]);
        let next = given::user(ports).await.id;
        assert!(add(ports, &project, next, 1).await.unwrap());
    }
}

/// The member that is to become the owner is erased: the project stays with the former one, or its next owner stays.
pub(super) async fn a_project_is_not_transferred_to_an_erased_member(ports: &Ports) {
    for _ in 0..ROUNDS {
        let (project, owner) = given::project_with_owner(ports).await;
        let member = given::member(ports, &project, GrantedRole::Editor).await;
        let (transfer, new) = (project.transfer(member.id, 10, after(1)).unwrap(), member.erase(None, after(5)));
        let outcomes = simultaneously(2, |n| {
            let (ports, new, transfer) = (ports.clone(), new.clone(), transfer.clone());
            async move {
                if n == 0 {
                    Outcome::Begun(begin(&ports, new).await)
                } else {
                    Outcome::Other(ports.members.transfer(transfer).await.map(|transferred| transferred.is_some()))
                }
            }
        })
        .await;
        let (begun, transferred) = split(outcomes);
        if is_erased(begun, project.id) {
            assert!(!matches!(transferred, Ok(true)));
            given::all_portions(ports, &new.erasure).await;
            assert_eq!(roles(ports, project.id).await, [(owner.id, MemberRole::Owner)]);
        } else {
            assert!(transferred.unwrap());
            let expected = [(owner.id, MemberRole::Editor), (member.id, MemberRole::Owner)];
            assert_eq!(roles(ports, project.id).await, expected);
        }
    }
}

/// The owner that gives the project away is erased: it stays with the next owner.
pub(super) async fn a_project_transferred_by_an_erased_owner_stays(ports: &Ports) {
    for _ in 0..ROUNDS {
        let (project, owner) = given::project_with_owner(ports).await;
        let member = given::member(ports, &project, GrantedRole::Editor).await.id;
        let (transfer, new) = (project.transfer(member, 10, after(1)).unwrap(), owner.erase(None, after(5)));
        let outcomes = simultaneously(2, |n| {
            let (ports, new, transfer) = (ports.clone(), new.clone(), transfer.clone());
            async move {
                if n == 0 {
                    Outcome::Begun(begin(&ports, new).await)
                } else {
                    Outcome::Other(ports.members.transfer(transfer).await.map(|transferred| transferred.is_some()))
                }
            }
        })
        .await;
        let (begun, transferred) = split(outcomes);
        assert!(transferred.unwrap());
        let mut expected = vec![(owner.id, MemberRole::Editor), (member, MemberRole::Owner)];
        if is_erased(begun, project.id) {
            given::all_portions(ports, &new.erasure).await;
            expected.remove(0);
        }
        assert_eq!(roles(ports, project.id).await, expected);
    }
}

/// The receiver is erased as well: it gets the project before and it goes with it, or the first account stays.
pub(super) async fn no_project_is_passed_on_to_an_erased_receiver(ports: &Ports) {
    for _ in 0..ROUNDS {
        let (project, owner) = given::project_with_owner(ports).await;
        let receiver = given::user(ports).await;
        let erasures = [owner.erase(Some(receiver.id), after(5)), receiver.erase(None, after(5))];
        let begun = simultaneously(2, |n| {
            let (ports, new) = (ports.clone(), erasures[n].clone());
            async move { (n, begin(&ports, new).await) }
        })
        .await;
        let mut refused = None;
        for (n, begun) in begun {
            match begun {
                Ok(Begun::Erased(_)) => {}
                failed => {
                    assert_eq!((n, conflict(failed)), (0, constraint::REFERENCE));
                    refused = Some(project.clone());
                }
            }
        }
        for new in &erasures[usize::from(refused.is_some())..] {
            given::all_portions(ports, &new.erasure).await;
        }
        assert_eq!(find(ports, project.id).await, refused);
        assert!(all_projects(ports).await.iter().all(|project| project.owner_id != receiver.id));
    }
}

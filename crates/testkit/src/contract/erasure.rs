//! The first commit of an erasure, after which the account is as unknown as one that never was. What ends with it:
//! [`erasure_access`](super::erasure_access) and [`erasure_sharing`](super::erasure_sharing). What is erased later:
//! [`erasure_rest`](super::erasure_rest).

use super::{conflict, simultaneously};
use crate::{
    builders::{after, display_name, email, new_user},
    given,
};
use fasttrack_domain::{
    audit::{AuditAction, AuditEntry, AuditFilter, AuditObject, Origin},
    erasure::NewErasure,
    id::UserId,
    job::{JobPayload, WorkerId},
    page::{Limit, PageRequest},
    password::{PasswordChange, PasswordHash},
    person::{PeopleFilter, Person},
    ports::{
        audit::AuditRepository,
        constraint,
        erasure::{Begun, ErasureRepository},
        job::{JobQueue, JobSlots},
        people::PeopleRepository,
        user::UserRepository,
    },
    revocation::UserEpoch,
    user::{NewUser, Role, User, UserFilter, UserPatch},
};

contract! { $
    erasure {
        users: UserRepository,
        people: PeopleRepository,
        jobs: JobQueue,
        audit: AuditRepository,
        erasures: ErasureRepository,
    }
    an_erasure_of_another_version_changes_nothing,
    the_last_active_admin_is_not_erased,
    one_of_admins_erased_at_the_same_time_stays,
    one_of_simultaneous_erasures_succeeds,
    one_of_a_simultaneous_erasure_and_change_is_committed,
    an_erased_account_is_not_found,
    an_erased_account_is_not_changed,
    the_addresses_of_an_erased_account_are_free,
    an_erased_user_has_the_name_of_deleted_users,
    an_erasure_queues_the_job_that_finishes_it,
    mails_to_an_erased_account_are_not_sent,
    an_erasure_is_committed_with_its_audit_line,
    other_accounts_stay_as_they_are,
}

async fn begin(ports: &Ports, new: NewErasure) -> Begun {
    ports.erasures.begin(new).await.unwrap()
}

/// Leases all queued jobs and returns their payloads.
async fn payloads(ports: &Ports) -> Vec<JobPayload> {
    let worker = WorkerId::new("worker".to_owned());
    let jobs = ports.jobs.lease(worker, after(60), after(70), JobSlots::any(100)).await.unwrap();
    jobs.into_iter().map(|job| job.payload).collect()
}

async fn save(ports: &Ports, user: &User, patch: UserPatch) -> User {
    ports.users.save(user.apply(patch, after(1)).unwrap(), None).await.unwrap().unwrap()
}

/// [`Begun::Outdated`] for an older version, one that never existed, a user who doesn't, and one that is erased.
async fn an_erasure_of_another_version_changes_nothing(ports: &Ports) {
    let user = given::user(ports).await;
    let renamed =
        save(ports, &user, UserPatch { display_name: Some(display_name("Änne")), ..UserPatch::default() }).await;
    let future = User { version: 7, ..user.clone() };
    let nobody = User { id: UserId::new(i64::MAX), ..user.clone() };
    for wrong in [&user, &future, &nobody] {
        assert_eq!(begin(ports, wrong.erase(None, after(5))).await, Begun::Outdated);
    }
    assert_eq!(ports.users.find(user.id).await.unwrap().as_ref(), Some(&renamed));
    assert_eq!(payloads(ports).await, []);
    given::erasure(ports, &renamed, None).await;
    let again = User { version: renamed.version + 1, ..renamed.clone() };
    for erased in [&renamed, &again] {
        assert_eq!(begin(ports, erased.erase(None, after(5))).await, Begun::Outdated);
    }
}

/// `Conflict` with `LAST_ACTIVE_ADMIN`. An inactive one doesn't count.
async fn the_last_active_admin_is_not_erased(ports: &Ports) {
    let (admin, other) = (given::admin(ports).await, given::admin(ports).await);
    let other = given::deactivated(ports, &other).await;
    let refused = ports.erasures.begin(admin.erase(None, after(5))).await;
    assert_eq!(conflict(refused), constraint::LAST_ACTIVE_ADMIN);
    assert_eq!(ports.users.find(admin.id).await.unwrap().as_ref(), Some(&admin));
    assert_eq!(payloads(ports).await, []);
    given::erasure(ports, &other, None).await;
    given::admin(ports).await;
    given::erasure(ports, &admin, None).await;
}

/// The others are erased, or one is refused with `LAST_ACTIVE_ADMIN`.
async fn one_of_admins_erased_at_the_same_time_stays(ports: &Ports) {
    let mut admins = vec![given::admin(ports).await];
    for _ in 0..5 {
        admins.push(given::admin(ports).await);
        let begun = simultaneously(2, |n| {
            let (erasures, new) = (ports.erasures.clone(), admins[n].erase(None, after(5)));
            async move { erasures.begin(new).await }
        })
        .await;
        let (erased, refused): (Vec<_>, Vec<_>) = begun.into_iter().partition(Result::is_ok);
        assert_eq!((erased.len(), refused.len()), (1, 1));
        assert!(refused.into_iter().all(|refused| conflict(refused) == constraint::LAST_ACTIVE_ADMIN));
        let filter = UserFilter { role: Some(Role::Admin), is_active: Some(true), email: None };
        let left = ports.users.list(filter, PageRequest::default()).await.unwrap().items;
        assert!(left.len() == 1 && admins.contains(&left[0]), "{left:?}");
        admins = left;
    }
}

/// The others are outdated.
async fn one_of_simultaneous_erasures_succeeds(ports: &Ports) {
    let user = given::user(ports).await;
    let begun = simultaneously(12, |_| {
        let (erasures, new) = (ports.erasures.clone(), user.erase(None, after(5)));
        async move { erasures.begin(new).await.unwrap() }
    })
    .await;
    let (erased, others): (Vec<_>, Vec<_>) = begun.into_iter().partition(|begun| *begun != Begun::Outdated);
    assert_eq!((erased.len(), others.len()), (1, 11));
    assert!(matches!(erased[0], Begun::Erased(_)), "{erased:?}");
    assert_eq!(payloads(ports).await.len(), 1);
}

async fn one_of_a_simultaneous_erasure_and_change_is_committed(ports: &Ports) {
    for _ in 0..10 {
        let user = given::user(ports).await;
        let patch = UserPatch { display_name: Some(display_name("Änne")), ..UserPatch::default() };
        let done = simultaneously(2, |n| {
            let (ports, new) = (ports.clone(), user.erase(None, after(5)));
            let change = user.apply(patch.clone(), after(1)).unwrap();
            async move {
                if n == 0 {
                    begin(&ports, new).await != Begun::Outdated
                } else {
                    ports.users.save(change, None).await.unwrap().is_some()
                }
            }
        })
        .await;
        assert_eq!(done.into_iter().filter(|done| *done).count(), 1);
        let found = ports.users.find(user.id).await.unwrap();
        assert!(found.is_none_or(|found| found.display_name == display_name("Änne")));
    }
}

async fn an_erased_account_is_not_found(ports: &Ports) {
    let (user, other) = (given::user(ports).await, given::user(ports).await);
    given::erasure(ports, &user, None).await;
    assert_eq!(ports.users.find(user.id).await.unwrap(), None);
    assert_eq!(ports.users.credentials(user.id).await.unwrap(), None);
    assert_eq!(ports.users.find_credentials(&user.email).await.unwrap(), None);
    let placeholder = user.erase(None, after(5)).erasure.placeholder_email();
    assert_eq!(ports.users.find_credentials(&placeholder).await.unwrap(), None);
    let page = PageRequest { limit: Limit::new(100).unwrap(), cursor: None };
    for (is_active, email, expected) in [
        (None, None, vec![other.clone()]),
        (Some(true), None, vec![other]),
        (Some(false), None, vec![]),
        (None, Some(user.email), vec![]),
        (None, Some(placeholder), vec![]),
    ] {
        let filter = UserFilter { role: None, is_active, email };
        assert_eq!(ports.users.list(filter.clone(), page).await.unwrap().items, expected, "{filter:?}");
    }
}

/// Whatever was decided before, or on the version that storage has now.
async fn an_erased_account_is_not_changed(ports: &Ports) {
    let user = given::user(ports).await;
    let proven_by = ports.users.credentials(user.id).await.unwrap().unwrap().password_hash.unwrap();
    given::erasure(ports, &user, None).await;
    for version in [user.version, user.version + 1, user.version + 2] {
        let decided_on = User { version, is_active: false, ..user.clone() };
        let patch = UserPatch { is_active: Some(true), ..UserPatch::default() };
        assert_eq!(ports.users.save(decided_on.apply(patch, after(6)).unwrap(), None).await.unwrap(), None);
    }
    let password = PasswordHash::new("another".to_owned());
    let reset = ports.users.reset_password(user.id, password.clone(), after(6), None).await.unwrap();
    assert_eq!(reset, None);
    let change = PasswordChange { user_id: user.id, proven_by, password, kept: None, at: after(6) };
    assert_eq!(ports.users.change_password(change).await.unwrap(), None);
    assert_eq!(ports.users.find(user.id).await.unwrap(), None);
}

/// A pending one, too. Another account can be erased that had the same address.
async fn the_addresses_of_an_erased_account_are_free(ports: &Ports) {
    let (user, next) = (given::user(ports).await, email());
    let patch = UserPatch { email: Some(next.clone()), keeps_proven_email: true, ..UserPatch::default() };
    let pending = save(ports, &user, patch).await;
    given::erasure(ports, &pending, None).await;
    for address in [&user.email, &next] {
        for _ in 0..2 {
            let again = ports.users.create(NewUser { email: address.clone(), ..new_user() }).await.unwrap();
            assert!(again.id > user.id);
            assert_eq!(
                ports.users.find_credentials(address).await.unwrap().map(|found| found.user),
                Some(again.clone())
            );
            given::erasure(ports, &again, None).await;
        }
    }
}

/// The row itself stays, so that comments have an author.
async fn an_erased_user_has_the_name_of_deleted_users(ports: &Ports) {
    let (user, other) = (given::user(ports).await, given::user(ports).await);
    given::erasure(ports, &user, None).await;
    assert_eq!(ports.people.find(user.id).await.unwrap(), Some(Person::deleted(user.id)));
    assert_eq!(ports.people.find_by_email(&user.email).await.unwrap(), None);
    assert_eq!(ports.people.find_active(vec![user.id, other.id]).await.unwrap(), [other.person()]);
    assert_eq!(
        ports.people.list(PeopleFilter::all(other.id), PageRequest::default()).await.unwrap().items,
        [other.person()]
    );
    assert_eq!(ports.people.list(PeopleFilter::of(user.id), PageRequest::default()).await.unwrap().items, []);
}

async fn an_erasure_queues_the_job_that_finishes_it(ports: &Ports) {
    let (user, receiver) = (given::user(ports).await, given::user(ports).await);
    let new = user.erase(Some(receiver.id), after(5));
    assert_eq!(begin(ports, new.clone()).await, Begun::Erased(UserEpoch { id: user.id, epoch: user.token_epoch + 1 }));
    let [queued] = ports.jobs.list(None, after(5), PageRequest::default()).await.unwrap().items.try_into().unwrap();
    let job = new.job();
    assert_eq!((queued.kind.as_str(), queued.run_at), ("erase_user", job.created_at));
    assert_eq!(payloads(ports).await, [job.payload]);
}

async fn mails_to_an_erased_account_are_not_sent(ports: &Ports) {
    let user = ports.users.create(NewUser { email_verified: false, ..new_user() }).await.unwrap();
    let other = ports.users.create(NewUser { email_verified: false, ..new_user() }).await.unwrap();
    let new = user.erase(None, after(5));
    assert!(matches!(begin(ports, new.clone()).await, Begun::Erased(_)));
    let mut queued = payloads(ports).await;
    queued.sort_by_key(JobPayload::name);
    assert_eq!(queued, [new.job().payload, JobPayload::VerificationMail { user_id: other.id }]);
}

/// One that is not committed has none.
async fn an_erasure_is_committed_with_its_audit_line(ports: &Ports) {
    let user = given::user(ports).await;
    let entry = AuditEntry::new(after(5), Some(user.id), AuditAction::UserErased, Origin::default());
    let audit = Some(entry.with_object(AuditObject::User(user.id)));
    let new = NewErasure { audit, ..user.erase(None, after(5)) };
    let outdated = NewErasure { based_on: 404, ..new.clone() };
    assert_eq!(begin(ports, outdated).await, Begun::Outdated);
    assert!(matches!(begin(ports, new).await, Begun::Erased(_)));
    let lines = ports.audit.list(AuditFilter::default(), PageRequest::default()).await.unwrap().items;
    let [line] = lines.try_into().unwrap();
    assert_eq!((line.action.as_str(), line.object), ("user.erased", Some(format!("user/{}", user.id))));
}

async fn other_accounts_stay_as_they_are(ports: &Ports) {
    let (user, other, inactive) =
        (given::user(ports).await, given::user(ports).await, given::inactive_user(ports).await);
    given::erasure(ports, &user, None).await;
    for other in [other, inactive] {
        let found = ports.users.credentials(other.id).await.unwrap().unwrap();
        assert_eq!((found.user, found.password_hash.is_some()), (other, true));
    }
}

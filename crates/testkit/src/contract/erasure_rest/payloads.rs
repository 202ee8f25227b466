//! Jobs, held notices and audit entries that name an erased account.

use super::shared::{Ports, erase};
use crate::{
    builders::{MOMENT, after, task_names},
    given,
};
use fasttrack_domain::{
    audit::{AuditAction, AuditChanges, AuditEntry, AuditFilter, AuditObject, Origin},
    id::{JobId, UserId},
    job::{Job, JobPayload, NewJob, WorkerId},
    notice::{Admission, MAX_NOTICES},
    page::PageRequest,
    password::PasswordHash,
    person::Person,
    ports::{
        job::{Failure, JobSlots},
        outbox::Consequence,
    },
    project::Project,
    user::User,
};

/// The mail to the project's owner about this task, which `by` assigned.
fn mail(project: &Project, task: i64, by: &User) -> JobPayload {
    JobPayload::TaskAssignedMail {
        user_id: project.owner_id,
        task: task_names(project.id, task),
        assigned_by: by.display_name.clone(),
        assigned_by_id: Some(by.id),
    }
}

/// Without the name of who assigned the task.
fn without_name(mut mail: JobPayload) -> JobPayload {
    match &mut mail {
        JobPayload::TaskAssignedMail { assigned_by, .. } => *assigned_by = Person::deleted_name(),
        other => panic!("{other:?}"),
    }
    mail
}

async fn enqueue(ports: &Ports, payloads: impl IntoIterator<Item = JobPayload>) {
    let job = |payload| Consequence::Enqueue(NewJob { payload, created_at: MOMENT });
    given::consequences(ports, payloads.into_iter().map(job).collect()).await;
}

/// Leases every job that can be, for ten minutes.
async fn lease(ports: &Ports, minutes: i64) -> Vec<Job> {
    let worker = WorkerId::new("worker".to_owned());
    ports.jobs.lease(worker, after(minutes), after(minutes + 10), JobSlots::any(100)).await.unwrap()
}

/// Makes every queued job a dead letter.
async fn give_up(ports: &Ports) {
    for job in lease(ports, 1).await {
        let failure = Failure { error: "no answer".to_owned(), at: after(1), retry_at: None };
        assert!(ports.jobs.fail(job.id, WorkerId::new("worker".to_owned()), failure).await.unwrap());
    }
}

async fn kinds(ports: &Ports) -> Vec<String> {
    let jobs = ports.jobs.list(None, after(60), PageRequest::default()).await.unwrap().items;
    jobs.into_iter().map(|job| job.kind).collect()
}

/// Dead ones, too. A former release stored the name alone.
pub(super) async fn the_name_is_replaced_in_mails_to_others(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let (user, other) = (given::user(ports).await, given::user(ports).await);
    let former = JobPayload::TaskAssignedMail {
        user_id: project.owner_id,
        task: task_names(project.id, 4),
        assigned_by: user.display_name.clone(),
        assigned_by_id: None,
    };
    let namesake = User { display_name: user.display_name.clone(), ..other.clone() };
    let (dead, queued) = (mail(&project, 1, &user), mail(&project, 2, &user));
    let kept = [mail(&project, 3, &other), mail(&project, 5, &namesake)];
    enqueue(ports, [dead.clone()]).await;
    give_up(ports).await;
    enqueue(ports, kept.iter().cloned().chain([queued.clone(), former.clone()])).await;
    erase(ports, &user, None).await;

    assert_eq!(ports.jobs.retry_all(after(6)).await.unwrap(), 1);
    let is_mail = |payload: &JobPayload| matches!(payload, JobPayload::TaskAssignedMail { .. });
    let left: Vec<_> = lease(ports, 60).await.into_iter().map(|job| job.payload).filter(is_mail).collect();
    assert_eq!(left.len(), 5, "{left:#?}");
    for expected in [without_name(dead), without_name(queued), without_name(former)].into_iter().chain(kept) {
        assert!(left.contains(&expected), "{expected:?} in {left:#?}");
    }
}

/// Whether they are queued or dead.
pub(super) async fn mails_to_the_erased_user_are_deleted(ports: &Ports) {
    let (project, user) = given::project_with_owner(ports).await;
    let other = given::user(ports).await;
    let password = PasswordHash::new("another".to_owned());
    for is_dead in [true, false] {
        enqueue(ports, [mail(&project, 1, &other), mail(&project, 2, &other)]).await;
        ports.users.reset_password(user.id, password.clone(), after(0), None).await.unwrap().unwrap();
        ports.resets.request(user.email.clone(), after(0)).await.unwrap();
        if is_dead {
            give_up(ports).await;
        }
    }
    assert_eq!(kinds(ports).await.len(), 8);
    let user = ports.users.find(user.id).await.unwrap().unwrap();
    erase(ports, &user, None).await;
    assert!(kinds(ports).await.is_empty());
}

/// The address may be another account's by then.
pub(super) async fn jobs_from_after_the_erasure_stay(ports: &Ports) {
    let user = given::user(ports).await;
    ports.resets.request(user.email.clone(), after(4)).await.unwrap();
    let erasure = given::erasure(ports, &user, None).await;
    assert_eq!(kinds(ports).await, ["erase_user"]);
    ports.resets.request(user.email.clone(), after(6)).await.unwrap();
    given::all_portions(ports, &erasure).await;
    assert_eq!(kinds(ports).await, ["password_reset_mail"]);
}

/// Admits a mail with a nonce of its own.
async fn admit(ports: &Ports, payload: JobPayload, minutes: i64) -> (Job, Admission) {
    let nonce = format!("nonce {minutes} {}", payload.key().unwrap());
    let class = payload.class().unwrap();
    let job = Job { id: JobId::new(1), payload, attempt: 1, nonce };
    let admission = ports.notices.admit(job.clone(), class, after(minutes)).await.unwrap();
    (job, admission)
}

/// The notices that the user's next digest has.
async fn digest(ports: &Ports, user_id: UserId) -> Vec<JobPayload> {
    let (job, admission) = admit(ports, JobPayload::DigestMail { user_id }, 120).await;
    assert_eq!(admission, Admission::Send);
    ports.notices.digest(user_id, job.nonce).await.unwrap().payloads
}

/// Those of others lose the name, and those for the erased user are deleted.
pub(super) async fn held_notices_have_nothing_of_the_erased_user(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let (own, user) = given::project_with_owner(ports).await;
    let held = |of, by| [mail(of, 501, by), mail(of, 502, by)];
    let (by_user, by_owner) = (mail(&project, 503, &user), held(&project, &owner));
    for of in [&project, &own] {
        for task in 0..i64::try_from(MAX_NOTICES).unwrap() {
            assert_eq!(admit(ports, mail(of, task, &owner), 0).await.1, Admission::Send);
        }
    }
    for payload in by_owner.iter().cloned().chain([by_user.clone()]).chain(held(&own, &owner)) {
        assert_eq!(admit(ports, payload, 1).await.1, Admission::Held { digest_at: after(60) });
    }
    erase(ports, &user, None).await;
    assert_eq!(digest(ports, user.id).await, []);
    let [first, second] = by_owner;
    assert_eq!(digest(ports, owner.id).await, [first, second, without_name(by_user)]);
}

/// A worker may have read the mail before the erasure.
pub(super) async fn no_mail_is_counted_for_an_erased_user(ports: &Ports) {
    let (project, user) = given::project_with_owner(ports).await;
    erase(ports, &user, None).await;
    for task in 0..=i64::try_from(MAX_NOTICES).unwrap() {
        assert_eq!(admit(ports, mail(&project, task, &user), 10).await.1, Admission::Send);
    }
}

/// Who did what stays.
pub(super) async fn personal_values_in_audit_entries_become_null(ports: &Ports) {
    let (user, other) = (given::user(ports).await, given::user(ports).await);
    let changes = AuditChanges::default()
        .field("display_name", "Ann \"email\":", "Zoë")
        .field("email", "ann@example.org", "zoe@example.org")
        .field("role", "user", "admin");
    let entry = |object| {
        let entry = AuditEntry::new(MOMENT, Some(user.id), AuditAction::UserUpdated, Origin::default());
        entry.with_object(object).with_changes(changes.clone())
    };
    let renamed = AuditChanges::default().field("display_name", "Ann", "Zoë");
    let renamed = entry(AuditObject::User(user.id)).with_changes(renamed);
    let entries = vec![entry(AuditObject::User(user.id)), entry(AuditObject::User(other.id)), renamed];
    ports.audit.append(entries).await.unwrap();
    let mut expected = ports.audit.list(AuditFilter::default(), PageRequest::default()).await.unwrap().items;
    expected[0].changes = String::from(r#"{"display_name":[null,null]}"#);
    expected[2].changes = String::from(r#"{"display_name":[null,null],"email":[null,null],"role":["user","admin"]}"#);
    erase(ports, &user, None).await;
    let found = ports.audit.list(AuditFilter::default(), PageRequest::default()).await.unwrap().items;
    assert_eq!(found, expected);
}

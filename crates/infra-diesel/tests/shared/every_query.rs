//! Every query that the repositories make, for the tests of query plans.

mod api_tokens;
mod change_queries;
mod webhook_queries;

use chrono::DateTime;
use fasttrack_domain::{
    api_token::Reach,
    audit::{AuditAction, AuditChanges, AuditEntry, AuditFilter, Origin},
    email::Email,
    id::{CommentId, JobId, LabelId, ProjectId, SessionId, TaskId, UserId},
    idempotency::IdempotencyKey,
    identity::ExternalSubject,
    job::{Job, JobPayload, JobState, WorkerId},
    label::LabelPatch,
    membership::{GrantedRole, MemberRole},
    notice::MailClass,
    page::{Cursor, PageRequest},
    password::{PasswordChange, PasswordHash},
    password_reset::{NewPasswordReset, Redemption},
    person::PeopleFilter,
    ports::{
        Repositories,
        job::{Failure, JobQueue, JobSlots},
        outbox::Consequence,
    },
    project::{Project, ProjectFilter, ProjectStatus},
    rate_limit::Quota,
    statistics::StatisticsDelta,
    task::{IdFilter, NewTask, TaskCursor, TaskFilter, TaskPriority, TaskProject, TaskQuery, TaskStatus},
    ticket::SecretHash,
    token::{AccessClaims, RefreshClaims, TokenId, TokenSource},
    user::{Role, UserFilter, UserPatch},
};
use fasttrack_testkit::builders::{
    MOMENT, NOBODY, after, comment_removal, identity, label_name, member_removal, new_email_verification,
    new_invitation, new_invitation_token, new_label, new_member, new_notification, new_project, new_session, new_task,
    new_ticket, new_user, reminders, subscriber,
};
use std::{net::IpAddr, num::NonZeroU32, slice, sync::Arc};

/// All but `retry_all`, which operators call: it reads every job.
async fn call_the_queue(jobs: &dyn JobQueue) {
    let (id, worker, now) = (JobId::new(1), WorkerId::new("w".to_owned()), DateTime::UNIX_EPOCH);
    assert_eq!(jobs.lease(worker.clone(), now, now, JobSlots::any(10)).await.unwrap().len(), 1);
    jobs.extend(vec![id], worker.clone(), now).await.unwrap();
    jobs.complete(id, worker.clone()).await.unwrap();
    let failure = Failure { error: "no".to_owned(), at: now, retry_at: Some(now) };
    jobs.fail(id, worker.clone(), failure).await.unwrap();
    jobs.release(worker).await.unwrap();
    jobs.retry(id, now).await.unwrap();
    jobs.delete_dead(now, 10).await.unwrap();
    for state in [None, Some(JobState::Queued), Some(JobState::Running), Some(JobState::Dead)] {
        jobs.list(state, now, PageRequest { cursor: Some(Cursor::after(1)), ..PageRequest::default() }).await.unwrap();
    }
}

/// A user's project, and an event of it that waits.
pub async fn given_an_event(repositories: &Repositories) -> Project {
    let user = repositories.users.create(new_user()).await.unwrap().id;
    let project = repositories.projects.create(new_project(user), None).await.unwrap();
    let within = TaskProject::new(project.clone(), Some(MemberRole::Owner));
    repositories.tasks.create(new_task(&within), None).await.unwrap();
    project
}

async fn call_the_outbox(repositories: &Repositories, Project { id: project, owner_id: user, .. }: Project) {
    let Repositories { outbox, notifications, statistics, .. } = repositories;
    let notify_and_count = subscriber(move |event, _| {
        let count = StatisticsDelta::of(event).map(Consequence::Count);
        let notification = new_notification(event.actor_id().unwrap(), project, 1);
        count.into_iter().chain([Consequence::Notify(notification)]).collect()
    });
    assert_eq!(outbox.dispatch(Arc::new([notify_and_count]), 10).await.unwrap().heads.len(), 1);
    let page = PageRequest { cursor: Some(Cursor::after(2)), ..PageRequest::default() };
    for unread in [false, true] {
        assert_eq!(notifications.list(user, unread, page).await.unwrap().items.len(), 1);
    }
    notifications.after(user, 0, 10).await.unwrap();
    notifications.heads(vec![user]).await.unwrap();
    notifications.mark_read(user, 1).await.unwrap();
    notifications.delete_until(DateTime::UNIX_EPOCH, 10).await.unwrap();
    assert!(statistics.find(project, NOBODY).await.unwrap().is_some());
}

async fn call_notices(repositories: &Repositories) {
    let Repositories { notices, .. } = repositories;
    let (user_id, now) = (UserId::new(1), DateTime::UNIX_EPOCH);
    for n in 0..23_i64 {
        let payload = JobPayload::DigestMail { user_id };
        let job = Job { id: JobId::new(n), payload, attempt: 1, nonce: n.to_string() };
        let class = MailClass::Task { user_id, task_id: TaskId::new(n) };
        notices.admit(job, class, now).await.unwrap();
    }
    let digest =
        Job { id: JobId::new(1), payload: JobPayload::DigestMail { user_id }, attempt: 1, nonce: "d".to_owned() };
    notices.admit(digest.clone(), MailClass::Digest { user_id }, now).await.unwrap();
    assert_eq!(notices.digest(user_id, digest.nonce.clone()).await.unwrap().payloads.len(), 3);
    notices.digest_sent(user_id, digest.nonce).await.unwrap();
    notices.delete_expired(now, 100).await.unwrap();
}

async fn call_passwords(repositories: &Repositories) {
    let Repositories { users, sessions, resets, verifications, .. } = repositories;
    let (user, now, hash) = (UserId::new(1), DateTime::UNIX_EPOCH, SecretHash::new([7; 32]));
    let page = PageRequest { cursor: Some(Cursor::after(1)), ..PageRequest::default() };
    users.credentials(user).await.unwrap();
    repositories.password_costs.highest().await.unwrap();
    let [former, password] = ["old", "new"].map(|hash| PasswordHash::new(hash.to_owned()));
    users.reset_password(user, former.clone(), now, None).await.unwrap();
    let change = PasswordChange { user_id: user, proven_by: former, password: password.clone(), kept: None, at: now };
    users.change_password(change).await.unwrap().unwrap();
    sessions.list(user, now, page).await.unwrap();
    sessions.open(new_session(user)).await.unwrap().unwrap();
    sessions.end(vec![SessionId::new(1)], user, now).await.unwrap();
    for _ in 0..2 {
        resets.request(Email::parse("ann@example.org").unwrap(), now).await.unwrap();
    }
    let email = users.find(user).await.unwrap().unwrap().email;
    let reset = NewPasswordReset { user_id: user, email, hash, again: false, created_at: now };
    assert!(resets.create(reset).await.unwrap());
    resets.find(hash, now).await.unwrap();
    resets.redeem(Redemption { hash, password, at: now }).await.unwrap().unwrap();
    resets.delete_expired(now, 10).await.unwrap();

    let found = users.find(user).await.unwrap().unwrap();
    let patch = UserPatch { email: Some(Email::parse("moved@example.org").unwrap()), ..UserPatch::default() };
    let moved = users.save(found.apply(patch, now).unwrap(), None).await.unwrap().unwrap();
    verifications.request(user, now).await.unwrap();
    let verification = new_email_verification(&moved);
    let at = verification.created_at;
    assert!(verifications.create(verification.clone()).await.unwrap());
    verifications.redeem(verification.hash, at).await.unwrap().unwrap();
    verifications.delete_expired(at, 10).await.unwrap();
}

async fn call_sharing(repositories: &Repositories, project: &Project) {
    let Repositories { users, members, invitations, people, exports, .. } = repositories;
    let (user, at) = (users.create(new_user()).await.unwrap(), MOMENT);
    let page = PageRequest { cursor: Some(Cursor::after(1)), ..PageRequest::default() };
    let invitation = invitations.create(new_invitation(project, GrantedRole::Viewer)).await.unwrap();
    let token = new_invitation_token(invitation.id);
    assert!(invitations.set_token(token.clone()).await.unwrap());
    invitations.list(project.id, user.id, at, page).await.unwrap().unwrap();
    invitations.find_to_send(invitation.id, at).await.unwrap().unwrap();
    let found = invitations.find(token.hash, user.id, at).await.unwrap().unwrap();
    assert!(invitations.accept(found.accept(user.id, token.hash, at)).await.unwrap());
    invitations.delete(project.id, invitation.id, at, None).await.unwrap();
    invitations.delete_expired(at, 10).await.unwrap();
    members.list(project.id, user.id, page).await.unwrap().unwrap();
    members.find(project.id, user.id).await.unwrap().unwrap();
    assert!(members.remove(member_removal(project.id, user.id, MemberRole::Viewer)).await.unwrap());
    members.put(new_member(project, user.id, GrantedRole::Editor)).await.unwrap().unwrap();
    for reach in [Reach::All, Reach::only(vec![project.id])] {
        for all in [false, true] {
            people.list(PeopleFilter { reader: user.id, all, reach: reach.clone() }, page).await.unwrap();
        }
    }
    people.find(user.id).await.unwrap().unwrap();
    assert_eq!(people.find_active(vec![user.id]).await.unwrap().len(), 1);
    people.find_by_email(&user.email).await.unwrap().unwrap();
    exports.identities(user.id).await.unwrap();
    exports.comments_in_project(project.id, Some((TaskId::new(1), CommentId::new(1))), 10).await.unwrap();
    exports.comments_elsewhere(user.id, page).await.unwrap();
}

async fn call_labels_and_reminders(repositories: &Repositories, project: &Project) {
    let Repositories { tasks, labels, reminders: given, .. } = repositories;
    let (user, page) = (project.owner_id, PageRequest { cursor: Some(Cursor::after(1)), ..PageRequest::default() });
    let label = labels.create(new_label(project.id)).await.unwrap();
    labels.list(project.id, user, page).await.unwrap().unwrap();
    labels.find(label.id, user).await.unwrap().unwrap();
    // A few are found by their ids, many among all of the project.
    for count in [1, 30] {
        let ids = (0..count).map(|n| LabelId::new(label.id.get() + n)).collect();
        assert_eq!(labels.find_in_project(project.id, ids).await.unwrap(), slice::from_ref(&label));
    }
    let patch = LabelPatch { name: Some(label_name("Urgent")), color: None };
    labels.save(label.apply(patch, MOMENT).unwrap()).await.unwrap().unwrap();
    assert!(labels.delete(label.id, MOMENT, None).await.unwrap());

    let within = TaskProject::new(project.clone(), Some(MemberRole::Owner));
    for _ in 0..2 {
        let task = NewTask { reminders: reminders(&[after(1)]), ..new_task(&within) };
        tasks.create(task, None).await.unwrap();
    }
    assert_eq!(given.give(after(1), 10).await.unwrap().events, 2);
}

async fn call_the_rest(repositories: &Repositories) {
    let Repositories {
        users,
        projects,
        tasks,
        comments,
        sessions,
        revocations,
        idempotency,
        jobs,
        tickets,
        login_attempts,
        identities,
        audit,
        health,
        ..
    } = repositories;
    let (user, project, task, now) = (UserId::new(1), ProjectId::new(1), TaskId::new(1), DateTime::UNIX_EPOCH);
    let page = PageRequest { cursor: Some(Cursor::after(1)), ..PageRequest::default() };
    let email = Email::parse("ann@example.org").unwrap();

    users.find(user).await.unwrap();
    users.find_credentials(&email).await.unwrap();
    for role in [None, Some(Role::Admin)] {
        for is_active in [None, Some(true)] {
            for email in [None, Some(email.clone())] {
                users.list(UserFilter { role, is_active, email }, page).await.unwrap();
            }
        }
    }
    let found = tasks.find(task, user).await.unwrap().unwrap();
    projects.find(project, user).await.unwrap();
    projects.find_inbox(user).await.unwrap();
    projects.delete(project, 1, MOMENT, None).await.unwrap();
    for status in [None, Some(ProjectStatus::Active)] {
        for (all, role) in [(true, None), (false, None), (false, Some(MemberRole::Editor))] {
            projects.list(ProjectFilter { all, role, status, ..ProjectFilter::of(user) }, page).await.unwrap();
        }
    }
    tasks.find_project(project, user).await.unwrap();
    tasks.delete(found.remove(user, now)).await.unwrap();
    let tasks_page = page.map(TaskCursor::from);
    for status in [None, Some(TaskStatus::Todo)] {
        for priority in [None, Some(TaskPriority::Low)] {
            for assignee_id in [None, Some(IdFilter::Id(user))] {
                for completed in [None, Some(false)] {
                    let filter = TaskFilter { status, priority, assignee_id, completed, ..TaskFilter::default() };
                    let query = TaskQuery { filter, ..TaskQuery::default() };
                    tasks.list_assigned(user, query.clone(), tasks_page.clone()).await.unwrap();
                    tasks.list_in_project(project, user, query, tasks_page.clone()).await.unwrap();
                }
            }
        }
    }
    comments.find(CommentId::new(1)).await.unwrap();
    comments.delete(comment_removal(CommentId::new(1))).await.unwrap();
    comments.list_on_task(task, user, page).await.unwrap();
    sessions.end(vec![SessionId::new(1)], user, now).await.unwrap();
    sessions.delete_expired(now).await.unwrap();
    revocations.since(1).await.unwrap();
    let claims = new_ticket(user).claims;
    let subject = ExternalSubject::parse("subject".to_owned()).unwrap();
    revocations.confirms(claims.clone(), now).await.unwrap();
    revocations.confirms(AccessClaims { source: TokenSource::External(subject), ..claims }, now).await.unwrap();
    let (token_id, session_id) = (TokenId::new("refresh".to_owned()), SessionId::new(1));
    let refresh = RefreshClaims { user_id: user, session_id, session_key: None, token_id, expires_at: now };
    sessions.accepts(refresh, now).await.unwrap();
    revocations.delete_expired(now).await.unwrap();
    idempotency.find(user, &IdempotencyKey::parse("k".to_owned()).unwrap(), now).await.unwrap();
    idempotency.delete_expired(now, 10).await.unwrap();
    call_the_queue(jobs.as_ref()).await;
    tickets.redeem(SecretHash::new([7; 32]), now).await.unwrap();
    tickets.delete_expired(now, 10).await.unwrap();
    let network = IpAddr::from([203, 0, 113, 7]).into();
    let quota = Quota { limit: NonZeroU32::MIN, window_seconds: NonZeroU32::MIN };
    for _ in 0..2 {
        let attempt = login_attempts.begin(network, quota, now).await.unwrap();
        login_attempts.forgive(attempt.id.unwrap()).await.unwrap();
    }
    login_attempts.delete_outside(now, now).await.unwrap();
    identities.find(&identity()).await.unwrap();
    let line = AuditEntry::new(now, Some(user), AuditAction::Login, Origin::default());
    let written = audit.append(vec![line]).await.unwrap();
    audit.recount(vec![(written[0], AuditChanges::default())]).await.unwrap();
    let behind = PageRequest { cursor: Some(Cursor::after(written[0].get())), ..page };
    audit.list(AuditFilter { since: Some(now), ..AuditFilter::default() }, behind).await.unwrap();
    audit.delete_until(now, 10).await.unwrap();
    health.check().await.unwrap();
}

/// Calls the methods of the repositories whose queries have to use an index, the lists with every filter. `project` is that
/// of [`given_an_event`].
pub async fn call(repositories: &Repositories, project: Project) {
    call_the_outbox(repositories, project.clone()).await;
    call_sharing(repositories, &project).await;
    api_tokens::call(repositories, &project).await;
    call_labels_and_reminders(repositories, &project).await;
    webhook_queries::call(repositories, &project).await;
    call_the_rest(repositories).await;
    call_passwords(repositories).await;
    call_notices(repositories).await;
    change_queries::call(repositories).await;
}

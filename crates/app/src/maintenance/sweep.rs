use super::Maintenance;
use crate::{Error, auth::limit_logins::WINDOW_SECONDS};
use chrono::TimeDelta;
use fasttrack_domain::{
    api_token::ENDED_TOKEN_RETENTION,
    event::{ProjectChanged, TaskEventKind, Touched},
    ports::RepositoryError,
    webhook::DELIVERY_RETENTION,
};

/// How long an ended session is kept, so that a late reuse of its refresh tokens is still recognized.
const SESSION_REST: TimeDelta = TimeDelta::days(1);

/// Dead jobs are kept for this long, so that operators can inspect and retry them.
const DEAD_JOBS: TimeDelta = TimeDelta::days(30);

/// Rows that are deleted in one transaction: a few milliseconds' work, so that other writers don't wait long.
const PORTION: u32 = 500;

/// The number of deleted rows of each kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Swept {
    pub revocations: u64,
    pub sessions: u64,
    /// API tokens that ended long ago.
    pub api_tokens: u64,
    /// Idempotency records.
    pub requests: u64,
    pub tickets: u64,
    pub resets: u64,
    pub verifications: u64,
    /// Invitations, and the counts of mails with one.
    pub invitations: u64,
    /// Failed logins.
    pub attempts: u64,
    pub notifications: u64,
    pub dead_jobs: u64,
    /// Sent notice mails that no longer count against a limit.
    pub notices: u64,
    pub audit_lines: u64,
    /// Deliveries of webhooks that have ended.
    pub deliveries: u64,
    /// Deleted things and lost access in the change feed.
    pub changes: u64,
}

/// Deletes portion after portion until one isn't full. Returns the number of rows.
async fn in_portions<F>(delete: impl Fn() -> F) -> Result<u64, RepositoryError>
where
    F: Future<Output = Result<u64, RepositoryError>>,
{
    let mut total = 0;
    loop {
        let deleted = delete().await?;
        total += deleted;
        if deleted < PORTION.into() {
            return Ok(total);
        }
    }
}

impl Maintenance {
    // @spec SPEC-011
    /// Deletes expired rows, and retries the events of reminders, webhooks and the change feed that a node of a former
    /// release has set aside. Any number of nodes may do so at once. If one kind fails, the others are deleted all the same.
    pub async fn sweep(&self) -> Result<Swept, Error> {
        let now = self.clock.now();
        let revocations = self.revocations.delete_expired(now).await;
        let sessions = self.sessions.delete_expired(now - SESSION_REST).await;
        let api_tokens = self.api_tokens.delete_ended(now - ENDED_TOKEN_RETENTION).await;
        let requests = in_portions(|| self.idempotency.delete_expired(now, PORTION)).await;
        let tickets = in_portions(|| self.tickets.delete_expired(now, PORTION)).await;
        let resets = in_portions(|| self.resets.delete_expired(now, PORTION)).await;
        let verifications = in_portions(|| self.verifications.delete_expired(now, PORTION)).await;
        let invitations = in_portions(|| self.invitations.delete_expired(now, PORTION)).await;
        let window = TimeDelta::seconds(WINDOW_SECONDS.get().into());
        let attempts = self.login_attempts.delete_outside(now - window, now + window).await;
        let old = now - self.retention.notifications;
        let notifications = in_portions(|| self.notifications.delete_until(old, PORTION)).await;
        let old = now - self.retention.audit;
        let audit_lines = in_portions(|| self.audit.delete_until(old, PORTION)).await;
        let dead_jobs = in_portions(|| self.jobs.delete_dead(now - DEAD_JOBS, PORTION)).await;
        let notices = in_portions(|| self.notices.delete_expired(now, PORTION)).await;
        let old = now - DELIVERY_RETENTION;
        let deliveries = in_portions(|| self.webhooks.delete_ended(old, PORTION)).await;
        let old = now - self.retention.changes;
        let changes = in_portions(|| self.changes.prune(old, PORTION)).await;
        for kind in [TaskEventKind::REMINDER_DUE, ProjectChanged::NAME, Touched::NAME] {
            self.outbox.retry_set_aside(kind).await?;
        }
        Ok(Swept {
            revocations: revocations?,
            sessions: sessions?,
            api_tokens: api_tokens?,
            requests: requests?,
            tickets: tickets?,
            resets: resets?,
            verifications: verifications?,
            invitations: invitations?,
            attempts: attempts?,
            notifications: notifications?,
            dead_jobs: dead_jobs?,
            notices: notices?,
            audit_lines: audit_lines?,
            deliveries: deliveries?,
            changes: changes?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Retention;
    use crate::fixtures::{now, run, unavailable};
    use fasttrack_domain::ports::{
        api_token::MockApiTokenRepository, audit::MockAuditRepository, change::MockChangeFeed,
        email_verification::MockEmailVerificationRepository, idempotency::MockIdempotencyRepository,
        invitation::MockInvitationRepository, job::MockJobQueue, notice::MockNoticeRepository,
        notification::MockNotificationRepository, outbox::MockOutbox, password_reset::MockPasswordResetRepository,
        rate_limit::MockLoginAttempts, revocation::MockRevocationRepository, session::MockSessionRepository,
        ticket::MockTicketRepository, webhook::MockWebhookRepository,
    };
    use std::sync::Arc;

    fn sweep(revocations_swept: Result<u64, RepositoryError>) -> Result<Swept, Error> {
        let mut revocations = MockRevocationRepository::new();
        revocations.expect_delete_expired().times(1).withf(|at| *at == now()).return_once(|_| revocations_swept);
        let mut sessions = MockSessionRepository::new();
        let a_day_ago = now() - TimeDelta::days(1);
        sessions.expect_delete_expired().times(1).withf(move |before| *before == a_day_ago).return_once(|_| Ok(2));
        let mut api_tokens = MockApiTokenRepository::new();
        let remembered = now() - TimeDelta::days(90);
        api_tokens.expect_delete_ended().times(1).withf(move |before| *before == remembered).return_once(|_| Ok(11));
        let mut idempotency = MockIdempotencyRepository::new();
        // A full portion is followed by another.
        for deleted in [500, 500, 3] {
            idempotency
                .expect_delete_expired()
                .times(1)
                .withf(|at, limit| (*at, *limit) == (now(), 500))
                .return_once(move |_, _| Ok(deleted));
        }
        let mut tickets = MockTicketRepository::new();
        tickets.expect_delete_expired().times(1).withf(|at, _| *at == now()).return_once(|_, _| Ok(4));
        let mut resets = MockPasswordResetRepository::new();
        resets.expect_delete_expired().times(1).withf(|at, _| *at == now()).return_once(|_, _| Ok(5));
        let mut verifications = MockEmailVerificationRepository::new();
        verifications.expect_delete_expired().times(1).withf(|at, _| *at == now()).return_once(|_, _| Ok(9));
        let mut invitations = MockInvitationRepository::new();
        invitations.expect_delete_expired().times(1).withf(|at, _| *at == now()).return_once(|_, _| Ok(10));
        let mut attempts = MockLoginAttempts::new();
        let minute = TimeDelta::minutes(1);
        attempts
            .expect_delete_outside()
            .times(1)
            .withf(move |begin, end| (*begin, *end) == (now() - minute, now() + minute))
            .return_once(|_, _| Ok(6));
        let mut notifications = MockNotificationRepository::new();
        let retained = now() - TimeDelta::days(90);
        notifications.expect_delete_until().times(1).withf(move |at, _| *at == retained).return_once(|_, _| Ok(7));
        let mut jobs = MockJobQueue::new();
        let a_month_ago = now() - TimeDelta::days(30);
        jobs.expect_delete_dead().times(1).withf(move |at, _| *at == a_month_ago).return_once(|_, _| Ok(8));
        let mut notices = MockNoticeRepository::new();
        notices.expect_delete_expired().times(1).withf(|at, _| *at == now()).return_once(|_, _| Ok(9));
        let mut audit = MockAuditRepository::new();
        let a_year_ago = now() - TimeDelta::days(365);
        audit.expect_delete_until().times(1).withf(move |at, _| *at == a_year_ago).return_once(|_, _| Ok(9));
        let mut outbox = MockOutbox::new();
        for kind in ["reminder_due", "project_changed", "touched"] {
            outbox.expect_retry_set_aside().times(1).withf(move |given| given == kind).return_once(|_| Ok(1));
        }
        let mut webhooks = MockWebhookRepository::new();
        webhooks.expect_delete_ended().times(1).withf(move |at, _| *at == a_month_ago).return_once(|_, _| Ok(11));
        let mut changes = MockChangeFeed::new();
        for pruned in [500, 12] {
            changes
                .expect_prune()
                .times(1)
                .withf(move |before, limit| (*before, *limit) == (retained, 500))
                .return_once(move |_, _| Ok(pruned));
        }
        let sweep = Maintenance {
            revocations: Arc::new(revocations),
            sessions: Arc::new(sessions),
            api_tokens: Arc::new(api_tokens),
            idempotency: Arc::new(idempotency),
            tickets: Arc::new(tickets),
            resets: Arc::new(resets),
            verifications: Arc::new(verifications),
            invitations: Arc::new(invitations),
            login_attempts: Arc::new(attempts),
            notifications: Arc::new(notifications),
            outbox: Arc::new(outbox),
            jobs: Arc::new(jobs),
            notices: Arc::new(notices),
            audit: Arc::new(audit),
            webhooks: Arc::new(webhooks),
            changes: Arc::new(changes),
            retention: Retention::default(),
            ..Maintenance::mocked()
        };
        run(sweep.sweep())
    }

    #[test]
    fn whatever_is_over_or_too_old_is_swept() {
        let swept = Swept {
            revocations: 1,
            sessions: 2,
            api_tokens: 11,
            requests: 1003,
            tickets: 4,
            resets: 5,
            verifications: 9,
            invitations: 10,
            attempts: 6,
            notifications: 7,
            dead_jobs: 8,
            notices: 9,
            audit_lines: 9,
            deliveries: 11,
            changes: 512,
        };
        assert_eq!(sweep(Ok(1)).unwrap(), swept);
    }

    #[test]
    fn what_can_not_be_swept_keeps_the_rest_from_nothing() {
        assert!(matches!(sweep(Err(unavailable())), Err(Error::Unavailable { .. })));
    }
}

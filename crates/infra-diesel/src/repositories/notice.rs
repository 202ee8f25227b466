//! Limits mails of notice, and collects the rest in digests.

use super::super::run_query_dsl::RunQueryDsl;
use super::{
    Connection, Database, Error, Lock, SqlTimestamp,
    delete_batch::delete_batch,
    dialect, job,
    schema::{held_notices, jobs, sent_notices, users},
};
use async_trait::async_trait;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, delete, insert_into, update, upsert::excluded};
use fasttrack_domain::{
    Timestamp,
    id::{TaskId, UserId},
    job::{Job, JobPayload, NewJob},
    notice::{Admission, HELD_RETENTION, MAX_HELD, MailClass, SentNotice, WINDOW},
    ports::{
        RepositoryError,
        notice::{self, HeldNotices},
    },
};

/// Stores which mails of notice were sent, and those held back for a digest.
#[derive(Clone)]
pub struct NoticeRepository {
    database: Database,
}

impl NoticeRepository {
    pub fn new(database: Database) -> Self {
        Self { database }
    }
}

/// The column `mail` of a held notice that is in no digest yet.
const WAITING: &str = "";

const ACCOUNT: &str = "account";
const TASK: &str = "task";
const DIGEST: &str = "digest";

fn kind(class: MailClass) -> &'static str {
    match class {
        MailClass::Security | MailClass::Invitation | MailClass::Account { .. } => ACCOUNT,
        MailClass::Task { .. } => TASK,
        MailClass::Digest { .. } => DIGEST,
    }
}

fn task_of(class: MailClass) -> Option<i64> {
    match class {
        MailClass::Task { task_id, .. } => Some(task_id.get()),
        MailClass::Security | MailClass::Invitation | MailClass::Account { .. } | MailClass::Digest { .. } => None,
    }
}

/// The mails that the user was sent within the window.
async fn sent(conn: &mut Connection, user_id: UserId, now: Timestamp) -> Result<Vec<SentNotice>, Error> {
    let rows: Vec<(String, Option<i64>, SqlTimestamp)> = sent_notices::table
        .filter(sent_notices::user_id.eq(user_id.get()))
        .filter(sent_notices::sent_at.gt(SqlTimestamp(now - WINDOW)))
        .select((sent_notices::kind, sent_notices::task_id, sent_notices::sent_at))
        .load(conn)
        .await?;
    let entity = |(kind, task, at): (String, Option<i64>, SqlTimestamp)| {
        let class = match (kind.as_str(), task) {
            (TASK, Some(id)) => MailClass::Task { user_id, task_id: TaskId::new(id) },
            (DIGEST, _) => MailClass::Digest { user_id },
            _ => MailClass::Account { user_id },
        };
        SentNotice { class, at: at.0 }
    };
    Ok(rows.into_iter().map(entity).collect())
}

/// Whether the account isn't erased. Its row is locked, so that an erasure finds what is stored for it then.
async fn remains(conn: &mut Connection, user_id: UserId) -> Result<bool, Error> {
    let account = users::table.find(user_id.get()).filter(users::erased_at.is_null()).select(users::id);
    Ok(dialect::key_share!(account).first::<i64>(conn).await.optional()?.is_some())
}

/// Counts a mail. Nothing is counted for an account that is erased.
async fn record(
    conn: &mut Connection,
    nonce: &str,
    user_id: UserId,
    class: MailClass,
    now: Timestamp,
) -> Result<(), Error> {
    if !remains(conn, user_id).await? {
        return Ok(());
    }
    insert_into(sent_notices::table)
        .values((
            sent_notices::mail.eq(nonce),
            sent_notices::user_id.eq(user_id.get()),
            sent_notices::kind.eq(kind(class)),
            sent_notices::task_id.eq(task_of(class)),
            sent_notices::sent_at.eq(SqlTimestamp(now)),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// The payload of a job as it is stored: an erasure may have replaced a name in it since the worker has read it. The row is
/// locked, so that an erasure finds what is held of it.
async fn stored_payload(conn: &mut Connection, job: &Job) -> Result<String, Error> {
    let row = jobs::table.find(job.id.get()).filter(jobs::nonce.eq(&job.nonce)).select(jobs::payload);
    match dialect::no_key_update!(row).first(conn).await.optional()? {
        Some(payload) => Ok(payload),
        None => Ok(serde_json::to_string(&job.payload)?),
    }
}

/// Holds a notice for the next digest, in place of an earlier one about the same task. At most one more than a digest shows
/// is held, which means that there were more. Nothing is held for an account that is erased.
async fn hold(
    conn: &mut Connection,
    job: &Job,
    user_id: UserId,
    class: MailClass,
    now: Timestamp,
) -> Result<(), Error> {
    if !remains(conn, user_id).await? {
        return Ok(());
    }
    let payload = stored_payload(conn, job).await?;
    let key = match task_of(class) {
        Some(id) => format!("task {id}"),
        None => format!("mail {}", job.nonce),
    };
    let same = held_notices::table
        .filter(held_notices::user_id.eq(user_id.get()))
        .filter(held_notices::mail.eq(WAITING))
        .filter(held_notices::key.eq(key.clone()));
    if same.select(held_notices::id).first::<i64>(conn).await.optional()?.is_none() {
        let waiting = held_notices::table
            .filter(held_notices::user_id.eq(user_id.get()))
            .filter(held_notices::mail.eq(WAITING))
            .filter(held_notices::kind.eq(kind(class)));
        let held: i64 = waiting.count().get_result(conn).await?;
        if held.unsigned_abs() > MAX_HELD as u64 {
            return Ok(());
        }
    }
    insert_into(held_notices::table)
        .values((
            held_notices::user_id.eq(user_id.get()),
            held_notices::mail.eq(WAITING),
            held_notices::key.eq(key),
            held_notices::kind.eq(kind(class)),
            held_notices::payload.eq(payload),
            held_notices::held_at.eq(SqlTimestamp(now)),
        ))
        .on_conflict((held_notices::user_id, held_notices::mail, held_notices::key))
        .do_update()
        .set(held_notices::payload.eq(excluded(held_notices::payload)))
        .execute(conn)
        .await?;
    Ok(())
}

// @spec SPEC-011
#[async_trait]
impl notice::NoticeRepository for NoticeRepository {
    async fn admit(&self, job: Job, class: MailClass, now: Timestamp) -> Result<Admission, RepositoryError> {
        let Some(user_id) = class.counted_for() else { return Ok(Admission::Send) };
        self.database
            .write(async move |conn| {
                dialect::lock(conn, Lock::Notices(user_id.get())).await?;
                let before = sent_notices::table.find(&job.nonce).select(sent_notices::mail);
                if before.first::<String>(conn).await.optional()?.is_some() {
                    return Ok(Admission::Send);
                }
                let admission = class.admit(&sent(conn, user_id, now).await?, now);
                match admission {
                    Admission::Send => {
                        record(conn, &job.nonce, user_id, class, now).await?;
                        if matches!(class, MailClass::Digest { .. }) {
                            let waiting = held_notices::table
                                .filter(held_notices::user_id.eq(user_id.get()))
                                .filter(held_notices::mail.eq(WAITING));
                            update(waiting).set(held_notices::mail.eq(&job.nonce)).execute(conn).await?;
                        }
                    }
                    Admission::Later(_) => {}
                    Admission::Held { digest_at } => {
                        hold(conn, &job, user_id, class, now).await?;
                        let digest = NewJob { payload: JobPayload::DigestMail { user_id }, created_at: now };
                        job::enqueue_for(conn, &[digest], digest_at).await?;
                    }
                }
                Ok(admission)
            })
            .await
    }

    async fn digest(&self, user_id: UserId, nonce: String) -> Result<HeldNotices, RepositoryError> {
        self.database
            .read(async move |conn| {
                let rows: Vec<(i64, String, String)> = held_notices::table
                    .filter(held_notices::user_id.eq(user_id.get()))
                    .filter(held_notices::mail.eq(nonce))
                    .select((held_notices::id, held_notices::kind, held_notices::payload))
                    .load(conn)
                    .await?;
                let mut rows = rows;
                rows.sort_unstable_by_key(|row| row.0);
                let mut held = HeldNotices::default();
                let (mut accounts, mut tasks) = (0, 0);
                for (id, kind, payload) in rows {
                    let of_kind = if kind == TASK { &mut tasks } else { &mut accounts };
                    *of_kind += 1;
                    if *of_kind > MAX_HELD {
                        held.uncounted = true;
                        continue;
                    }
                    match serde_json::from_str(&payload) {
                        Ok(payload) => held.payloads.push(payload),
                        Err(error) => tracing::error!(notice = id, %error, "a held notice can't be read"),
                    }
                }
                Ok(held)
            })
            .await
    }

    async fn digest_sent(&self, user_id: UserId, nonce: String) -> Result<(), RepositoryError> {
        self.database
            .write(async move |conn| {
                let sent = held_notices::table
                    .filter(held_notices::user_id.eq(user_id.get()))
                    .filter(held_notices::mail.eq(nonce));
                delete(sent).execute(conn).await?;
                Ok(())
            })
            .await
    }

    async fn delete_expired(&self, now: Timestamp, limit: u32) -> Result<u64, RepositoryError> {
        self.database
            .write(async move |conn| {
                let sent = delete_batch!(conn, sent_notices, sent_at, now - WINDOW, limit);
                Ok(sent + delete_batch!(conn, held_notices, held_at, now - HELD_RETENTION, limit))
            })
            .await
    }
}

//! Every query that a repository makes finds its rows by an index, in the order in which they are wanted.

use crate::every_query::{self, given_an_event};
use diesel::{QueryableByName, connection::InstrumentationEvent, sql_query, sql_types::Text};
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection};
use fasttrack_infra_diesel::sqlite::{Connection, Database, SqliteLocation};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

/// Parts of queries, and the index that a query with that part has to use. The first line that matches counts.
const INDEXES: [(&str, &str); 39] = [
    ("`notifications`.`created_at` <=", " notifications_created_at "),
    ("substr(password_hash", " users_password_cost"),
    ("(`login_attempts`.`network` =", " login_attempts_network "),
    ("`login_attempts`.`began_at` <=", " login_attempts_began_at "),
    ("FROM (`inboxes`", "SEARCH inboxes USING INTEGER PRIMARY KEY "),
    ("FROM `notifications`", "SEARCH notifications USING PRIMARY KEY (user_id=? AND seq"),
    ("LEFT OUTER JOIN `tasks`", " tasks_project_id "),
    ("DELETE FROM `members`", " members_user_id "),
    ("`members`.`role` = ?", " members_user_id_role "),
    ("FROM (`members` INNER JOIN", " members_user_id "),
    ("`invitations`.`hash` = ?", " invitations_hash "),
    ("`invitations`.`expires_at` <= ?", " invitations_expires_at "),
    ("`invitation_mails`.`address_key` = ?", " invitation_mails_address_key "),
    ("`invitation_mails`.`sent_at` <= ?", " invitation_mails_sent_at "),
    ("`users`.`email` = ?", " sqlite_autoindex_users_1 "),
    ("DELETE FROM `task_reminders`", " PRIMARY KEY (task_id=? AND at<?"),
    ("`task_reminders`.`at` <= ?", " task_reminders_at "),
    ("DELETE FROM `labels`", " task_labels_label_id "),
    ("DELETE FROM `projects`", " tasks_project_id"),
    ("DELETE FROM `tasks`", " comments_task_id "),
    ("DELETE FROM `sessions`", " refresh_tokens_session_id "),
    ("DELETE FROM `idempotency_records`", " idempotency_records_expires_at "),
    ("`jobs`.`priority` = ?", " jobs_priority "),
    ("`jobs`.`run_at` <= ?", " jobs_run_at "),
    ("`sent_notices`.`sent_at` > ?", " sent_notices_user_id "),
    ("`sent_notices`.`sent_at` <= ?", " sent_notices_sent_at "),
    ("`held_notices`.`held_at` <= ?", " held_notices_held_at "),
    ("DELETE FROM `jobs`", " INTEGER PRIMARY KEY "),
    ("UPDATE `jobs`", "SEARCH jobs "),
    ("`tickets`.`expires_at` <= ?", " tickets_expires_at "),
    ("`password_resets`.`expires_at` <= ?", " password_resets_expires_at "),
    ("`password_resets`.`hash` = ?", " password_resets_hash "),
    ("`email_verifications`.`hash` = ?", " email_verifications_hash "),
    ("`email_verifications`.`expires_at` <= ?", " email_verifications_expires_at "),
    ("ORDER BY `sessions`.`id` DESC", " sessions_live "),
    ("`api_tokens`.`hash` = ?", " api_tokens_hash "),
    ("`api_tokens`.`expires_at` > ?", " api_tokens_live "),
    ("`api_tokens`.`expires_at` < ?", " api_tokens_expires_at "),
    ("`api_tokens`.`revoked_at` < ?", " api_tokens_revoked_at "),
];

/// Steps of a query on a row of no table, which others are joined to.
const ONE_ROW: [&str; 3] = ["CO-ROUTINE one", "SCAN CONSTANT ROW", "SCAN one"];

/// The beginnings of steps that read by an index, and of those that only name a subquery, whose steps follow.
const STEPS: [&str; 4] = ["SEARCH ", "SCALAR ", "CORRELATED ", "LIST "];

/// The condition of waiting events.
const WAITING: &str = "`events`.`is_set_aside` = ?";

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

#[tokio::test]
async fn every_query_uses_an_index_and_none_sorts() {
    let database = Database::open(&SqliteLocation::Memory).unwrap();
    database.migrate().await.unwrap();
    let unreadable = "INSERT INTO events (kind, payload, created_at) VALUES ('', '', 0)";
    database.write(async move |conn| Ok(conn.batch_execute(unreadable).await?)).await.unwrap();
    let due = r#"INSERT INTO jobs (id, kind, payload, attempts, run_at, worker, leased_until, dead_at, last_error, created_at, key, is_asked_again) VALUES (1, 'welcome_mail', '{"kind":"welcome_mail","user_id":1}', 0, 0, NULL, NULL, NULL, NULL, 0, NULL, 0)"#;
    database.write(async move |conn| Ok(conn.batch_execute(due).await?)).await.unwrap();
    let repositories = database.repositories();
    let project = given_an_event(&repositories).await;
    let recorded: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let record = {
        let recorded = Arc::clone(&recorded);
        move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { query, .. } = event {
                let text = query.to_string();
                recorded.lock().unwrap().insert(text.split(" -- binds").next().unwrap().to_owned());
            }
        }
    };
    // In memory there is one connection.
    let instrument = async move |conn: &mut Connection| {
        conn.set_instrumentation(record);
        Ok(())
    };
    database.write(instrument).await.unwrap();
    every_query::call(&repositories, project).await;

    let recorded = std::mem::take(&mut *recorded.lock().unwrap());
    let recorded: Vec<_> = recorded
        .into_iter()
        .filter(|sql| (sql.contains(" `") || sql.contains("substr(")) && !sql.contains("__diesel"))
        // Pages of tasks are tested in `list_plans`.
        .filter(|sql| !sql.contains("(SELECT id FROM tasks"))
        .collect();
    assert!(recorded.len() > 30, "only {} queries were seen", recorded.len());
    for sql in recorded {
        let explain = format!("EXPLAIN QUERY PLAN {sql}");
        let steps: Vec<Step> = database.read(async move |conn| Ok(sql_query(explain).load(conn).await?)).await.unwrap();
        let steps = steps.into_iter().map(|step| step.detail);
        let plan: Vec<_> = steps.filter(|step| !ONE_ROW.contains(&step.as_str())).collect();
        // Nearly all events wait, and the oldest are read first.
        let in_order = sql.contains(WAITING) && plan == ["SCAN events"];
        // It reads the first entry of the index.
        let in_order = in_order || (sql.contains("substr(password_hash") && sql.ends_with("LIMIT 1"));
        let searches = in_order || plan.iter().all(|step| STEPS.iter().any(|part| step.starts_with(part)));
        assert!(searches && !plan.iter().any(|step| step.contains("TEMP B-TREE")), "{sql}\n{plan:#?}");
        if let Some((_, index)) = INDEXES.iter().find(|(part, _)| sql.contains(part)) {
            assert!(plan.iter().any(|step| step.contains(index)), "{sql}\n{plan:#?}");
        }
    }
}

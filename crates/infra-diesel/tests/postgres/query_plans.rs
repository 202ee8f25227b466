//! Every query that a repository makes finds its rows by an index.

use crate::every_query::{self, given_an_event};
use diesel::{QueryableByName, connection::InstrumentationEvent, sql_query, sql_types::Text};
use diesel_async::{AsyncConnection, RunQueryDsl, SimpleAsyncConnection};
use fasttrack_infra_diesel::postgres::{Connection, Database};
use fasttrack_testkit::postgres::Cluster;
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

/// Parts of queries, and the index that a query with all of these parts has to use. The first line that matches counts.
const INDEXES: [(&[&str], &str); 23] = [
    (&[r#""notifications"."created_at" <="#], " notifications_created_at "),
    (&["substr(password_hash"], " users_password_cost"),
    (&[r#"("login_attempts"."network" ="#], " login_attempts_network "),
    (&[r#""login_attempts"."began_at" <="#], " login_attempts_began_at "),
    (&[r#"FROM ("inboxes""#], " inboxes_pkey "),
    (&[r#"FROM "events""#], " events_pkey "),
    (&[r#"FROM "notifications""#], " notifications_pkey "),
    (&[r#"DELETE FROM "members""#], " on members"),
    (&[r#""members"."role" = $"#], " members_user_id_role "),
    (&[r#"FROM ("members" INNER JOIN"#], " members_user_id "),
    (&[r#""invitations"."hash" = $"#], " invitations_hash "),
    (&[r#""invitations"."expires_at" <= $"#], " invitations_expires_at "),
    (&[r#""invitation_mails"."address_key" = $"#], " invitation_mails_address_key "),
    (&[r#""users"."email" = $"#], " users_email_key "),
    (&[r#""jobs"."priority" = $"#], " jobs_priority "),
    (&[r#""jobs"."run_at" <= $"#], " jobs_run_at "),
    (&[r#""sent_notices"."sent_at" > $"#], " sent_notices_user_id "),
    (&[r#""sent_notices"."sent_at" <= $"#], " sent_notices_sent_at "),
    (&[r#""held_notices"."held_at" <= $"#], " held_notices_held_at "),
    (&[r#""tickets"."expires_at" <= $"#], " tickets_expires_at "),
    (&[r#""password_resets"."expires_at" <= $"#], " password_resets_expires_at "),
    (&[r#""password_resets"."hash" = $"#], " password_resets_hash "),
    (&[r#""api_tokens"."hash" = $"#], " api_tokens_hash "),
];

/// Enough rows for the planner to prefer one index to another:
///
/// - A user owns 10 of 5,000 projects or is a member of 200, and an assignee has 20 of 20,000 tasks, so that reading in the
///   order of the primary key until there are enough takes longer.
/// - A project has 400 tasks, all of which an index reads that has the status before the id.
/// - 6,000 jobs wait, with each priority in a place of its own, and one of them is due; 4,000 are dead.
const FILL: &str = r#"
    INSERT INTO users (email, display_name, role, is_active, token_epoch, created_at, updated_at, version)
        SELECT n || '@example.org', n, (ARRAY['admin', 'user'])[1 + n % 2], true, 0, now(), now(), 1
        FROM generate_series(1, 1000) n;
    INSERT INTO projects (name, status, owner_id, created_at, updated_at, version)
        SELECT n, (ARRAY['active', 'archived'])[1 + n % 2], 1 + n % 500, now(), now(), 1
        FROM generate_series(1, 5000) n;
    INSERT INTO tasks (project_id, title, status, priority, assignee_id, created_at, updated_at, version)
        SELECT 1 + (n - 1) / 400, n, (ARRAY['todo', 'done'])[1 + n % 2], (ARRAY['low', 'high'])[1 + n % 2], 1 + n % 1000,
            now(), now(), 1
        FROM generate_series(1, 20000) n;
    INSERT INTO members (project_id, user_id, role, created_at)
        SELECT p, 501 + (p + m) % 100, (ARRAY['editor', 'commenter', 'viewer'])[1 + (p + m) % 3], now()
        FROM generate_series(1, 5000) p, generate_series(1, 4) m;
    INSERT INTO invitations (project_id, email, address_key, role, hash, invited_by, created_at, expires_at)
        SELECT n, n, n, 'viewer', sha256(n::text::bytea), 1, now(), now() + n * interval '1 minute'
        FROM generate_series(1, 1000) n;
    INSERT INTO invitation_mails (address_key, sent_at)
        SELECT n % 100, now() - n * interval '1 minute' FROM generate_series(1, 2000) n;
    INSERT INTO inboxes (user_id, project_id) SELECT n, n FROM generate_series(1, 1000) n;
    INSERT INTO comments (task_id, author_id, body, created_at)
        SELECT n, n, n, now() FROM generate_series(1, 1000) n;
    INSERT INTO events (kind, payload, created_at) SELECT '', '', now();
    INSERT INTO jobs (kind, payload, attempts, run_at, worker, leased_until, created_at, priority)
        SELECT 'welcome_mail', '{"kind":"welcome_mail","user_id":1}', 0,
            CASE WHEN n = 1 THEN to_timestamp(0) ELSE now() + n * 7919 % 6000 * interval '1 minute' END,
            n, to_timestamp(0), now(), (n - 1) / 2000
        FROM generate_series(1, 6000) n;
    INSERT INTO jobs (kind, payload, attempts, run_at, dead_at, last_error, created_at)
        SELECT 'welcome_mail', '{"kind":"welcome_mail","user_id":1}', 12, now(), now() - n * interval '1 minute', 'no', now()
        FROM generate_series(1, 4000) n;
    INSERT INTO sent_notices SELECT 'mail ' || n, n, 'account', NULL, now() FROM generate_series(1, 1000) n;
    INSERT INTO held_notices (user_id, mail, key, kind, payload, held_at)
        SELECT n, '', 'task 1', 'task', '{}', now() FROM generate_series(1, 1000) n;
    ANALYZE;
"#;

/// Attempts of many networks at one time, so that an index of times alone finds those of all networks. They are inserted
/// after the calls of the repositories, which delete every attempt.
const FILL_LOGIN_ATTEMPTS: &str = "
    INSERT INTO login_attempts (network, began_at)
        SELECT '192.0.' || n % 5000 / 250 || '.' || n % 250, now() FROM generate_series(1, 20000) n;
    ANALYZE login_attempts;
";

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    #[diesel(column_name = "QUERY PLAN")]
    line: String,
}

#[tokio::test]
async fn every_query_uses_an_index() {
    let Some(cluster) = Cluster::shared() else { return };
    let empty = cluster.create_database();
    // One connection: the one whose queries are recorded.
    let database = Database::open(empty.url(), 1).unwrap();
    database.migrate().await.unwrap();
    database.write(async |conn| Ok(conn.batch_execute(FILL).await?)).await.unwrap();
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
    let instrument = async move |conn: &mut Connection| {
        conn.set_instrumentation(record);
        // A plan for any parameters, by an index wherever there is one.
        conn.batch_execute("SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off").await?;
        Ok(())
    };
    database.write(instrument).await.unwrap();
    every_query::call(&repositories, project).await;

    let recorded = std::mem::take(&mut *recorded.lock().unwrap());
    let recorded: Vec<_> = recorded
        .into_iter()
        .filter(|sql| (sql.contains(" \"") || sql.contains("substr(")) && !sql.contains("__diesel"))
        .collect();
    assert!(recorded.len() > 30, "only {} queries were seen", recorded.len());
    database.write(async |conn| Ok(conn.batch_execute(FILL_LOGIN_ATTEMPTS).await?)).await.unwrap();
    for sql in recorded {
        let query = sql.clone();
        let values =
            (1..10_000).take_while(|n| sql.contains(&format!("${n}"))).map(|_| "NULL").collect::<Vec<_>>().join(", ");
        let values = if values.is_empty() { values } else { format!("({values})") };
        let explain = format!("EXPLAIN EXECUTE query{values}");
        let steps = async move |conn: &mut Connection| {
            conn.batch_execute(&format!("DEALLOCATE ALL; PREPARE query AS {query}")).await?;
            Ok(sql_query(explain).load(conn).await?)
        };
        let steps: Vec<Step> = database.read(steps).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        let plan: Vec<_> = steps.into_iter().map(|step| step.line).collect();
        assert!(!plan.iter().any(|line| line.contains("Seq Scan")), "{sql}\n{plan:#?}");
        if let Some((_, index)) = INDEXES.iter().find(|(parts, _)| parts.iter().all(|part| sql.contains(part))) {
            assert!(plan.iter().any(|line| line.contains(index)), "{sql}\n{plan:#?}");
        }
    }
}

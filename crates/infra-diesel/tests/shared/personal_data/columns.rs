//! The list of all columns.

use crate::declared;
use Holds::{Erased, Exported, Nothing, Stays};

/// What a column holds of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Times, states, numbers, random values, and ids of what is no user.
    Nothing,
    /// It is in the user's export, and erased with the account.
    Exported,
    /// It is erased with the account. It is a secret, an internal value, or somebody else's copy.
    Erased,
    /// It stays, for this reason.
    Stays(&'static str),
}

const SECURITY: &str = "the security log has ids of users, but neither names nor addresses, and ends by its retention";
const AUTHOR: &str = "the row of the account stays without personal data, so that comments keep an author";
const PAST: &str = "it has ids of former members, but neither names nor addresses, so that others see them leave";
const BRIEF: &str = "it has ids of users, but neither names nor addresses, and expires within a day";

/// The columns of a table, by what they hold.
type Columns = [(Holds, &'static [&'static str])];

/// Every table, and what its columns hold.
const TABLES: &[(&str, &Columns)] = &[
    (
        "users",
        &[
            (Exported, &["email", "display_name", "pending_email", "mailbox"]),
            (Erased, &["password_hash"]),
            (Stays(AUTHOR), &["id"]),
            (Nothing, &["role", "is_active", "token_epoch", "created_at", "updated_at", "version"]),
            (Nothing, &["is_email_verified", "is_external", "key", "project_count", "erased_at"]),
        ],
    ),
    (
        "projects",
        &[
            (Exported, &["name", "description", "owner_id"]),
            (Nothing, &["id", "status", "created_at", "updated_at", "version", "task_count", "member_count"]),
            (Nothing, &["label_count", "active_webhooks"]),
        ],
    ),
    ("members", &[(Exported, &["user_id"]), (Nothing, &["project_id", "role", "created_at"])]),
    (
        "invitations",
        &[
            (Erased, &["email", "address_key"]),
            (Stays(AUTHOR), &["invited_by"]),
            (Nothing, &["id", "project_id", "role", "hash", "created_at", "expires_at"]),
        ],
    ),
    (
        "webhooks",
        &[
            (Erased, &["url", "secret", "previous_secret"]),
            (Nothing, &["id", "project_id", "types", "is_active", "previous_until", "created_at", "updated_at"]),
            (Nothing, &["failing_since", "is_slow", "due_at", "worker", "leased_until", "delivery_count"]),
        ],
    ),
    (
        "deliveries",
        &[
            (Erased, &["actor_id", "person_id", "payload"]),
            (Nothing, &["id", "webhook_id", "message_id", "kind", "subject", "status", "attempts"]),
            (Nothing, &["attempts_before", "last_status", "last_error", "next_attempt_at", "created_at"]),
            (Nothing, &["finished_at"]),
        ],
    ),
    ("invitation_mails", &[(Erased, &["address_key"]), (Nothing, &["id", "sent_at"])]),
    (
        "erased_identities",
        &[
            (Stays("it is the hash of an identity, so that tokens from before the erasure are refused"), &["hash"]),
            (Nothing, &["erased_at"]),
        ],
    ),
    (
        "tasks",
        &[
            (Exported, &["title", "description", "assignee_id"]),
            (Nothing, &["id", "project_id", "status", "priority", "created_at", "updated_at", "version"]),
            (Nothing, &["comment_count", "due_at", "due_is_day", "parent_id", "moved_to", "completed_at"]),
            (Nothing, &["has_labels", "has_reminders", "words_version"]),
        ],
    ),
    ("labels", &[(Exported, &["name"]), (Erased, &["name_key"]), (Nothing, &["id", "project_id", "color"])]),
    ("task_labels", &[(Nothing, &["task_id", "label_id"])]),
    ("task_reminders", &[(Nothing, &["task_id", "at"])]),
    (
        "comments",
        &[
            (Stays("a comment in a project of others stays, by `Deleted user`"), &["author_id", "body"]),
            (Nothing, &["id", "task_id", "created_at"]),
        ],
    ),
    (
        "sessions",
        &[
            (Exported, &["user_id", "ip", "user_agent"]),
            (Nothing, &["id", "created_at", "last_used_at", "expires_at", "ended_at", "key"]),
        ],
    ),
    ("refresh_tokens", &[(Erased, &["jti"]), (Nothing, &["session_id", "expires_at", "spent_at"])]),
    (
        "api_tokens",
        &[
            (Exported, &["user_id", "name", "prefix"]),
            (Stays("it is the hash of a random token, so that this is refused as revoked"), &["hash"]),
            (Nothing, &["id", "scopes", "project_ids", "created_at", "expires_at", "last_used_at", "revoked_at"]),
        ],
    ),
    ("revocations", &[(Stays(BRIEF), &["subject"]), (Nothing, &["id", "kind", "epoch", "until"])]),
    ("events", &[(Erased, &["payload"]), (Nothing, &["id", "kind", "created_at", "is_set_aside"])]),
    ("idempotency_records", &[(Erased, &["user_id", "key", "fingerprint", "created"]), (Nothing, &["expires_at"])]),
    ("project_statistics", &[(Nothing, &["project_id", "todo", "in_progress", "done", "updated_at"])]),
    ("notification_heads", &[(Erased, &["user_id"]), (Nothing, &["last_seq", "read_up_to"])]),
    (
        "notifications",
        &[(Exported, &["user_id", "content"]), (Erased, &["actor_id"]), (Nothing, &["seq", "created_at"])],
    ),
    (
        "jobs",
        &[
            (Erased, &["payload", "key", "last_error"]),
            (Nothing, &["id", "kind", "attempts", "run_at", "worker", "leased_until", "dead_at", "created_at"]),
            (Nothing, &["is_asked_again", "priority", "nonce"]),
        ],
    ),
    ("tickets", &[(Stays(BRIEF), &["claims"]), (Nothing, &["hash", "expires_at"])]),
    ("password_resets", &[(Erased, &["user_id", "email", "hash"]), (Nothing, &["mails", "expires_at"])]),
    ("email_verifications", &[(Erased, &["user_id", "email", "hash"]), (Nothing, &["mails", "repeats", "expires_at"])]),
    ("identities", &[(Exported, &["subject", "user_id"]), (Nothing, &["issuer", "created_at"])]),
    ("inboxes", &[(Erased, &["user_id"]), (Nothing, &["project_id"])]),
    (
        "login_attempts",
        &[
            (Stays("it is the address of a client, not of a user, and is deleted after a minute"), &["network"]),
            (Nothing, &["id", "began_at"]),
        ],
    ),
    ("sent_notices", &[(Erased, &["user_id"]), (Nothing, &["mail", "kind", "task_id", "sent_at"])]),
    ("held_notices", &[(Erased, &["user_id", "payload"]), (Nothing, &["id", "mail", "key", "kind", "held_at"])]),
    ("change_feed", &[(Nothing, &["feed", "seq", "pruned_seq"])]),
    (
        "changes",
        &[
            (Stays(PAST), &["thing_id"]),
            (Nothing, &["project_id", "kind", "task_id", "seq", "is_deleted", "changed_at"]),
        ],
    ),
    (
        "user_changes",
        &[
            (Erased, &["user_id"]),
            (Nothing, &["kind", "thing_id", "task_id", "project_id", "seq", "lost_seq", "changed_at"]),
        ],
    ),
    (
        "audit",
        &[
            (Erased, &["changes"]),
            (Stays(SECURITY), &["actor_id", "object", "ip"]),
            (Nothing, &["id", "at", "action", "request_id"]),
        ],
    ),
    ("schema_expansions", &[(Nothing, &["version"])]),
];

/// A column with its SQL type, and what it holds.
pub struct Column {
    pub table: String,
    pub name: String,
    pub kind: String,
    pub holds: Holds,
}

/// Every column of the schema. Panics where one isn't in [`TABLES`], or the other way round.
pub fn columns() -> Vec<Column> {
    let mut columns = Vec::new();
    for (table, declared) in declared::tables() {
        let (_, listed) = TABLES.iter().find(|(name, _)| *name == table).unwrap_or_else(|| {
            panic!("`{table}` is not listed: export and erase what it holds of a user, or give the reason why it stays")
        });
        let count: usize = listed.iter().map(|(_, names)| names.len()).sum();
        assert_eq!(count, declared.len(), "`{table}` has other columns than are listed");
        for (name, kind) in declared {
            let of_column = listed.iter().find(|(_, names)| names.contains(&name.as_str()));
            let Some((holds, _)) = of_column else {
                panic!("`{table}.{name}` is not listed: export and erase it, or give the reason why it stays")
            };
            columns.push(Column { table: table.clone(), name, kind, holds: *holds });
        }
    }
    assert_eq!(TABLES.len(), declared::tables().len(), "a table is listed that isn't there");
    columns
}

#[test]
fn every_column_is_exported_erased_or_has_a_reason() {
    for Column { table, name, holds, .. } in columns() {
        if let Stays(reason) = holds {
            assert!(reason.contains(' '), "`{table}.{name}` has no reason");
        }
    }
}

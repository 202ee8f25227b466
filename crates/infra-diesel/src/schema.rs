//! The tables as Diesel sees them, once for both databases: the parent module says what a `Moment` is.

use crate::tables::tables;

/// The types of columns.
mod sql_types {
    pub(super) use super::super::Moment;
    pub(super) use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
}

macro_rules! declare {
    ($($variant:ident = $table:ident $key:tt $columns:tt)+) => {
        $(diesel::table! {
            use super::sql_types::*;
            $table $key $columns
        })+
    };
}

tables!(declare);

diesel::table! {
    schema_expansions (version) {
        version -> Text,
    }
}

diesel::table! {
    /// What Diesel's migrations keep.
    __diesel_schema_migrations (version) {
        version -> Text,
    }
}

diesel::joinable!(members -> projects (project_id));
diesel::joinable!(members -> users (user_id));
diesel::joinable!(invitations -> projects (project_id));
diesel::joinable!(webhooks -> projects (project_id));
diesel::joinable!(deliveries -> webhooks (webhook_id));
diesel::joinable!(labels -> projects (project_id));
diesel::joinable!(tasks -> projects (project_id));
diesel::joinable!(tasks -> users (assignee_id));
diesel::joinable!(task_labels -> tasks (task_id));
diesel::joinable!(task_labels -> labels (label_id));
diesel::joinable!(task_reminders -> tasks (task_id));
diesel::joinable!(comments -> tasks (task_id));
diesel::joinable!(comments -> users (author_id));
diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(api_tokens -> users (user_id));
diesel::joinable!(password_resets -> users (user_id));
diesel::joinable!(email_verifications -> users (user_id));
diesel::joinable!(identities -> users (user_id));
diesel::joinable!(project_statistics -> projects (project_id));
diesel::joinable!(refresh_tokens -> sessions (session_id));
diesel::joinable!(inboxes -> projects (project_id));
diesel::allow_tables_to_appear_in_same_query!(
    users,
    projects,
    members,
    invitations,
    webhooks,
    deliveries,
    inboxes,
    labels,
    tasks,
    task_labels,
    task_reminders,
    comments,
    sessions,
    refresh_tokens,
    api_tokens,
    revocations,
    project_statistics,
    notifications,
    notification_heads,
    password_resets,
    email_verifications,
    identities,
    erased_identities,
);

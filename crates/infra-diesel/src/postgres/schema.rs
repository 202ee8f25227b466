//! The tables as `migrations/postgres` makes them. A test compares both.

diesel::table! {
    users (id) {
        id -> BigInt,
        email -> Text,
        display_name -> Text,
        role -> Text,
        is_active -> Bool,
        password_hash -> Nullable<Text>,
        token_epoch -> BigInt,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        version -> BigInt,
        is_email_verified -> Bool,
        pending_email -> Nullable<Text>,
        is_external -> Bool,
        mailbox -> Nullable<Text>,
        key -> Binary,
        project_count -> BigInt,
    }
}

diesel::table! {
    projects (id) {
        id -> BigInt,
        name -> Text,
        description -> Nullable<Text>,
        status -> Text,
        owner_id -> BigInt,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        version -> BigInt,
        task_count -> BigInt,
    }
}

diesel::table! {
    tasks (id) {
        id -> BigInt,
        project_id -> BigInt,
        title -> Text,
        description -> Nullable<Text>,
        status -> Text,
        priority -> Text,
        assignee_id -> Nullable<BigInt>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        version -> BigInt,
        comment_count -> BigInt,
    }
}

diesel::table! {
    comments (id) {
        id -> BigInt,
        task_id -> BigInt,
        author_id -> BigInt,
        body -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    sent_notices (mail) {
        mail -> Text,
        user_id -> BigInt,
        kind -> Text,
        task_id -> Nullable<BigInt>,
        sent_at -> Timestamptz,
    }
}

diesel::table! {
    sessions (id) {
        id -> BigInt,
        user_id -> BigInt,
        created_at -> Timestamptz,
        last_used_at -> Timestamptz,
        expires_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
        ip -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        key -> Binary,
    }
}

diesel::table! {
    refresh_tokens (jti) {
        jti -> Text,
        session_id -> BigInt,
        expires_at -> Timestamptz,
        spent_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    revocations (id) {
        id -> BigInt,
        kind -> Text,
        subject -> Text,
        epoch -> Nullable<BigInt>,
        until -> Timestamptz,
    }
}

diesel::table! {
    events (id) {
        id -> BigInt,
        kind -> Text,
        payload -> Text,
        created_at -> Timestamptz,
        is_set_aside -> Bool,
    }
}

diesel::table! {
    idempotency_records (user_id, key) {
        user_id -> BigInt,
        key -> Text,
        fingerprint -> Binary,
        created -> Text,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    project_statistics (project_id) {
        project_id -> BigInt,
        todo -> BigInt,
        in_progress -> BigInt,
        done -> BigInt,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    notification_heads (user_id) {
        user_id -> BigInt,
        last_seq -> BigInt,
        read_up_to -> BigInt,
    }
}

diesel::table! {
    notifications (user_id, seq) {
        user_id -> BigInt,
        seq -> BigInt,
        content -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    held_notices (id) {
        id -> BigInt,
        user_id -> BigInt,
        mail -> Text,
        key -> Text,
        kind -> Text,
        payload -> Text,
        held_at -> Timestamptz,
    }
}

diesel::table! {
    jobs (id) {
        id -> BigInt,
        kind -> Text,
        payload -> Text,
        attempts -> BigInt,
        run_at -> Timestamptz,
        worker -> Nullable<Text>,
        leased_until -> Nullable<Timestamptz>,
        dead_at -> Nullable<Timestamptz>,
        last_error -> Nullable<Text>,
        created_at -> Timestamptz,
        key -> Nullable<Text>,
        is_asked_again -> Bool,
        priority -> BigInt,
        nonce -> Nullable<Text>,
    }
}

diesel::table! {
    tickets (hash) {
        hash -> Binary,
        claims -> Text,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    password_resets (user_id) {
        user_id -> BigInt,
        email -> Text,
        hash -> Binary,
        mails -> BigInt,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    email_verifications (user_id) {
        user_id -> BigInt,
        email -> Text,
        hash -> Nullable<Binary>,
        mails -> BigInt,
        repeats -> BigInt,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    identities (issuer, subject) {
        issuer -> Text,
        subject -> Text,
        user_id -> BigInt,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    inboxes (user_id) {
        user_id -> BigInt,
        project_id -> BigInt,
    }
}

diesel::table! {
    login_attempts (id) {
        id -> BigInt,
        network -> Text,
        began_at -> Timestamptz,
    }
}

diesel::table! {
    audit (id) {
        id -> BigInt,
        at -> Timestamptz,
        actor_id -> Nullable<BigInt>,
        action -> Text,
        object -> Nullable<Text>,
        changes -> Text,
        ip -> Nullable<Text>,
        request_id -> Nullable<Text>,
    }
}

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

diesel::joinable!(tasks -> projects (project_id));
diesel::joinable!(comments -> tasks (task_id));
diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(password_resets -> users (user_id));
diesel::joinable!(email_verifications -> users (user_id));
diesel::joinable!(identities -> users (user_id));
diesel::joinable!(project_statistics -> projects (project_id));
diesel::joinable!(refresh_tokens -> sessions (session_id));
diesel::joinable!(inboxes -> projects (project_id));
diesel::allow_tables_to_appear_in_same_query!(
    users,
    projects,
    inboxes,
    tasks,
    comments,
    sessions,
    refresh_tokens,
    revocations,
    project_statistics,
    notifications,
    notification_heads,
    password_resets,
    email_verifications,
    identities,
);

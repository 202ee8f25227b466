//! Every table with its columns, in one place for all that needs them: `schema` declares them to Diesel, once for each
//! database, and `copy` reads and writes their rows.

/// Calls `$callback!` with every table: `Variant = name (primary key) { column -> SQL type, … }`.
///
/// A table comes behind those that it refers to. `Moment` is what each database stores a timestamp as. Columns stand in
/// the order in which the migrations made them, which tests compare.
macro_rules! tables {
    ($callback:ident) => {
        $callback! {
            Users = users (id) {
                id -> BigInt,
                email -> Text,
                display_name -> Text,
                role -> Text,
                is_active -> Bool,
                password_hash -> Nullable<Text>,
                token_epoch -> BigInt,
                created_at -> Moment,
                updated_at -> Moment,
                version -> BigInt,
                is_email_verified -> Bool,
                pending_email -> Nullable<Text>,
                is_external -> Bool,
                mailbox -> Nullable<Text>,
                key -> Binary,
                project_count -> BigInt,
                erased_at -> Nullable<Moment>,
            }
            Projects = projects (id) {
                id -> BigInt,
                name -> Text,
                description -> Nullable<Text>,
                status -> Text,
                owner_id -> BigInt,
                created_at -> Moment,
                updated_at -> Moment,
                version -> BigInt,
                task_count -> BigInt,
                member_count -> BigInt,
                label_count -> BigInt,
                active_webhooks -> BigInt,
            }
            Labels = labels (id) {
                id -> BigInt,
                project_id -> BigInt,
                name -> Text,
                name_key -> Text,
                color -> Text,
            }
            Members = members (project_id, user_id) {
                project_id -> BigInt,
                user_id -> BigInt,
                role -> Text,
                created_at -> Moment,
            }
            Invitations = invitations (id) {
                id -> BigInt,
                project_id -> BigInt,
                email -> Text,
                address_key -> Text,
                role -> Text,
                hash -> Nullable<Binary>,
                invited_by -> BigInt,
                created_at -> Moment,
                expires_at -> Moment,
            }
            Webhooks = webhooks (id) {
                id -> BigInt,
                project_id -> BigInt,
                url -> Text,
                types -> Text,
                is_active -> Bool,
                secret -> Text,
                previous_secret -> Nullable<Text>,
                previous_until -> Nullable<Moment>,
                created_at -> Moment,
                updated_at -> Moment,
                failing_since -> Nullable<Moment>,
                is_slow -> Bool,
                due_at -> Nullable<Moment>,
                worker -> Nullable<Text>,
                leased_until -> Nullable<Moment>,
                delivery_count -> BigInt,
            }
            Deliveries = deliveries (id) {
                id -> BigInt,
                webhook_id -> BigInt,
                message_id -> Text,
                kind -> Text,
                subject -> Text,
                status -> Text,
                attempts -> BigInt,
                attempts_before -> BigInt,
                last_status -> Nullable<BigInt>,
                last_error -> Nullable<Text>,
                next_attempt_at -> Nullable<Moment>,
                created_at -> Moment,
                finished_at -> Nullable<Moment>,
                actor_id -> Nullable<BigInt>,
                person_id -> Nullable<BigInt>,
                payload -> Text,
            }
            InvitationMails = invitation_mails (id) {
                id -> BigInt,
                address_key -> Text,
                sent_at -> Moment,
            }
            ErasedIdentities = erased_identities (hash) {
                hash -> Binary,
                erased_at -> Moment,
            }
            Tasks = tasks (id) {
                id -> BigInt,
                project_id -> BigInt,
                title -> Text,
                description -> Nullable<Text>,
                status -> Text,
                priority -> Text,
                assignee_id -> Nullable<BigInt>,
                created_at -> Moment,
                updated_at -> Moment,
                version -> BigInt,
                comment_count -> BigInt,
                due_at -> Nullable<Moment>,
                due_is_day -> Bool,
                parent_id -> Nullable<BigInt>,
                moved_to -> Nullable<Text>,
                completed_at -> Nullable<Moment>,
                has_labels -> Bool,
                has_reminders -> Bool,
                words_version -> BigInt,
            }
            TaskLabels = task_labels (task_id, label_id) {
                task_id -> BigInt,
                label_id -> BigInt,
            }
            TaskReminders = task_reminders (task_id, at) {
                task_id -> BigInt,
                at -> Moment,
            }
            Comments = comments (id) {
                id -> BigInt,
                task_id -> BigInt,
                author_id -> BigInt,
                body -> Text,
                created_at -> Moment,
            }
            Sessions = sessions (id) {
                id -> BigInt,
                user_id -> BigInt,
                created_at -> Moment,
                last_used_at -> Moment,
                expires_at -> Moment,
                ended_at -> Nullable<Moment>,
                ip -> Nullable<Text>,
                user_agent -> Nullable<Text>,
                key -> Binary,
            }
            RefreshTokens = refresh_tokens (jti) {
                jti -> Text,
                session_id -> BigInt,
                expires_at -> Moment,
                spent_at -> Nullable<Moment>,
            }
            ApiTokens = api_tokens (id) {
                id -> BigInt,
                user_id -> Nullable<BigInt>,
                name -> Text,
                prefix -> Text,
                hash -> Binary,
                scopes -> Text,
                project_ids -> Nullable<Text>,
                created_at -> Moment,
                expires_at -> Nullable<Moment>,
                last_used_at -> Nullable<Moment>,
                revoked_at -> Nullable<Moment>,
            }
            Revocations = revocations (id) {
                id -> BigInt,
                kind -> Text,
                subject -> Text,
                epoch -> Nullable<BigInt>,
                until -> Moment,
            }
            Events = events (id) {
                id -> BigInt,
                kind -> Text,
                payload -> Text,
                created_at -> Moment,
                is_set_aside -> Bool,
            }
            IdempotencyRecords = idempotency_records (user_id, key) {
                user_id -> BigInt,
                key -> Text,
                fingerprint -> Binary,
                created -> Text,
                expires_at -> Moment,
            }
            ProjectStatistics = project_statistics (project_id) {
                project_id -> BigInt,
                todo -> BigInt,
                in_progress -> BigInt,
                done -> BigInt,
                updated_at -> Moment,
            }
            NotificationHeads = notification_heads (user_id) {
                user_id -> BigInt,
                last_seq -> BigInt,
                read_up_to -> BigInt,
            }
            Notifications = notifications (user_id, seq) {
                user_id -> BigInt,
                seq -> BigInt,
                content -> Text,
                created_at -> Moment,
                actor_id -> Nullable<BigInt>,
            }
            Jobs = jobs (id) {
                id -> BigInt,
                kind -> Text,
                payload -> Text,
                attempts -> BigInt,
                run_at -> Moment,
                worker -> Nullable<Text>,
                leased_until -> Nullable<Moment>,
                dead_at -> Nullable<Moment>,
                last_error -> Nullable<Text>,
                created_at -> Moment,
                key -> Nullable<Text>,
                is_asked_again -> Bool,
                priority -> BigInt,
                nonce -> Nullable<Text>,
            }
            Tickets = tickets (hash) {
                hash -> Binary,
                claims -> Text,
                expires_at -> Moment,
            }
            PasswordResets = password_resets (user_id) {
                user_id -> BigInt,
                email -> Text,
                hash -> Binary,
                mails -> BigInt,
                expires_at -> Moment,
            }
            EmailVerifications = email_verifications (user_id) {
                user_id -> BigInt,
                email -> Text,
                hash -> Nullable<Binary>,
                mails -> BigInt,
                repeats -> BigInt,
                expires_at -> Moment,
            }
            Identities = identities (issuer, subject) {
                issuer -> Text,
                subject -> Text,
                user_id -> BigInt,
                created_at -> Moment,
            }
            Inboxes = inboxes (user_id) {
                user_id -> BigInt,
                project_id -> BigInt,
            }
            LoginAttempts = login_attempts (id) {
                id -> BigInt,
                network -> Text,
                began_at -> Moment,
            }
            SentNotices = sent_notices (mail) {
                mail -> Text,
                user_id -> BigInt,
                kind -> Text,
                task_id -> Nullable<BigInt>,
                sent_at -> Moment,
            }
            HeldNotices = held_notices (id) {
                id -> BigInt,
                user_id -> BigInt,
                mail -> Text,
                key -> Text,
                kind -> Text,
                payload -> Text,
                held_at -> Moment,
            }
            ChangeFeed = change_feed (feed) {
                feed -> BigInt,
                seq -> BigInt,
                pruned_seq -> BigInt,
            }
            Changes = changes (kind, thing_id, project_id) {
                project_id -> BigInt,
                kind -> Text,
                thing_id -> BigInt,
                task_id -> Nullable<BigInt>,
                seq -> BigInt,
                is_deleted -> Bool,
                changed_at -> Moment,
            }
            UserChanges = user_changes (user_id, kind, thing_id) {
                user_id -> BigInt,
                kind -> Text,
                thing_id -> BigInt,
                task_id -> Nullable<BigInt>,
                project_id -> BigInt,
                seq -> BigInt,
                lost_seq -> Nullable<BigInt>,
                changed_at -> Moment,
            }
            Audit = audit (id) {
                id -> BigInt,
                at -> Moment,
                actor_id -> Nullable<BigInt>,
                action -> Text,
                object -> Nullable<Text>,
                changes -> Text,
                ip -> Nullable<Text>,
                request_id -> Nullable<Text>,
            }
        }
    };
}

pub(crate) use tables;

//! The promises of [`fasttrack_domain::ports`], one case each. A case takes an empty database and panics where a
//! promise is broken; [`contract_tests!`](crate::contract_tests) makes tests of all of them.

pub mod audit;
pub mod backlog;
pub mod comment;
pub mod email_verification;
pub mod exchange;
pub mod idempotency;
pub mod identity;
pub mod inbox;
pub mod job;
pub mod last_admin;
pub mod list;
pub mod login_attempt;
pub mod notice;
pub mod notification;
pub mod outbox;
pub mod page;
pub mod password_change;
pub mod password_cost;
pub mod password_reset;
pub mod project;
pub mod quota;
pub mod revocation;
pub mod session;
pub mod statistics;
pub mod task;
pub mod ticket;
pub mod user;
pub mod worker;

use crate::Ports;
use fasttrack_domain::ports::RepositoryError;
use std::{fmt::Debug, sync::Arc};
use tokio::{sync::Barrier, task::JoinSet};

/// Runs one case on threads of its own. For [`contract_tests!`](crate::contract_tests).
#[doc(hidden)]
pub fn run(case: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap().block_on(case);
}

/// A fresh database can be used.
pub async fn a_fresh_database_is_healthy(ports: &Ports) {
    ports.health.check().await.unwrap();
}

/// Starts `n` calls at one moment, each on a task of its own, and waits for all of them.
async fn simultaneously<T, F>(n: usize, call: impl Fn(usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let start = Arc::new(Barrier::new(n));
    let mut calls = JoinSet::new();
    for call in (0..n).map(call) {
        let start = Arc::clone(&start);
        calls.spawn(async move {
            start.wait().await;
            call.await
        });
    }
    calls.join_all().await
}

/// Numbers as if drawn by lot, the same each time.
struct Lots(u64);

impl Lots {
    /// Others for each `seed`.
    fn new(seed: usize) -> Self {
        Self(seed as u64)
    }

    /// 0 to `bound` - 1.
    fn below(&mut self, bound: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % bound as u64).unwrap()
    }
}

/// The constraint that `result` is a conflict with.
#[track_caller]
fn conflict<T: Debug>(result: Result<T, RepositoryError>) -> &'static str {
    match result {
        Err(RepositoryError::Conflict { constraint }) => constraint,
        other => panic!("expected a conflict, got {other:?}"),
    }
}

/// What makes a database may find that there is none to be had here. For
/// [`contract_tests!`](crate::contract_tests).
#[doc(hidden)]
pub trait Setup {
    type Guard;

    fn ready(self) -> Option<(Ports, Self::Guard)>;
}

impl<G> Setup for (Ports, G) {
    type Guard = G;

    fn ready(self) -> Option<Self> {
        Some(self)
    }
}

impl<G> Setup for Option<(Ports, G)> {
    type Guard = G;

    fn ready(self) -> Self {
        self
    }
}

// @norm NORM-DATA-001
/// Makes a test of every case of the contract.
///
/// Takes the path of an `async fn() -> (Ports, impl Sized)` that makes a fresh, empty database; the second value is
/// dropped when the test ends. An `Option` of both will do too: on `None` there is nothing to test. Call it at most once in a module: the tests stand in a child module for each area.
/// See the [crate's documentation](crate) for an example.
#[macro_export]
macro_rules! contract_tests {
    ($setup:path) => {
        async fn fresh_ports() -> Option<($crate::Ports, impl Sized)> {
            $crate::contract::Setup::ready($setup().await)
        }

        #[test]
        fn a_fresh_database_is_healthy() {
            $crate::contract::run(async {
                let Some((ports, _guard)) = fresh_ports().await else { return };
                $crate::contract::a_fresh_database_is_healthy(&ports).await;
            });
        }

        $crate::contract_tests! { @areas
            user {
                a_new_account_is_active_and_found_as_it_was_made,
                an_account_without_password_has_no_hash,
                accounts_that_do_not_exist_are_not_found,
                the_longest_and_strangest_values_come_back_equal,
                a_taken_address_is_refused_and_nothing_is_made,
                of_simultaneous_accounts_with_one_address_one_is_made,
                a_change_is_committed_whole,
                a_change_based_on_another_version_is_not_committed,
                of_simultaneous_changes_of_one_version_one_is_committed,
                a_change_to_a_taken_address_is_refused_and_nothing_is_committed,
                an_address_that_was_given_up_can_be_taken,
                deactivation_ends_every_session_of_that_user_only,
                another_role_keeps_sessions_and_reaches_their_next_tokens,
                a_reset_password_replaces_the_hash_and_ends_everything,
                a_change_decided_before_a_reset_is_not_committed,
                of_simultaneous_resets_each_counts_the_epoch,
            }
            last_admin {
                the_last_active_admin_can_not_be_taken_away,
                an_inactive_admin_does_not_count_as_the_last,
                the_last_active_admin_can_be_renamed,
                of_two_admins_who_demote_each_other_at_once_one_stays,
                however_many_admins_go_at_once_one_stays,
            }
            project {
                a_new_project_is_active_and_found_as_it_was_made,
                the_longest_and_strangest_texts_come_back_equal,
                projects_that_do_not_exist_are_not_found,
                a_project_of_nobody_is_refused,
                a_change_is_committed_whole,
                a_change_based_on_another_version_is_not_committed,
                of_simultaneous_changes_of_one_version_one_is_committed,
                of_a_simultaneous_change_and_deletion_one_is_committed,
                a_deletion_takes_tasks_and_comments_along,
                a_deletion_based_on_another_version_deletes_nothing,
                ids_are_never_used_twice,
            }
            inbox {
                an_inbox_is_a_project_of_its_owner,
                an_inbox_stays_one_whatever_it_is_called,
                a_second_inbox_is_refused_and_nothing_is_made,
                of_simultaneous_inboxes_one_is_made,
                each_user_has_an_inbox_of_its_own,
                an_inbox_that_was_deleted_can_be_made_anew,
                an_inbox_of_nobody_is_refused,
            }
            audit {
                lines_come_back_as_they_were_written,
                lines_are_listed_by_every_combination_of_filters,
                the_newest_lines_come_first_on_every_page,
                a_line_that_counts_is_changed,
                old_lines_are_deleted,
                a_line_is_committed_with_what_it_tells_of,
                what_is_not_committed_has_no_line,
            }
            quota {
                a_full_place_takes_no_more_until_something_goes,
                only_as_many_simultaneous_creations_fit_as_may,
                a_deletion_of_nothing_frees_no_place,
                simultaneous_deletions_of_one_row_free_one_place,
                a_repeated_request_is_known_in_a_full_place,
            }
            task {
                a_new_task_is_found_as_it_was_made_with_its_project,
                the_longest_and_strangest_texts_come_back_equal,
                an_empty_description_is_not_an_absent_one,
                tasks_that_do_not_exist_are_not_found,
                a_task_is_found_with_its_project_as_that_is_now,
                a_task_of_a_gone_project_is_refused,
                a_task_for_a_gone_assignee_is_refused_and_nothing_is_made,
                no_task_outlives_its_project_when_both_come_and_go_at_once,
                a_change_is_committed_whole,
                a_change_based_on_another_version_is_not_committed,
                of_simultaneous_changes_of_one_version_one_is_committed,
                simultaneous_changes_that_are_decided_again_are_all_kept,
                a_deletion_takes_the_comments_along,
                a_deletion_based_on_another_version_deletes_nothing,
                ids_are_never_used_twice,
            }
            comment {
                a_new_comment_is_found_as_it_was_made,
                the_longest_and_strangest_text_comes_back_equal,
                comments_that_do_not_exist_are_not_found,
                a_comment_on_a_gone_task_is_refused,
                a_comment_of_nobody_is_refused,
                comments_are_listed_with_who_may_see_them,
                a_task_without_comments_has_an_empty_page,
                a_comment_is_deleted_once,
                of_simultaneous_deletions_one_deletes,
                ids_are_never_used_twice,
            }
            page {
                a_page_that_takes_the_last_row_is_the_last,
                users_are_walked_while_rows_come_and_go,
                projects_are_walked_while_rows_come_and_go,
                tasks_of_a_project_are_walked_while_rows_come_and_go,
                assigned_tasks_are_walked_while_rows_come_and_go,
                comments_are_walked_while_rows_come_and_go,
                pages_are_walked_while_others_write,
            }
            list {
                tasks_of_a_project_are_listed_by_every_combination_of_filters,
                assigned_tasks_are_listed_by_every_filter,
                filtered_tasks_are_walked_without_gaps,
                a_list_in_a_project_names_its_owner,
                a_list_in_a_project_that_does_not_exist_is_none,
                a_project_without_matching_tasks_has_an_empty_page,
                users_are_listed_by_every_combination_of_filters,
                projects_are_listed_by_every_combination_of_filters,
            }
            session {
                a_new_session_says_whose_it_is_and_from_where,
                a_client_that_tells_nothing_is_kept_as_such,
                nobody_and_the_deactivated_can_not_begin_a_session,
                an_ended_session_is_refused_and_on_the_blocklist,
                what_is_no_live_session_of_the_user_does_not_end,
                one_session_more_than_allowed_ends_the_oldest,
                simultaneous_logins_leave_no_more_sessions_than_allowed,
                of_simultaneous_ends_one_ends_the_session,
                sessions_that_are_long_over_are_forgotten,
                live_sessions_are_listed_the_newest_first,
                pages_of_sessions_are_walked_while_they_come_and_go,
            }
            exchange {
                an_exchange_renews_the_session,
                a_session_ends_so_long_after_its_login,
                a_token_of_another_session_with_that_id_is_refused,
                a_refresh_token_is_accepted_while_it_could_be_exchanged,
                tokens_can_be_exchanged_one_after_the_other,
                a_token_that_was_never_handed_out_is_refused,
                an_expired_token_is_refused,
                a_token_of_another_session_is_refused_and_not_spent,
                reuse_of_a_spent_token_revokes_the_whole_session,
                reuse_after_the_session_is_over_is_told_as_reuse,
                a_token_spent_within_the_leeway_is_exchanged_again,
                a_token_spent_before_the_leeway_is_reused,
                the_leeway_does_not_bring_an_ended_session_back,
                of_simultaneous_exchanges_of_one_token_one_renews_and_the_session_is_over,
                simultaneous_exchanges_within_the_leeway_all_renew,
                simultaneous_exchanges_in_different_sessions_all_renew,
            }
            idempotency {
                a_request_is_found_with_what_it_created,
                a_request_that_was_not_done_is_not_found,
                what_a_request_created_is_told_as_it_was_then,
                a_second_request_under_a_key_is_refused_and_creates_nothing,
                a_creation_that_fails_is_not_remembered,
                of_simultaneous_requests_under_one_key_one_is_done,
                one_key_of_several_users_is_several_requests,
                an_expired_request_is_not_found_and_its_key_is_free,
                expired_requests_are_forgotten,
            }
            revocation {
                a_token_is_confirmed_for_its_own_session_alone,
                a_token_is_not_confirmed_once_its_time_is_over,
                a_token_without_keys_is_confirmed_for_what_is_older,
                a_token_of_another_issuer_is_confirmed_by_user_and_blocklist,
                no_two_users_and_no_two_sessions_have_one_key,
                an_entry_can_be_made_by_itself,
                entries_come_in_order_and_once,
                without_new_entries_the_position_stays,
                entries_are_forgotten_once_they_expired,
                a_position_stays_good_when_entries_before_it_are_forgotten,
                a_reader_who_follows_along_misses_nothing,
            }
            outbox {
                an_event_is_dispatched_once,
                events_of_a_task_come_in_their_order,
                a_dispatch_takes_the_oldest_events_up_to_its_limit,
                all_that_follows_from_an_event_is_kept,
                a_queued_job_is_leased_as_it_was_meant,
                numbers_have_no_gap_over_users_and_dispatches,
                however_many_dispatch_at_once_each_event_is_done_once,
                a_dispatch_that_fails_halfway_keeps_nothing,
                events_of_a_project_that_is_gone_harm_nobody,
                whoever_waits_is_told_of_events,
            }
            notice {
                a_task_is_mailed_again_after_ten_minutes,
                what_is_beyond_twenty_an_hour_is_in_one_digest,
                what_is_held_of_a_task_is_its_last_state,
                tasks_take_no_room_from_notices_to_an_account,
                a_mail_that_was_let_through_may_be_tried_again,
                of_simultaneous_notices_no_more_are_let_through,
                a_digest_takes_what_is_held_once,
                beyond_what_is_kept_a_digest_says_there_was_more,
                each_user_is_counted_alone,
                notices_that_count_no_more_are_forgotten,
            }
            notification {
                notifications_come_back_as_they_were_made,
                pages_begin_with_the_newest,
                pages_are_walked_while_new_ones_arrive,
                unread_ones_can_be_listed_alone,
                what_was_read_stays_so,
                nothing_is_read_before_it_exists,
                those_behind_a_number_come_in_their_order,
                heads_tell_how_far_notifications_reach,
                a_notification_tells_when_it_happened,
                old_notifications_go_and_numbers_go_on,
            }
            statistics {
                a_project_without_tasks_has_zeros,
                a_project_that_does_not_exist_has_none,
                numbers_follow_the_events,
                after_200_random_changes_the_numbers_are_exact,
                a_rebuild_corrects_what_differs,
                a_rebuild_leaves_zeros_where_no_task_is,
                events_that_wait_still_count_after_a_rebuild,
                a_rebuild_is_right_while_others_write,
            }
            job {
                a_job_is_queued_with_the_account_that_promises_it,
                jobs_that_wait_longest_are_leased_first,
                a_leased_job_is_nobody_elses_until_the_lease_is_over,
                of_simultaneous_leases_no_two_get_the_same_job,
                a_lease_can_be_extended,
                a_completed_job_is_gone,
                who_lost_a_lease_can_neither_complete_nor_fail,
                a_failed_job_is_tried_again_at_its_time,
                a_job_that_is_given_up_is_dead,
                a_job_that_was_begun_too_often_is_dead,
                a_dead_job_can_be_revived,
                every_dead_job_can_be_revived_at_once,
                a_worker_hands_back_its_leases,
                jobs_are_listed_by_their_state,
                whoever_waits_is_told_of_a_job,
                jobs_that_died_long_ago_are_deleted,
                jobs_are_leased_by_their_priority,
                a_job_that_is_deferred_waits_for_its_time,
                a_nonce_tells_a_job_from_all_others,
                of_jobs_with_one_key_the_last_is_done,
                consequences_of_one_dispatch_may_share_keys,
            }
            backlog {
                events_that_wait_are_counted_with_the_moment_of_the_oldest,
                no_more_events_are_counted_than_asked_for,
                jobs_are_counted_by_their_state_with_the_moment_of_the_one_that_is_due_longest,
                no_more_jobs_are_counted_than_asked_for,
            }
            worker {
                whatever_befalls_workers_every_job_ends_done_or_dead,
            }
            ticket {
                a_ticket_is_redeemed_once_for_what_it_stands_for,
                a_ticket_that_was_never_issued_is_worth_nothing,
                of_simultaneous_redeems_one_is_told,
                an_expired_ticket_is_worth_nothing,
                expired_tickets_are_forgotten,
            }
            login_attempt {
                attempts_count_until_the_window_has_slid,
                a_forgiven_attempt_does_not_count,
                each_network_is_counted_by_itself,
                of_simultaneous_attempts_no_more_are_counted,
                attempts_that_are_over_are_forgotten,
                attempts_of_a_clock_set_back_do_not_count_for_hours,
            }
            identity {
                an_identity_is_given_a_new_account,
                an_identity_that_nobody_has_is_not_found,
                an_identity_is_linked_with_an_account,
                the_account_is_found_as_it_is_now,
                an_identity_is_one_to_the_letter,
                an_identity_has_one_account,
                a_taken_address_makes_no_account,
                an_account_that_changed_can_not_be_linked,
                a_take_over_ends_all_that_others_could_use,
                of_simultaneous_accounts_for_one_identity_one_is_made,
            }
            email_verification {
                an_unproven_account_is_made_with_its_mail,
                of_requests_of_a_user_one_waits,
                a_verification_token_proves_the_address_once,
                of_simultaneous_proofs_with_a_token_one_is_done,
                an_expired_verification_token_proves_nothing,
                a_verification_token_dies_with_what_it_was_meant_for,
                only_an_address_to_be_proven_gets_a_token,
                a_pending_address_takes_its_place_once_proven,
                a_pending_address_that_was_taken_is_a_conflict,
                an_address_gets_only_so_many_verification_mails,
                a_user_causes_only_so_many_verification_mails,
                changes_of_password_and_address_are_told,
                a_session_revoked_by_reuse_is_told_once,
                addresses_are_compared_by_their_keys,
            }
            password_change {
                a_change_ends_every_other_session_and_keeps_the_epoch,
                a_change_without_a_session_to_keep_ends_all,
                a_change_on_another_password_changes_nothing,
                of_simultaneous_changes_of_one_password_one_is_made,
                a_session_does_not_begin_by_a_password_that_was_replaced,
                no_login_in_flight_outlives_a_change,
            }
            password_cost {
                the_highest_cost_of_all_hashes_is_found,
                a_login_renews_the_hash_that_it_was_proven_by,
                of_simultaneous_renewals_one_is_kept,
            }
            password_reset {
                of_requests_for_an_address_one_waits_at_a_time,
                a_request_while_a_mail_is_sent_is_done_afterwards,
                a_mail_that_failed_is_tried_again_for_all_who_asked,
                of_simultaneous_requests_one_waits,
                a_request_that_was_given_up_is_in_nobodys_way,
                whoever_waits_is_told_of_a_request,
                a_token_is_redeemed_once_and_ends_everything,
                a_token_gives_a_first_password_too,
                of_simultaneous_redemptions_of_a_token_one_is_done,
                a_token_that_was_never_sent_is_worth_nothing,
                an_expired_token_is_worth_nothing,
                a_token_dies_with_the_next_one,
                a_token_dies_with_what_it_was_meant_for,
                nobody_and_the_deactivated_get_no_token,
                a_user_gets_only_so_many_tokens_before_the_last_has_expired,
                expired_tokens_are_forgotten,
            }
        }
    };
    (@areas $($area:ident { $($case:ident,)+ })+) => {$(
        mod $area {
            $(
                #[test]
                fn $case() {
                    $crate::contract::run(async {
                        let Some((ports, _guard)) = super::fresh_ports().await else { return };
                        $crate::contract::$area::$case(&ports).await;
                    });
                }
            )+
        }
    )+};
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_case_becomes_a_test() {
        let table = include_str!("mod.rs");
        let areas = [
            include_str!("backlog.rs"),
            include_str!("comment.rs"),
            include_str!("email_verification.rs"),
            include_str!("exchange.rs"),
            include_str!("idempotency.rs"),
            include_str!("identity.rs"),
            include_str!("inbox.rs"),
            include_str!("job.rs"),
            include_str!("last_admin.rs"),
            include_str!("notice.rs"),
            include_str!("notification.rs"),
            include_str!("outbox.rs"),
            include_str!("page.rs"),
            include_str!("password_change.rs"),
            include_str!("password_cost.rs"),
            include_str!("password_reset.rs"),
            include_str!("project.rs"),
            include_str!("revocation.rs"),
            include_str!("session.rs"),
            include_str!("statistics.rs"),
            include_str!("task.rs"),
            include_str!("ticket.rs"),
            include_str!("list.rs"),
            include_str!("user.rs"),
            include_str!("worker.rs"),
        ];
        for area in areas {
            let cases: Vec<_> =
                area.split("pub async fn ").skip(1).map(|rest| rest.split_once('(').unwrap().0).collect();
            assert!(!cases.is_empty());
            for case in cases {
                assert!(table.contains(&format!(" {case},")), "{case} is in no table");
            }
        }
    }
}

//! The queue of jobs.

mod leases;
mod outcomes;
mod shared;

pub use shared::Ports;

use leases::{
    a_job_is_queued_with_its_account, a_lease_can_be_extended, a_leased_job_is_not_leased_again_before_the_lease_ends,
    a_queued_job_wakes_the_waiting_worker, a_worker_can_release_its_leases, jobs_that_wait_longest_are_leased_first,
    simultaneous_leases_never_get_the_same_job,
};
use outcomes::{
    a_completed_job_is_gone, a_deferred_job_waits_for_its_time, a_failed_job_is_retried_at_its_time,
    a_job_beyond_its_attempts_is_dead, a_job_without_retry_is_dead, a_nonce_is_unique_and_stays_for_each_attempt,
    a_worker_without_lease_cannot_complete_or_fail,
};

contract! { $
    job { users, jobs }
    a_job_is_queued_with_its_account,
    jobs_that_wait_longest_are_leased_first,
    a_leased_job_is_not_leased_again_before_the_lease_ends,
    simultaneous_leases_never_get_the_same_job,
    a_lease_can_be_extended,
    a_completed_job_is_gone,
    a_worker_without_lease_cannot_complete_or_fail,
    a_failed_job_is_retried_at_its_time,
    a_job_without_retry_is_dead,
    a_job_beyond_its_attempts_is_dead,
    a_worker_can_release_its_leases,
    a_deferred_job_waits_for_its_time,
    a_nonce_is_unique_and_stays_for_each_attempt,
    a_queued_job_wakes_the_waiting_worker,
}

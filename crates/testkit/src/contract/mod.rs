//! The promises of [`fasttrack_domain::ports`] as test cases, an area in each module.
//!
//! An area has the promises of one port, or those that need several ports to be seen. Its `Ports` are the ports that
//! its cases use: the port under test, those that create the rows it refers to, and those that show its effects. They
//! have to share one storage. [`contract_tests!`](crate::contract_tests) makes tests of the cases.

/// Defines the struct `Ports` of what the cases of an area use.
macro_rules! ports {
    ($($port:ident: $trait:ident),+ $(,)?) => {
        /// The ports that the cases of this area use, on one storage.
        #[derive(Clone)]
        pub struct Ports {
            $(
                #[doc = concat!("The [`", stringify!($trait), "`].")]
                pub $port: std::sync::Arc<dyn $trait>,
            )+
        }

        $(
            impl $crate::HasPort<dyn $trait> for Ports {
                fn port(&self) -> &(dyn $trait + 'static) {
                    &*self.$port
                }
            }
        )+
    };
}

/// Defines an area: its `Ports`, and the macro by which [`contract_tests!`](crate::contract_tests) makes a test of each
/// case. Where the cases are in several files, a further one defines `Ports` by `ports!`, and this lists the fields.
///
/// Cases are private functions, so that the compiler warns of one that is not listed. The `$` is passed in because the
/// macro that this defines has parameters of its own.
macro_rules! contract {
    ($d:tt $area:ident { $($port:ident: $trait:ident),+ $(,)? } $($case:ident,)+) => {
        ports! { $($port: $trait),+ }

        contract! { $d $area { $($port),+ } $($case,)+ }
    };
    ($d:tt $area:ident { $($port:ident),+ $(,)? } $($case:ident,)+) => {
        #[doc(hidden)]
        pub mod cases {
            $(
                pub async fn $case(ports: super::Ports) {
                    super::$case(&ports).await;
                }
            )+
        }

        #[doc(hidden)]
        #[macro_export]
        macro_rules! $area {
            ($d setup:ident) => {
                mod $area {
                    async fn ports() -> Option<($crate::contract::$area::Ports, impl Sized)> {
                        let (given, guard) = $crate::contract::Setup::ready(super::$d setup().await)?;
                        Some(($crate::contract::$area::Ports { $($port: given.$port),+ }, guard))
                    }

                    $(
                        #[test]
                        fn $case() {
                            $crate::contract::run(ports(), $crate::contract::$area::cases::$case);
                        }
                    )+
                }
            };
        }
    };
}

pub mod acceptance;
pub mod api_token;
pub mod audit;
pub mod audit_commit;
pub mod audit_log;
pub mod backlog;
pub mod blocklist;
pub mod cascade;
pub mod change;
pub mod clock;
pub mod comment;
pub mod confirmation;
pub mod dispatch_access;
pub mod email_verification;
pub mod erasure;
pub mod erasure_access;
pub mod erasure_rest;
pub mod erasure_sharing;
pub mod exchange;
pub mod export;
pub mod external_verifier;
pub mod hash_renewal;
pub mod hasher;
pub mod health;
pub mod idempotency;
pub mod identity;
pub mod inbox;
pub mod invitation;
pub mod invitation_token;
pub mod job;
pub mod job_key;
pub mod job_record;
pub mod label;
pub mod last_admin;
pub mod login_attempt;
pub mod mailer;
pub mod member;
pub mod member_removal;
pub mod membership;
pub mod notice;
pub mod notification;
pub mod notification_bus;
pub mod notification_listener;
pub mod outbox;
pub mod password_change;
pub mod password_cost;
pub mod password_reset;
pub mod people;
pub mod project;
pub mod quota;
pub mod rate_limit;
pub mod reminder;
pub mod revocation;
pub mod search;
pub mod secret;
pub mod security_notice;
pub mod session;
mod shared;
pub mod sharing_audit;
pub mod sharing_event;
pub mod statistics;
pub mod takeover;
pub mod task;
pub mod task_bulk;
pub mod task_label;
pub mod task_list;
pub mod task_list_bound;
pub mod task_parent;
pub mod task_planning;
pub mod task_position;
pub mod task_query;
pub mod ticket;
pub mod token;
pub mod transfer;
pub mod user;
pub mod user_session;
mod walk;
pub mod webhook;
pub mod webhook_change;
pub mod webhook_delivery;
pub mod webhook_queue;
pub mod worker;

pub(crate) use shared::dispatch_all;

use shared::{Subscribers, TestRng, blocklist, conflict, recording, simultaneously};

/// Runs one case on threads of its own, unless there are no ports. For [`contract_tests!`](crate::contract_tests).
#[doc(hidden)]
pub fn run<P, G, F: Future<Output = ()>>(ports: impl Future<Output = Option<(P, G)>>, case: impl FnOnce(P) -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    runtime.block_on(async {
        if let Some((ports, _guard)) = ports.await {
            case(ports).await;
        }
    });
}

/// What a setup function may return: ports and a guard, or `None` where there is no storage to test on. For
/// [`contract_tests!`](crate::contract_tests).
#[doc(hidden)]
pub trait Setup {
    type Ports;
    type Guard;

    fn ready(self) -> Option<(Self::Ports, Self::Guard)>;
}

impl<P, G> Setup for (P, G) {
    type Ports = P;
    type Guard = G;

    fn ready(self) -> Option<Self> {
        Some(self)
    }
}

impl<P, G> Setup for Option<(P, G)> {
    type Ports = P;
    type Guard = G;

    fn ready(self) -> Self {
        self
    }
}

// @norm NORM-DATA-001
/// Makes a test of every case of an area, of several areas, or of all areas that need storage.
///
/// The last argument is the name of an `async fn` beside the call. It makes a fresh, empty storage and returns a pair:
/// a value whose public fields are the ports, named as in the `Ports` of the areas, and a guard, which is dropped when
/// the test ends. It may return an `Option` of that: `None` where there is no storage to test on. Each area becomes a
/// child module.
///
/// - `contract_tests!(user, setup)` tests one area.
/// - `contract_tests!([task, task_list], setup)` tests several.
/// - `contract_tests!(setup)` tests all areas of storage: all but `audit_log`, `blocklist`, `clock`, `external_verifier`,
///   `hasher`, `mailer`, `notification_bus`, `notification_listener`, `rate_limit`, `secret` and `token`.
///
/// See the [crate's documentation](crate) for an example.
#[macro_export]
macro_rules! contract_tests {
    ([$($area:ident),+ $(,)?], $setup:ident) => {
        $($crate::$area! { $setup })+
    };
    ($area:ident, $setup:ident) => {
        $crate::$area! { $setup }
    };
    ($setup:ident) => {
        $crate::contract_tests! {
            [
                user, user_session, last_admin, password_change, hash_renewal,
                password_cost, project, inbox, task, task_list,
                task_query, task_list_bound, task_planning, task_parent, task_position,
                task_bulk, label, task_label, reminder, search,
                comment, cascade, quota, member, member_removal,
                transfer, membership, sharing_event, sharing_audit, invitation,
                invitation_token, acceptance, people, erasure, erasure_access,
                erasure_sharing, erasure_rest, export, idempotency, audit,
                audit_commit, session, exchange, revocation, confirmation,
                api_token,
                identity, takeover, email_verification, security_notice, password_reset,
                ticket, login_attempt, outbox, dispatch_access, backlog,
                notification, statistics, notice, job, job_record,
                job_key, worker, webhook, webhook_change, webhook_delivery,
                webhook_queue, change, health,
            ],
            $setup
        }
    };
}

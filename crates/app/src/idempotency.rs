//! Idempotency keys: a request that a client repeats creates something once.

use crate::{Error, retry::until_committed};
use fasttrack_domain::{
    id::UserId,
    idempotency::{Created, Idempotency, KeyedRequest},
    ports::{clock::Clock, idempotency::IdempotencyRepository},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Creation<T> {
    /// The entity as it was when it was created.
    pub entity: T,
    /// Whether an earlier request with the same key created it.
    pub replayed: bool,
}

impl<T> Creation<T> {
    pub(crate) fn map<U>(self, convert: impl FnOnce(T) -> U) -> Creation<U> {
        Creation { entity: convert(self.entity), replayed: self.replayed }
    }
}

/// Whether the idempotency key of a request is free.
pub(crate) enum Claim {
    /// The record to commit with the creation.
    Free(Option<Idempotency>),
    /// The key belongs to another request.
    Taken,
}

impl Claim {
    /// Returns the record to commit. Call it last: a refusal for another reason comes first.
    pub(crate) fn idempotency(self) -> Result<Option<Idempotency>, Error> {
        match self {
            Self::Free(idempotency) => Ok(idempotency),
            Self::Taken => Err(Error::IdempotencyKeyReused),
        }
    }
}

// @spec SPEC-010
/// Repeats `attempt` until it is committed. A request whose key was used before returns what it created then; a request
/// without a key is always new.
pub(crate) async fn once<T, F>(
    records: &dyn IdempotencyRepository,
    clock: &dyn Clock,
    user_id: UserId,
    request: Option<&KeyedRequest>,
    attempt: impl Fn(Claim) -> F + Sync,
) -> Result<Creation<T>, Error>
where
    T: TryFrom<Created>,
    F: Future<Output = Result<Option<T>, Error>> + Send,
{
    let attempt = &attempt;
    until_committed(|| async move {
        let claim = match request {
            None => Claim::Free(None),
            Some(request) => {
                let at = clock.now();
                match records.find(user_id, &request.key, at).await? {
                    None => Claim::Free(Some(Idempotency { request: request.clone(), user_id, at })),
                    Some(record) => match T::try_from(record.created) {
                        Ok(entity) if record.fingerprint == request.fingerprint => {
                            return Ok(Some(Creation { entity, replayed: true }));
                        }
                        _ => Claim::Taken,
                    },
                }
            }
        };
        let created = attempt(claim).await?;
        Ok(created.map(|entity| Creation { entity, replayed: false }))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{OWNER, clock, keyed_request, knowing, now, project, run, task, unavailable};
    use fasttrack_domain::{
        idempotency::IdempotencyRecord, ports::idempotency::MockIdempotencyRepository, project::Project,
    };
    use std::{future::ready, sync::Mutex};

    /// The result of a request, and the records that its attempts commit. Each attempt pops one of `results`.
    fn tried(
        records: &MockIdempotencyRepository,
        request: Option<&KeyedRequest>,
        results: Vec<Option<Project>>,
    ) -> (Result<Creation<Project>, Error>, Vec<Option<Idempotency>>) {
        let (results, claims) = (Mutex::new(results), Mutex::new(Vec::new()));
        let creation = run(once(records, &*clock(), OWNER.id, request, |claim| {
            ready(claim.idempotency().map(|idempotency| {
                claims.lock().unwrap().push(idempotency);
                results.lock().unwrap().pop().unwrap()
            }))
        }));
        (creation, claims.into_inner().unwrap())
    }

    fn done(created: impl Into<Created>) -> IdempotencyRecord {
        IdempotencyRecord { fingerprint: keyed_request().fingerprint, created: created.into() }
    }

    fn claim() -> Idempotency {
        Idempotency { request: keyed_request(), user_id: OWNER.id, at: now() }
    }

    #[test]
    fn a_request_without_a_key_is_always_new() {
        let (creation, claims) = tried(&MockIdempotencyRepository::new(), None, vec![Some(project())]);
        assert_eq!(creation.unwrap(), Creation { entity: project(), replayed: false });
        assert_eq!(claims, [None]);
    }

    #[test]
    fn a_new_request_is_remembered_with_what_it_creates() {
        let (creation, claims) = tried(&knowing([None]), Some(&keyed_request()), vec![Some(project())]);
        assert_eq!(creation.unwrap(), Creation { entity: project(), replayed: false });
        assert_eq!(claims, [Some(claim())]);
    }

    #[test]
    fn a_request_that_was_done_before_is_not_tried_again() {
        let (creation, claims) = tried(&knowing([Some(done(project()))]), Some(&keyed_request()), vec![]);
        assert_eq!(creation.unwrap(), Creation { entity: project(), replayed: true });
        assert_eq!(claims, []);
    }

    #[test]
    fn a_key_of_another_request_is_refused() {
        let other = IdempotencyRecord { fingerprint: [9; 32], created: project().into() };
        for known in [other, done(task().task)] {
            let (creation, claims) = tried(&knowing([Some(known)]), Some(&keyed_request()), vec![]);
            assert!(matches!(creation, Err(Error::IdempotencyKeyReused)), "{creation:?}");
            assert_eq!(claims, []);
        }
    }

    #[test]
    fn whoever_is_overtaken_tells_what_the_other_created() {
        let (creation, claims) = tried(&knowing([None, Some(done(project()))]), Some(&keyed_request()), vec![None]);
        assert_eq!(creation.unwrap(), Creation { entity: project(), replayed: true });
        assert_eq!(claims, [Some(claim())]);
    }

    #[test]
    fn nothing_is_tried_where_the_records_can_not_be_read() {
        let mut records = MockIdempotencyRepository::new();
        records.expect_find().times(1).return_once(|_, _, _| Err(unavailable()));
        let (creation, claims) = tried(&records, Some(&keyed_request()), vec![]);
        assert!(matches!(creation, Err(Error::Unavailable { .. })));
        assert_eq!(claims, []);
    }
}

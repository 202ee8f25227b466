use super::*;
use crate::secret::RandomSecrets;
use chrono::TimeDelta;
use fasttrack_domain::{
    api_token::{ApiToken, NewApiToken, Reach, Scope, Scopes},
    audit::AuditEntry,
    id::{ProjectId, UserId},
    key::InstanceKey,
    page::{Page, PageRequest},
    ports::{RepositoryError, api_token::MockApiTokenRepository, revocation::Blocklist, secret::SecretSource},
    revocation::{Revocation, Revoked, RevokingAct},
    token::{ApiGrant, TokenId, TokenSource},
    user::Role,
};
use std::sync::{
    LazyLock,
    atomic::{AtomicUsize, Ordering},
};

static TOKEN: LazyLock<String> = LazyLock::new(|| RandomSecrets.draw_api_token().secret.expose().to_owned());

type Found = Result<Option<Result<AccessClaims, TokenError>>, RepositoryError>;

fn now() -> Timestamp {
    later(0)
}

fn later(seconds: i64) -> Timestamp {
    Timestamp::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
}

fn token_id() -> TokenId {
    TokenId::of_api_token(&RandomSecrets.hash(&TOKEN))
}

/// The claims that storage has of the token, which expires in 100 seconds.
fn claims() -> AccessClaims {
    let scopes = Scopes::from_iter([Scope::TasksRead]);
    AccessClaims {
        user_id: UserId::new(7),
        role: Role::Admin,
        source: TokenSource::Api(ApiGrant {
            id: ApiTokenId::new(5),
            scopes,
            reach: Reach::only(vec![ProjectId::new(3)]),
        }),
        token_id: token_id(),
        epoch: 2,
        issued_at: now(),
        expires_at: later(100),
        user_key: Some(InstanceKey::new([0xab; InstanceKey::LENGTH])),
        session_key: None,
    }
}

fn away() -> RepositoryError {
    RepositoryError::Unavailable("away".into())
}

/// A verifier, and its blocklist. Storage is read once for each of `answers`, and no more.
fn tokens(answers: Vec<Found>) -> (ApiTokens, Arc<TokenMemory>) {
    let mut storage = MockApiTokenRepository::new();
    for answer in answers {
        let hash = RandomSecrets.hash(&TOKEN);
        storage.expect_find().times(1).withf(move |given, _| *given == hash).return_once(move |_, _| answer);
    }
    let memory = Arc::<TokenMemory>::default();
    (ApiTokens::new(memory.clone(), Arc::new(storage)), memory)
}

#[tokio::test]
async fn storage_is_read_for_the_first_request_alone() {
    let (tokens, _) = tokens(vec![Ok(Some(Ok(claims())))]);
    assert_eq!(tokens.verify_cached(&TOKEN, now()), None);
    for _ in 0..2 {
        assert_eq!(tokens.look_up(&TOKEN, now()).await, Ok(claims()));
        assert_eq!(tokens.verify_cached(&TOKEN, now()), Some(Ok(claims())));
    }
}

#[tokio::test]
async fn refusals_of_storage_are_not_kept() {
    for (answer, expected) in [
        (Ok(None), TokenError::Invalid),
        (Ok(Some(Err(TokenError::Revoked))), TokenError::Revoked),
        (Ok(Some(Err(TokenError::Expired))), TokenError::Expired),
        (Err(away()), TokenError::Unavailable),
    ] {
        let (tokens, _) = tokens(vec![answer, Ok(Some(Ok(claims())))]);
        assert_eq!(tokens.look_up(&TOKEN, now()).await, Err(expected));
        assert_eq!(tokens.take_uses(), []);
        assert_eq!(tokens.verify_cached(&TOKEN, now()), None);
        assert_eq!(tokens.look_up(&TOKEN, now()).await, Ok(claims()));
    }
}

#[tokio::test]
async fn text_of_another_form_is_refused_unread() {
    let (tokens, _) = tokens(vec![]);
    let wrong_checksum = format!("{}000000", &TOKEN[..46]);
    for text in ["", "ft_", "eyJhbGciOiJSUzI1NiJ9.e30.AA", &TOKEN[1..], &TOKEN[..51], &wrong_checksum] {
        assert_eq!(tokens.verify_cached(text, now()), Some(Err(TokenError::Invalid)), "{text}");
        assert_eq!(tokens.look_up(text, now()).await, Err(TokenError::Invalid), "{text}");
    }
    assert!(tokens.is_api_token(&TOKEN) && tokens.is_api_token("ft_"));
    assert!(!tokens.is_api_token("eyJ") && !tokens.is_api_token("FT_"));
}

#[tokio::test]
async fn cached_token_expires_at_its_time() {
    let (tokens, _) = tokens(vec![Ok(Some(Ok(claims())))]);
    tokens.look_up(&TOKEN, now()).await.unwrap();
    let before = later(100) - TimeDelta::microseconds(1);
    assert_eq!(tokens.verify_cached(&TOKEN, before), Some(Ok(claims())));
    assert_eq!(tokens.verify_cached(&TOKEN, later(100)), Some(Err(TokenError::Expired)));
    assert_eq!(tokens.look_up(&TOKEN, later(100)).await, Err(TokenError::Expired));
}

#[tokio::test]
async fn revocation_ends_a_cached_token_at_once_and_for_good() {
    let (tokens, memory) = tokens(vec![Ok(Some(Ok(claims()))), Ok(Some(Err(TokenError::Revoked)))]);
    tokens.look_up(&TOKEN, now()).await.unwrap();
    memory.block(&RevokingAct::ApiTokenRevoked { token_id: token_id() }.revocation(now()));
    for moment in [now(), later(100)] {
        assert_eq!(tokens.verify_cached(&TOKEN, moment), Some(Err(TokenError::Revoked)));
        assert_eq!(tokens.look_up(&TOKEN, moment).await, Err(TokenError::Revoked));
    }
    memory.prune(later(100_000));
    assert!(memory.is_empty());
    assert_eq!(tokens.verify_cached(&TOKEN, now()), None);
    assert_eq!(tokens.look_up(&TOKEN, now()).await, Err(TokenError::Revoked));
}

#[tokio::test]
async fn token_outlasts_a_new_epoch_with_the_new_role() {
    let fresh = AccessClaims { epoch: 3, role: Role::User, ..claims() };
    let (tokens, memory) = tokens(vec![Ok(Some(Ok(claims()))), Ok(Some(Ok(fresh.clone())))]);
    tokens.look_up(&TOKEN, now()).await.unwrap();
    memory.block(&Revocation::of_user(UserId::new(7), 3, now()));
    assert_eq!(tokens.verify_cached(&TOKEN, now()), None);
    assert_eq!(tokens.look_up(&TOKEN, now()).await, Ok(fresh.clone()));
    assert_eq!(tokens.verify_cached(&TOKEN, now()), Some(Ok(fresh)));
}

#[tokio::test]
async fn epoch_that_storage_never_reaches_is_no_verdict() {
    let (tokens, memory) = tokens(vec![Ok(Some(Ok(claims()))), Ok(Some(Ok(claims()))), Ok(Some(Ok(claims())))]);
    memory.block(&Revocation::of_user(UserId::new(7), 3, now()));
    assert_eq!(tokens.look_up(&TOKEN, now()).await, Err(TokenError::Unavailable));
}

#[tokio::test]
async fn storage_decides_each_time_while_the_blocklist_is_outdated() {
    let (tokens, memory) = tokens(vec![
        Ok(Some(Ok(claims()))),
        Ok(Some(Ok(claims()))),
        Ok(Some(Err(TokenError::Revoked))),
        Ok(Some(Ok(claims()))),
    ]);
    tokens.look_up(&TOKEN, now()).await.unwrap();
    memory.set_outdated(true);
    for expected in [Ok(claims()), Err(TokenError::Revoked)] {
        assert_eq!(tokens.verify_cached(&TOKEN, now()), None);
        assert_eq!(tokens.look_up(&TOKEN, now()).await, expected);
    }
    // A revocation may have come and gone meanwhile.
    memory.set_outdated(false);
    assert_eq!(tokens.verify_cached(&TOKEN, now()), None);
    assert_eq!(tokens.look_up(&TOKEN, now()).await, Ok(claims()));
}

#[tokio::test]
async fn revocation_during_a_read_is_kept() {
    for is_pruned in [false, true] {
        let memory = Arc::<TokenMemory>::default();
        let overtaking = memory.clone();
        let mut storage = MockApiTokenRepository::new();
        storage.expect_find().times(1).returning(move |_, _| {
            overtaking.block(&Revocation { subject: Revoked::Token(token_id()), until: now() });
            if is_pruned {
                overtaking.prune(later(1));
            }
            Ok(Some(Ok(claims())))
        });
        storage.expect_find().times(usize::from(is_pruned)).returning(|_, _| Ok(Some(Err(TokenError::Revoked))));
        let tokens = ApiTokens::new(memory, Arc::new(storage));
        assert_eq!(tokens.look_up(&TOKEN, now()).await, Err(TokenError::Revoked), "{is_pruned}");
    }
}

#[tokio::test]
async fn each_token_has_its_latest_use_until_it_is_taken() {
    let (tokens, memory) = tokens(vec![Ok(Some(Ok(claims())))]);
    tokens.look_up(&TOKEN, later(1)).await.unwrap();
    for seconds in [3, 2] {
        tokens.verify_cached(&TOKEN, later(seconds)).unwrap().unwrap();
    }
    // Refused requests are no uses.
    assert!(tokens.verify_cached(&TOKEN, later(100)).unwrap().is_err());
    let uses = tokens.take_uses();
    assert_eq!(uses, [(ApiTokenId::new(5), later(3))]);
    assert_eq!(tokens.take_uses(), []);

    tokens.put_back_uses(uses);
    tokens.put_back_uses(vec![(ApiTokenId::new(5), later(2))]);
    assert_eq!(tokens.take_uses(), [(ApiTokenId::new(5), later(3))]);
    memory.block(&RevokingAct::ApiTokenRevoked { token_id: token_id() }.revocation(now()));
    assert!(tokens.verify_cached(&TOKEN, later(4)).unwrap().is_err());
    assert_eq!(tokens.take_uses(), []);
}

/// Storage that answers slowly.
#[derive(Default)]
struct SlowStorage {
    reads: AtomicUsize,
}

#[async_trait]
impl ApiTokenRepository for SlowStorage {
    async fn find(&self, _: SecretHash, _: Timestamp) -> Found {
        self.reads.fetch_add(1, Ordering::Relaxed);
        tokio::task::yield_now().await;
        Ok(Some(Ok(claims())))
    }

    async fn create(&self, _: NewApiToken) -> Result<ApiToken, RepositoryError> {
        unreachable!("a verifier makes no tokens")
    }

    async fn list(&self, _: Option<UserId>, _: PageRequest) -> Result<Page<ApiToken>, RepositoryError> {
        unreachable!("a verifier lists no tokens")
    }

    async fn revoke(
        &self,
        _: ApiTokenId,
        _: Option<UserId>,
        _: Timestamp,
        _: Option<AuditEntry>,
    ) -> Result<Option<Revocation>, RepositoryError> {
        unreachable!("a verifier revokes no tokens")
    }

    async fn record_uses(&self, _: Vec<(ApiTokenId, Timestamp)>) -> Result<(), RepositoryError> {
        unreachable!("a verifier stores no uses")
    }

    async fn delete_ended(&self, _: Timestamp) -> Result<u64, RepositoryError> {
        unreachable!("a verifier deletes no tokens")
    }
}

#[tokio::test]
async fn storage_is_read_once_by_many_requests_with_a_new_token() {
    let storage = Arc::<SlowStorage>::default();
    let tokens = ApiTokens::new(Arc::default(), storage.clone());
    let [first, second, third] = [(), (), ()].map(|()| tokens.look_up(&TOKEN, now()));
    let (first, second, third) = tokio::join!(first, second, third);
    assert_eq!([first, second, third], [Ok(claims()), Ok(claims()), Ok(claims())]);
    assert_eq!(storage.reads.load(Ordering::Relaxed), 1);
}

//! When API tokens were last used.

use super::shared::{Ports, list};
use crate::{builders::after, contract::simultaneously, given};
use fasttrack_domain::{
    Timestamp,
    id::{ApiTokenId, UserId},
};

async fn record(ports: &Ports, uses: &[(ApiTokenId, i64)]) {
    let uses = uses.iter().map(|(id, minutes)| (*id, after(*minutes))).collect();
    ports.api_tokens.record_uses(uses).await.unwrap();
}

async fn last_uses(ports: &Ports, user: UserId) -> Vec<Option<Timestamp>> {
    list(ports, Some(user)).await.into_iter().map(|token| token.last_used_at).collect()
}

/// Earlier uses, those of unknown tokens and none at all change nothing.
pub(super) async fn the_last_use_of_each_api_token_is_stored(ports: &Ports) {
    let user = given::user(ports).await.id;
    let (first, second) = (given::api_token(ports, user).await.0.id, given::api_token(ports, user).await.0.id);
    let unknown = ApiTokenId::new(i64::MAX);
    for (batch, expected) in [
        (&[(unknown, 1)][..], [None, None]),
        (&[], [None, None]),
        (&[(second, 3), (unknown, 9)], [None, Some(3)]),
        (&[(second, 2), (first, 4)], [Some(4), Some(3)]),
        (&[(first, 5), (second, 7), (first, 6), (second, 5)], [Some(6), Some(7)]),
    ] {
        record(ports, batch).await;
        assert_eq!(last_uses(ports, user).await, expected.map(|minutes| minutes.map(after)), "{batch:?}");
    }
}

/// Each call has the tokens in another order.
pub(super) async fn of_simultaneous_uses_the_last_is_stored(ports: &Ports) {
    let user = given::user(ports).await.id;
    let mut ids = Vec::new();
    for _ in 0..20 {
        ids.push(given::api_token(ports, user).await.0.id);
    }
    simultaneously(10, |i| {
        let (ports, mut ids) = (ports.clone(), ids.clone());
        async move {
            ids.rotate_left(2 * i);
            let minutes = i64::try_from(i).unwrap();
            record(&ports, &ids.into_iter().map(|id| (id, minutes)).collect::<Vec<_>>()).await;
        }
    })
    .await;
    assert_eq!(last_uses(ports, user).await, [Some(after(9)); 20]);
}

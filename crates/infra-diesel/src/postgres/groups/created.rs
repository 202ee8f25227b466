//! What a group creates. Each has a place in its group, from 1.

use super::super::columns::Events;
use diesel::{QueryableByName, sql_types::BigInt};
use fasttrack_domain::event::TaskEvent;
use std::collections::HashMap;

/// What was created.
#[derive(QueryableByName)]
pub(super) struct Created {
    #[diesel(sql_type = BigInt)]
    place: i64,
    #[diesel(sql_type = BigInt)]
    id: i64,
}

fn placed<N>(new: &[N]) -> impl Iterator<Item = (i64, &N)> {
    (1..).zip(new)
}

/// The events of each, and for each event the place of what it is about.
pub(super) fn events<N>(
    new: &[N],
    events: impl Fn(&N) -> Vec<TaskEvent>,
) -> Result<(Vec<i64>, Events), serde_json::Error> {
    let (mut places, mut columns) = (Vec::new(), Events::default());
    for (place, new) in placed(new) {
        columns.add(&events(new))?;
        places.resize(columns.kinds.len(), place);
    }
    Ok((places, columns))
}

/// What storage made of each. `None` for what was left out.
pub(super) fn stored<N, S>(new: &[N], created: &[Created], stored: impl Fn(&N, i64) -> S) -> Vec<Option<S>> {
    let ids: HashMap<_, _> = created.iter().map(|created| (created.place, created.id)).collect();
    placed(new).map(|(place, new)| Some(stored(new, *ids.get(&place)?))).collect()
}

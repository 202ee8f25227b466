//! What binds a cursor to the list, the filters and the order that it was made for.

use super::{IdFilter, SortKey, TaskFilter, TaskList, TaskQuery};
use crate::{
    hash::fnv1a,
    id::{LabelId, TaskId},
    search::SearchQuery,
};
use std::fmt::Display;

/// A hash of a list, its filters and its order, and of the place in it, so that an altered text is noticed. Every release
/// and node makes the same.
pub(super) fn binding(list: TaskList, query: &TaskQuery, key: &SortKey, id: TaskId) -> u64 {
    fnv1a(&format!("{}\nafter {key} {id}", described(list, query)))
}

/// A text that is equal for equal lists, filters and orders only.
fn described(list: TaskList, query: &TaskQuery) -> String {
    let mut text = match list {
        TaskList::InProject(id) => format!("project {id}"),
        TaskList::Assigned(id) => format!("assigned {id}"),
        TaskList::Visible(id) => format!("visible {id}"),
    };
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            for part in ["\n", name, " ", value.as_str()] {
                text.push_str(part);
            }
        }
    };
    let TaskQuery { filter, sort } = query;
    let TaskFilter {
        status,
        priority,
        completed,
        assignee_id,
        labels,
        parent_id,
        due_from,
        due_until,
        updated_since,
        search,
        // Each page has what the token of its own request is for.
        reach: _,
    } = filter;
    add("sort", Some(sort.to_string()));
    add("status", status.map(|status| status.to_string()));
    add("priority", priority.map(|priority| priority.to_string()));
    add("completed", completed.map(|completed| completed.to_string()));
    add("assignee_id", assignee_id.map(id_or_none));
    let mut ids: Vec<_> = labels.iter().copied().map(LabelId::get).collect();
    ids.sort_unstable();
    ids.dedup();
    for id in ids {
        add("label", Some(id.to_string()));
    }
    add("parent_id", parent_id.map(id_or_none));
    for (name, instant) in [("due_from", due_from), ("due_until", due_until), ("updated_since", updated_since)] {
        add(name, instant.map(|instant| instant.timestamp_micros().to_string()));
    }
    for word in search.iter().flat_map(SearchQuery::words) {
        add("q", Some(word.to_owned()));
    }
    text
}

fn id_or_none<T: Display>(filter: IdFilter<T>) -> String {
    match filter {
        IdFilter::None => "none".to_owned(),
        IdFilter::Id(id) => id.to_string(),
    }
}

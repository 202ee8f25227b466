//! Reach: the projects that a request may concern.

use crate::id::ProjectId;
use std::sync::Arc;

// @spec SPEC-024
/// The projects that an API token is limited to. It adds no rights: its user's roles still decide.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(from = "Option<Vec<ProjectId>>", into = "Option<Vec<ProjectId>>")
)]
pub enum Reach {
    /// There is no limit, as for a user who logged in.
    #[default]
    All,
    /// Only these projects: different ids in ascending order, as [`Reach::only`] makes them.
    Only(Arc<[ProjectId]>),
}

impl Reach {
    /// Limits to these projects, in any order.
    pub fn only(mut ids: Vec<ProjectId>) -> Self {
        ids.sort_unstable();
        ids.dedup();
        Self::Only(ids.into())
    }

    pub fn contains(&self, id: ProjectId) -> bool {
        self.ids().is_none_or(|ids| ids.binary_search(&id).is_ok())
    }

    /// The projects, ascending; `None` without a limit.
    pub fn ids(&self) -> Option<&[ProjectId]> {
        match self {
            Self::All => None,
            Self::Only(ids) => Some(ids),
        }
    }
}

impl From<Option<Vec<ProjectId>>> for Reach {
    fn from(ids: Option<Vec<ProjectId>>) -> Self {
        ids.map_or(Self::All, Self::only)
    }
}

impl From<Reach> for Option<Vec<ProjectId>> {
    fn from(reach: Reach) -> Self {
        reach.ids().map(<[ProjectId]>::to_vec)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn id(id: i64) -> ProjectId {
        ProjectId::new(id)
    }

    #[test]
    fn ids_ascend_and_equal_ones_collapse() {
        let reach = Reach::only(vec![id(9), id(3), id(9)]);
        assert_eq!(reach.ids(), Some(&[id(3), id(9)][..]));
        assert_eq!(reach, Reach::only(vec![id(3), id(9)]));
    }

    #[test]
    fn a_limit_contains_its_projects_alone() {
        let reach = Reach::only(vec![id(9), id(3)]);
        assert_eq!([3, 4, 9].map(|it| reach.contains(id(it))), [true, false, true]);
        assert!(Reach::default().contains(id(4)));
        assert!(!Reach::only(Vec::new()).contains(id(4)), "no project is no absent limit");
    }

    #[test]
    fn an_absent_limit_and_an_empty_one_differ() {
        for ids in [None, Some(Vec::new()), Some(vec![id(3), id(9)])] {
            assert_eq!(Option::<Vec<ProjectId>>::from(Reach::from(ids.clone())), ids);
        }
    }
}

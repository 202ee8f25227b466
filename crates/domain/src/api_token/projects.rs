use super::reach::Reach;
use crate::{
    field::{FieldError, Invalid},
    id::ProjectId,
    requested::Requested,
};

/// The most projects that a token can be limited to.
pub const MAX_TOKEN_PROJECTS: usize = 100;

/// The projects that somebody wants to limit a token to. They need not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenProjects(Requested<ProjectId>);

impl TokenProjects {
    /// Accepts 1 to [`MAX_TOKEN_PROJECTS`] different ids. Equal ones collapse.
    pub fn parse(ids: Vec<ProjectId>) -> Result<Self, Invalid> {
        if ids.is_empty() {
            return Err(Invalid::new("too_few", "must have at least one project, or be absent for all"));
        }
        Requested::parse(ids, MAX_TOKEN_PROJECTS).map(Self)
    }

    /// Each id once, in ascending order.
    pub fn distinct(&self) -> Vec<ProjectId> {
        self.0.distinct()
    }

    /// A fault for each id that `is_allowed` refuses; `field` is the path of the array.
    pub fn unknown(&self, is_allowed: impl Fn(ProjectId) -> bool, field: &str) -> Vec<FieldError> {
        let unknown = |place| {
            let message = "must be the id of a project that the user may read";
            Invalid::new("unknown_project", message).at(format!("{field}.{place}"))
        };
        self.0.places(|id| !is_allowed(id)).into_iter().map(unknown).collect()
    }
}

impl From<&TokenProjects> for Reach {
    fn from(projects: &TokenProjects) -> Self {
        Self::only(projects.distinct())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(ids: impl IntoIterator<Item = i64>) -> Vec<ProjectId> {
        ids.into_iter().map(ProjectId::new).collect()
    }

    #[test]
    fn a_limit_has_1_to_100_different_projects() {
        let code = |wanted| TokenProjects::parse(wanted).map(|it| it.distinct().len()).map_err(|error| error.code);
        assert_eq!(code(Vec::new()), Err("too_few"));
        assert_eq!(code(ids(0..100)), Ok(100));
        assert_eq!(code(ids((0..100).chain(0..100))), Ok(100));
        assert_eq!(code(ids(0..101)), Err("too_many"));
    }

    #[test]
    fn each_unknown_project_is_named_by_its_place() {
        let projects = TokenProjects::parse(ids([9, 3, 5, 3])).unwrap();
        let faults = projects.unknown(|id| id.get() != 3, "project_ids");
        let faults: Vec<_> = faults.iter().map(|fault| (fault.field.as_str(), fault.code)).collect();
        assert_eq!(faults, [("project_ids.1", "unknown_project"), ("project_ids.3", "unknown_project")]);
        assert_eq!(projects.unknown(|_| true, "project_ids"), []);
        assert_eq!(Reach::from(&projects), Reach::only(ids([3, 5, 9])));
    }
}

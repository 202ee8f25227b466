//! Labels: names with a color that a project gives to its tasks.

use crate::{
    Timestamp,
    audit::{AuditChanges, AuditEntry},
    field::{FieldError, Invalid},
    fold::fold,
    id::{LabelId, ProjectId},
    membership::MemberRole,
    patch::Set,
    policy::{Action, ProjectAction},
    requested::Requested,
    text::LabelName,
};
use std::{fmt, str::FromStr};

/// The most labels of a project.
pub const MAX_LABELS: u32 = 200;

impl LabelName {
    /// Equal for names that differ in case only (Unicode's full case folding). A project has each key once.
    pub fn key(&self) -> String {
        fold(self.as_str())
    }
}

/// A color as `#rrggbb`, in hexadecimal digits of either case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(try_from = "String"))]
pub struct Color(String);

impl Color {
    pub fn parse(raw: String) -> Result<Self, Invalid> {
        let is_color = raw
            .strip_prefix('#')
            .is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        if is_color { Ok(Self(raw)) } else { Err(Invalid::new("invalid", "must be a color like #1e90ff")) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Color {
    /// The default is gray.
    fn default() -> Self {
        Self("#808080".to_owned())
    }
}

impl FromStr for Color {
    type Err = Invalid;

    /// Does what [`parse`](Self::parse) does.
    fn from_str(raw: &str) -> Result<Self, Invalid> {
        Self::parse(raw.to_owned())
    }
}

impl TryFrom<String> for Color {
    type Error = Invalid;

    fn try_from(raw: String) -> Result<Self, Invalid> {
        Self::parse(raw)
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Label {
    pub id: LabelId,
    pub project_id: ProjectId,
    pub name: LabelName,
    pub color: Color,
}

/// A label with what the policy needs, read in one snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelView {
    pub label: Label,
    /// The reader's role in the project; `None` where the reader is no member.
    pub membership: Option<MemberRole>,
}

impl LabelView {
    /// What the policy needs to decide on an action of the reader.
    pub fn action(&self, action: ProjectAction) -> Action {
        Action::InProject { project: self.label.project_id, action, membership: self.membership }
    }
}

/// A label that is not yet stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLabel {
    pub project_id: ProjectId,
    pub name: LabelName,
    pub color: Color,
    pub created_at: Timestamp,
    /// Maximum number of labels in the project, this one included.
    pub quota: u32,
    /// The audit entry that is committed with the label.
    pub audit: Option<AuditEntry>,
}

impl NewLabel {
    /// The label that storage creates, for the id that it assigned.
    pub fn stored(&self, id: LabelId) -> Label {
        Label { id, project_id: self.project_id, name: self.name.clone(), color: self.color.clone() }
    }
}

/// A patch of a label.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelPatch {
    pub name: Set<LabelName>,
    pub color: Set<Color>,
}

/// The fields of a label to save. A label has no version: fields that are absent keep what is stored by then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelChange {
    pub id: LabelId,
    pub name: Option<LabelName>,
    pub color: Option<Color>,
    pub at: Timestamp,
    /// The audit entry that is committed with the change.
    pub audit: Option<AuditEntry>,
}

impl Label {
    /// Applies a patch. `None` if it changes nothing.
    pub fn apply(&self, patch: LabelPatch, now: Timestamp) -> Option<LabelChange> {
        let name = patch.name.filter(|name| *name != self.name);
        let color = patch.color.filter(|color| *color != self.color);
        let change = LabelChange { id: self.id, name, color, at: now, audit: None };
        (change.name.is_some() || change.color.is_some()).then_some(change)
    }
}

/// The labels of a task: different ids in ascending order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub struct LabelIds(Vec<LabelId>);

impl LabelIds {
    /// The most labels of a task.
    pub const MAX: usize = Self::QUOTA as usize;
    /// [`MAX`](Self::MAX) in the type of a quota.
    pub const QUOTA: u32 = 20;

    /// The ids, ascending.
    pub fn as_slice(&self) -> &[LabelId] {
        &self.0
    }

    pub fn contains(&self, id: LabelId) -> bool {
        self.0.binary_search(&id).is_ok()
    }

    /// Returns these and one more.
    #[must_use]
    pub fn with(&self, id: LabelId) -> Self {
        self.0.iter().copied().chain([id]).collect()
    }

    /// Returns these without one.
    #[must_use]
    pub fn without(&self, id: LabelId) -> Self {
        self.0.iter().copied().filter(|other| *other != id).collect()
    }
}

impl FromIterator<LabelId> for LabelIds {
    fn from_iter<I: IntoIterator<Item = LabelId>>(ids: I) -> Self {
        let mut ids: Vec<_> = ids.into_iter().collect();
        ids.sort_unstable();
        ids.dedup();
        Self(ids)
    }
}

impl From<&Requested<LabelId>> for LabelIds {
    fn from(requested: &Requested<LabelId>) -> Self {
        Self(requested.distinct())
    }
}

impl Requested<LabelId> {
    /// A fault for each id that is none of `found`; `field` is the path of the array.
    pub fn unknown(&self, found: &[Label], field: &str) -> Vec<FieldError> {
        let is_unknown = |id| !found.iter().any(|label| label.id == id);
        let unknown = |place| {
            Invalid::new("unknown_label", "must be the id of a label of the project").at(format!("{field}.{place}"))
        };
        self.places(is_unknown).into_iter().map(unknown).collect()
    }
}

impl AuditChanges {
    pub fn of_new_label(label: &NewLabel) -> Self {
        Self::default()
            .set("name", label.name.as_str())
            .set("color", label.color.as_str())
            .set("project_id", label.project_id.get())
    }

    pub fn of_label(before: &Label, change: &LabelChange) -> Self {
        let name = change.name.as_ref().map_or(before.name.as_str(), LabelName::as_str);
        let color = change.color.as_ref().map_or(before.color.as_str(), Color::as_str);
        Self::default().field("name", before.name.as_str(), name).field("color", before.color.as_str(), color)
    }

    pub fn of_deleted_label(label: &Label) -> Self {
        Self::default().unset("name", label.name.as_str()).unset("project_id", label.project_id.get())
    }
}

#[cfg(test)]
mod tests;

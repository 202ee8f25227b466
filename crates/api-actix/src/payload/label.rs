//! Labels.

use fasttrack_domain::label::Label;
use serde::Serialize;
use utoipa::ToSchema;

/// A label of a project, which its tasks can have.
#[derive(Serialize, ToSchema)]
#[schema(as = Label, example = json!({"id": 3, "project_id": 1, "name": "Outdoors", "color": "#2e8b57"}))]
pub struct LabelPayload {
    id: i64,
    project_id: i64,
    /// Unique in the project, in any case of its letters.
    name: String,
    #[schema(pattern = "^#[0-9A-Fa-f]{6}$")]
    color: String,
}

impl From<Label> for LabelPayload {
    fn from(label: Label) -> Self {
        Self {
            id: label.id.get(),
            project_id: label.project_id.get(),
            name: label.name.into(),
            color: label.color.to_string(),
        }
    }
}

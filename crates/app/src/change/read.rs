use super::Changes;
use crate::Error;
use fasttrack_domain::{
    change::{FeedChange, FeedContent, FeedCursor, FeedPage, FeedReader, FeedRequest},
    page::Limit,
    policy::{Actor, ProjectAction},
};

#[derive(Clone, Debug)]
pub struct ReadChanges {
    pub actor: Actor,
    /// The cursor of the page before; everything that the actor sees is listed where it is absent.
    pub cursor: Option<FeedCursor>,
    pub limit: Limit,
}

impl Changes {
    // @spec SPEC-026
    /// Reads a page of the feed. Addresses of members are for who may manage the project.
    ///
    /// Fails with [`Error::InvalidCursor`] for a cursor of another user or of a token for other projects, or with
    /// [`Error::CursorExpired`].
    #[tracing::instrument(name = "change.read", skip_all)]
    pub async fn read(&self, command: ReadChanges) -> Result<FeedPage, Error> {
        let ReadChanges { actor, cursor, limit } = command;
        let reader = FeedReader::new(&actor);
        let position = cursor.map(|cursor| reader.position(&cursor)).transpose()?;
        let mut page = self.changes.read(FeedRequest { reader, position, limit }).await?;
        for change in &mut page.changes {
            hide_address(&actor, change);
        }
        Ok(page)
    }
}

/// Removes a member's address unless the actor may manage the project.
fn hide_address(actor: &Actor, change: &mut FeedChange) {
    let FeedContent::Member(view) = &mut change.content else { return };
    if !actor.can(view.action(change.project_id, ProjectAction::Manage)) {
        view.member.email = None;
    }
}

#[cfg(test)]
mod tests;

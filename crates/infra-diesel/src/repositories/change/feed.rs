//! A page of the feed in the making.

use fasttrack_domain::{
    change::{FeedChange, FeedContent, FeedPage, FeedPosition, FeedReader, FeedRequest, ThingKind},
    comment::CommentView,
    id::ProjectId,
    policy::{Action, Actor, ProjectAction, TaskAction},
    project::ProjectView,
    task::TaskView,
    text::Description,
    user::Role,
};

/// How many things are read at once with their texts.
pub(super) const PORTION: u8 = 100;

/// The bytes of texts that end a page. The change that exceeds them is in it.
const TEXTS: usize = 1024 * 1024;

/// How many projects, and tasks outside of the reader's projects, a page begins to list: each takes several statements.
const LISTS: usize = 50;

/// How many rows a page looks at to find what it lists.
const ROWS: usize = 10_000;

/// A page that is filled. It ends where another change would be one more than requested, or where enough was read for it.
pub(super) struct Feed {
    pub(super) reader: FeedReader,
    actor: Actor,
    limit: usize,
    changes: Vec<FeedChange>,
    /// The bytes of their texts.
    texts: usize,
    /// How many lists were begun.
    lists: usize,
    /// How many rows were looked at.
    rows: usize,
    /// Where the page ends before everything was added. Nothing is added any more.
    end: Option<FeedPosition>,
}

/// Whether a query with this limit found all that there is.
pub(super) fn is_all(found: usize, limit: i64) -> bool {
    i64::try_from(found).is_ok_and(|found| found < limit)
}

/// The bytes of the texts that people wrote.
fn texts(content: &FeedContent) -> usize {
    let description = |text: Option<&Description>| text.map_or(0, |text| text.as_str().len());
    match content {
        FeedContent::Project(ProjectView { project, .. }) => {
            project.name.as_str().len() + description(project.description.as_ref())
        }
        FeedContent::Member(view) => view.member.display_name.as_str().len(),
        FeedContent::Label(label) => label.name.as_str().len(),
        FeedContent::Task(view) => {
            let labels: usize = view.labels.iter().map(|label| label.name.as_str().len()).sum();
            let assignee = view.assignee.as_ref().map_or(0, |person| person.display_name.as_str().len());
            view.task.title.as_str().len() + description(view.task.description.as_ref()) + labels + assignee
        }
        FeedContent::Comment(CommentView { comment, author }) => {
            comment.body.as_str().len() + author.display_name.as_str().len()
        }
        FeedContent::Deleted(_) => 0,
    }
}

impl Feed {
    pub(super) fn new(FeedRequest { reader, limit, .. }: &FeedRequest) -> Self {
        let role = if reader.sees_all { Role::Admin } else { Role::User };
        let actor = Actor { id: reader.id, role, reach: reader.reach.clone() };
        let limit = limit.get() as usize;
        Self { reader: reader.clone(), actor, limit, changes: Vec::new(), texts: 0, lists: 0, rows: 0, end: None }
    }

    /// Whether the page has ended before everything was added.
    pub(super) fn is_full(&self) -> bool {
        self.end.is_some()
    }

    /// How many changes it takes at most, now: one more than are left, which shows whether others follow.
    pub(super) fn room(&self) -> i64 {
        if self.is_full() {
            return 0;
        }
        i64::try_from((self.limit + 1).saturating_sub(self.changes.len())).unwrap_or(i64::MAX)
    }

    /// How many things with long texts are read next.
    pub(super) fn portion(&self) -> i64 {
        self.room().min(i64::from(PORTION))
    }

    /// Ends the page at a position, unless it has ended before. Everything up to it was added.
    pub(super) fn cut(&mut self, end: FeedPosition) {
        self.end = self.end.or(Some(end));
    }

    /// Adds what a thing contains, unless the page is full. `next` is the position behind it.
    pub(super) fn put(&mut self, (project, id): (i64, i64), content: FeedContent, kind: ThingKind, next: FeedPosition) {
        if self.is_full() {
            return;
        }
        if self.changes.len() >= self.limit {
            self.end = self.changes.last().map(|change| change.next);
            return;
        }
        self.texts += texts(&content);
        self.changes.push(FeedChange { kind, id, project_id: ProjectId::new(project), content, next });
        if self.texts > TEXTS {
            self.cut(next);
        }
    }

    /// Begins to list a project, or a task outside of the reader's projects. Returns whether to go on with it: a page that has
    /// enough of them ends at `before`, the position before this one.
    pub(super) fn begin(&mut self, before: FeedPosition) -> bool {
        if self.lists >= LISTS {
            self.cut(before);
        }
        self.lists += 1;
        !self.is_full()
    }

    /// Counts rows that were looked at to find what is listed. A page that has enough of them ends at `behind`, the position
    /// behind these.
    pub(super) fn count_rows(&mut self, rows: usize, behind: FeedPosition) {
        self.rows += rows;
        if self.rows >= ROWS {
            self.cut(behind);
        }
    }

    /// The page. `last` is its end where everything was added.
    pub(super) fn page(self, last: FeedPosition) -> FeedPage {
        FeedPage { changes: self.changes, next: self.end.unwrap_or(last), has_more: self.end.is_some() }
    }

    /// Whether the request is for this project, as far as its token decides.
    pub(super) fn reaches(&self, project: i64) -> bool {
        self.reader.reach.contains(ProjectId::new(project))
    }

    /// Whether the reader sees everything in the project.
    pub(super) fn sees(&self, project: &ProjectView) -> bool {
        self.actor.can(project.action(ProjectAction::Read))
    }

    /// Whether the reader may be shown tasks outside of its projects.
    pub(super) fn has_foreign_tasks(&self) -> bool {
        !self.reader.sees_all && self.reader.reach.ids().is_none()
    }

    /// Whether the reader sees the task by its assignment alone.
    pub(super) fn sees_foreign(&self, project: &ProjectView, task: &TaskView) -> bool {
        let action = Action::OnTask {
            project: project.project.id,
            action: TaskAction::Read,
            membership: project.membership,
            assignee: task.task.assignee_id,
        };
        self.has_foreign_tasks() && !self.sees(project) && self.actor.can(action)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fasttrack_domain::{
        api_token::Reach,
        change::{DeleteReason, Listing, ListingPlace},
        id::{LabelId, TaskId, UserId},
        label::{Color, Label},
        page::Limit,
    };

    fn feed(limit: i64) -> Feed {
        let reader = FeedReader { id: UserId::new(1), sees_all: false, reach: Reach::All };
        Feed::new(&FeedRequest { reader, position: None, limit: Limit::of_changes(limit).unwrap() })
    }

    fn position(seq: i64) -> FeedPosition {
        FeedPosition::after(seq)
    }

    /// Adds a thing with this number.
    fn put(feed: &mut Feed, seq: i64) {
        let content = FeedContent::Deleted(DeleteReason::Deleted);
        feed.put((1, seq), content, ThingKind::Label, position(seq));
    }

    /// The number of changes, where the next page begins, and whether there is one.
    fn ended(feed: Feed) -> (usize, FeedPosition, bool) {
        let page = feed.page(position(1_000));
        (page.changes.len(), page.next, page.has_more)
    }

    #[test]
    fn one_change_more_than_requested_ends_a_page() {
        for (added, room, expected) in
            [(0, 3, (0, position(1_000), false)), (2, 1, (2, position(1_000), false)), (3, 0, (2, position(2), true))]
        {
            let mut feed = feed(2);
            for seq in 1..=added {
                put(&mut feed, seq);
            }
            assert_eq!((feed.room(), feed.portion(), feed.is_full()), (room, room, room == 0));
            assert_eq!(ended(feed), expected);
        }
    }

    #[test]
    fn a_change_with_more_text_than_fits_ends_a_page() {
        let label = Label {
            id: LabelId::new(1),
            project_id: ProjectId::new(1),
            name: "a".repeat(50).parse().unwrap(),
            color: Color::default(),
        };
        let mut feed = feed(1_000);
        feed.texts = TEXTS - 50;
        feed.put((1, 1), FeedContent::Label(label.clone()), ThingKind::Label, position(1));
        assert!(!feed.is_full());
        feed.put((1, 2), FeedContent::Label(label), ThingKind::Label, position(2));
        assert!(feed.is_full());
        put(&mut feed, 3);
        assert_eq!(ended(feed), (2, position(2), true));
    }

    #[test]
    fn a_page_ends_where_enough_was_read() {
        let place = ListingPlace::Task { id: TaskId::new(1), after: i64::MAX };
        let within = FeedPosition { seq: 9, listing: Some(Listing { is_initial: true, place }) };
        let mut lists = feed(1_000);
        for seq in 0..50 {
            assert!(lists.begin(position(seq)));
        }
        put(&mut lists, 50);
        assert!(!lists.begin(within));
        assert!(!lists.begin(position(51)));
        assert_eq!(ended(lists), (1, within, true));

        let mut rows = feed(1_000);
        rows.count_rows(9_999, position(1));
        assert!(!rows.is_full());
        put(&mut rows, 2);
        rows.count_rows(1, within);
        assert!(!rows.begin(position(3)));
        put(&mut rows, 4);
        assert_eq!(ended(rows), (1, within, true));
    }
}

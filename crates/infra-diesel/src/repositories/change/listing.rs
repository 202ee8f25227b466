//! Lists what the reader sees, as it is now: everything, or what it has gained.

use super::{
    super::{Connection, Error, label, member, project, task::views},
    feed::{Feed, PORTION, is_all},
    tasks,
};
use fasttrack_domain::{
    change::{FeedContent, FeedPosition, Listing, ListingPlace, MemberView, ThingKind},
    id::{ProjectId, TaskId},
    page::{Cursor, PageRequest},
    project::{ProjectFilter, ProjectView},
    task::TaskView,
};

/// A listing, and the number that the feed goes on behind once it has ended.
#[derive(Clone, Copy)]
pub(super) struct List {
    pub(super) seq: i64,
    pub(super) is_initial: bool,
}

/// Returns the project, if the reader sees everything in it.
async fn find_project(conn: &mut Connection, feed: &Feed, id: ProjectId) -> Result<Option<ProjectView>, Error> {
    let found = project::views(conn, &[id.get()], feed.reader.id.get()).await?;
    Ok(found.into_iter().find(|view| feed.sees(view)))
}

/// Returns whether the reader sees the task by its assignment alone.
async fn finds_foreign(conn: &mut Connection, feed: &Feed, task: &TaskView) -> Result<bool, Error> {
    let project = project::views(conn, &[task.task.project_id.get()], feed.reader.id.get()).await?;
    Ok(project.first().is_some_and(|project| feed.sees_foreign(project, task)))
}

impl List {
    /// A list of what the reader has gained by a change with this number.
    pub(super) const fn of_gain(seq: i64) -> Self {
        Self { seq, is_initial: false }
    }

    pub(super) const fn at(self, place: ListingPlace) -> FeedPosition {
        FeedPosition { seq: self.seq, listing: Some(Listing { is_initial: self.is_initial, place }) }
    }

    /// Everything that the reader sees, behind a place.
    pub(super) async fn everything(
        self,
        conn: &mut Connection,
        feed: &mut Feed,
        after: Option<ListingPlace>,
    ) -> Result<(), Error> {
        let task = match after {
            Some(ListingPlace::Task { id, after }) => Some((id, after)),
            Some(place @ (ListingPlace::Project { id, .. } | ListingPlace::Comment { project_id: id, .. })) => {
                self.rest_of_project(conn, feed, id, place).await?;
                self.projects(conn, feed, id.get()).await?;
                None
            }
            None => {
                self.projects(conn, feed, 0).await?;
                None
            }
        };
        if let Some((id, after)) = task {
            self.rest_of_task(conn, feed, id, after).await?;
        }
        self.foreign_tasks(conn, feed, task.map_or(0, |(id, _)| id.get())).await
    }

    /// What there is in a project behind a place, if the reader still sees it.
    pub(super) async fn rest_of_project(
        self,
        conn: &mut Connection,
        feed: &mut Feed,
        id: ProjectId,
        after: ListingPlace,
    ) -> Result<(), Error> {
        match find_project(conn, feed, id).await? {
            Some(view) => self.project(conn, feed, &view, Some(after)).await,
            None => Ok(()),
        }
    }

    /// The comments on a task behind one of them, if the reader still sees it by its assignment alone.
    pub(super) async fn rest_of_task(
        self,
        conn: &mut Connection,
        feed: &mut Feed,
        id: TaskId,
        after: i64,
    ) -> Result<(), Error> {
        let found = views::read(conn, &[id.get()]).await?;
        let Some(task) = found.first() else { return Ok(()) };
        if finds_foreign(conn, feed, task).await? {
            self.comments_on_foreign(conn, feed, (task.task.project_id, id), after).await?;
        }
        Ok(())
    }

    /// The projects with higher ids that the reader sees, with all that is in them.
    async fn projects(self, conn: &mut Connection, feed: &mut Feed, mut last: i64) -> Result<(), Error> {
        let (all, reach) = (feed.reader.sees_all, feed.reader.reach.clone());
        let filter = ProjectFilter { all, reach, ..ProjectFilter::of(feed.reader.id) };
        let mut is_last = false;
        while !is_last && !feed.is_full() {
            let page = PageRequest { cursor: Some(Cursor::after(last)), ..PageRequest::default() };
            let views = project::page(conn, &filter, &page).await?;
            is_last = is_all(views.len(), page.fetch());
            for view in &views {
                // Behind all comments in the one before.
                if !feed.begin(self.behind_comments(ProjectId::new(last), i64::MAX)) {
                    break;
                }
                self.project(conn, feed, view, None).await?;
                last = view.project.id.get();
            }
        }
        Ok(())
    }

    /// A project and all that is in it, behind a place in it.
    pub(super) async fn project(
        self,
        conn: &mut Connection,
        feed: &mut Feed,
        view: &ProjectView,
        after: Option<ListingPlace>,
    ) -> Result<(), Error> {
        let id = view.project.id;
        let of_kind = |kind: ThingKind, after: i64| self.at(ListingPlace::Project { id, kind, after });
        let behind = |kind: ThingKind| match after {
            None => Some(0),
            Some(ListingPlace::Project { kind: last, after, .. }) if last == kind => Some(after),
            Some(ListingPlace::Project { kind: last, .. }) if last < kind => Some(0),
            Some(_) => None,
        };
        if after.is_none() {
            let kind = ThingKind::Project;
            feed.put((id.get(), id.get()), FeedContent::Project(view.clone()), kind, of_kind(kind, id.get()));
        }
        if let Some(last) = behind(ThingKind::Member).filter(|_| !feed.is_full()) {
            for member in member::behind(conn, id.get(), last, feed.room()).await? {
                let (user, membership) = (member.user_id.get(), view.membership);
                let content = FeedContent::Member(MemberView { member, membership });
                feed.put((id.get(), user), content, ThingKind::Member, of_kind(ThingKind::Member, user));
            }
        }
        if let Some(last) = behind(ThingKind::Label).filter(|_| !feed.is_full()) {
            for label in label::behind(conn, id.get(), last, feed.room()).await? {
                let next = of_kind(ThingKind::Label, label.id.get());
                feed.put((id.get(), label.id.get()), FeedContent::Label(label), ThingKind::Label, next);
            }
        }
        if let Some(last) = behind(ThingKind::Task) {
            self.tasks(conn, feed, id, last).await?;
        }
        let last = match after {
            Some(ListingPlace::Comment { task_id, after, .. }) => Some((task_id.get(), after)),
            _ => None,
        };
        self.comments_in_project(conn, feed, id, last).await
    }

    /// The tasks of a project behind one.
    async fn tasks(
        self,
        conn: &mut Connection,
        feed: &mut Feed,
        project: ProjectId,
        mut last: i64,
    ) -> Result<(), Error> {
        let mut is_last = false;
        while !is_last && !feed.is_full() {
            let portion = feed.portion();
            let found = tasks::in_project(conn, project.get(), last, portion).await?;
            is_last = is_all(found.len(), portion);
            let ids: Vec<_> = found.iter().map(|task| task.id).collect();
            for task in views::read(conn, &ids).await? {
                last = task.task.id.get();
                let next = self.at(ListingPlace::Project { id: project, kind: ThingKind::Task, after: last });
                feed.put((project.get(), last), FeedContent::Task(Box::new(task)), ThingKind::Task, next);
            }
        }
        Ok(())
    }

    /// The tasks with higher ids that are assigned to the reader outside of its projects, with their comments.
    async fn foreign_tasks(self, conn: &mut Connection, feed: &mut Feed, mut last: i64) -> Result<(), Error> {
        let behind = |id: i64| self.at(ListingPlace::Task { id: TaskId::new(id), after: i64::MAX });
        let (mut step, mut is_last) = (feed.portion(), !feed.has_foreign_tasks());
        while !is_last && !feed.is_full() {
            let assigned = tasks::assigned(conn, feed.reader.id.get(), last, step).await?;
            is_last = is_all(assigned.len(), step);
            step = tasks::longer(step);
            let foreign: Vec<_> = assigned.iter().filter(|task| !task.is_of_member).map(|task| task.id).collect();
            for ids in foreign.chunks(PORTION.into()) {
                if feed.is_full() {
                    break;
                }
                for task in views::read(conn, ids).await? {
                    if !feed.begin(behind(last)) {
                        break;
                    }
                    last = task.task.id.get();
                    self.task(conn, feed, task).await?;
                }
            }
            if let Some(end) = assigned.last() {
                last = end.id;
                feed.count_rows(assigned.len(), behind(last));
            }
        }
        Ok(())
    }

    /// A task that the reader sees by its assignment alone, with its comments.
    pub(super) async fn task(self, conn: &mut Connection, feed: &mut Feed, view: TaskView) -> Result<(), Error> {
        let (project, id) = (view.task.project_id, view.task.id);
        let next = self.at(ListingPlace::Task { id, after: 0 });
        feed.put((project.get(), id.get()), FeedContent::Task(Box::new(view)), ThingKind::Task, next);
        self.comments_on_foreign(conn, feed, (project, id), 0).await
    }
}

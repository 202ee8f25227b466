//! Lists the comments in a project, and those on a task outside of the reader's projects.

use super::{
    super::{Connection, Error, export::on_task},
    contents::comments_on,
    feed::{Feed, is_all},
    listing::List,
    rows,
    tasks::{self, ProjectTask},
};
use fasttrack_domain::{
    change::{DeleteReason, FeedContent, FeedPosition, ListingPlace, ThingKind},
    comment::CommentView,
    id::{ProjectId, TaskId},
};

impl List {
    /// The position in a project behind all comments on a task and on those before it.
    pub(super) const fn behind_comments(self, project_id: ProjectId, task: i64) -> FeedPosition {
        self.at(ListingPlace::Comment { project_id, task_id: TaskId::new(task), after: i64::MAX })
    }

    fn put_in_project(self, feed: &mut Feed, project: ProjectId, view: CommentView) {
        let (task_id, after) = (view.comment.task_id, view.comment.id.get());
        let next = self.at(ListingPlace::Comment { project_id: project, task_id, after });
        feed.put((project.get(), after), FeedContent::Comment(view), ThingKind::Comment, next);
    }

    /// The comments in a project by task and id, behind a task and a comment on it.
    pub(super) async fn comments_in_project(
        self,
        conn: &mut Connection,
        feed: &mut Feed,
        project: ProjectId,
        after: Option<(i64, i64)>,
    ) -> Result<(), Error> {
        let mut last = 0;
        if let Some((task, comment)) = after.filter(|_| !feed.is_full()) {
            // The task may have been deleted since; of a forged position it may be another project's.
            if comment < i64::MAX
                && tasks::in_project(conn, project.get(), task - 1, 1).await?.iter().any(|found| found.id == task)
            {
                self.comments_on_one(conn, feed, (project, task), comment).await?;
            }
            last = task;
        }
        let (mut step, mut is_last) = (feed.portion(), false);
        while !is_last && !feed.is_full() {
            let found = tasks::in_project(conn, project.get(), last, step).await?;
            let Some(end) = found.last() else { break };
            is_last = is_all(found.len(), step);
            step = tasks::longer(step);
            last = end.id;
            self.comments_on_some(conn, feed, project, &found).await?;
            feed.count_rows(found.len(), self.behind_comments(project, last));
        }
        Ok(())
    }

    /// All comments on these tasks of a project.
    async fn comments_on_some(
        self,
        conn: &mut Connection,
        feed: &mut Feed,
        project: ProjectId,
        tasks: &[ProjectTask],
    ) -> Result<(), Error> {
        let commented: Vec<_> = tasks.iter().filter(|task| task.comment_count > 0).collect();
        let mut rest = commented.as_slice();
        while let Some((first, others)) = rest.split_first().filter(|_| !feed.is_full()) {
            let mut room = feed.portion();
            let whole = rest.iter().take_while(|task| {
                room -= task.comment_count;
                room >= 0
            });
            let whole: Vec<_> = whole.map(|task| task.id).collect();
            if whole.is_empty() {
                self.comments_on_one(conn, feed, (project, first.id), 0).await?;
                rest = others;
                continue;
            }
            for view in comments_on(conn, &whole).await? {
                self.put_in_project(feed, project, view);
            }
            rest = &rest[whole.len()..];
        }
        Ok(())
    }

    /// The comments on a task of a project behind one of them.
    async fn comments_on_one(
        self,
        conn: &mut Connection,
        feed: &mut Feed,
        (project, task): (ProjectId, i64),
        mut after: i64,
    ) -> Result<(), Error> {
        let mut is_last = false;
        while !is_last && !feed.is_full() {
            let portion = feed.portion();
            let views = on_task(conn, task, after, portion).await?;
            is_last = is_all(views.len(), portion);
            for view in views {
                after = view.comment.id.get();
                self.put_in_project(feed, project, view);
            }
        }
        Ok(())
    }

    /// The comments behind one on a task that the reader sees by its assignment alone.
    pub(super) async fn comments_on_foreign(
        self,
        conn: &mut Connection,
        feed: &mut Feed,
        (project, id): (ProjectId, TaskId),
        mut last: i64,
    ) -> Result<(), Error> {
        let mut is_last = false;
        while !is_last && !feed.is_full() {
            let portion = feed.portion();
            let views = on_task(conn, id.get(), last, portion).await?;
            let mut found: Vec<_> =
                views.into_iter().map(|view| (view.comment.id.get(), FeedContent::Comment(view))).collect();
            if !self.is_initial {
                // The reader may have them from a former assignment. Behind the last comment that was read they come later.
                let before = match found.last() {
                    Some((comment, _)) if !is_all(found.len(), portion) => *comment,
                    _ => i64::MAX,
                };
                for comment in rows::deleted_comments(conn, id.get(), (last, before), portion).await? {
                    found.push((comment, FeedContent::Deleted(DeleteReason::Deleted)));
                }
                found.sort_unstable_by_key(|(comment, _)| *comment);
            }
            is_last = is_all(found.len(), portion);
            // What is behind the first of them may have others before it, which were not read.
            found.truncate(usize::try_from(portion).unwrap_or(usize::MAX));
            for (after, content) in found {
                last = after;
                let next = self.at(ListingPlace::Task { id, after });
                feed.put((project.get(), after), content, ThingKind::Comment, next);
            }
        }
        Ok(())
    }
}

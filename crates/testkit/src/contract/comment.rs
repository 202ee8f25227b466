//! Comments and their pages.

use super::{conflict, simultaneously, walk::walk_while_rows_change};
use crate::{
    builders::{MOMENT, NOBODY, after, body, comment_removal, display_name, new_comment, unicode},
    given,
};
use fasttrack_domain::{
    comment::{Comment, CommentInProject, CommentView, NewComment},
    id::{CommentId, TaskId, UserId},
    membership::MemberRole,
    page::{Page, PageRequest},
    ports::{
        comment::{CommentRepository, TaskComments},
        constraint,
        project::ProjectRepository,
        task::TaskRepository,
        user::UserRepository,
    },
    task::{NewTask, TaskInProject},
    text::CommentBody,
    user::UserPatch,
};

contract! { $
    comment {
        users: UserRepository,
        projects: ProjectRepository,
        tasks: TaskRepository,
        comments: CommentRepository,
    }
    a_new_comment_is_found_as_it_was_made,
    the_longest_unicode_text_is_stored_unchanged,
    comments_that_do_not_exist_are_not_found,
    a_comment_on_a_deleted_task_is_refused,
    a_comment_of_an_unknown_author_is_refused,
    comments_are_listed_with_what_the_policy_needs,
    comments_have_their_authors_under_present_names,
    a_task_without_comments_has_an_empty_page,
    a_comment_is_deleted_once,
    one_of_simultaneous_deletions_deletes,
    ids_are_never_used_twice,
    a_comment_beyond_the_quota_is_refused,
    pages_of_comments_stay_consistent_while_rows_change,
}

/// A task with an assignee.
async fn given_task(ports: &Ports) -> TaskInProject {
    let (project, _) = given::project_with_owner(ports).await;
    let assignee = given::user(ports).await;
    let task = given::task_with(ports, project.id, |task| NewTask { assignee_id: Some(assignee.id), ..task }).await;
    ports.tasks.find(task.id, NOBODY).await.unwrap().unwrap()
}

async fn find(ports: &Ports, id: CommentId) -> Option<Comment> {
    ports.comments.find(id).await.unwrap().map(|found| found.comment)
}

async fn a_new_comment_is_found_as_it_was_made(ports: &Ports) {
    let task = given_task(ports).await;
    let author = given::user(ports).await;
    let new = new_comment(&task, author.id);
    let comment = ports.comments.create(new.clone(), None).await.unwrap();
    let expected =
        Comment { id: comment.id, task_id: task.task.id, author_id: author.id, body: new.body, created_at: MOMENT };
    assert_eq!(comment, expected);
    let found = CommentInProject { comment: expected, project_id: task.project.id };
    assert_eq!(ports.comments.find(comment.id).await.unwrap(), Some(found));
}

async fn the_longest_unicode_text_is_stored_unchanged(ports: &Ports) {
    let task = given_task(ports).await;
    let longest = body(&unicode(CommentBody::MAX));
    let new = NewComment { body: longest.clone(), ..new_comment(&task, task.project.owner_id) };
    let comment = ports.comments.create(new, None).await.unwrap();
    assert_eq!(comment.body, longest);
    assert_eq!(find(ports, comment.id).await, Some(comment));
}

/// A lookup, a list or a deletion that finds nothing is no error.
async fn comments_that_do_not_exist_are_not_found(ports: &Ports) {
    let task = given_task(ports).await;
    let comment = given::comment(ports, task.task.id, task.project.owner_id).await;
    for id in [i64::MIN, -1, 0, comment.id.get() + 1, i64::MAX].map(CommentId::new) {
        assert_eq!(find(ports, id).await, None, "{id}");
        assert!(!ports.comments.delete(comment_removal(id)).await.unwrap(), "{id}");
    }
    for id in [0, task.task.id.get() + 1, i64::MAX].map(TaskId::new) {
        assert_eq!(ports.comments.list_on_task(id, NOBODY, PageRequest::default()).await.unwrap(), None, "{id}");
    }
    assert_eq!(find(ports, comment.id).await, Some(comment));
}

/// `Conflict` with `REFERENCE`.
async fn a_comment_on_a_deleted_task_is_refused(ports: &Ports) {
    let task = given_task(ports).await;
    assert!(ports.tasks.delete(task.remove(task.project.owner_id, after(1))).await.unwrap());
    let created = ports.comments.create(new_comment(&task, task.project.owner_id), None).await;
    assert_eq!(conflict(created), constraint::REFERENCE);
}

/// `Conflict` with `REFERENCE`.
async fn a_comment_of_an_unknown_author_is_refused(ports: &Ports) {
    let task = given_task(ports).await;
    let created = ports.comments.create(new_comment(&task, UserId::new(i64::MAX)), None).await;
    assert_eq!(conflict(created), constraint::REFERENCE);
    let listed = ports.comments.list_on_task(task.task.id, NOBODY, PageRequest::default()).await;
    assert_eq!(listed.unwrap().unwrap().page.items, []);
}

/// The reader's role and the assignee are part of an empty page, too.
async fn comments_are_listed_with_what_the_policy_needs(ports: &Ports) {
    let (task, other) = (given_task(ports).await, given_task(ports).await);
    let mut comments = Vec::new();
    for author in [task.project.owner_id, other.project.owner_id] {
        for (reader, membership) in [(task.project.owner_id, Some(MemberRole::Owner)), (other.project.owner_id, None)] {
            let listed = ports.comments.list_on_task(task.task.id, reader, PageRequest::default()).await.unwrap();
            let (project_id, page) = (task.project.id, Page { items: comments.clone(), next: None });
            assert_eq!(listed, Some(TaskComments { project_id, membership, assignee_id: task.task.assignee_id, page }));
        }
        let comment = given::comment(ports, task.task.id, author).await;
        given::comment(ports, other.task.id, author).await;
        let author = ports.users.find(author).await.unwrap().unwrap().person();
        comments.push(CommentView { comment, author });
    }
}

/// A former name is nowhere.
async fn comments_have_their_authors_under_present_names(ports: &Ports) {
    let task = given_task(ports).await;
    let author = given::user(ports).await;
    let comments =
        [given::comment(ports, task.task.id, author.id).await, given::comment(ports, task.task.id, author.id).await];
    let patch = UserPatch { display_name: Some(display_name("Änne")), ..UserPatch::default() };
    let renamed = ports.users.save(author.apply(patch, after(1)).unwrap(), None).await.unwrap().unwrap();
    let listed = ports.comments.list_on_task(task.task.id, NOBODY, PageRequest::default()).await;
    let expected = comments.map(|comment| CommentView { comment, author: renamed.person() });
    assert_eq!(listed.unwrap().unwrap().page.items, expected);
}

/// `Ok(None)` would mean that there is no such task.
async fn a_task_without_comments_has_an_empty_page(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let unassigned = given::task(ports, project.id).await;
    let listed = ports.comments.list_on_task(unassigned.id, owner.id, PageRequest::default()).await.unwrap();
    let (project_id, membership, page) = (project.id, Some(MemberRole::Owner), Page { items: vec![], next: None });
    assert_eq!(listed, Some(TaskComments { project_id, membership, assignee_id: None, page }));
}

async fn a_comment_is_deleted_once(ports: &Ports) {
    let task = given_task(ports).await;
    let comment = given::comment(ports, task.task.id, task.project.owner_id).await;
    let other = given::comment(ports, task.task.id, task.project.owner_id).await;
    assert!(ports.comments.delete(comment_removal(comment.id)).await.unwrap());
    assert_eq!(find(ports, comment.id).await, None);
    assert!(!ports.comments.delete(comment_removal(comment.id)).await.unwrap());
    assert_eq!(find(ports, other.id).await, Some(other));
}

async fn one_of_simultaneous_deletions_deletes(ports: &Ports) {
    let task = given_task(ports).await;
    let comment = given::comment(ports, task.task.id, task.project.owner_id).await;
    let deleted = simultaneously(20, |_| {
        let comments = ports.comments.clone();
        async move { comments.delete(comment_removal(comment.id)).await.unwrap() }
    })
    .await;
    assert_eq!(deleted.into_iter().filter(|deleted| *deleted).count(), 1);
}

/// This holds for the last id after its deletion, too.
async fn ids_are_never_used_twice(ports: &Ports) {
    let task = given_task(ports).await;
    let mut last = given::comment(ports, task.task.id, task.project.owner_id).await;
    for _ in 0..3 {
        assert!(ports.comments.delete(comment_removal(last.id)).await.unwrap());
        let next = given::comment(ports, task.task.id, task.project.owner_id).await;
        assert!(next.id > last.id, "{} after {}", next.id, last.id);
        last = next;
    }
}

async fn pages_of_comments_stay_consistent_while_rows_change(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let (task, other) = (given::task(ports, project.id).await, given::task(ports, project.id).await);
    walk_while_rows_change(
        async |request| {
            let listed = ports.comments.list_on_task(task.id, NOBODY, request).await.unwrap().unwrap();
            listed.page.map(|view| view.comment.id.get())
        },
        async || {
            given::comment(ports, other.id, owner.id).await;
            given::comment(ports, task.id, owner.id).await.id.get()
        },
        async |id| assert!(ports.comments.delete(comment_removal(CommentId::new(id))).await.unwrap()),
    )
    .await;
}

/// `Conflict` with `QUOTA`.
async fn a_comment_beyond_the_quota_is_refused(ports: &Ports) {
    let task = given_task(ports).await;
    let comment = given::comment(ports, task.task.id, task.project.owner_id).await;
    let new = |quota| NewComment { quota, ..new_comment(&task, task.project.owner_id) };
    assert_eq!(conflict(ports.comments.create(new(1), None).await), constraint::QUOTA);
    assert!(ports.comments.delete(comment_removal(comment.id)).await.unwrap());
    ports.comments.create(new(1), None).await.unwrap();
}

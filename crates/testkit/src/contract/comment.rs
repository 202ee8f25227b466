//! Comments.

use super::{conflict, simultaneously};
use crate::{
    Ports,
    builders::{MOMENT, after, body, new_comment, unicode},
};
use fasttrack_domain::{
    comment::{Comment, NewComment},
    id::{CommentId, TaskId, UserId},
    page::PageRequest,
    ports::constraint,
    task::{NewTask, TaskInProject},
    text::CommentBody,
};

/// A task with an assignee.
async fn given_task(ports: &Ports) -> TaskInProject {
    let (project, _) = ports.given_projects_owner().await;
    let assignee = ports.given_user().await;
    let task = ports.given_task_like(project.id, |task| NewTask { assignee_id: Some(assignee.id), ..task }).await;
    ports.tasks.find(task.id).await.unwrap().unwrap()
}

/// What `create` answers is what was asked for, and what is found afterwards.
pub async fn a_new_comment_is_found_as_it_was_made(ports: &Ports) {
    let task = given_task(ports).await;
    let author = ports.given_user().await;
    let new = new_comment(&task, author.id);
    let comment = ports.comments.create(new.clone(), None).await.unwrap();
    let expected =
        Comment { id: comment.id, task_id: task.task.id, author_id: author.id, body: new.body, created_at: MOMENT };
    assert_eq!(comment, expected);
    assert_eq!(ports.comments.find(comment.id).await.unwrap(), Some(expected));
}

/// Neither cut nor normalised.
pub async fn the_longest_and_strangest_text_comes_back_equal(ports: &Ports) {
    let task = given_task(ports).await;
    let longest = body(&unicode(CommentBody::MAX));
    let new = NewComment { body: longest.clone(), ..new_comment(&task, task.project.owner_id) };
    let comment = ports.comments.create(new, None).await.unwrap();
    assert_eq!(comment.body, longest);
    assert_eq!(ports.comments.find(comment.id).await.unwrap(), Some(comment));
}

/// A lookup, a list or a deletion that finds nothing is no error.
pub async fn comments_that_do_not_exist_are_not_found(ports: &Ports) {
    let task = given_task(ports).await;
    let comment = ports.given_comment(task.task.id, task.project.owner_id).await;
    for id in [i64::MIN, -1, 0, comment.id.get() + 1, i64::MAX].map(CommentId::new) {
        assert_eq!(ports.comments.find(id).await.unwrap(), None, "{id}");
        assert!(!ports.comments.delete(id, None).await.unwrap(), "{id}");
    }
    for id in [0, task.task.id.get() + 1, i64::MAX].map(TaskId::new) {
        assert_eq!(ports.comments.list_on_task(id, PageRequest::default()).await.unwrap(), None, "{id}");
    }
    assert_eq!(ports.comments.find(comment.id).await.unwrap(), Some(comment));
}

/// `Conflict` with `REFERENCE`: the task went after it was looked up.
pub async fn a_comment_on_a_gone_task_is_refused(ports: &Ports) {
    let task = given_task(ports).await;
    assert!(ports.tasks.delete(task.remove(task.project.owner_id, after(1))).await.unwrap());
    let created = ports.comments.create(new_comment(&task, task.project.owner_id), None).await;
    assert_eq!(conflict(created), constraint::REFERENCE);
}

/// `Conflict` with `REFERENCE`, and nothing is made.
pub async fn a_comment_of_nobody_is_refused(ports: &Ports) {
    let task = given_task(ports).await;
    let created = ports.comments.create(new_comment(&task, UserId::new(i64::MAX)), None).await;
    assert_eq!(conflict(created), constraint::REFERENCE);
    let listed = ports.comments.list_on_task(task.task.id, PageRequest::default()).await.unwrap().unwrap();
    assert_eq!(listed.page.items, []);
}

/// Those of this task only, by ascending id, with its owner and assignee.
pub async fn comments_are_listed_with_who_may_see_them(ports: &Ports) {
    let (task, other) = (given_task(ports).await, given_task(ports).await);
    let authors = [task.project.owner_id, other.project.owner_id];
    let mut comments = Vec::new();
    for author in authors {
        comments.push(ports.given_comment(task.task.id, author).await);
        ports.given_comment(other.task.id, author).await;
    }
    let listed = ports.comments.list_on_task(task.task.id, PageRequest::default()).await.unwrap().unwrap();
    assert_eq!((listed.page.items, listed.page.next), (comments, None));
    assert_eq!((listed.owner_id, listed.assignee_id), (task.project.owner_id, task.task.assignee_id));
}

/// Which isn't the same as no such task, and says who may see it too.
pub async fn a_task_without_comments_has_an_empty_page(ports: &Ports) {
    let (project, owner) = ports.given_projects_owner().await;
    let unassigned = ports.given_task(project.id).await;
    let listed = ports.comments.list_on_task(unassigned.id, PageRequest::default()).await.unwrap().unwrap();
    assert_eq!((listed.page.items, listed.page.next), (vec![], None));
    assert_eq!((listed.owner_id, listed.assignee_id), (owner.id, None));
}

/// And no other one with it.
pub async fn a_comment_is_deleted_once(ports: &Ports) {
    let task = given_task(ports).await;
    let comment = ports.given_comment(task.task.id, task.project.owner_id).await;
    let other = ports.given_comment(task.task.id, task.project.owner_id).await;
    assert!(ports.comments.delete(comment.id, None).await.unwrap());
    assert_eq!(ports.comments.find(comment.id).await.unwrap(), None);
    assert!(!ports.comments.delete(comment.id, None).await.unwrap());
    assert_eq!(ports.comments.find(other.id).await.unwrap(), Some(other));
}

/// The others find nothing.
pub async fn of_simultaneous_deletions_one_deletes(ports: &Ports) {
    let task = given_task(ports).await;
    let comment = ports.given_comment(task.task.id, task.project.owner_id).await;
    let deleted = simultaneously(20, |_| {
        let comments = ports.comments.clone();
        async move { comments.delete(comment.id, None).await.unwrap() }
    })
    .await;
    assert_eq!(deleted.into_iter().filter(|deleted| *deleted).count(), 1);
}

/// Not even that of the youngest comment after its deletion.
pub async fn ids_are_never_used_twice(ports: &Ports) {
    let task = given_task(ports).await;
    let mut last = ports.given_comment(task.task.id, task.project.owner_id).await;
    for _ in 0..3 {
        assert!(ports.comments.delete(last.id, None).await.unwrap());
        let next = ports.given_comment(task.task.id, task.project.owner_id).await;
        assert!(next.id > last.id, "{} after {}", next.id, last.id);
        last = next;
    }
}

//! The queries that read the change feed.

use fasttrack_domain::{
    api_token::Reach,
    change::{FeedPosition, FeedReader, FeedRequest},
    membership::{GrantedRole, MemberRole},
    page::Limit,
    ports::Repositories,
    task::{NewTask, TaskProject},
};
use fasttrack_testkit::builders::{
    NOBODY, comment_removal, new_comment, new_label, new_member, new_project, new_task, new_user,
};
use std::sync::Arc;

/// Reads page by page until the end.
async fn follow(repositories: &Repositories, reader: &FeedReader, mut position: Option<FeedPosition>) -> FeedPosition {
    for _ in 0..100 {
        let request = FeedRequest { reader: reader.clone(), position, limit: Limit::of_changes(2).unwrap() };
        let page = repositories.changes.read(request).await.unwrap();
        if !page.has_more {
            return page.next;
        }
        position = Some(page.next);
    }
    panic!("the feed has no end");
}

/// Reads everything, and then every kind of change, as each kind of reader.
pub async fn call(repositories: &Repositories) {
    let Repositories { users, projects, members, tasks, labels, comments, outbox, .. } = repositories;
    let owner = users.create(new_user()).await.unwrap().id;
    let [assignee, other] = [users.create(new_user()).await.unwrap().id, users.create(new_user()).await.unwrap().id];
    let project = projects.create(new_project(owner), None).await.unwrap();
    let within = TaskProject::new(project.clone(), Some(MemberRole::Owner));
    labels.create(new_label(project.id)).await.unwrap();
    let task = tasks.create(NewTask { assignee_id: Some(assignee), ..new_task(&within) }, None).await.unwrap().id;
    let found = tasks.find(task, NOBODY).await.unwrap().unwrap();
    let mut written = Vec::new();
    for _ in 0..3 {
        written.push(comments.create(new_comment(&found, owner), None).await.unwrap().id);
    }
    while outbox.dispatch(Arc::new([]), 100).await.unwrap().more {}

    let own = |id| FeedReader { id, sees_all: false, reach: Reach::All };
    let narrowed = Reach::only(vec![project.id]);
    let readers = [
        own(owner),
        own(assignee),
        own(other),
        FeedReader { sees_all: true, ..own(NOBODY) },
        FeedReader { reach: narrowed.clone(), ..own(owner) },
        FeedReader { sees_all: true, reach: narrowed, ..own(NOBODY) },
    ];
    let mut ends = Vec::new();
    for reader in &readers {
        ends.push(follow(repositories, reader, None).await);
    }
    labels.create(new_label(project.id)).await.unwrap();
    tasks.create(NewTask { assignee_id: Some(assignee), ..new_task(&within) }, None).await.unwrap();
    comments.create(new_comment(&found, owner), None).await.unwrap();
    assert!(comments.delete(comment_removal(written[0])).await.unwrap());
    members.put(new_member(&project, other, GrantedRole::Viewer)).await.unwrap().unwrap();
    while outbox.dispatch(Arc::new([]), 100).await.unwrap().more {}
    for (reader, end) in readers.iter().zip(ends) {
        let next = follow(repositories, reader, Some(end)).await;
        assert!(next.seq > end.seq && next.listing.is_none());
    }
    let head = repositories.changes.head().await.unwrap();
    assert_eq!(repositories.changes.news(head - 1, 10).await.unwrap().seq, head);
}

//! Things that are put.

use super::shared::{Follower, Ports, dispatched, put_task, read, reader, rename};
use crate::{
    builders::{NOBODY, after, label_name, project_name},
    given,
};
use fasttrack_domain::{
    change::{FeedContent, FeedPosition, MemberView},
    label::LabelPatch,
    membership::{GrantedRole, MemberRole},
    page::PageRequest,
    project::ProjectPatch,
};

/// As the other ports return it, with the reader's role.
pub(super) async fn every_kind_is_put_as_it_is(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let (label, task) = (given::label(ports, project.id).await, given::task(ports, project.id).await);
    let viewer = given::member(ports, &project, GrantedRole::Viewer).await.id;
    let mut follower = Follower::at_end(ports, reader(viewer)).await;
    let patch = ProjectPatch { name: Some(project_name("Yard")), ..ProjectPatch::default() };
    ports.projects.save(project.apply(patch, after(1)).unwrap()).await.unwrap().unwrap();
    let patch = LabelPatch { name: Some(label_name("Urgent")), color: None };
    let label = ports.labels.save(label.apply(patch, after(1)).unwrap()).await.unwrap().unwrap();
    rename(ports, task.id, "Weed").await;
    let comment = given::comment(ports, task.id, owner.id).await;
    let other = given::member(ports, &project, GrantedRole::Editor).await.id;

    let changes = follower.next(ports).await;
    assert!(changes.iter().all(|change| change.project_id == project.id));
    let view = ports.projects.find(project.id, viewer).await.unwrap().unwrap();
    assert_eq!(view.membership, Some(MemberRole::Viewer));
    let member = ports.members.find(project.id, other).await.unwrap().unwrap();
    assert!(member.email.is_some());
    let found = ports.tasks.find(task.id, NOBODY).await.unwrap().unwrap();
    let comments = ports.comments.list_on_task(task.id, NOBODY, PageRequest::default()).await.unwrap().unwrap();
    assert_eq!(comments.page.items[0].comment, comment);
    let expected = [
        FeedContent::Project(view),
        FeedContent::Label(label),
        FeedContent::Task(Box::new(found.into())),
        FeedContent::Comment(comments.page.items[0].clone()),
        FeedContent::Member(MemberView { member, membership: Some(MemberRole::Viewer) }),
    ];
    assert_eq!(changes.into_iter().map(|change| change.content).collect::<Vec<_>>(), expected);
}

/// In the order of the latest changes.
pub(super) async fn each_thing_is_put_once_at_its_latest(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let [first, second] = [given::task(ports, project.id).await.id, given::task(ports, project.id).await.id];
    let mut follower = Follower::at_end(ports, reader(owner.id)).await;
    for (task, text) in [(first, "One"), (second, "Two"), (first, "Three")] {
        rename(ports, task, text).await;
        dispatched(ports).await;
    }
    rename(ports, first, "Four").await;
    let changes = follower.next(ports).await;
    let titles = changes.iter().map(|change| match &change.content {
        FeedContent::Task(view) => view.task.title.as_str().to_owned(),
        other => panic!("{other:?}"),
    });
    assert_eq!(titles.collect::<Vec<_>>(), ["Two", "Four"]);
    assert_eq!(follower.next(ports).await, []);
}

/// Also behind any change of it.
pub(super) async fn a_page_goes_on_where_the_former_ended(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let follower = Follower::at_end(ports, reader(owner.id)).await;
    let mut tasks = Vec::new();
    for _ in 0..5 {
        tasks.push(put_task(given::task(ports, project.id).await.id));
    }
    let (other, _) = given::project_with_owner(ports).await;
    given::task(ports, other.id).await;
    for limit in [1, 2, 5, 100] {
        let mut follower = Follower { reader: follower.reader.clone(), position: follower.position, limit };
        assert_eq!(follower.lines(ports).await, tasks, "{limit}");
        assert_eq!(follower.position, Some(FeedPosition::after(ports.changes.head().await.unwrap())));
    }
    let page = read(ports, &follower.reader, follower.position, 100).await.unwrap();
    for (count, change) in (1..).zip(&page.changes) {
        let mut rest = Follower { reader: follower.reader.clone(), position: Some(change.next), limit: 100 };
        assert_eq!(rest.lines(ports).await, tasks[count..]);
    }
}

//! What a dispatch commits with the end of an event.

use super::shared::{Ports, comment, given_task, kind, notified, notifying};
use crate::{
    builders::{MOMENT, NOBODY, after, new_notification, subscriber, task_assigned_mail},
    contract::dispatch_all,
    given,
};
use fasttrack_domain::{
    event::{Event, TaskEventKind},
    id::CommentId,
    job::{JobPayload, NewJob, WorkerId},
    notification::{NotificationContent, NotificationHead, TaskNames, notifications_of},
    page::PageRequest,
    ports::{job::JobSlots, outbox::Consequence},
    statistics::StatisticsDelta,
    task::NewTask,
    text::DisplayName,
};
use std::{collections::HashSet, sync::Arc};

pub(super) async fn every_consequence_of_an_event_is_committed(ports: &Ports) {
    let (project, _) = given::project_with_owner(ports).await;
    let (users, others) = (given::project_with_owner(ports).await.0, given::project_with_owner(ports).await.0);
    let (user, other) = (users.owner_id, others.owner_id);
    let job = NewJob { payload: JobPayload::VerificationMail { user_id: user }, created_at: after(3) };
    let count = StatisticsDelta { project_id: project.id, todo: 3, in_progress: 2, done: 1, at: after(4) };
    let [first, second, third] =
        [(&users, 1), (&others, 2), (&users, 3)].map(|(of, comment)| new_notification(of.owner_id, of.id, comment));
    let done = given::consequences(
        ports,
        vec![
            Consequence::Notify(first.clone()),
            Consequence::Enqueue(job.clone()),
            Consequence::Notify(second),
            Consequence::Count(count.clone()),
            Consequence::Notify(third),
            Consequence::Count(count),
        ],
    )
    .await;
    let heads: HashSet<_> = done.heads.iter().map(|head| (head.user_id, head.seq)).collect();
    assert_eq!((done.heads.len(), heads), (2, HashSet::from([(user, 2), (other, 1)])));
    assert_eq!(notified(ports, user).await, [(1, CommentId::new(1)), (2, CommentId::new(3))]);
    assert_eq!(notified(ports, other).await, [(1, CommentId::new(2))]);
    let notification = ports.notifications.after(user, 0, 1).await.unwrap().remove(0);
    assert_eq!((notification.content, notification.at, notification.read), (first.content, first.at, false));
    let statistics = ports.statistics.find(project.id, NOBODY).await.unwrap().unwrap().statistics;
    assert_eq!((statistics.todo, statistics.in_progress, statistics.done), (6, 4, 2));
    assert_eq!(statistics.updated_at, after(4));
    let [queued] = ports.jobs.list(None, after(3), PageRequest::default()).await.unwrap().items.try_into().unwrap();
    assert_eq!((queued.kind.as_str(), queued.run_at, queued.created_at), (job.payload.name(), after(3), after(3)));
}

pub(super) async fn a_queued_job_keeps_its_payload(ports: &Ports) {
    let found = given_task(ports).await;
    let names = TaskNames {
        task_id: found.task.id,
        task: found.task.title,
        project_id: found.project.id,
        project: found.project.name,
    };
    let payload = task_assigned_mail(found.project.owner_id, names, "Zoë");
    given::consequences(ports, vec![Consequence::Enqueue(NewJob { payload: payload.clone(), created_at: after(0) })])
        .await;
    let worker = WorkerId::new("worker".to_owned());
    let [job] = ports.jobs.lease(worker, after(0), after(1), JobSlots::any(9)).await.unwrap().try_into().unwrap();
    assert_eq!(job.payload, payload);
}

/// Each user has numbers from 1, across users and dispatches.
pub(super) async fn notification_numbers_have_no_gaps(ports: &Ports) {
    let (one, two) = (given_task(ports).await, given_task(ports).await);
    let author = given::user(ports).await;
    let (mut of_one, mut of_two) = (Vec::new(), Vec::new());
    for round in 0..4 {
        of_one.extend(comment(ports, one.task.id, &author, round).await);
        of_two.extend(comment(ports, two.task.id, &author, 2).await);
        of_one.extend(comment(ports, one.task.id, &author, 1).await);
        let mut heads: Vec<_> =
            dispatch_all(ports, notifying(), 3).await.into_iter().flat_map(|done| done.heads).collect();
        heads.reverse();
        for (owner, notified) in [(one.project.owner_id, &of_one), (two.project.owner_id, &of_two)] {
            let last = NotificationHead { user_id: owner, seq: notified.len().try_into().unwrap() };
            assert_eq!(heads.iter().find(|head| head.user_id == owner), Some(&last));
        }
    }
    for (owner, comments) in [(one.project.owner_id, of_one), (two.project.owner_id, of_two)] {
        assert_eq!(notified(ports, owner).await, (1..).zip(comments).collect::<Vec<_>>());
    }
}

/// The next dispatch gets the same events.
pub(super) async fn a_failed_dispatch_commits_nothing(ports: &Ports) {
    let found = given_task(ports).await;
    let author = given::user(ports).await;
    let comments = comment(ports, found.task.id, &author, 3).await;
    let last = comments[2];
    let (project_id, at) = (found.project.id, after(1));
    let failing = move |event: &Event, actor: &DisplayName| {
        assert_ne!(
            *kind(event),
            TaskEventKind::CommentAdded { comment_id: last, assignee_id: None },
            "as it is meant to"
        );
        let mut all: Vec<_> = notifications_of(event, actor).into_iter().map(Consequence::Notify).collect();
        let payload = JobPayload::VerificationMail { user_id: event.actor_id().unwrap() };
        all.push(Consequence::Enqueue(NewJob { payload, created_at: at }));
        all.push(Consequence::Count(StatisticsDelta { project_id, todo: 1, in_progress: 0, done: 0, at }));
        all
    };
    for _ in 0..2 {
        let (outbox, failing) = (Arc::clone(&ports.outbox), subscriber(failing));
        let failed = tokio::spawn(async move { outbox.dispatch(Arc::new([failing]), 10).await }).await;
        assert!(!matches!(failed, Ok(Ok(_))), "{failed:?}");
        assert_eq!(notified(ports, found.project.owner_id).await, []);
        assert_eq!(ports.notifications.heads(vec![found.project.owner_id]).await.unwrap(), []);
        assert_eq!(ports.jobs.list(None, after(0), PageRequest::default()).await.unwrap().items, []);
        assert_eq!(ports.statistics.find(found.project.id, NOBODY).await.unwrap().unwrap().statistics.total(), 0);
    }
    dispatch_all(ports, notifying(), 10).await;
    assert_eq!(notified(ports, found.project.owner_id).await, (1..).zip(comments).collect::<Vec<_>>());
}

pub(super) async fn events_of_a_deleted_project_block_no_others(ports: &Ports) {
    let (gone, stays) = (given_task(ports).await, given_task(ports).await);
    let assignee = given::user(ports).await;
    for found in [&gone, &stays] {
        given::task_with(ports, found.project.id, |task| NewTask { assignee_id: Some(assignee.id), ..task }).await;
    }
    assert!(ports.projects.delete(gone.project.id, 1, MOMENT, None).await.unwrap());
    let count = |event: &Event, actor: &DisplayName| {
        let count = StatisticsDelta::of(event).map(Consequence::Count);
        count.into_iter().chain(notifications_of(event, actor).into_iter().map(Consequence::Notify)).collect()
    };
    dispatch_all(ports, Arc::new([subscriber(count)]), 10).await;
    assert_eq!(ports.statistics.find(gone.project.id, NOBODY).await.unwrap(), None);
    assert_eq!(ports.statistics.find(stays.project.id, NOBODY).await.unwrap().unwrap().statistics.todo, 1);
    // Nobody has access to what is gone.
    let [notification] = ports.notifications.after(assignee.id, 0, 9).await.unwrap().try_into().unwrap();
    let NotificationContent::TaskAssigned { task, .. } = notification.content else { panic!("{notification:?}") };
    assert_eq!(task.project_id, stays.project.id);
}

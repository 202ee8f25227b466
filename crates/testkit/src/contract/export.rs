//! What an export has beside the lists of other ports.

use crate::{
    builders::{MOMENT, NOBODY, after, display_name, identity, new_comment, new_user},
    given,
};
use fasttrack_domain::{
    comment::{CommentView, NewComment},
    id::{CommentId, ProjectId, TaskId, UserId},
    identity::{ExternalSubject, Identity, IdentityLink, LinkedIdentity},
    page::{Limit, PageRequest},
    ports::{
        comment::CommentRepository, export::ExportRepository, identity::IdentityRepository, project::ProjectRepository,
        task::TaskRepository, user::UserRepository,
    },
    task::TaskInProject,
    user::{User, UserPatch},
};

contract! { $
    export {
        users: UserRepository,
        identities: IdentityRepository,
        projects: ProjectRepository,
        tasks: TaskRepository,
        comments: CommentRepository,
        exports: ExportRepository,
    }
    what_does_not_exist_has_nothing_to_export,
    identities_come_by_issuer_and_subject,
    comments_of_a_project_come_in_order_on_pages_of_any_length,
    comments_of_a_project_are_found_between_tasks_without_any,
    comments_elsewhere_leave_own_projects_out,
    comments_have_their_authors_under_present_names,
}

async fn given_task(ports: &Ports, project: ProjectId) -> TaskInProject {
    let task = given::task(ports, project).await;
    ports.tasks.find(task.id, NOBODY).await.unwrap().unwrap()
}

async fn given_comment(ports: &Ports, task: &TaskInProject, author: &User) -> CommentView {
    let comment = ports.comments.create(new_comment(task, author.id), None).await.unwrap();
    CommentView { comment, author: author.person() }
}

/// Every comment of the project, read in parts of this length.
async fn in_project(ports: &Ports, project: ProjectId, limit: u32) -> Vec<CommentView> {
    let (mut all, mut after) = (Vec::<CommentView>::new(), None);
    loop {
        let part = ports.exports.comments_in_project(project, after, limit).await.unwrap();
        assert!(part.len() <= limit as usize);
        let is_last = part.len() < limit as usize;
        all.extend(part);
        if is_last {
            return all;
        }
        after = all.last().map(|view| (view.comment.task_id, view.comment.id));
    }
}

/// Every comment of the user in projects of others, read in pages of this length.
async fn elsewhere(ports: &Ports, author: UserId, limit: i64) -> Vec<CommentView> {
    let (mut all, mut request) = (Vec::new(), PageRequest { limit: Limit::new(limit).unwrap(), cursor: None });
    loop {
        let page = ports.exports.comments_elsewhere(author, request).await.unwrap();
        assert!(page.items.len() == request.limit.get() as usize || page.next.is_none());
        all.extend(page.items);
        request.cursor = page.next;
        if request.cursor.is_none() {
            return all;
        }
    }
}

async fn what_does_not_exist_has_nothing_to_export(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    for user in [owner.id, NOBODY, UserId::new(i64::MAX)] {
        assert_eq!(ports.exports.identities(user).await.unwrap(), []);
        assert_eq!(elsewhere(ports, user, 10).await, []);
    }
    for id in [project.id, ProjectId::new(0), ProjectId::new(i64::MAX)] {
        assert_eq!(in_project(ports, id, 10).await, []);
    }
    given::task(ports, project.id).await;
    assert_eq!(in_project(ports, project.id, 1).await, []);
}

async fn identities_come_by_issuer_and_subject(ports: &Ports) {
    let (user, other) = (ports.identities.create(identity(), new_user()).await.unwrap(), given::user(ports).await);
    let of = |issuer: &str, subject: &str| Identity {
        issuer: format!("https://{issuer}.example"),
        subject: ExternalSubject::parse(subject.to_owned()).unwrap(),
    };
    let link = |identity: &Identity, user: &User, minutes| IdentityLink {
        identity: identity.clone(),
        user_id: user.id,
        based_on: user.version,
        at: after(minutes),
    };
    let identities = [of("b", "1"), of("a", "2"), of("a", "10"), of("b", "é")];
    for (minutes, identity) in (1..).zip(&identities) {
        ports.identities.link(link(identity, &other, minutes)).await.unwrap().unwrap();
    }
    let [third, second, first, fourth] = identities;
    let expected = [(first, 3), (second, 2), (third, 1), (fourth, 4)]
        .map(|(identity, minutes)| LinkedIdentity { identity, created_at: after(minutes) });
    assert_eq!(ports.exports.identities(other.id).await.unwrap(), expected);
    let [own] = ports.exports.identities(user.id).await.unwrap().try_into().unwrap();
    assert_eq!(own.created_at, MOMENT);
}

/// They come by task, then by comment.
async fn comments_of_a_project_come_in_order_on_pages_of_any_length(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let (other, guest) = (given::project(ports, owner.id).await, given::user(ports).await);
    let tasks =
        [given_task(ports, project.id).await, given_task(ports, project.id).await, given_task(ports, project.id).await];
    let foreign = given_task(ports, other.id).await;
    let mut expected = Vec::new();
    for (task, author) in [(2, &owner), (0, &guest), (2, &guest), (1, &owner), (0, &owner), (0, &guest), (2, &owner)] {
        expected.push(given_comment(ports, &tasks[task], author).await);
        given_comment(ports, &foreign, author).await;
    }
    expected.sort_by_key(|view| (view.comment.task_id, view.comment.id));
    for limit in [1, 2, 3, 6, 7, 8, 100] {
        assert_eq!(in_project(ports, project.id, limit).await, expected, "{limit}");
    }
    let beyond = Some((TaskId::new(i64::MAX), CommentId::new(i64::MAX)));
    assert_eq!(ports.exports.comments_in_project(project.id, beyond, 10).await.unwrap(), []);
}

/// A part is shorter than asked for only where it is the last.
async fn comments_of_a_project_are_found_between_tasks_without_any(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let mut expected = Vec::new();
    for n in 0..60 {
        let task = given_task(ports, project.id).await;
        if n % 19 == 7 {
            expected.push(given_comment(ports, &task, &owner).await);
        }
    }
    for limit in [1, 2, 3, 10] {
        assert_eq!(in_project(ports, project.id, limit).await, expected, "{limit}");
    }
}

/// Those of the user alone, by ascending id.
async fn comments_elsewhere_leave_own_projects_out(ports: &Ports) {
    let (own, user) = given::project_with_owner(ports).await;
    let (first, other) = given::project_with_owner(ports).await;
    let (second, _) = given::project_with_owner(ports).await;
    let own = given_task(ports, own.id).await;
    let tasks = [given_task(ports, first.id).await, given_task(ports, second.id).await];
    let mut expected = Vec::new();
    for n in 0..12 {
        given_comment(ports, &own, &user).await;
        given_comment(ports, &tasks[n % 2], &other).await;
        if n % 3 > 0 {
            expected.push(given_comment(ports, &tasks[n % 2], &user).await);
        }
    }
    for limit in [1, 3, 4, 8, 100] {
        assert_eq!(elsewhere(ports, user.id, limit).await, expected, "{limit}");
    }
}

async fn comments_have_their_authors_under_present_names(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let (author, task) = (given::user(ports).await, given_task(ports, project.id).await);
    let new = NewComment { created_at: after(3), ..new_comment(&task, author.id) };
    let comment = ports.comments.create(new, None).await.unwrap();
    let patch = UserPatch { display_name: Some(display_name("Änne")), ..UserPatch::default() };
    let renamed = ports.users.save(author.apply(patch, after(4)).unwrap(), None).await.unwrap().unwrap();
    let expected = [CommentView { comment, author: renamed.person() }];
    assert_eq!(in_project(ports, project.id, 10).await, expected);
    assert_eq!(elsewhere(ports, author.id, 10).await, expected);
    assert_eq!(elsewhere(ports, owner.id, 10).await, []);
}

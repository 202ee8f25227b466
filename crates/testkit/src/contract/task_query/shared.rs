//! The ports of lists of tasks in any order, and random tasks for them.

use crate::{
    builders::{NOBODY, after, description, due, label_ids, new_task, reminders, title},
    contract::TestRng,
    given,
};
use fasttrack_domain::{
    Timestamp,
    due::Due,
    id::{LabelId, TaskId, UserId},
    membership::GrantedRole,
    patch::Patch,
    ports::{
        constraint, label::LabelRepository, member::MemberRepository, project::ProjectRepository, task::TaskRepository,
        user::UserRepository,
    },
    project::Project,
    task::{NewTask, Place, TaskInProject, TaskPatch, TaskPriority, TaskProject, TaskStatus},
};

ports! {
    users: UserRepository,
    projects: ProjectRepository,
    members: MemberRepository,
    tasks: TaskRepository,
    labels: LabelRepository,
}

/// Due dates, some of which are equal in the order of lists.
const DUE: [&str; 6] = [
    "2026-11-30",
    "2026-12-01",
    "2026-12-01T23:59:59.999999Z",
    "2026-12-02T00:00:00Z",
    "2026-12-02T09:30:00.000001Z",
    "2027-01-01",
];

const WORDS: [&str; 8] = ["paint", "painter", "fence", "FENCES", "Zaun", "Straße", "漢字", "2026"];

/// Users, projects, labels and tasks.
pub(super) struct World {
    /// The owner of the first project, a member of the second, and a user who is none of these.
    pub(super) users: [UserId; 3],
    pub(super) projects: Vec<Project>,
    /// Labels of each project.
    pub(super) labels: Vec<Vec<LabelId>>,
    pub(super) tasks: Vec<TaskId>,
}

/// Returns a random one of these.
pub(super) fn one<T: Copy>(rng: &mut TestRng, of: &[T]) -> T {
    of[rng.below(of.len())]
}

/// One of these, or nothing.
pub(super) fn maybe<T: Copy>(rng: &mut TestRng, of: &[T]) -> Option<T> {
    (!of.is_empty() && rng.below(2) == 0).then(|| one(rng, of))
}

pub(super) fn random_due(rng: &mut TestRng) -> Due {
    due(one(rng, &DUE))
}

pub(super) fn words(rng: &mut TestRng, most: usize) -> String {
    let words: Vec<_> = (0..=rng.below(most)).map(|_| one(rng, &WORDS)).collect();
    words.join(" ")
}

/// Few instants, so that many are equal.
fn instant(rng: &mut TestRng) -> Timestamp {
    after(i64::try_from(rng.below(4)).unwrap())
}

fn some_labels(rng: &mut TestRng, labels: &[LabelId]) -> Vec<LabelId> {
    labels.iter().copied().filter(|_| rng.below(3) == 0).collect()
}

pub(super) async fn find(ports: &Ports, id: TaskId) -> TaskInProject {
    ports.tasks.find(id, NOBODY).await.unwrap().unwrap()
}

impl World {
    /// Creates tasks at random, and changes, moves and deletes some of them.
    pub(super) async fn random(ports: &Ports, rng: &mut TestRng) -> Self {
        let (first, owner) = given::project_with_owner(ports).await;
        let (second, member) = given::project_with_owner(ports).await;
        let (third, _) = given::project_with_owner(ports).await;
        given::membership(ports, &second, owner.id, GrantedRole::Viewer).await;
        let users = [owner.id, member.id, given::user(ports).await.id];
        let projects = vec![first, second, third];
        let mut labels = Vec::new();
        for project in &projects {
            labels.push(vec![given::label(ports, project.id).await.id, given::label(ports, project.id).await.id]);
        }
        let mut world = Self { users, projects, labels, tasks: Vec::new() };
        for _ in 0..80 {
            world.create(ports, rng).await;
        }
        for _ in 0..50 {
            world.change(ports, rng).await;
        }
        world
    }

    async fn create(&mut self, ports: &Ports, rng: &mut TestRng) {
        // The first project has half of the tasks.
        let place = [0, 0, 1, 2][rng.below(4)];
        let project = ports.tasks.find_project(self.projects[place].id, NOBODY).await.unwrap().unwrap();
        let new = self.new_task(&project, place, rng);
        match ports.tasks.create(new, None).await {
            Ok(task) => self.tasks.push(task.id),
            // The parent is of another project, or on the lowest level.
            Err(error) => assert!(error.is_conflict(constraint::PARENT), "{error:?}"),
        }
    }

    fn new_task(&self, project: &TaskProject, place: usize, rng: &mut TestRng) -> NewTask {
        let text = words(rng, 3);
        let description = (rng.below(2) == 0).then(|| description(&words(rng, 5)));
        NewTask {
            title: title(&text),
            description,
            status: one(rng, TaskStatus::ALL),
            priority: one(rng, TaskPriority::ALL),
            assignee_id: maybe(rng, &self.users),
            due: (rng.below(3) > 0).then(|| random_due(rng)),
            reminders: reminders(&[instant(rng)]),
            labels: label_ids(&some_labels(rng, &self.labels[place])),
            parent_id: (!self.tasks.is_empty() && rng.below(3) == 0).then(|| one(rng, &self.tasks)),
            created_at: instant(rng),
            ..new_task(project)
        }
    }

    /// Changes one task in one of several ways.
    async fn change(&mut self, ports: &Ports, rng: &mut TestRng) {
        let found = find(ports, one(rng, &self.tasks)).await;
        let place = self.projects.iter().position(|project| project.id == found.project.id).unwrap();
        let patch = match rng.below(8) {
            0 => TaskPatch { title: Some(title(&words(rng, 3))), ..TaskPatch::default() },
            1 => TaskPatch { due: Patch::Set(random_due(rng)), ..TaskPatch::default() },
            2 => TaskPatch { due: Patch::Clear, parent_id: Patch::Clear, ..TaskPatch::default() },
            3 => TaskPatch { priority: Some(one(rng, TaskPriority::ALL)), ..TaskPatch::default() },
            4 => TaskPatch { assignee_id: Patch::Set(one(rng, &self.users)), ..TaskPatch::default() },
            5 | 6 => return self.move_one(ports, &found, rng).await,
            _ => return self.delete(ports, &found).await,
        };
        let labels = label_ids(&some_labels(rng, &self.labels[place]));
        let at = instant(rng);
        if let Some(change) = found.apply(patch, found.project.owner_id, at).unwrap() {
            ports.tasks.save(change).await.unwrap().unwrap();
        }
        let found = find(ports, found.task.id).await;
        if let Some(change) = found.set_labels(labels, found.project.owner_id, at) {
            ports.tasks.save(change).await.unwrap().unwrap();
        }
    }

    /// Moves the task beside another one of its project, or to the front.
    async fn move_one(&self, ports: &Ports, found: &TaskInProject, rng: &mut TestRng) {
        let neighbor = find(ports, one(rng, &self.tasks)).await;
        let is_beside = neighbor.project.id == found.project.id && neighbor.task.id != found.task.id;
        let place = if is_beside { Place::After(neighbor.task.id) } else { Place::First };
        given::moved(ports, found.task.id, place).await;
    }

    /// Deletes the task with what is under it, unless few are left.
    async fn delete(&mut self, ports: &Ports, found: &TaskInProject) {
        if self.tasks.len() < 20 {
            return;
        }
        assert!(ports.tasks.delete(found.remove(found.project.owner_id, after(9))).await.unwrap());
        let mut left = Vec::new();
        for id in &self.tasks {
            if ports.tasks.find(*id, NOBODY).await.unwrap().is_some() {
                left.push(*id);
            }
        }
        self.tasks = left;
    }
}

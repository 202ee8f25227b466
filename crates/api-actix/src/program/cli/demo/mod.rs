//! `fasttrack demo`: an example team in an empty database.

mod content;

use super::{display::Display, output};
use crate::program::{settings::Settings, start::StartError, wiring::Adapters};
use content::{COMMENTS, DESCRIPTION, PROJECTS, ProjectPlan, TEAM};
use fastrand::Rng;
use fasttrack_app::{
    Creation, UseCases,
    comment::CreateComment,
    member::PutMember,
    project::CreateProject,
    subscriber::{notify::Notify, statistics::Count},
    task::CreateTask,
};
use fasttrack_domain::{
    audit::{AuditAction, AuditEntry, Origin},
    email::Email,
    id::ProjectId,
    page::{Limit, PageRequest},
    password::Password,
    policy::Actor,
    ports::outbox::EventSubscriber,
    task::{TaskDraft, TaskPriority, TaskStatus},
    text::{CommentBody, Description, DisplayName, ProjectName, TaskTitle},
    user::{NewUser, User},
};
use futures_util::{StreamExt, stream};
use std::{error::Error, future::Future, pin::pin, sync::Arc};

/// Creations at once, which the database commits in groups.
const CONCURRENCY: usize = 64;

const COMMENT_COUNT: usize = 800;

/// Characters of the password, with 6 random bits each.
const PASSWORD_LENGTH: usize = 16;

/// The same team each time.
const SEED: u64 = 7;

/// Creates the team, the projects that it shares, tasks and comments, and prints the logins.
pub async fn run(settings: &Settings) -> Result<(), StartError> {
    let mut use_cases = Adapters::open(settings).await?.use_cases();
    use_cases.events.subscribers = without_mail();
    let page = PageRequest { limit: Limit::default(), cursor: None };
    if !use_cases.users.list_accounts(page).await.map_err(incomplete)?.items.is_empty() {
        return Err(StartError::Failed(
            "DATABASE_URL: the database is not empty; name a new one for the example team, for example \
             DATABASE_URL=sqlite://demo.db"
                .to_owned(),
        ));
    }
    let mut password = use_cases.tickets.secrets.draw().secret.expose().to_owned();
    password.truncate(PASSWORD_LENGTH);
    let mut display = Display::new("{human_pos}/{human_len}");
    let team = create_team(&use_cases, &password).await?;
    let mut rng = Rng::with_seed(SEED);

    let (mut owners, mut commands) = (Vec::new(), Vec::new());
    for plan in &PROJECTS {
        let owner = actor(&team[plan.owner]);
        let created = use_cases.projects.create(project(plan, owner.clone())?).await.map_err(incomplete)?;
        let project_id = created.entity.project.id;
        share(&use_cases, plan, project_id, &team).await?;
        let assignees = plan.assignees();
        for title in titles(plan, &mut rng) {
            owners.push(owner.clone());
            commands.push(CreateTask {
                actor: owner.clone(),
                project_id,
                draft: TaskDraft {
                    description: (rng.u8(..4) == 0)
                        .then(|| Description::parse(DESCRIPTION.to_owned()))
                        .transpose()
                        .map_err(incomplete)?,
                    status: status(&mut rng),
                    priority: priority(&mut rng),
                    assignee_id: (rng.u8(..4) > 0).then(|| team[assignees[rng.usize(..assignees.len())]].id),
                    ..TaskDraft::new(TaskTitle::parse(title).map_err(incomplete)?)
                },
                origin: Origin::default(),
                request: None,
            });
        }
    }
    let create = |command| use_cases.tasks.create(command);
    let tasks = create_all("creating tasks", commands, create, &mut display).await?;

    let mut commands = Vec::new();
    for _ in 0..COMMENT_COUNT {
        let n = rng.usize(..tasks.len());
        let task = &tasks[n].task;
        let assignee = task.assignee_id.and_then(|id| team.iter().find(|user| user.id == id));
        commands.push(CreateComment {
            actor: assignee.filter(|_| rng.bool()).map_or_else(|| owners[n].clone(), actor),
            task_id: task.id,
            body: CommentBody::parse(COMMENTS[rng.usize(..COMMENTS.len())].to_owned()).map_err(incomplete)?,
            origin: Origin::default(),
            request: None,
        });
    }
    let create = |command| use_cases.comments.create(command);
    let comments = create_all("creating comments", commands, create, &mut display).await?;

    display.show("dispatching events", 0, 0);
    use_cases.events.dispatch().await.map_err(incomplete)?;
    drop(display);
    let (people, projects) = (team.len(), PROJECTS.len());
    let (tasks, comments) = (tasks.len(), comments.len());
    output::line(format_args!("created {people} people, {projects} projects, {tasks} tasks and {comments} comments"))?;
    for user in &team {
        let (email, role, name) = (user.email.as_str(), user.role.as_str(), user.display_name.as_str());
        output::line(format_args!("{email:<20} {role:<6} {name}"))?;
    }
    output::line(format_args!("password: {password}"))
}

/// Every subscriber to events but `SendMail`, as the addresses of the team are examples.
fn without_mail() -> Arc<[Arc<dyn EventSubscriber>]> {
    Arc::new([Arc::new(Notify), Arc::new(Count)])
}

fn incomplete(error: impl Error) -> StartError {
    StartError::failed("the example team is incomplete", &error)
}

/// One password for all, which is hashed once.
async fn create_team(use_cases: &UseCases, password: &str) -> Result<Vec<User>, StartError> {
    let users = &use_cases.users;
    let password = Password::parse(password.to_owned()).map_err(incomplete)?;
    let hash = users.hasher.hash(password).await.map_err(incomplete)?;
    let mut team = Vec::new();
    for member in &TEAM {
        let now = users.clock.now();
        let user = NewUser {
            email: Email::parse(member.email).map_err(incomplete)?,
            email_verified: true,
            display_name: DisplayName::parse(member.name.to_owned()).map_err(incomplete)?,
            role: member.role,
            password_hash: Some(hash.clone()),
            is_external: false,
            created_at: now,
            audit: Some(AuditEntry::new(now, None, AuditAction::UserCreated, Origin::default())),
        };
        team.push(users.users.create(user).await.map_err(incomplete)?);
    }
    Ok(team)
}

fn actor(user: &User) -> Actor {
    Actor::new(user.id, user.role)
}

fn project(plan: &ProjectPlan, owner: Actor) -> Result<CreateProject, StartError> {
    Ok(CreateProject {
        actor: owner,
        name: ProjectName::parse(plan.name.to_owned()).map_err(incomplete)?,
        description: Some(Description::parse(plan.description.to_owned()).map_err(incomplete)?),
        request: None,
    })
}

/// Makes everybody of the plan a member.
async fn share(
    use_cases: &UseCases,
    plan: &ProjectPlan,
    project_id: ProjectId,
    team: &[User],
) -> Result<(), StartError> {
    for (index, role) in plan.members {
        let command = PutMember {
            actor: actor(&team[plan.owner]),
            project_id,
            user_id: team[*index].id,
            role: *role,
            origin: Origin::default(),
        };
        use_cases.members.put(command).await.map_err(incomplete)?;
    }
    Ok(())
}

/// As many titles as the project has tasks, in random order. They repeat where there are too few combinations.
fn titles(plan: &ProjectPlan, rng: &mut Rng) -> Vec<String> {
    let mut titles = Vec::new();
    for verb in plan.verbs {
        for object in plan.objects {
            titles.extend(plan.occasions.iter().map(|occasion| format!("{verb} {object}{occasion}")));
        }
    }
    rng.shuffle(&mut titles);
    titles.into_iter().cycle().take(plan.tasks).collect()
}

fn status(rng: &mut Rng) -> TaskStatus {
    match rng.u8(..100) {
        ..45 => TaskStatus::Done,
        45..60 => TaskStatus::InProgress,
        60.. => TaskStatus::Todo,
    }
}

fn priority(rng: &mut Rng) -> TaskPriority {
    match rng.u8(..100) {
        ..25 => TaskPriority::Low,
        25..80 => TaskPriority::Medium,
        80.. => TaskPriority::High,
    }
}

/// Runs creations concurrently, in their order, and shows the progress.
async fn create_all<C, T, F>(
    step: &str,
    commands: Vec<C>,
    create: impl Fn(C) -> F,
    display: &mut Display,
) -> Result<Vec<T>, StartError>
where
    F: Future<Output = Result<Creation<T>, fasttrack_app::Error>>,
{
    let total = commands.len() as u64;
    let mut creations = pin!(stream::iter(commands).map(create).buffered(CONCURRENCY));
    let mut created = Vec::new();
    while let Some(creation) = creations.next().await {
        created.push(creation.map_err(incomplete)?.entity);
        display.show(step, created.len() as u64, total);
    }
    Ok(created)
}

#[cfg(test)]
mod tests {
    use super::*;
    use fasttrack_domain::user::Role;

    #[test]
    fn team_has_2000_tasks_and_one_admin() {
        assert_eq!(PROJECTS.iter().map(|plan| titles(plan, &mut Rng::with_seed(SEED)).len()).sum::<usize>(), 2000);
        assert_eq!(TEAM.iter().filter(|member| member.role == Role::Admin).count(), 1);
    }

    #[test]
    fn every_project_is_shared_with_others_of_the_team() {
        for plan in &PROJECTS {
            let mut members: Vec<_> = plan.members.iter().map(|(index, _)| *index).collect();
            assert!(members.len() > 2 && members.iter().all(|index| *index < TEAM.len() && *index != plan.owner));
            members.sort_unstable();
            members.dedup();
            assert_eq!(members.len(), plan.members.len(), "{}", plan.name);
        }
    }
}

//! The load of a history: several clients at once, faults meanwhile, and everything is read at the end.

use super::{
    clients::{Client, Site},
    faults,
    followers::Follower,
    members::{keep_members, visit},
    nodes::Nodes,
    people::{Damage, People, User},
    quiet::{Readers, read_everything},
    sessions::use_sessions,
    tampering::{Lie, Tampering},
    wire::Wire,
    world::World,
    writers::write,
};
use fastrand::Rng;
use fasttrack_tests::{
    Account, eventually,
    history::{Operation, Outcome, Recorder},
    unique_email,
};
use std::{sync::Arc, time::Duration};
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};

/// How much longer than its load a history may take: clients repeat some requests until they succeed, which is never
/// where something stays broken.
const LIMIT: Duration = Duration::from_mins(5);

/// How many of the last operations are printed then.
const LAST: usize = 20;

/// What to run.
pub(super) struct Plan {
    pub(super) seed: u64,
    /// How long clients send requests.
    pub(super) length: Duration,
    /// How long nothing is changed before statistics are compared with the tasks.
    pub(super) settled: Duration,
    pub(super) has_faults: bool,
    pub(super) lie: Option<Lie>,
    pub(super) damage: Option<Damage>,
}

/// What a load has left.
pub(super) struct Recorded {
    pub(super) history: Vec<Operation>,
    /// What the audit lacks, or has too often.
    pub(super) audit: Vec<String>,
}

/// Runs a load and records it.
///
/// # Panics
///
/// If it takes more than [`LIMIT`] longer than its load.
pub(super) async fn run(nodes: &Arc<Nodes>, plan: Plan) -> Recorded {
    let recorder = Recorder::new();
    let (seed, limit) = (plan.seed, plan.length + LIMIT);
    let Ok(audit) = timeout(limit, record(nodes, &recorder, plan)).await else {
        let history = recorder.history();
        let last = &history[history.len().saturating_sub(LAST)..];
        panic!("seed {seed}: not over after {limit:?}, as something stays broken. The last operations: {last:#?}");
    };
    Recorded { history: recorder.history(), audit }
}

/// Records a load until everything was read. Returns what is wrong in the audit.
async fn record(nodes: &Arc<Nodes>, recorder: &Arc<Recorder>, plan: Plan) -> Vec<String> {
    let mut rng = Rng::with_seed(plan.seed);
    let wire = Wire { nodes: Arc::clone(nodes), tampering: plan.lie.map(Tampering::new) };
    let site = Site::new(wire, Arc::clone(recorder));
    // Later the database may refuse it.
    let admin = nodes.admin(&unique_email("admin")).await.access_token;
    let (people, keeper) = settle(&site, &mut rng).await;
    let world = Arc::new(World::new(people));
    let People { owner, editor, guest, visitor, projects } = &world.people;

    let mut workers = JoinSet::new();
    // The owner isn't notified of its own changes: so it writes in one project alone.
    workers.spawn(write(site.session(owner, &mut rng).await, Arc::clone(&world), projects[1..].to_vec()));
    for _ in 0..2 {
        workers.spawn(write(site.session(editor, &mut rng).await, Arc::clone(&world), projects.to_vec()));
    }
    workers.spawn(keep_members(keeper, Arc::clone(&world)));
    workers.spawn(visit(site.session(guest, &mut rng).await, Arc::clone(&world)));
    workers.spawn(site.session(owner, &mut rng).await.follow_notifications(Arc::clone(&world)));
    let mut followers = Vec::new();
    for (user, limit) in [(owner, 200), (editor, 7), (guest, 50)] {
        let follower = Follower::new(site.session(user, &mut rng).await, limit);
        followers.push(tokio::spawn(follower.follow(Arc::clone(&world))));
    }
    let visitor = tokio::spawn(use_sessions(site.client(visitor, &mut rng), Arc::clone(&world)));

    if plan.has_faults {
        faults::make(nodes, recorder, &mut rng, plan.length).await;
    } else {
        sleep(plan.length).await;
    }
    world.end();
    workers.join_all().await;
    let mut back = Vec::new();
    for follower in followers {
        back.push(follower.await.unwrap());
    }
    let mut readers = Readers { admin, visitor: visitor.await.unwrap(), followers: back.try_into().ok().unwrap() };
    read_everything(nodes, recorder, &world, &mut readers, plan.settled, plan.damage).await
}

/// Registers the users, and creates the projects. Returns a client of the owner as well.
async fn settle(site: &Arc<Site>, rng: &mut Rng) -> (People, Client) {
    let mut users = Vec::new();
    for name in ["owner", "editor", "guest", "visitor"] {
        let client = site.wire.nodes.client(0).unwrap();
        let Account { id, email, .. } = Account::register(client, &unique_email(name)).await;
        users.push(User { id, email });
    }
    let [owner, editor, guest, visitor]: [User; 4] = users.try_into().unwrap();
    let mut client = site.session(&owner, rng).await;
    let mut projects = [0; 2];
    for project in &mut projects {
        eventually("a project is created", async || {
            let Outcome::Project { id } = client.create_project().await else { return false };
            *project = id;
            true
        })
        .await;
        let id = *project;
        eventually("the editor is a member", async || client.add_member(id, editor.id).await == Outcome::Done).await;
    }
    (People { owner, editor, guest, visitor, projects }, client)
}

impl Site {
    /// A client of a user with a session of its own.
    async fn session(self: &Arc<Self>, user: &User, rng: &mut Rng) -> Client {
        let mut client = self.client(user, rng);
        client.log_in().await;
        client
    }
}

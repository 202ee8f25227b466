//! Users who make requests, and compare each answer with what was stored meanwhile.

mod account;
mod followers;
mod projects;
mod reads;
mod tasks;

pub(crate) use followers::{Replica, follow_changes, follow_notifications, read_changes};

use crate::{
    book::{Book, Expected},
    cluster::{Answer, Cluster, Node},
};
use fasttrack_app::{Creation, Error};
use fasttrack_domain::{
    audit::Origin,
    email::Email,
    id::{CommentId, LabelId, ProjectId, TaskId, UserId, WebhookId},
    idempotency::{IdempotencyKey, KeyedRequest},
    policy::{Actor, ProjectAction},
    user::Role,
};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

/// How often a request is repeated whose answer is lost.
const TRIES: usize = 20;

/// The password of every user.
pub(crate) const PASSWORD: &str = "correct horse";

/// What clients know of, whoever made it.
#[derive(Default)]
pub(crate) struct Known {
    users: Vec<UserId>,
    projects: Vec<ProjectId>,
    tasks: Vec<(TaskId, ProjectId)>,
    labels: Vec<(LabelId, ProjectId)>,
    comments: Vec<CommentId>,
    webhooks: Vec<(WebhookId, ProjectId)>,
}

impl Known {
    pub(crate) fn of(users: Vec<UserId>) -> Self {
        Self { users, ..Self::default() }
    }
}

/// What all clients share.
pub(crate) struct Shared {
    pub(crate) cluster: Rc<Cluster>,
    pub(crate) book: Book,
    pub(crate) known: RefCell<Known>,
    /// The number of requests until now.
    pub(crate) requests: Cell<u64>,
    /// Clients that have not ended.
    pub(crate) running: Cell<usize>,
    /// Users whose erasure was acknowledged or may have been done.
    pub(crate) erased: RefCell<Vec<(UserId, Expected)>>,
}

/// A user with a client.
pub(crate) struct Client {
    pub(crate) shared: Rc<Shared>,
    pub(crate) actor: Actor,
    pub(crate) email: Email,
    /// Whether the account is erased in the end.
    pub(crate) is_erased: bool,
}

/// Makes requests of all kinds, and ends.
pub(crate) async fn run(client: Client, requests: u64) {
    let sim = client.shared.cluster.sim.clone();
    client.create_project().await;
    for _ in 0..requests {
        sim.sleep(Duration::from_millis(sim.below(400))).await;
        client.act().await;
    }
    if client.is_erased {
        client.erase_me().await;
    }
    client.shared.running.set(client.shared.running.get() - 1);
}

impl Client {
    async fn act(&self) {
        match self.below(100) {
            0..5 => self.create_project().await,
            5..8 => self.update_project().await,
            8..10 => self.delete_project().await,
            10..19 => self.put_member().await,
            19..24 => self.remove_member().await,
            24..26 => self.transfer_project().await,
            26..40 => self.create_task().await,
            40..45 => self.create_tasks().await,
            45..62 => self.update_task().await,
            62..66 => self.update_tasks().await,
            66..69 => self.delete_task().await,
            69..76 => self.create_comment().await,
            76..78 => self.delete_comment().await,
            78..82 => self.labels().await,
            82..85 => self.webhooks().await,
            85..91 => self.read().await,
            91..97 => self.session().await,
            _ => self.api_token().await,
        }
    }

    fn below(&self, end: u64) -> u64 {
        self.shared.cluster.sim.below(end)
    }

    /// One of what is known.
    fn one<T: Clone>(&self, of: impl Fn(&Known) -> &Vec<T>) -> Option<T> {
        let known = of(&self.shared.known.borrow()).clone();
        self.shared.cluster.sim.choice(&known)
    }

    fn learn(&self, learn: impl FnOnce(&mut Known)) {
        learn(&mut self.shared.known.borrow_mut());
    }

    /// The name of a new request.
    fn next(&self) -> String {
        let number = self.shared.requests.get();
        self.shared.requests.set(number + 1);
        format!("request-{number}")
    }

    /// The step from which on storage may change by a request that begins now.
    fn since(&self) -> u64 {
        self.shared.cluster.sim.trace().steps()
    }

    fn keyed(&self, request: &str) -> Option<KeyedRequest> {
        let key = IdempotencyKey::parse(request.to_owned()).unwrap();
        let mut fingerprint = [0; 32];
        fingerprint.iter_mut().zip(request.bytes()).for_each(|(place, byte)| *place = byte);
        (self.below(10) < 7).then_some(KeyedRequest { key, fingerprint })
    }

    /// Makes a request, again and again if it can be repeated and the answer is lost. Returns the answer, and whether an
    /// earlier try may have been done.
    async fn request<T: 'static, F>(
        &self,
        what: &str,
        is_repeatable: bool,
        request: impl Fn(Rc<Node>) -> F,
    ) -> (Answer<T>, bool)
    where
        F: Future<Output = Result<T, Error>> + 'static,
    {
        let mut may_be_done = false;
        for _ in 0..TRIES {
            match self.shared.cluster.request(what, &request).await {
                Answer::Unknown if is_repeatable => may_be_done = true,
                answer => return (answer, may_be_done),
            }
            self.shared.cluster.sim.sleep(Duration::from_millis(200)).await;
        }
        (Answer::Unknown, true)
    }

    /// Makes a request that creates what has these names, and returns what was created.
    async fn create<T: 'static, F>(
        &self,
        what: &str,
        names: Vec<(&'static str, String)>,
        is_repeatable: bool,
        request: impl Fn(Rc<Node>) -> F,
    ) -> Option<T>
    where
        F: Future<Output = Result<Creation<T>, Error>> + 'static,
    {
        let (answer, may_be_done) = self.request(what, is_repeatable, request).await;
        self.shared.book.named(names, expected(&answer, may_be_done));
        done(answer).map(|creation| creation.entity)
    }

    /// Reports a finding if the user had no right to what was done.
    fn check_right(&self, what: &str, project: ProjectId, action: ProjectAction, since: u64) {
        let observer = &self.shared.cluster.observer;
        let (project, user) = (project.get(), self.actor.id.get());
        let might =
            self.actor.role == Role::Admin || observer.with(|_, roles| roles.might(project, user, action, since));
        let wrong = (!might).then(|| format!("{what}: user {user} had no right to {action:?} in project {project}"));
        observer.found("the policy", wrong);
    }

    fn found(&self, about: &str, wrong: String) {
        self.shared.cluster.observer.found(about, Some(wrong));
    }
}

fn origin(request: &str) -> Origin {
    Origin { ip: None, request_id: Some(request.to_owned()) }
}

/// What an answer says of what is stored.
fn expected<T>(answer: &Answer<T>, may_be_done: bool) -> Expected {
    match answer {
        Answer::Done(_) => Expected::Once,
        Answer::Refused(_) if !may_be_done => Expected::Never,
        Answer::Refused(_) | Answer::Unknown => Expected::AtMostOnce,
    }
}

fn done<T>(answer: Answer<T>) -> Option<T> {
    match answer {
        Answer::Done(done) => Some(done),
        Answer::Refused(_) | Answer::Unknown => None,
    }
}

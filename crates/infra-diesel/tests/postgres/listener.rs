//! Outages of the connection on which a node listens. What it receives is tested by the contract.

use fasttrack_domain::{
    membership::MemberRole,
    notification::NotificationHead,
    ports::{
        Repositories,
        notification_bus::{BusMessage, NotificationListener as _},
        outbox::Consequence,
    },
    task::TaskProject,
};
use fasttrack_infra_diesel::postgres::{Database, NotificationListener};
use fasttrack_testkit::{
    builders::{new_notification, new_project, new_task, new_user, subscriber},
    postgres::Cluster,
};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    spawn,
    time::timeout,
};

const DEADLINE: Duration = Duration::from_secs(30);

/// A node that dispatches notifications to a user.
struct Speaker {
    repositories: Repositories,
    project: TaskProject,
}

impl Speaker {
    async fn on(url: &str) -> Self {
        let database = Database::open(url, 2).unwrap();
        database.migrate().await.unwrap();
        let repositories = database.repositories();
        let owner_id = repositories.users.create(new_user()).await.unwrap().id;
        let project = repositories.projects.create(new_project(owner_id), None).await.unwrap();
        Self { repositories, project: TaskProject::new(project, Some(MemberRole::Owner)) }
    }

    /// Gives the user one more notification.
    async fn notify(&self) -> NotificationHead {
        self.repositories.tasks.create(new_task(&self.project), None).await.unwrap();
        let (user, project) = (self.project.owner_id, self.project.id);
        let tell = subscriber(move |_, _| vec![Consequence::Notify(new_notification(user, project, 1))]);
        let [news] = self.repositories.outbox.dispatch(Arc::new([tell]), 10).await.unwrap().heads.try_into().unwrap();
        news
    }
}

async fn next(listener: &mut NotificationListener) -> BusMessage {
    timeout(DEADLINE, listener.next()).await.unwrap()
}

/// Waits for these news. `false` where a gap comes first, after which a node would read the table.
async fn receives(listener: &mut NotificationListener, news: NotificationHead) -> bool {
    loop {
        match next(listener).await {
            BusMessage::Heads(heard) if heard.contains(&news) => return true,
            BusMessage::Heads(_) => {}
            BusMessage::Gap => return false,
        }
    }
}

#[tokio::test]
async fn gaps_come_once_a_second_while_the_server_is_gone() {
    let Some(cluster) = Cluster::start() else { return };
    let empty = cluster.create_database();
    let speaker = Speaker::on(empty.url()).await;
    let mut listener = Database::open(empty.url(), 1).unwrap().listen();
    assert_eq!(next(&mut listener).await, BusMessage::Gap);
    cluster.stop();
    let began = Instant::now();
    for _ in 0..3 {
        assert_eq!(next(&mut listener).await, BusMessage::Gap);
    }
    assert!(began.elapsed() > Duration::from_millis(900), "it doesn't spin");

    cluster.start_again();
    // The connections of the speaker are closed as well, which it notices at their next use.
    while !receives(&mut listener, speaker.notify().await).await {}
}

/// Forwards bytes in both directions until `is_silent` is set.
struct Relay {
    address: SocketAddr,
    is_silent: Arc<AtomicBool>,
}

impl Relay {
    async fn to(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, is_silent) = (listener.local_addr().unwrap(), Arc::new(AtomicBool::new(false)));
        let silent = Arc::clone(&is_silent);
        spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (from_client, to_client) = client.into_split();
                let (from_server, to_server) = TcpStream::connect(&server).await.unwrap().into_split();
                spawn(forward(from_client, to_server, Arc::clone(&silent)));
                spawn(forward(from_server, to_client, Arc::clone(&silent)));
            }
        });
        Self { address, is_silent }
    }
}

async fn forward(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, is_silent: Arc<AtomicBool>) {
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        if is_silent.load(Ordering::Relaxed) {
            // Stays connected without forwarding anything.
            std::future::pending::<()>().await;
        }
        if to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}

#[tokio::test]
async fn a_connection_that_falls_silent_is_noticed() {
    let Some(cluster) = Cluster::shared() else { return };
    let empty = cluster.create_database();
    let speaker = Speaker::on(empty.url()).await;
    let (credentials, rest) = empty.url().split_once('@').unwrap();
    let (server, name) = rest.split_once('/').unwrap();
    let relay = Relay::to(server.to_owned()).await;
    let mut listener = Database::open(&format!("{credentials}@{}/{name}", relay.address), 1).unwrap().listen();
    assert_eq!(next(&mut listener).await, BusMessage::Gap);
    let news = speaker.notify().await;
    assert!(receives(&mut listener, news).await);

    relay.is_silent.store(true, Ordering::Relaxed);
    speaker.notify().await;
    assert_eq!(next(&mut listener).await, BusMessage::Gap);
    relay.is_silent.store(false, Ordering::Relaxed);
    while !receives(&mut listener, speaker.notify().await).await {}
}

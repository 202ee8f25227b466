//! Our adapters keep the promises of the ports on PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use async_trait::async_trait;
use fasttrack_domain::ports::{Repositories, notification_bus::NotificationListener};
use fasttrack_infra_diesel::postgres::Database;
use fasttrack_testkit::{
    contract::notification_listener::{Network, Ports},
    contract_tests,
    postgres::{self, Cluster},
};
use std::sync::Arc;
use tokio::sync::OnceCell;

/// A migrated database that the others are copied from.
async fn template(cluster: &Cluster) -> &'static postgres::Database {
    static TEMPLATE: OnceCell<postgres::Database> = OnceCell::const_new();
    let migrate = || {
        Box::pin(async {
            let template = cluster.create_database();
            Database::open(template.url(), 1).unwrap().migrate().await.unwrap();
            template
        })
    };
    TEMPLATE.get_or_init(migrate).await
}

async fn fresh() -> Option<(Repositories, postgres::Database)> {
    let cluster = Cluster::shared()?;
    let empty = cluster.copy_database(template(cluster).await);
    let database = Database::open(empty.url(), 16).unwrap();
    Some((database.repositories(), empty))
}

/// Nodes listen on one database, by sessions that can be ended.
struct Connections {
    cluster: &'static Cluster,
    name: String,
    listening: Database,
}

#[async_trait]
impl Network for Connections {
    fn listen(&self) -> Box<dyn NotificationListener> {
        Box::new(self.listening.listen())
    }

    async fn cut(&self) {
        let name = &self.name;
        self.cluster.execute(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"));
        self.cluster.execute(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = '{name}' AND application_name = 'fasttrack'"
        ));
    }

    async fn restore(&self) {
        self.cluster.execute(&format!("ALTER DATABASE {} ALLOW_CONNECTIONS true", self.name));
    }
}

async fn nodes() -> Option<(Ports, postgres::Database)> {
    let cluster = Cluster::shared()?;
    let empty = cluster.copy_database(template(cluster).await);
    // Another name than the listeners', whose sessions are ended.
    let dispatching = Database::open(&format!("{}?application_name=dispatching", empty.url()), 4).unwrap();
    let Repositories { users, projects, tasks, outbox, .. } = dispatching.repositories();
    let listening = Database::open(empty.url(), 1).unwrap();
    let network = Arc::new(Connections { cluster, name: empty.name().to_owned(), listening });
    Some((Ports { users, projects, tasks, outbox, network }, empty))
}

contract_tests!(fresh);
contract_tests!(notification_listener, nodes);

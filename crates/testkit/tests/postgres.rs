//! Our adapters keep the promises of the ports on PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use fasttrack_domain::ports::Repositories;
use fasttrack_infra_diesel::postgres::Database;
use fasttrack_testkit::postgres::{self, Cluster};
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

fasttrack_testkit::contract_tests!(fresh);

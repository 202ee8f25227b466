//! Whether storage can be used.

use fasttrack_domain::ports::health::HealthCheck;

contract! { $
    health { health: HealthCheck }
    a_fresh_database_is_healthy,
}

async fn a_fresh_database_is_healthy(ports: &Ports) {
    ports.health.check().await.unwrap();
    assert!(!ports.health.is_out_of_space());
}

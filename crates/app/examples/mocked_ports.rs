//! A unit test of a use case against mocked ports. A mock without expectation fails the test that calls it.

use fasttrack_app::{Error, project::Projects};
use fasttrack_domain::{
    id::{ProjectId, UserId},
    policy::Actor,
    ports::{idempotency::MockIdempotencyRepository, project::MockProjectRepository},
    user::Role,
};
use fasttrack_testkit::{builders::MOMENT, clock::FixedClock};
use std::sync::Arc;

async fn missing_project_is_not_found() {
    let mut projects = MockProjectRepository::new();
    projects.expect_find().withf(|id, _| id.get() == 404).times(1).return_once(|_, _| Ok(None));
    let projects = Projects {
        projects: Arc::new(projects),
        idempotency: Arc::new(MockIdempotencyRepository::new()),
        clock: Arc::new(FixedClock::new(MOMENT)),
        quota: 100,
    };

    let actor = Actor::new(UserId::new(1), Role::User);
    let found = projects.get(actor, ProjectId::new(404)).await;
    assert!(matches!(found, Err(Error::NotFound("project"))), "{found:?}");
}

#[tokio::main]
async fn main() {
    missing_project_is_not_found().await;
}

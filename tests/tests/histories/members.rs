//! A member who is added and removed again and again, and uses the project all the time.

use super::{
    clients::{Client, PAUSE},
    world::World,
};
use std::{sync::Arc, time::Duration};

/// How long the guest is a member, and how long it isn't: longer than the other nodes may take to hear of it.
const MEMBER: [u64; 2] = [500, 1500];
const NO_MEMBER: [u64; 2] = [1500, 3500];

/// Adds and removes the guest until the load is over. The guest is no member then.
pub(super) async fn keep_members(mut client: Client, world: Arc<World>) {
    let project = world.people.projects[0];
    while !world.is_over() {
        client.add_member(project, world.people.guest.id).await;
        world.pause(any(MEMBER, &mut client)).await;
        remove(&mut client, &world).await;
        world.pause(any(NO_MEMBER, &mut client)).await;
    }
}

/// Removes the guest, until that is known to be done.
async fn remove(client: &mut Client, world: &World) {
    while client.remove_member(world.people.projects[0], world.people.guest.id).await.is_unknown() {
        tokio::time::sleep(PAUSE).await;
    }
}

fn any([from, until]: [u64; 2], client: &mut Client) -> Duration {
    Duration::from_millis(client.rng.u64(from..until))
}

/// Uses the project as the guest, whether it is a member or not.
pub(super) async fn visit(mut client: Client, world: Arc<World>) {
    let project = world.people.projects[0];
    while !world.is_over() {
        world.pause(PAUSE).await;
        let task = world.task_of(project, &mut client.rng);
        match (client.rng.u8(..10), task) {
            (0..4, Some(task)) => {
                client.read_task(project, task, None).await;
            }
            (4..6, Some(task)) => {
                let value = format!("Value {}", world.number());
                client.change_task(project, task, Some(value), None, None).await;
            }
            (6, Some(task)) => client.walk_comments(project, task, 10).await,
            (7, _) => {
                client.statistics(project).await;
            }
            (8, _) => client.move_on(),
            _ => {
                client.walk_tasks(project, 20).await;
            }
        }
    }
}

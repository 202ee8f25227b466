//! What verifying the stored hashes costs.

use crate::{builders::new_user, given};
use fasttrack_domain::{
    password::PasswordHash,
    ports::{password::PasswordCosts, user::UserRepository},
    user::{NewUser, User},
};

contract! { $
    password_cost { users: UserRepository, password_costs: PasswordCosts }
    the_highest_cost_of_all_hashes_is_found,
}

async fn given_user(ports: &Ports, hash: &str) -> User {
    let new = NewUser { password_hash: Some(PasswordHash::new(hash.to_owned())), ..new_user() };
    ports.users.create(new).await.unwrap()
}

/// Only bcrypt hashes count.
async fn the_highest_cost_of_all_hashes_is_found(ports: &Ports) {
    let highest = async || ports.password_costs.highest().await.unwrap();
    assert_eq!(highest().await, None);
    given::user(ports).await;
    given_user(ports, "$argon2id$v=19$m=1").await;
    assert_eq!(highest().await, None);
    for (cost, expected) in [("09", 9), ("12", 12), ("04", 12), ("10", 12)] {
        given_user(ports, &format!("$2b${cost}$salt")).await;
        assert_eq!(highest().await, Some(expected), "after {cost}");
    }
    given_user(ports, "$2y$13$salt").await;
    assert_eq!(highest().await, Some(13));
}

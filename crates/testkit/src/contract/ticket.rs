//! Tickets.

use super::simultaneously;
use crate::{
    Ports,
    builders::{MOMENT, new_ticket},
};
use chrono::TimeDelta;
use fasttrack_domain::{id::UserId, identity::ExternalSubject, ticket::SecretHash, token::TokenSource, user::Role};

/// Every claim included, and not a second time.
pub async fn a_ticket_is_redeemed_once_for_what_it_stands_for(ports: &Ports) {
    let (mut ticket, other) = (new_ticket(UserId::new(7)), new_ticket(UserId::new(8)));
    ticket.claims.role = Role::Admin;
    ticket.claims.source = TokenSource::External(ExternalSubject::parse("a\"b".to_owned()).unwrap());
    for ticket in [&ticket, &other] {
        ports.tickets.create(ticket.clone()).await.unwrap();
    }
    assert_eq!(ports.tickets.redeem(ticket.hash, MOMENT).await.unwrap(), Some(ticket.claims));
    assert_eq!(ports.tickets.redeem(ticket.hash, MOMENT).await.unwrap(), None);
    assert_eq!(ports.tickets.redeem(other.hash, MOMENT).await.unwrap(), Some(other.claims));
}

/// However alike it looks.
pub async fn a_ticket_that_was_never_issued_is_worth_nothing(ports: &Ports) {
    let ticket = new_ticket(UserId::new(7));
    ports.tickets.create(ticket.clone()).await.unwrap();
    let mut digest = *ticket.hash.as_bytes();
    digest[31] ^= 1;
    assert_eq!(ports.tickets.redeem(SecretHash::new(digest), MOMENT).await.unwrap(), None);
    assert!(ports.tickets.redeem(ticket.hash, MOMENT).await.unwrap().is_some());
}

/// The others get nothing.
pub async fn of_simultaneous_redeems_one_is_told(ports: &Ports) {
    let ticket = new_ticket(UserId::new(7));
    ports.tickets.create(ticket.clone()).await.unwrap();
    let told = simultaneously(20, |_| {
        let tickets = ports.tickets.clone();
        async move { tickets.redeem(ticket.hash, MOMENT).await.unwrap() }
    })
    .await;
    assert_eq!(told.into_iter().flatten().collect::<Vec<_>>(), [ticket.claims]);
}

/// From that very moment on.
pub async fn an_expired_ticket_is_worth_nothing(ports: &Ports) {
    let (ticket, last) = (new_ticket(UserId::new(7)), new_ticket(UserId::new(7)));
    let almost = ticket.expires_at - TimeDelta::microseconds(1);
    for ticket in [&ticket, &last] {
        ports.tickets.create(ticket.clone()).await.unwrap();
    }
    assert_eq!(ports.tickets.redeem(ticket.hash, ticket.expires_at).await.unwrap(), None);
    assert_eq!(ports.tickets.redeem(last.hash, almost).await.unwrap(), Some(last.claims));
}

/// And no others.
pub async fn expired_tickets_are_forgotten(ports: &Ports) {
    let (ticket, mut later) = (new_ticket(UserId::new(7)), new_ticket(UserId::new(7)));
    later.expires_at += TimeDelta::microseconds(1);
    for ticket in [&ticket, &later] {
        ports.tickets.create(ticket.clone()).await.unwrap();
    }
    assert_eq!(ports.tickets.delete_expired(MOMENT, 100).await.unwrap(), 0);
    assert_eq!(ports.tickets.delete_expired(ticket.expires_at, 100).await.unwrap(), 1);
    assert_eq!(ports.tickets.redeem(ticket.hash, MOMENT).await.unwrap(), None);
    assert_eq!(ports.tickets.redeem(later.hash, MOMENT).await.unwrap(), Some(later.claims));
}

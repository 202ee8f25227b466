//! Tickets: [`TicketRepository`] alone.

use super::simultaneously;
use crate::builders::{MOMENT, new_ticket};
use chrono::TimeDelta;
use fasttrack_domain::{
    id::UserId, identity::ExternalSubject, ports::ticket::TicketRepository, ticket::SecretHash, token::TokenSource,
    user::Role,
};

contract! { $
    ticket { tickets: TicketRepository }
    a_ticket_is_redeemed_once_for_its_claims,
    an_unknown_ticket_is_not_redeemed,
    one_of_simultaneous_redemptions_succeeds,
    an_expired_ticket_is_not_redeemed,
    expired_tickets_are_deleted,
}

async fn a_ticket_is_redeemed_once_for_its_claims(ports: &Ports) {
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

/// The hash differs in one bit.
async fn an_unknown_ticket_is_not_redeemed(ports: &Ports) {
    let ticket = new_ticket(UserId::new(7));
    ports.tickets.create(ticket.clone()).await.unwrap();
    let mut digest = *ticket.hash.as_bytes();
    digest[31] ^= 1;
    assert_eq!(ports.tickets.redeem(SecretHash::new(digest), MOMENT).await.unwrap(), None);
    assert!(ports.tickets.redeem(ticket.hash, MOMENT).await.unwrap().is_some());
}

async fn one_of_simultaneous_redemptions_succeeds(ports: &Ports) {
    let ticket = new_ticket(UserId::new(7));
    ports.tickets.create(ticket.clone()).await.unwrap();
    let redeemed = simultaneously(20, |_| {
        let tickets = ports.tickets.clone();
        async move { tickets.redeem(ticket.hash, MOMENT).await.unwrap() }
    })
    .await;
    assert_eq!(redeemed.into_iter().flatten().collect::<Vec<_>>(), [ticket.claims]);
}

/// It is refused from the moment at which it expires.
async fn an_expired_ticket_is_not_redeemed(ports: &Ports) {
    let (ticket, last) = (new_ticket(UserId::new(7)), new_ticket(UserId::new(7)));
    let almost = ticket.expires_at - TimeDelta::microseconds(1);
    for ticket in [&ticket, &last] {
        ports.tickets.create(ticket.clone()).await.unwrap();
    }
    assert_eq!(ports.tickets.redeem(ticket.hash, ticket.expires_at).await.unwrap(), None);
    assert_eq!(ports.tickets.redeem(last.hash, almost).await.unwrap(), Some(last.claims));
}

async fn expired_tickets_are_deleted(ports: &Ports) {
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

//! Accounts, and what they are used with.

use super::{Faulty, port};
use async_trait::async_trait;
use fasttrack_domain::{
    Timestamp,
    api_token::{ApiToken, NewApiToken},
    audit::AuditEntry,
    email::Email,
    email_verification::NewEmailVerification,
    erasure::{Erasure, NewErasure},
    id::{ApiTokenId, LoginAttemptId, UserId},
    idempotency::{IdempotencyKey, IdempotencyRecord},
    page::{Page, PageRequest},
    password::{PasswordChange, PasswordHash},
    password_reset::{NewPasswordReset, Redemption},
    person::{PeopleFilter, Person},
    ports::{
        RepositoryError,
        api_token::ApiTokenRepository,
        email_verification::EmailVerificationRepository,
        erasure::{Begun, ErasureRepository},
        idempotency::IdempotencyRepository,
        password_reset::PasswordResetRepository,
        people::PeopleRepository,
        rate_limit::{LoginAttempt, LoginAttempts},
        revocation::{RevocationBatch, RevocationRepository},
        ticket::TicketRepository,
        user::UserRepository,
    },
    rate_limit::{Network, Quota},
    revocation::Revocation,
    ticket::{NewTicket, SecretHash},
    token::{AccessClaims, TokenError},
    user::{Credentials, NewUser, User, UserChange, UserFilter},
};

port! {
    UserRepository as "users" {
        create(user: NewUser) -> User;
        find(id: UserId) -> Option<User>;
        find_credentials(email: &Email) -> Option<Credentials>;
        credentials(id: UserId) -> Option<Credentials>;
        list(filter: UserFilter, page: PageRequest) -> Page<User>;
        save(change: UserChange, revocation: Option<Revocation>) -> Option<User>;
        change_password(change: PasswordChange) -> Option<Vec<Revocation>>;
        reset_password(id: UserId, hash: PasswordHash, at: Timestamp, audit: Option<AuditEntry>) -> Option<User>;
    }
}

port! {
    ApiTokenRepository as "api_tokens" {
        create(token: NewApiToken) -> ApiToken;
        list(user_id: Option<UserId>, page: PageRequest) -> Page<ApiToken>;
        revoke(id: ApiTokenId, user_id: Option<UserId>, at: Timestamp, audit: Option<AuditEntry>) -> Option<Revocation>;
        find(hash: SecretHash, now: Timestamp) -> Option<Result<AccessClaims, TokenError>>;
        record_uses(uses: Vec<(ApiTokenId, Timestamp)>) -> ();
        delete_ended(before: Timestamp) -> u64;
    }
}

port! {
    ErasureRepository as "erasures" {
        begin(erasure: NewErasure) -> Begun;
        step(erasure: &Erasure) -> bool;
    }
}

port! {
    PeopleRepository as "people" {
        list(filter: PeopleFilter, page: PageRequest) -> Page<Person>;
        find(id: UserId) -> Option<Person>;
        find_active(ids: Vec<UserId>) -> Vec<Person>;
        find_by_email(email: &Email) -> Option<Person>;
    }
}

port! {
    RevocationRepository as "revocations" {
        since(position: i64) -> RevocationBatch;
        create(revocation: Revocation) -> ();
        confirms(claims: AccessClaims, now: Timestamp) -> bool;
        delete_expired(now: Timestamp) -> u64;
    }
}

port! {
    TicketRepository as "tickets" {
        create(ticket: NewTicket) -> ();
        redeem(hash: SecretHash, now: Timestamp) -> Option<AccessClaims>;
        delete_expired(now: Timestamp, limit: u32) -> u64;
    }
}

port! {
    PasswordResetRepository as "resets" {
        request(email: Email, at: Timestamp) -> ();
        create(reset: NewPasswordReset) -> bool;
        find(hash: SecretHash, now: Timestamp) -> Option<User>;
        redeem(redemption: Redemption) -> Option<User>;
        delete_expired(now: Timestamp, limit: u32) -> u64;
    }
}

port! {
    EmailVerificationRepository as "verifications" {
        request(user_id: UserId, at: Timestamp) -> ();
        create(verification: NewEmailVerification) -> bool;
        redeem(hash: SecretHash, at: Timestamp) -> Option<User>;
        delete_expired(now: Timestamp, limit: u32) -> u64;
    }
}

port! {
    LoginAttempts as "login_attempts" {
        begin(network: Network, quota: Quota, now: Timestamp) -> LoginAttempt;
        forgive(id: LoginAttemptId) -> ();
        delete_outside(begin: Timestamp, end: Timestamp) -> u64;
    }
}

port! {
    IdempotencyRepository as "idempotency" {
        find(user: UserId, key: &IdempotencyKey, now: Timestamp) -> Option<IdempotencyRecord>;
        delete_expired(now: Timestamp, limit: u32) -> u64;
    }
}

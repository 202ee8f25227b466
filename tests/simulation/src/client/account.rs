//! Sessions, API tokens, and the erasure of the account.

use super::{Client, PASSWORD, done, expected, origin};
use crate::{
    book::Expected,
    cluster::{Answer, Node},
};
use fasttrack_app::{
    Error,
    account::EraseMe,
    api_token::{CreateApiToken, IssuedApiToken, RevokeApiToken},
    auth::{Login, Refresh},
};
use fasttrack_domain::{
    api_token::Scope, password::PasswordAttempt, session::Client as Device, text::TokenName, token::SecretToken,
};
use futures_util::future::join;
use std::rc::Rc;

impl Client {
    /// Logs in, spends the refresh token, perhaps twice at once, and perhaps spends it again as a thief would.
    pub(super) async fn session(&self) {
        let command = Login {
            email: Some(self.email.clone()),
            password: PasswordAttempt::new(PASSWORD.to_owned()),
            client: Device::default(),
            origin: origin(&self.next()),
        };
        let login = |node: Rc<Node>| {
            let command = command.clone();
            async move { node.use_cases.auth.login(command).await }
        };
        let (answer, _) = self.request("auth.login", true, login).await;
        if let Answer::Refused(error) = &answer {
            self.found("a login", format!("user {} was refused: {error}", self.actor.id));
        }
        let Some(first) = done(answer).map(|pair| pair.refresh) else { return };
        if self.below(3) == 0 {
            let (one, other) = join(self.refresh(&first), self.refresh(&first)).await;
            if let (Some(_), Some(_)) = (done(one), done(other)) {
                self.found("a refresh", format!("a token of user {} was spent twice at once", self.actor.id));
            }
            return;
        }
        let Some(second) = done(self.refresh(&first).await) else { return };
        match self.refresh(&first).await {
            Answer::Done(_) => self.found("a refresh", format!("a token of user {} was spent twice", self.actor.id)),
            Answer::Refused(Error::RefreshTokenReused) => {
                // The session has ended with it.
                if let Answer::Done(_) = self.refresh(&second).await {
                    self.found("a refresh", format!("a session of user {} goes on after a theft", self.actor.id));
                }
            }
            Answer::Refused(_) | Answer::Unknown => {}
        }
    }

    async fn refresh(&self, token: &SecretToken) -> Answer<SecretToken> {
        let command = Refresh { refresh_token: token.clone(), client: Device::default(), origin: origin(&self.next()) };
        let refresh = |node: Rc<Node>| {
            let command = command.clone();
            async move { node.use_cases.auth.refresh(command).await.map(|pair| pair.refresh) }
        };
        self.request("auth.refresh", false, refresh).await.0
    }

    /// Creates an API token, uses it, and revokes it.
    pub(super) async fn api_token(&self) {
        let request = self.next();
        let command = CreateApiToken {
            actor: self.actor.clone(),
            epoch: 0,
            name: TokenName::parse(request.clone()).unwrap(),
            scopes: [Scope::TasksRead].into_iter().collect(),
            project_ids: None,
            expires_at: None,
            origin: origin(&request),
        };
        let create = |node: Rc<Node>| {
            let command = command.clone();
            async move { node.use_cases.api_tokens.create(command).await }
        };
        let (answer, may_be_done) = self.request("token.create", false, create).await;
        self.shared.book.audited(request, expected(&answer, may_be_done));
        let Some(IssuedApiToken { token, secret }) = done(answer) else { return };
        if let Answer::Refused(error) = self.look_up(&secret).await {
            self.found("an API token", format!("{} was refused: {error}", token.id));
        }
        let request = self.next();
        let command = RevokeApiToken { user_id: self.actor.id, id: token.id, origin: origin(&request) };
        let revoke = |node: Rc<Node>| {
            let command = command.clone();
            async move { node.use_cases.api_tokens.revoke(command).await }
        };
        let (answer, may_be_done) = self.request("token.revoke", false, revoke).await;
        self.shared.book.audited(request, expected(&answer, may_be_done));
        if let (Answer::Done(()), Answer::Done(())) = (answer, self.look_up(&secret).await) {
            self.found("an API token", format!("{} is good after it was revoked", token.id));
        }
    }

    async fn look_up(&self, secret: &SecretToken) -> Answer<()> {
        let look_up = |node: Rc<Node>| {
            let secret = secret.clone();
            async move { node.use_cases.api_tokens.look_up(secret.expose()).await.map(drop) }
        };
        self.request("token.look_up", false, look_up).await.0
    }

    pub(super) async fn erase_me(&self) {
        let request = self.next();
        let password = Some(PasswordAttempt::new(PASSWORD.to_owned()));
        let command = EraseMe { user_id: self.actor.id, password, origin: origin(&request) };
        let erase = |node: Rc<Node>| {
            let command = command.clone();
            async move { node.use_cases.accounts.erase_me(command).await }
        };
        let (answer, may_be_done) = self.request("user.erase_me", false, erase).await;
        let erased = expected(&answer, may_be_done);
        self.shared.book.audited(request, erased);
        if erased != Expected::Never {
            self.shared.erased.borrow_mut().push((self.actor.id, erased));
        }
    }
}

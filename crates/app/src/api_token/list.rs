use super::ApiTokens;
use crate::Error;
use fasttrack_domain::{
    api_token::ApiToken,
    id::UserId,
    page::{Page, PageRequest},
};

impl ApiTokens {
    // @spec SPEC-024
    /// Lists the user's own tokens that are not revoked, by ascending id. Expired ones are listed, too.
    #[tracing::instrument(name = "token.list", skip_all)]
    pub async fn list(&self, user_id: UserId, page: PageRequest) -> Result<Page<ApiToken>, Error> {
        Ok(self.tokens.list(Some(user_id), page).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        api_token::fixtures::api_token,
        fixtures::{OWNER, run},
    };
    use fasttrack_domain::{page::Cursor, ports::api_token::MockApiTokenRepository};
    use std::sync::Arc;

    #[test]
    fn users_list_their_own_tokens() {
        let page = PageRequest { cursor: Some(Cursor::after(3)), ..PageRequest::default() };
        let found = Page { items: vec![api_token()], next: None };
        let answer = found.clone();
        let mut tokens = MockApiTokenRepository::new();
        tokens
            .expect_list()
            .times(1)
            .withf(move |user, asked| *user == Some(OWNER.id) && *asked == page)
            .return_once(|_, _| Ok(answer));
        let list = ApiTokens { tokens: Arc::new(tokens), ..ApiTokens::mocked() };
        assert_eq!(run(list.list(OWNER.id, page)).unwrap(), found);
    }
}

use super::ApiTokens;
use crate::Error;
use fasttrack_domain::{
    api_token::ApiToken,
    page::{Page, PageRequest},
};

impl ApiTokens {
    // @spec SPEC-024
    /// Lists the tokens of all users that are not revoked, by ascending id, for an operator: no permission is checked.
    pub async fn list_all(&self, page: PageRequest) -> Result<Page<ApiToken>, Error> {
        Ok(self.tokens.list(None, page).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{api_token::fixtures::api_token, fixtures::run};
    use fasttrack_domain::ports::api_token::MockApiTokenRepository;
    use std::sync::Arc;

    #[test]
    fn operator_lists_the_tokens_of_everybody() {
        let found = Page { items: vec![api_token()], next: None };
        let answer = found.clone();
        let mut tokens = MockApiTokenRepository::new();
        tokens
            .expect_list()
            .times(1)
            .withf(|user, page| user.is_none() && *page == PageRequest::default())
            .return_once(|_, _| Ok(answer));
        let list = ApiTokens { tokens: Arc::new(tokens), ..ApiTokens::mocked() };
        assert_eq!(run(list.list_all(PageRequest::default())).unwrap(), found);
    }
}

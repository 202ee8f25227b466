//! The queries of API tokens, and of the projects that they are limited to.

use fasttrack_domain::{
    api_token::NewApiToken,
    id::ProjectId,
    page::{Cursor, PageRequest},
    ports::Repositories,
    project::Project,
};
use fasttrack_testkit::builders::{MOMENT, after, new_api_token, new_user};

/// All but those of an erasure.
pub async fn call(repositories: &Repositories, project: &Project) {
    let Repositories { users, projects, revocations, api_tokens, .. } = repositories;
    let user = users.create(new_user()).await.unwrap().id;
    let new = NewApiToken { expires_at: Some(after(60)), ..new_api_token(user) };
    let token = api_tokens.create(new.clone()).await.unwrap();
    let page = PageRequest { cursor: Some(Cursor::after(token.id.get() - 1)), ..PageRequest::default() };
    for of in [None, Some(user)] {
        assert_eq!(api_tokens.list(of, page).await.unwrap().items.len(), 1);
    }
    let claims = api_tokens.find(new.hash, MOMENT).await.unwrap().unwrap().unwrap();
    assert!(revocations.confirms(claims, MOMENT).await.unwrap());
    api_tokens.record_uses(vec![(token.id, MOMENT)]).await.unwrap();
    assert!(api_tokens.revoke(token.id, Some(user), MOMENT, None).await.unwrap().is_some());
    assert_eq!(api_tokens.delete_ended(after(1)).await.unwrap(), 1);
    let ids = vec![project.id, ProjectId::new(i64::MAX)];
    assert_eq!(projects.roles(ids, project.owner_id).await.unwrap().len(), 1);
}

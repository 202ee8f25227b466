//! What users see of each other.

use super::walk::{first_page, walk_while_rows_change};
use crate::{
    builders::{MOMENT, NOBODY, after, display_name, email, member_removal, new_user},
    given,
};
use fasttrack_domain::{
    api_token::Reach,
    email::Email,
    id::{ProjectId, UserId},
    membership::{GrantedRole, MemberRole},
    page::{Cursor, Limit, Page, PageRequest},
    person::{PeopleFilter, Person},
    ports::{
        member::MemberRepository, people::PeopleRepository, project::ProjectRepository, task::TaskRepository,
        user::UserRepository,
    },
    task::NewTask,
    user::{NewUser, User, UserPatch},
};

contract! { $
    people {
        users: UserRepository,
        projects: ProjectRepository,
        members: MemberRepository,
        tasks: TaskRepository,
        people: PeopleRepository,
    }
    strangers_and_assignees_are_not_listed,
    former_members_are_not_listed,
    inactive_users_are_not_listed,
    unknown_people_are_not_found,
    members_of_shared_projects_are_listed_once,
    all_active_users_are_listed_where_all_are_wanted,
    people_of_some_projects_are_listed,
    people_are_found_active_or_not_under_present_names,
    active_people_are_found_by_their_ids,
    people_are_found_by_the_key_of_their_address,
    a_page_with_the_last_person_has_no_next,
    pages_of_people_stay_consistent_while_rows_change,
}

/// The people that a user sees.
async fn seen_by(ports: &Ports, reader: &User) -> Vec<UserId> {
    let page = PageRequest { limit: Limit::new(100).unwrap(), cursor: None };
    ports
        .people
        .list(PeopleFilter::of(reader.id), page)
        .await
        .unwrap()
        .items
        .into_iter()
        .map(|person| person.id)
        .collect()
}

async fn find(ports: &Ports, id: UserId) -> Option<Person> {
    ports.people.find(id).await.unwrap()
}

async fn find_by_email(ports: &Ports, email: &Email) -> Option<Person> {
    ports.people.find_by_email(email).await.unwrap()
}

/// A shared task or a project of the same owner doesn't count. Everybody sees itself.
async fn strangers_and_assignees_are_not_listed(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let member = given::member(ports, &project, GrantedRole::Viewer).await;
    let other = given::project(ports, owner.id).await;
    let elsewhere = given::member(ports, &other, GrantedRole::Editor).await;
    let (assignee, admin) = (given::user(ports).await, given::admin(ports).await);
    given::task_with(ports, project.id, |task| NewTask { assignee_id: Some(assignee.id), ..task }).await;
    for (reader, expected) in [
        (&owner, vec![owner.id, member.id, elsewhere.id]),
        (&member, vec![owner.id, member.id]),
        (&elsewhere, vec![owner.id, elsewhere.id]),
        (&assignee, vec![assignee.id]),
        (&admin, vec![admin.id]),
    ] {
        assert_eq!(seen_by(ports, reader).await, expected);
    }
    assert_eq!(ports.people.list(PeopleFilter::of(NOBODY), PageRequest::default()).await.unwrap().items, []);
}

/// The other members aren't listed for them, either.
async fn former_members_are_not_listed(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let (gone, _) = given::project_with_owner(ports).await;
    let former = given::member(ports, &project, GrantedRole::Viewer).await;
    let stays = given::member(ports, &project, GrantedRole::Viewer).await;
    given::membership(ports, &gone, former.id, GrantedRole::Editor).await;
    assert!(ports.members.remove(member_removal(project.id, former.id, MemberRole::Viewer)).await.unwrap());
    assert!(ports.projects.delete(gone.id, gone.version, MOMENT, None).await.unwrap());
    assert_eq!(seen_by(ports, &former).await, [former.id]);
    for reader in [&owner, &stays] {
        assert_eq!(seen_by(ports, reader).await, [owner.id, stays.id]);
    }
}

async fn inactive_users_are_not_listed(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let member = given::member(ports, &project, GrantedRole::Viewer).await;
    let inactive = given::member(ports, &project, GrantedRole::Viewer).await;
    given::deactivated(ports, &inactive).await;
    assert_eq!(seen_by(ports, &member).await, [owner.id, member.id]);
    let all = ports.people.list(PeopleFilter::all(NOBODY), PageRequest::default()).await.unwrap().items;
    assert_eq!(all, [owner.person(), member.person()]);
}

async fn unknown_people_are_not_found(ports: &Ports) {
    let user = given::user(ports).await;
    for id in [i64::MIN, -1, 0, user.id.get() + 1, i64::MAX].map(UserId::new) {
        assert_eq!(find(ports, id).await, None, "{id}");
    }
    assert_eq!(find_by_email(ports, &email()).await, None);
    let inactive = given::inactive_user(ports).await;
    assert_eq!(find_by_email(ports, &inactive.email).await, None);
}

/// They come by ascending id, however many projects they share.
async fn members_of_shared_projects_are_listed_once(ports: &Ports) {
    let reader = given::user(ports).await;
    let (mut expected, mut others) = (vec![reader.id], Vec::new());
    for _ in 0..3 {
        let (project, owner) = given::project_with_owner(ports).await;
        given::membership(ports, &project, reader.id, GrantedRole::Viewer).await;
        expected.push(owner.id);
        others.push(project);
    }
    let friend = given::user(ports).await;
    for project in &others {
        given::membership(ports, project, friend.id, GrantedRole::Commenter).await;
    }
    expected.push(friend.id);
    assert_eq!(seen_by(ports, &reader).await, expected);
    assert_eq!(seen_by(ports, &friend).await, expected);
}

/// Of the projects that the reader is a member of, or of all, and the reader itself.
async fn people_of_some_projects_are_listed(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let member = given::member(ports, &project, GrantedRole::Viewer).await;
    let inactive = given::member(ports, &project, GrantedRole::Viewer).await;
    given::deactivated(ports, &inactive).await;
    let other = given::project(ports, owner.id).await;
    let elsewhere = given::member(ports, &other, GrantedRole::Viewer).await;
    let (foreign, stranger) = given::project_with_owner(ports).await;
    let unknown = ProjectId::new(i64::MAX);
    for (reader, all, ids, expected) in [
        (owner.id, false, vec![project.id], vec![owner.id, member.id]),
        (owner.id, false, vec![other.id, project.id, unknown], vec![owner.id, member.id, elsewhere.id]),
        (owner.id, false, vec![foreign.id], vec![owner.id]),
        (elsewhere.id, false, vec![other.id, project.id], vec![owner.id, elsewhere.id]),
        (stranger.id, false, vec![project.id], vec![stranger.id]),
        (stranger.id, true, vec![project.id], vec![owner.id, member.id, stranger.id]),
        (owner.id, true, vec![unknown], vec![owner.id]),
        (owner.id, false, vec![], vec![owner.id]),
    ] {
        let filter = PeopleFilter { reader, all, reach: Reach::only(ids) };
        let page = PageRequest { limit: Limit::new(100).unwrap(), cursor: None };
        let listed = ports.people.list(filter.clone(), page).await.unwrap();
        assert_eq!(listed.items.into_iter().map(|person| person.id).collect::<Vec<_>>(), expected, "{filter:?}");
    }
}

async fn all_active_users_are_listed_where_all_are_wanted(ports: &Ports) {
    let mut expected = Vec::new();
    for _ in 0..3 {
        let (_, owner) = given::project_with_owner(ports).await;
        given::inactive_user(ports).await;
        expected.extend([owner.person(), given::admin(ports).await.person()]);
    }
    assert_eq!(ports.people.list(PeopleFilter::all(NOBODY), PageRequest::default()).await.unwrap().items, expected);
}

async fn people_are_found_active_or_not_under_present_names(ports: &Ports) {
    let user = given::user(ports).await;
    assert_eq!(find(ports, user.id).await, Some(user.person()));
    let patch = UserPatch { display_name: Some(display_name("Änne")), ..UserPatch::default() };
    let renamed = ports.users.save(user.apply(patch, after(1)).unwrap(), None).await.unwrap().unwrap();
    let expected = Person { id: user.id, display_name: display_name("Änne") };
    assert_eq!(find(ports, user.id).await.as_ref(), Some(&expected));
    assert_eq!(seen_by(ports, &user).await, [user.id]);
    given::deactivated(ports, &renamed).await;
    assert_eq!(find(ports, user.id).await, Some(expected));
}

/// Each is found once; the order is open.
async fn active_people_are_found_by_their_ids(ports: &Ports) {
    let (user, other) = (given::user(ports).await, given::user(ports).await);
    let inactive = given::inactive_user(ports).await;
    given::user(ports).await;
    let ids = vec![other.id, inactive.id, user.id, NOBODY, UserId::new(i64::MAX), other.id];
    let mut found = ports.people.find_active(ids).await.unwrap();
    found.sort_by_key(|person| person.id);
    assert_eq!(found, [user.person(), other.person()]);
    assert_eq!(ports.people.find_active(Vec::new()).await.unwrap(), []);
}

/// A pending address isn't found before it is proven.
async fn people_are_found_by_the_key_of_their_address(ports: &Ports) {
    let parse = |raw: &str| Email::parse(raw).unwrap();
    let new = NewUser { email: parse("Straße@Bücher.example"), ..new_user() };
    let user = ports.users.create(new).await.unwrap();
    for address in ["straße@bücher.example", "STRASSE@xn--bcher-kva.example"] {
        assert_eq!(find_by_email(ports, &parse(address)).await, Some(user.person()));
    }
    let next = email();
    let patch = UserPatch { email: Some(next.clone()), keeps_proven_email: true, ..UserPatch::default() };
    let pending = ports.users.save(user.apply(patch, after(1)).unwrap(), None).await.unwrap().unwrap();
    assert_eq!(pending.pending_email.as_ref(), Some(&next));
    assert_eq!(find_by_email(ports, &next).await, None);
    assert_eq!(find_by_email(ports, &user.email).await, Some(user.person()));
}

async fn a_page_with_the_last_person_has_no_next(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    let mut rows = vec![owner.id];
    for _ in 0..5 {
        rows.push(given::member(ports, &project, GrantedRole::Viewer).await.id);
    }
    let narrowed = PeopleFilter { reach: Reach::only(vec![project.id]), ..PeopleFilter::of(rows[1]) };
    for filter in [PeopleFilter::of(owner.id), PeopleFilter::of(rows[4]), PeopleFilter::all(NOBODY), narrowed] {
        let page = async |cursor| {
            let listed = ports.people.list(filter.clone(), PageRequest { cursor, ..first_page() }).await.unwrap();
            listed.map(|person| person.id)
        };
        let middle = Some(Cursor::after(rows[2].get()));
        assert_eq!(page(None).await, Page { items: rows[..3].to_vec(), next: middle });
        assert_eq!(page(middle).await, Page { items: rows[3..].to_vec(), next: None });
        assert_eq!(page(Some(Cursor::after(i64::MAX))).await, Page { items: vec![], next: None });
    }
}

async fn pages_of_people_stay_consistent_while_rows_change(ports: &Ports) {
    let (project, owner) = given::project_with_owner(ports).await;
    walk_while_rows_change(
        async |request| {
            ports.people.list(PeopleFilter::of(owner.id), request).await.unwrap().map(|person| person.id.get())
        },
        async || {
            given::user(ports).await;
            given::member(ports, &project, GrantedRole::Viewer).await.id.get()
        },
        async |id| {
            let removal = member_removal(project.id, UserId::new(id), MemberRole::Viewer);
            assert!(ports.members.remove(removal).await.unwrap());
        },
    )
    .await;
}

use super::*;
use crate::fixtures::{
    ADMIN, COMMENTER, EDITOR, OWNER, STRANGER, VIEWER, conflict, email, label, member, membership, narrowed, project,
    run, unavailable,
};
use fasttrack_domain::{
    api_token::Reach,
    change::{FeedPosition, MemberView, ThingKind},
    ports::{RepositoryError, change::MockChangeFeed, constraint},
};
use std::sync::Arc;

const LIMIT: Limit = Limit::CHANGES;

/// A label, and the editor as `reader` gets it from storage.
fn stored(reader: &Actor) -> FeedPage {
    let change = |kind, id, seq, content| {
        let next = FeedPosition::after(seq);
        FeedChange { kind, id, project_id: project().id, content, next }
    };
    let view = MemberView { member: member(EDITOR), membership: membership(reader.id) };
    let changes = vec![
        change(ThingKind::Label, 3, 8, FeedContent::Label(label(3))),
        change(ThingKind::Member, EDITOR.id.get(), 9, FeedContent::Member(view)),
    ];
    FeedPage { changes, next: FeedPosition::after(9), has_more: false }
}

/// Reads with storage that expects this request.
fn read(
    actor: Actor,
    cursor: Option<FeedCursor>,
    expected: FeedRequest,
    answer: Result<FeedPage, RepositoryError>,
) -> Result<FeedPage, Error> {
    let mut changes = MockChangeFeed::new();
    changes.expect_read().times(1).withf(move |request| *request == expected).return_once(|_| answer);
    run(Changes { changes: Arc::new(changes) }.read(ReadChanges { actor, cursor, limit: LIMIT }))
}

/// Reads with storage that expects no call.
fn refused(actor: Actor, cursor: FeedCursor) -> Error {
    let changes = Changes { changes: Arc::new(MockChangeFeed::new()) };
    run(changes.read(ReadChanges { actor, cursor: Some(cursor), limit: LIMIT })).unwrap_err()
}

#[test]
fn the_page_after_the_cursor_is_read_for_the_actor() {
    let reach = Reach::only(vec![project().id]);
    for (actor, sees_all, reach) in [
        (OWNER, false, Reach::All),
        (ADMIN, true, Reach::All),
        (narrowed(OWNER, &[7]), false, reach.clone()),
        (narrowed(ADMIN, &[7]), true, reach),
    ] {
        let reader = FeedReader { id: actor.id, sees_all, reach };
        let position = FeedPosition::after(7);
        let cursor = reader.cursor(position);
        let request = |position| FeedRequest { reader: reader.clone(), position, limit: LIMIT };
        let page = read(actor.clone(), Some(cursor), request(Some(position)), Ok(stored(&actor))).unwrap();
        assert_eq!(page, stored(&actor));
        assert_eq!(read(actor.clone(), None, request(None), Ok(stored(&actor))).unwrap(), page);
    }
}

#[test]
fn addresses_are_for_who_manages_the_project() {
    for (actor, address) in
        [(OWNER, Some(email())), (ADMIN, Some(email())), (EDITOR, None), (COMMENTER, None), (VIEWER, None)]
    {
        let request = FeedRequest { reader: FeedReader::new(&actor), position: None, limit: LIMIT };
        let page = read(actor.clone(), None, request, Ok(stored(&actor))).unwrap();
        let FeedContent::Member(view) = &page.changes[1].content else { panic!("{page:?}") };
        assert_eq!(view.member.email, address, "{actor:?}");
    }
}

#[test]
fn a_cursor_of_another_reader_is_invalid() {
    let cursor = |actor: &Actor| FeedReader::new(actor).cursor(FeedPosition::after(7));
    for (actor, other) in [
        (OWNER, STRANGER),
        (OWNER, narrowed(OWNER, &[7])),
        (narrowed(OWNER, &[7]), OWNER),
        (narrowed(OWNER, &[7]), narrowed(OWNER, &[7, 8])),
        (ADMIN, OWNER),
    ] {
        assert!(matches!(refused(actor, cursor(&other)), Error::InvalidCursor(_)));
    }
}

#[test]
fn a_cursor_expires_with_the_role_and_with_what_is_pruned() {
    let promoted = Actor::new(OWNER.id, ADMIN.role);
    for (actor, former) in [(OWNER, promoted.clone()), (promoted, OWNER)] {
        let cursor = FeedReader::new(&former).cursor(FeedPosition::after(7));
        assert!(matches!(refused(actor, cursor), Error::CursorExpired(_)));
    }
    let request = || FeedRequest { reader: FeedReader::new(&OWNER), position: None, limit: LIMIT };
    let expired = read(OWNER, None, request(), Err(conflict(constraint::CURSOR_EXPIRED)));
    assert!(matches!(expired, Err(Error::CursorExpired(_))));
    assert!(matches!(read(OWNER, None, request(), Err(unavailable())), Err(Error::Unavailable { .. })));
}

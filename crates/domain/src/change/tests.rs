use super::*;
use crate::{
    api_token::reach::Reach,
    id::{CommentId, TaskId, UserId},
    page::InvalidCursor,
    policy::Actor,
    user::Role,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use proptest::prelude::*;

fn reader() -> FeedReader {
    FeedReader::new(&Actor::new(UserId::new(5), Role::User))
}

fn words(cursor: &FeedCursor) -> String {
    String::from_utf8(URL_SAFE_NO_PAD.decode(cursor.encode()).unwrap()).unwrap()
}

fn listing(is_initial: bool, place: ListingPlace) -> FeedPosition {
    FeedPosition { seq: 9, listing: Some(Listing { is_initial, place }) }
}

#[test]
fn a_cursor_is_the_base64_of_its_words() {
    let in_project = ListingPlace::Project { id: ProjectId::new(3), kind: ThingKind::Task, after: 7 };
    let comment = ListingPlace::Comment { project_id: ProjectId::new(3), task_id: TaskId::new(4), after: 8 };
    let on_task = ListingPlace::Task { id: TaskId::new(4), after: 0 };
    for (position, expected) in [
        (FeedPosition::after(0), "0 5 own e6f09b190519daa4"),
        (listing(true, in_project), "9 5 own e6f09b190519daa4 initial project 3 task 7"),
        (listing(false, comment), "9 5 own e6f09b190519daa4 gained comment 3 4 8"),
        (listing(false, on_task), "9 5 own e6f09b190519daa4 gained task 4 0"),
    ] {
        let cursor = reader().cursor(position);
        assert_eq!(words(&cursor), expected);
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        assert_eq!(reader().position(&cursor), Ok(position));
    }
    let admin = FeedReader::new(&Actor::new(UserId::new(5), Role::Admin));
    assert_eq!(words(&admin.cursor(FeedPosition::after(7))), "7 5 all e6f09b190519daa4");
}

#[test]
fn cursor_of_an_administrator_survives_its_text() {
    let cursor = FeedReader::new(&Actor::new(UserId::new(5), Role::Admin)).cursor(FeedPosition::after(7));
    assert_eq!((cursor.sees_all, cursor.encode().parse()), (true, Ok(cursor)));
}

#[test]
fn a_cursor_of_another_form_is_refused() {
    let hash = "e6f09b190519daa4";
    for words in [
        String::new(),
        format!("-1 5 own {hash}"),
        format!("+1 5 own {hash}"),
        format!("01 5 own {hash}"),
        format!("9223372036854775808 5 own {hash}"),
        format!("1 -5 own {hash}"),
        format!("1 5 admin {hash}"),
        "1 5 own".to_owned(),
        "1 5 own 7".to_owned(),
        "1 5 own E6F09B190519DAA4".to_owned(),
        format!("1 5 own {hash} "),
        format!("1  5 own {hash}"),
        format!("1 5 own {hash} initial"),
        format!("1 5 own {hash} other project 3 task 7"),
        format!("1 5 own {hash} gained project 3 tasks 7"),
        format!("1 5 own {hash} gained project 3 comment 7"),
        format!("1 5 own {hash} gained project 3 task"),
        format!("1 5 own {hash} gained project 3 task -7"),
        format!("1 5 own {hash} gained project 3 task 7 7"),
        format!("1 5 own {hash} gained comment 3 7"),
        format!("1 5 own {hash} gained task 3"),
    ] {
        assert_eq!(FeedCursor::decode(&URL_SAFE_NO_PAD.encode(&words)), Err(InvalidCursor), "{words:?}");
    }
    let good = reader().cursor(FeedPosition::after(1)).encode();
    for text in ["!".to_owned(), format!("{good}="), format!("{good}\n")] {
        assert_eq!(FeedCursor::decode(&text), Err(InvalidCursor), "{text:?}");
    }
}

#[test]
fn a_cursor_is_for_one_reader() {
    let position = FeedPosition::after(7);
    let narrowed = |ids: &[i64]| {
        let reach = Reach::only(ids.iter().copied().map(ProjectId::new).collect());
        FeedReader { reach, ..reader() }
    };
    let other = FeedReader { id: UserId::new(6), ..reader() };
    let other_role = FeedReader { sees_all: true, ..reader() };
    let invalid = Err(RefusedCursor::Invalid(InvalidCursor));
    for (reader, cursor, expected) in [
        (reader(), reader().cursor(position), Ok(position)),
        (narrowed(&[3, 9]), narrowed(&[9, 3]).cursor(position), Ok(position)),
        (other.clone(), reader().cursor(position), invalid),
        (narrowed(&[3]), reader().cursor(position), invalid),
        (reader(), narrowed(&[3]).cursor(position), invalid),
        (narrowed(&[3, 9]), narrowed(&[39]).cursor(position), invalid),
        (narrowed(&[]), reader().cursor(position), invalid),
        (other_role.clone(), reader().cursor(position), Err(CursorExpired.into())),
        (reader(), other_role.cursor(position), Err(CursorExpired.into())),
        (other_role, other.cursor(position), invalid),
    ] {
        assert_eq!(reader.position(&cursor), expected, "{reader:?}");
    }
}

#[test]
fn kinds_are_listed_in_their_order() {
    let mut kinds = ThingKind::ALL.to_vec();
    kinds.sort_unstable();
    assert_eq!(kinds, ThingKind::ALL);
}

#[test]
fn only_a_comment_has_a_task() {
    let comment = Thing::comment(CommentId::new(3), TaskId::new(4));
    assert_eq!((comment.kind, comment.id, comment.task_id), (ThingKind::Comment, 3, Some(TaskId::new(4))));
    assert_eq!(Thing::task(TaskId::new(4)).task_id, None);
    assert!(comment.deleted().is_deleted && !comment.is_deleted);
}

proptest! {
    #[test]
    fn feed_cursor_survives_encoding(
        seq in 0..=i64::MAX,
        id in 0..=i64::MAX,
        after in 0..=i64::MAX,
        // Comments have a form of their own.
        kind in prop::sample::select(&ThingKind::ALL[..4]),
        is_initial in any::<bool>(),
        form in 0..4,
    ) {
        let listing = match form {
            0 => None,
            1 => Some(ListingPlace::Project { id: ProjectId::new(id), kind, after }),
            2 => Some(ListingPlace::Comment { project_id: ProjectId::new(id), task_id: TaskId::new(after), after: id }),
            _ => Some(ListingPlace::Task { id: TaskId::new(id), after }),
        };
        let listing = listing.map(|place| Listing { is_initial, place });
        let cursor = reader().cursor(FeedPosition { seq, listing });
        prop_assert_eq!(FeedCursor::decode(&cursor.encode()), Ok(cursor));
    }

    #[test]
    fn decoded_feed_cursor_encodes_to_the_same_text(text in "\\PC{0,40}|[A-Za-z0-9_=-]{0,80}") {
        if let Ok(cursor) = FeedCursor::decode(&text) {
            prop_assert_eq!(cursor.encode(), text);
        }
    }
}

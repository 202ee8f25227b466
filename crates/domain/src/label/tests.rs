use super::*;
use crate::audit::AuditValue;

fn label() -> Label {
    Label {
        id: LabelId::new(3),
        project_id: ProjectId::new(7),
        name: "Urgent".parse().unwrap(),
        color: Color::default(),
    }
}

fn ids(ids: &[i64]) -> LabelIds {
    ids.iter().copied().map(LabelId::new).collect()
}

#[test]
fn names_that_differ_in_case_have_one_key() {
    let key = |name: &str| name.parse::<LabelName>().unwrap().key();
    for (one, other) in [("Urgent", "URGENT"), ("Straße", "STRASSE"), ("é", "E\u{301}"), ("ΣΑΣ", "σας")] {
        assert_eq!(key(one), key(other), "{one} {other}");
    }
    for (one, other) in [("Urgent", "Urgent!"), ("o", "ø"), ("o", "ö"), ("ı", "i")] {
        assert_ne!(key(one), key(other), "{one} {other}");
    }
}

#[test]
fn a_color_is_six_hexadecimal_digits() {
    for color in ["#808080", "#1E90ff", "#000000"] {
        for parsed in [Color::parse(color.to_owned()), Color::try_from(color.to_owned())] {
            assert_eq!(parsed.map(|color| color.to_string()), Ok(color.to_owned()));
        }
    }
    for wrong in ["", "#", "808080", "#80808", "#8080800", "#80808g", "#80 080", " #808080", "gray", "#é8080"] {
        assert_eq!(wrong.parse::<Color>().map_err(|error| error.code), Err("invalid"), "{wrong:?}");
    }
    assert_eq!(Color::default().as_str(), "#808080");
}

#[test]
fn change_has_only_the_fields_that_differ() {
    let now = Timestamp::UNIX_EPOCH;
    let blue = Color::parse("#0000ff".to_owned()).unwrap();
    let patch = LabelPatch { name: Some("Urgent".parse().unwrap()), color: Some(blue.clone()) };
    let change = label().apply(patch, now).unwrap();
    assert_eq!((&change.name, &change.color, change.at), (&None, &Some(blue), now));
    assert_eq!(AuditChanges::of_label(&label(), &change).0.len(), 1);
    assert_eq!(label().apply(LabelPatch { name: Some("Urgent".parse().unwrap()), color: None }, now), None);
    assert_eq!(label().apply(LabelPatch::default(), now), None);
}

#[test]
fn label_ids_are_a_set() {
    assert_eq!(ids(&[3, 1, 3]), ids(&[1, 3]));
    assert_eq!(ids(&[3, 1]).with(LabelId::new(2)), ids(&[1, 2, 3]));
    assert_eq!(ids(&[3, 1]).with(LabelId::new(3)), ids(&[1, 3]));
    assert_eq!(ids(&[3, 1]).without(LabelId::new(3)), ids(&[1]));
    assert_eq!(ids(&[1]).without(LabelId::new(3)), ids(&[1]));
    assert!(ids(&[1]).contains(LabelId::new(1)) && !ids(&[1]).contains(LabelId::new(2)));
}

#[test]
fn unknown_labels_are_named_by_place() {
    let requested = Requested::parse([3, 404, 3, 405].map(LabelId::new).to_vec(), LabelIds::MAX).unwrap();
    let faults = requested.unknown(&[label()], "labels");
    let fields: Vec<_> = faults.iter().map(|fault| (fault.field.as_str(), fault.code)).collect();
    assert_eq!(fields, [("labels.1", "unknown_label"), ("labels.3", "unknown_label")]);
}

#[test]
fn audit_has_what_was_created_and_deleted() {
    let Label { id, project_id, name, color } = label();
    let new = NewLabel { project_id, name, color, created_at: Timestamp::UNIX_EPOCH, quota: 1, audit: None };
    let (null, project) = (|| AuditValue::Null, AuditValue::Number(7));
    let (name, color) = (AuditValue::from("Urgent"), AuditValue::from("#808080"));
    let created = [("name", null(), name.clone()), ("color", null(), color), ("project_id", null(), project.clone())];
    assert_eq!(AuditChanges::of_new_label(&new).0, created);
    let deleted = [("name", name, null()), ("project_id", project, null())];
    assert_eq!(AuditChanges::of_deleted_label(&new.stored(id)).0, deleted);
}

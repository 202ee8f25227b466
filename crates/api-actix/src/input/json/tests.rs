use super::*;
use crate::http::error::ApiError;
use proptest::prelude::*;
use serde_json::Value;

/// The faults as fields and codes, and the repaired value.
fn repaired(text: &str) -> Option<(Vec<(String, &'static str)>, Value)> {
    let Repaired { text, faults } = repair(text.as_bytes())?;
    let details = ApiError::from(faults).details;
    let faults = details.into_iter().map(|detail| (detail.field, detail.code)).collect();
    Some((faults, serde_json::from_slice(&text).unwrap()))
}

fn faults(text: &str) -> Vec<(String, &'static str)> {
    repaired(text).unwrap_or_else(|| panic!("no JSON: {text}")).0
}

#[test]
fn numbers_beyond_64_bits_name_their_field() {
    for number in ["1e400", "-1E+400", &"9".repeat(400), &format!("-{}.5", "1".repeat(400))] {
        let text = format!(r#"{{"title": "x", "assignee_id": {number}, "a": {{"b": [1, {number}]}}}}"#);
        let (faults, rest) = repaired(&text).unwrap();
        assert_eq!(faults, [("assignee_id".to_owned(), "out_of_range"), ("a.b.1".to_owned(), "out_of_range")]);
        assert_eq!(rest["title"], "x");
        assert_eq!(rest["assignee_id"], Value::Null);
    }
    assert_eq!(faults("1e400"), [("body".to_owned(), "out_of_range")]);
}

#[test]
fn deep_nesting_names_its_field_once() {
    let deep = format!("{}{}", "[".repeat(130), "]".repeat(130));
    assert_eq!(faults(&deep), [("body".to_owned(), "too_deep")]);
    let objects = format!("{}1{}", r#"{"a":"#.repeat(200), "}".repeat(200));
    let text = format!(r#"{{"title": {deep}, "description": [{deep}, {deep}], "x": {objects}, "y": 1e999}}"#);
    let expected = [("title", "too_deep"), ("description", "too_deep"), ("x", "too_deep"), ("y", "out_of_range")];
    assert_eq!(faults(&text), expected.map(|(field, code)| (field.to_owned(), code)));
    assert!(faults(&format!("{}{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH))).is_empty());
    // As deep as a body can be.
    assert_eq!(faults(&format!("{}{}", "[".repeat(30_000), "]".repeat(30_000))).len(), 1);
}

#[test]
fn what_is_no_json_is_none() {
    for wrong in [
        "",
        " ",
        "{",
        "[1",
        "[1,]",
        "[,1]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "[1}",
        "{\"a\":1]",
        "1 2",
        "01",
        "-",
        "1.",
        ".5",
        "1e",
        "+1",
        "NaN",
        "Infinity",
        "tru",
        "truefalse",
        "\"",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\\ud83d\"",
        "{\"\\udc22\":1}",
        "\"\n\"",
        "]",
        "{\"a\":1e400",
        "[1e400,]",
        "\u{FEFF}1",
    ] {
        assert!(repaired(wrong).is_none(), "{wrong:?}");
    }
    assert!(repair(b"\"\xFF\"").is_none());
    let unclosed = "[".repeat(130);
    assert!(repaired(&unclosed).is_none() && repaired(&format!("{unclosed}1e400")).is_none());
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec(("\\PC{0,4}", inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_can_be_parsed_stays_as_it_is(value in value()) {
        for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
            prop_assert_eq!(repaired(&text), Some((Vec::new(), serde_json::from_str(&text).unwrap())));
        }
    }

    #[test]
    fn whether_a_text_is_json_is_judged_as_the_parser_does(text in r#"[\[\]{}",:\\ue0-2\-. trfalsn]{0,12}"#) {
        match (serde_json::from_str::<Value>(&text), repaired(&text)) {
            (Ok(value), repaired) => prop_assert_eq!(repaired, Some((Vec::new(), value))),
            (Err(_), Some((faults, _))) => prop_assert!(!faults.is_empty(), "{}", text),
            (Err(_), None) => {}
        }
    }
}

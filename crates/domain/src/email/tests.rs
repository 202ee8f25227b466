use super::*;
use proptest::prelude::*;

fn parsed(raw: &str) -> Email {
    Email::parse(raw).unwrap_or_else(|error| panic!("{raw:?}: {error:?}"))
}

#[test]
fn addresses_are_trimmed_and_lowered() {
    let ann = parsed("  Ann@Example.ORG ");
    assert_eq!((ann.as_str(), ann.to_string().as_str()), ("ann@example.org", "ann@example.org"));
    assert_eq!(String::from(ann), "ann@example.org");
    assert_eq!(parsed("ÅSA@example.org").as_str(), "åsa@example.org");
    assert_eq!(parsed("A\u{30a}sa@example.org").as_str(), "åsa@example.org");
}

#[test]
fn full_case_folding_makes_one_account_of_an_address() {
    for (one, other) in [
        ("ann@example.org", "ANN@EXAMPLE.org"),
        ("ΑΝΝΑΣ@example.org", "αννας@example.org"),
        ("αννας@example.org", "αννασ@example.org"),
        ("İrem@example.org", "i\u{307}rem@example.org"),
        ("Straße@example.org", "STRASSE@example.org"),
        ("straẞe@example.org", "strasse@example.org"),
        ("é@example.org", "E\u{301}@example.org"),
        ("ﬁ@example.org", "FI@example.org"),
        ("Ꭰ@example.org", "ꭰ@example.org"),
        ("ann@BÜCHER.example", "ann@xn--bcher-kva.example"),
        ("ann@bu\u{308}cher。example", "ann@bücher.example"),
    ] {
        assert_eq!(parsed(one).key(), parsed(other).key(), "{one} {other}");
    }
    for (one, other) in [
        ("ırem@example.org", "irem@example.org"),
        ("İrem@example.org", "irem@example.org"),
        ("ann@faß.example", "ann@fass.example"),
        ("ann+1@example.org", "ann@example.org"),
    ] {
        assert_ne!(parsed(one).key(), parsed(other).key(), "{one} {other}");
    }
}

#[test]
fn mail_goes_to_the_mailbox_that_was_written() {
    let (sharp, plain) = (parsed("Straße@example.org"), parsed("strasse@example.org"));
    assert_eq!((sharp.as_str(), sharp.key()), ("straße@example.org", "strasse@example.org"));
    assert_ne!(sharp, plain);
    assert_eq!(parsed("ΑΝΝΑΣ@example.org").as_str(), "αννας@example.org");
}

#[test]
fn domains_are_in_a_labels() {
    assert_eq!(parsed("ann@Bücher.example").as_str(), "ann@xn--bcher-kva.example");
    assert_eq!(parsed("ann@例え.テスト").as_str(), "ann@xn--r8jz45g.xn--zckzah");
    assert_eq!(parsed("ann@localhost").as_str(), "ann@localhost");
}

#[test]
fn placeholders_differ_from_addresses() {
    let placeholder = Email::placeholder("Ab-_9");
    assert_eq!(placeholder.as_str(), "ab-_9@external.invalid");
    assert!(placeholder.is_placeholder());
    assert_eq!(Email::from_storage("ab-_9@external.invalid".to_owned()), Ok(placeholder));
    assert!(!parsed("external.invalid@example.org").is_placeholder());
}

#[test]
fn undeliverable_addresses_are_refused() {
    for wrong in [
        "",
        "ann",
        "ann@",
        "@example.org",
        "a b@example.org",
        "a@b@c",
        "Ann <ann@example.org>",
        "a@b..c",
        "\"a b\"@x.org",
        "\"ab\"@x.org",
        "a..b@x.org",
        ".a@x.org",
        "a.@x.org",
        "a(b)@x.org",
        "a\u{200b}@x.org",
        "a\u{202e}b@x.org",
        "a\u{a0}b@x.org",
        "ann@[192.0.2.1]",
        "ann@192.0.2.1",
        "ann@a_b.org",
        "ann@-a.org",
        "ann@example.org.",
        "ann@xn--a.org",
        "drawn@external.invalid",
    ] {
        assert_eq!(Email::parse(wrong).map_err(|e| e.code), Err("invalid"), "{wrong:?}");
    }
    assert_eq!(Email::parse("a\0@example.org").map_err(|e| e.code), Err("nul_character"));
}

#[test]
fn an_address_may_be_longer_before_it_is_normalized() {
    let decomposed = "e\u{301}".repeat(45);
    let raw = format!("ann@{decomposed}.{decomposed}.{decomposed}.example");
    assert!(raw.chars().count() > Email::MAX + 4 && Email::parse(&raw).is_ok());
}

#[test]
fn an_address_has_at_most_254_characters() {
    let domain = ["b".repeat(63), "c".repeat(63), "d".repeat(57), "org".to_owned()].join(".");
    assert!(Email::parse(&format!("{}@{domain}", "a".repeat(66 - 2))).is_ok());
    for long in [
        format!("{}@{}.org", "a".repeat(60), ["b".repeat(60), "c".repeat(60), "d".repeat(69)].join(".")),
        format!("{}@d{domain}", "a".repeat(64)),
        format!(
            "ann@{}.example",
            ["ü".repeat(40), "ü".repeat(41), "ü".repeat(42), "ü".repeat(43), "ü".repeat(44)].join(".")
        ),
        "a".repeat(100_000),
    ] {
        let code = Email::parse(&long).map_err(|e| e.code);
        assert!(matches!(code, Err("too_long" | "invalid")), "{code:?}");
    }
    let long = format!("{}@{}.org", "a".repeat(60), ["b".repeat(60), "c".repeat(60), "d".repeat(69)].join("."));
    assert_eq!(Email::parse(&long).map_err(|e| e.code), Err("too_long"));
    assert_eq!(Email::parse(&format!("{}@example.org", "é".repeat(33))).map_err(|e| e.code), Err("invalid"));
}

#[test]
fn addresses_from_before_these_rules_are_still_found() {
    for (stored, given) in [
        ("\"a b\"@x.org", " \"A b\"@X.org"),
        ("ann@192.0.2.1", "Ann@192.0.2.1"),
        ("ann@a_b.org", "ann@A_b.org"),
        ("αννας@bücher.example", "ΑΝΝΑΣ@bücher.example"),
    ] {
        let found = Email::from_storage(stored.to_owned()).unwrap();
        assert_eq!(found.as_str(), stored);
        assert_eq!(Email::lookup(given).unwrap().key(), found.key(), "{given}");
    }
    assert_eq!(Email::lookup("ann"), None);
    assert_eq!(Email::lookup("a\0@x.org"), None);
    assert!(Email::from_storage("ann".to_owned()).is_err());
}

#[test]
fn the_default_name_is_what_stands_before_the_at_sign() {
    let name = Email::parse("Ann.Lee@example.org").map(|e| e.default_display_name().to_string());
    assert_eq!(name, Ok("ann.lee".to_owned()));
}

#[test]
fn folding_is_stable_for_every_letter_with_a_case() {
    let has_case = |c: &char| c.to_lowercase().ne([*c]) || c.to_uppercase().ne([*c]);
    for c in ('\0'..=char::MAX).filter(has_case) {
        let folded = fold(&c.to_string());
        assert_eq!(fold(&folded), folded, "{c:?}");
        if c != 'İ' && c != 'ı' {
            let upper: String = c.to_uppercase().collect();
            assert_eq!(fold(&upper), folded, "{c:?}");
        }
    }
}

proptest! {
    #[test]
    fn a_checked_address_parses_to_itself(raw in "[a-zA-Z0-9.ÅßΣςİıéῼŉ]{1,20}@[a-zü]{1,10}\\.[a-z]{2,5}") {
        if let Ok(email) = Email::parse(&raw) {
            prop_assert_eq!(Email::parse(email.as_str()), Ok(email.clone()));
            prop_assert_eq!(Email::from_storage(email.as_str().to_owned()), Ok(email.clone()));
            let by_key = Email::lookup(email.key()).unwrap();
            prop_assert_eq!(by_key.key(), email.key());
        }
    }
}

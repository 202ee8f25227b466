use super::*;
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

fn task_words(text: &str) -> SearchWords {
    SearchWords(words(text).collect())
}

fn finds(query: &str, text: &str) -> bool {
    SearchQuery::parse(query).unwrap().matches(&task_words(text))
}

#[test]
fn words_are_runs_of_letters_digits_and_marks() {
    let cases: &[(&str, &[&str])] = &[
        ("Paint the fence", &["paint", "the", "fence"]),
        ("v2.0-beta_1", &["v2", "0", "beta", "1"]),
        ("Straße, STRASSE", &["strasse", "strasse"]),
        ("Ærøskøbing", &["ærøskøbing"]),
        ("e\u{301}té ÉTÉ", &["ete", "ete"]),
        ("ΣΊΣΥΦΟΣ σίσυφος", &["σισυφοσ", "σισυφοσ"]),
        ("Москва́", &["москва"]),
        ("ﬁnd ｆｕｌｌ m²", &["find", "full", "m2"]),
        ("İstanbul ıssız", &["istanbul", "ıssız"]),
        ("日本語とカナ", &["日", "本", "語", "と", "カ", "ナ"]),
        ("サーバーabc1つ", &["サ", "ー", "ハ", "ー", "abc1", "つ"]),
        ("ｶﾞ が か\u{3099}", &["カ", "か", "か"]),
        ("हिन्दी", &["हनद"]),
        ("שָׁלוֹם", &["שלום"]),
        ("مُحَمَّد", &["محمد"]),
        ("x\u{301}\u{302}y", &["xy"]),
        ("\u{301} \u{301}", &[]),
        ("👍 – … ½", &["1⁄2"]),
        ("", &[]),
    ];
    for (text, expected) in cases {
        let found: Vec<_> = words(text).collect();
        assert_eq!(found, *expected, "{text:?}");
    }
}

#[test]
fn hangul_is_compared_by_its_parts() {
    assert!(finds("한", "한국어") && finds("하", "한국어") && !finds("국", "한국어"));
}

#[test]
fn every_word_begins_a_word_of_the_task() {
    let text = "Paint the garden fence, élan über Straße 東京";
    for query in ["paint", "PAI", "fen pai", "gard gar g", "ELA", "uber", "strasse", "京", "東 fence", "pai, the!"] {
        assert!(finds(query, text), "{query}");
    }
    for query in ["aint", "fences", "paint wall", "大", "gar den", "strase"] {
        assert!(!finds(query, text), "{query}");
    }
}

#[test]
fn queries_have_1_to_200_characters_and_a_word() {
    let code = |raw: &str| SearchQuery::parse(raw).map(drop).map_err(|error| error.code);
    assert_eq!(code(&"é".repeat(200)), Ok(()));
    assert_eq!(code(&"é".repeat(201)), Err("too_long"));
    assert_eq!(code(""), Err("too_short"));
    assert_eq!(code("a\0"), Err("nul_character"));
    for nothing in [" ", "-", "\u{301}", "👍"] {
        assert_eq!(code(nothing), Err("no_word"), "{nothing:?}");
    }
}

#[test]
fn words_that_begin_others_need_no_search() {
    let query = SearchQuery::parse("gar garden ga g fence fen").unwrap();
    assert_eq!(query.words().collect::<Vec<_>>(), ["fence", "garden"]);
}

#[test]
fn title_and_description_are_both_searched() {
    let (title, description) = ("Paint".parse().unwrap(), "the fence".parse().unwrap());
    let words = SearchWords::of(&title, Some(&description));
    assert_eq!(words.iter().collect::<Vec<_>>(), ["fence", "paint", "the"]);
    assert_eq!(SearchWords::of(&title, None).iter().collect::<Vec<_>>(), ["paint"]);
}

#[test]
fn long_words_are_cut_in_texts_and_queries() {
    let long = "x".repeat(9_000);
    assert!(words(&long).all(|word| word.len() == MAX_WORD));
    assert!(words(&"ﷺ".repeat(200)).all(|word| word.chars().count() == MAX_WORD));
    assert!(finds(&"ﷺ".repeat(200), &"ﷺ".repeat(201)));
}

proptest! {
    #[test]
    fn a_text_is_found_by_each_beginning_of_its_words(text in "\\PC{0,40}", end in 1usize..9) {
        // What the compatible form of a letter has beside letters separates words in a query.
        for word in words(&text).filter(|word| word.chars().all(char::is_alphanumeric)) {
            let beginning: String = word.chars().take(end).collect();
            if let Ok(query) = SearchQuery::parse(&beginning) {
                prop_assert!(query.words().count() > 1 || query.matches(&task_words(&text)), "{beginning:?}");
            }
        }
    }

    #[test]
    fn words_do_not_depend_on_the_form_of_the_text(text in "[\\p{L}\\p{M} ]{0,40}") {
        let composed: String = text.nfc().collect();
        let decomposed: String = text.nfd().collect();
        prop_assert_eq!(task_words(&composed), task_words(&decomposed));
    }

    #[test]
    fn search_words_reduce_to_the_same_matches(text in "[a-c ]{0,12}", query in "[a-c ]{1,8}") {
        prop_assume!(query.trim() != "");
        let query = SearchQuery::parse(&query).unwrap();
        let words = task_words(&text);
        let reduced = query.words().all(|word| words.iter().any(|other| other.starts_with(word)));
        prop_assert_eq!(query.matches(&words), reduced);
    }

    #[test]
    fn no_word_is_empty_or_has_a_space(text in "\\PC{0,40}") {
        prop_assert!(words(&text).all(|word| !word.is_empty() && !word.contains(' ')));
    }
}

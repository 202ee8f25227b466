//! Which words are found by which.

use super::shared::{Ports, found, given_described, given_project, given_titled};
use crate::builders::{title, unicode};
use fasttrack_domain::{
    search::{SearchQuery, SearchWords},
    text::Description,
};

/// Texts, what finds each of them, and what doesn't.
const TEXTS: [(&str, &[&str], &[&str]); 17] = [
    ("Paint the fence", &["p", "PAINT", "fen the", "fence paint"], &["aint", "fences", "paint door"]),
    ("Crème brûlée, s'il vous plaît", &["creme", "BRULEE", "bru cr", "crème s"], &["brulees", "sil"]),
    ("Straße 17 – Größe", &["strasse", "STRASSE", "Straße", "grosse", "17"], &["strase", "7"]),
    ("Smørrebrød", &["smør", "SMØRRE"], &["smor", "smo"]),
    ("Οδυσσεύς ΟΔΟΣ", &["οδυσσευσ", "ΟΔΥΣ", "οδος", "οδοσ"], &["υς"]),
    ("Ёлка в лесу", &["елка", "ЁЛКА", "лес в"], &["лка", "лесуй"]),
    ("漢字かなカナ東京", &["字", "漢", "な", "ナ", "京 東", "東京", "か漢"], &["本", "漢本"]),
    ("한국어 공부", &["한국어", "한국", "공부 한"], &["국어", "일본"]),
    ("مُحَمَّد يكتب", &["محمد", "محم", "يكتب"], &["حمد"]),
    ("שָׁלוֹם עולם", &["שלום", "עול"], &["לום"]),
    ("हिन्दी में लिखो", &["हनद", "लख", "हिन्दी"], &["नद"]),
    ("ภาษาไทย", &["ภาษา", "ภาษาไทย"], &["ไทย"]),
    ("İstanbul ıssız ﬁre ＡＢＣ ① Ⅷ ²", &["istanbul", "ıss", "fire", "abc", "1", "viii", "2"], &["issiz", "bc"]),
    ("v1.2.3-rc_4 a/b", &["v1", "2", "rc", "4", "a b", "v1 3"], &["rc4", "ab"]),
    ("don't \"quote\" 'this' \\ that", &["don", "t", "quote this", "'that'", "\"quote\""], &["dont", "quotes"]),
    ("AND OR NOT NEAR", &["and", "OR not", "near"], &["nearby", "xor"]),
    ("e\u{301}te\u{301} 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 🦀crab", &["été", "ETE", "unicode", "crab"], &["te", "code"]),
];

/// Latin, Greek, Cyrillic, Han, kana, Hangul, Arabic, Hebrew, Devanagari and Thai, in titles and in descriptions.
pub(super) async fn words_of_many_scripts_are_found(ports: &Ports) {
    let (of_titles, of_descriptions) = (given_project(ports).await, given_project(ports).await);
    let mut tasks = Vec::new();
    for (text, ..) in TEXTS {
        let titled = given_titled(ports, of_titles, text).await;
        tasks.push((titled.id, given_described(ports, of_descriptions, text).await.id));
    }
    for ((text, finding, missing), (titled, described)) in TEXTS.into_iter().zip(tasks) {
        for query in finding {
            assert!(found(ports, of_titles, query).await.contains(&titled), "{query} in the title {text}");
            assert!(
                found(ports, of_descriptions, query).await.contains(&described),
                "{query} in the description {text}"
            );
        }
        for query in missing {
            assert!(!found(ports, of_titles, query).await.contains(&titled), "{query} in the title {text}");
            assert!(!found(ports, of_descriptions, query).await.contains(&described), "{query} in {text}");
        }
    }
}

/// For each text and each query of the others: storage finds what the domain says.
pub(super) async fn storage_and_domain_find_the_same(ports: &Ports) {
    let project = given_project(ports).await;
    let mut tasks = Vec::new();
    for (text, ..) in TEXTS {
        tasks.push((given_titled(ports, project, text).await.id, SearchWords::of(&title(text), None)));
    }
    for query in TEXTS.into_iter().flat_map(|(_, finding, missing)| finding.iter().chain(missing)) {
        let parsed = SearchQuery::parse(query).unwrap();
        let expected: Vec<_> = tasks.iter().filter(|(_, words)| parsed.matches(words)).map(|(id, _)| *id).collect();
        assert_eq!(found(ports, project, query).await, expected, "{query}");
    }
}

/// What another query language has a meaning for is text here.
pub(super) async fn operators_are_no_part_of_a_query(ports: &Ports) {
    let project = given_project(ports).await;
    let fence = given_titled(ports, project, "fence").await.id;
    let both = given_titled(ports, project, "fence or paint near 5").await.id;
    for query in [
        "fence*",
        "\"fence\"",
        "\"fence",
        "'fence'",
        "fence'",
        "^fence",
        "(fence",
        "fence)",
        "-fence",
        "+fence",
        "fence:*",
        "fence!",
        "!fence",
        "fence|",
        "&fence",
        "fence\\",
        "\\fence",
        "{fence} :",
        "#fence",
        "@fence",
        "fence;--",
        "$1 fence",
        "fence%",
        "fence_",
        "<fence>",
        "fence\u{1}",
        "\u{a0}fence\u{2003}",
    ] {
        let expected = if query.contains('1') { vec![] } else { vec![fence, both] };
        assert_eq!(found(ports, project, query).await, expected, "{query:?}");
    }
    for query in ["fence OR paint", "near paint", "NEAR(fence paint, 5)", "paint | fence"] {
        assert_eq!(found(ports, project, query).await, [both], "{query:?}");
    }
    for query in ["fence AND paint", "NOT fence", "fence AND or", "fence <-> paints"] {
        assert_eq!(found(ports, project, query).await, [], "{query:?}");
    }
}

/// Every beginning of it, of one character or many.
pub(super) async fn each_beginning_of_a_word_finds_it(ports: &Ports) {
    let project = given_project(ports).await;
    let word = "gartenzaunlackierung";
    let task = given_titled(ports, project, &format!("Die {word}!")).await.id;
    given_titled(ports, project, "garten zaun lackierung").await;
    for end in 7..=word.len() {
        assert_eq!(found(ports, project, &word[..end]).await, [task], "{end}");
    }
    for end in 1..=6 {
        assert_eq!(found(ports, project, &word[..end]).await.len(), 2, "{end}");
    }
    assert_eq!(found(ports, project, &format!("{word}s")).await, []);
}

/// Some of the words may be in the title, the others in the description, in any order and number.
pub(super) async fn all_words_of_a_query_are_needed(ports: &Ports) {
    let project = given_project(ports).await;
    let task = given_described(ports, project, "Red paint, red brush").await.id;
    for query in ["red", "brush other red", "r r r", "re red paint pa o", "OTHER: brush"] {
        assert_eq!(found(ports, project, query).await, [task], "{query}");
    }
    for query in ["red green", "other others", "brushes red"] {
        assert_eq!(found(ports, project, query).await, [], "{query}");
    }
}

/// A description of 10,000 characters in thousands of words, and words of thousands of characters.
pub(super) async fn longest_texts_are_found(ports: &Ports) {
    let project = given_project(ports).await;
    let many: Vec<_> = (0..1_700).map(|n| format!("w{n}")).collect();
    let many = given_described(ports, project, &many.join(" ")).await.id;
    let long = given_described(ports, project, &"ǆ".repeat(Description::MAX)).await.id;
    let strange = given_described(ports, project, &unicode(Description::MAX)).await.id;
    for query in ["w0", "w1699", "w17 w18 w19 w20 w1000"] {
        assert_eq!(found(ports, project, query).await, [many], "{query}");
    }
    assert_eq!(found(ports, project, "w1700").await, []);
    // A character of it becomes two letters.
    let cut = "dž".repeat(100);
    assert_eq!(found(ports, project, &cut).await, [long]);
    assert_eq!(found(ports, project, &"ǆ".repeat(SearchQuery::MAX)).await, [long]);
    assert_eq!(found(ports, project, "漢 azes").await, [strange]);
}

//! The context of a task: the task, its specs, then the decisions and norms of all of these.

use super::{
    document::{Document, Kind},
    library::Library,
};
use crate::outcome::Outcome;
use serde_json::json;

/// Characters per token, roughly right for English and code.
const CHARACTERS_PER_TOKEN: usize = 4;

/// Options of the command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    json: bool,
    /// The maximum of tokens to print.
    budget: Option<usize>,
}

impl Options {
    /// Parses the command line; `None` if it is invalid.
    pub(crate) fn parse(arguments: &[&str]) -> Option<Self> {
        match arguments {
            [] => Some(Self::default()),
            ["--json", rest @ ..] => Some(Self { json: true, ..Self::parse(rest)? }),
            ["--budget", tokens, rest @ ..] => Some(Self { budget: Some(tokens.parse().ok()?), ..Self::parse(rest)? }),
            _ => None,
        }
    }
}

/// Prints the context of a document within the budget. Documents that don't fit are only named. Fails if there is no
/// such document, or if not even the names fit.
pub(super) fn assemble(library: &Library, id: &str, options: Options) -> Outcome<String> {
    let documents = linked(library, id)?;
    let budget = options.budget.unwrap_or(library.config.context.max_tokens);
    let form = if options.json { Form::JSON } else { Form::TEXT };
    let pieces: Vec<_> = documents.iter().map(|document| ((form.whole)(document), (form.named)(document))).collect();
    let cost = |piece: &str| piece.chars().count() + form.separator.len();

    let mut used = form.begin.len() + form.end.len() + pieces.iter().map(|(_, named)| cost(named)).sum::<usize>();
    if used > budget.saturating_mul(CHARACTERS_PER_TOKEN) {
        let needed = used.div_ceil(CHARACTERS_PER_TOKEN);
        return Err(format!("a budget of {budget} tokens is too small to name what {id} links to: {needed}").into());
    }
    let mut chosen = Vec::new();
    for (whole, named) in &pieces {
        let with_whole = used - cost(named) + cost(whole);
        let fits = with_whole <= budget.saturating_mul(CHARACTERS_PER_TOKEN);
        if fits {
            used = with_whole;
        }
        chosen.push(if fits { whole.as_str() } else { named.as_str() });
    }
    Ok([form.begin, &chosen.join(form.separator), form.end].concat())
}

/// The document and those that it links to, directly or by a spec, each once.
fn linked<'a>(library: &'a Library, id: &str) -> Outcome<Vec<&'a Document>> {
    let find = |id: &str| library.find(id).ok_or_else(|| format!("there is no document {id}"));
    let mut found = vec![find(id)?];
    for kind in [Kind::Spec, Kind::Decision, Kind::Norm] {
        let links: Vec<_> = found.iter().flat_map(|document| &document.links).map(|link| &link.value).collect();
        for (_, id) in links.into_iter().filter(|(other, _)| *other == kind) {
            let document = find(id)?;
            if !found.iter().any(|other| other.id == document.id) {
                found.push(document);
            }
        }
    }
    Ok(found)
}

/// Formats documents one after the other.
struct Form {
    begin: &'static str,
    separator: &'static str,
    end: &'static str,
    whole: fn(&Document) -> String,
    named: fn(&Document) -> String,
}

impl Form {
    const TEXT: Self = Self {
        begin: "",
        separator: "\n",
        end: "",
        whole: |document| format!("── {} ──\n{}", title(document), document.text),
        named: |document| {
            format!("── {} ── left out: {} tokens, {}\n", title(document), tokens(document), document.path)
        },
    };
    const JSON: Self = Self {
        begin: "[",
        separator: ",\n",
        end: "]\n",
        whole: |document| json(document, Some(&document.text)),
        named: |document| json(document, None),
    };
}

fn title(document: &Document) -> String {
    format!("{} {}: {}", document.kind.word(), document.id, document.title)
}

fn tokens(document: &Document) -> usize {
    document.text.chars().count().div_ceil(CHARACTERS_PER_TOKEN)
}

fn json(document: &Document, text: Option<&str>) -> String {
    let Document { kind, id, title, path, .. } = document;
    json!({
        "kind": kind.word(), "id": id, "title": title, "path": path, "tokens": tokens(document), "text": text,
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::specs::fixture::{NORM, Repository, SPEC, TASK};
    use serde_json::Value;

    fn options(arguments: &[&str]) -> Options {
        Options::parse(arguments).unwrap()
    }

    fn assembled(id: &str, arguments: &[&str]) -> String {
        assemble(&Repository::new().library(), id, options(arguments)).unwrap()
    }

    fn ids(context: &str) -> Vec<String> {
        let documents: Vec<Value> = serde_json::from_str(context).unwrap();
        documents.iter().map(|document| document["id"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn task_precedes_specs_decisions_and_norms() {
        let context = assembled("TASK-001", &[]);
        let places = [
            "── task TASK-001: Snow ──\n---\nid: TASK-001",
            "── spec SPEC-001",
            "── decision DEC-001",
            "── norm NORM-ONE-001",
        ]
        .map(|title| context.find(title).unwrap());
        assert!(places.is_sorted(), "{context}");
        assert!(context.contains("- WHEN it rains\n- THEN it is wet\n"), "{context}");
        assert_eq!(ids(&assembled("TASK-001", &["--json"])), ["TASK-001", "SPEC-001", "DEC-001", "NORM-ONE-001"]);
    }

    #[test]
    fn document_linked_twice_is_printed_once() {
        let repository = Repository::new();
        repository.edit(TASK, "specs: [SPEC-001]", "specs: [SPEC-001]\nnorms: [NORM-ONE-001]");
        let context = assemble(&repository.library(), "TASK-001", options(&["--json"])).unwrap();
        assert_eq!(ids(&context), ["TASK-001", "SPEC-001", "DEC-001", "NORM-ONE-001"]);
    }

    #[test]
    fn every_document_has_a_context_and_unknown_id_is_refused() {
        assert_eq!(ids(&assembled("SPEC-001", &["--json"])), ["SPEC-001", "DEC-001", "NORM-ONE-001"]);
        assert_eq!(ids(&assembled("NORM-ONE-001", &["--json"])), ["NORM-ONE-001"]);
        let error = assemble(&Repository::new().library(), "TASK-002", Options::default()).unwrap_err();
        assert_eq!(error.to_string(), "there is no document TASK-002");
    }

    #[test]
    fn json_contains_whole_documents() {
        let documents: Vec<Value> = serde_json::from_str(&assembled("SPEC-001", &["--json"])).unwrap();
        let spec = &documents[0];
        assert_eq!((&spec["kind"], &spec["title"], &spec["path"]), (&"spec".into(), &"Rain".into(), &SPEC.into()));
        assert!(spec["text"].as_str().unwrap().ends_with("rain_is_wet`\n"));
    }

    #[test]
    fn budget_is_kept_and_omitted_documents_are_named() {
        let library = Repository::new().library();
        for form in [&[][..], &["--json"]] {
            let mut fewest_left_out = usize::MAX;
            for budget in 1..500_usize {
                let options = Options { budget: Some(budget), ..options(form) };
                let Ok(context) = assemble(&library, "TASK-001", options) else {
                    continue;
                };
                assert!(context.chars().count() <= budget * CHARACTERS_PER_TOKEN, "{budget}: {context}");
                for id in ["TASK-001", "SPEC-001", "DEC-001", "NORM-ONE-001"] {
                    assert!(context.contains(id), "{budget}: {context}");
                }
                let left_out = context.matches("left out:").count() + context.matches("\"text\":null").count();
                fewest_left_out = fewest_left_out.min(left_out);
            }
            assert_eq!(fewest_left_out, 0);
        }
    }

    #[test]
    fn small_document_is_printed_after_one_that_does_not_fit() {
        let repository = Repository::new();
        repository.edit(SPEC, "it is wet", &"it is wet ".repeat(1000));
        let context = assemble(&repository.library(), "TASK-001", Options::default()).unwrap();
        assert!(context.contains("── spec SPEC-001: Rain ── left out: 25"), "{context}");
        assert!(context.contains(SPEC) && context.contains("Drops.") && !context.contains(NORM), "{context}");
    }

    #[test]
    fn budget_too_small_for_names_is_an_error() {
        let error = assemble(&Repository::new().library(), "TASK-001", options(&["--budget", "10"])).unwrap_err();
        assert!(error.to_string().starts_with("a budget of 10 tokens is too small"), "{error}");
    }

    #[test]
    fn options_have_any_order_and_unknown_ones_are_refused() {
        let both = Some(Options { json: true, budget: Some(5) });
        assert_eq!(Options::parse(&["--budget", "5", "--json"]), both);
        assert_eq!(Options::parse(&["--json", "--budget", "5"]), both);
        for wrong in [&["--budget"][..], &["--budget", "-1"], &["--budget", "many"], &["--yaml"], &["TASK-002"]] {
            assert_eq!(Options::parse(wrong), None, "{wrong:?}");
        }
    }
}

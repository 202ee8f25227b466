use std::{
    collections::{BTreeMap, BTreeSet},
    str::Chars,
};

/// The metrics at one moment, parsed strictly by version 0.0.4 of the text format.
#[derive(Clone, Debug, Default)]
pub struct Scrape {
    /// Counters, gauges and histograms by name.
    pub families: BTreeMap<String, Family>,
}

/// All series of a metric, with its type and description.
#[derive(Clone, Debug)]
pub struct Family {
    /// The type: `counter`, `gauge` or `histogram`.
    pub kind: String,
    pub help: String,
    samples: BTreeMap<(String, Labels), f64>,
}

type Labels = BTreeMap<String, String>;

impl Scrape {
    /// Parses a response of `/metrics`.
    ///
    /// If the text is malformed.
    pub fn read(text: &str) -> Self {
        let mut families = BTreeMap::<String, Family>::new();
        let mut help = None;
        let mut current = String::new();
        assert!(text.ends_with('\n'), "the last line ends");
        for line in text.lines().filter(|line| !line.is_empty()) {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                help = Some(rest.split_once(' ').expect(line));
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').expect(line);
                let (described, help) = help.take().unwrap_or_else(|| panic!("no help before: {line}"));
                assert_eq!(described, name);
                assert!(["counter", "gauge", "histogram"].contains(&kind) && is_name(name), "{line}");
                assert!(kind != "counter" || name.ends_with("_total"), "{line}");
                name.clone_into(&mut current);
                let family = Family { kind: kind.to_owned(), help: help.to_owned(), samples: BTreeMap::new() };
                assert!(families.insert(current.clone(), family).is_none(), "once only: {line}");
            } else {
                let (name, labels, value) = sample(line).unwrap_or_else(|| panic!("not a sample: {line}"));
                let family = families.get_mut(&current).expect(line);
                let suffix = name.strip_prefix(&current).unwrap_or_else(|| panic!("not of {current}: {line}"));
                let is_histogram = family.kind == "histogram";
                let suffixes: &[&str] = if is_histogram { &["_bucket", "_sum", "_count"] } else { &[""] };
                assert!(suffixes.contains(&suffix), "not of {current}: {line}");
                assert!(family.kind == "gauge" || value >= 0.0, "{line}");
                assert!(family.samples.insert((name, labels), value).is_none(), "twice: {line}");
            }
        }
        for (name, family) in &families {
            assert!(!family.samples.is_empty(), "{name} has no samples");
            if family.kind == "histogram" {
                family.check_buckets(name);
            }
        }
        Self { families }
    }

    /// The sum of all samples of this name that have at least these labels. For a histogram, name its `x_count`.
    ///
    /// # Panics
    ///
    /// If it is no integer.
    pub fn count(&self, name: &str, labels: &[(&str, &str)]) -> i64 {
        let has = |of: &Labels| labels.iter().all(|(label, value)| of.get(*label).is_some_and(|is| is == value));
        let samples = self.families.values().flat_map(|family| &family.samples);
        let sum: f64 = samples.filter(|((is, of), _)| is == name && has(of)).map(|(_, value)| value).sum();
        sum.to_string().parse().unwrap_or_else(|_| panic!("{name} {labels:?} is {sum}"))
    }

    /// The names of all samples.
    pub fn names(&self) -> BTreeSet<&str> {
        self.families.values().flat_map(|family| family.samples.keys()).map(|(name, _)| name.as_str()).collect()
    }

    /// All values of a label.
    pub fn values(&self, name: &str, label: &str) -> BTreeSet<&str> {
        let samples = self.families.get(name).into_iter().flat_map(|family| family.samples.keys());
        samples.filter_map(|(_, labels)| labels.get(label).map(String::as_str)).collect()
    }
}

impl Family {
    /// The names of its labels, except `le`.
    pub fn labels(&self) -> BTreeSet<&str> {
        self.samples.keys().flat_map(|(_, labels)| labels.keys().map(String::as_str)).filter(|le| *le != "le").collect()
    }

    /// The number of its samples.
    pub fn series(&self) -> usize {
        self.samples.len()
    }

    /// Checks that each series has ascending buckets, the last of which equals the count, and a sum.
    fn check_buckets(&self, family: &str) {
        let mut series = BTreeMap::<Labels, Vec<(f64, f64)>>::new();
        for ((name, labels), count) in &self.samples {
            let mut labels = labels.clone();
            if let Some(bound) = labels.remove("le") {
                assert_eq!(*name, format!("{family}_bucket"));
                series.entry(labels).or_default().push((number(&bound).unwrap(), *count));
            }
        }
        assert!(!series.is_empty(), "{family} has no buckets");
        for (labels, mut buckets) in series {
            buckets.sort_by(|one, other| one.0.total_cmp(&other.0));
            assert!(buckets.is_sorted_by(|one, other| one.0 < other.0 && one.1 <= other.1), "{family} {labels:?}");
            let value = |suffix| self.samples.get(&(format!("{family}{suffix}"), labels.clone())).copied();
            let last = buckets.last().copied().map(|(bound, count)| (bound, Some(count)));
            assert_eq!(last, Some((f64::INFINITY, value("_count"))), "{family} {labels:?}");
            assert!(value("_sum").is_some(), "{family} {labels:?}");
        }
    }
}

fn is_name(name: &str) -> bool {
    !name.starts_with(|first: char| first.is_ascii_digit())
        && !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn number(text: &str) -> Option<f64> {
    if text == "+Inf" { Some(f64::INFINITY) } else { text.parse().ok().filter(|value: &f64| value.is_finite()) }
}

/// Parses a sample: `name{label="value",…} number`, without a time.
fn sample(line: &str) -> Option<(String, Labels, f64)> {
    let end = line.find(['{', ' '])?;
    let (name, rest) = line.split_at(end);
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(rest) => {
            let mut rest = rest.chars();
            (labels(&mut rest)?, rest.as_str())
        }
        None => (Labels::new(), rest),
    };
    Some((name.to_owned(), labels, number(rest.strip_prefix(' ')?)?)).filter(|_| is_name(name))
}

/// Parses labels up to the closing brace, which it consumes.
fn labels(rest: &mut Chars<'_>) -> Option<Labels> {
    let mut labels = Labels::new();
    loop {
        let (name, value) = rest.as_str().split_once("=\"")?;
        let mut value = value.chars();
        let mut text = String::new();
        loop {
            match value.next()? {
                '"' => break,
                '\\' => text.push(match value.next()? {
                    'n' => '\n',
                    escaped @ ('"' | '\\') => escaped,
                    _ => return None,
                }),
                c => text.push(c),
            }
        }
        if !is_name(name) || labels.insert(name.to_owned(), text).is_some() {
            return None;
        }
        *rest = value;
        match rest.next()? {
            ',' => {}
            '}' => return Some(labels),
            _ => return None,
        }
    }
}

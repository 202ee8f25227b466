//! Decides which figures grew.

use super::{
    figure::{Bound, Trend, bound},
    sample::Sample,
};
use std::collections::{BTreeMap, BTreeSet};

/// A process that ran for less doesn't show a trend, in seconds.
const SHORTEST_LIFE: f64 = 120.0;

/// What is left out of each process at least, while its caches fill, in seconds.
const SHORTEST_WARM_UP: f64 = 30.0;

/// What became of a figure.
#[derive(Clone, Debug)]
pub(super) struct Verdict {
    pub(super) figure: String,
    /// The medians of the second and of the last quarter of the run.
    pub(super) early: f64,
    pub(super) late: f64,
    /// `None` where the run was too short to know.
    pub(super) growth: Option<f64>,
    pub(super) bound: f64,
}

impl Verdict {
    pub(super) fn is_flat(&self) -> bool {
        self.growth.is_none_or(|growth| growth <= self.bound)
    }
}

/// Judges each figure of a run of so many seconds. Its first quarter is the warm-up.
pub(super) fn judge(samples: &[Sample], duration: f64) -> Vec<Verdict> {
    let figures: BTreeSet<_> = samples.iter().flat_map(|sample| sample.values.keys()).collect();
    figures.into_iter().map(|figure| verdict(samples, duration, figure)).collect()
}

fn verdict(samples: &[Sample], duration: f64, figure: &str) -> Verdict {
    let Bound { trend, absolute, share } = bound(figure);
    let values = |from: f64, until: f64| {
        let samples = samples.iter().filter(move |sample| (from * duration..until * duration).contains(&sample.at));
        samples.filter_map(move |sample| sample.values.get(figure).copied())
    };
    // Samples are a little late.
    let end = f64::INFINITY;
    let lowest = |from: f64, until: f64| values(from, until).min_by(f64::total_cmp);
    let early = median(values(0.25, 0.5).collect()).unwrap_or_default();
    let growth = match trend {
        Trend::Process => growth_in_processes(samples, duration, figure),
        // Of the first and the last third of what isn't warm-up.
        Trend::Lowest => lowest(0.75, end).zip(lowest(0.25, 0.5)).map(|(last, first)| last - first),
        Trend::Never => values(0.0, end).max_by(f64::total_cmp),
    };
    let late = median(values(0.75, end).collect()).unwrap_or_default();
    Verdict { figure: figure.to_owned(), early, late, growth, bound: absolute.max(share * early) }
}

/// The growth in the longest life of a process, by the median of the slopes between any two samples of one process
/// (Theil–Sen). A quarter of each life is left out, and all that is before the end of the warm-up.
fn growth_in_processes(samples: &[Sample], duration: f64, figure: &str) -> Option<f64> {
    let mut lives = BTreeMap::<usize, Vec<(f64, f64)>>::new();
    for sample in samples.iter().filter(|sample| sample.at >= duration / 4.0) {
        if let Some(value) = sample.values.get(figure) {
            lives.entry(sample.process).or_default().push((sample.age, *value));
        }
    }
    let (mut slopes, mut longest) = (Vec::new(), 0.0_f64);
    for life in lives.into_values() {
        let end = life.last().map_or(0.0, |(age, _)| *age);
        if end < SHORTEST_LIFE {
            continue;
        }
        let warm_up = (end / 4.0).max(SHORTEST_WARM_UP);
        let points: Vec<_> = life.into_iter().filter(|(age, _)| *age >= warm_up).collect();
        for (index, (age, value)) in points.iter().enumerate() {
            let later = points[index + 1..].iter().filter(|(later, _)| later > age);
            slopes.extend(later.map(|(later_age, later_value)| (later_value - value) / (later_age - age)));
        }
        longest = longest.max(end - warm_up);
    }
    median(slopes).map(|slope| slope * longest)
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    let middle = values.len() / 2;
    if values.is_empty() {
        return None;
    }
    Some(*values.select_nth_unstable_by(middle, f64::total_cmp).1)
}

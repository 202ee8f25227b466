//! Where more load stops to help.

/// How near to the highest rate counts as reached.
const SHARE: f64 = 0.9;

/// The first of rising loads whose rate is nearly the highest: more load only waits longer. `None` where nothing was done.
pub(super) fn knee<T>(loads: &[T], rate: impl Fn(&T) -> f64) -> Option<&T> {
    let highest = loads.iter().map(&rate).fold(0.0, f64::max);
    loads.iter().find(|load| highest > 0.0 && rate(load) >= SHARE * highest)
}

/// The load with the highest rate of those that keep up.
pub(super) fn highest<T>(
    loads: impl IntoIterator<Item = T>,
    keeps_up: impl Fn(&T) -> bool,
    rate: impl Fn(&T) -> f64,
) -> Option<T> {
    loads.into_iter().filter(keeps_up).max_by(|one, other| rate(one).total_cmp(&rate(other)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knee_is_where_the_rate_ceases_to_rise() {
        let loads = [(8, 400.0), (16, 800.0), (32, 1450.0), (64, 1600.0), (128, 1550.0)];
        assert_eq!(knee(&loads, |load| load.1), Some(&(32, 1450.0)));
    }

    #[test]
    fn rate_that_rises_throughout_has_its_knee_at_the_end() {
        assert_eq!(knee(&[100.0, 200.0, 400.0], |rate| *rate), Some(&400.0));
    }

    #[test]
    fn rate_that_only_falls_has_its_knee_at_the_beginning() {
        assert_eq!(knee(&[400.0, 300.0], |rate| *rate), Some(&400.0));
    }

    #[test]
    fn without_work_there_is_no_knee() {
        assert_eq!(knee(&[0.0, 0.0], |rate| *rate), None);
        assert_eq!(knee(&[], |rate: &f64| *rate), None);
    }

    #[test]
    fn highest_rate_is_of_those_that_keep_up() {
        let loads = [(100.0, 0.0), (300.0, 0.9), (500.0, 4.0), (200.0, 0.1)];
        assert_eq!(highest(loads, |load| load.1 <= 1.0, |load| load.0), Some((300.0, 0.9)));
        assert_eq!(highest(loads, |load| load.1 > 9.0, |load| load.0), None);
    }
}

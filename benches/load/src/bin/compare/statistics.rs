//! Median and spread of a few figures.

/// The median, and the least and the greatest, of some figures.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) greatest: f64,
}

impl Spread {
    /// Nothing when there are no figures.
    pub(crate) fn of(figures: impl Iterator<Item = f64>) -> Option<Self> {
        let mut figures: Vec<_> = figures.collect();
        figures.sort_by(f64::total_cmp);
        let (least, greatest) = (*figures.first()?, *figures.last()?);
        let middle = figures.len() / 2;
        let median =
            if figures.len() % 2 == 1 { figures[middle] } else { (figures[middle - 1] + figures[middle]) / 2.0 };
        Some(Self { median, least, greatest })
    }

    /// `median (least–greatest)` with `digits` after the point.
    pub(crate) fn text(self, digits: usize) -> String {
        format!("{:.digits$} ({:.digits$}–{:.digits$})", self.median, self.least, self.greatest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_lies_in_the_middle() {
        assert_eq!(Spread::of([3.0, 1.0, 2.0].into_iter()).unwrap().median.to_bits(), 2.0_f64.to_bits());
        assert_eq!(Spread::of([4.0, 1.0].into_iter()).unwrap().text(1), "2.5 (1.0–4.0)");
        assert!(Spread::of(std::iter::empty()).is_none());
    }
}

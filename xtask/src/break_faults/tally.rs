//! What came of a fault's rounds, and the table of all faults.

use std::fmt;
use std::time::Duration;

use super::ledger::Verdict;

/// What came of all rounds of one fault.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Rounds that came to their end.
    pub rounds: usize,
    acknowledged: usize,
    refused: usize,
    unknown: usize,
    lost: usize,
    phantom: usize,
    recoveries: Vec<Duration>,
    notes: Vec<(String, usize)>,
}

/// The names of the figures of a line of the table.
pub const HEADING: &str = "engine    fault          rounds acknowledged  refused  unknown  lost phantom  recovered after \
                           (median, longest)";

impl Tally {
    /// Counts an answer or what was read back.
    ///
    /// # Errors
    /// When a client got an answer that fits no state.
    pub fn count(&mut self, verdict: Verdict) -> anyhow::Result<()> {
        match verdict {
            Verdict::Acknowledged => self.acknowledged += 1,
            Verdict::Refused => self.refused += 1,
            Verdict::Unknown => self.unknown += 1,
            Verdict::Kept => {}
            Verdict::Lost => self.lost += 1,
            Verdict::Phantom => self.phantom += 1,
            Verdict::Strange(status) => anyhow::bail!("a client was answered {status}, which fits no state"),
        }
        Ok(())
    }

    /// Notes how long it took from the end of a fault to the first write that was acknowledged.
    pub fn recovered(&mut self, after: Duration) {
        self.recoveries.push(after);
    }

    /// Counts something that has no column, to be told below the table.
    pub fn note(&mut self, what: &str) {
        match self.notes.iter_mut().find(|(known, _)| known == what) {
            Some((_, times)) => *times += 1,
            None => self.notes.push((what.to_owned(), 1)),
        }
    }

    /// What has no column, with how often it was seen.
    pub fn notes(&self) -> impl Iterator<Item = String> {
        self.notes.iter().map(|(what, times)| format!("{times} x {what}"))
    }

    /// Whether nothing was lost and nothing appeared so far.
    pub fn is_clean(&self) -> bool {
        self.lost == 0 && self.phantom == 0
    }

    /// Whether every acknowledged write was kept and nothing else appeared, and the test had something to test.
    pub fn holds(&self) -> bool {
        self.is_clean() && self.acknowledged > 0 && self.rounds > 0
    }
}

/// The figures of a line of the table, in the order of [`HEADING`].
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rounds, acknowledged, refused, unknown, lost, phantom, .. } = self;
        write!(f, "{rounds:>6} {acknowledged:>12} {refused:>8} {unknown:>8} {lost:>5} {phantom:>7}")?;
        let mut sorted = self.recoveries.clone();
        sorted.sort_unstable();
        match (sorted.get(sorted.len() / 2), sorted.last()) {
            (Some(median), Some(longest)) => {
                write!(f, "  {:>6.2} s {:>6.2} s", median.as_secs_f64(), longest.as_secs_f64())
            }
            _ => write!(f, "       -        -"),
        }
    }
}

#[cfg(test)]
mod tests {
    use hyper::StatusCode;

    use super::*;

    #[test]
    fn a_tally_that_saw_nothing_does_not_hold() {
        let mut tally = Tally { rounds: 1, ..Tally::default() };
        assert!(!tally.holds());
        tally.count(Verdict::Acknowledged).unwrap();
        assert!(tally.holds());
        assert!(tally.count(Verdict::Strange(StatusCode::IM_A_TEAPOT)).is_err());
        tally.count(Verdict::Lost).unwrap();
        assert!(!tally.holds());
    }

    #[test]
    fn a_line_has_the_figures_of_the_heading() {
        let mut tally = Tally { rounds: 3, acknowledged: 70, refused: 6, unknown: 5, ..Tally::default() };
        for millis in [900, 100, 250] {
            tally.recovered(Duration::from_millis(millis));
        }
        let words: Vec<_> = tally.to_string().split_whitespace().map(str::to_owned).collect();
        assert_eq!(words, ["3", "70", "6", "5", "0", "0", "0.25", "s", "0.90", "s"]);
        tally.note("start refused");
        tally.note("start refused");
        assert_eq!(tally.notes().collect::<Vec<_>>(), ["2 x start refused"]);
    }
}

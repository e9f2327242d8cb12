//! The figures of a workload: what each contender took, and how it compares.

use crate::goal::Verdict;

/// What one contender took per item, in the workload's unit.
pub struct Figure {
    pub contender: &'static str,
    pub median: f64,
    pub least: f64,
    pub most: f64,
    pub ratio: f64,
    pub bytes: Option<f64>,
    /// The median of the workload's second measurement.
    pub beside: Option<f64>,
    pub note: Option<String>,
}

/// The figures of one workload.
pub struct Figures {
    pub workload: &'static str,
    pub about: String,
    pub reference: &'static str,
    pub unit: &'static str,
    /// What the second measurement is, where there is one.
    pub beside: Option<&'static str>,
    pub figures: Vec<Figure>,
    pub verdicts: Vec<Verdict>,
    pub notes: Vec<String>,
}

/// The figure with the least median among those that are wanted.
pub fn best(figures: &[Figure], wanted: impl Fn(&Figure) -> bool) -> Option<&Figure> {
    let wanted = figures.iter().filter(|one| wanted(one));
    wanted.min_by(|one, other| one.median.total_cmp(&other.median))
}

impl Figure {
    /// Puts together what a contender's rounds measured; its ratio is not known yet.
    pub fn new(contender: &'static str, mut times: Vec<f64>, beside: Vec<f64>) -> Self {
        times.sort_by(f64::total_cmp);
        Self {
            contender,
            median: median(&times),
            least: times[0],
            most: times[times.len() - 1],
            ratio: f64::NAN,
            bytes: None,
            beside: (!beside.is_empty()).then(|| {
                let mut beside = beside;
                beside.sort_by(f64::total_cmp);
                median(&beside)
            }),
            note: None,
        }
    }

    /// Whether the contender is neither entracte, nor a limit without a library, nor in Python, which
    /// is there for scale.
    pub fn is_peer(&self) -> bool {
        const NO_PEERS: [&str; 4] = ["raw", "CPython", "asyncio", "uvloop"];
        !self.contender.starts_with("entracte") && !NO_PEERS.contains(&self.contender)
    }
}

fn median(sorted: &[f64]) -> f64 {
    f64::midpoint(sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2])
}

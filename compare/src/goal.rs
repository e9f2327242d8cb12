//! What entracte wants to reach in a workload, and whether a run reached it.

use std::fmt;

use crate::figure::{Figure, best};

/// The contender that has goals.
pub const OURS: &str = "entracte";

/// Something that entracte wants to reach.
#[derive(Clone, Copy)]
pub enum Goal {
    /// At most the best peer's figure divided by this; 1 is to be ahead of every peer.
    TimesBestPeer(f64),
    /// At most the figure of the better form of tokio divided by this.
    TimesTokio(f64),
    /// At most this, in the workload's unit.
    AtMost(f64),
    /// At most the reference's figure times this.
    TimesReference(f64),
}

/// A goal and, where entracte and the contender it is held against took part, how it went.
pub struct Verdict {
    pub goal: String,
    /// What was reached, in the goal's own terms, and whether that is enough.
    pub outcome: Option<(f64, bool)>,
}

impl Goal {
    /// Holds our figure against the goal.
    pub fn judge(self, figures: &[Figure]) -> Verdict {
        let ours = figures.iter().find(|one| one.contender == OURS);
        let times = |other: Option<&Figure>| Some(other?.median / ours?.median);
        let outcome = match self {
            Self::TimesBestPeer(least) => {
                times(best(figures, Figure::is_peer)).map(|reached| (reached, reached >= least))
            }
            Self::TimesTokio(least) => {
                let tokio = best(figures, |one| one.contender.starts_with("tokio"));
                times(tokio).map(|reached| (reached, reached >= least))
            }
            Self::AtMost(most) => ours.map(|ours| (ours.median, ours.median <= most)),
            Self::TimesReference(most) => {
                let reached = ours
                    .map(|ours| ours.ratio)
                    .filter(|ratio| ratio.is_finite());
                reached.map(|reached| (reached, reached <= most))
            }
        };
        Verdict {
            goal: self.to_string(),
            outcome,
        }
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimesBestPeer(1.0) => f.write_str("ahead of every peer"),
            Self::TimesBestPeer(times) => write!(f, "at least {times} x the best peer"),
            Self::TimesTokio(1.0) => f.write_str("no slower than tokio"),
            Self::TimesTokio(times) => write!(f, "at least {times} x tokio"),
            Self::AtMost(most) => write!(f, "at most {most}"),
            Self::TimesReference(most) => write!(f, "at most {most} x the reference"),
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let goal = &self.goal;
        match self.outcome {
            Some((reached, true)) => write!(f, "goal: {goal}; reached {reached:.2}: met"),
            Some((reached, false)) => write!(f, "goal: {goal}; reached {reached:.2}: NOT met"),
            None => write!(f, "goal: {goal}; cannot be judged: not all took part"),
        }
    }
}

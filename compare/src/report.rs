//! Prints figures: a table for people, or one line of JSON for each figure.

use crate::figure::{Figure, Figures};
use crate::goal::{self, Verdict};
use crate::harness::Settings;

/// Where the figures go.
pub struct Output {
    json: bool,
    group: &'static str,
    /// entracte's medians at each depth of delegation, for the line that compares them.
    delegation: Vec<(&'static str, &'static str, f64)>,
}

impl Output {
    pub fn new(json: bool) -> Self {
        Self {
            json,
            group: "",
            delegation: Vec::new(),
        }
    }

    pub fn start(&mut self, group: &'static str, settings: Settings) {
        self.group = group;
        if !self.json {
            let rounds = settings.rounds;
            println!("{group}: per item, median of {rounds} rounds, all contenders in turn");
            match crate::python::version() {
                Ok(version) => println!("CPython is {version}"),
                Err(reason) => println!("CPython takes no part: {reason}"),
            }
        }
    }

    pub fn workload(&mut self, figures: &Figures) {
        for figure in &figures.figures {
            let ours = figure.contender.starts_with("entracte");
            if ours && figures.workload.starts_with("delegate-") {
                self.delegation
                    .push((figures.workload, figure.contender, figure.median));
            }
        }
        if self.json {
            for figure in &figures.figures {
                println!("{}", line_of_json(self.group, figures, figure));
            }
            // Who took no part is no figure, but whoever reads the figures should know.
            for note in &figures.notes {
                eprintln!("{}: {note}", figures.workload);
            }
        } else {
            table(figures);
        }
    }

    /// Prints what can be said only when every workload is done.
    pub fn end(&self) {
        if self.json {
            return;
        }
        for (_, contender, shallow) in self.delegation.iter().filter(|one| one.0 == "delegate-1") {
            let same = |one: &&(_, &str, _)| one.0 == "delegate-100" && one.1 == *contender;
            if let Some((_, _, deep)) = self.delegation.iter().find(same) {
                println!(
                    "{contender}: delegate-100 / delegate-1 = {:.2}",
                    deep / shallow
                );
            }
        }
    }
}

fn table(figures: &Figures) {
    println!("\n{}: {}", figures.workload, figures.about);
    let with_bytes = figures.figures.iter().any(|figure| figure.bytes.is_some());
    let bytes_title = if with_bytes { "  bytes each" } else { "" };
    let ratio_title = format!("/ {}", figures.reference);
    let beside_title = figures
        .beside
        .map_or(String::new(), |what| format!("  {what}"));
    println!(
        "  {:<24} {:>10} {:>21} {ratio_title:>15}{bytes_title}{beside_title}",
        "contender", figures.unit, "min..max"
    );
    for figure in &figures.figures {
        let Figure {
            contender,
            median,
            least,
            most,
            ratio,
            ..
        } = figure;
        let spread = format!("{least:.3}..{most:.3}");
        print!("  {contender:<24} {median:>10.3} {spread:>21} {ratio:>15.2}");
        if with_bytes {
            let bytes = figure
                .bytes
                .map_or("?".to_owned(), |bytes| format!("{bytes:.0}"));
            print!("{bytes:>12}");
        }
        if let Some(beside) = figure.beside {
            let width = beside_title.len();
            print!("{beside:>width$.0}");
        }
        println!(
            "{}",
            figure
                .note
                .as_ref()
                .map_or(String::new(), |note| format!("  ({note})"))
        );
    }
    for verdict in &figures.verdicts {
        println!("  {verdict}");
    }
    for note in &figures.notes {
        println!("  {note}");
    }
}

/// All names are plain ASCII words of this program, so nothing needs escaping.
fn line_of_json(group: &str, figures: &Figures, figure: &Figure) -> String {
    let Figures {
        workload,
        reference,
        unit,
        ..
    } = figures;
    let Figure {
        contender, median, ..
    } = figure;
    // JSON has no NaN: a figure that cannot be compared has a null ratio.
    let ratio = if figure.ratio.is_finite() {
        format!("{:.3}", figure.ratio)
    } else {
        "null".to_owned()
    };
    let bytes = figure
        .bytes
        .map_or(String::new(), |bytes| format!(",\"bytes\":{bytes:.0}"));
    let beside = match (figures.beside, figure.beside) {
        (Some(what), Some(beside)) => format!(",\"{what}\":{beside:.1}"),
        _ => String::new(),
    };
    let goals = if *contender == goal::OURS {
        goals_of_json(&figures.verdicts)
    } else {
        String::new()
    };
    format!(
        "{{\"group\":\"{group}\",\"workload\":\"{workload}\",\"contender\":\"{contender}\",\
         \"{unit}\":{median:.4},\"ratio\":{ratio},\"reference\":\"{reference}\"{bytes}{beside}{goals}}}"
    )
}

fn goals_of_json(verdicts: &[Verdict]) -> String {
    let judged = verdicts.iter().filter_map(|verdict| {
        let Verdict { goal, outcome } = verdict;
        let (reached, met) = outcome.as_ref()?;
        Some(format!(
            "{{\"goal\":\"{goal}\",\"reached\":{reached:.3},\"met\":{met}}}"
        ))
    });
    let judged: Vec<String> = judged.collect();
    if judged.is_empty() {
        return String::new();
    }
    format!(",\"goals\":[{}]", judged.join(","))
}

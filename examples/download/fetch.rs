//! `download`: fetches one file, again and again if need be, each time from where it is.

use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::Duration;

use entracte::{shield, sleep, timeout};

use crate::part::Part;
use crate::progress::Item;
use crate::response::Response;
use crate::url::Url;

/// How many times a server may send us elsewhere.
const REDIRECTIONS: usize = 5;

/// How long to wait after a failure; twice as long after the next.
const PAUSE: Duration = Duration::from_millis(250);

/// What holds for all files.
pub(crate) struct Settings {
    pub(crate) force: bool,
    /// How long a server may say nothing.
    pub(crate) patience: Duration,
    /// How many failures in a row are too many.
    pub(crate) tries: usize,
}

/// What became of a file.
pub(crate) enum Fetched {
    Whole,
    /// This much was there before.
    Resumed(u64),
    WasThere,
}

/// Why a file was not fetched, and whether it is worth another try.
pub(crate) struct Failure {
    pub(crate) text: String,
    may_pass: bool,
}

impl Failure {
    fn final_one(text: impl Into<String>) -> Self {
        let (text, may_pass) = (text.into(), false);
        Self { text, may_pass }
    }

    fn of_the_way(text: impl Into<String>) -> Self {
        let (text, may_pass) = (text.into(), true);
        Self { text, may_pass }
    }
}

/// Writing failed; what fails on the way is told apart where it does.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::final_one(error.to_string())
    }
}

/// Fetches a file.
pub(crate) async fn download(
    url: &Url,
    target: &Path,
    item: &Item,
    settings: &Settings,
) -> Result<Fetched, Failure> {
    if !settings.force && target.symlink_metadata().is_ok() {
        return Ok(Fetched::WasThere);
    }
    let mut part = Part::open(target).await?;
    item.begin();
    let (mut failures, mut reached) = (0, 0);
    loop {
        let fetched = attempt(url, &mut part, item, settings.patience).await;
        if part.length() > reached {
            (failures, reached) = (0, part.length());
        }
        match fetched {
            Err(failure) if failure.may_pass && failures + 1 < settings.tries => {
                sleep(PAUSE * (1 << failures.min(6))).await;
                failures += 1;
            }
            Err(failure) => {
                part.leave().await?;
                return Err(failure);
            }
            fetched => return fetched,
        }
    }
}

async fn attempt(
    url: &Url,
    part: &mut Part,
    item: &Item,
    patience: Duration,
) -> Result<Fetched, Failure> {
    let mut response = ask(url, part, patience).await?;
    let resume = part.resume().map(|resume| resume.from);
    let (from, total) = match (response.status, resume) {
        (200, _) => {
            part.begin(response.tag()).await?;
            (0, response.length())
        }
        (206, Some(from)) => match response.range() {
            Some((first, total)) if first == from => (from, Some(total)),
            _ => {
                return Err(Failure::final_one(
                    "the server sent another part than asked for",
                ));
            }
        },
        // What is there is no beginning of what the server has.
        (416, Some(_)) => {
            part.begin(None).await?;
            return Err(Failure::of_the_way(response.said));
        }
        (408 | 429 | 500.., _) => return Err(Failure::of_the_way(response.said)),
        _ => return Err(Failure::final_one(response.said)),
    };
    item.go_on(from, total);
    while let Some(piece) = limited(patience, response.next()).await? {
        let length = piece.len() as u64;
        // A piece that a thread writes is written, whoever presses Ctrl-C meanwhile.
        shield(async {
            part.write(piece).await?;
            item.add(length);
            Ok::<(), Failure>(())
        })
        .await?;
    }
    if let Some(total) = total.filter(|total| *total != part.length()) {
        let text = format!("{} bytes came, of {total}", part.length());
        return Err(Failure::of_the_way(text));
    }
    shield(async {
        part.finish().await?;
        item.end();
        Ok(if from > 0 {
            Fetched::Resumed(from)
        } else {
            Fetched::Whole
        })
    })
    .await
}

/// Asks for what is missing, wherever the server sends us for it.
async fn ask(url: &Url, part: &Part, patience: Duration) -> Result<Response, Failure> {
    let mut url = url.clone();
    let resume = part.resume();
    for _ in 0..=REDIRECTIONS {
        let response = limited(patience, Response::of(&url, resume.as_ref())).await?;
        let location = response.field("location");
        match (response.status, location) {
            (301 | 302 | 303 | 307 | 308, Some(location)) => {
                let joined = url.join(location);
                url = joined.map_err(|error| {
                    Failure::final_one(format!("cannot follow to {location:?}: {error}"))
                })?;
            }
            _ => return Ok(response),
        }
    }
    Err(Failure::final_one("the server sends us round in circles"))
}

async fn limited<T>(
    patience: Duration,
    act: impl Future<Output = io::Result<T>>,
) -> Result<T, Failure> {
    match timeout(patience, act).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) if is_final(&error) => Err(Failure::final_one(error.to_string())),
        Ok(Err(error)) => Err(Failure::of_the_way(error.to_string())),
        Err(_) => {
            let text = format!("the server said nothing for {} seconds", patience.as_secs());
            Err(Failure::of_the_way(text))
        }
    }
}

/// Whether another try would fail as well.
fn is_final(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::InvalidData | ErrorKind::Unsupported
    )
}

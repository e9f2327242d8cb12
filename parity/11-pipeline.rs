//! A pipeline: a source sends through two filters into a sink.

use entracte::{BoxError, Co, Coroutine};

type Stage = Coroutine<'static, (), String, Result<(), BoxError>>;

/// Runs a stage up to its first `yield_`, where it can receive.
fn started(mut stage: Stage) -> Result<Stage, BoxError> {
    stage.next()?;
    Ok(stage)
}

/// Closes a stage, and answers what its body returned.
fn close(mut stage: Stage) -> Result<(), BoxError> {
    stage.close()?.unwrap_or(Ok(()))
}

fn source(lines: &[&str], mut target: Stage) -> Result<(), BoxError> {
    for line in lines {
        target.send((*line).to_owned())?;
    }
    close(target)
}

fn grep(pattern: &'static str, mut target: Stage) -> Stage {
    Coroutine::new(async move |mut co: Co<'_, (), String>| {
        while let Ok(line) = co.try_yield(()).await {
            if line.contains(pattern) {
                target.send(line)?;
            }
        }
        println!("grep is done");
        close(target)
    })
}

fn shout(mut target: Stage) -> Stage {
    Coroutine::new(async move |mut co: Co<'_, (), String>| {
        while let Ok(line) = co.try_yield(()).await {
            target.send(line.to_uppercase())?;
        }
        println!("shout is done");
        close(target)
    })
}

fn numbered() -> Stage {
    Coroutine::new(async |mut co| {
        let mut count = 0;
        while let Ok(line) = co.try_yield(()).await {
            count += 1;
            println!("{count}: {line}");
        }
        println!("{count} lines");
        Ok(())
    })
}

pub(crate) fn main() -> Result<(), BoxError> {
    let poem = [
        "the curtain falls",
        "a lamp goes out",
        "the actors rest between the acts",
        "the curtain rises",
    ];

    let stages = started(grep("the ", started(shout(started(numbered())?))?))?;
    source(&poem, stages)
}

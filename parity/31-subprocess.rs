//! Child processes: their output, their input, how they end, and one that is ended.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;

use entracte::BoxError;
use entracte::process::{Command, exec, shell};

async fn program() -> Result<(), BoxError> {
    let output = exec("printf", ["one\\ntwo\\n"]).output().await?;
    let text = String::from_utf8(output.stdout)?;
    let words: Vec<String> = text
        .split_whitespace()
        .map(|word| format!("'{word}'"))
        .collect();
    println!(
        "[{}] {}",
        words.join(", "),
        output.status.code().unwrap_or(-1)
    );

    let mut child = shell("tr a-z A-Z; exit 3").piped().spawn()?;
    let output = child.communicate("shouted\n").await?;
    let text = String::from_utf8(output.stdout)?;
    println!("{} {}", text.trim(), output.status.code().unwrap_or(-1));

    let mut child = Command::new("cat").piped().spawn()?;
    let mut stdin = child.stdin.take().ok_or("it is a pipe")?;
    let mut stdout = child.stdout.take().ok_or("it is a pipe")?;
    for word in ["to", "and", "fro"] {
        stdin.write_all(format!("{word}\n").as_bytes()).await?;
        println!("{}", stdout.read_line().await?.unwrap_or_default());
    }
    drop(stdin);
    println!("{}", child.wait().await?.code().unwrap_or(-1));

    let mut child = exec("sleep", ["3600"]).stdout(Stdio::null()).spawn()?;
    child.terminate()?;
    if child.wait().await?.signal() == Some(15) {
        println!("SIGTERM");
    }

    if let Err(error) = Command::new("no-such-program-anywhere").spawn() {
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        println!("not found");
    }
    Ok(())
}

fn main() -> Result<(), BoxError> {
    entracte::run(program())?
}

//! Ctrl-C in host mode, sent to a program of its own: this test binary once more.

use std::env;
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use entracte::{finally, host, sleep};

const FOR_EVER: Duration = Duration::from_hours(24);

#[test]
fn ctrl_c_cancels_the_main_task_which_cleans_up() {
    let myself = env::current_exe().expect("a test knows its binary");
    let mut program = Command::new("env");
    program.arg("--default-signal=INT").arg(myself);
    program.args(["ctrl_c::program", "--exact", "--ignored", "--nocapture"]);
    let mut child = program
        .stdout(Stdio::piped())
        .spawn()
        .expect("there is env");
    let stdout = BufReader::new(child.stdout.take().expect("it is piped"));
    let mut said = Vec::new();
    for line in stdout.lines().map_while(Result::ok) {
        if line.contains("ready") {
            let id = child.id().to_string();
            let sent = Command::new("kill").args(["-INT", &id]).status();
            assert!(sent.expect("there is a kill").success());
        }
        said.push(line);
    }
    let status = child.wait().expect("it is ours");
    assert_eq!(status.signal(), None, "{said:#?}");
    let said = said.join("\n");
    assert!(
        said.contains("cleaned up\nrun gave Err(Interrupted)"),
        "{said}"
    );
}

#[test]
#[ignore = "it is started by the other, as a program of its own"]
fn program() {
    let ended = host::run(async {
        println!("ready");
        let clean_up = async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            sleep(Duration::from_millis(1)).await;
            println!("cleaned up");
        };
        finally(tokio::time::sleep(FOR_EVER), clean_up).await;
    });
    println!("run gave {ended:?}");
}

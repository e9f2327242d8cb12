//! Ctrl-C and the signal that shows the task tree, sent to programs of their own.
//!
//! Such a program is this test binary once more, told to run the test `program`, which is ignored
//! otherwise. The two sides go by what the other says, never by time.

use std::env;
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use entracte::task::Spawn;
use entracte::{RunError, Runner, catch_cancel, checkpoint, finally, run, sleep, to_thread};
use signal_hook::consts::{SIGINT, SIGKILL, SIGSEGV, SIGUSR1, SIGUSR2};

mod support;

/// Names the program that the test `program` is to be.
const PROGRAM: &str = "ENTRACTE_TEST_PROGRAM";
const AS_A_PROGRAM: [&str; 4] = ["program", "--exact", "--ignored", "--nocapture"];

const FOR_EVER: Duration = Duration::from_secs(24 * 3600);

// ---- the side that sends ----------------------------------------------------------------------

struct Program {
    child: Child,
    to: Option<ChildStdin>,
    /// What it writes, to either output, line by line.
    says: Receiver<String>,
}

/// A program that Ctrl-C reaches, also where a shell that runs this in the background has it ignored.
fn reached_by_ctrl_c(program: impl AsRef<std::ffi::OsStr>) -> Command {
    if cfg!(target_os = "linux") {
        let mut command = Command::new("env");
        command.arg("--default-signal=INT").arg(program);
        return command;
    }
    Command::new(program)
}

impl Program {
    fn start(name: &str) -> Self {
        let myself = env::current_exe().expect("a test knows its binary");
        let mut command = reached_by_ctrl_c(myself);
        command.args(AS_A_PROGRAM);
        Self::start_by(command, name)
    }

    fn start_by(mut command: Command, name: &str) -> Self {
        command.env(PROGRAM, name);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("a test may start a program");
        let (to, says) = mpsc::channel();
        forward(child.stdout.take().expect("it is piped"), to.clone());
        forward(child.stderr.take().expect("it is piped"), to);
        let to = child.stdin.take();
        Self { child, to, says }
    }

    /// Reads on until the program says this; gives what it said before.
    fn expect(&self, what: &str) -> Vec<String> {
        let mut before = Vec::new();
        for line in &self.says {
            if line.contains(what) {
                return before;
            }
            before.push(line);
        }
        panic!("the program never said {what:?}, but {before:#?}");
    }

    fn signal(&self, signal: i32) {
        let [option, id] = [format!("-{signal}"), self.child.id().to_string()];
        let sent = Command::new("kill").args([option, id]).status();
        assert!(sent.expect("there is a kill").success());
    }

    fn tell(&mut self, line: &str) {
        let to = self.to.as_mut().expect("it is piped");
        writeln!(to, "{line}").expect("the program listens");
    }

    fn end(mut self) -> ExitStatus {
        drop(self.to.take());
        self.child.wait().expect("it is ours")
    }

    fn succeeds(self) {
        let status = self.end();
        assert!(status.success(), "{status}");
    }

    fn dies_of(self, signal: i32) {
        let status = self.end();
        assert_eq!(status.signal(), Some(signal), "{status}");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended, which is as well.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn forward(from: impl io::Read + Send + 'static, to: mpsc::Sender<String>) {
    thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if to.send(line).is_err() {
                break;
            }
        }
    });
}

#[test]
fn the_first_ctrl_c_unwinds_the_main_task() {
    for waiting in ["waits_and_cleans_up", "never_waits_and_cleans_up"] {
        let program = Program::start(waiting);
        program.expect("ready");
        program.signal(SIGINT);
        program.expect("cleaning up");
        program.expect("cleaned up");
        program.expect("run gave Err(Interrupted)");
        program.succeeds();
    }
}

#[test]
fn the_second_ctrl_c_ends_the_process() {
    let program = Program::start("cleans_up_for_ever");
    program.expect("ready");
    program.signal(SIGINT);
    program.expect("cleaning up");
    program.signal(SIGINT);
    program.dies_of(SIGINT);
}

#[test]
fn a_main_task_that_swallows_ctrl_c_gives_its_value() {
    let program = Program::start("swallows");
    program.expect("ready");
    program.signal(SIGINT);
    program.expect("run gave Ok(7)");
    program.succeeds();
}

#[test]
fn each_run_has_its_own_first_ctrl_c() {
    let program = Program::start("runs_twice");
    for _ in 0..2 {
        program.expect("ready");
        program.signal(SIGINT);
        program.expect("run gave Err(Interrupted)");
    }
    program.succeeds();
}

#[test]
fn ctrl_c_ends_the_process_between_runs() {
    let program = Program::start("has_run");
    program.expect("ready");
    program.signal(SIGINT);
    program.dies_of(SIGINT);
}

#[test]
fn ctrl_c_ends_the_process_if_the_runner_does_not_watch() {
    let program = Program::start("does_not_watch");
    program.expect("ready");
    program.signal(SIGINT);
    program.dies_of(SIGINT);
}

#[test]
fn of_two_runs_the_one_that_began_first_is_cancelled() {
    let mut program = Program::start("two_run");
    program.expect("ready");
    program.signal(SIGINT);
    program.expect("first gave Err(Interrupted)");
    program.tell("go on");
    program.expect("second gave Ok(\"go on\")");
    program.succeeds();
}

#[cfg(target_os = "linux")]
#[test]
fn a_program_that_is_to_ignore_ctrl_c_ignores_it() {
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' INT; exec \"$0\" \"$@\""]);
    shell.arg(env::current_exe().expect("a test knows its binary"));
    shell.args(AS_A_PROGRAM);
    let mut program = Program::start_by(shell, "listens");
    program.expect("ready");
    program.signal(SIGINT);
    program.tell("go on");
    program.expect("run gave Ok(\"go on\")");
    program.succeeds();
}

#[test]
fn a_signal_shows_the_tree_in_every_run_of_a_runner() {
    let mut program = Program::start("shows_its_tree");
    for run in ["first", "second"] {
        program.expect("ready");
        for _ in 0..2 {
            program.signal(SIGUSR1);
            program.expect(&format!("signal {SIGUSR1} asks for the tasks"));
            program.expect("main (task");
            program.expect(&format!("{run} sleeper (task"));
        }
        program.tell("go on");
    }
    let more = program.expect("no run");
    let is_tree = |line: &String| line.contains("asks for the tasks");
    assert!(
        !more.iter().any(is_tree),
        "each signal shows one tree: {more:#?}"
    );
    program.signal(SIGUSR1);
    program.tell("go on");
    program.succeeds();
}

#[test]
fn what_watches_for_signals_does_not_hide_that_a_program_is_stuck() {
    let runner = Runner::new().unwrap();
    runner.show_tree_on(SIGUSR2).unwrap();
    let stuck = runner.run(std::future::pending::<()>());
    assert!(matches!(stuck, Err(RunError::Deadlock(_))), "{stuck:?}");
}

#[test]
fn a_signal_that_cannot_show_the_tree_is_an_error() {
    let runner = Runner::new().unwrap();
    for signal in [SIGKILL, SIGSEGV, 9999] {
        assert!(runner.show_tree_on(signal).is_err(), "{signal}");
    }
    let simulated = support::virtual_runner();
    assert!(simulated.show_tree_on(SIGUSR2).is_err());
    drop(simulated);
    support::run_virtual(sleep(FOR_EVER)).expect("a simulation needs no signals to run");
}

// ---- the side that is sent signals ------------------------------------------------------------

#[test]
#[ignore = "it is started by the others, as a program of its own"]
fn program() {
    match env::var(PROGRAM).as_deref() {
        Ok("waits_and_cleans_up") => waits_and_cleans_up(),
        Ok("never_waits_and_cleans_up") => never_waits_and_cleans_up(),
        Ok("cleans_up_for_ever") => cleans_up_for_ever(),
        Ok("swallows") => swallows(),
        Ok("runs_twice") => runs_twice(),
        Ok("has_run") => has_run(),
        Ok("does_not_watch") => does_not_watch(),
        Ok("two_run") => two_run(),
        Ok("listens") => listens(),
        Ok("shows_its_tree") => shows_its_tree(),
        _ => println!("this is for the other tests to run"),
    }
}

async fn clean_up_slowly() {
    println!("cleaning up");
    checkpoint().await;
    println!("cleaned up");
}

async fn listen() -> String {
    to_thread(|| io::stdin().lines().next())
        .await
        .expect("a line comes")
        .expect("it is text")
}

fn waits_and_cleans_up() {
    let ended = run(async {
        println!("ready");
        finally(sleep(FOR_EVER), clean_up_slowly()).await;
    });
    println!("run gave {ended:?}");
}

fn never_waits_and_cleans_up() {
    let ended = run(async {
        println!("ready");
        let busy = async {
            loop {
                checkpoint().await;
            }
        };
        finally(busy, clean_up_slowly()).await;
    });
    println!("run gave {:?}", ended);
}

fn cleans_up_for_ever() {
    let ended = run(async {
        println!("ready");
        let clean_up = async {
            println!("cleaning up");
            sleep(FOR_EVER).await;
        };
        finally(sleep(FOR_EVER), clean_up).await;
    });
    println!("run gave {ended:?}");
}

fn swallows() {
    let ended = run(async {
        println!("ready");
        drop(catch_cancel(sleep(FOR_EVER)).await);
        checkpoint().await;
        7
    });
    println!("run gave {ended:?}");
}

fn runs_twice() {
    let runner = Runner::new().expect("the system gives a loop");
    for _ in 0..2 {
        let ended = runner.run(async {
            println!("ready");
            sleep(FOR_EVER).await;
        });
        println!("run gave {ended:?}");
    }
}

fn has_run() {
    run(async {}).expect("it runs");
    println!("ready");
    drop(io::stdin().lines().next());
}

fn does_not_watch() {
    let runner = Runner::new().expect("the system gives a loop");
    runner.run(async {}).expect("it runs");
    runner.set_ctrl_c(false);
    let ended = runner.run(async {
        println!("ready");
        sleep(FOR_EVER).await;
    });
    println!("run gave {ended:?}");
}

fn two_run() {
    let (runs, has_begun) = mpsc::channel();
    let first = thread::spawn(move || {
        let ended = run(async {
            runs.send(()).expect("the other waits");
            sleep(FOR_EVER).await;
        });
        println!("first gave {ended:?}");
    });
    has_begun.recv().expect("the first begins");
    let ended = run(async {
        println!("ready");
        listen().await
    });
    println!("second gave {ended:?}");
    first.join().expect("it does not panic");
}

fn listens() {
    let ended = run(async {
        println!("ready");
        listen().await
    });
    println!("run gave {ended:?}");
}

fn shows_its_tree() {
    let runner = Runner::new().expect("the system gives a loop");
    runner.show_tree_on(SIGUSR1).expect("the system lets it");
    for name in ["first", "second"] {
        let ended = runner.run(async {
            let sleeper = Spawn::new()
                .name(format!("{name} sleeper"))
                .spawn(sleep(FOR_EVER));
            println!("ready");
            listen().await;
            drop(sleeper);
        });
        ended.expect("it is not cancelled");
    }
    runner.close();
    println!("no run");
    drop(io::stdin().lines().next());
}

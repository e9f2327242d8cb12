//! `supervise`, with programs that end, fail, do not listen, and talk a lot.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Stdio;

use crate::program::{PATIENCE, Program, reached, scratch, signal_to};
use crate::support::{descriptors, until, write};

fn start(folder: &Path, config: &str, options: &[&str]) -> Program {
    let config = write(folder, "config", config);
    let options = options.iter().map(AsRef::as_ref);
    Program::start("supervise", options.chain([config.as_os_str()]))
}

/// The process of a line that says that a program was started.
fn process(line: &str) -> u32 {
    let number = line.trim().rsplit(' ').next().expect("it has words");
    number.parse().expect("it is a number")
}

fn is_there(id: u32) -> bool {
    Path::new(&format!("/proc/{id}")).exists()
}

/// The children of a process, with the letter of their state.
fn children(id: u32) -> Vec<(u32, char)> {
    let path = format!("/proc/{id}/task/{id}/children");
    let children = fs::read_to_string(path).expect("Linux tells");
    let children = children
        .split_whitespace()
        .map(|it| it.parse().expect("a number"));
    let state = |child: u32| {
        let stat = fs::read_to_string(format!("/proc/{child}/stat")).ok()?;
        let (_, rest) = stat.rsplit_once(") ")?;
        Some((child, rest.chars().next()?))
    };
    children.filter_map(state).collect()
}

#[test]
fn a_program_that_fails_is_started_again_later_each_time() {
    let folder = scratch("supervise-fails");
    let config = "[a]\nrun = echo \"I am $NAME\"; pwd; exit 3\nenv NAME = Ann\ndirectory = /\n";
    let program = start(&folder, config, &["-b", "0.01"]);
    for pause in ["0.0", "0.0", "0.0", "0.1", "0.2"] {
        program.expect("a: started, process ");
        program.expect("a         | I am Ann");
        program.expect("a         | /");
        program.expect("a: ended by exit status 3");
        program.expect(&format!("a: starts again in {pause} s"));
    }
    until("none is a zombie", || {
        children(program.id()).iter().all(|child| child.1 != 'Z')
    });
    program.signal("TERM");
    program.succeeds();
}

#[test]
fn a_signal_shows_a_program_that_waits_for_its_next_start() {
    let folder = scratch("supervise-shows");
    // Longer than the test takes, so that it is not started again meanwhile.
    let program = start(&folder, "[a]\nrun = exit 3\n", &["-b", "50"]);
    program.expect("a: starts again in 50.0 s");
    program.signal("USR1");
    let status = program.expect("a: waiting, to be started in ");
    let last = " s, started 1 times, ended last by exit status 3\n";
    assert!(status.ends_with(last), "{status}");
    program.signal("TERM");
    program.succeeds();
}

#[test]
fn it_ends_when_nothing_is_to_be_started_again() {
    let folder = scratch("supervise-ends");
    let parts = [
        ("true", "on-failure", 0),
        ("true", "never", 0),
        ("exit 1", "never", 1),
        ("kill -9 $$", "never", 1),
    ];
    for (line, restart, code) in parts {
        let config = format!(
            "[one]\nrun = true\nrestart = never\n# x\n[two]\nrun = {line} # y\nrestart={restart}\n"
        );
        let (status, said, errors) = start(&folder, &config, &[]).end();
        assert_eq!((status.code(), errors.as_str()), (Some(code), ""), "{said}");
        assert!(said.contains("two: ended by "), "{said}");
    }
}

#[test]
fn a_program_that_does_not_listen_is_killed_with_all_that_it_started() {
    let folder = scratch("supervise-deaf");
    let config = "[polite]\nrun = trap 'echo bye; exit 0' TERM; echo up; while :; do read x <&9; done 9<>fifo\n\
                  [deaf]\ngrace = 0.2\nrun = trap '' TERM; sleep 1000 & echo $!; wait; wait; wait\n";
    let made = std::process::Command::new("mkfifo")
        .arg(folder.join("fifo"))
        .status();
    assert!(made.expect("there is mkfifo").success());
    let config = config.replace("fifo", &folder.join("fifo").display().to_string());
    for signal in ["INT", "TERM"] {
        let program = start(&folder, &config, &[]);
        let polite = process(&program.expect("polite: started, process "));
        let deaf = process(&program.expect("deaf: started, process "));
        let mut grandchild = None;
        let mut is_up = false;
        while grandchild.is_none() || !is_up {
            let line = program.expect(" | ");
            is_up |= line.ends_with("| up\n");
            grandchild = grandchild.or(line.strip_prefix("deaf      | ").map(process));
        }
        let grandchild = grandchild.expect("it was told");
        program.signal(signal);
        let said = program.succeeds();
        assert!(said.contains("polite    | bye\n"), "{said}");
        assert!(said.contains("polite: ended by exit status 0\n"), "{said}");
        assert!(said.contains("deaf: ended by SIGKILL\n"), "{said}");
        assert!(!is_there(polite) && !is_there(deaf), "{said}");
        // Nobody's child by now; whoever adopts it reaps it.
        until("the grandchild is gone", || {
            let stat = fs::read_to_string(format!("/proc/{grandchild}/stat"));
            stat.is_err() || stat.is_ok_and(|stat| stat.contains(") Z "))
        });
    }
}

#[test]
fn the_second_ctrl_c_does_not_wait_for_the_grace() {
    let folder = scratch("supervise-second");
    let config =
        "[deaf]\ngrace = 3600\nrun = trap '' TERM; echo up; while :; do sleep 1000; done\n";
    let program = start(&folder, config, &[]);
    let deaf = process(&program.expect("deaf: started, process "));
    program.expect("| up");
    program.signal("INT");
    program.expect("SIGINT: ending all programs");
    assert!(is_there(deaf));
    program.signal("INT");
    let said = program.succeeds();
    assert!(said.contains("deaf: ended by SIGKILL\n"), "{said}");
    assert!(!is_there(deaf));
}

#[test]
fn the_control_socket_stops_starts_and_tells() {
    let folder = scratch("supervise-control");
    let socket = folder.join("socket");
    let path = socket.to_str().expect("it is text");
    let config = "[a]\nrun = sleep 1000\n";
    let program = start(&folder, config, &["-c", path]);
    let first = process(&program.expect("a: started, process "));
    let stream = UnixStream::connect(&socket).expect("it listens");
    stream
        .set_read_timeout(Some(PATIENCE))
        .expect("it is a socket");
    let mut answers = BufReader::new(stream.try_clone().expect("it can be")).lines();
    let mut ask = |line: &str| {
        writeln!(&stream, "{line}").expect("it listens");
        answers.next().expect("it answers").expect("it is text")
    };
    assert_eq!(ask("stop a"), "ok");
    program.expect("a: ended by SIGTERM");
    assert!(!is_there(first));
    let status = ask("status");
    assert_eq!(status, "a: stopped, started 1 times, ended last by SIGTERM");
    assert_eq!(ask("start a"), "ok");
    let second = process(&program.expect("a: started, process "));
    let status = ask("status");
    assert!(
        status.starts_with(&format!("a: running, process {second}, for ")),
        "{status}"
    );
    assert_eq!(ask("restart a"), "ok");
    program.expect("a: ended by SIGTERM");
    assert!(is_there(process(&program.expect("a: started, process "))));
    assert!(!is_there(second));
    let before = descriptors(program.id());
    for _ in 0..10 {
        assert_eq!(ask("restart a"), "ok");
        program.expect("a: ended by SIGTERM");
        program.expect("a: started, process ");
    }
    assert_eq!(descriptors(program.id()), before);
    assert_eq!(children(program.id()).len(), 1);
    assert_eq!(ask("stop x"), "there is no \"x\"");
    assert_eq!(
        ask("dance"),
        "status, start NAME, stop NAME or restart NAME?"
    );
    program.signal("TERM");
    program.succeeds();
    assert!(!socket.exists());
}

#[test]
fn all_that_a_program_says_is_passed_on_in_order() {
    let folder = scratch("supervise-talk");
    let config = "[seq]\nrestart = never\nrun = seq 1 30000\n\
                  [long]\nrestart = never\nrun = head -c 300000 /dev/zero | tr '\\0' x\n\
                  [bytes]\nrestart = never\nrun = printf 'a\\377b\\nend' >&2\n";
    let program = start(&folder, config, &[]);
    let said = program.succeeds();
    let of = |name: &str| {
        let prefix = format!("{name:9} | ");
        said.lines()
            .filter_map(move |line| line.strip_prefix(&prefix))
    };
    assert!(of("seq").eq((1..=30_000).map(|number| number.to_string())));
    let long: Vec<&str> = of("long").collect();
    assert_eq!(long.iter().map(|part| part.len()).sum::<usize>(), 300_000);
    assert!(of("bytes").eq(["a\u{fffd}b", "end"]));
}

#[test]
fn it_ends_though_nobody_reads_what_it_says() {
    let folder = scratch("supervise-unread");
    let config = write(
        &folder,
        "config",
        "[yes]\nrun = echo $$ >&3; exec yes 3>/dev/null\n",
    );
    let config_text = fs::read_to_string(&config).expect("it is there");
    let pid = folder.join("pid");
    fs::write(
        &config,
        config_text.replace(">&3", &format!("> {}", pid.display())),
    )
    .expect("a test may write");
    let mut command = reached("supervise", [&config]);
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("a test may start a program");
    // When its pipes are full, a program sleeps.
    let yes = || fs::read_to_string(&pid).ok()?.trim().parse::<u32>().ok();
    until("the program has to wait", || {
        yes().is_some()
            && children(child.id())
                .iter()
                .any(|it| Some(it.0) == yes() && it.1 == 'S')
    });
    signal_to(child.id(), "TERM");
    signal_to(child.id(), "TERM");
    let id = yes().expect("it was told");
    until("the program is gone", || !is_there(id));
    drop(child.stdout.take());
    assert!(child.wait().expect("it is ours").success());
}

#[test]
fn a_config_that_makes_no_sense_is_refused_with_its_line() {
    let folder = scratch("supervise-config");
    for (config, problem) in [
        ("", "line 0: there is nothing to run"),
        ("run = x", "line 1: what comes before the first [name]?"),
        ("[a]\nrun = x\n[a]\nrun = y", "line 3: there is another a"),
        ("[a b]", "line 1: a name is one word"),
        ("[a]\n\nrestart = never", "line 3: a has no `run`"),
        (
            "[a]\nrun = x\nrestart = often",
            "line 3: `restart` is always, on-failure or never",
        ),
        ("[a]\nrun = x\ngrace = -1", "line 3: not so many seconds"),
        ("[a]\nrun", "line 2: it is no `name = value`"),
    ] {
        let (status, _, errors) = start(&folder, config, &[]).end();
        assert_eq!(status.code(), Some(2), "{config}");
        assert!(
            errors.ends_with(&format!("config: {problem}\n")),
            "{config}: {errors}"
        );
    }
}

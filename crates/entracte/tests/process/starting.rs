//! What a child is started with, and how it says how it ended.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;

use entracte::process::{Command, PipeReader, PipeWriter, exec, shell};
use entracte::run;
use entracte::signal::Signal;

#[test]
fn a_program_gets_its_arguments_as_they_are() {
    let output = run(exec("printf", ["%s|", "a b", "$HOME", "*"]).output());
    assert_eq!(output.unwrap().unwrap().stdout, b"a b|$HOME|*|");
}

#[test]
fn arguments_after_a_line_of_shell_are_its_parameters() {
    let output = run(shell(r#"printf "%s|" "$@""#).args(["a b", "*"]).output());
    assert_eq!(output.unwrap().unwrap().stdout, b"a b|*|");
}

#[test]
fn the_environment_and_the_directory_can_be_set() {
    let line = "pwd; echo $ONE; echo ${HOME-none}";
    let command = shell(line).env("ONE", "1").env_remove("HOME");
    let output = run(command.current_dir("/").output()).unwrap().unwrap();
    assert_eq!(output.stdout, b"/\n1\nnone\n");
    let cleared = shell("echo ${ONE-none}").env("ONE", "1").env_clear();
    assert_eq!(run(cleared.output()).unwrap().unwrap().stdout, b"none\n");
}

#[test]
fn a_status_says_the_code_or_the_signal() {
    run(async {
        assert_eq!(shell("exit 7").status().await?.code(), Some(7));
        let killed = shell("kill -9 $$").status().await?;
        assert_eq!(killed.signal(), Some(9));
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let error = Command::new("no-such-program").spawn().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let text = error.to_string();
    assert!(text.starts_with("cannot start no-such-program: "), "{text}");
}

#[test]
fn a_directory_that_is_not_there_is_not_taken_for_the_program() {
    let error = Command::new("true").current_dir("/no/such/place").spawn();
    let text = error.unwrap_err().to_string();
    assert_eq!(text, "cannot start true: /no/such/place is no directory");
}

#[test]
fn a_file_that_cannot_be_executed_is_refused() {
    let file = std::env::temp_dir().join(format!("entracte-plain-{}", std::process::id()));
    fs::write(&file, "not a program").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let error = Command::new(&file).spawn().unwrap_err();
    fs::remove_file(&file).unwrap();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
}

#[test]
fn outputs_can_be_files_or_nothing() {
    let path = std::env::temp_dir().join(format!("entracte-output-{}", std::process::id()));
    let file = File::create(&path).unwrap();
    let command = shell("echo out; echo error >&2").stdout(file);
    let status = run(command.stderr(Stdio::null()).status()).unwrap();
    assert!(status.unwrap().success());
    let text = fs::read_to_string(&path).unwrap();
    fs::remove_file(&path).unwrap();
    assert_eq!(text, "out\n");
}

#[test]
fn one_file_can_be_both_outputs() {
    run(async {
        let (mut reader, writer) = io::pipe()?;
        let command = shell("echo out; echo error >&2");
        let command = command.stdout(writer.try_clone()?).stderr(writer);
        assert!(command.status().await?.success());
        let mut text = String::new();
        reader.read_to_string(&mut text)?;
        assert_eq!(text, "out\nerror\n");
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}

#[test]
fn what_a_child_was_given_is_closed_here_once_it_is_started() {
    let (mut reader, writer) = io::pipe().unwrap();
    let child = exec("true", None::<&str>).stdout(writer).spawn().unwrap();
    // It would not end if this program still had the other end.
    assert_eq!(reader.read(&mut [0]).unwrap(), 0);
    drop(child);
}

#[test]
fn a_pipeline_of_three() {
    run(async {
        let (first_out, first_in) = io::pipe()?;
        let (second_out, second_in) = io::pipe()?;
        let mut numbers = exec("seq", ["100000"]).stdout(first_in).spawn()?;
        let mut sevens = exec("grep", ["7"])
            .stdin(first_out)
            .stdout(second_in)
            .spawn()?;
        let count = exec("wc", ["-l"]).stdin(second_out).output().await?;
        assert!(numbers.wait().await?.success() && sevens.wait().await?.success());
        let expected = (1..=100_000).filter(|n| n.to_string().contains('7'));
        let text = String::from_utf8_lossy(&count.stdout).into_owned();
        assert_eq!(text.trim(), expected.count().to_string());
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}

#[test]
fn an_end_of_a_pipe_of_ours_can_be_handed_to_a_child() {
    run(async {
        let (reader, writer) = io::pipe()?;
        let reader = PipeReader::from_fd(reader.into())?;
        let writer = PipeWriter::from_fd(writer.into())?;
        let mut child = exec("echo", ["hello"]).stdout(writer).spawn()?;
        let output = exec("cat", None::<&str>).stdin(reader).output().await?;
        assert_eq!(output.stdout, b"hello\n");
        assert!(child.wait().await?.success());
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}

#[test]
fn a_signal_after_the_end_is_an_error_and_reaches_nobody() {
    run(async {
        let mut child = exec("true", None::<&str>).spawn()?;
        child.wait().await?;
        let error = child.terminate().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        let error = child.signal(Signal::from_raw(0)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(child.wait().await?.success(), "the status stays");
        assert!(child.try_wait()?.is_some());
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}

#[test]
fn no_such_signal_is_an_error() {
    run(async {
        let child = exec("sleep", ["3600"]).spawn()?;
        let error = child.signal(Signal::from_raw(999)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        child.end().await
    })
    .unwrap()
    .unwrap();
}

#[test]
fn a_child_is_nobody_s_after_it_was_detached_and_ends_by_itself() {
    let (mut reader, writer) = io::pipe().unwrap();
    let (going, go) = io::pipe().unwrap();
    run(async {
        let command = shell("read line; echo $line").stdin(going).stdout(writer);
        command.spawn()?.detach();
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
    io::Write::write_all(&mut &go, b"on\n").unwrap();
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    assert_eq!(text, "on\n");
}

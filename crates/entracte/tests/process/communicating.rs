//! Pipes to and from children: full ones, closed ones, and those that others hold.

use std::io::{self, ErrorKind};
use std::process::{Output, Stdio};

use entracte::process::{exec, shell};
use entracte::{gather, run, timeout};

use crate::{FOR_EVER, SHORT};

const LARGE: usize = 8 << 20;

#[test]
fn what_is_larger_than_any_pipe_goes_through_in_both_directions() {
    run(async {
        let input: Vec<u8> = (0..LARGE).map(|n| (n % 251) as u8).collect();
        let line = "tee /dev/stderr";
        let output = shell(line)
            .piped()
            .spawn()?
            .communicate(input.clone())
            .await?;
        assert!(output.status.success());
        assert!(output.stdout == input && output.stderr == input);
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}

#[test]
fn a_child_that_does_not_read_its_input_is_no_error() {
    run(async {
        let command = shell("exec <&-; echo done").piped();
        let output = command.spawn()?.communicate(vec![0; LARGE]).await?;
        assert!(output.status.success());
        assert_eq!(output.stdout, b"done\n");
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}

#[test]
fn input_for_which_there_is_no_pipe_is_refused_and_the_child_left_alone() {
    run(async {
        let refused = |outcome: io::Result<Output>| {
            let error = outcome.expect_err("there is nowhere to write it");
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        };
        let never = exec("echo", ["out"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let mut never = never.spawn()?;
        refused(never.communicate("in").await);
        // As if it had not been called.
        assert_eq!(never.communicate("").await?.stdout, b"out\n");

        let mut taken = exec("cat", None::<&str>).piped().spawn()?;
        let stdin = taken.stdin.take();
        refused(taken.communicate("in").await);
        drop(stdin);
        assert!(taken.communicate("").await?.stdout.is_empty());

        let mut done = exec("cat", None::<&str>).piped().spawn()?;
        assert_eq!(done.communicate("in").await?.stdout, b"in");
        refused(done.communicate("more").await);
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}

#[test]
fn more_input_for_a_child_that_does_not_read_it_is_no_error() {
    run(async {
        let command = shell("exec <&-; echo done").piped();
        let mut child = command.spawn()?;
        child.communicate(vec![0; LARGE]).await?;
        assert!(child.communicate("more").await?.status.success());
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}

#[test]
fn a_child_that_closes_its_output_and_goes_on_is_waited_for() {
    run(async {
        let command = shell("echo before; exec >&- 2>&-; read line; exit 7").piped();
        let output = command.spawn()?.communicate(*b"go\n").await?;
        assert_eq!(output.status.code(), Some(7));
        assert_eq!(output.stdout, b"before\n");
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}

#[test]
fn communicate_goes_on_where_it_was_cancelled() {
    run(async {
        let mut child = shell("cat; echo end >&2").piped().spawn()?;
        // The input is larger than the pipe, and nobody reads the output in between.
        let input: Vec<u8> = (0..LARGE).map(|n| (n % 251) as u8).collect();
        let mut rounds = 0;
        let mut left = Some(input.clone());
        let output = loop {
            let exchange = child.communicate(left.take().unwrap_or_default());
            match futures::future::select(
                std::pin::pin!(exchange),
                std::pin::pin!(entracte::checkpoint()),
            )
            .await
            {
                futures::future::Either::Left((output, _)) => break output?,
                futures::future::Either::Right(_) => rounds += 1,
            }
        };
        assert!(rounds > 0, "it was cancelled at least once");
        assert!(output.stdout == input);
        assert_eq!(output.stderr, b"end\n");
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}

#[test]
fn what_was_read_before_a_timeout_is_not_lost() {
    run(async {
        let command = shell("echo partial; echo errors >&2; exec sleep 3600");
        let mut child = command.piped().spawn()?;
        let (mut out, mut errors) = (Vec::new(), Vec::new());
        // As often as it takes for the shell to get there.
        while out.is_empty() || errors.is_empty() {
            assert!(timeout(SHORT, child.communicate([])).await.is_err());
            let (more, more_errors) = child.take_collected();
            out.extend(more);
            errors.extend(more_errors);
        }
        assert_eq!((&*out, &*errors), (&b"partial\n"[..], &b"errors\n"[..]));
        child.end().await
    })
    .unwrap()
    .unwrap();
}

#[test]
fn a_grandchild_that_holds_the_pipe_does_not_hold_wait() {
    run(async {
        let command = shell("sleep 3600 & echo started").own_group();
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let group = child.id();
        assert!(
            timeout(FOR_EVER, child.wait())
                .await
                .expect("in time")?
                .success()
        );
        // What it wrote is there, though the pipe has not ended.
        let stdout = child.stdout.as_mut().expect("it is piped");
        assert_eq!(stdout.read_line().await?.as_deref(), Some("started"));
        assert!(timeout(SHORT, child.communicate([])).await.is_err());
        drop(child);
        exec("kill", ["-9", "--", &format!("-{group}")])
            .status()
            .await
    })
    .unwrap()
    .unwrap();
}

#[test]
fn closing_the_input_is_its_end() {
    run(async {
        let command = exec("cat", None::<&str>).stdin(Stdio::piped());
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let (to, from) = (child.stdin.as_mut(), child.stdout.as_mut());
        let (to, from) = (to.expect("it is piped"), from.expect("it is piped"));
        to.write_all(b"hello").await?;
        to.close().await?;
        assert_eq!(from.read_to_end().await?, b"hello");
        assert!(to.write_all(b"more").await.is_err());
        assert!(child.wait().await?.success());
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}

#[test]
fn wait_closes_the_input_that_is_left() {
    run(async {
        let mut child = exec("cat", None::<&str>).stdin(Stdio::piped()).spawn()?;
        assert!(child.wait().await?.success());
        assert!(child.stdin.is_none());
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}

#[test]
fn wait_sends_what_was_written_before() {
    run(async {
        let command = exec("wc", ["-c"]).stdin(Stdio::piped());
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        child
            .stdin
            .as_mut()
            .expect("it is piped")
            .write(&vec![b'x'; LARGE])?;
        assert!(child.wait().await?.success());
        let stdout = child.stdout.as_mut().expect("it is piped");
        let line = stdout.read_line().await?.unwrap_or_default();
        assert_eq!(line.trim(), LARGE.to_string());
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}

#[test]
fn a_conversation_line_by_line() {
    run(async {
        let command = shell("while read line; do echo \"<$line>\"; done");
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let (to, from) = (child.stdin.take(), child.stdout.take());
        let (mut to, mut from) = (to.expect("it is piped"), from.expect("it is piped"));
        for number in 0..100 {
            to.write_all(format!("{number}\n").as_bytes()).await?;
            let answer = from.read_line().await?;
            assert_eq!(answer, Some(format!("<{number}>")));
        }
        drop(to);
        assert_eq!(from.read_line().await?, None);
        assert!(child.wait().await?.success());
        Ok::<_, io::Error>(())
    })
    .unwrap()
    .unwrap();
}

#[test]
fn many_at_once() {
    run(async {
        let children = (0..50).map(|n| exec("echo", [n.to_string()]).output());
        let outputs = gather(children.collect::<Vec<_>>())
            .await
            .expect("none is cancelled");
        for (number, output) in outputs.into_iter().enumerate() {
            assert_eq!(output.stdout, format!("{number}\n").into_bytes());
        }
    })
    .unwrap();
}

//! A resolver that does not answer: who waits for it, and who does not.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::env;
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use entracte::net::{UdpSocket, resolve};
use entracte::{fs as async_fs, run, spawn, timeout, to_thread};

use crate::program::{scratch, tool};

/// How many names are looked up at a time.
const AT_ONCE: usize = 32;

/// More than there are threads for anything.
const NAMES: usize = 100;

/// Longer than a thread that is free takes.
const SOON: Duration = Duration::from_secs(10);

/// A network of its own, where names are what the server on this machine says.
const OWN_NETWORK: &str = "
    set -e
    mount --bind \"$0/resolv.conf\" /etc/resolv.conf
    if [ -e /etc/nsswitch.conf ]; then mount --bind \"$0/nsswitch.conf\" /etc/nsswitch.conf; fi
    ip link set lo up
    exec \"$@\"
";

/// Runs what follows in namespaces of its own; nothing if that cannot be had.
fn unshare() -> Option<Command> {
    tool("ip", "iproute2")?;
    let unshare = || {
        let mut command = tool("unshare", "util-linux")?;
        command.args(["--net", "--mount", "--map-root-user"]);
        Some(command)
    };
    let mut attempt = unshare()?;
    let all = "mount --bind /etc/hosts /etc/hosts && ip link set lo up";
    attempt.args(["sh", "-c", all]);
    let tried = attempt.env("LC_ALL", "C").output();
    let tried = tried.expect("the tool is there");
    if tried.status.success() {
        return unshare();
    }
    let said = String::from_utf8_lossy(&tried.stderr);
    let is_refused = ["not permitted", "denied"]
        .iter()
        .any(|it| said.contains(it));
    assert!(is_refused, "{said}");
    eprintln!("passed over: the system gives no namespaces: {said}");
    None
}

#[test]
fn a_resolver_that_does_not_answer_holds_up_neither_files_nor_closures() {
    let Some(mut command) = unshare() else {
        return;
    };
    let folder = scratch("names");
    let resolver = "nameserver 127.0.0.1\noptions timeout:30 attempts:1\n";
    fs::write(folder.join("resolv.conf"), resolver).expect("it is empty");
    fs::write(folder.join("nsswitch.conf"), "hosts: dns\n").expect("it is empty");
    let own = env::current_exe().expect("the test has a path");
    let program = ["--exact", "names::names_of_a_test", "--ignored"];
    command
        .args(["sh", "-c", OWN_NETWORK])
        .args([folder.as_path(), &own])
        .args(program);
    let output = command.output().expect("the tool is there");
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{errors}");
    assert!(said.contains("1 passed"), "{said}{errors}");
}

/// A question for a name, and who asks.
struct Question {
    bytes: Vec<u8>,
    from: SocketAddr,
}

impl Question {
    async fn next(server: &UdpSocket) -> io::Result<Self> {
        let mut bytes = vec![0; 512];
        let (length, from) = server.receive_from(&mut bytes).await?;
        bytes.truncate(length);
        Ok(Self { bytes, from })
    }

    /// The name, as it is encoded (RFC 1035, section 4.1).
    fn name(&self) -> Vec<u8> {
        let name = self.bytes[12..].iter().take_while(|byte| **byte != 0);
        name.copied().collect()
    }

    /// Says that there is no such name.
    async fn deny(mut self, server: &UdpSocket) -> io::Result<()> {
        self.bytes[2] |= 0x80;
        self.bytes[3] = 3;
        server.send_to(&self.bytes, self.from).await.map(drop)
    }
}

/// Denies these, and all that come, until the socket fails.
async fn deny_all(questions: Vec<Question>, server: &UdpSocket) -> io::Result<Infallible> {
    for question in questions {
        question.deny(server).await?;
    }
    loop {
        let question = Question::next(server).await?;
        question.deny(server).await?;
    }
}

#[test]
#[ignore = "the program of a test"]
fn names_of_a_test() {
    run(async {
        let server = UdpSocket::bind("127.0.0.1:53").await?;
        let name = |number| format!("name-{number}.invalid.:80");
        let names: Vec<_> = (0..NAMES).map(|it| spawn(resolve(name(it)))).collect();
        let (mut questions, mut asked) = (Vec::new(), BTreeSet::new());
        while asked.len() < AT_ONCE {
            let question = Question::next(&server).await?;
            asked.insert(question.name());
            questions.push(question);
        }

        let file = timeout(SOON, async_fs::read("/proc/self/status")).await;
        assert!(!file.expect("a file does not wait for names")?.is_empty());
        let closure = timeout(SOON, to_thread(|| 7)).await;
        assert_eq!(closure, Ok(7), "a closure does not wait for names");
        assert!(names.iter().all(|name| !name.is_done()));

        let answering = spawn(async move { deny_all(questions, &server).await });
        for name in names {
            let error = name.await.expect("it ends").expect_err("there is none");
            assert!(error.to_string().contains("cannot resolve"), "{error}");
        }
        answering.cancel();
        drop(answering.await);
        Ok::<(), io::Error>(())
    })
    .unwrap()
    .unwrap();
}

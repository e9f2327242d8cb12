//! A resolver that does not answer: who waits for it, and who does not.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use entracte::net::{UdpSocket, resolve};
use entracte::{fs as async_fs, run, spawn, timeout, to_thread};

use crate::own_network::in_own_network;

/// How many names are looked up at a time.
const AT_ONCE: usize = 32;

/// More than there are threads for anything.
const NAMES: usize = 100;

/// Longer than a thread that is free takes.
const SOON: Duration = Duration::from_secs(10);

#[test]
fn a_resolver_that_does_not_answer_holds_up_neither_files_nor_closures() {
    let files = [
        (
            "resolv.conf",
            "nameserver 127.0.0.1\noptions timeout:30 attempts:1\n",
        ),
        ("nsswitch.conf", "hosts: dns\n"),
    ];
    in_own_network("names::names_of_a_test", &files);
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

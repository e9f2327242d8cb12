//! `Connect::attempt_delay`: a name with two addresses, the first of which never answers.

use std::cell::Cell;
use std::io;
use std::net::SocketAddr;
use std::os::fd::BorrowedFd;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use entracte::event_loop::{
    Clock, Event, EventLoop, Instant, Interest, OsSelector, SeededRandom, Selector, Settings,
};
use entracte::net::{Connect, Listen, TcpListener, TcpStream, resolve};
use entracte::{Runner, Task, checkpoint, spawn, time};

use crate::own_network::in_own_network;

const FOR_EVER: Duration = Duration::from_hours(24);

#[derive(Clone)]
struct Time(Rc<Cell<Instant>>);

impl Clock for Time {
    fn now(&self) -> Instant {
        self.0.get()
    }
}

/// Watches the system's sockets; when none is ready, the clock jumps to the next deadline.
struct Jumping {
    time: Time,
    sockets: OsSelector,
}

impl Selector for Jumping {
    fn wait(&mut self, timeout: Option<Duration>, events: &mut Vec<Event>) -> io::Result<()> {
        let Some(timeout) = timeout else {
            return self.sockets.wait(None, events);
        };
        let before = events.len();
        self.sockets.wait(Some(Duration::ZERO), events)?;
        if events.len() == before {
            self.time.0.set(self.time.now() + timeout);
        }
        Ok(())
    }

    fn notifier(&self) -> Arc<dyn Fn() + Send + Sync> {
        self.sockets.notifier()
    }

    fn add(&mut self, source: BorrowedFd<'_>, key: usize, interest: Interest) -> io::Result<()> {
        self.sockets.add(source, key, interest)
    }

    fn change(&mut self, source: BorrowedFd<'_>, key: usize, interest: Interest) -> io::Result<()> {
        self.sockets.change(source, key, interest)
    }

    fn remove(&mut self, source: BorrowedFd<'_>) -> io::Result<()> {
        self.sockets.remove(source)
    }
}

fn runner() -> Runner {
    let time = Time(Rc::new(Cell::new(Instant::from_nanos(0))));
    let sockets = OsSelector::new().expect("there are descriptors");
    let selector = Jumping {
        time: time.clone(),
        sockets,
    };
    let settings = Settings::from_parts(time, selector, SeededRandom::from_seed(0));
    Runner::with(EventLoop::with(settings).expect("there are descriptors"))
}

/// Whoever fills a queue: those that are in it, and the first that is not.
type Filling = (Vec<TcpStream>, Task<io::Result<TcpStream>>);

/// Connects until the queue is full, and nobody else gets an answer.
async fn fill(to: SocketAddr) -> Filling {
    // As many as there is surely room for: a slow machine does not say at once that they are in.
    let mut connected = Vec::new();
    for _ in 0..2 {
        connected.push(TcpStream::connect(to).await.expect("it is in"));
    }
    loop {
        let task = spawn(TcpStream::connect(to));
        for _ in 0..1000 {
            checkpoint().await;
        }
        match task.try_outcome() {
            Ok(outcome) => connected.push(outcome.expect("it ends").expect("it is in")),
            Err(waiting) => return (connected, waiting),
        }
    }
}

#[test]
fn the_next_address_is_tried_after_the_delay_that_was_asked_for() {
    let files = [
        ("hosts", "127.0.0.1 two.test\n127.0.0.2 two.test\n"),
        ("nsswitch.conf", "hosts: files\n"),
    ];
    in_own_network("attempts::attempts_of_a_test", &files);
}

#[test]
#[ignore = "the program of a test"]
fn attempts_of_a_test() {
    let connecting = async {
        let found = resolve("two.test:0").await?;
        let [first, second] = found[..] else {
            panic!("there are two: {found:?}");
        };
        let silent = Listen::new().backlog(1).on(first).await?;
        let first = silent.local_address()?;
        let _filling = fill(first).await;
        let answering = TcpListener::bind((second.ip(), first.port())).await?;
        let delays = [Duration::ZERO, Duration::from_millis(1), FOR_EVER];
        let asked = delays.map(|delay| (Connect::new().attempt_delay(delay), delay));
        let unless_asked = (Connect::new(), Duration::from_millis(250));
        for (connect, delay) in asked.into_iter().chain([unless_asked]) {
            let before = time::now();
            let stream = connect.to(("two.test", first.port())).await?;
            assert_eq!(time::now() - before, delay);
            assert_eq!(stream.peer_address()?, answering.local_address()?);
        }
        Ok::<(), io::Error>(())
    };
    runner()
        .run(connecting)
        .expect("it runs")
        .expect("all goes well");
}

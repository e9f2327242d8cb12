//! Futures that share a socket, in tasks, in a `FuturesUnordered`, and between them.
//!
//! Each report reaches all who wait. `SEED=n` replays one program, `ROUNDS=n` runs more.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::future::poll_fn;
use std::io::{Read, Write};
use std::os::unix::net as std_unix;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use entracte::event_loop::{Random, SeededRandom};
use entracte::io::AsyncFd;
use entracte::net::{UnixDatagram, UnixListener, UnixStream};
use entracte::spawn;
use futures::stream::FuturesUnordered;
use futures::{AsyncReadExt, FutureExt, StreamExt};

use crate::alone::{alone, path};

type Body = Pin<Box<dyn Future<Output = ()>>>;

/// What the bodies of a program have done, and who looks at that.
struct World {
    dice: RefCell<SeededRandom>,
    received: RefCell<BTreeSet<u64>>,
    accepted: Cell<u64>,
    bytes: Cell<u64>,
    next: Cell<u64>,
    unsent: RefCell<Vec<u64>>,
    sent: Cell<u64>,
    driver: RefCell<Option<Waker>>,
}

impl World {
    fn new(seed: u64) -> Rc<Self> {
        Rc::new(Self {
            dice: RefCell::new(SeededRandom::from_seed(seed)),
            received: RefCell::default(),
            accepted: Cell::default(),
            bytes: Cell::default(),
            next: Cell::default(),
            unsent: RefCell::default(),
            sent: Cell::default(),
            driver: RefCell::default(),
        })
    }

    fn below(&self, limit: u64) -> u64 {
        self.dice.borrow_mut().below(limit)
    }

    fn count(&self, what: &Cell<u64>) {
        what.set(what.get() + 1);
        self.changed();
    }

    fn changed(&self) {
        let driver = self.driver.take();
        driver.into_iter().for_each(Waker::wake);
    }

    async fn until(&self, is_so: impl Fn(&Self) -> bool) {
        poll_fn(|cx| {
            if is_so(self) {
                return Poll::Ready(());
            }
            self.driver.replace(Some(cx.waker().clone()));
            Poll::Pending
        })
        .await;
    }
}

/// Bodies of one kind in one task: some are polled with its own waker, some with those of the crowd.
struct Bodies {
    world: Rc<World>,
    width: usize,
    make: Box<dyn Fn() -> Body>,
    own: Vec<Body>,
    crowd: FuturesUnordered<Body>,
}

/// What others do to the bodies of a task.
#[derive(Default)]
struct Stir {
    is_wanted: Cell<bool>,
    is_over: Cell<bool>,
    task: RefCell<Option<Waker>>,
}

impl Stir {
    fn stir(&self, what: &Cell<bool>) {
        what.set(true);
        let task = self.task.borrow().clone();
        task.into_iter().for_each(Waker::wake);
    }
}

impl Bodies {
    fn start(world: &Rc<World>, make: impl Fn() -> Body + 'static) -> Rc<Stir> {
        let stir = Rc::<Stir>::default();
        let mut bodies = Self {
            world: Rc::clone(world),
            width: 1 + usize::try_from(world.below(5)).expect("it is small"),
            make: Box::new(make),
            own: Vec::new(),
            crowd: FuturesUnordered::new(),
        };
        let stirred = Rc::clone(&stir);
        let task = spawn(poll_fn(move |cx| bodies.poll(cx, &stirred)));
        task.detach();
        stir
    }

    fn poll(&mut self, cx: &mut Context<'_>, stir: &Stir) -> Poll<()> {
        if stir.is_over.get() {
            return Poll::Ready(());
        }
        stir.task.replace(Some(cx.waker().clone()));
        if stir.is_wanted.take() {
            self.mix();
        }
        loop {
            self.own
                .retain_mut(|body| body.as_mut().poll(cx).is_pending());
            while let Poll::Ready(Some(())) = self.crowd.poll_next_unpin(cx) {}
            if self.own.len() + self.crowd.len() == self.width {
                return Poll::Pending;
            }
            self.fill();
        }
    }

    fn fill(&mut self) {
        while self.own.len() + self.crowd.len() < self.width {
            let body = (self.make)();
            match self.world.below(3) {
                0 => self.own.push(body),
                _ => self.crowd.push(body),
            }
        }
    }

    /// Moves some of them, or cancels some.
    fn mix(&mut self) {
        match self.world.below(5) {
            0 => self.own.extend(std::mem::take(&mut self.crowd)),
            1 => self.crowd.extend(self.own.drain(..)),
            2 => drop(self.own.pop()),
            3 => self.crowd.clear(),
            _ => {
                let mut all: Vec<Body> = std::mem::take(&mut self.crowd).into_iter().collect();
                all.truncate(usize::try_from(self.world.below(4)).expect("it is small"));
                let own = std::mem::replace(&mut self.own, all);
                self.crowd.extend(own);
            }
        }
    }
}

/// A number that is to be sent; back among them if it was not.
struct Number(Rc<World>, Option<u64>);

impl Number {
    fn draw(world: &Rc<World>) -> Self {
        let number = world.unsent.borrow_mut().pop().unwrap_or_else(|| {
            world.next.set(world.next.get() + 1);
            world.next.get() - 1
        });
        Self(Rc::clone(world), Some(number))
    }
}

impl Drop for Number {
    fn drop(&mut self) {
        self.0.unsent.borrow_mut().extend(self.1);
    }
}

async fn receive(world: Rc<World>, near: Rc<UnixDatagram>) {
    let mut bytes = [0; 8];
    let count = near.receive(&mut bytes).await.expect("it is open");
    assert_eq!(count, 8);
    let number = u64::from_le_bytes(bytes);
    assert!(world.received.borrow_mut().insert(number), "it comes once");
    world.changed();
}

async fn send(world: Rc<World>, near: Rc<UnixDatagram>) {
    let mut number = Number::draw(&world);
    let bytes = number.1.expect("it was not sent").to_le_bytes();
    near.send(&bytes).await.expect("it is open");
    number.1 = None;
    world.count(&world.sent);
}

async fn accept(world: Rc<World>, listener: Rc<UnixListener>) {
    drop(listener.accept().await.expect("it listens"));
    world.count(&world.accepted);
}

async fn read(world: Rc<World>, near: Rc<AsyncFd<std_unix::UnixStream>>) {
    let read = |mut it: &std_unix::UnixStream| it.read(&mut [0]);
    let count = near.read_with(read).await.expect("it is open");
    assert_eq!(count, 1);
    world.count(&world.bytes);
}

/// The other ends, which are blocking or tried.
struct Far {
    datagrams: std_unix::UnixDatagram,
    stream: std_unix::UnixStream,
    door: std::path::PathBuf,
    /// What was sent to the program, and what came from it.
    sent: u64,
    connected: u64,
    written: u64,
    came: BTreeSet<u64>,
}

impl Far {
    /// Gives all bodies something to do, and waits until all of it is done.
    async fn round(&mut self, world: &World) {
        for _ in 0..world.below(6) {
            let number = self.sent.to_le_bytes();
            self.datagrams.send(&number).expect("there is room");
            self.sent += 1;
        }
        for _ in 0..world.below(6) {
            drop(std_unix::UnixStream::connect(&self.door).expect("there is room"));
            self.connected += 1;
        }
        for _ in 0..world.below(6) {
            self.stream.write_all(b"x").expect("there is room");
            self.written += 1;
        }
        let sent = world.sent.get();
        let must_refill = world.below(2) == 0 && self.drain();
        world
            .until(|world| {
                world.received.borrow().len() as u64 == self.sent
                    && world.accepted.get() == self.connected
                    && world.bytes.get() == self.written
                    && (!must_refill || world.sent.get() > sent)
            })
            .await;
    }

    /// Takes what came; whether anything did.
    fn drain(&mut self) -> bool {
        let before = self.came.len();
        let mut bytes = [0; 8];
        while let Ok(count) = self.datagrams.recv(&mut bytes) {
            assert_eq!(count, 8);
            let is_new = self.came.insert(u64::from_le_bytes(bytes));
            assert!(is_new, "it was sent once");
        }
        self.came.len() > before
    }
}

async fn program(seed: u64) {
    let world = World::new(seed);
    let (near, datagrams) = std_unix::UnixDatagram::pair().expect("there are sockets");
    datagrams.set_nonblocking(true).expect("it can be");
    let near = Rc::new(UnixDatagram::from_std(near).expect("it can be"));
    let door = path("crowds");
    let listener = Rc::new(UnixListener::bind(&door).expect("it is free"));
    let (own, stream) = std_unix::UnixStream::pair().expect("there are sockets");
    let own = Rc::new(AsyncFd::new(own).expect("it can be"));
    let mut all = Vec::new();
    for _ in 0..1 + world.below(3) {
        let (the, socket) = (Rc::clone(&world), Rc::clone(&near));
        let make = move || Box::pin(receive(Rc::clone(&the), Rc::clone(&socket))) as Body;
        all.push(Bodies::start(&world, make));
        let (the, socket) = (Rc::clone(&world), Rc::clone(&near));
        let make = move || Box::pin(send(Rc::clone(&the), Rc::clone(&socket))) as Body;
        all.push(Bodies::start(&world, make));
        let (the, socket) = (Rc::clone(&world), Rc::clone(&listener));
        let make = move || Box::pin(accept(Rc::clone(&the), Rc::clone(&socket))) as Body;
        all.push(Bodies::start(&world, make));
        let (the, socket) = (Rc::clone(&world), Rc::clone(&own));
        let make = move || Box::pin(read(Rc::clone(&the), Rc::clone(&socket))) as Body;
        all.push(Bodies::start(&world, make));
    }
    let mut far = Far {
        datagrams,
        stream,
        door: door.clone(),
        sent: 0,
        connected: 0,
        written: 0,
        came: BTreeSet::new(),
    };
    for _ in 0..30 {
        far.round(&world).await;
        for stir in &all {
            if world.below(3) == 0 {
                stir.stir(&stir.is_wanted);
            }
        }
    }
    for stir in &all {
        stir.stir(&stir.is_over);
    }
    while !all.iter().all(|stir| Rc::strong_count(stir) == 1) {
        entracte::checkpoint().await;
    }
    far.drain();
    assert_eq!(
        far.came.len() as u64,
        world.sent.get(),
        "all came that was sent"
    );
    std::fs::remove_file(door).expect("it is there");
}

#[test]
fn crowds_of_futures_share_a_socket_and_all_are_woken() {
    let number = |name| std::env::var(name).ok().and_then(|it| it.parse().ok());
    let seeds = match number("SEED") {
        Some(seed) => seed..seed + 1,
        None => 1..1 + number("ROUNDS").unwrap_or(15),
    };
    for seed in seeds {
        println!("replay: SEED={seed} cargo test -p entracte --test net crowds");
        alone(program(seed));
    }
}

#[test]
fn futures_that_read_by_reference_are_all_woken() {
    alone(async {
        let (near, mut far) = std_unix::UnixStream::pair().expect("there are sockets");
        let near = UnixStream::from_std(near).expect("it can be watched");
        let mut readers: FuturesUnordered<_> = (0..3)
            .map(|_| async { (&near).read(&mut [0]).await.expect("it is open") })
            .collect();
        assert!(readers.next().now_or_never().is_none(), "nothing is there");
        for _ in 0..3 {
            far.write_all(b"x").expect("there is room");
            assert_eq!(readers.next().await, Some(1));
        }
    });
}

//! The group `loop`: event loops of one thread, each with its own tasks, timers and channels.

mod bodies;
mod channels;
mod ours;
mod peer;
mod peers;

use std::sync::Arc;
use std::time::Instant;

use self::bodies::Body;
use self::peer::{Channels, Peer};
use super::Make;
use crate::goal::Goal;
use crate::harness::{Reference, Settings, Workload};

/// Every workload of the group, in the order in which they are printed.
pub const ALL: [(&str, Make); 11] = [
    ("spawn-join", spawn_join),
    ("switch-2", switch_2),
    ("switch-1000", switch_1000),
    ("switch-100000", switch_100_000),
    ("queue-64", queue_64),
    ("queue-1", queue_1),
    ("oneshot", one_shot),
    ("timer-cancel", timer_cancel),
    ("timer-fire", timer_fire),
    ("join-100000", join_100_000),
    ("idle-bytes", idle_bytes),
];

/// Workloads of entracte alone, to count the instructions of what a task pays if it uses it.
pub const COUNTED: [(&str, Make); 3] = [
    ("spawn-join-in-scope", spawn_join_in_scope),
    ("switch-2-in-scope", switch_2_in_scope),
    ("switch-2-scope-unused", switch_2_scope_unused),
];

/// To be ahead of every peer.
const AHEAD: Goal = Goal::TimesBestPeer(1.0);

fn spawn_join(settings: Settings) -> Workload {
    let about = "tasks that do nothing, spawned and then awaited, per task";
    let mut workload = workload("spawn-join", about, settings.items(1_000_000));
    workload.goal(Goal::TimesTokio(5.0));
    workload.goal(AHEAD);
    workload.own_heap();
    add_peers(&mut workload, bodies::SpawnJoin);
    workload.add_asyncio(settings, 20);
    workload
}

fn spawn_join_in_scope(settings: Settings) -> Workload {
    let about = "as spawn-join, each task in a scope of its own";
    let mut workload = workload("spawn-join-in-scope", about, settings.items(1_000_000));
    add::<ours::InScope>(&mut workload, bodies::SpawnJoin, false);
    workload
}

fn switch_2_in_scope(settings: Settings) -> Workload {
    let about = "as switch-2, each task in a scope of its own";
    let mut workload = workload("switch-2-in-scope", about, settings.items(4_000_000));
    add::<ours::InScope>(&mut workload, bodies::Switch { tasks: 2 }, false);
    workload
}

fn switch_2_scope_unused(settings: Settings) -> Workload {
    let about = "as switch-2, each task with a scope that it could open and does not";
    let mut workload = workload("switch-2-scope-unused", about, settings.items(4_000_000));
    add::<ours::ScopeUnused>(&mut workload, bodies::Switch { tasks: 2 }, false);
    workload
}

fn switch_2(settings: Settings) -> Workload {
    switch("switch-2", "2 tasks take turns, per switch", 2, settings)
}

fn switch_1000(settings: Settings) -> Workload {
    let about = "1000 tasks take turns, per switch";
    switch("switch-1000", about, 1000, settings)
}

fn switch_100_000(settings: Settings) -> Workload {
    let about = "100 000 tasks take turns, per switch";
    switch("switch-100000", about, 100_000, settings)
}

fn switch(name: &'static str, about: &str, tasks: u64, settings: Settings) -> Workload {
    let mut workload = workload(name, about, settings.items(4_000_000));
    workload.goal(Goal::TimesBestPeer(3.0));
    workload.own_heap();
    add_peers(&mut workload, bodies::Switch { tasks });
    workload.add_asyncio(settings, 20);
    workload
}

fn queue_64(settings: Settings) -> Workload {
    let about = "one producer, one consumer, a queue of 64, per item";
    queue("queue-64", about, 64, settings)
}

fn queue_1(settings: Settings) -> Workload {
    let about = "one producer, one consumer, a queue of 1, per item";
    let mut workload = queue("queue-1", about, 1, settings);
    workload.add_measured("may", |items| Ok(may_queue(items)));
    workload.note("its queue is unbounded: a semaphore bounds it; a stack for each task");
    workload
}

fn queue(name: &'static str, about: &str, capacity: usize, settings: Settings) -> Workload {
    let mut workload = workload(name, about, settings.items(1_000_000));
    workload.goal(Goal::TimesBestPeer(2.0));
    add_peers_with_channels(&mut workload, bodies::Queue { capacity });
    workload.add_asyncio(settings, 20);
    workload
}

fn one_shot(settings: Settings) -> Workload {
    let about = "the root awaits what a freshly spawned task sends, per item";
    let mut workload = workload("oneshot", about, settings.items(1_000_000));
    workload.goal(Goal::TimesBestPeer(3.0));
    add_peers_with_channels(&mut workload, bodies::OneShot);
    workload.add_asyncio(settings, 20);
    workload
}

fn timer_cancel(settings: Settings) -> Workload {
    let about = "a sleep is made, polled once and dropped, per sleep";
    let mut workload = workload("timer-cancel", about, settings.items(1_000_000));
    workload.goal(AHEAD);
    add_peers(&mut workload, bodies::TimerCancel);
    workload.add_asyncio(settings, 20);
    workload
}

fn timer_fire(settings: Settings) -> Workload {
    let items = settings.items(1_000_000);
    // A sleep of 54 ms is the longest.
    let waiting = 54_000_000 / items;
    let about = format!("tasks that sleep 5 to 54 ms, per task; {waiting} ns are the waiting");
    let mut workload = workload("timer-fire", &about, items);
    workload.goal(Goal::TimesBestPeer(3.0));
    workload.own_heap();
    add_peers(&mut workload, bodies::TimerFire);
    workload.add_asyncio(settings, 20);
    workload
}

fn join_100_000(settings: Settings) -> Workload {
    let about = "100 000 tasks that yield once are spawned and joined, per task";
    let mut workload = workload("join-100000", about, settings.items(1_000_000));
    workload.goal(AHEAD);
    workload.own_heap();
    add_peers(&mut workload, bodies::Join { tasks: 100_000 });
    workload.add_asyncio(settings, 10);
    workload
}

fn idle_bytes(settings: Settings) -> Workload {
    let about = "requested heap bytes of a task that waits, empty body, its handle not counted";
    let mut workload = workload("idle-bytes", about, settings.items(100_000));
    workload.unit("bytes");
    workload.goal(Goal::AtMost(64.0));
    add_peers(&mut workload, bodies::IdleBytes);
    workload.add_asyncio(settings, 10);
    workload
}

fn workload(name: &'static str, about: &str, items: u64) -> Workload {
    Workload::new(name, about, items, Reference::BestPeer)
}

fn add_peers(workload: &mut Workload, body: impl Body) {
    add_each(workload, body, false);
}

/// As `add_peers`, and says whose channels each takes.
fn add_peers_with_channels(workload: &mut Workload, body: impl Body) {
    add_each(workload, body, true);
}

fn add_each(workload: &mut Workload, body: impl Body, say_channels: bool) {
    add::<ours::Entracte>(workload, body, say_channels);
    add::<peers::TokioLocalSet>(workload, body, say_channels);
    add::<peers::TokioLocalRuntime>(workload, body, say_channels);
    add::<peers::Smol>(workload, body, say_channels);
    add::<peers::Monoio>(workload, body, say_channels);
    #[cfg(target_os = "linux")]
    add::<peers::MonoioUring>(workload, body, say_channels);
    add::<peers::Compio>(workload, body, say_channels);
    #[cfg(target_os = "linux")]
    add::<peers::Glommio>(workload, body, say_channels);
}

/// Adds a peer, or says why its loop cannot be started here.
fn add<P: Peer>(workload: &mut Workload, body: impl Body, say_channels: bool) {
    if let Err(reason) = P::run(async |_: &P| ()) {
        let name = P::NAME;
        let note = format!("{name} takes no part: its loop cannot be started ({reason})");
        workload.notes.push(note);
        return;
    }
    workload.add_measured(P::NAME, move |items| {
        P::run(async |peer: &P| body.run(peer, items).await)
            .map_err(|reason| format!("{} cannot be started ({reason})", P::NAME))
    });
    if say_channels {
        workload.note(P::Channels::NAME);
    }
}

/// Two coroutines of may, on its only worker.
fn may_queue(items: u64) -> (u64, f64) {
    may::config().set_workers(1);
    let (sender, receiver) = may::sync::mpsc::channel();
    let room = Arc::new(may::sync::Semphore::new(1));
    let start = Instant::now();
    let has_room = Arc::clone(&room);
    let producer = may::go!(move || {
        for i in 0..items {
            has_room.wait();
            sender.send(i).expect("the receiver waits for all");
        }
    });
    let consumer = may::go!(move || {
        let mut total = 0;
        for _ in 0..items {
            total += receiver.recv().expect("the sender sends all");
            room.post();
        }
        total
    });
    producer.join().expect("the producer does not panic");
    let total = consumer.join().expect("the consumer does not panic");
    (total, start.elapsed().as_nanos() as f64)
}

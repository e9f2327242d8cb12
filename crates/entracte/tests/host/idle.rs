//! A program that waits uses no processor time, whoever it waits for.

use std::cell::Cell;
use std::fs;
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::time::Duration;

use entracte::event_loop::Observer;
use entracte::{BoxError, host, sleep, spawn};

/// How long this thread has been on a processor.
fn processor_time() -> Result<Duration, BoxError> {
    let text = fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanos = text.split(' ').next().ok_or("the first number is there")?;
    Ok(Duration::from_nanos(nanos.parse()?))
}

#[derive(Default)]
struct Looks(Cell<u32>);

impl Observer for Looks {
    fn before_wait(&self, _: Option<Duration>) {
        self.0.set(self.0.get() + 1);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_program_that_waits_does_not_spin() -> Result<(), BoxError> {
    const LONG: Duration = Duration::from_millis(300);
    let runner = host::runner()?;
    let looks = Rc::new(Looks::default());
    runner.event_loop().set_observer(Some(looks.clone()));
    let (near, _far) = UnixStream::pair()?;
    let used = runner.run(async {
        let event_loop = entracte::EventLoop::current().ok_or("a loop runs")?;
        // Ready to be written from the start, which is told once.
        let _watch = event_loop.add_background_reader(&near, || {})?;
        tokio::time::sleep(Duration::from_millis(1)).await;
        let (before, looked) = (processor_time()?, looks.0.get());
        let ours = spawn(sleep(LONG));
        tokio::time::sleep(LONG).await;
        ours.await?;
        let looked = looks.0.get() - looked;
        assert!(looked < 20, "it looked {looked} times at the selector");
        Ok::<_, BoxError>(processor_time()? - before)
    })??;
    assert!(used < LONG / 3, "{used:?} of {LONG:?}");
    Ok(())
}

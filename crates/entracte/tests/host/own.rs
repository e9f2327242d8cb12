//! A tokio that the program has built itself.

use std::thread;
use std::time::Duration;

use entracte::{BoxError, host, sleep, spawn};
use tokio::runtime::Builder;

#[test]
fn the_loop_runs_inside_the_tokio_that_it_is_given() -> Result<(), BoxError> {
    let mut builder = Builder::new_current_thread();
    builder.enable_all().thread_name("of its own");
    let tokio = builder.build_local(Default::default())?;
    let before = tokio.spawn_local(async { 1 });
    let runner = host::runner_in(tokio)?;
    let sum = runner.run(async {
        let ours = spawn(async {
            sleep(Duration::from_millis(1)).await;
            10
        });
        Ok::<_, BoxError>(ours.await? + before.await?)
    })?;
    assert_eq!(sum?, 11);
    let name = runner.run(async {
        let name = || thread::current().name().map(str::to_owned);
        tokio::task::spawn_blocking(name).await
    })?;
    assert_eq!(name?.as_deref(), Some("of its own"));
    Ok(())
}

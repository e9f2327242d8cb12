//! reqwest in host mode, against nginx.

use std::time::Duration;

use entracte::{
    BoxError, EventLoop, checkpoint, finally, host, race, sleep, spawn, task_group, timeout,
};
use entracte_ecosystem::{NGINX, server};
use reqwest::{Client, StatusCode};

const SOON: Duration = Duration::from_millis(200);
/// What the slow page takes is more, and what everything else takes is far less.
const LONG: Duration = Duration::from_secs(20);

async fn get(client: Client, path: String) -> reqwest::Result<String> {
    let answer = client.get(server(NGINX) + &path).send().await?;
    answer.error_for_status()?.text().await
}

fn slow(client: &Client) -> impl Future<Output = reqwest::Result<String>> + use<> {
    get(client.clone(), "/slow".to_owned())
}

/// Fails if `act` takes as long as the slow page does.
fn run_quickly(act: impl Future<Output = Result<(), BoxError>>) -> Result<(), BoxError> {
    let runner = host::runner()?;
    let began = runner.event_loop().time();
    runner.run(act)??;
    let event_loop = runner.event_loop().clone();
    runner.close();
    assert!(
        event_loop.time() - began < LONG,
        "something waited for the slow page"
    );
    Ok(())
}

#[test]
fn five_hundred_requests_run_at_once_in_a_task_group() -> Result<(), BoxError> {
    run_quickly(async {
        let client = Client::new();
        task_group(async |group| {
            let pages: Vec<_> = (0..500)
                .map(|n| group.spawn(get(client.clone(), format!("/hello?n={n}"))))
                .collect();
            for (n, page) in pages.into_iter().enumerate() {
                assert_eq!(page.await?, format!("hello {n}"));
            }
            Ok::<_, BoxError>(())
        })
        .await?;
        Ok(())
    })
}

#[test]
fn a_timeout_cancels_a_slow_request_and_the_client_goes_on() -> Result<(), BoxError> {
    run_quickly(async {
        let client = Client::new();
        assert!(timeout(SOON, slow(&client)).await.is_err());
        assert_eq!(get(client, "/hello?n=1".to_owned()).await?, "hello 1");
        Ok(())
    })
}

#[test]
fn a_request_that_fails_cancels_the_others_of_its_group() -> Result<(), BoxError> {
    run_quickly(async {
        let client = Client::new();
        let failed = task_group(async |group| {
            for _ in 0..20 {
                group.spawn(slow(&client));
            }
            group.spawn(get(client.clone(), "/missing".to_owned()));
            Ok::<_, reqwest::Error>(())
        })
        .await;
        let text = format!("{:?}", failed.expect_err("there is no such page"));
        assert!(text.contains("404"), "{text}");
        Ok(())
    })
}

#[test]
fn the_faster_of_two_mirrors_wins() -> Result<(), BoxError> {
    run_quickly(async {
        let client = Client::new();
        let mirrors = ["/slow", "/hello?n=2"].map(|path| get(client.clone(), path.to_owned()));
        let raced = race(mirrors).await?;
        let (index, page) = raced.winner;
        assert_eq!((index, page??), (1, "hello 2".to_owned()));
        Ok(())
    })
}

#[test]
fn a_cancelled_task_sends_a_last_request_as_its_clean_up() -> Result<(), BoxError> {
    run_quickly(async {
        let client = Client::new();
        let (said, heard) = tokio::sync::oneshot::channel();
        let farewell = get(client.clone(), "/hello?n=bye".to_owned());
        let task = spawn(finally(slow(&client), async move {
            said.send(farewell.await).expect("the test listens");
        }));
        sleep(SOON).await;
        task.cancel();
        assert!(task.await.is_err_and(|error| error.is_cancelled()));
        assert_eq!(heard.await??, "hello bye");
        Ok(())
    })
}

#[test]
fn a_program_ends_while_a_request_is_on_its_way() -> Result<(), BoxError> {
    run_quickly(async {
        let client = Client::new();
        spawn(async move { slow(&client).await.map(drop) }).detach();
        for _ in 0..10 {
            checkpoint().await;
        }
        Ok(())
    })
}

#[test]
fn a_large_file_comes_whole_in_chunks() -> Result<(), BoxError> {
    run_quickly(async {
        let mut answer = Client::new().get(server(NGINX) + "/large").send().await?;
        assert_eq!(answer.status(), StatusCode::OK);
        let (mut length, mut chunks) = (0, 0);
        while let Some(chunk) = answer.chunk().await? {
            length += chunk.len();
            chunks += 1;
        }
        assert_eq!(length, 3_000_000);
        assert!(chunks > 1);
        assert!(EventLoop::current().is_some());
        Ok(())
    })
}

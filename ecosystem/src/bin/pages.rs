//! Fetches many pages at once with reqwest, which asks for tokio: host mode gives it one.
//!
//! `pages [URL [COUNT]]` fetches `URL/hello?n=0` and so on, and gives a slow page half a second.

use std::time::Duration;

use entracte::{BoxError, host, sleep, task_group, timeout};
use entracte_ecosystem::{NGINX, argument};
use reqwest::Client;

async fn page(client: Client, url: String) -> reqwest::Result<usize> {
    let answer = client.get(url).send().await?.error_for_status()?;
    Ok(answer.text().await?.len())
}

/// All pages at once: the first that fails cancels the others, which close their connections.
async fn fetch(client: &Client, url: &str, count: usize) -> Result<usize, BoxError> {
    let lengths = task_group(async |group| {
        let pages: Vec<_> = (0..count)
            .map(|n| group.spawn(page(client.clone(), format!("{url}/hello?n={n}"))))
            .collect();
        let mut sum = 0;
        for page in pages {
            sum += page.await?;
        }
        Ok::<_, BoxError>(sum)
    });
    Ok(lengths.await?)
}

fn main() -> Result<(), BoxError> {
    let url = argument(1, NGINX);
    let count = std::env::args()
        .nth(2)
        .map_or(Ok(200), |count| count.parse())?;
    host::run(async {
        let client = Client::new();
        let bytes = fetch(&client, &url, count).await?;
        println!("{count} pages, {bytes} bytes");
        let slow = page(client.clone(), format!("{url}/slow"));
        match timeout(Duration::from_millis(500), slow).await {
            Ok(length) => println!("the slow page has {} bytes", length?),
            Err(_) => println!("the slow page took too long, and its connection is closed"),
        }
        // Ours and tokio's, in one task.
        sleep(Duration::from_millis(1)).await;
        tokio::time::sleep(Duration::from_millis(1)).await;
        println!(
            "the client goes on: {} bytes",
            page(client, format!("{url}/hello?n=7")).await?
        );
        Ok(())
    })?
}

//! Writes notes to PostgreSQL with tokio-postgres over our own streams: no tokio runs here.
//!
//! `notes [URL]` pipelines its queries, and takes a query back on the server when it is cancelled.

use std::time::Duration;

use entracte::{BoxError, finally, run, spawn, task_group, timeout};
use entracte_ecosystem::{POSTGRES, argument, dial};
use std::rc::Rc;
use tokio_postgres::{Client, Config, NoTls};

async fn write_notes(client: &Rc<Client>) -> Result<i64, BoxError> {
    client
        .batch_execute("CREATE TEMPORARY TABLE note (number int, text text)")
        .await?;
    // At once, over one connection: the client sends them without waiting for the answers.
    task_group(async |group| {
        for number in 0..100_i32 {
            let client = client.clone();
            group.spawn(async move {
                let insert = "INSERT INTO note VALUES ($1, $2)";
                client
                    .execute(insert, &[&number, &format!("note {number}")])
                    .await
            });
        }
        Ok::<_, BoxError>(())
    })
    .await?;
    Ok(client
        .query_one("SELECT count(*) FROM note", &[])
        .await?
        .get(0))
}

fn main() -> Result<(), BoxError> {
    let settings: Config = argument(1, POSTGRES).parse()?;
    run(async {
        let (client, connection) = settings.connect_raw(dial(&settings).await?, NoTls).await?;
        let connection = spawn(connection);
        let client = Rc::new(client);
        println!("{} notes", write_notes(&client).await?);

        let cancel = client.cancel_token();
        let long = client.query("SELECT pg_sleep(3600)", &[]);
        let taken_back = finally(long, async {
            let stream = dial(&settings).await.expect("the server is there");
            let sent = cancel.cancel_query_raw(stream, NoTls).await;
            sent.expect("the server listens");
        });
        let late = timeout(Duration::from_millis(300), taken_back).await;
        println!(
            "the long query {}",
            if late.is_err() {
                "was taken back"
            } else {
                "ended"
            }
        );
        let answer: i32 = client.query_one("SELECT 6 * 7", &[]).await?.get(0);
        println!("the connection goes on: {answer}");
        drop(client);
        connection.await??;
        Ok(())
    })?
}

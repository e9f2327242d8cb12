//! tokio-postgres over our own streams, against PostgreSQL: no tokio runs.

use std::rc::Rc;
use std::time::Duration;

use entracte::{BoxError, finally, promise, run, spawn, task_group, timeout};
use entracte_ecosystem::{POSTGRES, POSTGRES_CERTIFICATE, Tls, dial, server};
use tokio_postgres::config::SslMode;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, NoTls};

const SOON: Duration = Duration::from_millis(200);
const LONG: Duration = Duration::from_secs(20);
const FOR_EVER: Duration = Duration::from_hours(24);

fn settings() -> Result<Config, BoxError> {
    Ok(server(POSTGRES).parse()?)
}

type Connection = entracte::Task<Result<(), tokio_postgres::Error>>;

async fn connect() -> Result<(Rc<Client>, Connection), BoxError> {
    assert!(tokio::runtime::Handle::try_current().is_err(), "no tokio");
    let settings = settings()?;
    let (client, connection) = settings.connect_raw(dial(&settings).await?, NoTls).await?;
    Ok((Rc::new(client), spawn(connection)))
}

async fn add_one(client: Rc<Client>, n: i32) -> Result<i32, tokio_postgres::Error> {
    Ok(client.query_one("SELECT $1::int + 1", &[&n]).await?.get(0))
}

#[test]
fn queries_of_many_tasks_are_sent_at_once() -> Result<(), BoxError> {
    run(async {
        let (client, connection) = connect().await?;
        task_group(async |group| {
            let answers: Vec<_> = (0..300_i32)
                .map(|n| {
                    let client = client.clone();
                    group.spawn(add_one(client, n))
                })
                .collect();
            for (n, answer) in (0..).zip(answers) {
                assert_eq!(answer.await?, n + 1);
            }
            Ok::<_, BoxError>(())
        })
        .await?;
        drop(client);
        connection.await??;
        Ok(())
    })?
}

#[test]
fn a_megabyte_goes_there_and_back() -> Result<(), BoxError> {
    run(async {
        let (client, _connection) = connect().await?;
        let sent = "0123456789abcdef".repeat(1 << 16);
        let row = client.query_one("SELECT $1::text || '!'", &[&sent]).await?;
        assert!(row.get::<_, String>(0) == sent + "!");
        Ok(())
    })?
}

#[test]
fn a_transaction_rolls_back_when_its_task_is_cancelled() -> Result<(), BoxError> {
    run(async {
        let settings = settings()?;
        let (mut client, connection) = settings.connect_raw(dial(&settings).await?, NoTls).await?;
        let connection = spawn(connection);
        let table = "DROP TABLE IF EXISTS native; CREATE TABLE native (n int PRIMARY KEY)";
        client.batch_execute(table).await?;
        let (inserted, has_inserted) = promise();
        let task = spawn(async move {
            let transaction = client.transaction().await?;
            transaction
                .execute("INSERT INTO native VALUES (1)", &[])
                .await?;
            inserted.set(()).expect("the test waits");
            entracte::sleep(FOR_EVER).await;
            transaction.commit().await
        });
        has_inserted.await?;
        task.cancel();
        assert!(task.await.is_err_and(|error| error.is_cancelled()));
        // With its client gone the connection ends, after the roll-back that it was given.
        timeout(LONG, connection).await???;
        let (other, _connection) = connect().await?;
        let again = other.execute("INSERT INTO native VALUES (1)", &[]);
        assert_eq!(timeout(LONG, again).await??, 1);
        other.batch_execute("DROP TABLE native").await?;
        Ok(())
    })?
}

#[test]
fn a_cancelled_query_is_taken_back_on_the_server() -> Result<(), BoxError> {
    run(async {
        let (client, _connection) = connect().await?;
        let query = {
            let client = client.clone();
            async move { client.query("SELECT pg_sleep(3600)", &[]).await }
        };
        let (cancel, settings) = (client.cancel_token(), settings()?);
        let task = spawn(finally(query, async move {
            let stream = dial(&settings).await.expect("the server is there");
            cancel
                .cancel_query_raw(stream, NoTls)
                .await
                .expect("the server listens");
        }));
        entracte::sleep(SOON).await;
        task.cancel();
        assert!(task.await.is_err_and(|error| error.is_cancelled()));
        // The connection is not held up by what sleeps for an hour.
        let answer = timeout(LONG, client.query_one("SELECT 42", &[])).await??;
        assert_eq!(answer.get::<_, i32>(0), 42);
        Ok(())
    })?
}

#[test]
fn an_error_of_the_server_is_the_error_of_the_query() -> Result<(), BoxError> {
    run(async {
        let (client, _connection) = connect().await?;
        let failed = client.query("SELECT 1 / 0", &[]).await.map(drop);
        let error = failed.expect_err("it divides by zero");
        assert_eq!(error.code(), Some(&SqlState::DIVISION_BY_ZERO));
        Ok(())
    })?
}

#[test]
fn queries_go_over_tls_and_the_server_says_so() -> Result<(), BoxError> {
    run(async {
        let mut settings = settings()?;
        settings.ssl_mode(SslMode::Require);
        let tls = Tls::trusting(&std::fs::read(server(POSTGRES_CERTIFICATE))?, "localhost")?;
        let (client, connection) = settings.connect_raw(dial(&settings).await?, tls).await?;
        let _connection = spawn(connection);
        let asked = "SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
        let row = client.query_one(asked, &[]).await?;
        assert!(row.get::<_, bool>(0));
        assert_eq!(row.get::<_, &str>(1), "TLSv1.3");
        let sent = "0123456789abcdef".repeat(1 << 14);
        let row = client.query_one("SELECT $1::text || '!'", &[&sent]).await?;
        assert!(row.get::<_, String>(0) == sent + "!");
        Ok(())
    })?
}

#[test]
fn a_server_by_another_name_is_not_trusted() -> Result<(), BoxError> {
    run(async {
        let mut settings = settings()?;
        settings.ssl_mode(SslMode::Require);
        let tls = Tls::trusting(&std::fs::read(server(POSTGRES_CERTIFICATE))?, "example.org")?;
        let refused = settings
            .connect_raw(dial(&settings).await?, tls)
            .await
            .map(drop);
        let error = refused.expect_err("the certificate is for localhost");
        assert!(
            format!("{error:?}").contains("NotValidForName"),
            "{error:?}"
        );
        Ok(())
    })?
}

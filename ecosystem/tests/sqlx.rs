//! sqlx in host mode, against PostgreSQL.

use std::time::Duration;

use entracte::{BoxError, catch_cancel, host, promise, spawn, task_group, timeout};
use entracte_ecosystem::{POSTGRES, server};
use sqlx::postgres::{PgListener, PgPool, PgPoolOptions};

const SOON: Duration = Duration::from_millis(200);
/// So long nothing here takes; what waits for a lock that nobody gives up takes longer.
const LONG: Duration = Duration::from_secs(20);
const FOR_EVER: Duration = Duration::from_hours(24);

async fn pool(connections: u32) -> sqlx::Result<PgPool> {
    let options = PgPoolOptions::new().max_connections(connections);
    options.connect(&server(POSTGRES)).await
}

/// A table of its own for each test, which run at the same time.
async fn table(pool: &PgPool, name: &'static str) -> sqlx::Result<()> {
    let text = format!("DROP TABLE IF EXISTS {name}; CREATE TABLE {name} (n int PRIMARY KEY)");
    sqlx::raw_sql(sqlx::AssertSqlSafe(text))
        .execute(pool)
        .await?;
    Ok(())
}

async fn double(pool: PgPool, n: i32) -> sqlx::Result<i32> {
    sqlx::query_scalar("SELECT $1 * 2")
        .bind(n)
        .fetch_one(&pool)
        .await
}

#[test]
fn a_hundred_tasks_share_a_pool_of_four() -> Result<(), BoxError> {
    host::run(async {
        let pool = pool(4).await?;
        task_group(async |group| {
            let doubles = (0..100).map(|n| group.spawn(double(pool.clone(), n)));
            let answers: Vec<_> = doubles.collect();
            for (n, answer) in answers.into_iter().enumerate() {
                assert_eq!(usize::try_from(answer.await?)?, 2 * n);
            }
            Ok::<_, BoxError>(())
        })
        .await?;
        assert!(pool.size() <= 4);
        pool.close().await;
        Ok(())
    })?
}

#[test]
fn a_transaction_rolls_back_when_its_task_is_cancelled() -> Result<(), BoxError> {
    host::run(async {
        let pool = pool(2).await?;
        table(&pool, "dropped").await?;
        let (inserted, has_inserted) = promise();
        let own = pool.clone();
        let task = spawn(async move {
            let mut transaction = own.begin().await?;
            let insert = sqlx::query("INSERT INTO dropped VALUES (1)");
            insert.execute(&mut *transaction).await?;
            inserted.set(()).expect("the test waits");
            entracte::sleep(FOR_EVER).await;
            transaction.commit().await
        });
        has_inserted.await?;
        task.cancel();
        assert!(task.await.is_err_and(|error| error.is_cancelled()));
        // Waits for the lock of the first one, and fails if that is committed.
        let again = sqlx::query("INSERT INTO dropped VALUES (1)").execute(&pool);
        timeout(LONG, again).await??;
        sqlx::query("DROP TABLE dropped").execute(&pool).await?;
        pool.close().await;
        Ok(())
    })?
}

#[test]
fn a_roll_back_is_awaited_as_a_clean_up() -> Result<(), BoxError> {
    host::run(async {
        let pool = pool(1).await?;
        table(&pool, "awaited").await?;
        let (inserted, has_inserted) = promise();
        let own = pool.clone();
        let task = spawn(async move {
            let mut transaction = own.begin().await?;
            let work = async {
                let insert = sqlx::query("INSERT INTO awaited VALUES (1)");
                insert.execute(&mut *transaction).await?;
                inserted.set(()).expect("the test waits");
                entracte::sleep(FOR_EVER).await;
                Ok::<_, sqlx::Error>(())
            };
            match catch_cancel(work).await {
                Ok(worked) => {
                    worked?;
                    transaction.commit().await
                }
                Err(cancelled) => {
                    transaction.rollback().await?;
                    cancelled.propagate().await
                }
            }
        });
        has_inserted.await?;
        task.cancel();
        assert!(task.await.is_err_and(|error| error.is_cancelled()));
        // There is one connection, which is free once the clean-up is over.
        let count = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM awaited");
        assert_eq!(timeout(LONG, count.fetch_one(&pool)).await??, 0);
        sqlx::query("DROP TABLE awaited").execute(&pool).await?;
        pool.close().await;
        Ok(())
    })?
}

#[test]
fn a_timeout_gives_a_slow_query_up_and_the_pool_goes_on() -> Result<(), BoxError> {
    host::run(async {
        let pool = pool(2).await?;
        let slow = sqlx::query("SELECT pg_sleep(3)").execute(&pool);
        assert!(timeout(SOON, slow).await.is_err());
        let answer = sqlx::query_scalar::<_, i32>("SELECT 6 * 7").fetch_one(&pool);
        assert_eq!(timeout(LONG, answer).await??, 42);
        Ok(())
    })?
}

#[test]
fn a_task_listens_to_what_another_one_notifies() -> Result<(), BoxError> {
    host::run(async {
        let pool = pool(2).await?;
        let mut listener = PgListener::connect_with(&pool).await?;
        listener.listen("news").await?;
        let hearing = spawn(async move {
            let mut heard = Vec::new();
            while heard.len() < 10 {
                heard.push(listener.recv().await?.payload().to_owned());
            }
            Ok::<_, sqlx::Error>(heard)
        });
        for n in 0..10 {
            let notify = sqlx::query("SELECT pg_notify('news', $1)").bind(n.to_string());
            notify.execute(&pool).await?;
        }
        let heard = timeout(LONG, hearing).await???;
        assert_eq!(heard, (0..10).map(|n| n.to_string()).collect::<Vec<_>>());
        Ok(())
    })?
}

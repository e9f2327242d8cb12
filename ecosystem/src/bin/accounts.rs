//! Moves money between accounts in PostgreSQL with sqlx: a task that is cancelled rolls back.
//!
//! `accounts [URL]` makes a table of its own and drops it again.

use entracte::{BoxError, catch_cancel, host, race, task_group};
use entracte_ecosystem::{POSTGRES, argument};
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::{Postgres, Transaction};
use std::time::Duration;

const ACCOUNTS: i32 = 10;
const TRANSFERS: i32 = 100;

async fn make_accounts(pool: &PgPool) -> sqlx::Result<()> {
    sqlx::query("DROP TABLE IF EXISTS account")
        .execute(pool)
        .await?;
    sqlx::query("CREATE TABLE account (id int PRIMARY KEY, balance int NOT NULL)")
        .execute(pool)
        .await?;
    sqlx::query("INSERT INTO account SELECT id, 100 FROM generate_series(0, $1 - 1) AS id")
        .bind(ACCOUNTS)
        .execute(pool)
        .await?;
    Ok(())
}

async fn add(
    transfer: &mut Transaction<'static, Postgres>,
    account: i32,
    amount: i32,
) -> sqlx::Result<()> {
    sqlx::query("UPDATE account SET balance = balance + $2 WHERE id = $1")
        .bind(account)
        .bind(amount)
        .execute(&mut **transfer)
        .await?;
    Ok(())
}

/// Takes from one account and gives to another, or does neither.
async fn move_one(pool: PgPool, from: i32, to: i32, hesitation: Duration) -> sqlx::Result<()> {
    let mut transfer = pool.begin().await?;
    let moving = async |transfer: &mut Transaction<'static, Postgres>| {
        // In the order of the accounts, so that no two transfers wait for each other.
        let (first, amount) = if from < to { (from, -1) } else { (to, 1) };
        add(transfer, first, amount).await?;
        entracte::sleep(hesitation).await;
        add(transfer, from.max(to), -amount).await
    };
    match catch_cancel(moving(&mut transfer)).await {
        Ok(moved) => {
            moved?;
            transfer.commit().await
        }
        // The clean-up may await: the server has rolled back before the task is gone.
        Err(cancelled) => {
            transfer.rollback().await?;
            cancelled.propagate().await
        }
    }
}

async fn sum(pool: &PgPool) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT sum(balance) FROM account")
        .fetch_one(pool)
        .await
}

fn main() -> Result<(), BoxError> {
    let url = argument(1, POSTGRES);
    host::run(async {
        let pool = PgPoolOptions::new()
            .max_connections(5)
            .connect(&url)
            .await?;
        make_accounts(&pool).await?;
        task_group(async |group| {
            for n in 0..TRANSFERS {
                let (from, to) = (n % ACCOUNTS, (n * 7 + 3) % ACCOUNTS);
                group.spawn(move_one(pool.clone(), from, to, Duration::ZERO));
            }
            Ok::<_, sqlx::Error>(())
        })
        .await?;
        println!(
            "{TRANSFERS} transfers, {} in all accounts",
            sum(&pool).await?
        );
        // The slower one is cancelled, and rolls back what it had begun.
        let slow = move_one(pool.clone(), 0, 1, Duration::from_hours(1));
        let fast = move_one(pool.clone(), 2, 3, Duration::from_millis(50));
        let raced = race([slow, fast]).await?;
        raced.winner.1??;
        println!(
            "the faster transfer won, {} in all accounts",
            sum(&pool).await?
        );
        let moved: i32 =
            sqlx::query_scalar("UPDATE account SET balance = 0 WHERE id = 0 RETURNING 1")
                .fetch_one(&pool)
                .await?;
        println!("{moved} account that the slower one had locked is free");
        sqlx::query("DROP TABLE account").execute(&pool).await?;
        pool.close().await;
        Ok(())
    })?
}

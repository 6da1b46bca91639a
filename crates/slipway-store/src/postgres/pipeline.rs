//! Statements that travel together.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use deadpool_postgres::ClientWrapper;
use tokio::time::timeout;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::trouble::Trouble;

/// A value of a statement.
pub(super) type Value<'a> = Box<dyn ToSql + Sync + Send + 'a>;

/// A statement and its values.
pub(super) struct Step<'a> {
    sql: &'a str,
    values: Vec<Value<'a>>,
}

impl<'a> Step<'a> {
    pub(super) fn new(sql: &'a str, values: Vec<Value<'a>>) -> Self {
        Self { sql, values }
    }

    /// One without values.
    pub(super) fn bare(sql: &'a str) -> Self {
        Self::new(sql, Vec::new())
    }
}

/// Sends all statements at once and gives the rows of each. Those behind one that fails fail too, if they are of one
/// transaction; the first failure is told. What cannot be sent keeps back those behind it. Statements that the connection meets for the first time are prepared
/// before any is sent.
pub(super) async fn run(
    client: &ClientWrapper,
    steps: &[Step<'_>],
    limit: Duration,
) -> Result<Vec<Vec<Row>>, Trouble> {
    let answers = async {
        let prepared = in_order(steps.iter().map(|step| client.prepare_cached(step.sql))).await?;
        let queries = steps.iter().zip(&prepared).map(async |(step, statement)| {
            let values: Vec<&(dyn ToSql + Sync)> = step.values.iter().map(|value| &**value as _).collect();
            client.query(statement, &values).await
        });
        in_order(queries).await
    };
    Ok(timeout(limit, answers).await.map_err(|_| Trouble::silence(limit))??)
}

/// Waits for all, which are polled in their order, so that each sends its message behind those before it. Those behind
/// one that fails are dropped: if it failed before its message was sent, theirs, a `COMMIT` say, must not be sent.
async fn in_order<T, E, F: Future<Output = Result<T, E>>>(
    futures: impl Iterator<Item = F>,
) -> Result<Vec<T>, E> {
    let mut waiting = futures.map(|future| (Box::pin(future), None)).collect::<Vec<_>>();
    poll_fn(|context| {
        let mut all = Poll::Ready(());
        for (future, answer) in waiting.iter_mut().filter(|(_, answer)| answer.is_none()) {
            match future.as_mut().poll(context) {
                Poll::Pending => all = Poll::Pending,
                Poll::Ready(result) => {
                    let failed = result.is_err();
                    *answer = Some(result);
                    if failed {
                        break;
                    }
                }
            }
        }
        if let Some(at) = waiting.iter().position(|(_, answer)| matches!(answer, Some(Err(_)))) {
            waiting.truncate(at + 1);
        }
        all
    })
    .await;
    waiting.into_iter().filter_map(|(_, answer)| answer).collect()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::pending;

    use tokio::task::yield_now;

    use super::*;

    #[tokio::test]
    async fn nothing_is_sent_behind_what_cannot_be_sent() {
        let count = Cell::new(0);
        let send = async |n| {
            if n == 2 {
                return Err("cannot be sent");
            }
            count.set(count.get() + 1);
            yield_now().await;
            Ok(n)
        };
        assert_eq!(in_order((0..2).map(send)).await, Ok(vec![0, 1]));
        assert_eq!(in_order((0..5).map(send)).await, Err("cannot be sent"));
        assert_eq!(count.get(), 4);
    }

    #[tokio::test]
    async fn the_first_failure_is_told_and_nobody_waits_for_those_behind_it() {
        let answer = async |n| match n {
            1 => {
                yield_now().await;
                Err("first")
            }
            2 => Err("second"),
            3 => pending().await,
            _ => Ok(()),
        };
        assert_eq!(in_order((0..4).map(answer)).await, Err("first"));
    }
}

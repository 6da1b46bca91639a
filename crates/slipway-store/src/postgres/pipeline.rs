//! Statements that travel together.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use deadpool_postgres::ClientWrapper;
use tokio::time::timeout;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Row};

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
/// transaction; the first failure is told. Statements that the connection meets for the first time are prepared
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

/// Waits for all, which are polled in their order, so that each sends its message behind those before it.
async fn in_order<T, F: Future<Output = Result<T, Error>>>(
    futures: impl Iterator<Item = F>,
) -> Result<Vec<T>, Error> {
    let mut waiting: Vec<Pin<Box<F>>> = futures.map(Box::pin).collect();
    let mut answers: Vec<Option<Result<T, Error>>> = waiting.iter().map(|_| None).collect();
    poll_fn(|context| {
        let mut all = Poll::Ready(());
        for (future, answer) in waiting.iter_mut().zip(&mut answers).filter(|(_, answer)| answer.is_none()) {
            match future.as_mut().poll(context) {
                Poll::Ready(result) => *answer = Some(result),
                Poll::Pending => all = Poll::Pending,
            }
        }
        all
    })
    .await;
    answers.into_iter().flatten().collect()
}

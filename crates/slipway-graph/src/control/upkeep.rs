//! Work on the whole storage that takes long: in a task of its own, and one at a time.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::fault::{Fault, FaultKind};

/// Whose turn it is.
pub(crate) struct Upkeep(Arc<Semaphore>);

impl Upkeep {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }

    /// Does the work to its end, even if nobody waits for it any more; a stop of the server ends it.
    ///
    /// # Errors
    /// [`FaultKind::UpkeepRunning`] while other work is done.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Fault> {
        let turn = Arc::clone(&self.0).try_acquire_owned().map_err(|_| FaultKind::UpkeepRunning)?;
        let done = tokio::spawn(async move {
            let done = work.await;
            drop(turn);
            done
        });
        done.await.map_err(|error| FaultKind::Internal.because(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn one_work_at_a_time_is_done_to_its_end() {
        let upkeep = Arc::new(Upkeep::new());
        let (finish, finished) = oneshot::channel::<()>();
        let (tell_start, started) = oneshot::channel();
        let (tell_end, ended) = oneshot::channel();
        let first = tokio::spawn({
            let upkeep = Arc::clone(&upkeep);
            async move {
                let work = async move {
                    tell_start.send(()).unwrap();
                    finished.await.unwrap();
                    tell_end.send(()).unwrap();
                };
                upkeep.run(work).await
            }
        });
        started.await.unwrap();
        assert_eq!(upkeep.run(async {}).await.unwrap_err().status(), 409);
        // Who asked goes away.
        first.abort();
        assert!(first.await.unwrap_err().is_cancelled());
        assert_eq!(upkeep.run(async {}).await.unwrap_err().status(), 409);
        finish.send(()).unwrap();
        ended.await.unwrap();
        while upkeep.run(async {}).await.is_err() {
            tokio::task::yield_now().await;
        }
    }
}

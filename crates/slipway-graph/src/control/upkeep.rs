//! Work on the whole storage that takes long: on a thread of its own, so that requests go on, and one at a time.

use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::fault::{Fault, FaultKind};

/// Whose turn it is.
pub(crate) struct Upkeep(Arc<Semaphore>);

impl Upkeep {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }

    /// Does the work to its end, even if nobody waits for it any more.
    ///
    /// # Errors
    /// [`FaultKind::UpkeepRunning`] while other work is done.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Fault> {
        let turn = Arc::clone(&self.0).try_acquire_owned().map_err(|_| FaultKind::UpkeepRunning)?;
        let runtime = Handle::current();
        let done = spawn_blocking(move || {
            let done = runtime.block_on(work);
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
        let (begin, begun) = oneshot::channel();
        let (end, ended) = oneshot::channel();
        let first = tokio::spawn({
            let upkeep = Arc::clone(&upkeep);
            async move {
                let work = async move {
                    begin.send(()).unwrap();
                    finished.await.unwrap();
                    end.send(()).unwrap();
                };
                upkeep.run(work).await
            }
        });
        begun.await.unwrap();
        let refused = upkeep.run(async {}).await.unwrap_err();
        assert_eq!(refused.status(), 409);
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

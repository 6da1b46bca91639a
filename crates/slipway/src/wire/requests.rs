//! The requests of one connection, counted, so that idle connections end.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::sleep;

/// A connection must have sent the whole header of its first request within this time.
const FIRST_REQUEST: Duration = Duration::from_secs(10);
/// From then on it is closed if no request begins or ends for so long; it may take twice the time until that is
/// noticed. Longer than clients keep idle connections, so that they rarely send into a closing one.
const NEXT_REQUEST: Duration = Duration::from_secs(120);

/// The requests of one connection: a count of those that began. Each one in flight holds a clone.
#[derive(Clone, Default)]
pub struct Requests(Arc<AtomicU64>);

/// The requests of one connection at some time; what begins or ends changes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    begun: u64,
    /// How many are in flight.
    pub in_flight: usize,
}

impl Requests {
    /// Counts a request. It is in flight until what this gives is dropped.
    pub fn begin(&self) -> Self {
        self.0.fetch_add(1, Ordering::Relaxed);
        self.clone()
    }

    /// How it stands now.
    pub fn seen(&self) -> Seen {
        Seen { begun: self.0.load(Ordering::Relaxed), in_flight: Arc::strong_count(&self.0) - 1 }
    }

    /// Ends when no request began or ended for too long. The first one may have begun before this is asked.
    pub async fn pause(&self) {
        let mut before = Seen::default();
        sleep(FIRST_REQUEST).await;
        while before != self.seen() {
            before = self.seen();
            sleep(NEXT_REQUEST).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use tokio::time::{Instant, timeout};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_connection_must_begin_a_request_soon() {
        let began = Instant::now();
        Requests::default().pause().await;
        assert_eq!(began.elapsed(), FIRST_REQUEST);
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_lives_while_requests_begin_and_end() {
        let requests = Requests::default();
        let mut pause = pin!(requests.pause());
        let in_flight = requests.begin();
        for _ in 0..20 {
            assert!(timeout(NEXT_REQUEST * 9 / 10, pause.as_mut()).await.is_err());
            drop(requests.begin());
        }
        assert!(timeout(NEXT_REQUEST * 9 / 10, pause.as_mut()).await.is_err());
        drop(in_flight);
        let ended = Instant::now();
        pause.await;
        assert!(ended.elapsed() > NEXT_REQUEST && ended.elapsed() <= NEXT_REQUEST * 2);
    }
}

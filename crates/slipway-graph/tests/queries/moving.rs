//! Takes rows away and puts them back while answers are read.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use slipway_store::{Changeset, Partition, Store};
use tokio::task::JoinHandle;

use crate::dice::Dice;
use crate::world::World;

/// Somebody who never stops changing the rows that are passing, one commit after the other.
pub struct Mover {
    stop: Arc<AtomicBool>,
    moving: JoinHandle<usize>,
}

impl Mover {
    pub fn start(store: Store, partition: Partition, world: Arc<World>, mut dice: Dice) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let moving = tokio::spawn(async move {
            let passing: Vec<_> = world.entities().filter(|entity| entity.passing).collect();
            let mut away = vec![false; passing.len()];
            let mut moves = 0;
            while !passing.is_empty() && !stopped.load(Ordering::Relaxed) {
                let at = dice.below(passing.len());
                let changes = Changeset::new("test.move");
                let record = &passing[at].record;
                let changes = if away[at] {
                    record.put(changes, &partition)
                } else {
                    record.delete(changes, &partition)
                };
                away[at] = !away[at];
                store.commit(changes).await.unwrap();
                moves += 1;
            }
            moves
        });
        Self { stop, moving }
    }

    /// How often a row came or went until now.
    pub async fn stop(self) -> usize {
        self.stop.store(true, Ordering::Relaxed);
        self.moving.await.unwrap()
    }
}

//! The one thread that writes.

use std::sync::mpsc::Receiver;

use tokio::sync::oneshot;

use super::Durability;
use super::batch::{Batch, Request};
use super::folder::AcknowledgedCommits;
use super::tree::{Tree, describe};
use crate::error::CommitError;
use crate::record::Revision;

type Answer = oneshot::Sender<Result<Revision, CommitError>>;

/// What the writer is asked for.
pub(super) enum Message {
    /// Commit this and say how it went.
    Commit { request: Request, answer: Answer },
    /// Finish what is in the queue, and end.
    Close,
}

/// The writer's state.
pub(super) struct Writer {
    tree: Tree,
    durability: Durability,
    /// Number of the last commit.
    last: u64,
    acknowledged: AcknowledgedCommits,
    /// Why nothing is written any more.
    read_only: Option<String>,
}

impl Writer {
    pub(super) fn new(
        tree: Tree,
        durability: Durability,
        last: u64,
        acknowledged: AcknowledgedCommits,
    ) -> Self {
        Self { tree, durability, last, acknowledged, read_only: None }
    }

    /// Works until it is closed.
    pub(super) fn run(mut self, messages: &Receiver<Message>) {
        while let Ok(first) = messages.recv() {
            if !self.batch(first, messages) {
                break;
            }
        }
        if self.durability == Durability::Synced && self.read_only.is_none() {
            let synced = self.tree.sync().and_then(|()| Ok(self.acknowledged.sync()?));
            if let Err(error) = synced {
                tracing::error!(
                    error = describe(&error),
                    "the storage did not sync at close; commits are safe"
                );
            }
        }
    }

    /// Writes one batch and answers it; false = the queue was closed.
    fn batch(&mut self, first: Message, messages: &Receiver<Message>) -> bool {
        let tree = self.tree.clone();
        let mut batch = Batch::new(&tree, self.last);
        let mut answers = Vec::new();
        let mut next = Some(first);
        let mut open = true;
        while let Some(message) = next {
            let Message::Commit { request, answer } = message else {
                open = false;
                break;
            };
            let name = request.name;
            let result = match &self.read_only {
                Some(why) => Err(CommitError::Unavailable(why.clone())),
                None => batch.take(request),
            };
            if let Err(error) = &result {
                tracing::debug!(commit = name, %error, "commit refused");
            }
            answers.push((answer, result));
            next = if batch.is_full() { None } else { messages.try_recv().ok() };
        }
        let failure = self.write(batch).err();
        for (answer, result) in answers {
            // A refusal too may rest on a changeset that failed with the batch.
            let result = failure.clone().map_or(result, Err);
            // The caller may have gone.
            let _ = answer.send(result);
        }
        open
    }

    fn write(&mut self, batch: Batch<'_>) -> Result<(), CommitError> {
        let last = batch.last();
        let Some(batch) = batch.finish(self.durability) else {
            return Ok(());
        };
        if let Err(error) = batch.commit() {
            let why = describe(&error);
            self.stop(format!("read-only since commit {last} could not be written: {why}"));
            return Err(match error {
                // The tree refused it before writing, since a task of its own had failed.
                fjall::Error::Poisoned => CommitError::Unavailable(why),
                _ => CommitError::Unknown(why),
            });
        }
        self.last = last;
        if self.durability == Durability::Synced
            && let Err(error) = self.acknowledged.write(last)
        {
            self.stop(format!("read-only since the number of commit {last} could not be written: {error}"));
        }
        Ok(())
    }

    fn stop(&mut self, why: String) {
        tracing::error!(why, "the storage takes no more changes; restart when the cause is gone");
        self.read_only = Some(why);
    }
}

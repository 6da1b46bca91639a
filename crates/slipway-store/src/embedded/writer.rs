//! The one thread that writes.

use std::sync::mpsc::Receiver;
use std::sync::{Arc, OnceLock};

use fjall::UserValue;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::Durability;
use super::folder::AcknowledgedCommits;
use super::tree::{Tree, describe};
use crate::batch::{self, Batch, Load, Outcome};
use crate::error::CommitError;
use crate::record::Revision;

type Request = batch::Request<UserValue>;
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
    pub(super) tree: Tree,
    pub(super) durability: Durability,
    /// Number of the last commit.
    pub(super) last: u64,
    pub(super) acknowledged: AcknowledgedCommits,
    /// Why nothing is written any more; set by the writer.
    pub(super) read_only: Arc<OnceLock<String>>,
    /// Where the callers are woken: from outside of it each of them costs a lock, and often a system call.
    pub(super) callers: Handle,
}

impl Writer {
    /// Works until it is closed.
    pub(super) fn run(mut self, messages: &Receiver<Message>) {
        let mut open = true;
        while open && let Ok(first) = messages.recv() {
            let requests;
            (requests, open) = gather(first, messages);
            self.batch(requests);
        }
        if self.durability == Durability::Synced && self.read_only.get().is_none() {
            let synced = self.tree.sync().and_then(|()| Ok(self.acknowledged.sync()?));
            if let Err(error) = synced {
                tracing::error!(
                    error = describe(&error),
                    "the storage did not sync at close; commits are safe"
                );
            }
        }
    }

    /// Writes one batch and has it answered.
    fn batch(&mut self, requests: Vec<(Request, Answer)>) {
        let tree = self.tree.clone();
        let mut batch = Batch::new(&tree, self.last, requests.iter().map(|(request, _)| request));
        let mut answers = Vec::with_capacity(requests.len());
        for (request, answer) in requests {
            let name = request.name;
            let result = match self.read_only.get() {
                Some(why) => Err(CommitError::Unavailable(why.clone())),
                None => batch.take(request),
            };
            if let Err(error) = &result {
                tracing::debug!(commit = name, %error, "commit refused");
            }
            answers.push((answer, result));
        }
        let failure = batch.finish().and_then(|outcome| self.write(outcome).err());
        self.callers.spawn(async move {
            for (answer, result) in answers {
                // A refusal too may rest on a changeset that failed with the batch.
                let result = failure.clone().map_or(result, Err);
                // The caller may have gone.
                let _ = answer.send(result);
            }
        });
        if self.read_only.get().is_none()
            && let Err(error) = self.tree.rotate()
        {
            self.stop(format!("read-only since its memory could not be handed over: {}", describe(&error)));
        }
    }

    fn write(&mut self, outcome: Outcome<UserValue>) -> Result<(), CommitError> {
        let last = outcome.last;
        let batch = self.tree.batch(outcome, self.durability);
        let batch = batch.map_err(|error| CommitError::Unavailable(describe(&error)))?;
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
        // Of several reasons the first one stays.
        let _ = self.read_only.set(why);
    }
}

/// What is in the queue, as far as it fits into a batch; false = the queue was closed behind it.
fn gather(first: Message, messages: &Receiver<Message>) -> (Vec<(Request, Answer)>, bool) {
    let mut requests = Vec::new();
    let mut load = Load::default();
    let mut next = Some(first);
    while let Some(message) = next {
        let Message::Commit { request, answer } = message else {
            return (requests, false);
        };
        load.add(&request);
        requests.push((request, answer));
        next = if load.is_full() { None } else { messages.try_recv().ok() };
    }
    (requests, true)
}

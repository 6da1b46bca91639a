//! The one thread that writes.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use fjall::UserValue;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::folder::{self, AcknowledgedCommits};
use super::journal::{Journals, Limits};
use super::readers::Readers;
use super::tree::{self, Tree, describe};
use super::{Durability, Health, versions};
use crate::batch::{self, Batch, Load, Outcome};
use crate::error::{CommitError, OpenError};
use crate::record::Revision;

type Request = batch::Request<UserValue>;
type Answer = oneshot::Sender<Result<Revision, CommitError>>;

/// Between two attempts to write again.
const PAUSE: Duration = Duration::from_secs(1);

/// What the writer is asked for.
pub(super) enum Message {
    /// Commit this and say how it went.
    Commit { request: Request, answer: Answer },
    /// Finish what is in the queue, and end.
    Close,
}

/// The writer's state.
pub(super) struct Writer {
    pub(super) folder: PathBuf,
    pub(super) durability: Durability,
    pub(super) readers: Arc<Readers>,
    pub(super) health: Arc<Health>,
    /// Where the callers are woken: from outside of it each of them costs a lock, and often a system call.
    pub(super) callers: Handle,
    /// Number of the last commit.
    pub(super) last: u64,
    pub(super) state: State,
}

pub(super) enum State {
    Open(Open),
    /// Read-only since a write failed; none = for good, since something is damaged.
    Failed(Option<Failure>),
}

pub(super) struct Open {
    pub(super) tree: Tree,
    pub(super) acknowledged: AcknowledgedCommits,
    /// Snapshots of an earlier opening may be in use.
    pub(super) earlier: bool,
}

/// What is known of a failed write.
pub(super) struct Failure {
    why: String,
    /// The journals end with the last acknowledged commit again.
    settled: bool,
    /// The tree's worker gave up, and does not say why: a damaged table may be the cause.
    worker: bool,
    next_attempt: Instant,
}

/// Why writing does not go on.
enum Obstacle {
    /// It may be gone a little later.
    Passing(String),
    /// Something is damaged.
    Lasting(String),
}

impl From<OpenError> for Obstacle {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Damaged(..) | OpenError::CommitsMissing { .. } => Self::Lasting(error.to_string()),
            error => Self::Passing(error.to_string()),
        }
    }
}

impl Writer {
    /// Works until it is closed.
    pub(super) fn run(mut self, messages: &Receiver<Message>) {
        let mut open = true;
        while open {
            let message = match self.wake_up() {
                None => messages.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(at) => messages.recv_timeout(at.saturating_duration_since(Instant::now())),
            };
            match message {
                Ok(first) => {
                    let requests;
                    (requests, open) = gather(first, messages);
                    self.batch(requests);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => open = false,
            }
            self.recover();
        }
        if let State::Open(open) = &self.state
            && self.durability == Durability::Synced
        {
            let synced = open.tree.sync().and_then(|()| Ok(open.acknowledged.sync()?));
            if let Err(error) = synced {
                tracing::error!(
                    error = describe(&error),
                    "the storage did not sync at close; commits are safe"
                );
            }
        }
    }

    /// When there is something to do without a message.
    fn wake_up(&self) -> Option<Instant> {
        match &self.state {
            State::Open(open) => open.earlier.then(|| Instant::now() + PAUSE),
            State::Failed(failure) => failure.as_ref().map(|failure| failure.next_attempt),
        }
    }

    /// Writes one batch and has it answered.
    fn batch(&mut self, requests: Vec<(Request, Answer)>) {
        let mut answers = Vec::with_capacity(requests.len());
        let State::Open(open) = &self.state else {
            let refusal = self.health.get().map(|()| Revision(self.last));
            answers.extend(requests.into_iter().map(|(_, answer)| (answer, refusal.clone())));
            return self.answer(answers);
        };
        let mut batch = Batch::new(&open.tree, self.last, requests.iter().map(|(request, _)| request));
        for (request, answer) in requests {
            let name = request.name;
            let result = batch.take(request);
            if let Err(error) = &result {
                tracing::debug!(commit = name, %error, "commit refused");
            }
            answers.push((answer, result));
        }
        if let Some(outcome) = batch.finish()
            && let Err(error) = self.write(outcome)
        {
            // A refusal too may rest on a changeset that failed with the batch.
            for (_, result) in &mut answers {
                *result = Err(error.clone());
            }
        }
        self.answer(answers);
        if let State::Open(open) = &self.state
            && let Err(error) = open.tree.rotate()
        {
            self.fail("its memory could not be handed over", &error);
        }
    }

    fn answer(&self, answers: Vec<(Answer, Result<Revision, CommitError>)>) {
        self.callers.spawn(async move {
            for (answer, result) in answers {
                // The caller may have gone.
                let _ = answer.send(result);
            }
        });
    }

    fn write(&mut self, outcome: Outcome<UserValue>) -> Result<(), CommitError> {
        let State::Open(open) = &mut self.state else { return self.health.get() };
        let last = outcome.last;
        let batch = open.tree.batch(outcome, self.last, self.durability);
        let batch = batch.map_err(|error| CommitError::Unavailable(describe(&error)))?;
        if let Err(error) = open.tree.wait_for_worker().and_then(|()| batch.commit()) {
            return Err(self.fail(&format!("commit {last} could not be written"), &error));
        }
        self.last = last;
        if self.durability == Durability::Synced
            && let Err(error) = open.acknowledged.write(last)
        {
            // The commit itself is durable.
            self.fail(&format!("the number of commit {last} could not be written"), &error.into());
        }
        Ok(())
    }

    /// Stops writing, and tells what has become of the batch. The tree is closed, since it does not write again after
    /// an error, and what it left of the batch in the journal is taken back: then nobody sees the batch, now or after
    /// the next start, and its callers may be told so.
    fn fail(&mut self, what: &str, error: &fjall::Error) -> CommitError {
        let why = format!("read-only since {what}: {}", describe(error));
        tracing::error!(why, "the storage takes no changes until writing works again");
        self.health.set(Some(why.clone()));
        self.readers.close();
        if let State::Open(open) = std::mem::replace(&mut self.state, State::Failed(None)) {
            open.tree.close();
        }
        // A worker that failed had the batch refused before it was written.
        let worker = matches!(error, fjall::Error::Poisoned);
        let settled = self.settle().is_ok();
        let next_attempt = Instant::now() + PAUSE;
        self.state = State::Failed(Some(Failure { why: why.clone(), settled, worker, next_attempt }));
        if worker || settled { CommitError::Unavailable(why) } else { CommitError::Unknown(why) }
    }

    /// Has the journals end with the last acknowledged commit, durably. The tree is closed.
    fn settle(&self) -> Result<(), OpenError> {
        let limits = Limits { synced: self.last, keep: self.last };
        let journals = Journals::read(&self.folder.join(tree::FOLDER), limits)?;
        // Nothing that was acknowledged went missing while the process had it, so the tables hold the rest.
        journals.settle(self.durability)
    }

    /// Does what is due without a message.
    fn recover(&mut self) {
        match &mut self.state {
            State::Open(open) if open.earlier => open.earlier = !self.readers.forget_earlier(),
            State::Failed(failure) => {
                let Some(mut failure) = failure.take_if(|failure| failure.next_attempt <= Instant::now())
                else {
                    return;
                };
                match self.reopen(&mut failure) {
                    Ok(open) => {
                        self.state = State::Open(open);
                        self.health.set(None);
                        tracing::info!(commit = self.last, "the storage takes changes again");
                    }
                    Err(Obstacle::Passing(obstacle)) => {
                        self.health.set(Some(format!("{}; not over yet: {obstacle}", failure.why)));
                        failure.next_attempt = Instant::now() + PAUSE;
                        self.state = State::Failed(Some(failure));
                    }
                    Err(Obstacle::Lasting(why)) => {
                        tracing::error!(why, "the storage takes no more changes");
                        self.health.set(Some(format!("read-only for good: {why}")));
                    }
                }
            }
            State::Open(_) => {}
        }
    }

    fn reopen(&self, failure: &mut Failure) -> Result<Open, Obstacle> {
        folder::try_writing(&self.folder).map_err(|error| OpenError::Folder(self.folder.clone(), error))?;
        if !failure.settled {
            self.settle()?;
            failure.settled = true;
        }
        let tree = self.folder.join(tree::FOLDER);
        versions::check(&tree)?;
        if failure.worker
            && let Some(file) = versions::damaged_file(&tree)
        {
            return Err(versions::damaged(&file, "the tree's worker could not read it").into());
        }
        let acknowledged = AcknowledgedCommits::open(&self.folder, self.last)?;
        let tree = self.readers.reopen(|| self.open_tree())?;
        Ok(Open { tree, acknowledged, earlier: true })
    }

    fn open_tree(&self) -> Result<Tree, OpenError> {
        let tree = Tree::open(&self.folder)?;
        let found = tree.last_commit().map_err(|error| tree::refused(&self.folder, &error))?;
        if found == self.last {
            Ok(tree)
        } else {
            let folder = self.folder.clone();
            Err(OpenError::CommitsMissing { folder, found, acknowledged: self.last })
        }
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

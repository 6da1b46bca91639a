//! The one task that writes: it drains the queue in batches and sees each through to an answer.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use deadpool_postgres::ClientWrapper;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, timeout};

use super::connector::Connector;
use super::database::Purpose;
use super::pipeline::{self, Step};
use super::sql;
use super::transaction::{self, Answer, Request};
use super::trouble::Trouble;
use crate::batch::Load;
use crate::error::CommitError;

/// How long a caller is kept waiting while the database is away or others are in the way, besides the time that the
/// batch may be on its way.
const PATIENCE: Duration = Duration::from_secs(10);

/// Rest between two tries to reach the database.
const REST: Duration = Duration::from_millis(250);

/// How often an idle writer looks whether its connection still stands.
const GLANCE: Duration = Duration::from_secs(1);

/// How often a batch that others keep getting in the way of is begun anew.
const RACES: u32 = 10;

/// Longest wait for the answer to a question about a single batch.
const ANSWER: Duration = Duration::from_secs(6);

/// After how many batches old notes of batches are removed; twice as many at a time as are made meanwhile.
const FORGET_EVERY: u32 = 1_000;

/// What the writer is asked for.
pub(super) enum Message {
    Commit(Pending),
    /// Finish what is in the queue, and end.
    Close,
}

/// A changeset and who waits for it.
pub(super) struct Pending {
    pub(super) request: Request,
    /// Length of its documents.
    pub(super) bytes: usize,
    pub(super) since: Instant,
    pub(super) answer: oneshot::Sender<Answer>,
}

/// Why changes cannot be taken; none = they can.
#[derive(Clone, Default)]
pub(super) struct Health(Arc<Mutex<Option<String>>>);

impl Health {
    pub(super) fn get(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set(&self, why: Option<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = why;
    }
}

/// The writer's state.
pub(super) struct Writer {
    connector: Arc<Connector>,
    /// None = it is to be made anew.
    connection: Option<ClientWrapper>,
    health: Health,
    /// Batches since old notes were removed.
    unforgotten: u32,
}

impl Writer {
    pub(super) fn new(connector: Arc<Connector>, connection: ClientWrapper, health: Health) -> Self {
        // The first batch has the notes of earlier servers removed.
        Self { connector, connection: Some(connection), health, unforgotten: FORGET_EVERY }
    }

    /// Works until it is closed.
    pub(super) async fn run(mut self, mut queue: UnboundedReceiver<Message>) {
        let mut open = true;
        while open {
            let first = match timeout(GLANCE, queue.recv()).await {
                Err(_) => {
                    self.look_after_connection().await;
                    continue;
                }
                Ok(None | Some(Message::Close)) => break,
                Ok(Some(Message::Commit(one))) => one,
            };
            let waiting;
            (waiting, open) = gather(first, &mut queue);
            self.fulfil(waiting).await;
        }
        queue.close();
        while let Some(Message::Commit(one)) = queue.recv().await {
            // The caller may have gone.
            let _ = one.answer.send(Err(closed()));
        }
    }

    /// Commits what can be committed and answers all.
    async fn fulfil(&mut self, waiting: Vec<Pending>) {
        let carriage = transaction::carriage(waiting.iter().map(|one| one.bytes).sum());
        let since = waiting.iter().map(|one| one.since).min().unwrap_or_else(Instant::now);
        let deadline = since + PATIENCE + carriage;
        let (requests, callers): (Vec<_>, Vec<_>) =
            waiting.into_iter().map(|one| (one.request, one.answer)).unzip();
        let answers = match self.commit(&requests, deadline).await {
            // What one of them holds cannot be kept; the others shall not suffer for it.
            Err(CommitError::Invalid(_)) if requests.len() > 1 => {
                let mut answers = Vec::with_capacity(requests.len());
                for request in &requests {
                    let answer = self.commit(std::slice::from_ref(request), deadline).await;
                    answers.extend(answer.unwrap_or_else(|error| vec![Err(error)]));
                }
                answers
            }
            Err(error) => requests.iter().map(|_| Err(error.clone())).collect(),
            Ok(answers) => answers,
        };
        for (caller, answer) in callers.into_iter().zip(answers) {
            // The caller may have gone.
            let _ = caller.send(answer);
        }
        self.forget().await;
    }

    /// Commits the batch, as often anew as it takes and the deadline allows; answers each request.
    async fn commit(&mut self, requests: &[Request], deadline: Instant) -> Result<Vec<Answer>, CommitError> {
        let mut races = 0;
        loop {
            let (why, rest) = match self.attempt(requests).await {
                Ok(answers) => return Ok(answers),
                Err(Trouble::Unsettled(why)) => return Err(CommitError::Unknown(why)),
                Err(Trouble::Unfit(why)) => return Err(CommitError::Invalid(why)),
                Err(Trouble::Refused(why)) => return Err(CommitError::Unavailable(why)),
                Err(Trouble::Race(why)) => {
                    races += 1;
                    (why, Duration::from_millis(1 << races))
                }
                Err(Trouble::Lost(why)) => (why, REST),
            };
            if races >= RACES || Instant::now() + rest > deadline {
                return Err(CommitError::Unavailable(why));
            }
            tracing::debug!(why, "a batch is begun anew");
            sleep(rest).await;
        }
    }

    /// One try, which leaves nothing behind unless it succeeds or is unsettled.
    async fn attempt(&mut self, requests: &[Request]) -> Result<Vec<Answer>, Trouble> {
        let connection = self.connection().await?;
        let held = match transaction::hold(&connection, requests).await {
            Ok(held) => held,
            Err(trouble) => return Err(self.give_up(connection, trouble).await),
        };
        let decided = transaction::decide(&held, requests);
        if let Err(trouble) = transaction::confirm(&connection, &decided).await {
            return Err(self.give_up(connection, trouble).await);
        }
        let written = match &decided.changes {
            Some(changes) => transaction::write(&connection, &held, changes).await,
            None => transaction::release(&connection).await,
        };
        match written {
            Ok(()) => {
                self.connection = Some(connection);
                self.unforgotten += u32::from(decided.changes.is_some());
            }
            Err(Trouble::Lost(why)) if decided.changes.is_some() => {
                drop(connection);
                self.settle(&held.batch, why).await?;
            }
            Err(trouble) => return Err(self.give_up(connection, trouble).await),
        }
        Ok(decided.answers)
    }

    /// Takes the connection, or makes one.
    async fn connection(&mut self) -> Result<ClientWrapper, Trouble> {
        if let Some(connection) = self.connection.take().filter(|connection| !connection.is_closed()) {
            return Ok(connection);
        }
        let made = self.connector.connect(Purpose::Write).await;
        self.health.set(made.as_ref().err().map(|trouble| trouble.clone().why()));
        made
    }

    /// Leaves a transaction that came to nothing, and keeps the connection if it is good.
    async fn give_up(&mut self, connection: ClientWrapper, trouble: Trouble) -> Trouble {
        if !matches!(trouble, Trouble::Lost(_)) && transaction::release(&connection).await.is_ok() {
            self.connection = Some(connection);
        }
        trouble
    }

    /// Finds out whether a batch was committed whose commit went out and was not answered. If it was not, it never
    /// will be: a note takes its place.
    ///
    /// # Errors
    /// [`Trouble::Lost`] if it was not, [`Trouble::Unsettled`] when the database cannot be asked for too long.
    async fn settle(&mut self, batch: &str, lost: String) -> Result<(), Trouble> {
        let deadline = Instant::now() + PATIENCE;
        tracing::warn!(why = lost, "the database did not answer a commit; asking whether it happened");
        loop {
            match self.is_committed(batch).await {
                Ok(true) => return Ok(()),
                Ok(false) => return Err(Trouble::Lost(lost)),
                Err(trouble) if Instant::now() + REST > deadline => {
                    return Err(Trouble::Unsettled(format!("{lost}; then: {}", trouble.why())));
                }
                Err(_) => sleep(REST).await,
            }
        }
    }

    async fn is_committed(&mut self, batch: &str) -> Result<bool, Trouble> {
        let connection = self.connection().await?;
        let steps = [sql::FORESTALL, sql::IS_COMMITTED].map(|sql| Step::new(sql, vec![Box::new(batch)]));
        let answers = pipeline::run(&connection, &steps, ANSWER).await?;
        self.connection = Some(connection);
        let row = answers.last().and_then(|rows| rows.first());
        let row = row.ok_or_else(|| Trouble::Race("the note of a batch is gone".to_owned()))?;
        Ok(row.try_get(0)?)
    }

    /// Removes old notes of batches now and then.
    async fn forget(&mut self) {
        if self.unforgotten < FORGET_EVERY {
            return;
        }
        let Some(connection) = self.connection.take() else { return };
        self.unforgotten = 0;
        match pipeline::run(&connection, &[Step::bare(sql::FORGET)], ANSWER).await {
            Ok(_) => self.connection = Some(connection),
            Err(trouble) => {
                tracing::debug!(why = trouble.clone().why(), "old notes of batches stay for now");
                if !matches!(trouble, Trouble::Lost(_)) {
                    self.connection = Some(connection);
                }
            }
        }
    }

    /// Makes a connection that broke while nothing was to be done, so that health is told as it is.
    async fn look_after_connection(&mut self) {
        match self.connection().await {
            Ok(connection) => self.connection = Some(connection),
            Err(trouble) => tracing::debug!(why = trouble.why(), "the database cannot be reached"),
        }
    }
}

pub(super) fn closed() -> CommitError {
    CommitError::Unavailable("it is closed".to_owned())
}

/// What is in the queue, as far as it fits into a batch; false = the queue was closed behind it.
fn gather(first: Pending, queue: &mut UnboundedReceiver<Message>) -> (Vec<Pending>, bool) {
    let mut load = Load::default();
    load.add(&first.request);
    let mut waiting = vec![first];
    while !load.is_full() {
        match queue.try_recv() {
            Ok(Message::Commit(one)) => {
                load.add(&one.request);
                waiting.push(one);
            }
            Ok(Message::Close) => return (waiting, false),
            Err(_) => break,
        }
    }
    (waiting, true)
}

//! Password checks: how many of them run and wait, and how often an account's may fail.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use quick_cache::unsync::Cache;
use slipway_identity::{Secret, SignInFault, verify_password};
use slipway_model::{TenantId, UserId};
use tokio::sync::Semaphore;

use super::refusal::Refusal;

/// Checks that run at once. Each takes 19 MiB and some 20 ms of a core, and anybody can ask for one.
const RUNNING: usize = 4;

/// Checks that run or wait; on four cores the last of them waits about a third of a second.
const ADMITTED: usize = 64;

/// Wrong passwords within a [`WINDOW`] that lock an account. Source: "Protect user accounts from attacks with
/// Microsoft Entra smart lockout", whose defaults are ten and a minute.
const MOST_FAILURES: u32 = 10;

/// How long wrong passwords count together, and how long the lock holds.
const WINDOW: SignedDuration = SignedDuration::from_mins(1);

/// Accounts whose wrong passwords are remembered, some 200 bytes each. The cache lets go of those first that failed
/// once, so trying many names does not free a locked one.
const REMEMBERED: usize = 10_000;

/// Whose password it is.
pub(super) type Account = (TenantId, UserId);

/// The password checks of a server.
pub(crate) struct PasswordChecks {
    admitted: Arc<Semaphore>,
    running: Arc<Semaphore>,
    guesses: Arc<Guesses>,
}

impl PasswordChecks {
    pub(crate) fn new() -> Self {
        Self {
            admitted: Arc::new(Semaphore::new(ADMITTED)),
            running: Arc::new(Semaphore::new(RUNNING)),
            guesses: Arc::new(Guesses(Mutex::new(Cache::new(REMEMBERED)))),
        }
    }

    /// Checks the password against its hash, when its turn comes.
    ///
    /// # Errors
    /// [`SignInFault::WrongPassword`]; [`SignInFault::AccountLocked`] without a check after too many of them;
    /// [`Refusal::Busy`] when too many checks wait.
    pub(super) async fn check(
        &self,
        account: Account,
        password: Secret,
        hash: String,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        self.guesses.refuse_locked(&account, now)?;
        let busy = |_| Refusal::Busy("too many password checks wait");
        let place = Arc::clone(&self.admitted).try_acquire_owned().map_err(busy)?;
        let turn = Arc::clone(&self.running).acquire_owned().await;
        let turn = turn.map_err(|error| Refusal::Broken(error.to_string()))?;
        // Guesses that are sent all at once fail while the later ones wait.
        self.guesses.refuse_locked(&account, now)?;
        let guesses = Arc::clone(&self.guesses);
        let checked = tokio::task::spawn_blocking(move || {
            // A check goes on when its client hangs up, so it holds its place itself, until its outcome is known.
            let _held = (place, turn);
            let is_right = verify_password(&password, &hash);
            if !is_right {
                guesses.remember_failure(account, now);
            }
            is_right
        });
        let is_right = checked.await.map_err(|error| Refusal::Broken(error.to_string()))?;
        if is_right { Ok(()) } else { Err(SignInFault::WrongPassword.into()) }
    }
}

/// The accounts whose password was wrong lately.
struct Guesses(Mutex<Cache<Account, Failures>>);

impl Guesses {
    fn refuse_locked(&self, account: &Account, now: Timestamp) -> Result<(), SignInFault> {
        let accounts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match accounts.get(account) {
            Some(failures) if failures.is_locked(now) => Err(SignInFault::AccountLocked),
            _ => Ok(()),
        }
    }

    fn remember_failure(&self, account: Account, now: Timestamp) {
        let mut accounts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let failures = Failures::after(accounts.get(&account), now);
        accounts.insert(account, failures);
    }
}

/// The wrong passwords of one account. The right one does not clear them: a script that signs in every second would
/// otherwise give everybody else free guesses.
#[derive(Clone, Copy, Debug)]
struct Failures {
    /// The first of them, or the one that locked the account.
    since: Timestamp,
    count: u32,
}

impl Failures {
    fn after(previous: Option<&Self>, now: Timestamp) -> Self {
        let previous = previous.filter(|previous| previous.is_current(now));
        match previous {
            Some(previous) if previous.count + 1 < MOST_FAILURES => {
                Self { since: previous.since, count: previous.count + 1 }
            }
            Some(_) => Self { since: now, count: MOST_FAILURES },
            None => Self { since: now, count: 1 },
        }
    }

    fn is_locked(&self, now: Timestamp) -> bool {
        self.count >= MOST_FAILURES && self.is_current(now)
    }

    /// In either direction: requests overtake each other, and a clock may be set back.
    fn is_current(&self, now: Timestamp) -> bool {
        now.duration_since(self.since).abs() < WINDOW
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const START: Timestamp = Timestamp::UNIX_EPOCH;

    /// No hash, so every check fails without work.
    const NO_HASH: &str = "";

    fn account(name: &str) -> Account {
        (TenantId::parse("t1").unwrap(), UserId::parse(name).unwrap())
    }

    async fn guess(checks: &PasswordChecks, name: &str, now: Timestamp) -> Refusal {
        checks.check(account(name), "x".into(), NO_HASH.into(), now).await.unwrap_err()
    }

    fn is_locked(refusal: &Refusal) -> bool {
        matches!(refusal, Refusal::Refused(SignInFault::AccountLocked))
    }

    #[tokio::test]
    async fn ten_wrong_passwords_lock_the_account_for_a_minute() {
        let checks = PasswordChecks::new();
        for _ in 0..MOST_FAILURES {
            assert!(!is_locked(&guess(&checks, "u1", START).await));
        }
        assert!(is_locked(&guess(&checks, "U1", START + SignedDuration::from_secs(59)).await));
        assert!(!is_locked(&guess(&checks, "u2", START).await), "another account is not locked");
        assert!(!is_locked(&guess(&checks, "u1", START + WINDOW).await));
    }

    #[tokio::test]
    async fn guesses_that_come_at_once_are_locked_out_too() {
        let checks = Arc::new(PasswordChecks::new());
        let guesses: Vec<_> = (0..ADMITTED)
            .map(|_| {
                let checks = Arc::clone(&checks);
                tokio::spawn(async move { is_locked(&guess(&checks, "u1", START).await) })
            })
            .collect();
        let mut checked = 0;
        for guess in guesses {
            checked += usize::from(!guess.await.unwrap());
        }
        let most = usize::try_from(MOST_FAILURES).unwrap();
        assert!((most..most + RUNNING).contains(&checked), "{checked}");
    }

    #[tokio::test]
    async fn only_so_many_wait_and_who_hangs_up_makes_room() {
        let checks = Arc::new(PasswordChecks::new());
        let turns =
            Arc::clone(&checks.running).acquire_many_owned(u32::try_from(RUNNING).unwrap()).await.unwrap();
        let waiting: Vec<_> = (0..ADMITTED)
            .map(|user| {
                let checks = Arc::clone(&checks);
                tokio::spawn(async move { guess(&checks, &format!("u{user}"), START).await })
            })
            .collect();
        while checks.admitted.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert!(matches!(guess(&checks, "late", START).await, Refusal::Busy(_)));
        waiting[0].abort();
        while checks.admitted.available_permits() == 0 {
            tokio::task::yield_now().await;
        }
        drop(turns);
        for waiting in waiting.into_iter().skip(1) {
            assert!(matches!(waiting.await.unwrap(), Refusal::Refused(SignInFault::WrongPassword)));
        }
        assert_eq!(checks.admitted.available_permits(), ADMITTED);
    }

    #[test]
    fn trying_many_names_does_not_free_a_locked_one() {
        let guesses = PasswordChecks::new().guesses;
        for _ in 0..MOST_FAILURES {
            guesses.remember_failure(account("u1"), START);
        }
        for other in 0..3 * REMEMBERED {
            guesses.remember_failure(account(&format!("other{other}")), START);
        }
        assert_eq!(guesses.refuse_locked(&account("u1"), START), Err(SignInFault::AccountLocked));
        assert!(guesses.0.lock().unwrap().len() <= REMEMBERED);
    }

    proptest! {
        /// Twenty would fit into a minute only if a window ended without a lock between them.
        #[test]
        fn no_minute_has_twenty_guesses(gaps in prop::collection::vec(0_i64..20_000, 1..200)) {
            let (mut now, mut failures, mut guesses) = (START, None::<Failures>, Vec::new());
            for gap in gaps {
                now += SignedDuration::from_millis(gap);
                if !failures.is_some_and(|failures| failures.is_locked(now)) {
                    failures = Some(Failures::after(failures.as_ref(), now));
                    guesses.push(now);
                }
            }
            for (first, last) in guesses.iter().zip(guesses.iter().skip(19)) {
                prop_assert!(last.duration_since(*first) >= WINDOW);
            }
        }
    }
}

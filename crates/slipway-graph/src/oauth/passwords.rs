//! Password checks: how many of them run and wait, and how often an account's may fail.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use slipway_identity::{Secret, SignInFault, verify_password};
use slipway_model::{TenantId, UserId};
use tokio::sync::Semaphore;

use super::refusal::Refusal;

/// Checks that run at once. Each takes 19 MiB and some 20 ms of a core, and anybody can ask for one.
const RUNNING: usize = 4;

/// Checks that run or wait to run; the last of them waits about a third of a second.
const ADMITTED: usize = 64;

/// Wrong passwords within a [`WINDOW`] that lock an account. This and the time are the defaults of Entra's smart
/// lockout.
const MOST_FAILURES: u32 = 10;

/// How long wrong passwords count together, and how long an account stays locked.
const WINDOW: SignedDuration = SignedDuration::from_mins(1);

/// Accounts whose wrong passwords are remembered. When it is reached those of the last window stay; running checks
/// on many more accounts than these within one takes a machine of many cores.
const REMEMBERED: usize = 10_000;

/// Whose password is checked.
pub(super) type Account = (TenantId, UserId);

/// The password checks of a server.
pub(crate) struct PasswordChecks {
    admitted: Arc<Semaphore>,
    running: Arc<Semaphore>,
    failures: Mutex<HashMap<Account, Failures>>,
}

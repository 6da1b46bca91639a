//! File descriptors: every connection takes one, and the storage must not lack them because of that.

use std::num::NonZeroU32;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What the storage (fjall keeps up to 900 files open), listeners and the runtime take.
const OTHERS: u64 = 1024;

/// How many connections may be open beside the storage, at most `wanted`. The process's own limit is raised as far as
/// that needs and the system permits.
pub fn connections(wanted: NonZeroU32) -> usize {
    let wanted = u64::from(wanted.get());
    let granted = raise(wanted + OTHERS);
    let fitting = granted.map_or(wanted, |granted| fitting(granted, wanted));
    if fitting < wanted {
        tracing::warn!(fitting, wanted, granted, "the system grants too few open files for max-connections");
    }
    usize::try_from(fitting).unwrap_or(usize::MAX)
}

/// What the limit of open files is before a server raises it, so that a command which the server runs can be started
/// under that one: programs that use `select(2)` break above 1,024.
pub struct Former(Rlimit);

impl Former {
    /// The limit of now.
    pub fn remember() -> Self {
        Self(getrlimit(Resource::Nofile))
    }

    /// Does the work under that limit.
    pub fn within<T>(&self, work: impl FnOnce() -> T) -> T {
        let raised = getrlimit(Resource::Nofile);
        let lowered = setrlimit(Resource::Nofile, self.0);
        let done = work();
        // A process may raise its limit again to what it was; without that it would go on under the lower one.
        if lowered.is_ok() && setrlimit(Resource::Nofile, raised).is_err() {
            tracing::warn!("the limit of open files stays low");
        }
        done
    }
}

/// Gives the limit that is in force then; none = enough.
fn raise(needed: u64) -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    let current = limit.current.filter(|current| *current < needed)?;
    let raised = limit.maximum.map_or(needed, |maximum| maximum.min(needed));
    let limit = Rlimit { current: Some(raised), ..limit };
    setrlimit(Resource::Nofile, limit).map_or(Some(current), |()| limit.current)
}

/// A small limit is divided evenly.
fn fitting(granted: u64, wanted: u64) -> u64 {
    wanted.min(granted - OTHERS.min(granted / 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_storage_gets_its_files_first() {
        for (granted, wanted, fits) in [(u64::MAX, 10_000, 10_000), (4096, 10_000, 3072), (1024, 10_000, 512)]
        {
            assert_eq!(fitting(granted, wanted), fits);
        }
        assert_eq!(fitting(1024, 3), 3);
    }
}

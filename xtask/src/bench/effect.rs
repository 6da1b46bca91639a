//! Whether the store changed by exactly what was answered.

use std::collections::{BTreeMap, HashMap};

use anyhow::ensure;

use super::filled::{Filled, Running};
use super::plan::generated_user;
use super::row::Effect;

/// The version of the installations that are there at first.
pub const FILLED_VERSION: &str = "1.0.0";

/// The version that was published since.
pub const PUBLISHED_VERSION: &str = "1.1.0";

/// So many users, spread over all of them, have their installations read one by one.
const SAMPLE_BITS: u32 = 6;

/// Requests of one kind that were answered, on a store that held the first indexes.
#[derive(Clone, Copy)]
pub struct Done {
    /// What each of them does.
    pub effect: Effect,
    /// Installations that were there at first.
    pub installs: u64,
    /// Requests.
    pub answered: u64,
}

impl Done {
    /// What must be installed of an index now.
    fn version(self, index: u64) -> Option<&'static str> {
        let (was_there, was_asked) = (index < self.installs, index < self.answered);
        match self.effect {
            Effect::Upgrades if was_there && was_asked => Some(PUBLISHED_VERSION),
            Effect::Uninstalls if was_asked => None,
            _ if was_there => Some(FILLED_VERSION),
            Effect::Installs if index - self.installs < self.answered => Some(PUBLISHED_VERSION),
            _ => None,
        }
    }

    /// Compares the server's count with the one of before, and the installations of some users one by one.
    ///
    /// # Errors
    /// When anything differs.
    pub async fn check(self, filled: &Filled<'_>, running: &Running, before: u64) -> anyhow::Result<()> {
        let now = running.graph.count_installations(&running.ready).await?;
        let expected = match self.effect {
            Effect::None | Effect::Upgrades => before,
            Effect::Installs => before + self.answered,
            Effect::Uninstalls => before - self.answered,
        };
        ensure!(
            now == expected,
            "{} answers, and of {before} installations {now} came about instead of {expected}",
            self.answered
        );
        let deal = filled.deal;
        let apart = deal.user_bits.saturating_sub(SAMPLE_BITS);
        let mut expected: BTreeMap<u64, HashMap<&str, &str>> =
            (0..1 << (deal.user_bits - apart)).map(|user| (user << apart, HashMap::new())).collect();
        for index in 0..deal.pairs() {
            let (user, app) = deal.pair(index);
            if let Some(apps) = expected.get_mut(&user)
                && let Some(version) = self.version(index)
                && let Some(app) = filled.apps.get(app)
            {
                apps.insert(&app.id, version);
            }
        }
        for (user, expected) in expected {
            let user = generated_user(user);
            let listed = running.graph.installed(&user).await?;
            let found: HashMap<&str, &str> =
                listed.iter().map(|item| (item.app.as_str(), item.version.as_str())).collect();
            ensure!(found == expected, "{user} has {found:?} instead of {expected:?}");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_is_what_must_be_there() {
        let versions = |effect, answered| {
            let done = Done { effect, installs: 2, answered };
            [0, 1, 2, 3].map(|index| done.version(index))
        };
        let (old, new) = (Some(FILLED_VERSION), Some(PUBLISHED_VERSION));
        assert_eq!(versions(Effect::None, 9), [old, old, None, None]);
        assert_eq!(versions(Effect::Installs, 1), [old, old, new, None]);
        assert_eq!(versions(Effect::Upgrades, 1), [new, old, None, None]);
        assert_eq!(versions(Effect::Uninstalls, 1), [None, old, None, None]);
    }
}

//! What must be there: the state of every (user, app) pair, the answers that led to it, and the verdict on what
//! is found later.

use hyper::StatusCode;

/// Whether an app is installed for a user, and in which version (the n of `1.n.0`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Not installed.
    Absent,
    /// Installed.
    Installed(u32),
}

/// What a client asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// POST to the collection.
    Install,
    /// POST to the installation's `upgrade`.
    Upgrade,
    /// DELETE of the installation.
    Uninstall,
}

impl Operation {
    /// What it makes of a state when `current` is published; none = it must be refused.
    pub fn apply(self, state: State, current: u32) -> Option<State> {
        match (self, state) {
            (Self::Install, State::Absent) | (Self::Upgrade, State::Installed(_)) => {
                Some(State::Installed(current))
            }
            (Self::Uninstall, State::Installed(_)) => Some(State::Absent),
            (Self::Install, State::Installed(_)) | (Self::Upgrade | Self::Uninstall, State::Absent) => None,
        }
    }

    fn success(self) -> StatusCode {
        match self {
            Self::Install => StatusCode::CREATED,
            Self::Upgrade | Self::Uninstall => StatusCode::NO_CONTENT,
        }
    }

    fn refusal(self) -> StatusCode {
        match self {
            Self::Install => StatusCode::CONFLICT,
            Self::Upgrade | Self::Uninstall => StatusCode::NOT_FOUND,
        }
    }
}

/// What an answer, or what is found later, says about a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Done and durable.
    Acknowledged,
    /// Refused as it had to be, without effect.
    Refused,
    /// No answer or 5xx: whole or not at all.
    Unknown,
    /// As it had to be found.
    Kept,
    /// Acknowledged, and not there or changed back.
    Lost,
    /// There, though refused or never asked for.
    Phantom,
    /// An answer that has nothing to do with the pair's state.
    Strange(StatusCode),
}

/// One user and one app, owned by one client, so that its state is known exactly.
#[derive(Clone, Debug)]
pub struct Pair {
    /// Index of the user.
    pub user: usize,
    /// Index of the app.
    pub app: usize,
    state: State,
    /// The state before the last acknowledged write, if there was one.
    before: Option<State>,
    /// A write without an answer, and the state that it may have led to.
    open: Option<(Operation, State)>,
}

impl Pair {
    /// A pair that nobody has touched.
    pub fn new(user: usize, app: usize) -> Self {
        Self { user, app, state: State::Absent, before: None, open: None }
    }

    /// What must be there; none while a write is unknown.
    pub fn state(&self) -> Option<State> {
        if self.open.is_none() { Some(self.state) } else { None }
    }

    /// The write that is unknown; until the pair is read back, this is all that may be asked for, while the same
    /// version is published. Done twice, it leads where it leads when done once.
    pub fn open(&self) -> Option<Operation> {
        self.open.map(|(operation, _)| operation)
    }

    /// Notes the answer to an operation asked while `current` was published; none = no answer.
    pub fn answered(&mut self, operation: Operation, current: u32, answer: Option<StatusCode>) -> Verdict {
        let wanted = operation.apply(self.state, current);
        let status = match answer {
            Some(status) if !status.is_server_error() => status,
            Some(_) | None => {
                self.open = wanted.map(|next| (operation, next));
                return Verdict::Unknown;
            }
        };
        match (self.open.take(), wanted) {
            // Refused, since the first time had the effect; an upgrade is never refused for this.
            (Some((asked, next)), _) if status == operation.refusal() && asked != Operation::Upgrade => {
                self.before = Some(self.state);
                self.state = next;
                Verdict::Refused
            }
            (_, wanted) => self.settled(operation, wanted, status),
        }
    }

    fn settled(&mut self, operation: Operation, wanted: Option<State>, status: StatusCode) -> Verdict {
        match wanted {
            Some(next) if status == operation.success() => {
                self.before = Some(self.state);
                self.state = next;
                Verdict::Acknowledged
            }
            None if status == operation.refusal() => Verdict::Refused,
            Some(_) if status == operation.refusal() => self.contradicted(),
            None if status == operation.success() => self.contradicted(),
            Some(_) | None => Verdict::Strange(status),
        }
    }

    /// The server holds the opposite of what is known: an installation is gone, or there after all.
    fn contradicted(&self) -> Verdict {
        match (self.state, self.before) {
            (State::Installed(_), _) | (State::Absent, Some(State::Installed(_))) => Verdict::Lost,
            (State::Absent, Some(State::Absent) | None) => Verdict::Phantom,
        }
    }

    /// Compares with what was found and goes on from there.
    pub fn found(&mut self, found: State) -> Verdict {
        let verdict = self.judge(found);
        *self = Self { state: found, before: None, open: None, ..*self };
        verdict
    }

    fn judge(&self, found: State) -> Verdict {
        let vanished = found == State::Absent;
        let undone = self.before == Some(found);
        if found == self.state || self.open.is_some_and(|(_, possible)| possible == found) {
            Verdict::Kept
        } else if vanished || undone {
            Verdict::Lost
        } else {
            Verdict::Phantom
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [Operation; 3] = [Operation::Install, Operation::Upgrade, Operation::Uninstall];

    fn installed(version: u32) -> Pair {
        let mut pair = Pair::new(0, 0);
        assert_eq!(
            pair.answered(Operation::Install, version, Some(StatusCode::CREATED)),
            Verdict::Acknowledged
        );
        pair
    }

    #[test]
    fn what_was_acknowledged_must_be_found() {
        assert_eq!(installed(1).found(State::Installed(1)), Verdict::Kept);
        assert_eq!(installed(1).found(State::Absent), Verdict::Lost);
        assert_eq!(installed(1).found(State::Installed(2)), Verdict::Phantom);
        let mut upgraded = installed(1);
        upgraded.answered(Operation::Upgrade, 2, Some(StatusCode::NO_CONTENT));
        assert_eq!(upgraded.clone().found(State::Installed(1)), Verdict::Lost);
        assert_eq!(upgraded.found(State::Installed(2)), Verdict::Kept);
        let mut gone = installed(1);
        gone.answered(Operation::Uninstall, 1, Some(StatusCode::NO_CONTENT));
        assert_eq!(gone.clone().found(State::Installed(1)), Verdict::Lost);
        assert_eq!(gone.found(State::Absent), Verdict::Kept);
    }

    #[test]
    fn what_was_refused_or_never_asked_must_not_be_found() {
        assert_eq!(Pair::new(0, 0).found(State::Installed(1)), Verdict::Phantom);
        let mut pair = installed(1);
        assert_eq!(pair.answered(Operation::Install, 2, Some(StatusCode::CONFLICT)), Verdict::Refused);
        assert_eq!(pair.found(State::Installed(2)), Verdict::Phantom);
    }

    #[test]
    fn an_unknown_write_is_whole_or_not_at_all() {
        for answer in [None, Some(StatusCode::SERVICE_UNAVAILABLE)] {
            let mut pair = installed(1);
            assert_eq!(pair.answered(Operation::Upgrade, 3, answer), Verdict::Unknown);
            assert_eq!(pair.state(), None);
            assert_eq!(pair.clone().found(State::Installed(1)), Verdict::Kept);
            assert_eq!(pair.clone().found(State::Installed(3)), Verdict::Kept);
            assert_eq!(pair.clone().found(State::Installed(2)), Verdict::Phantom);
            assert_eq!(pair.found(State::Absent), Verdict::Lost);
        }
    }

    #[test]
    fn an_unknown_write_that_is_asked_for_again_is_known() {
        let again = |mut pair: Pair, operation: Operation, status| {
            assert_eq!(pair.answered(operation, 2, None), Verdict::Unknown);
            assert_eq!(pair.open(), Some(operation));
            let verdict = pair.answered(operation, 2, Some(status));
            assert_eq!(pair.open(), None);
            (verdict, pair.state())
        };
        let there = Some(State::Installed(2));
        let fresh = || Pair::new(0, 0);
        let install = |status| again(fresh(), Operation::Install, status);
        assert_eq!(install(StatusCode::CREATED), (Verdict::Acknowledged, there));
        assert_eq!(install(StatusCode::CONFLICT), (Verdict::Refused, there));
        let uninstall = |status| again(installed(1), Operation::Uninstall, status);
        assert_eq!(uninstall(StatusCode::NOT_FOUND), (Verdict::Refused, Some(State::Absent)));
        let upgrade = |status| again(installed(1), Operation::Upgrade, status);
        assert_eq!(upgrade(StatusCode::NO_CONTENT), (Verdict::Acknowledged, there));
        assert_eq!(upgrade(StatusCode::NOT_FOUND).0, Verdict::Lost);
        assert_eq!(fresh().answered(Operation::Upgrade, 1, None), Verdict::Unknown);
        assert_eq!(fresh().open(), None, "what must be refused leaves nothing open");
    }

    #[test]
    fn answers_that_contradict_the_state_are_findings() {
        let mut pair = installed(1);
        assert_eq!(pair.answered(Operation::Upgrade, 1, Some(StatusCode::NOT_FOUND)), Verdict::Lost);
        assert_eq!(pair.answered(Operation::Install, 1, Some(StatusCode::CREATED)), Verdict::Lost);
        let mut untouched = Pair::new(0, 0);
        assert_eq!(untouched.answered(Operation::Install, 1, Some(StatusCode::CONFLICT)), Verdict::Phantom);
        let mut removed = installed(1);
        removed.answered(Operation::Uninstall, 1, Some(StatusCode::NO_CONTENT));
        assert_eq!(removed.answered(Operation::Install, 1, Some(StatusCode::CONFLICT)), Verdict::Lost);
        let strange = untouched.answered(Operation::Install, 1, Some(StatusCode::FORBIDDEN));
        assert_eq!(strange, Verdict::Strange(StatusCode::FORBIDDEN));
    }

    proptest! {
        /// A server that does what it answers is never accused, wherever it stops.
        #[test]
        fn an_honest_server_is_never_accused(
            steps in prop::collection::vec((0usize..3, 0u8..4, 1u32..5, any::<bool>()), 0..40)
        ) {
            let (mut pair, mut truth) = (Pair::new(0, 0), State::Absent);
            let mut published = 1;
            for (operation, fate, current, read) in steps {
                let operation = pair.open().unwrap_or(ALL[operation]);
                // What is published changes only while nothing is open.
                if pair.open().is_none() { published = current; }
                let current = published;
                let next = operation.apply(truth, current);
                let status = if next.is_some() { operation.success() } else { operation.refusal() };
                // Fate 0: broken before the write, 1: broken after it, others: answered.
                if fate > 0 { truth = next.unwrap_or(truth); }
                let verdict = pair.answered(operation, current, (fate > 1).then_some(status));
                prop_assert!(matches!(verdict, Verdict::Acknowledged | Verdict::Refused | Verdict::Unknown));
                if verdict == Verdict::Unknown && read {
                    prop_assert_eq!(pair.found(truth), Verdict::Kept);
                }
            }
            prop_assert_eq!(pair.found(truth), Verdict::Kept);
        }
    }
}

//! The nouns of a history: what was asked about one app and one user, what was answered and when, and the rule that
//! says which answer fits which state.

use std::fmt;
use std::time::Duration;

/// An app's entry in the catalog together with one user's installation of it. A version is the n of `n.0.0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct State {
    /// The published version; none = the app was deleted, and what was installed of it is gone.
    pub published: Option<u32>,
    /// The installed version.
    pub installed: Option<u32>,
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// POST to the user's collection.
    Install,
    /// POST to the installation's `upgrade`.
    Upgrade,
    /// DELETE of the installation.
    Uninstall,
    /// GET of the installation with its definition.
    Get,
    /// GET of the user's collection with definitions, as far as it is about this app.
    List,
    /// POST of a new version to the app's `appDefinitions`.
    Publish(u32),
    /// DELETE of the app from the catalog.
    Delete,
}

/// What was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// 201 or 204: it was done.
    Done,
    /// 409: installed already.
    Conflict,
    /// 404: not installed, or no such app.
    NotFound,
    /// A read showed this version, or that nothing is installed.
    Saw(Option<u32>),
    /// No answer or 5xx: done whole or not at all, whenever.
    Unknown,
}

/// A request and its answer, on one clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Which client asked.
    pub client: usize,
    /// Which server was asked.
    pub server: usize,
    /// Just before the request was sent.
    pub invoked: Duration,
    /// Just after the answer was read, or when it was given up.
    pub answered: Duration,
    /// What was asked.
    pub request: Request,
    /// What was answered.
    pub answer: Answer,
}

impl State {
    /// The state after an operation that takes effect now; none when its answer does not fit this state.
    pub fn after(self, operation: &Operation) -> Option<Self> {
        let fits = match (operation.request, operation.answer) {
            (request, Answer::Done | Answer::Unknown) => return self.changed(request),
            (Request::Get | Request::List, Answer::Saw(seen)) => self.installed == seen,
            (Request::Install, Answer::Conflict) => self.installed.is_some(),
            (Request::Upgrade | Request::Uninstall, Answer::NotFound) => self.installed.is_none(),
            (Request::Install | Request::Publish(_) | Request::Delete, Answer::NotFound) => {
                self.published.is_none()
            }
            (_, Answer::Conflict | Answer::NotFound | Answer::Saw(_)) => false,
        };
        fits.then_some(self)
    }

    fn changed(self, request: Request) -> Option<Self> {
        let published = self.published?;
        match (request, self.installed) {
            (Request::Install, None) | (Request::Upgrade, Some(_)) => {
                Some(Self { installed: Some(published), ..self })
            }
            (Request::Uninstall, Some(_)) => Some(Self { installed: None, ..self }),
            (Request::Publish(version), _) if version > published => {
                Some(Self { published: Some(version), ..self })
            }
            (Request::Delete, _) => Some(Self { published: None, installed: None }),
            (Request::Install, Some(_))
            | (Request::Upgrade | Request::Uninstall, None)
            | (Request::Publish(_) | Request::Get | Request::List, _) => None,
        }
    }
}

impl Request {
    /// Whether it asks for no change.
    pub fn is_read(self) -> bool {
        matches!(self, Self::Get | Self::List)
    }
}

impl Operation {
    /// Whether it tells something and changes nothing, in whatever state it takes effect.
    pub fn observes(&self) -> bool {
        matches!(self.answer, Answer::Conflict | Answer::NotFound | Answer::Saw(_))
    }

    /// Whether nobody knows what became of it.
    pub fn is_unknown(&self) -> bool {
        self.answer == Answer::Unknown
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.published {
            Some(version) => write!(f, "published {version}.0.0, ")?,
            None => f.write_str("deleted, ")?,
        }
        match self.installed {
            Some(version) => write!(f, "installed {version}.0.0"),
            None => f.write_str("not installed"),
        }
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Install => f.write_str("install"),
            Self::Upgrade => f.write_str("upgrade"),
            Self::Uninstall => f.write_str("uninstall"),
            Self::Get => f.write_str("get"),
            Self::List => f.write_str("list"),
            Self::Publish(version) => write!(f, "publish {version}.0.0"),
            Self::Delete => f.write_str("delete the app"),
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => f.write_str("done"),
            Self::Conflict => f.write_str("409"),
            Self::NotFound => f.write_str("404"),
            Self::Saw(Some(version)) => write!(f, "sees {version}.0.0"),
            Self::Saw(None) => f.write_str("sees nothing"),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, to) = (self.invoked.as_secs_f64(), self.answered.as_secs_f64());
        write!(f, "{from:>12.6} to {to:>12.6} s  client {:>2}, server {}", self.client, self.server)?;
        write!(f, "  {} -> {}", self.request, self.answer)
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// An operation of client 0 that takes from one microsecond to another.
    pub fn operation(from: u64, to: u64, request: Request, answer: Answer) -> Operation {
        let (invoked, answered) = (Duration::from_micros(from), Duration::from_micros(to));
        Operation { client: 0, server: 0, invoked, answered, request, answer }
    }

    #[test]
    fn answers_fit_their_states_only() {
        let absent = State { published: Some(3), installed: None };
        let behind = State { published: Some(3), installed: Some(1) };
        let upgraded = State { published: Some(3), installed: Some(3) };
        let deleted = State { published: None, installed: None };
        let cases = [
            (Request::Install, Answer::Done, [Some(upgraded), None, None]),
            (Request::Install, Answer::Conflict, [None, Some(behind), None]),
            (Request::Install, Answer::NotFound, [None, None, Some(deleted)]),
            (Request::Upgrade, Answer::Done, [None, Some(upgraded), None]),
            (Request::Upgrade, Answer::NotFound, [Some(absent), None, Some(deleted)]),
            (Request::Upgrade, Answer::Conflict, [None, None, None]),
            (Request::Uninstall, Answer::Done, [None, Some(absent), None]),
            (Request::Uninstall, Answer::NotFound, [Some(absent), None, Some(deleted)]),
            (Request::Get, Answer::Saw(Some(1)), [None, Some(behind), None]),
            (Request::List, Answer::Saw(None), [Some(absent), None, Some(deleted)]),
            (Request::Publish(3), Answer::Done, [None, None, None]),
            (Request::Delete, Answer::Done, [Some(deleted), Some(deleted), None]),
            (Request::Delete, Answer::NotFound, [None, None, Some(deleted)]),
            (Request::Uninstall, Answer::Unknown, [None, Some(absent), None]),
        ];
        for (request, answer, expected) in cases {
            let operation = operation(0, 1, request, answer);
            let found = [absent, behind, deleted].map(|state| state.after(&operation));
            assert_eq!(found, expected, "{request} -> {answer}");
        }
        let raised = State { published: Some(4), ..behind };
        assert_eq!(behind.after(&operation(0, 1, Request::Publish(4), Answer::Done)), Some(raised));
    }
}

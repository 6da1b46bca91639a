//! Errors about teams and chats.

use http::StatusCode;
use slipway_model::TeamsAppId;

use super::{Wording, bad_request, coded, echo, forbidden, not_found, plain};

/// What is wrong with the team or chat of a request.
#[derive(Debug)]
pub enum PlaceFault {
    /// There is no team with the id.
    UnknownTeam(String),
    /// There is no chat with the id.
    UnknownChat(String),
    /// A delegated caller asked for a team that its user is no member of.
    NotInTeam,
    /// A delegated caller asked for a chat that its user is no member of.
    NotInChat,
    /// The app has no bot, so that there is no chat with it.
    NoBot(TeamsAppId),
    /// A change of the apps of a user's chat with a bot, which are the user's.
    AppsOfBotChat,
}

impl PlaceFault {
    pub(super) fn wording(&self) -> Wording<'_> {
        match self {
            Self::UnknownTeam(id) => {
                coded("ItemNotFound", not_found(format!("No team found with Group Id {}", echo(id))))
            }
            Self::UnknownChat(id) => not_found(format!("No chat found with id {}", echo(id))),
            Self::NotInTeam => plain(
                StatusCode::FORBIDDEN,
                "AccessDenied",
                "Unable to fetch team thread, exception:Failed to execute Skype backend request GetThreadRequest.",
            ),
            Self::NotInChat => forbidden("InsufficientPrivileges"),
            Self::NoBot(app) => not_found(format!("The app '{app}' has no bot to chat with.")),
            Self::AppsOfBotChat => bad_request(
                "The apps of a user's chat with a bot are those of the user: install, upgrade and remove them there.",
            ),
        }
    }
}

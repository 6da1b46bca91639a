//! `GET /users/{id}/chats`: the chats of a user by id, and one of them.

use slipway_model::{Chat, ChatId, Owner, TeamsAppInstallation, UserId};
use slipway_odata::Query;
use slipway_store::installation;

use crate::call::Call;
use crate::collection::{Limits, Listing};
use crate::fault::{Fault, FaultKind, PlaceFault};
use crate::graph::chats::{self, BotChat, ChatRow};
use crate::graph::installed_apps::{self, Wanted};
use crate::graph::{owner, schema};
use crate::reply::Reply;

/// Chats on a page at most, as for other chats ("List chats").
const LIMITS: Limits = Limits { usual: 50, largest: 50 };

pub(crate) async fn list_chats(call: Call) -> Result<Reply, Fault> {
    let kind = schema::chat(call.version());
    let query = call.query(kind)?;
    let user = user(&call).await?;
    let (people, bots) = chats::of_user(call.view(), call.partition(), &user).await?;
    let people = with_wanted(&call, &query, people).await?;
    let people = people.into_iter().map(|chat| (chat, None));
    let bots = bots.into_iter().map(|BotChat { chat, apps }| (chat, Some(apps)));
    let mut rows = Vec::new();
    let (mut examined, most) = (0, call.server().settings().row_limits.examined.get());
    for (chat, apps) in people.chain(bots) {
        let row = row(&call, &query, chat, apps).await?;
        examined += row.apps.len();
        if examined > most {
            return Err(Fault::bad_request(format!(
                "This '$filter' would examine more than {most} apps in chats. Filter by 'installedApps/any(a:a/teamsApp/id eq '…')'."
            )));
        }
        rows.push(row);
    }
    let listing = Listing { call: &call, query: &query, limits: LIMITS };
    Ok(listing.of_rows(rows)?.reply(&call, chats::PATH, kind, &query))
}

/// `GET /users/{id}/chats/{id}`.
pub(crate) async fn get_chat(call: Call) -> Result<Reply, Fault> {
    let query = call.query(schema::chat(call.version()))?;
    let user = user(&call).await?;
    let unknown = || Fault::from(PlaceFault::UnknownChat(call.key(1).to_owned()));
    let id = ChatId::parse(call.key(1)).map_err(|_| unknown())?;
    let chat = chats::of_one(call.view(), call.partition(), &user, &id).await?.ok_or_else(unknown)?;
    Ok(Reply::odata(chats::entity(&call, &query, chat)))
}

/// The user in the path, if the caller may act for them.
async fn user(call: &Call) -> Result<UserId, Fault> {
    let access = owner::access(call, call.view()).await?;
    let unknown = || Fault::from(FaultKind::UserNotFound(call.key(0).to_owned()));
    access.owner.user().cloned().ok_or_else(unknown)
}

/// Those of the chats that have the app for which the filter asks, if it asks for one.
async fn with_wanted(call: &Call, query: &Query, chats: Vec<Chat>) -> Result<Vec<Chat>, Fault> {
    let filter = query.filter.as_ref();
    let equals = |path: &str| filter.and_then(|filter| filter.any_equals("installedApps", path));
    let app = match Wanted::by(call, equals).await? {
        Wanted::Any => return Ok(chats),
        Wanted::None => return Ok(Vec::new()),
        Wanted::Of(app) => app,
    };
    let key = |chat: &Chat| installation::key(call.partition(), &Owner::Chat(chat.id.clone()), &app);
    let found = call.view().get_many(&chats.iter().map(key).collect::<Vec<_>>()).await?;
    Ok(chats.into_iter().zip(found).filter_map(|(chat, found)| found.map(|_| chat)).collect())
}

/// The chat, with its apps if the filter is about them: those that are given, or else those that it has.
async fn row<'a>(
    call: &'a Call,
    query: &Query,
    chat: Chat,
    apps: Option<Vec<TeamsAppInstallation>>,
) -> Result<ChatRow<'a>, Fault> {
    let is_about_apps = query.filter.as_ref().is_some_and(|filter| filter.reads("installedApps"));
    let apps = match apps {
        _ if !is_about_apps => Vec::new(),
        Some(apps) => apps,
        None => installed_apps::of_owner(call, &Owner::Chat(chat.id.clone())).await?,
    };
    let apps = installed_apps::rows(call, query, apps, |_| true).await?;
    Ok(ChatRow { chat, tenant: &call.tenant().id, apps })
}

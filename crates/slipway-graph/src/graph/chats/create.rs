//! `POST /chats`: makes a chat of users, with apps in it if some are named: all of it or nothing. Two users have one
//! chat with each other; where it is there already, it is the answer ("Create chat").

use slipway_model::{
    Access, Chat, ChatId, ChatType, Container, Member, MemberRole, Membership, Owner, Permission, Standing,
    TeamsAppId, TokenKind, UserId,
};
use slipway_store::{Changeset, chat, user};

use super::body::{Create, Invited};
use super::get::entity;
use super::{between, encoded};
use crate::call::{Basis, Call, Keep};
use crate::fault::{Fault, FaultKind};
use crate::graph::installed_apps::Addition;
use crate::graph::{owner, schema, users};
use crate::operations::chats::{INSTALL_APPLICATION, INSTALL_DELEGATED};
use crate::reply::Reply;
use crate::who;

pub(crate) async fn create(mut call: Call) -> Result<Reply, Fault> {
    let body = call.json().await?;
    let query = call.query(schema::chat(call.version()))?;
    let wanted = &Create::read(&body)?;
    check_apps(wanted)?;
    let name = &format!("19:{}@thread.v2", call.server().ids().guid().replace('-', ""));
    let (call, query) = (&call, &query);
    let chat = call
        .keep(move |basis| async move {
            let members = members(call, &basis, &wanted.members).await?;
            let known = known(call, &basis, wanted, &members).await?;
            let (chat, making, changes) = if let Some(chat) = known {
                let owner = Owner::Chat(chat.id.clone());
                let changes = Changeset::new("chats.create");
                let changes = owner::expect_present(changes, call.partition(), &owner);
                (chat, &[][..], owner::expect_membership(changes, call, &owner))
            } else {
                let (chat, changes) = open(call, wanted, members, name)?;
                (chat, call.operation().accepted(call.caller().kind()), changes)
            };
            let changes = with_apps(call, &basis, (wanted, &chat, making), changes).await?;
            let keep = if changes.rows() == 0 { Keep::Nothing } else { Keep::Commit(changes) };
            Ok((keep, chat))
        })
        .await?;
    let location = format!("{}/chats('{}')", call.service_root(), encoded(&chat.id));
    Ok(Reply::created(&location, entity(call, query, chat)))
}

/// Nobody has an app twice.
fn check_apps(wanted: &Create) -> Result<(), Fault> {
    let mut seen: Vec<&TeamsAppId> = Vec::new();
    for app in wanted.apps.iter().filter_map(|install| install.app.as_ref()) {
        if seen.contains(&app) {
            return Err(Fault::bad_request(format!("The app '{app}' is in installedApps twice.")));
        }
        seen.push(app);
    }
    Ok(())
}

/// The users who are to be in the chat; a signed-in user makes chats with themselves in them only.
async fn members(
    call: &Call,
    basis: &Basis,
    invited: &[Invited],
) -> Result<Vec<(UserId, MemberRole)>, Fault> {
    let mut members: Vec<(UserId, MemberRole)> = Vec::with_capacity(invited.len());
    for Invited { user, role } in invited {
        let found = users::resolve(&basis.view, call.partition(), user).await?;
        let id = found.ok_or_else(|| FaultKind::UserNotFound(user.clone()))?;
        if members.iter().any(|(known, _)| *known == id) {
            return Err(Fault::bad_request(format!("The user '{user}' is in members twice.")));
        }
        members.push((id, *role));
    }
    match &call.caller().user {
        Some(me) if !members.iter().any(|(member, _)| member == me) => {
            Err(Fault::bad_request(format!("The signed-in user '{me}' is not in members.")))
        }
        _ => Ok(members),
    }
}

/// The chat that two users have with each other.
async fn known(
    call: &Call,
    basis: &Basis,
    wanted: &Create,
    members: &[(UserId, MemberRole)],
) -> Result<Option<Chat>, Fault> {
    match members {
        [(first, _), (second, _)] if wanted.chat_type == ChatType::OneOnOne => {
            between(&basis.view, call.partition(), [first, second]).await
        }
        _ => Ok(None),
    }
}

/// A new chat with its members. The id of a chat of two follows from theirs, so that they get one, whoever is first.
fn open(
    call: &Call,
    wanted: &Create,
    members: Vec<(UserId, MemberRole)>,
    name: &str,
) -> Result<(Chat, Changeset), Fault> {
    let mut ids: Vec<_> = members.iter().map(|(user, _)| user.folded()).collect();
    ids.sort();
    let id = match (wanted.chat_type, ids.as_slice()) {
        (ChatType::OneOnOne, [first, second]) => {
            ChatId::parse(&format!("19:{first}_{second}@unq.gbl.spaces"))
        }
        _ => ChatId::parse(name),
    };
    let id = id.map_err(|error| Fault::bad_request(format!("{error}.")))?;
    let (chat_type, topic) = (wanted.chat_type, wanted.topic.clone());
    let chat = Chat { id, chat_type, topic, created_at: call.now() };
    let partition = call.partition();
    let changes = Changeset::new("chats.create").expect_absent(&chat::key(partition, &chat.id));
    let changes = members.into_iter().fold(changes.put(partition, &chat), |changes, (user, role)| {
        let (container, key) = (Container::Chat(chat.id.clone()), user::key(partition, &user));
        let membership = Membership { container, member: Member::User(user), role };
        changes.expect_present(&key).put(partition, &membership)
    });
    Ok((chat, changes))
}

/// The changes, with the apps in the chat. What makes a chat (`making`) puts apps in it too; into a chat that is there,
/// and to consent to what they ask for, takes what it takes there.
async fn with_apps(
    call: &Call,
    basis: &Basis,
    (wanted, chat, making): (&Create, &Chat, &[Permission]),
    mut changes: Changeset,
) -> Result<Changeset, Fault> {
    if wanted.apps.is_empty() {
        return Ok(changes);
    }
    let (caller, kind) = (call.caller(), call.caller().kind());
    let (standing, installing) = match kind {
        TokenKind::Delegated => (Standing::Member, INSTALL_DELEGATED),
        TokenKind::Application => (Standing::Application, INSTALL_APPLICATION),
    };
    let taken = making.iter().chain(installing).copied();
    let held: Vec<Permission> = taken.filter(|permission| caller.permissions.contains(*permission)).collect();
    if held.is_empty() {
        let (held, granted) = (caller.names.clone(), Vec::new());
        return Err(FaultKind::MissingPermission { kind, accepted: installing, held, granted }.into());
    }
    let authorization = who::through(&basis.view, call.partition(), caller, &held).await?;
    let access = Access { owner: Owner::Chat(chat.id.clone()), standing };
    for install in &wanted.apps {
        let addition = Addition::decide(call, basis, (&access, &authorization.scope), install).await?;
        changes = addition.write(call, changes);
    }
    Ok(authorization.expect(changes))
}

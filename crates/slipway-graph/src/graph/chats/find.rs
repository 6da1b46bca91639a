//! Finds chats, whoever they are with.

use slipway_model::{Chat, ChatId, ChatType, Container, Member, UserId};
use slipway_store::{Partition, View, chat, membership};

use super::bot::{BotChat, is_with_bot_of};
use crate::fault::Fault;

/// Chats of one user that a request looks at.
const MOST_CHATS: usize = 20_000;

/// The chat with this id: one of people, or of a user with a bot.
pub(crate) async fn find(view: &View, partition: &Partition, id: &ChatId) -> Result<Option<Chat>, Fault> {
    match view.get(&chat::key(partition, id)).await? {
        Some(found) => Ok(Some(found.record)),
        None => Ok(BotChat::find(view, partition, id).await?.map(|found| found.chat)),
    }
}

/// The chats that the user is a member of, and those with bots.
pub(crate) async fn of_user(
    view: &View,
    partition: &Partition,
    user: &UserId,
) -> Result<(Vec<Chat>, Vec<BotChat>), Fault> {
    Ok((people(view, partition, user).await?, BotChat::of_user(view, partition, user).await?))
}

async fn people(view: &View, partition: &Partition, user: &UserId) -> Result<Vec<Chat>, Fault> {
    let memberships = view.scan(&membership::chats_of(partition, user), MOST_CHATS).await?;
    if memberships.next.is_some() {
        return Err(Fault::bad_request(format!("The user has more than {MOST_CHATS} chats.")));
    }
    let ids = memberships.rows.into_iter().filter_map(|row| match row.record.container {
        Container::Chat(id) => Some(chat::key(partition, &id)),
        Container::Group(_) => None,
    });
    let found = view.get_many(&ids.collect::<Vec<_>>()).await?;
    Ok(found.into_iter().flatten().map(|row| row.record).collect())
}

/// The chat with this id, if it is one of the user's.
pub(crate) async fn of_one(
    view: &View,
    partition: &Partition,
    user: &UserId,
    id: &ChatId,
) -> Result<Option<Chat>, Fault> {
    let membership = membership::key(partition, &Container::Chat(id.clone()), &Member::User(user.clone()));
    if view.exists(&membership).await? || is_with_bot_of(view, partition, (id, user)).await? {
        find(view, partition, id).await
    } else {
        Ok(None)
    }
}

/// The chat that two users have with each other.
pub(crate) async fn between(
    view: &View,
    partition: &Partition,
    [first, second]: [&UserId; 2],
) -> Result<Option<Chat>, Fault> {
    let mut chats = people(view, partition, first).await?;
    chats.retain(|chat| chat.chat_type == ChatType::OneOnOne);
    let second = Member::User(second.clone());
    let key = |chat: &Chat| membership::key(partition, &Container::Chat(chat.id.clone()), &second);
    let shared = view.get_many(&chats.iter().map(key).collect::<Vec<_>>()).await?;
    Ok(chats.into_iter().zip(shared).find_map(|(chat, shared)| shared.map(|_| chat)))
}

//! The chat of a user with a bot. It has no row: it is there as long as the user has an app with that bot.

use std::collections::BTreeMap;

use slipway_model::{
    Chat, ChatId, ChatType, MAX_INSTALLATIONS_PER_OWNER, Owner, TeamsAppInstallation, UserId,
};
use slipway_store::{Partition, View, app, chat, definition, installation};

use crate::fault::Fault;

/// A chat with a bot, and the apps that it is for.
pub(crate) struct BotChat {
    pub(crate) chat: Chat,
    /// The user's installations of apps with the bot, as the chat's own.
    pub(crate) apps: Vec<TeamsAppInstallation>,
}

impl BotChat {
    /// The chat with this id, if there is one. Two people's chat, whose id has the same form, has a row.
    pub(crate) async fn find(view: &View, partition: &Partition, id: &ChatId) -> Result<Option<Self>, Fault> {
        let Some(user) = id.pair().and_then(|(_, user)| UserId::parse(user).ok()) else { return Ok(None) };
        if view.exists(&chat::key(partition, id)).await? {
            return Ok(None);
        }
        Ok(Self::of_user(view, partition, &user).await?.into_iter().find(|found| found.chat.id == *id))
    }

    /// The user's chats with bots, by id.
    pub(super) async fn of_user(
        view: &View,
        partition: &Partition,
        user: &UserId,
    ) -> Result<Vec<Self>, Fault> {
        let of_user = installation::of_owner(partition, &Owner::User(user.clone()));
        let installed = view.scan(&of_user, MAX_INSTALLATIONS_PER_OWNER * 2).await?.rows;
        let apps: Vec<_> = installed.iter().map(|row| app::key(partition, &row.record.app)).collect();
        let versions = installed.iter().map(|row| &row.record);
        let versions: Vec<_> = versions.map(|i| definition::key(partition, &i.app, &i.version)).collect();
        let (apps, versions) = (view.get_many(&apps).await?, view.get_many(&versions).await?);
        let mut chats: BTreeMap<String, Self> = BTreeMap::new();
        for ((installed, app), version) in installed.into_iter().zip(apps).zip(versions) {
            let (Some(app), Some(version)) = (app, version) else { continue };
            let id = version.record.bot_id.and_then(|bot| ChatId::of_bot(&bot, user));
            if let Some(id) = id.filter(|_| installed.record.belongs_to(&app.record)) {
                let chat = chats.entry(id.folded());
                chat.or_insert_with(|| Self::empty(id, &installed.record)).add(installed.record);
            }
        }
        Ok(chats.into_values().collect())
    }

    fn empty(id: ChatId, first: &TeamsAppInstallation) -> Self {
        let created_at = first.installed_at;
        let chat = Chat { id, chat_type: ChatType::OneOnOne, topic: None, created_at };
        Self { chat, apps: Vec::new() }
    }

    fn add(&mut self, installed: TeamsAppInstallation) {
        self.chat.created_at = self.chat.created_at.min(installed.installed_at);
        self.apps.push(TeamsAppInstallation { owner: Owner::Chat(self.chat.id.clone()), ..installed });
    }
}

/// Whether the id is that of a chat of the user with a bot, which stands first there. A chat that has a row is one of
/// people, whatever its id.
pub(crate) async fn is_with_bot_of(
    view: &View,
    partition: &Partition,
    (id, user): (&ChatId, &UserId),
) -> Result<bool, Fault> {
    let named = id.pair().is_some_and(|(_, second)| second.eq_ignore_ascii_case(user.as_str()));
    Ok(named && !view.exists(&chat::key(partition, id)).await?)
}

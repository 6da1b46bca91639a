//! Groups, teams and chats.

use slipway_model::{Chat, Group};
use slipway_store::{ReadError, chat, group};

use super::{Planner, Row};
use crate::seed::check::Findings;
use crate::seed::format;

/// A group, team or chat as it shall be.
pub struct Planned<R> {
    pub record: R,
    /// Whether its row is there now, perhaps with members.
    pub stored: bool,
    pub row: Option<Row<R>>,
}

impl Planner<'_> {
    /// Plans the teams and then the groups, each in the order of the document. A group does not become a team, nor
    /// a team a group.
    pub(super) async fn groups(&self, findings: &mut Findings<'_>) -> Result<Vec<Planned<Group>>, ReadError> {
        let said = &self.seed.said;
        let teams = said.teams.iter().enumerate().map(|(n, team)| (format!("teams[{n}]"), team.record(self)));
        let groups =
            said.groups.iter().enumerate().map(|(n, group)| (format!("groups[{n}]"), group.record(self)));
        let mut planned = Vec::new();
        for (key, record) in teams.chain(groups) {
            let stored = self.view.get(&group::key(&self.partition, &record.id)).await?;
            let kept = stored.as_ref().map(|stored| &stored.record);
            if let Some(other) = kept.filter(|kept| kept.is_team != record.is_team) {
                let with = if other.is_team { "with" } else { "without" };
                let text = format!("group '{}' is stored {with} a team", other.id);
                findings.add(format!("{}.{key}.id", self.at), text);
            }
            let record = Group {
                id: kept.map_or(record.id, |kept| kept.id.clone()),
                created_at: kept.map_or(self.now, |kept| kept.created_at),
                ..record
            };
            planned.push(Planned {
                record: record.clone(),
                stored: stored.is_some(),
                row: Row::unless_stored(record, stored),
            });
        }
        Ok(planned)
    }

    /// Plans the chats, in the order of the document.
    pub(super) async fn chats(&self) -> Result<Vec<Planned<Chat>>, ReadError> {
        let mut planned = Vec::new();
        for said in &self.seed.said.chats {
            let stored = self.view.get(&chat::key(&self.partition, &said.id.0)).await?;
            let kept = stored.as_ref().map(|stored| &stored.record);
            let record = Chat {
                id: kept.map_or_else(|| said.id.0.clone(), |kept| kept.id.clone()),
                chat_type: said.chat_type.0,
                topic: said.topic.clone(),
                created_at: kept.map_or(self.now, |kept| kept.created_at),
            };
            planned.push(Planned {
                record: record.clone(),
                stored: stored.is_some(),
                row: Row::unless_stored(record, stored),
            });
        }
        Ok(planned)
    }
}

impl format::Team {
    fn record(&self, planner: &Planner<'_>) -> Group {
        Group {
            id: self.id.0.clone(),
            display_name: self.display_name.clone(),
            description: self.description.clone(),
            mail: self.mail.clone(),
            is_team: true,
            created_at: planner.now,
        }
    }
}

impl format::Group {
    fn record(&self, planner: &Planner<'_>) -> Group {
        Group {
            id: self.id.0.clone(),
            display_name: self.display_name.clone(),
            description: self.description.clone(),
            mail: self.mail.clone(),
            is_team: false,
            created_at: planner.now,
        }
    }
}

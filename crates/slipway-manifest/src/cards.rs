//! The cards that an app brings along for dashboards.

use crate::activities::unique;
use crate::findings::Findings;
use crate::node::Node;
use crate::rules;

/// A card for dashboards: Graph's `teamsAppDashboardCardDefinition`, in beta.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DashboardCard {
    /// `id`, a GUID as written there.
    pub id: String,
    /// `displayName`, at most 255 characters.
    pub display_name: String,
    /// `description`, at most 255 characters.
    pub description: String,
    /// `pickerGroupId`, a GUID as written there.
    pub picker_group_id: String,
    /// `icon`; its absence is told from that of its parts.
    pub icon: Option<DashboardCardIcon>,
    /// `contentSource.sourceType`; the only one there is, is `bot`.
    pub source_type: Option<String>,
    /// `contentSource.botConfiguration.botId`, a GUID as written there.
    pub bot_id: Option<String>,
    /// `defaultSize`: `medium` or `large`.
    pub default_size: String,
}

/// The picture of a card: a URL or a name, not both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DashboardCardIcon {
    /// `iconUrl`.
    pub url: Option<String>,
    /// `officeUIFabricIconName`.
    pub name: Option<String>,
}

/// Reads the cards. Where there are findings the values they are about are empty.
pub fn read(cards: &Node<'_>, findings: &mut Findings) -> Vec<DashboardCard> {
    let cards = cards.items();
    unique(cards.iter().map(|card| card.field("id")), rules::CARDS_ARE_UNIQUE, findings);
    let text = |node: Node<'_>| node.text().map(str::to_owned);
    let mut read = Vec::new();
    for card in &cards {
        let icon = card.field("icon");
        let (url, name) = (text(icon.field("iconUrl")), text(icon.field("officeUIFabricIconName")));
        if url.is_some() && name.is_some() {
            findings.broken(rules::CARD_HAS_ONE_ICON, &icon.path);
        }
        let source = card.field("contentSource");
        let word = |node: Node<'_>| text(node).map(|word| word.to_ascii_lowercase());
        read.push(DashboardCard {
            id: text(card.field("id")).unwrap_or_default(),
            display_name: text(card.field("displayName")).unwrap_or_default(),
            description: text(card.field("description")).unwrap_or_default(),
            picker_group_id: text(card.field("pickerGroupId")).unwrap_or_default(),
            icon: (!icon.is_absent()).then_some(DashboardCardIcon { url, name }),
            source_type: word(source.field("sourceType")),
            bot_id: text(source.field("botConfiguration").field("botId")),
            default_size: word(card.field("defaultSize")).unwrap_or_default(),
        });
    }
    read
}

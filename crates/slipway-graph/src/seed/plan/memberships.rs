//! Who belongs to teams, groups and chats. The seed's list of members is the whole list.

use std::collections::HashMap;

use slipway_model::{Chat, Container, Group, Member, MemberRole, Membership};
use slipway_store::{ReadError, Stored, membership};

use super::groups::Planned;
use super::references::{Names, no_user};
use super::{Planner, Row};
use crate::seed::check::Findings;
use crate::seed::format;

/// Memberships that are read at once.
const PAGE: usize = 500;

/// What becomes of a membership.
pub enum MembershipChange {
    Put(Row<Membership>),
    /// The seed leaves the member out.
    Remove(Stored<Membership>),
}

/// A list of members in the document.
struct List<'a> {
    /// Key in the document of whose members these are.
    at: String,
    container: Container,
    /// Whether it is there now, perhaps with other members.
    stored: bool,
    /// Whether groups may be among the members.
    nests: bool,
    members: Vec<(&'a str, MemberRole)>,
}

impl Planner<'_> {
    /// Plans the memberships of the groups, teams first, and chats, all in the order of the document.
    pub(super) async fn memberships(
        &self,
        (groups, chats): (&[Planned<Group>], &[Planned<Chat>]),
        names: &Names<'_>,
        findings: &mut Findings<'_>,
    ) -> Result<Vec<MembershipChange>, ReadError> {
        let mut changes = Vec::new();
        for list in self.lists(groups, chats) {
            let mut places = HashMap::new();
            let mut memberships = Vec::new();
            for (n, (text, role)) in list.members.iter().enumerate() {
                let at = format!("{}.members[{n}]", list.at);
                let Some(member) = findings.take(self.member(&list, text, names).await?, &at) else {
                    continue;
                };
                if let Some(first) = places.insert(member.clone(), n) {
                    findings.add(at, format!("{}.members[{first}] is the same one", list.at));
                }
                memberships.push(Membership { container: list.container.clone(), member, role: *role });
            }
            let mut kept = HashMap::new();
            for row in self.stored_memberships(&list).await? {
                if places.contains_key(&row.record.member) {
                    kept.insert(row.record.member.clone(), row);
                } else {
                    changes.push(MembershipChange::Remove(row));
                }
            }
            let put = memberships.into_iter().filter_map(|membership| {
                let stored = kept.remove(&membership.member);
                Row::unless_stored(membership, stored).map(MembershipChange::Put)
            });
            changes.extend(put);
        }
        Ok(changes)
    }

    /// The lists of the document. The containers were planned in the same order.
    fn lists<'a>(&'a self, groups: &[Planned<Group>], chats: &[Planned<Chat>]) -> Vec<List<'a>> {
        let said = &self.seed.said;
        let of_teams = said.teams.iter().enumerate().map(|(n, team)| {
            let members = team.members.iter().map(format::TeamMember::said).collect();
            (format!("{}.teams[{n}]", self.at), members)
        });
        let of_groups = said
            .groups
            .iter()
            .enumerate()
            .map(|(n, group)| (format!("{}.groups[{n}]", self.at), plain(&group.members)));
        let of_chats = said
            .chats
            .iter()
            .enumerate()
            .map(|(n, chat)| (format!("{}.chats[{n}]", self.at), plain(&chat.members)));
        let groups = of_teams.chain(of_groups).zip(groups).map(|((at, members), group)| List {
            at,
            container: Container::Group(group.record.id.clone()),
            stored: group.stored,
            nests: !group.record.is_team,
            members,
        });
        let chats = of_chats.zip(chats).map(|((at, members), chat)| List {
            at,
            container: Container::Chat(chat.record.id.clone()),
            stored: chat.stored,
            nests: false,
            members,
        });
        groups.chain(chats).collect()
    }

    /// Who is meant, or why nobody is.
    async fn member(
        &self,
        list: &List<'_>,
        text: &str,
        names: &Names<'_>,
    ) -> Result<Result<Member, String>, ReadError> {
        if let Some(user) = self.find_user(&names.users, text).await? {
            return Ok(Ok(Member::User(user)));
        }
        if !list.nests {
            return Ok(Err(no_user(text)));
        }
        Ok(match self.find_group(names, text).await? {
            Some(group) if list.container == Container::Group(group.id.clone()) => {
                Err("a group is no member of itself".to_owned())
            }
            Some(group) => Ok(Member::Group(group.id)),
            None => {
                Err(format!("no user has the id or user principal name '{text}', and no group has the id"))
            }
        })
    }

    async fn stored_memberships(&self, list: &List<'_>) -> Result<Vec<Stored<Membership>>, ReadError> {
        let range = || membership::of_container(&self.partition, &list.container);
        let mut rows = Vec::new();
        let mut rest = list.stored.then(range);
        while let Some(some) = rest.take() {
            let page = self.view.scan(&some, PAGE).await?;
            rows.extend(page.rows);
            rest = page.next.map(|cursor| range().after(cursor));
        }
        Ok(rows)
    }
}

fn plain(members: &[String]) -> Vec<(&str, MemberRole)> {
    members.iter().map(|member| (member.as_str(), MemberRole::Member)).collect()
}

impl format::TeamMember {
    /// How the seed names the user, and what the user is.
    fn said(&self) -> (&str, MemberRole) {
        match self {
            Self::User(user) => (user, MemberRole::Member),
            Self::WithRole(said) if said.owner => (&said.user, MemberRole::Owner),
            Self::WithRole(said) => (&said.user, MemberRole::Member),
        }
    }
}

//! What a world keeps in the store.

use slipway_model::{Group, Membership, TeamsApp, TeamsAppDefinition, TeamsAppInstallation, User};
use slipway_store::{
    Changeset, Counter, Partition, Record as _, TermField, app, definition, installation, membership, user,
    user_term,
};

use crate::schema;

/// One row, or several that come and go together.
pub enum Record {
    User(User),
    App(TeamsApp, Vec<TeamsAppDefinition>),
    Installation(TeamsAppInstallation),
    Group(Group),
    Membership(Membership),
}

impl Record {
    pub fn put(&self, changes: Changeset, partition: &Partition) -> Changeset {
        match self {
            Self::User(user) => {
                let changes = changes.put(partition, user).add(partition, Counter::Users, 1);
                user_term::of(user, tokens).iter().fold(changes, |changes, term| changes.put(partition, term))
            }
            Self::App(app, definitions) => {
                let changes = changes.put(partition, app).add(partition, Counter::Apps, 1);
                definitions.iter().fold(changes, |changes, definition| changes.put(partition, definition))
            }
            Self::Installation(installation) => {
                changes.put(partition, installation).add(partition, Counter::Installations, 1)
            }
            Self::Group(group) => changes.put(partition, group),
            Self::Membership(membership) => changes.put(partition, membership),
        }
    }

    pub fn delete(&self, changes: Changeset, partition: &Partition) -> Changeset {
        match self {
            Self::User(user) => {
                let changes = changes.delete(&user::key(partition, &user.id));
                let terms = user_term::of(user, tokens);
                let changes = terms
                    .iter()
                    .fold(changes, |changes, term| changes.delete(&user_term::key(partition, term)));
                changes.add(partition, Counter::Users, -1)
            }
            Self::App(app, definitions) => {
                let changes = changes.delete(&app::key(partition, &app.id)).add(partition, Counter::Apps, -1);
                definitions.iter().fold(changes, |changes, version| {
                    changes.delete(&definition::key(partition, &app.id, &version.version))
                })
            }
            Self::Installation(installed) => changes
                .delete(&installation::key(partition, &installed.owner, &installed.app))
                .add(partition, Counter::Installations, -1),
            Self::Group(group) => changes.delete(&group.key(partition)),
            Self::Membership(Membership { container, member, .. }) => {
                changes.delete(&membership::key(partition, container, member))
            }
        }
    }
}

/// What a search for the property compares.
fn tokens(field: TermField, text: &str) -> Vec<String> {
    let property = match field {
        TermField::DisplayName | TermField::DisplayNameToken => "displayName",
        TermField::Mail | TermField::MailToken => "mail",
    };
    schema::USER.property(property).unwrap().search_tokens(text).into_iter().collect()
}

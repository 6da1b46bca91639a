//! Users against the terms by which they are found. Terms of whole texts decide the order of lists, so they are
//! compared both ways; a token that is left over costs a look at a user and no more.

use slipway_model::User;

use super::Check;
use super::name::Name;
use super::report::Damage;
use super::rows::Living;
use crate::error::ReadError;
use crate::key::Partition;
use crate::kind::Kind;
use crate::record::Record as _;
use crate::records::user;
use crate::records::user_term::{self, TermField, UserTerm};

impl Check {
    /// Sees whether users are found by their whole names and addresses.
    pub(super) async fn terms_of_users(&mut self, rows: &[Living<'_>]) -> Result<(), ReadError> {
        let mut terms = Vec::new();
        for (row, _) in rows {
            let partition =
                Partition::of_key(&row.key).filter(|partition| self.territory.has_terms(partition));
            if let (Some(partition), Ok(user)) = (partition, User::decode(row.document())) {
                let own = user_term::whole(&user);
                terms.extend(own.map(|term| (row, user_term::key(&partition, &term).0)));
            }
        }
        let keys: Vec<_> = terms.iter().map(|(_, key)| key.as_slice()).collect();
        let found = self.view.snapshot().get_many(Kind::UserTerm, &keys).await?;
        for ((row, key), _) in terms.iter().zip(found).filter(|(_, found)| found.is_none()) {
            let problem = format!("its term {} is not there", Name::of(key).id);
            self.report.found(Damage::MissingEntry, Name::of(&row.key), problem);
        }
        Ok(())
    }

    /// Sees whether the users whom whole names and addresses find still have them.
    pub(super) async fn users_of_terms(&mut self, rows: &[Living<'_>]) -> Result<(), ReadError> {
        let mut terms = Vec::new();
        for (row, _) in rows {
            if let (Some(partition), Ok(term)) =
                (Partition::of_key(&row.key), UserTerm::decode(row.document()))
                && matches!(term.field, TermField::DisplayName | TermField::Mail)
            {
                terms.push((row, user::key(&partition, &term.user).0, term));
            }
        }
        let users: Vec<_> = terms.iter().map(|(_, user, _)| user.as_slice()).collect();
        let users = self.view.snapshot().get_many(Kind::User, &users).await?;
        for ((row, _, term), user) in terms.iter().zip(users) {
            // One that is not there or cannot be read is told as such.
            let Some(Ok(user)) = user.map(|user| User::decode(user.document())) else { continue };
            if user_term::whole(&user).all(|own| own != *term) {
                let problem = format!("the user {} has another one", user.id);
                self.report.found(Damage::DanglingEntry, Name::of(&row.key), problem);
            }
        }
        Ok(())
    }
}

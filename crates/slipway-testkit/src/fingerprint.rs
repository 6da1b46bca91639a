//! What a store holds, as tests compare it before and after a call.

use std::collections::BTreeMap;

use slipway_model::{Container, Tenant};
use slipway_store::{
    Counter, Partition, Range, Record, Revision, TermField, View, app, chat, client, consent, definition,
    device_grant, group, installation, membership, package, session, signing_key, tenant, user, user_term,
};

use crate::TestApp;
use crate::tenant::TestTenant;

/// More rows than any test puts in one table.
const ALL: usize = 10_000;

/// Every table by its name: which commits wrote its rows, and what its counter says. Equal only if nothing was
/// written in between.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fingerprint {
    rows: BTreeMap<String, Vec<Revision>>,
    counters: BTreeMap<String, i64>,
}

impl TestApp {
    /// Of everything: tenants, signing keys, and all that the tenants have.
    ///
    /// # Panics
    /// When the store cannot be read.
    pub async fn fingerprint(&self) -> Fingerprint {
        let view = self.server.store().view();
        let mut fingerprint = Fingerprint::default();
        fingerprint.table(&view, "tenants", &tenant::all()).await;
        fingerprint.table(&view, "signing keys", &signing_key::all()).await;
        for tenant in view.scan(&tenant::all(), ALL).await.expect("a read").rows {
            fingerprint.tenant(&view, &tenant.record).await;
        }
        fingerprint
    }
}

impl TestTenant<'_> {
    /// Of this tenant alone.
    ///
    /// # Panics
    /// When the store cannot be read.
    pub async fn fingerprint(&self) -> Fingerprint {
        let mut fingerprint = Fingerprint::default();
        fingerprint.tenant(&self.app.server.store().view(), &self.tenant).await;
        fingerprint
    }
}

impl Fingerprint {
    async fn tenant(&mut self, view: &View, tenant: &Tenant) {
        let partition = Partition::of(tenant);
        let named = |table: &str| format!("{table} of {}", tenant.id);
        self.table(view, &named("users"), &user::all(&partition)).await;
        for field in
            [TermField::DisplayName, TermField::DisplayNameToken, TermField::Mail, TermField::MailToken]
        {
            self.table(view, &named(&format!("{field:?} terms")), &user_term::all(&partition, field)).await;
        }
        self.table(view, &named("groups"), &group::all(&partition)).await;
        for group in view.scan(&group::all(&partition), ALL).await.expect("a read").rows {
            self.members(view, &partition, Container::Group(group.record.id)).await;
        }
        self.table(view, &named("chats"), &chat::all(&partition)).await;
        for chat in view.scan(&chat::all(&partition), ALL).await.expect("a read").rows {
            self.members(view, &partition, Container::Chat(chat.record.id)).await;
        }
        self.table(view, &named("clients"), &client::all(&partition)).await;
        self.table(view, &named("apps"), &app::all(&partition)).await;
        self.table(view, &named("definitions"), &definition::all(&partition)).await;
        self.table(view, &named("packages"), &package::all(&partition)).await;
        self.table(view, &named("installations"), &installation::all(&partition)).await;
        self.table(view, &named("consents"), &consent::all(&partition)).await;
        self.table(view, &named("device grants"), &device_grant::all(&partition)).await;
        self.table(view, &named("sessions"), &session::all(&partition)).await;
        for counter in [Counter::Users, Counter::Apps, Counter::Installations] {
            let value = view.counter(&partition, counter).await.expect("a read");
            self.counters.insert(named(&format!("{counter:?}")), value);
        }
    }

    async fn members(&mut self, view: &View, partition: &Partition, container: Container) {
        let name = format!("{container:?} of {partition:?}");
        self.table(view, &name, &membership::of_container(partition, &container)).await;
    }

    async fn table<R: Record>(&mut self, view: &View, name: &str, all: &Range<R>) {
        let rows = view.scan(all, ALL).await.expect("a read").rows;
        self.rows.insert(name.to_owned(), rows.iter().map(|row| row.revision).collect());
    }
}

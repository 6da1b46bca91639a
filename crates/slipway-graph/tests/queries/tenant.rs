//! Puts a world into a tenant of its own.

use serde_json::json;
use slipway_model::Permission;
use slipway_store::{Changeset, Partition};
use slipway_testkit::TestApp;

use crate::world::World;

const CLIENT: &str = "51190000-0000-4000-8000-00000000d001";

/// Rows that one changeset takes, with room for those of one more entity.
const FULL: usize = 900;

/// A tenant whose token may read everything.
pub struct Tenant {
    pub token: String,
    pub partition: Partition,
}

impl Tenant {
    pub async fn with(app: &TestApp, number: u64, world: &World) -> Self {
        let id = format!("51190000-0000-4000-8002-{number:012x}");
        let seed = json!({"tenants": [{
            "id": id,
            "displayName": "Random",
            "domain": format!("random{number}.example"),
            "clients": [{"id": CLIENT, "displayName": "Everything"}],
        }]});
        app.seed(&seed.to_string()).await;
        let tenant = app.tenant(&id).await;
        let names: Vec<_> = Permission::ALL.iter().map(|permission| permission.name()).collect();
        let token = tenant.token_with(CLIENT, &names, None).await;
        let partition = tenant.partition();
        let store = app.server.store();
        let mut changes = Changeset::new("test.world");
        for entity in world.entities() {
            changes = entity.record.put(changes, &partition);
            if changes.rows() > FULL {
                store.commit(changes).await.unwrap();
                changes = Changeset::new("test.world");
            }
        }
        store.commit(changes).await.unwrap();
        Self { token, partition }
    }
}

//! Where each engine keeps its data in a test.

use slipway_store::{Database, Store};

use super::schema::Schema;

/// A place of one test.
pub enum Place {
    /// A folder of the embedded engine.
    Embedded(tempfile::TempDir),
    /// A schema of a PostgreSQL database.
    Postgres(Schema),
}

impl Place {
    pub fn embedded() -> Self {
        Self::Embedded(tempfile::tempdir().unwrap())
    }

    pub async fn postgres() -> Self {
        Self::Postgres(Schema::new().await)
    }

    /// Opens what is there; the first time that is nothing.
    pub async fn open(&self) -> Store {
        match self {
            Self::Embedded(folder) => Store::open(&folder.path().join("data")).await.unwrap(),
            Self::Postgres(schema) => {
                let database = Database::parse(&schema.url()).unwrap().with_connections(8);
                Store::open_database(&database).await.unwrap()
            }
        }
    }
}

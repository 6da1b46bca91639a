//! Rows of `/appCatalogs/teamsApps`.
//!
//! Microsoft's permission data has no row for reading one app or its definitions; these take what listing the catalog takes.

use http::Method;
use slipway_model::Permission::{
    self, AppCatalogReadAll, AppCatalogReadWriteAll, AppCatalogSubmit, DirectoryReadAll,
    DirectoryReadWriteAll,
};
use slipway_odata::SystemOption::{Count, Expand, Filter, Select, SkipToken, Top};

use crate::graph::app_catalogs;
use crate::operation::{Operation, Throttle};

const READ_CATALOG_DELEGATED: &[Permission] =
    &[AppCatalogReadAll, AppCatalogReadWriteAll, AppCatalogSubmit, DirectoryReadAll, DirectoryReadWriteAll];

const READ_CATALOG_APPLICATION: &[Permission] = &[AppCatalogReadAll, AppCatalogReadWriteAll];

const WRITE_CATALOG_DELEGATED: &[Permission] =
    &[AppCatalogReadWriteAll, AppCatalogSubmit, DirectoryReadWriteAll];

/// The catalog.
pub(super) static ROWS: [Operation; 6] = [
    Operation {
        name: "teamsApps.list",
        method: Method::GET,
        path: "/appCatalogs/teamsApps",
        owner: None,
        delegated: READ_CATALOG_DELEGATED,
        application: READ_CATALOG_APPLICATION,
        legacy: &[],
        throttle: Throttle::TeamsRead,
        options: &[Filter, Select, Expand, Top, Count, SkipToken],
        handler: |call| Box::pin(app_catalogs::list(call)),
    },
    Operation {
        name: "teamsApps.get",
        method: Method::GET,
        path: "/appCatalogs/teamsApps/{app}",
        owner: None,
        delegated: READ_CATALOG_DELEGATED,
        application: READ_CATALOG_APPLICATION,
        legacy: &[],
        throttle: Throttle::TeamsRead,
        options: &[Select, Expand],
        handler: |call| Box::pin(app_catalogs::get(call)),
    },
    Operation {
        name: "teamsApps.publish",
        method: Method::POST,
        path: "/appCatalogs/teamsApps",
        owner: None,
        delegated: WRITE_CATALOG_DELEGATED,
        application: &[],
        legacy: &[],
        throttle: Throttle::TeamsWrite,
        options: &[],
        handler: |call| Box::pin(app_catalogs::publish(call)),
    },
    Operation {
        name: "teamsApps.delete",
        method: Method::DELETE,
        path: "/appCatalogs/teamsApps/{app}",
        owner: None,
        delegated: WRITE_CATALOG_DELEGATED,
        application: &[],
        legacy: &[],
        throttle: Throttle::TeamsDelete,
        options: &[],
        handler: |call| Box::pin(app_catalogs::delete(call)),
    },
    Operation {
        name: "appDefinitions.list",
        method: Method::GET,
        path: "/appCatalogs/teamsApps/{app}/appDefinitions",
        owner: None,
        delegated: READ_CATALOG_DELEGATED,
        application: READ_CATALOG_APPLICATION,
        legacy: &[],
        throttle: Throttle::TeamsRead,
        options: &[Filter, Select, Expand, Count],
        handler: |call| Box::pin(app_catalogs::definitions(call)),
    },
    Operation {
        name: "appDefinitions.publish",
        method: Method::POST,
        path: "/appCatalogs/teamsApps/{app}/appDefinitions",
        owner: None,
        delegated: WRITE_CATALOG_DELEGATED,
        application: &[],
        legacy: &[],
        throttle: Throttle::TeamsWrite,
        options: &[],
        handler: |call| Box::pin(app_catalogs::publish_version(call)),
    },
];

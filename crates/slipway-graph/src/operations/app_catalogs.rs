//! Rows of `/appCatalogs/teamsApps`.
//!
//! Microsoft's permission data has no row for reading one app or its definitions; these take what listing the catalog
//! takes. It has none for the older PUT, which takes what POST of a definition takes, nor for the PATCH that approves,
//! which takes what publishing takes except the permission to submit.

use http::Method;
use slipway_model::Permission::{
    self, AppCatalogReadAll, AppCatalogReadWriteAll, AppCatalogSubmit, DirectoryReadAll,
    DirectoryReadWriteAll,
};
use slipway_odata::SystemOption::{self, Count, Expand, Filter, OrderBy, Select, Skip, SkipToken, Top};

use crate::graph::app_catalogs;
use crate::graph::app_catalogs::row::IconKind;
use crate::operation::{ApiVersion, Handler, Operation, Throttle};

const READ_CATALOG_DELEGATED: &[Permission] =
    &[AppCatalogReadAll, AppCatalogReadWriteAll, AppCatalogSubmit, DirectoryReadAll, DirectoryReadWriteAll];

/// For bots and icons.
const READ_PARTS_DELEGATED: &[Permission] = &[AppCatalogReadAll, AppCatalogReadWriteAll, AppCatalogSubmit];

const READ_CATALOG_APPLICATION: &[Permission] = &[AppCatalogReadAll, AppCatalogReadWriteAll];

const WRITE_CATALOG_DELEGATED: &[Permission] =
    &[AppCatalogReadWriteAll, AppCatalogSubmit, DirectoryReadWriteAll];

/// Reading a part of a definition.
const fn part(
    name: &'static str,
    path: &'static str,
    versions: &'static [ApiVersion],
    options: &'static [SystemOption],
    handler: Handler,
) -> Operation {
    Operation {
        name,
        method: Method::GET,
        path,
        versions,
        owner: None,
        delegated: READ_PARTS_DELEGATED,
        application: READ_CATALOG_APPLICATION,
        legacy: &[],
        throttle: Throttle::TeamsRead,
        options,
        handler,
    }
}

const BOTH: &[ApiVersion] = &ApiVersion::ALL;
const BETA: &[ApiVersion] = &[ApiVersion::Beta];

/// The catalog.
pub(super) static ROWS: [Operation; 18] = [
    Operation {
        name: "teamsApps.list",
        method: Method::GET,
        path: "/appCatalogs/teamsApps",
        versions: BOTH,
        owner: None,
        delegated: READ_CATALOG_DELEGATED,
        application: READ_CATALOG_APPLICATION,
        legacy: &[],
        throttle: Throttle::TeamsRead,
        options: &[Filter, Select, Expand, OrderBy, Top, Skip, Count, SkipToken],
        handler: |call| Box::pin(app_catalogs::list(call)),
    },
    Operation {
        name: "teamsApps.count",
        method: Method::GET,
        path: "/appCatalogs/teamsApps/$count",
        versions: BOTH,
        owner: None,
        delegated: READ_CATALOG_DELEGATED,
        application: READ_CATALOG_APPLICATION,
        legacy: &[],
        throttle: Throttle::TeamsRead,
        options: &[Filter],
        handler: |call| Box::pin(app_catalogs::count(call)),
    },
    Operation {
        name: "teamsApps.get",
        method: Method::GET,
        path: "/appCatalogs/teamsApps/{app}",
        versions: BOTH,
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
        versions: BOTH,
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
        versions: BOTH,
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
        versions: BOTH,
        owner: None,
        delegated: READ_CATALOG_DELEGATED,
        application: READ_CATALOG_APPLICATION,
        legacy: &[],
        throttle: Throttle::TeamsRead,
        options: &[Filter, Select, Expand, Count],
        handler: |call| Box::pin(app_catalogs::definitions(call)),
    },
    Operation {
        name: "appDefinitions.add",
        method: Method::POST,
        path: "/appCatalogs/teamsApps/{app}/appDefinitions",
        versions: BOTH,
        owner: None,
        delegated: WRITE_CATALOG_DELEGATED,
        application: &[],
        legacy: &[],
        throttle: Throttle::TeamsWrite,
        options: &[],
        handler: |call| Box::pin(app_catalogs::add_version(call)),
    },
    Operation {
        name: "teamsApps.update",
        method: Method::PUT,
        path: "/appCatalogs/teamsApps/{app}",
        versions: BOTH,
        owner: None,
        delegated: WRITE_CATALOG_DELEGATED,
        application: &[],
        legacy: &[],
        throttle: Throttle::TeamsWrite,
        options: &[],
        handler: |call| Box::pin(app_catalogs::add_version(call)),
    },
    Operation {
        name: "appDefinitions.get",
        method: Method::GET,
        path: "/appCatalogs/teamsApps/{app}/appDefinitions/{definition}",
        versions: BOTH,
        owner: None,
        delegated: READ_CATALOG_DELEGATED,
        application: READ_CATALOG_APPLICATION,
        legacy: &[],
        throttle: Throttle::TeamsRead,
        options: &[Select, Expand],
        handler: |call| Box::pin(app_catalogs::definition(call)),
    },
    Operation {
        name: "appDefinitions.review",
        method: Method::PATCH,
        path: "/appCatalogs/teamsApps/{app}/appDefinitions/{definition}",
        versions: BOTH,
        owner: None,
        delegated: &[AppCatalogReadWriteAll, DirectoryReadWriteAll],
        application: &[],
        legacy: &[],
        throttle: Throttle::TeamsWrite,
        options: &[],
        handler: |call| Box::pin(app_catalogs::review(call)),
    },
    Operation {
        name: "appDefinitions.withdraw",
        method: Method::DELETE,
        path: "/appCatalogs/teamsApps/{app}/appDefinitions/{definition}",
        versions: BOTH,
        owner: None,
        delegated: WRITE_CATALOG_DELEGATED,
        application: &[],
        legacy: &[],
        throttle: Throttle::TeamsDelete,
        options: &[],
        handler: |call| Box::pin(app_catalogs::withdraw(call)),
    },
    part(
        "bot.get",
        "/appCatalogs/teamsApps/{app}/appDefinitions/{definition}/bot",
        BOTH,
        &[Select],
        |call| Box::pin(app_catalogs::bot(call)),
    ),
    part(
        "colorIcon.get",
        "/appCatalogs/teamsApps/{app}/appDefinitions/{definition}/colorIcon",
        BETA,
        &[Select, Expand],
        |call| Box::pin(app_catalogs::icon(call, IconKind::Color)),
    ),
    part(
        "colorIcon.hostedContent",
        "/appCatalogs/teamsApps/{app}/appDefinitions/{definition}/colorIcon/hostedContent",
        BETA,
        &[Select],
        |call| Box::pin(app_catalogs::hosted_content(call, IconKind::Color)),
    ),
    part(
        "colorIcon.bytes",
        "/appCatalogs/teamsApps/{app}/appDefinitions/{definition}/colorIcon/hostedContent/$value",
        BETA,
        &[],
        |call| Box::pin(app_catalogs::icon_bytes(call, IconKind::Color)),
    ),
    part(
        "outlineIcon.get",
        "/appCatalogs/teamsApps/{app}/appDefinitions/{definition}/outlineIcon",
        BETA,
        &[Select, Expand],
        |call| Box::pin(app_catalogs::icon(call, IconKind::Outline)),
    ),
    part(
        "outlineIcon.hostedContent",
        "/appCatalogs/teamsApps/{app}/appDefinitions/{definition}/outlineIcon/hostedContent",
        BETA,
        &[Select],
        |call| Box::pin(app_catalogs::hosted_content(call, IconKind::Outline)),
    ),
    part(
        "outlineIcon.bytes",
        "/appCatalogs/teamsApps/{app}/appDefinitions/{definition}/outlineIcon/hostedContent/$value",
        BETA,
        &[],
        |call| Box::pin(app_catalogs::icon_bytes(call, IconKind::Outline)),
    ),
];

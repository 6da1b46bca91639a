//! Rows of `/teamwork`.

use http::Method;
use slipway_model::Permission::{TeamworkAppSettingsReadAll, TeamworkAppSettingsReadWriteAll};
use slipway_odata::SystemOption::Select;

use crate::graph::teamwork;
use crate::operation::{ApiVersion, Operation, Throttle};

/// Settings of the tenant.
pub(super) static ROWS: [Operation; 2] = [
    Operation {
        name: "teamsAppSettings.get",
        method: Method::GET,
        path: "/teamwork/teamsAppSettings",
        versions: &ApiVersion::ALL,
        owner: None,
        delegated: &[TeamworkAppSettingsReadAll, TeamworkAppSettingsReadWriteAll],
        application: &[],
        legacy: &[],
        throttle: Throttle::TeamsRead,
        options: &[Select],
        handler: |call| Box::pin(teamwork::get_settings(call)),
    },
    Operation {
        name: "teamsAppSettings.update",
        method: Method::PATCH,
        path: "/teamwork/teamsAppSettings",
        versions: &ApiVersion::ALL,
        owner: None,
        delegated: &[TeamworkAppSettingsReadWriteAll],
        application: &[],
        legacy: &[],
        throttle: Throttle::TeamsWrite,
        options: &[],
        handler: |call| Box::pin(teamwork::update_settings(call)),
    },
];

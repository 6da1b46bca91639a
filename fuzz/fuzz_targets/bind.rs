//! Bind values: nothing panics, and where a value names an app, the same app stands behind any other host.

#![no_main]

use libfuzzer_sys::fuzz_target;
use slipway_model::TeamsAppId;
use slipway_odata::entity_reference;

fuzz_target!(|value: &str| {
    let key = entity_reference(value, "teamsApps");
    if let Some(key) = &key {
        let elsewhere = entity_reference(&format!("https://graph.example/v1.0/{value}"), "TEAMSAPPS");
        assert_eq!(elsewhere.as_ref(), Some(key));
    }
    if let Some(Ok(app)) = key.as_deref().map(TeamsAppId::parse) {
        for written in [format!("x/teamsApps/{}", app.as_str()), format!("teamsApps('{}')", app.as_str())] {
            assert_eq!(entity_reference(&written, "teamsApps").as_deref(), Some(app.as_str()));
        }
    }
});

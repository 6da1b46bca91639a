//! Whatever is sent is answered, and the answer is about what was sent.

use proptest::prelude::*;
use serde_json::Value;
use slipway_manifest::{Detail, PackageError, read_manifest, read_package};

use crate::{build, changed};

proptest! {
    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        prop_assert!(read_package(&bytes).is_err());
        prop_assert!(read_manifest(&bytes).is_err());
    }

    #[test]
    fn any_damage_is_answered(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let intact = build::zip(&build::files(&build::manifest()));
        let mut zip = intact.clone();
        zip[at.index(intact.len())] = byte;
        if let Ok(package) = read_package(&zip) {
            let intact = read_package(&intact).unwrap();
            prop_assert_eq!(package, intact, "what is accepted is what was packed");
        }
    }

    /// Whatever value stands wherever, the answer is a list of findings about that place or none.
    #[test]
    fn any_value_in_any_place(at in 0..PLACES.len(), value in value()) {
        let pointer = PLACES[at];
        let top = pointer.split('/').nth(1).unwrap();
        let manifest = changed(pointer, Some(value)).to_string();
        let found = match read_manifest(manifest.as_bytes()) {
            Ok(_) => vec![],
            Err(PackageError::Invalid(details)) => details,
            Err(other) => panic!("{other}"),
        };
        for Detail { target, .. } in found {
            prop_assert!(target == "manifest.json" || target.starts_with(top), "{} at {}", target, pointer);
        }
    }
}

const PLACES: [&str; 29] = [
    "/$schema",
    "/manifestVersion",
    "/id",
    "/version",
    "/developer",
    "/developer/name",
    "/developer/websiteUrl",
    "/name",
    "/name/short",
    "/description",
    "/description/full",
    "/icons",
    "/icons/color",
    "/accentColor",
    "/bots",
    "/bots/0",
    "/bots/0/scopes",
    "/staticTabs",
    "/configurableTabs/0",
    "/composeExtensions",
    "/webApplicationInfo",
    "/webApplicationInfo/applicationPermissions",
    "/activities",
    "/copilotAgents",
    "/dashboardCards",
    "/extensions",
    "/localizationInfo",
    "/authorization",
    "/authorization/permissions/resourceSpecific",
];

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        "[0-9.]{0,6}".prop_map(Value::from),
    ];
    let key = prop_oneof![Just("scopes"), Just("short"), Just("name"), Just("type"), Just("permissions")];
    leaf.prop_recursive(3, 16, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(key.clone().prop_map(str::to_owned), inner, 0..4)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

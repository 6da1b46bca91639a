//! What the command line refuses, and what it prints.

use std::fs;

use crate::process::{Server, ended, slipway};

/// Expects exit code 2, no data, and a message that names every one of the parts.
fn refused(command: &mut std::process::Command, parts: &[&str]) {
    let (code, out, told) = ended(command);
    assert_eq!((code, out.as_str()), (2, ""), "{told}");
    for part in parts {
        assert!(told.contains(part), "{part:?} is not in {told:?}");
    }
}

#[test]
fn usage_errors_end_with_2_and_name_the_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("slipway.toml");
    fs::write(&file, "lisen = [':0']\n").unwrap();
    let path = file.to_str().unwrap();

    refused(&mut slipway(&[]), &["Usage"]);
    refused(&mut slipway(&["serve", "--lisen", ":0"]), &["--lisen"]);
    refused(&mut slipway(&["serve", "--mode", "prod"]), &["--mode", "prod"]);
    refused(
        &mut slipway(&["serve", "--config", path]),
        &["`lisen`", path, "hint: the settings are listen, tls-name,"],
    );
    refused(slipway(&["serve"]).env("SLIPWAY_CONFIG", path), &["`lisen`", path]);
    refused(&mut slipway(&["serve", "--config", "/none.toml"]), &["/none.toml"]);
    refused(slipway(&["serve"]).env("SLIPWAY_LISEN", ":0"), &["SLIPWAY_LISEN"]);
    refused(slipway(&["serve"]).env("SLIPWAY_NO_DEMO", "perhaps"), &["SLIPWAY_NO_DEMO", "perhaps"]);
    refused(&mut slipway(&["serve", "--in-memory", "--data", "x"]), &["--in-memory", "--data"]);
    refused(
        slipway(&["serve", "--in-memory"]).env("SLIPWAY_DATABASE", "postgres://localhost/records"),
        &["--in-memory and SLIPWAY_DATABASE contradict each other"],
    );
    refused(&mut slipway(&["serve", "--database-connections=-1"]), &["--database-connections"]);
    refused(&mut slipway(&["serve", "--listen", ":0", "--key-file", "/none.key"]), &["key file /none.key"]);
    refused(
        &mut slipway(&["serve", "--listen", ":0", "--key-file", path]),
        &["others can read it", "chmod 600"],
    );
    refused(&mut slipway(&["readyz", "--url", "localhost"]), &["--url"]);
    refused(&mut slipway(&["readyz", "--wait", "soon"]), &["--wait", "soon"]);
    let seed = ["serve", "--listen", ":0", "--in-memory", "--no-demo", "--seed", path];
    refused(&mut slipway(&seed), &[&format!("{path}:1")]);
}

#[test]
fn help_lists_every_setting_with_its_words() {
    let (code, out, _) = ended(&mut slipway(&["serve", "--help"]));
    assert_eq!(code, 0);
    for flag in ["--listen", "--tls-name", "--in-memory", "--legacy-permissions", "--config"] {
        assert!(out.contains(flag), "{flag} is not in {out}");
    }
    assert!(out.contains("Where to listen: IP:PORT"), "{out}");
}

#[test]
fn config_print_shows_what_is_in_force() {
    let arguments = ["config", "print", "--listen", "0.0.0.0:80", "--tls-name", "graph.test"];
    let (code, out, told) = ended(slipway(&arguments).env("SLIPWAY_LOG_FORMAT", "json"));
    assert_eq!((code, told.as_str()), (0, ""));
    let wanted = r#"listen = ["0.0.0.0:80"]
tls-name = ["graph.test"]
intercept = []
pass-through = false
max-connections = 10000
rows-examined = 20000
rows-counted = 200000
trust-issuer = []
data = "./slipway-data"
in-memory = false
database-connections = 0
mode = "service"
no-demo = false
log-format = "json"
log-level = "info"
legacy-permissions = "beta"
legacy-refusal = "forbidden"
"#;
    assert_eq!(out, wanted);
}

#[test]
fn the_password_of_a_database_is_never_shown() {
    let file = tempfile::NamedTempFile::new().unwrap();
    for url in
        ["postgres://slipway:hunter2@db.test:5433/records", "host=db.test password=hunter2 dbname=records"]
    {
        let (code, out, told) = ended(slipway(&["config", "print"]).env("SLIPWAY_DATABASE", url));
        assert_eq!((code, told.as_str()), (0, ""));
        assert!(
            out.contains("records") && out.contains("db.test") && out.contains("mode = \"service\""),
            "{out}"
        );
        assert!(!out.contains("hunter2"), "{out}");
    }
    for broken in
        ["database = 'postgres://u:hunter2@h:x/d'", "database = 'postgres://u:hunter2@h/d", "x = 'hunter2'"]
    {
        fs::write(file.path(), broken).unwrap();
        let (code, out, told) = ended(slipway(&["config", "print", "--config"]).arg(file.path()));
        assert_eq!((code, out.as_str()), (2, ""), "{told}");
        assert!(!told.contains("hunter2"), "{told}");
    }
}

#[test]
fn the_schema_of_seeds_is_json() {
    let (code, out, _) = ended(&mut slipway(&["seed", "schema"]));
    assert_eq!(code, 0);
    let schema: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert!(schema["properties"]["tenants"].is_object(), "{schema}");
}

#[test]
fn operations_are_printed_for_people_and_for_programs() {
    let (code, json, told) = ended(&mut slipway(&["operations", "--format", "json"]));
    assert_eq!((code, told.as_str()), (0, ""));
    let rows: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
    let upgrade = rows.iter().find(|row| row["name"] == "installedApps.upgrade").unwrap();
    assert_eq!(upgrade["method"], "POST");
    assert_eq!(upgrade["path"], "/users/{user}/teamwork/installedApps/{installation}/upgrade");
    assert_eq!(upgrade["me"], "/me/teamwork/installedApps/{installation}/upgrade");
    assert_eq!(upgrade["versions"], serde_json::json!(["v1.0", "beta"]));
    assert_eq!(upgrade["owner"], "user");
    assert!(
        upgrade["application"]
            .as_array()
            .unwrap()
            .contains(&"TeamsAppInstallation.ReadWriteForUser.All".into())
    );
    let me = rows.iter().find(|row| row["path"] == "/me").unwrap();
    assert_eq!((&me["me"], &me["application"]), (&serde_json::Value::Null, &serde_json::json!([])));

    let (code, text, _) = ended(&mut slipway(&["operations"]));
    assert_eq!(code, 0);
    assert_eq!(text.matches("\n  delegated   ").count(), rows.len());
    for row in &rows {
        let heading = format!("{}: {} {}\n", row["name"], row["method"], row["path"]).replace('"', "");
        assert!(text.contains(&heading), "{heading:?} is not in {text}");
    }
    refused(&mut slipway(&["operations", "--format", "yaml"]), &["--format", "yaml", "text, json"]);
}

#[test]
fn a_public_address_is_told_and_means_service() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &["--listen", "0.0.0.0:0", "--log-format", "json"]);
    server.signal("TERM");
    let (_, log) = server.end();
    let lines: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told = lines.iter().find(|line| line["address"] == "0.0.0.0:0").unwrap();
    assert_eq!(told["level"], "WARN");
    assert!(told["message"].as_str().unwrap().starts_with("mode service"), "{told}");
}

//! Moving and checking data by the command line, beside a running server too.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::process::{Server, ended, slipway};

const SEED: &str = "
tenants:
  - {id: moved, displayName: Moved, domain: moved.example, generate: {users: 30}}
  - {id: other, displayName: Other, domain: other.example, generate: {users: 2}}
";

/// A folder with a server's data in `data`, and the server.
fn serving() -> (TempDir, Server) {
    let folder = tempfile::tempdir().unwrap();
    let seed = folder.path().join("seed.yaml");
    fs::write(&seed, SEED).unwrap();
    let server = Server::start(&folder, &["--seed", seed.to_str().unwrap()]);
    (folder, server)
}

/// The same, stopped.
fn stopped() -> TempDir {
    let (folder, server) = serving();
    server.signal("TERM");
    assert_eq!(server.end().0.code(), Some(0));
    folder
}

fn on(command: &str, data: &Path, arguments: &[&str]) -> (i32, String, String) {
    ended(slipway(&[command, "--data"]).arg(data).args(arguments))
}

#[test]
fn tenants_move_from_folder_to_folder() {
    let folder = stopped();
    let (data, other) = (folder.path().join("data"), folder.path().join("other"));
    let (code, file, log) = on("export", &data, &[]);
    assert_eq!(code, 0, "{log}");
    assert!(log.contains("exported 34 records: tenant 2, user 32"), "{log}");
    let path = folder.path().join("file.jsonl");
    fs::write(&path, &file).unwrap();
    let path = path.to_str().unwrap();
    let (code, told, log) = on("import", &other, &[path]);
    assert_eq!((code, told.as_str()), (0, ""), "{log}");
    assert!(log.contains("imported 34 records: tenant 2, user 32"), "{log}");
    assert_eq!(on("export", &other, &[]).1, file);

    let (code, _, log) = on("import", &other, &[path]);
    assert_eq!(code, 1);
    assert!(log.contains("line 2: the tenant moved (moved.example) is there already"), "{log}");
    assert!(log.contains("hint: --replace"), "{log}");
    let (code, one, log) = on("export", &data, &["--tenant", "other.example"]);
    assert_eq!((code, one.lines().count()), (0, 5), "{log}");
    fs::write(folder.path().join("cut.jsonl"), one.trim_end()).unwrap();
    let cut = folder.path().join("cut.jsonl");
    let (code, _, log) = on("import", &other, &[cut.to_str().unwrap(), "--replace"]);
    assert_eq!(code, 1);
    assert!(log.contains("cut.jsonl: line 5: the file is cut"), "{log}");
    let (code, _, log) = on("import", &other, &[path, "--replace"]);
    assert_eq!(code, 0, "{log}");
    assert_eq!(on("export", &other, &[]).1, file);
    let (code, report, _) = on("check", &other, &[]);
    assert!(code == 0 && report.ends_with("nothing is wrong\n"), "{report}");

    let (code, _, log) = on("export", &data, &["--tenant", "nobody"]);
    assert_eq!(code, 1);
    assert!(log.contains("no tenant has the id or domain 'nobody'"), "{log}");
    assert!(!file.contains("signingKey"));
    assert!(on("export", &data, &["--with-keys"]).1.contains(r#"{"kind":"signingKey","document":"#));
}

#[test]
fn a_folder_that_is_not_there_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("dtaa");
    for command in ["export", "check"] {
        let (code, _, log) = on(command, &data, &[]);
        assert_eq!(code, 2);
        assert!(log.contains("dtaa is no folder\nhint: "), "{log}");
        assert_eq!(ended(&mut slipway(&[command, "--in-memory"])).0, 2);
    }
    assert!(!data.exists());
}

#[test]
fn a_server_is_asked_to_check_its_folder() {
    let (folder, server) = serving();
    let data = folder.path().join("data");
    let url = server.ready["url"].as_str().unwrap();
    let (code, report, log) = on("check", &data, &["--json", "--url", url]);
    assert_eq!(code, 0, "{log}");
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!((&report["rows"]["user"], &report["damage"]), (&32.into(), &serde_json::json!({})));

    let (code, _, log) = on("export", &data, &[]);
    assert_eq!(code, 1);
    assert!(log.contains("has") && log.contains("open\nhint: stop it"), "{log}");
    // A server that has not the folder's authority gets no secret.
    let (_elsewhere, other) = serving();
    let (code, _, log) = on("check", &data, &["--url", other.ready["url"].as_str().unwrap()]);
    assert_eq!(code, 1);
    assert!(log.contains("invalid peer certificate"), "{log}");
    let secret = data.join("control.secret");
    fs::write(&secret, "guessed").unwrap();
    let (code, _, log) = on("check", &data, &["--url", url]);
    assert_eq!(code, 1);
    assert!(log.contains("401"), "{log}");
    fs::remove_file(secret).unwrap();
    assert!(on("check", &data, &["--url", url]).2.contains("control.secret: is not there"));
}

#[test]
fn a_folder_at_rest_is_backed_up_and_a_database_is_not() {
    let folder = stopped();
    let (data, copy) = (folder.path().join("data"), folder.path().join("copy"));
    let (code, told, log) = on("backup", &data, &[copy.to_str().unwrap()]);
    assert_eq!((code, told.as_str()), (0, ""), "{log}");
    assert_eq!(on("export", &copy, &["--with-keys"]).1, on("export", &data, &["--with-keys"]).1);
    assert!(copy.join("control.secret").is_file());
    let mut command = slipway(&["backup", "/tmp/never"]);
    let (code, _, log) = ended(command.env("SLIPWAY_DATABASE", "postgres://127.0.0.1:1/nobody"));
    assert_eq!(code, 2);
    assert!(log.contains("hint: pg_dump"), "{log}");
}

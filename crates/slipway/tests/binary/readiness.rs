//! Ready line, ready file, data folder, `slipway readyz`.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::process::{Server, ended, mode, slipway};

#[test]
fn the_ready_line_and_the_ready_file_tell_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &[]);
    assert_eq!(server.line, format!("slipway is ready: https://{}\n", server.address));
    assert_ne!(server.address.port(), 0);

    let text = std::fs::read_to_string(&server.ready_file).unwrap();
    assert!(text.ends_with('\n') && text.lines().count() == 1, "{text}");
    assert_eq!(mode(&server.ready_file), 0o600);
    let mut keys: Vec<_> = server.ready.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    let wanted = ["caFile", "clientId", "clientSecret", "controlSecret", "httpUrl", "tenantId", "url"];
    assert_eq!(keys, wanted);
    assert_eq!(server.ready["httpUrl"], format!("http://{}", server.address));
    assert!(server.ready["tenantId"].is_null() && server.ready["clientSecret"].is_null());
    let ca_file = Path::new(server.ready["caFile"].as_str().unwrap());
    assert!(ca_file.is_absolute() && ca_file.ends_with("data/ca.crt"));
}

#[test]
fn the_data_folder_is_private_and_the_secret_is_kept_out_of_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let server = Server::start(&folder, &["--log-level", "trace"]);
    assert_eq!(mode(&data), 0o700);
    for private in ["ca.key", "control.secret"] {
        assert_eq!(mode(&data.join(private)), 0o600, "{private}");
    }
    assert_eq!(std::fs::read_to_string(data.join(".gitignore")).unwrap(), "*\n");
    let secret = server.ready["controlSecret"].as_str().unwrap().to_owned();
    assert_eq!(std::fs::read_to_string(data.join("control.secret")).unwrap().trim(), secret);
    assert!(secret.len() >= 43, "256 bits");
    server.signal("TERM");
    assert!(!server.end().1.contains(&secret));

    let again = Server::start(&folder, &[]);
    assert_eq!(again.ready["controlSecret"], secret);
}

#[test]
fn the_ready_file_names_the_demo_client_if_it_is_there() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [&["--no-demo=false"] as &[&str], &[]] {
        let server = Server::start(&folder, arguments);
        assert_eq!(server.ready["tenantId"], "51190000-0000-4000-8000-000000000001");
        assert_eq!(server.ready["clientId"], "51190000-0000-4000-8000-00000000a001");
        assert_eq!(server.ready["clientSecret"], "slipway-demo-secret");
    }
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &["--no-demo=false", "--mode", "service"]);
    assert!(server.ready["tenantId"].is_null(), "only mode lab has the demo tenant");
}

#[test]
fn a_data_folder_with_the_demo_tenant_is_not_served_in_mode_service() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    drop(Server::start(&folder, &["--no-demo=false"]));
    for arguments in [["--mode", "service"], ["--listen", "0.0.0.0:0"]] {
        let mut command = slipway(&["serve", "--listen", ":0", "--tls-name", "graph.test"]);
        let authority = std::fs::read(data.join("ca.crt")).unwrap();
        let (code, out, log) = ended(command.args(arguments).arg("--data").arg(&data));
        assert_eq!((code, out.as_str()), (1, ""), "{log}");
        assert!(log.contains(&format!("{} holds the demo tenant", data.display())), "{log}");
        assert!(log.contains("hint: use another --data folder, or --mode lab"), "{log}");
        assert_eq!(std::fs::read(data.join("ca.crt")).unwrap(), authority, "nothing is touched");
    }
    let server = Server::start(&folder, &["--mode", "lab"]);
    assert_eq!(server.ready["clientSecret"], "slipway-demo-secret");
}

#[test]
fn a_seed_does_not_bring_the_demo_tenant_into_mode_service() {
    let folder = tempfile::tempdir().unwrap();
    let seed = folder.path().join("seed.yaml");
    let tenant = "{id: 51190000-0000-4000-8000-000000000001, displayName: D, domain: d.example}";
    std::fs::write(&seed, format!("tenants: [{tenant}]\n")).unwrap();
    let mut command = slipway(&["serve", "--listen", ":0", "--mode", "service", "--in-memory", "--seed"]);
    let (code, out, log) = ended(command.arg(&seed));
    assert_eq!((code, out.as_str()), (1, ""), "{log}");
    assert!(log.contains("holds the demo tenant"), "{log}");
}

#[test]
fn a_server_that_cannot_have_the_port_or_the_folder_leaves_the_ready_file_of_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &[]);
    let (data, address) = (folder.path().join("data"), server.address.to_string());
    for (arguments, told) in [
        (["--listen", &address, "--in-memory"].as_slice(), format!("cannot listen on {address}")),
        (&["--listen", ":0", "--data", data.to_str().unwrap()], data.display().to_string()),
    ] {
        let mut command = slipway(&["serve", "--ready-file"]);
        let (code, out, log) = ended(command.arg(&server.ready_file).args(arguments));
        assert_eq!((code, out.as_str()), (1, ""));
        assert!(log.contains(&told), "{log}");
        assert!(server.ready_file.exists());
    }
}

#[test]
fn a_ready_file_of_an_earlier_start_does_not_outlive_a_failed_one() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &[]);
    let ready_file = server.ready_file.clone();
    drop(server);
    assert!(ready_file.exists());
    std::fs::write(folder.path().join("data/control.secret"), "").unwrap();
    let mut command = slipway(&["serve", "--listen", ":0", "--no-demo", "--ready-file"]);
    let (code, out, log) = ended(command.arg(&ready_file).arg("--data").arg(folder.path().join("data")));
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(log.contains("control.secret"), "{log}");
    assert!(!ready_file.exists());
}

#[test]
fn readyz_waits_for_a_server() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &[]);
    let url = server.ready["url"].as_str().unwrap();
    assert_eq!(ended(&mut slipway(&["readyz", "--url", url])).0, 0);
    let address = server.address.to_string();
    assert_eq!(ended(slipway(&["readyz", "--wait", "5s"]).env("SLIPWAY_LISTEN", &address)).0, 0);

    drop(server);
    let began = Instant::now();
    let (code, out, told) =
        ended(&mut slipway(&["readyz", "--wait", "300ms", "--url", url_of(&address).as_str()]));
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(told.starts_with(&format!("error: {address} is not ready: ")), "{told}");
    assert!(began.elapsed() >= Duration::from_millis(200));
}

fn url_of(address: &str) -> String {
    format!("http://{address}")
}

//! `slipway env`: the variables for a server that runs.

use std::process::Command;

use serde_json::Value;

use crate::process::{Server, ended, slipway};

fn variables(command: &mut Command) -> Value {
    let (code, out, told) = ended(command);
    assert_eq!(code, 0, "{told}");
    serde_json::from_str(&out).unwrap()
}

#[test]
fn a_ready_file_tells_everything() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &["--no-demo=false"]);
    let mut command = slipway(&["env", "--format", "json", "--ready-file"]);
    let told = variables(command.arg(&server.ready_file));
    let (url, ca_file) = (&server.ready["url"], &server.ready["caFile"]);
    let bundle = ca_file.as_str().unwrap().replace("ca.crt", "ca-bundle.crt");
    let proxy = &server.ready["httpUrl"];
    let direct = "localhost,127.0.0.1,::1";
    let wanted = serde_json::json!({
        "SLIPWAY_URL": url,
        "SLIPWAY_CA_FILE": ca_file,
        "SLIPWAY_CONTROL_SECRET": server.ready["controlSecret"],
        "AZURE_AUTHORITY_HOST": url,
        "AZURE_TENANT_ID": "51190000-0000-4000-8000-000000000001",
        "AZURE_CLIENT_ID": "51190000-0000-4000-8000-00000000a001",
        "AZURE_CLIENT_SECRET": "slipway-demo-secret",
        "GRAPH_ENDPOINT": url,
        "SSL_CERT_FILE": bundle,
        "REQUESTS_CA_BUNDLE": bundle,
        "CURL_CA_BUNDLE": bundle,
        "NODE_EXTRA_CA_CERTS": ca_file,
        "NODE_USE_ENV_PROXY": "1",
        "HTTPS_PROXY": proxy,
        "https_proxy": proxy,
        "NO_PROXY": direct,
        "no_proxy": direct,
    });
    assert_eq!(told, wanted);
    let bundle = std::fs::read_to_string(bundle).unwrap();
    assert!(bundle.ends_with(&std::fs::read_to_string(ca_file.as_str().unwrap()).unwrap()));

    // The variables find the server again, and so does its folder, with the address.
    let mut again = slipway(&["env", "--format", "json"]);
    for (name, value) in wanted.as_object().unwrap() {
        again.env(name, value.as_str().unwrap());
    }
    assert_eq!(variables(&mut again), wanted);
    let data = folder.path().join("data");
    for mut command in [
        slipway(&["env", "--format", "json", "--url", url.as_str().unwrap()]),
        slipway(&["env", "--format", "json", "--listen", &server.address.to_string()]),
    ] {
        assert_eq!(variables(command.arg("--data").arg(&data)), wanted);
    }
}

#[test]
fn without_a_client_that_everybody_knows_none_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &[]);
    let mut by_file = slipway(&["env", "--format", "json", "--ready-file"]);
    let mut by_folder = slipway(&["env", "--format", "json", "--url", server.ready["url"].as_str().unwrap()]);
    by_folder.arg("--data").arg(folder.path().join("data"));
    for command in [by_file.arg(&server.ready_file), &mut by_folder] {
        let told = variables(command);
        assert_eq!(told["AZURE_CLIENT_ID"], Value::Null);
        assert_eq!(told["SLIPWAY_URL"], server.ready["url"]);
    }
}

#[test]
fn shells_read_it_and_secrets_are_masked_for_github() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &["--no-demo=false"]);
    let ready_file = server.ready_file.to_str().unwrap();
    let (code, out, told) = ended(&mut slipway(&["env", "--ready-file", ready_file]));
    assert_eq!((code, told.as_str()), (0, ""));
    let script = format!("{out}\ncurl -sf $SLIPWAY_URL/_slipway/readyz");
    let (code, answer, _) = ended(Command::new("sh").args(["-c", &script]));
    assert_eq!((code, answer.as_str()), (0, "ready\n"), "curl goes by CURL_CA_BUNDLE and NO_PROXY");

    let (code, out, masks) = ended(&mut slipway(&["env", "--format", "github", "--ready-file", ready_file]));
    assert_eq!(code, 0);
    assert!(out.contains("\nAZURE_CLIENT_SECRET=slipway-demo-secret\n"), "{out}");
    let secret = server.ready["controlSecret"].as_str().unwrap();
    assert_eq!(masks, format!("::add-mask::{secret}\n::add-mask::slipway-demo-secret\n"));
    for (format, line) in [
        ("dotenv", "AZURE_CLIENT_SECRET=slipway-demo-secret\n"),
        ("powershell", "$env:AZURE_CLIENT_SECRET = 'slipway-demo-secret'\n"),
    ] {
        let (code, out, told) = ended(&mut slipway(&["env", "--format", format, "--ready-file", ready_file]));
        assert_eq!((code, told.as_str()), (0, ""));
        assert!(out.contains(line), "{out}");
    }
}

#[test]
fn a_server_that_cannot_be_found_is_told_with_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("ready.json");
    for (arguments, part) in [
        (vec!["--ready-file", missing.to_str().unwrap()], "ready.json: is not there\nhint: "),
        (vec!["--data", folder.path().to_str().unwrap()], "control.secret: is not there\nhint: --data"),
        (vec!["--listen", ":0"], "hint: give --url"),
    ] {
        let (code, out, told) = ended(slipway(&["env"]).args(arguments).current_dir(&folder));
        assert!(code != 0 && out.is_empty(), "{told}");
        assert!(told.contains(part), "{told}");
    }
}

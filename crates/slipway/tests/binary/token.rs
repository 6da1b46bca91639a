//! `slipway token`: forged tokens, as the server judges them.

use http::{Method, StatusCode};

use crate::process::{Server, ended, slipway};

const AUTOMATION: &str = "51190000-0000-4000-8000-00000000a001";
const PUBLIC: &str = "51190000-0000-4000-8000-00000000a003";
const USER: &str = "user02@contoso.example";

fn token(server: &Server, arguments: &[&str]) -> String {
    let mut command = slipway(&["token", "--ready-file"]);
    let (code, out, told) = ended(command.arg(&server.ready_file).args(arguments));
    assert_eq!((code, told.as_str()), (0, ""), "{arguments:?}");
    assert_eq!(out.lines().count(), 1, "the token alone");
    out.trim_end().to_owned()
}

#[tokio::test]
async fn forged_tokens_say_what_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &["--no-demo=false"]);
    let users = "/v1.0/users?$top=1";
    let installed = format!("/v1.0/users/{USER}/teamwork/installedApps");
    let (ok, forbidden, unknown) = (StatusCode::OK, StatusCode::FORBIDDEN, StatusCode::UNAUTHORIZED);
    let cases: [(&[&str], &str, StatusCode); 11] = [
        (&["--client", AUTOMATION], users, ok),
        (&["--client", AUTOMATION, "--role", "User.Read.All"], users, ok),
        (&["--client", AUTOMATION, "--role", "AppCatalog.Read.All"], users, forbidden),
        (&["--client", AUTOMATION, "--tenant", "contoso.example"], users, ok),
        (&["--client", PUBLIC, "--user", USER, "--scope", "User.Read.All"], users, ok),
        (&["--client", PUBLIC, "--user", USER, "--scope", "User.Read.All"], &installed, forbidden),
        (&["--client", PUBLIC, "--user", USER, "--personal"], &installed, unknown),
        (&["--client", AUTOMATION, "--expired"], users, unknown),
        (&["--client", AUTOMATION, "--not-yet-valid"], users, unknown),
        (&["--client", AUTOMATION, "--not-yet-valid", "--expires-in", "1h"], users, unknown),
        (&["--client", AUTOMATION, "--audience", "https://other.example"], users, unknown),
    ];
    for (arguments, path, status) in cases {
        let token = token(&server, arguments);
        let (answered, _, answer) = server.ask(Method::GET, path, &token, "").await;
        assert_eq!(answered, status, "{arguments:?}: {answer}");
    }
}

#[test]
fn a_command_of_exec_forges_without_saying_where() {
    let slipway_binary = env!("CARGO_BIN_EXE_slipway");
    let script = format!(
        r#"token=$("{slipway_binary}" token --client "$AZURE_CLIENT_ID") &&
           curl -sf -o /dev/null -w '%{{http_code}}' -H "Authorization: Bearer $token" "https://graph.microsoft.com/v1.0/users""#
    );
    let mut command = slipway(&["exec", "--", "sh", "-c", &script]);
    let (code, out, told) = ended(command.env("PATH", "/usr/bin:/bin"));
    assert_eq!((code, out.as_str()), (0, "200"), "{told}");
}

#[test]
fn what_cannot_be_forged_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &["--no-demo=false"]);
    let ready_file = server.ready_file.to_str().unwrap();
    for (arguments, code, part) in [
        (&["--client", "51190000-0000-4000-8000-00000000a0ff"][..], 1, "400 Bad Request"),
        (&["--client", AUTOMATION, "--user", "nobody@contoso.example"], 1, "400 Bad Request"),
        (&["--client", AUTOMATION, "--scope", "User.Read"], 2, "--user"),
        (&["--client", AUTOMATION, "--user", USER, "--role", "User.Read.All"], 2, "--role"),
        (&["--client", AUTOMATION, "--expired", "--not-yet-valid"], 2, "--expired"),
        (&[], 2, "--client"),
    ] {
        let (ended_with, out, told) = ended(slipway(&["token", "--ready-file", ready_file]).args(arguments));
        assert_eq!((ended_with, out.as_str()), (code, ""), "{told}");
        assert!(told.contains(part), "{told}");
    }
}

#[test]
fn mode_service_forges_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &["--mode", "service"]);
    let mut command = slipway(&["token", "--client", AUTOMATION, "--ready-file"]);
    let (code, out, told) = ended(command.arg(&server.ready_file));
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(told.contains("404") && told.contains("hint: "), "{told}");
}

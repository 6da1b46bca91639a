//! `slipway exec`: a command with a server of its own.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::process::{ended, slipway};

/// `slipway exec` with the arguments, the demo tenant left out, and temporary files in the folder.
fn exec(temporary: &TempDir, arguments: &[&str]) -> Command {
    let mut command = slipway(&["exec"]);
    command.args(arguments).env("TMPDIR", temporary.path()).env("PATH", "/usr/bin:/bin");
    command.env("SLIPWAY_NO_DEMO", "true");
    command
}

fn left(temporary: &TempDir) -> usize {
    fs::read_dir(temporary.path()).unwrap().count()
}

/// A command that has said that it runs.
struct Running {
    child: Child,
    output: BufReader<std::process::ChildStdout>,
}

impl Running {
    fn start(temporary: &TempDir, script: &str) -> Self {
        let mut command = exec(temporary, &["--", "sh", "-c", script]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        assert_eq!(line, "runs\n");
        Self { child, output }
    }

    fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    fn end(mut self) -> (Option<i32>, String) {
        let mut told = String::new();
        self.output.read_to_string(&mut told).unwrap();
        (self.child.wait().unwrap().code(), told)
    }
}

#[test]
fn a_command_finds_its_server_by_the_variables() {
    let temporary = tempfile::tempdir().unwrap();
    let script = r#"
        set -e
        curl -sf --cacert "$SLIPWAY_CA_FILE" "$GRAPH_ENDPOINT/_slipway/readyz"
        curl -sf "$AZURE_AUTHORITY_HOST/organizations/v2.0/.well-known/openid-configuration" > /dev/null
        test "$HTTPS_PROXY" = "http://${SLIPWAY_URL#https://}" -a "$https_proxy" = "$HTTPS_PROXY"
        test -f "$SSL_CERT_FILE" -a "$SSL_CERT_FILE" = "$REQUESTS_CA_BUNDLE" -a "$NODE_EXTRA_CA_CERTS" = "$SLIPWAY_CA_FILE"
        test "$(grep -c BEGIN "$SSL_CERT_FILE")" -ge "$(grep -c BEGIN "$NODE_EXTRA_CA_CERTS")"
        test -z "$AZURE_CLIENT_ID"
        echo "$SLIPWAY_URL"
    "#;
    let (code, out, log) = ended(&mut exec(&temporary, &["--", "sh", "-c", script]));
    assert_eq!((code, log.as_str()), (0, ""), "{out}");
    assert!(out.starts_with("ready\nhttps://127.0.0.1:"), "{out}");
    assert_eq!(left(&temporary), 0);
}

/// The demo tenant's client, or the seed's; a token is taken with it, without an option about addresses.
#[test]
fn a_command_can_sign_in() {
    let temporary = tempfile::tempdir().unwrap();
    let seed = temporary.path().join("seed.yaml");
    fs::write(
        &seed,
        "tenants:
  - id: 9c1b4f0e-6c38-4a57-8a4e-0d8c3f6f2b11
    displayName: Fabrikam
    domain: fabrikam.example
    clients:
      - { id: 9c1b4f0e-6c38-4a57-8a4e-0d8c3f6fa000, displayName: Public }
      - { id: 9c1b4f0e-6c38-4a57-8a4e-0d8c3f6fa001, displayName: Roll-out, secrets: [\"it's a $ecret\"] }
",
    )
    .unwrap();
    let script = r#"curl -sf "$AZURE_AUTHORITY_HOST/$AZURE_TENANT_ID/oauth2/v2.0/token" \
        -d grant_type=client_credentials -d scope=https://graph.microsoft.com/.default \
        -d "client_id=$AZURE_CLIENT_ID" --data-urlencode "client_secret=$AZURE_CLIENT_SECRET" > /dev/null &&
        echo "$AZURE_CLIENT_ID""#;
    let demo = exec(&temporary, &["--no-demo=false", "--", "sh", "-c", script]).output().unwrap();
    assert_eq!(String::from_utf8(demo.stdout).unwrap(), "51190000-0000-4000-8000-00000000a001\n");
    let arguments = ["--seed", seed.to_str().unwrap(), "sh", "-c", script];
    let (code, out, log) = ended(&mut exec(&temporary, &arguments));
    assert_eq!((code, out.as_str(), log.as_str()), (0, "9c1b4f0e-6c38-4a57-8a4e-0d8c3f6fa001\n", ""));
}

/// Microsoft's own hosts, for programs that have them built in.
#[test]
fn a_command_finds_its_server_behind_the_proxy() {
    let temporary = tempfile::tempdir().unwrap();
    let script = r#"
        token=$(curl -sf "https://login.microsoftonline.com/$AZURE_TENANT_ID/oauth2/v2.0/token" \
            -d grant_type=client_credentials -d scope=https://graph.microsoft.com/.default \
            -d "client_id=$AZURE_CLIENT_ID" -d "client_secret=$AZURE_CLIENT_SECRET" | sed 's/.*"access_token":"//; s/".*//')
        curl -sf -H "Authorization: Bearer $token" "https://graph.microsoft.com/v1.0/users?\$top=1&\$select=id"
        curl -s -o /dev/null -w ' %{http_connect}' https://www.example.com/"#;
    let command = exec(&temporary, &["--no-demo=false", "--", "sh", "-c", script]).output().unwrap();
    let out = String::from_utf8(command.stdout).unwrap();
    assert!(out.contains("https://graph.microsoft.com/v1.0/$metadata#users(id)"), "{out}");
    assert!(out.ends_with(" 403"), "{out}");
}

#[test]
fn input_output_and_exit_code_are_the_commands() {
    let temporary = tempfile::tempdir().unwrap();
    let mut command = exec(&temporary, &["--", "sh", "-c", "cat; echo told >&2; ulimit -n >&2; exit 7"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"a\0b\xff").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(7), b"a\0b\xff".as_slice()));
    let limit = Command::new("sh").args(["-c", "ulimit -n"]).output().unwrap().stdout;
    assert_eq!(output.stderr, [b"told\n".as_slice(), &limit].concat());

    for (script, wanted) in [("kill -KILL $$", 137), ("kill -TERM $$", 143), ("exit 255", 255)] {
        assert_eq!(ended(&mut exec(&temporary, &["sh", "-c", script])).0, wanted, "{script}");
    }
    // What comes behind the command is the command's, though it looks like a setting.
    assert_eq!(ended(&mut exec(&temporary, &["echo", "--seed", "x"])).1, "--seed x\n");
    assert_eq!(left(&temporary), 0);
}

#[test]
fn a_command_that_cannot_be_started_is_told_as_shells_do() {
    let temporary = tempfile::tempdir().unwrap();
    let (code, out, told) = ended(&mut exec(&temporary, &["--", "no-such-command"]));
    assert_eq!((code, out.as_str()), (127, ""));
    assert!(told.contains("no-such-command: command not found"), "{told}");
    let script = temporary.path().join("script");
    fs::write(&script, "echo").unwrap();
    let (code, _, told) = ended(&mut exec(&temporary, &["--", script.to_str().unwrap()]));
    assert_eq!(code, 126);
    assert!(told.contains("script: not executable"), "{told}");
    assert_eq!(left(&temporary), 1, "the script alone");
}

#[test]
fn usage_errors_start_nothing() {
    let temporary = tempfile::tempdir().unwrap();
    for (arguments, part) in [
        (&[] as &[&str], "COMMAND"),
        (&["--data", "x", "--", "true"], "--data"),
        (&["--database", "x", "--", "true"], "--database"),
        (&["--seed", "/none.yaml", "--", "true"], "/none.yaml"),
    ] {
        let (code, out, told) = ended(&mut exec(&temporary, arguments));
        assert_eq!((code, out.as_str()), (2, ""), "{told}");
        assert!(told.contains(part), "{told}");
    }
    assert_eq!(left(&temporary), 0);
}

/// Storage that the environment names is another server's, and this one has its own.
#[test]
fn storage_of_the_environment_is_left_alone() {
    let temporary = tempfile::tempdir().unwrap();
    let data = temporary.path().join("data");
    let mut command = exec(&temporary, &["--", "sh", "-c", "echo ${SLIPWAY_READY_FILE-none}"]);
    command.env("SLIPWAY_DATA", &data).env("SLIPWAY_DATABASE", "postgres://localhost:1/records");
    command
        .env("SLIPWAY_LISTEN", "127.0.0.1:1")
        .env("SLIPWAY_READY_FILE", temporary.path().join("ready.json"));
    let (code, out, log) = ended(&mut command);
    assert_eq!((code, out.as_str(), log.as_str()), (0, "none\n", ""));
    assert_eq!(left(&temporary), 0);
}

#[test]
fn signals_are_passed_on() {
    let temporary = tempfile::tempdir().unwrap();
    for signal in ["TERM", "INT", "HUP", "QUIT", "USR1", "USR2"] {
        let script = format!("trap 'echo got; exit 5' {signal}; echo runs; while :; do sleep 0.05; done");
        let running = Running::start(&temporary, &script);
        running.signal(signal);
        assert_eq!(running.end(), (Some(5), "got\n".to_owned()), "{signal}");
    }
    assert_eq!(left(&temporary), 0);
}

#[test]
fn a_signal_that_ends_the_command_ends_all_and_leaves_nothing() {
    let temporary = tempfile::tempdir().unwrap();
    for (signal, code) in [("TERM", 143), ("INT", 130), ("HUP", 129)] {
        // Not by a shell that would stay behind with its own children.
        let running = Running::start(&temporary, "echo runs; exec sleep 60");
        assert_eq!(left(&temporary), 1);
        running.signal(signal);
        assert_eq!(running.end().0, Some(code), "{signal}");
        assert_eq!(left(&temporary), 0, "{signal}");
    }
}

#[test]
fn a_signal_before_the_command_leaves_nothing() {
    let temporary = tempfile::tempdir().unwrap();
    let mut child = exec(&temporary, &["--no-demo=false", "--", "sleep", "60"]).spawn().unwrap();
    // Its folder is made before the slow part, the keys.
    let began = Instant::now();
    while left(&temporary) == 0 && began.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(5));
    }
    let kill = format!("kill -TERM {}", child.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    let status = child.wait().unwrap();
    assert_eq!((status.code(), status.signal()), (Some(143), None));
    // A folder that was being filled may stay; the next start removes it.
    assert_eq!(ended(&mut exec(&temporary, &["true"])).0, 0);
    assert_eq!(left(&temporary), 0);
}

#[test]
fn two_at_once_are_two_servers() {
    let temporary = tempfile::tempdir().unwrap();
    let script = "echo runs; read line; echo $SLIPWAY_URL; curl -sf $SLIPWAY_URL/_slipway/readyz";
    let start = || {
        let mut command = exec(&temporary, &["--", "sh", "-c", script]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap()
    };
    let mut both = [start(), start()];
    let mut outputs: Vec<_> =
        both.iter_mut().map(|child| BufReader::new(child.stdout.take().unwrap())).collect();
    let mut line = String::new();
    for output in &mut outputs {
        output.read_line(&mut line).unwrap();
    }
    assert_eq!(line, "runs\nruns\n", "both run");
    let mut urls = Vec::new();
    for (child, output) in both.iter_mut().zip(&mut outputs) {
        child.stdin.take().unwrap().write_all(b"\n").unwrap();
        let mut told = String::new();
        output.read_to_string(&mut told).unwrap();
        assert!(child.wait().unwrap().success());
        urls.push(told.strip_suffix("\nready\n").unwrap().to_owned());
    }
    assert_ne!(urls[0], urls[1]);
    assert_eq!(left(&temporary), 0);
}

#[test]
fn what_a_program_trusts_already_stays_trusted() {
    let temporary = tempfile::tempdir().unwrap();
    let other = temporary.path().join("corporate.crt");
    fs::write(&other, "-----BEGIN CERTIFICATE-----\nZm9v\n-----END CERTIFICATE-----").unwrap();
    let mut command = exec(&temporary, &["--", "sh", "-c", "cat $SSL_CERT_FILE; cat $SLIPWAY_CA_FILE"]);
    let (code, out, _) = ended(command.env("SSL_CERT_FILE", &other));
    assert_eq!(code, 0);
    let own = out.strip_prefix("-----BEGIN CERTIFICATE-----\nZm9v\n-----END CERTIFICATE-----\n").unwrap();
    let (in_bundle, alone) = own.split_at(own.len() / 2);
    assert_eq!(in_bundle, alone);
    assert!(Path::new(&other).exists());
}

//! `slipway trust`: what is printed, and what is done below another root and in a key store.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use http::{Method, StatusCode};
use tempfile::TempDir;

use crate::process::{Server, ended, slipway};

/// A server's certificate.
fn authority(folder: &TempDir) -> PathBuf {
    let server = Server::start(folder, &[]);
    PathBuf::from(server.ready["caFile"].as_str().unwrap())
}

/// A root folder as Debian's package ca-certificates leaves it, with one authority of the host's.
fn debian(folder: &TempDir) -> PathBuf {
    let root = folder.path().join("root");
    for path in ["etc/ssl/certs", "etc/ca-certificates/update.d", "usr/share/ca-certificates/some"] {
        fs::create_dir_all(root.join(path)).unwrap();
    }
    let other = authority(&tempfile::tempdir().unwrap());
    // It is gone with its folder; any certificate will do.
    assert!(!other.exists());
    let kept = tempfile::tempdir().unwrap();
    fs::copy(authority(&kept), root.join("usr/share/ca-certificates/some/other.crt")).unwrap();
    fs::write(root.join("etc/ca-certificates.conf"), "some/other.crt\n").unwrap();
    root
}

fn trust(arguments: &[&str], certificate: &Path) -> Command {
    let mut command = slipway(&["trust", "--ca-file"]);
    command.arg(certificate).args(arguments).env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    command
}

fn keytool(task: &str, store: &Path) -> Command {
    let mut keytool = Command::new("keytool");
    keytool.args([task, "-storepass", "changeit", "-keystore"]).arg(store);
    keytool
}

fn certificates(root: &Path) -> usize {
    fs::read_to_string(root.join("etc/ssl/certs/ca-certificates.crt")).unwrap().matches("BEGIN").count()
}

/// Whether OpenSSL takes the certificate for one that the folder of links trusts.
fn verified(root: &Path, certificate: &Path) -> bool {
    let mut openssl = Command::new("openssl");
    openssl.args(["verify", "-no-CAfile", "-no-CAstore", "-CApath"]).arg(root.join("etc/ssl/certs"));
    openssl.arg(certificate).output().unwrap().status.success()
}

#[test]
fn debian_is_made_to_trust_it_once_and_forgets_it_again() {
    let folder = tempfile::tempdir().unwrap();
    if Command::new("update-ca-certificates").arg("--help").output().is_err() {
        assert!(!Path::new("/etc/debian_version").exists(), "Debian without ca-certificates");
        return;
    }
    let (certificate, root) = (authority(&folder), debian(&folder));
    let root_text = root.to_str().unwrap();
    let install = || ended(&mut trust(&["--install", "--root", root_text], &certificate));
    let (code, first, told) = install();
    assert_eq!((code, told.as_str()), (0, ""), "{first}");
    assert!(
        first.contains("copied to ") && first.contains("is trusted, for localhost, graph.microsoft.com"),
        "{first}"
    );
    assert!(verified(&root, &certificate));
    assert_eq!(certificates(&root), 2);
    let copies = root.join("usr/local/share/ca-certificates");
    let copy = fs::read_dir(&copies).unwrap().next().unwrap().unwrap();
    assert_eq!(copy.metadata().unwrap().permissions().mode() & 0o777, 0o644);
    assert!(copy.file_name().to_str().unwrap().starts_with("slipway-"));

    let (code, second, _) = install();
    assert!(code == 0 && second.contains("was there already"), "{second}");
    assert_eq!(certificates(&root), 2);

    // What Debian's hook of ca-certificates-java makes of it.
    let java = root.join("etc/ssl/certs/java/cacerts");
    fs::create_dir_all(java.parent().unwrap()).unwrap();
    let alias = format!("debian:{}.pem", copy.file_name().to_str().unwrap().trim_end_matches(".crt"));
    let mut import = keytool("-importcert", &java);
    let with_java = import.args(["-noprompt", "-alias", &alias, "-file"]).arg(&certificate).output();

    let uninstall = || ended(&mut trust(&["--uninstall", "--root", root_text], &certificate));
    let (code, out, told) = uninstall();
    assert_eq!((code, told.as_str()), (0, ""));
    assert!(out.contains("is not trusted any more"), "{out}");
    assert!(!verified(&root, &certificate));
    if with_java.is_ok_and(|made| made.status.success()) {
        let listed = keytool("-list", &java).output().unwrap();
        assert!(!String::from_utf8(listed.stdout).unwrap().contains("slipway"));
    }
    assert_eq!((certificates(&root), fs::read_dir(&copies).unwrap().count()), (1, 0));
    let links = fs::read_dir(root.join("etc/ssl/certs")).unwrap().map(|entry| entry.unwrap().path());
    assert!(links.filter(|link| link.is_symlink()).all(|link| link.exists()), "a link leads nowhere");
    assert!(uninstall().1.contains("was not there"));
}

#[test]
fn a_failed_installation_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, root) = (authority(&folder), debian(&folder));
    // There is no such program on this path.
    let mut command = trust(&["--install", "--root", root.to_str().unwrap()], &certificate);
    let (code, out, told) = ended(command.env("PATH", folder.path()));
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(told.contains("update-ca-certificates"), "{told}");
    assert_eq!(fs::read_dir(root.join("usr/local/share/ca-certificates")).unwrap().count(), 0);

    let (code, _, told) =
        ended(&mut trust(&["--install", "--root", folder.path().to_str().unwrap()], &certificate));
    assert!(code == 1 && told.contains("unknown system\nhint: "), "{told}");
}

/// As somebody who may not write there; root runs it as nobody.
#[test]
fn without_rights_the_hint_is_to_get_them() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, root) = (authority(&folder), debian(&folder));
    let copies = root.join("usr/local/share/ca-certificates");
    fs::create_dir_all(&copies).unwrap();
    fs::set_permissions(&copies, fs::Permissions::from_mode(0o555)).unwrap();
    let arguments = ["--install", "--root", root.to_str().unwrap()];
    let mut command = trust(&arguments, &certificate);
    if fs::write(copies.join("probe"), "").is_ok() {
        fs::remove_file(copies.join("probe")).unwrap();
        // Nobody gets to see what lies in folders of root's.
        let open = tempfile::tempdir().unwrap();
        fs::set_permissions(open.path(), fs::Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let (program, copy) = (open.path().join("slipway"), open.path().join("ca.crt"));
        fs::copy(env!("CARGO_BIN_EXE_slipway"), &program).unwrap();
        fs::copy(&certificate, &copy).unwrap();
        command = Command::new("setpriv");
        command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups"]).arg(&program);
        command
            .args(["trust", "--ca-file"])
            .arg(&copy)
            .args(arguments)
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/bin");
        let (code, out, told) = ended(&mut command);
        assert_eq!((code, out.as_str()), (1, ""), "{told}");
        assert!(told.contains("Permission denied") && told.contains("hint: run it as root"), "{told}");
        return;
    }
    let (code, _, told) = ended(&mut command);
    assert!(code == 1 && told.contains("hint: run it as root"), "{told}");
}

#[test]
fn a_key_store_of_java_is_made_and_emptied() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = authority(&folder);
    let store = folder.path().join("trust.p12");
    let java = |task: &str| {
        let arguments = [task, "--store", "java", "--keystore", store.to_str().unwrap()];
        let (code, out, told) = ended(&mut trust(&arguments, &certificate));
        assert_eq!(code, 0, "{told}");
        out
    };
    let listed = || {
        let listed = keytool("-list", &store).output().unwrap();
        String::from_utf8(listed.stdout).unwrap().contains("slipway-")
    };
    assert!(java("--install").contains("-Djavax.net.ssl.trustStore="));
    assert!(listed());
    assert!(java("--install").contains("already"));
    assert!(java("--uninstall").contains("removed"));
    assert!(!listed());
    assert!(java("--uninstall").contains("was not in"));
}

#[test]
fn instructions_name_the_file_for_every_system() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &[]);
    let mut by_file = slipway(&["trust", "--ready-file"]);
    let mut by_folder = slipway(&["trust", "--data"]);
    let mut outputs = Vec::new();
    for command in [by_file.arg(&server.ready_file), by_folder.arg(folder.path().join("data"))] {
        let (code, out, told) = ended(command);
        assert_eq!((code, told.as_str()), (0, ""));
        outputs.push(out);
    }
    assert_eq!(outputs[0], outputs[1]);
    let certificate = server.ready["caFile"].as_str().unwrap();
    for part in [
        "localhost, graph.microsoft.com",
        "127.0.0.0/8, ::1/128",
        "update-ca-certificates",
        "update-ca-trust",
        "security add-trusted-cert",
        "certutil -addstore",
        "REQUESTS_CA_BUNDLE",
        "NODE_EXTRA_CA_CERTS",
        "keytool -importcert",
        ".NET",
        certificate,
    ] {
        assert!(outputs[0].contains(part), "{part} is not in {}", outputs[0]);
    }
}

#[test]
fn what_could_vouch_for_everything_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.crt");
    let make = |name: &str, extensions: &[&str]| {
        let mut openssl = Command::new("openssl");
        openssl.args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-keyout",
        ]);
        openssl.arg(folder.path().join("key")).arg("-out").arg(&file).args(["-subj", &format!("/CN={name}")]);
        let made =
            openssl.args(extensions.iter().flat_map(|extension| ["-addext", extension])).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    };
    let name = "Slipway CA 0123abcd";
    let both = "nameConstraints=critical,permitted;DNS:localhost,permitted;IP:127.0.0.0/255.0.0.0";
    make(name, &[both]);
    assert_eq!(ended(&mut trust(&[], &file)).0, 0, "a bound one is taken");
    let open: [(&str, &[&str], &str); 7] = [
        (name, &[], "could vouch for any name"),
        (name, &["nameConstraints=permitted;DNS:localhost,permitted;IP:127.0.0.0/255.0.0.0"], "any name"),
        (name, &["nameConstraints=critical,permitted;DNS:localhost"], "any name"),
        (name, &["nameConstraints=critical,permitted;IP:127.0.0.0/255.0.0.0"], "any name"),
        (name, &["nameConstraints=critical,permitted;DNS:com,permitted;IP:127.0.0.0/255.0.0.0"], "any name"),
        (
            name,
            &["nameConstraints=critical,permitted;DNS:localhost,permitted;IP:0.0.0.0/0.0.0.0"],
            "any name",
        ),
        ("Another CA", &[both], "is no certificate authority of Slipway"),
    ];
    for (name, extensions, part) in open {
        make(name, extensions);
        for task in
            [&[] as &[&str], &["--install", "--root", "/nowhere"], &["--uninstall", "--root", "/nowhere"]]
        {
            let (code, out, told) = ended(&mut trust(task, &file));
            assert_eq!((code, out.as_str()), (1, ""), "{name} {extensions:?}");
            assert!(told.contains(part) && told.contains("hint: "), "{told}");
        }
    }
    make(name, &[both]);
    let twice = fs::read_to_string(&file).unwrap().repeat(2);
    for text in [twice.as_str(), "", "-----BEGIN CERTIFICATE-----\nZm9v\n-----END CERTIFICATE-----\n"] {
        fs::write(&file, text).unwrap();
        assert!(ended(&mut trust(&[], &file)).2.contains("is not one certificate"), "{text}");
    }
}

/// Over both schemes, so that the first connection need not be trusted.
#[tokio::test]
async fn the_certificate_is_served_over_both_schemes() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder, &[]);
    let kept = fs::read_to_string(server.ready["caFile"].as_str().unwrap()).unwrap();
    for url in ["url", "httpUrl"] {
        let address = format!("{}/_slipway/ca.crt", server.ready[url].as_str().unwrap());
        let mut curl = Command::new("curl");
        let answer = curl.args(["-s", "--fail", "--insecure", &address]).output().unwrap();
        assert_eq!(String::from_utf8(answer.stdout).unwrap(), kept, "{url}");
    }
    let (status, _, _) = server.ask(Method::POST, "/_slipway/ca.crt", "", "").await;
    assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
}

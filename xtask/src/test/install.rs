//! What steps require beyond the Rust toolchain, and how a fresh machine gets it.

use std::fmt;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::needs::{Missing, Need};
use crate::workspace;

/// Something that a step cannot do without.
pub enum Requirement {
    /// A program of a Debian package.
    Debian(Need),
    /// A cargo tool, kept under `target/tools`.
    Tool(Tool),
    /// The Python packages of the real client, in a virtual environment under `target`.
    PythonClient,
    /// Node and the npm packages of the JavaScript client, in a folder under `target`.
    NodeClient,
}

/// A cargo tool in one version.
#[derive(Clone, Copy)]
pub struct Tool {
    name: &'static str,
    version: &'static str,
}

/// `cargo deny`.
pub const CARGO_DENY: Tool = Tool { name: "cargo-deny", version: "0.20.2" };
/// `cargo fuzz`.
pub const CARGO_FUZZ: Tool = Tool { name: "cargo-fuzz", version: "0.13.2" };

impl Tool {
    /// The program.
    pub fn program(self) -> PathBuf {
        workspace::target().join("tools/bin").join(self.name)
    }

    fn is_missing(self) -> bool {
        let printed = Command::new(self.program()).arg("--version").output();
        !printed.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains(self.version))
    }

    fn install(self) -> anyhow::Result<()> {
        // A debug build: it is built far more often than its speed is noticed.
        let mut command = Command::new("cargo");
        command.args(["install", "--locked", "--debug", "--force", "--version", self.version, "--root"]);
        workspace::succeed(command.arg(workspace::target().join("tools")).arg(self.name))
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Debian(need) => write!(f, "Debian package {}", need.package),
            Self::Tool(tool) => write!(f, "{} {} into target/tools", tool.name, tool.version),
            Self::PythonClient => {
                f.write_str("PyPI packages of clients/python/requirements.txt into target/venv-*")
            }
            Self::NodeClient => f.write_str(
                "npm packages of clients/node/package-lock.json, Node among them, into target/node-*",
            ),
        }
    }
}

/// Whether what is missing may be installed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// Yes.
    Given,
    /// The person at the terminal is asked.
    Asked,
}

impl Consent {
    /// Given where CI=true.
    #[expect(clippy::disallowed_methods, reason = "the one variable that these commands look at")]
    pub fn of_environment() -> Self {
        if std::env::var("CI").is_ok_and(|value| value == "true") { Self::Given } else { Self::Asked }
    }
}

/// Installs what is missing of the required.
///
/// # Errors
/// [`Missing`] without apt or root; else when an installation fails or is declined.
pub fn all(required: &[&Requirement], consent: Consent) -> anyhow::Result<()> {
    let mut missing: Vec<&Requirement> = Vec::new();
    for requirement in required {
        let known = missing.iter().any(|other| other.to_string() == requirement.to_string());
        if !known && is_missing(requirement)? {
            missing.push(requirement);
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    println!("to be installed:");
    for requirement in &missing {
        println!("  {requirement}");
    }
    let packages = debian_packages(&missing);
    if !packages.is_empty() && !can_use_apt() {
        return Err(Missing { packages }.into());
    }
    if consent == Consent::Asked && !agreed()? {
        bail!("nothing was installed");
    }
    if !packages.is_empty() {
        workspace::succeed(Command::new("apt-get").args(["update", "--quiet"]))?;
        let install = ["install", "--yes", "--quiet", "--no-install-recommends"];
        let mut command = Command::new("apt-get");
        workspace::succeed(command.env("DEBIAN_FRONTEND", "noninteractive").args(install).args(&packages))?;
    }
    for requirement in missing {
        match requirement {
            Requirement::Debian(_) => {}
            Requirement::Tool(tool) => tool.install()?,
            Requirement::PythonClient => make_venv(&venv()?)?,
            Requirement::NodeClient => make_node(&node_folder()?)?,
        }
    }
    Ok(())
}

fn is_missing(requirement: &Requirement) -> anyhow::Result<bool> {
    Ok(match requirement {
        Requirement::Debian(need) => need.is_missing(),
        Requirement::Tool(tool) => tool.is_missing(),
        Requirement::PythonClient => !complete(&venv()?).exists(),
        Requirement::NodeClient => !complete(&node_folder()?).exists(),
    })
}

fn debian_packages(missing: &[&Requirement]) -> Vec<&'static str> {
    let package = |requirement: &&Requirement| match requirement {
        Requirement::Debian(need) => Some(need.package),
        Requirement::Tool(_) | Requirement::PythonClient | Requirement::NodeClient => None,
    };
    missing.iter().filter_map(package).collect()
}

fn can_use_apt() -> bool {
    rustix::process::geteuid().is_root() && Command::new("apt-get").arg("--version").output().is_ok()
}

fn agreed() -> anyhow::Result<bool> {
    print!("install these? [y/N] ");
    std::io::stdout().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(answer.trim().eq_ignore_ascii_case("y"))
}

/// The virtual environment of today's requirements; others get another folder.
///
/// # Errors
/// When there are no requirements.
pub fn venv() -> anyhow::Result<PathBuf> {
    folder_for("venv", &[requirements()])
}

/// The npm packages of today's lock file, with Node as `.bin/node`.
///
/// # Errors
/// When there is no lock file.
pub fn node_modules() -> anyhow::Result<PathBuf> {
    Ok(node_folder()?.join("node_modules"))
}

fn node_folder() -> anyhow::Result<PathBuf> {
    folder_for("node", &node_files())
}

/// A folder under `target` for what these files ask for; when they change it is another one.
fn folder_for(name: &str, files: &[PathBuf]) -> anyhow::Result<PathBuf> {
    let mut hasher = DefaultHasher::new();
    for file in files {
        let text = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
        text.hash(&mut hasher);
    }
    Ok(workspace::target().join(format!("{name}-{:016x}", hasher.finish())))
}

fn requirements() -> PathBuf {
    workspace::root().join("clients/python/requirements.txt")
}

fn node_files() -> [PathBuf; 2] {
    ["package.json", "package-lock.json"].map(|name| workspace::root().join("clients/node").join(name))
}

/// Made last, so that half an installation is done again.
fn complete(venv: &Path) -> PathBuf {
    venv.join("complete")
}

fn make_venv(venv: &Path) -> anyhow::Result<()> {
    workspace::succeed(Command::new("python3").args(["-m", "venv", "--clear"]).arg(venv))?;
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
    workspace::succeed(Command::new(venv.join("bin/python")).args(install).arg(requirements()))?;
    fs::write(complete(venv), "")?;
    Ok(())
}

fn make_node(folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder)?;
    for file in node_files() {
        fs::copy(&file, folder.join(file.file_name().context("a path without a name")?))?;
    }
    // `ci` takes what the lock file says, and removes what a broken installation left.
    workspace::succeed(Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(folder))?;
    fs::write(complete(folder), "")?;
    Ok(())
}

//! A PostgreSQL server of our own, on a free port and in a folder that goes with it.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use rustix::process::{Pid, Signal};

use crate::at_end::AtEnd;
use crate::needs;

/// The variable that gives tests the address of a server.
pub const TEST_VARIABLE: &str = "SLIPWAY_TEST_POSTGRES";

/// Settings for tests, which make a database each, many at once, and never lose power.
pub const FOR_TESTS: &[&str] = &["fsync=off", "max_connections=300"];

/// How long a start or a stop may take before it counts as hanging.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often a start or a stop is looked at.
const GLANCE: Duration = Duration::from_millis(5);

/// Ports that no kernel hands out for outgoing connections by default, so that a server that is down for a moment
/// finds its port free again.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// Stops a postmaster at once and removes its folder.
const REMOVE: &str = r#"
pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)
if [ -n "$pid" ] && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = postgres ]; then
    kill -QUIT "$pid"
    tries=0
    while [ -e "$1/data/postmaster.pid" ] && [ $tries -lt 100 ]; do
        sleep 0.05
        tries=$((tries + 1))
    done
    [ -e "$1/data/postmaster.pid" ] && kill -KILL "$pid"
fi
rm -rf "$1"
"#;

/// A PostgreSQL server; stopped and removed with everything in it when dropped, or when this process ends.
pub struct Postgres {
    programs: PathBuf,
    owner: Option<Owner>,
    home: PathBuf,
    port: u16,
    settings: Vec<String>,
    postmaster: Option<Child>,
    /// After the postmaster, which it ends.
    _removal: AtEnd,
}

/// Whom the server's processes belong to when we are root, as whom it refuses to run.
#[derive(Clone, Copy)]
struct Owner {
    user: u32,
    group: u32,
}

impl Postgres {
    /// Makes an empty cluster and starts it. `settings` are those of `postgresql.conf`, such as `fsync=off`.
    ///
    /// # Errors
    /// [`needs::Missing`] without PostgreSQL; when the cluster cannot be made or started, with the server's words.
    pub fn start(settings: &[&str]) -> anyhow::Result<Self> {
        needs::POSTGRES.require()?;
        let programs = programs()?;
        let owner = if rustix::process::geteuid().is_root() { Some(Owner::find()?) } else { None };
        let home = tempfile::Builder::new().prefix("slipway-postgres-").tempdir()?.keep();
        let removal = AtEnd::run(REMOVE, &[&home])?;
        if let Some(Owner { user, group }) = owner {
            std::os::unix::fs::chown(&home, Some(user), Some(group))?;
        }
        let settings = settings.iter().map(|&setting| setting.to_owned()).collect();
        let port = free_port()?;
        let mut server = Self { programs, owner, home, port, settings, postmaster: None, _removal: removal };
        server.initialise()?;
        server.restart()?;
        Ok(server)
    }

    /// Address of the database that every cluster has.
    pub fn url(&self) -> String {
        self.url_of("postgres")
    }

    /// Address of one database.
    pub fn url_of(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// The port of 127.0.0.1 that the server listens on, also while it is down.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Makes an empty database and gives its address.
    ///
    /// # Errors
    /// When the server refuses, such as when there is one of this name.
    pub fn create_database(&self, name: &str) -> anyhow::Result<String> {
        let mut command = self.command("createdb");
        command.args(["--host=127.0.0.1", "--username=postgres", "--no-password"]);
        output(command.arg(format!("--port={}", self.port)).arg(name))?;
        Ok(self.url_of(name))
    }

    /// Stops the server the way `pg_ctl stop -m fast` does: sessions are ended, then a checkpoint is written.
    ///
    /// # Errors
    /// When it is not running or hangs.
    pub fn stop(&mut self) -> anyhow::Result<()> {
        let mut postmaster = self.postmaster.take().context("PostgreSQL is not running")?;
        rustix::process::kill_process(Pid::from_child(&postmaster), Signal::INT)?;
        let started = Instant::now();
        while postmaster.try_wait()?.is_none() {
            ensure!(started.elapsed() < PATIENCE, "PostgreSQL did not stop within {PATIENCE:?}");
            std::thread::sleep(GLANCE);
        }
        Ok(())
    }

    /// SIGKILL to the postmaster and every process of its own, as when memory runs out; returns when all are gone.
    ///
    /// # Errors
    /// When it is not running.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        let mut postmaster = self.postmaster.take().context("PostgreSQL is not running")?;
        let pid = Pid::from_child(&postmaster);
        // Held still, so that none is born between the look and the kill.
        rustix::process::kill_process(pid, Signal::STOP)?;
        let children = children(pid)?;
        postmaster.kill()?;
        for &child in &children {
            // One that has just ended by itself is as good as killed.
            let _ = rustix::process::kill_process(child, Signal::KILL);
        }
        postmaster.wait()?;
        // A new postmaster refuses to start while one of them holds the shared memory.
        let started = Instant::now();
        while children.iter().any(|&child| is_alive(child)) {
            ensure!(started.elapsed() < PATIENCE, "processes of PostgreSQL survive SIGKILL");
            std::thread::sleep(GLANCE);
        }
        Ok(())
    }

    /// Starts the server again after [`Self::stop`] or [`Self::kill`] and waits until it takes connections.
    ///
    /// # Errors
    /// When it does not start; the message carries the end of its log.
    pub fn restart(&mut self) -> anyhow::Result<()> {
        ensure!(self.postmaster.is_none(), "PostgreSQL is running");
        let log = File::options().create(true).append(true).open(self.home.join("log"))?;
        let mut command = self.command("postgres");
        command.arg("-D").arg(self.data()).arg("-k").arg(&self.home);
        command.args(["-c", "listen_addresses=127.0.0.1", "-p"]).arg(self.port.to_string());
        command.args(self.settings.iter().flat_map(|setting| ["-c", setting]));
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let mut postmaster = command.spawn().context("cannot run postgres")?;
        let started = Instant::now();
        while !self.is_ready(postmaster.id()) {
            if let Some(status) = postmaster.try_wait()? {
                bail!("PostgreSQL ended before it was ready: {status}\n{}", self.log_end());
            }
            if started.elapsed() > PATIENCE {
                postmaster.kill()?;
                postmaster.wait()?;
                bail!("PostgreSQL was not ready after {PATIENCE:?}\n{}", self.log_end());
            }
            std::thread::sleep(GLANCE);
        }
        self.postmaster = Some(postmaster);
        Ok(())
    }

    fn initialise(&self) -> anyhow::Result<()> {
        let mut command = self.command("initdb");
        command.args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8"]);
        // Nobody's data: what a crash of the machine would leave of it does not matter.
        output(command.args(["--no-sync", "--pgdata"]).arg(self.data())).map(drop)
    }

    fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    /// One of PostgreSQL's programs, as the user it runs as and in a folder where that user may be.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.current_dir(&self.home);
        if let Some(Owner { user, group }) = self.owner {
            command.uid(user).gid(group);
        }
        command
    }

    /// Whether the postmaster with this process id says that it takes connections: it keeps its process id in the
    /// first line of `postmaster.pid` and its state in the eighth, for `pg_ctl` to read.
    fn is_ready(&self, process: u32) -> bool {
        let text = fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
        let mut lines = text.lines().map(str::trim);
        lines.next() == Some(process.to_string().as_str()) && lines.nth(6) == Some("ready")
    }

    /// The last lines that the server wrote.
    fn log_end(&self) -> String {
        let text = fs::read(self.home.join("log")).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let skipped = text.lines().count().saturating_sub(12);
        text.lines().skip(skipped).collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some(mut postmaster) = self.postmaster.take() {
            // SIGQUIT, PostgreSQL's immediate stop: what it would still write is about to be removed. If it has ended
            // by itself, there is nothing to stop.
            let _ = rustix::process::kill_process(Pid::from_child(&postmaster), Signal::QUIT);
            let _ = postmaster.wait();
        }
    }
}

impl Owner {
    /// The user `postgres`, whom Debian's package makes.
    fn find() -> anyhow::Result<Self> {
        let id = |which: &str| -> anyhow::Result<u32> {
            let text = output(Command::new("id").args([which, "postgres"]))?;
            text.trim().parse().with_context(|| format!("id {which} postgres printed {text}"))
        };
        Ok(Self { user: id("-u")?, group: id("-g")? })
    }
}

/// Starts a server for a developer's tests, prints its address and stays until Ctrl-C.
///
/// # Errors
/// When it cannot be started.
pub fn serve() -> anyhow::Result<()> {
    let server = Postgres::start(FOR_TESTS)?;
    println!("{TEST_VARIABLE}={}", server.url());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(tokio::signal::ctrl_c())?;
    Ok(())
}

/// The folder of PostgreSQL's programs; Debian keeps those of the server out of the PATH.
fn programs() -> anyhow::Result<PathBuf> {
    let printed = output(Command::new("sh").args(["-c", needs::FIND_POSTGRES]))?;
    // In the PATH there may be links to some of them only.
    let found = fs::canonicalize(printed.trim())?;
    Ok(found.parent().context("a program without a folder")?.to_owned())
}

fn free_port() -> anyhow::Result<u16> {
    let mut candidates = std::iter::repeat_with(|| fastrand::u16(PORTS)).take(100);
    let free = |&port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
    candidates.find(free).context("no free port")
}

/// Runs a program and gives what it printed.
fn output(command: &mut Command) -> anyhow::Result<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let done = command.stdin(Stdio::null()).output().with_context(|| format!("cannot run {program}"))?;
    ensure!(
        done.status.success(),
        "{program}: {}\n{}",
        done.status,
        String::from_utf8_lossy(&done.stderr).trim_end()
    );
    Ok(String::from_utf8(done.stdout)?)
}

/// The processes that a process has started and that still run.
fn children(parent: Pid) -> anyhow::Result<Vec<Pid>> {
    let mut children = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let number = entry?.file_name().to_str().and_then(|name| name.parse().ok()).and_then(Pid::from_raw);
        if let Some(process) = number
            && stat(process).is_some_and(|(_, of)| of == parent.as_raw_pid())
        {
            children.push(process);
        }
    }
    Ok(children)
}

fn is_alive(process: Pid) -> bool {
    // A zombie holds nothing any more; who adopted it may never look.
    stat(process).is_some_and(|(state, _)| state != "Z")
}

/// State and parent of a process, from `/proc/PID/stat`, where they follow the name in parentheses.
fn stat(process: Pid) -> Option<(String, i32)> {
    let text = fs::read_to_string(format!("/proc/{}/stat", process.as_raw_pid())).ok()?;
    let (_, rest) = text.rsplit_once(')')?;
    let mut fields = rest.split_whitespace();
    Some((fields.next()?.to_owned(), fields.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(url: &str) -> anyhow::Result<String> {
        output(Command::new("psql").args(["-XAtqd", url, "-c", "SELECT count(*) FROM pg_database"]))
    }

    #[test]
    fn a_server_comes_back_from_a_kill_and_leaves_nothing() {
        let mut server = Postgres::start(&["max_connections=10"]).unwrap();
        let other = server.create_database("other").unwrap();
        assert_eq!(answer(&other).unwrap().trim(), "4");
        server.kill().unwrap();
        assert!(answer(&other).is_err());
        server.restart().unwrap();
        assert_eq!(answer(&server.url()).unwrap().trim(), "4");
        server.stop().unwrap();
        server.restart().unwrap();
        assert_eq!(answer(&other).unwrap().trim(), "4");
        let (home, process) = (server.home.clone(), Pid::from_child(server.postmaster.as_ref().unwrap()));
        drop(server);
        assert!(!home.exists());
        assert!(!is_alive(process));
    }
}

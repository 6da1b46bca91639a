//! The README's story and the Python clients on PostgreSQL: through a load balancer, before one server and then
//! before two, where each request goes to the other server than the last.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{install, readme};
use crate::balancer::{Balancer, Bound, Tls};
use crate::postgres::{FOR_TESTS, Postgres};
use crate::server::{ANY_PORT, Server};
use crate::workspace;

/// Port of the README's story.
const README_PORT: u16 = 8365;

/// Runs both with one server and with two.
///
/// # Errors
/// When a server does not start or stop, the story or a client fails.
pub fn run() -> anyhow::Result<()> {
    let binary = workspace::release_binary("slipway", "slipway")?;
    let postgres = Postgres::start(FOR_TESTS)?;
    for servers in [1, 2] {
        println!("the README's story, servers behind the balancer: {servers}");
        let bound = Bound::new(README_PORT)?;
        let database = postgres.create_database(&format!("readme_{servers}"))?;
        let farm = Farm::start(&binary, &database, servers, None)?;
        let balancer = bound.serve(&farm.urls, None)?;
        readme::tell()?;
        farm.stop(balancer)?;

        println!("the Python clients, servers behind the balancer: {servers}");
        let (bound, tls) = (Bound::new(0)?, Tls::new()?);
        let url = format!("https://localhost:{}", bound.address.port());
        let database = postgres.create_database(&format!("python_{servers}"))?;
        let farm = Farm::start(&binary, &database, servers, Some(&url))?;
        let balancer = bound.serve(&farm.urls, Some(&tls))?;
        python(&url, &tls, farm.folder.path())?;
        farm.stop(balancer)?;
    }
    Ok(())
}

fn python(url: &str, tls: &Tls, folder: &Path) -> anyhow::Result<()> {
    let certificate = folder.join("balancer.crt");
    std::fs::write(&certificate, &tls.certificate)?;
    let mut pytest = Command::new(install::venv()?.join("bin/python"));
    pytest.args(["-m", "pytest", "clients/python"]).env("SLIPWAY_URL", url);
    workspace::succeed(pytest.env("SLIPWAY_CA_FILE", certificate))
}

/// Servers on one database, each with a folder of its own for its certificates.
struct Farm {
    servers: Vec<Server>,
    urls: Vec<String>,
    folder: tempfile::TempDir,
}

impl Farm {
    /// Starts all at the same moment on an empty database.
    fn start(binary: &Path, database: &str, count: usize, public_url: Option<&str>) -> anyhow::Result<Self> {
        let folder = workspace::scratch()?;
        let mut arguments = [&ANY_PORT[..], &["--mode", "lab"]].concat();
        let seed = workspace::root().join("clients/seed.yaml").to_string_lossy().into_owned();
        arguments.extend(public_url.iter().flat_map(|url| ["--public-url", url, "--seed", &seed]));
        let data = |number: usize| -> PathBuf { folder.path().join(format!("server-{number}")) };
        let servers = (0..count).map(|number| {
            let mut command = Command::new(binary);
            command.env("SLIPWAY_DATABASE", database);
            Server::spawn_under(command, &data(number), &arguments)
        });
        let mut servers = servers.collect::<anyhow::Result<Vec<_>>>()?;
        let urls = servers.iter_mut().map(|server| Ok(server.wait_ready()?.http_url));
        Ok(Self { urls: urls.collect::<anyhow::Result<_>>()?, servers, folder })
    }

    fn stop(self, balancer: Balancer) -> anyhow::Result<()> {
        println!("balanced at {}", balancer.address);
        // Its connections to the servers would keep them from stopping at once.
        drop(balancer);
        self.servers.into_iter().try_for_each(Server::stop)
    }
}

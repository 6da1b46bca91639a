//! What a row came to, as a line and as JSON.

use std::fmt;

use clap::ValueEnum as _;
use serde::Serialize;

use super::options::{Engine, Transport};
use super::row::Row;

/// A row's figures, all of one pair of measurements.
#[derive(Serialize)]
pub struct Figures {
    /// The row.
    pub row: Row,
    /// What kept the records.
    pub engine: Engine,
    /// What the load generator spoke.
    pub transport: Transport,
    /// Connections at once.
    pub connections: usize,
    /// What was measured of Slipway.
    #[serde(flatten)]
    pub slipway: Measured,
    /// What was measured next to it.
    pub versus: &'static str,
    /// Slipway's rate to the other's.
    pub ratio: f64,
}

/// What was measured of Slipway.
#[derive(Serialize)]
pub struct Measured {
    /// Installations in the store when the row began.
    pub installs: u64,
    /// Answers a second.
    pub rps: f64,
    /// Half of the answers took no longer, in milliseconds.
    pub p50_ms: f64,
    /// 99 of 100 answers took no longer, in milliseconds.
    pub p99_ms: f64,
    /// CPU time of Slipway's process for each answer, in microseconds; that of a database server is not in it.
    pub cpu_us: f64,
    /// The most memory that Slipway's process held, in 10^6 bytes.
    pub rss_mb: f64,
}

/// The heads of the columns.
pub const HEADING: &str =
    "row              engine   transport installs      rps   p50 ms   p99 ms  cpu us  rss MB  ratio versus";

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = self.row.to_possible_value();
        write!(
            f,
            "{:<16} {:<8} {:<9} {:>8} {:>8.0} {:>8.2} {:>8.2} {:>7.1} {:>7.1} {:>6.3} {}",
            row.as_ref().map_or("", |row| row.get_name()),
            match self.engine {
                Engine::Embedded => "embedded",
                Engine::Postgres => "postgres",
            },
            match self.transport {
                Transport::Http => "http",
                Transport::Https => "https",
            },
            self.slipway.installs,
            self.slipway.rps,
            self.slipway.p50_ms,
            self.slipway.p99_ms,
            self.slipway.cpu_us,
            self.slipway.rss_mb,
            self.ratio,
            self.versus,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(ratio: f64) -> Figures {
        Figures {
            row: Row::InstallConflict,
            engine: Engine::Postgres,
            transport: Transport::Https,
            connections: 64,
            slipway: Measured {
                installs: 20_001,
                rps: 9_876.5,
                p50_ms: 1.25,
                p99_ms: 12.5,
                cpu_us: 81.25,
                rss_mb: 64.5,
            },
            versus: "bare hyper, same bytes",
            ratio,
        }
    }

    #[test]
    fn a_line_stands_below_its_heading() {
        let line = figures(0.25).to_string();
        assert_eq!(
            format!("{HEADING}\n{line}\n"),
            "row              engine   transport installs      rps   p50 ms   p99 ms  cpu us  rss MB  ratio versus\n\
             install-conflict postgres https        20001     9876     1.25    12.50    81.2    64.5  0.250 bare hyper, same bytes\n"
        );
    }

    #[test]
    fn json_has_the_names_of_the_report() {
        let text = serde_json::to_string(&figures(0.25)).unwrap();
        assert_eq!(
            text,
            r#"{"row":"install-conflict","engine":"postgres","transport":"https","connections":64,"installs":20001,"rps":9876.5,"p50_ms":1.25,"p99_ms":12.5,"cpu_us":81.25,"rss_mb":64.5,"versus":"bare hyper, same bytes","ratio":0.25}"#
        );
    }
}

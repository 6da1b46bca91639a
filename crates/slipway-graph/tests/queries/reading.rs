//! Reads an answer page by page.

use http::Method;
use serde_json::Value as Json;
use slipway_testkit::TestApp;

use crate::question::Question;
use crate::rows::bare;

/// More pages than any answer here has.
const ENDLESS: usize = 1_000;

/// All that was answered.
pub struct Reading {
    pub pages: Vec<Vec<Json>>,
    /// `@odata.count` of each page; of a bare number, that.
    pub counts: Vec<Option<u64>>,
}

impl Reading {
    pub fn rows(&self) -> Vec<&Json> {
        self.pages.iter().flatten().collect()
    }
}

/// Follows the links to the end.
pub async fn read(app: &TestApp, token: &str, question: &Question) -> Result<Reading, String> {
    let authorization = format!("Bearer {token}");
    let headers = [("Authorization", authorization.as_str()), ("ConsistencyLevel", "eventual")];
    let mut address = question.address();
    let mut reading = Reading { pages: Vec::new(), counts: Vec::new() };
    for _ in 0..ENDLESS {
        let answer = app.send(Method::GET, &address, &headers, b"").await;
        if answer.status != 200 {
            return Err(format!("{} {:?} to page {}", answer.status, answer.error(), reading.pages.len()));
        }
        let json = answer.json();
        if question.number_only {
            reading.counts.push(json.as_u64());
            return Ok(reading);
        }
        let rows = json["value"].as_array().ok_or("no rows")?;
        reading.pages.push(rows.iter().map(bare).collect());
        reading.counts.push(json["@odata.count"].as_u64());
        let Some(next) = json["@odata.nextLink"].as_str() else { return Ok(reading) };
        next.strip_prefix("https://localhost:8365").ok_or("a link elsewhere")?.clone_into(&mut address);
    }
    Err("the pages have no end".to_owned())
}

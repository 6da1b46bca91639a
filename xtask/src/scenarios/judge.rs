//! Whether an answer is what a claim says.

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

use super::names::Names;
use super::path::{Path, as_text};
use super::play::Answer;
use super::story::{Claim, Rule, Source, Subject};

/// # Errors
/// What is claimed and what there is instead.
pub fn hold(claim: &Claim, answer: &Answer, names: &Names) -> anyhow::Result<()> {
    let (part, name) = match &claim.subject {
        Subject::Body(path) => (in_body(path, answer, names)?, "this part of the body".to_owned()),
        Subject::Header(header) => (answer.header(header).map(Value::from), format!("header {header}")),
    };
    match (&claim.rule, part) {
        (Rule::Exists, Some(_)) | (Rule::Absent, None) => Ok(()),
        (Rule::Absent, Some(found)) => bail!("{name} is there: {found}"),
        (_, None) => bail!("{name} is not there"),
        (Rule::Is(value), Some(found)) => {
            let wanted = names.fill_json(value)?;
            ensure!(found == wanted, "{name} is {found} instead of {wanted}");
            Ok(())
        }
        (Rule::IsNot(value), Some(found)) => {
            ensure!(found != names.fill_json(value)?, "{name} is {found}");
            Ok(())
        }
        (Rule::Like(pattern), Some(found)) => {
            let pattern = names.fill(pattern)?;
            ensure!(fits(&pattern, &as_text(&found)), "{name} is {found}, which is not like {pattern}");
            Ok(())
        }
        (Rule::Has(value), Some(found)) => {
            let wanted = names.fill_json(value)?;
            let elements = found.as_array().with_context(|| format!("{name} is no list: {found}"))?;
            ensure!(elements.contains(&wanted), "{name} has no {wanted}: {found}");
            Ok(())
        }
        (Rule::Length(wanted), Some(found)) => {
            let elements = found.as_array().with_context(|| format!("{name} is no list: {found}"))?;
            ensure!(elements.len() == *wanted, "{name} has {} elements instead of {wanted}", elements.len());
            Ok(())
        }
    }
}

/// The value that a source stands for after the last answer.
///
/// # Errors
/// When there is no answer yet, or not that part of it.
pub fn read(source: &Source, answer: Option<&Answer>, names: &Names) -> anyhow::Result<Value> {
    let last = || answer.context("there is no answer yet");
    match source {
        Source::Value(value) => names.fill_json(value),
        Source::Body(path) => in_body(path, last()?, names)?.context("the body has nothing there"),
        Source::Header(name) => {
            last()?.header(name).map(Value::from).with_context(|| format!("there is no header {name}"))
        }
    }
}

/// The body alone is its text, so that one that is no JSON can be looked at too.
fn in_body(path: &Path, answer: &Answer, names: &Names) -> anyhow::Result<Option<Value>> {
    if answer.body.is_empty() {
        return Ok(None);
    }
    match serde_json::from_slice(&answer.body) {
        Ok(json) => path.find(&json, names),
        Err(_) => path.find(&String::from_utf8_lossy(&answer.body).into(), names),
    }
}

/// Whether a text fits a pattern in which `*` stands for any characters.
fn fits(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let pieces: Vec<_> = pieces.collect();
    let Some((last, middle)) = pieces.split_last() else { return rest.is_empty() };
    for piece in middle {
        match rest.split_once(piece) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenarios::story::{Script, Step};

    fn judged(claim: &str) -> anyhow::Result<()> {
        let script = Script::parse(&format!("# A\nGET /x\n=> 200\n  {claim}")).unwrap();
        let (_, Step::Exchange(exchange)) = &script.stories[0].steps[0] else { panic!("{script:?}") };
        let body = r#"{"id":"a1","n":2,"list":["x",{"id":"a1"}],"null":null}"#;
        let mut answer = Answer { status: 200, headers: hyper::HeaderMap::new(), body: body.into() };
        answer.headers.insert("ETag", "\"1\"".parse().unwrap());
        hold(&exchange.claims[0].1, &answer, &Names::new([("app", "a1")]))
    }

    #[test]
    fn claims_hold_or_not() {
        for right in [
            "body.id = {app}",
            "body.id = a1",
            "body.id = \"a1\"",
            "body.n = 2",
            "body.id != a2",
            "body.id like a*",
            "body.list has {\"id\": \"{app}\"}",
            "body.list length 2",
            "body.null exists",
            "body.null = null",
            "body.nothing absent",
            "ETag like \"*\"",
            "ETag = \"1\"",
            "etag exists",
            "Location absent",
        ] {
            judged(right).unwrap_or_else(|error| panic!("{right}: {error}"));
        }
        for wrong in [
            "body.id = a2",
            "body.n = \"2\"",
            "body.id != {app}",
            "body.nothing != a",
            "body.id like b*",
            "body.list has y",
            "body.id has a1",
            "body.list length 3",
            "body.nothing exists",
            "body.null absent",
            "body.nothing = null",
            "body absent",
            "ETag absent",
            "ETag = 1",
            "Location exists",
            "body.id = {unknown}",
        ] {
            assert!(judged(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn patterns() {
        assert!(fits("a*c", "abc") && fits("*", "") && fits("a*b*c", "a1b2c") && fits("abc", "abc"));
        assert!(!fits("a*c", "abd") && !fits("abc", "abcd") && !fits("a*a", "a") && !fits("a*b*c", "acb"));
    }
}

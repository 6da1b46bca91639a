//! What a scenario file says: stories of requests and of what must come back. `scenarios/README.md` describes the form.

use std::iter::Peekable;

use anyhow::{Context as _, bail, ensure};
use hyper::Method;
use serde_json::Value;

use super::names::is_name;
use super::path::Path;

/// A scenario file.
#[derive(Debug)]
pub struct Script {
    /// The seed that each story begins with, in the folder `seeds`; none = the demo tenant.
    pub seed: Option<String>,
    /// `let` lines above the first story: each story begins with them.
    pub beginning: Vec<(usize, Step)>,
    /// The stories, in the file's order.
    pub stories: Vec<Story>,
}

/// A story. Its lines are numbered from 1.
#[derive(Debug)]
pub struct Story {
    /// What it shows.
    pub title: String,
    /// What happens, one after another.
    pub steps: Vec<(usize, Step)>,
}

/// One thing that happens in a story.
#[derive(Debug)]
pub enum Step {
    /// `as …`: who sends the requests from here on.
    As(Actor),
    /// `let name = …`.
    Let(String, Source),
    /// A request and what must come back.
    Exchange(Exchange),
}

/// Who sends requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// `nobody`: no token.
    Nobody,
    /// `token TEXT`: a text in place of a token.
    Token(String),
    /// A client for itself, by its display name.
    Client(String),
    /// `USER via CLIENT [for SCOPE…]`: a user, by the user principal name; no scopes = all that were consented to.
    User {
        /// User principal name.
        name: String,
        /// Display name of the client.
        client: String,
        /// Names of permissions.
        scopes: Vec<String>,
    },
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// `body.path`: a place in the last answer.
    Body(Path),
    /// `header NAME`: a header of the last answer.
    Header(String),
    /// JSON, or a text that is none.
    Value(Value),
}

/// A request and what must come back.
#[derive(Debug)]
pub struct Exchange {
    /// HTTP method.
    pub method: Method,
    /// Path and query; blanks may stand in it.
    pub target: String,
    /// Headers beside the token.
    pub headers: Vec<(String, String)>,
    /// What is sent.
    pub body: Body,
    /// Line of the expected status.
    pub answer_line: usize,
    /// Expected status.
    pub status: u16,
    /// What else must hold, with the line.
    pub claims: Vec<(usize, Claim)>,
}

/// What a request carries.
#[derive(Debug, Default, PartialEq)]
pub enum Body {
    /// Nothing.
    #[default]
    Empty,
    /// JSON.
    Json(Value),
    /// `text …`: a line of text as it stands.
    Text(String),
    /// `package FILE`: an app package with the manifest of this file and some values changed.
    Package {
        /// A JSON file in the folder `manifests`.
        manifest: String,
        /// Places in the manifest and their new values.
        changes: Vec<(Path, Value)>,
    },
}

/// What must hold for one part of an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// Which part.
    pub subject: Subject,
    /// What must hold for it.
    pub rule: Rule,
}

/// A part of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Subject {
    /// `body` and a path.
    Body(Path),
    /// A header.
    Header(String),
}

/// What must hold for a part of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Rule {
    /// `= value`: it is this.
    Is(Value),
    /// `!= value`: it is there and something else.
    IsNot(Value),
    /// `like text`: its text fits, where `*` stands for any characters.
    Like(String),
    /// `has value`: a list holds this element.
    Has(Value),
    /// `length N`: a list has so many elements.
    Length(usize),
    /// `exists`: it is there, null too.
    Exists,
    /// `absent`: it is not there; of a body, that there is none.
    Absent,
}

impl Script {
    /// Reads a scenario file.
    ///
    /// # Errors
    /// What is wrong with the first faulty line; the message begins with the line's number.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let mut lines = Lines::of(text);
        let mut script = Self { seed: None, beginning: Vec::new(), stories: Vec::new() };
        while let Some(line) = lines.next() {
            script.take(line, &mut lines).with_context(|| line.number.to_string())?;
        }
        ensure!(!script.stories.is_empty(), "1: there is no story: '# ' and its title begin one");
        for story in &script.stories {
            let asks = story.steps.iter().any(|(_, step)| matches!(step, Step::Exchange(_)));
            ensure!(asks, "the story '{}' has no request", story.title);
        }
        Ok(script)
    }

    fn take(&mut self, line: Line<'_>, lines: &mut Lines<'_>) -> anyhow::Result<()> {
        ensure!(!line.indented, "an indented line belongs to a request or to '=>', and there is none above");
        if let Some(title) = line.text.strip_prefix("# ") {
            let known = self.stories.iter().any(|story| story.title == title);
            ensure!(!known, "there is a story '{title}' already");
            self.stories.push(Story { title: title.to_owned(), steps: Vec::new() });
            return Ok(());
        }
        if let Some(name) = line.text.strip_prefix("seed: ") {
            ensure!(self.stories.is_empty(), "the seed stands above the first story");
            ensure!(self.seed.is_none(), "there is a seed already");
            self.seed = Some(name.to_owned());
            return Ok(());
        }
        let step = Step::parse(line, lines)?;
        match (self.stories.last_mut(), &step) {
            (Some(story), _) => story.steps.push((line.number, step)),
            (None, Step::Let(..)) => self.beginning.push((line.number, step)),
            (None, Step::As(_) | Step::Exchange(_)) => {
                bail!("above the first story only 'seed: FILE' and 'let' can stand")
            }
        }
        Ok(())
    }
}

impl Step {
    fn parse(line: Line<'_>, lines: &mut Lines<'_>) -> anyhow::Result<Self> {
        Ok(match line.text.split_once(' ') {
            Some(("as", actor)) => Self::As(Actor::parse(actor)),
            Some(("let", rest)) => {
                let (name, source) = rest.split_once(" = ").context("'let' is 'let name = value'")?;
                ensure!(is_name(name), "'{name}' is no name: a small letter, then letters and digits");
                Self::Let(name.to_owned(), Source::parse(source)?)
            }
            Some((verb, target)) if is_method(verb) => {
                Self::Exchange(Exchange::parse(verb.parse()?, target, lines)?)
            }
            _ => bail!("'{}' is no step: 'as', 'let', or a request such as 'GET /v1.0/users'", line.text),
        })
    }
}

impl Actor {
    fn parse(text: &str) -> Self {
        if text == "nobody" {
            return Self::Nobody;
        }
        if let Some(token) = text.strip_prefix("token ") {
            return Self::Token(token.to_owned());
        }
        let Some((name, rest)) = text.split_once(" via ") else {
            return Self::Client(text.to_owned());
        };
        let (client, scopes) = rest.split_once(" for ").unwrap_or((rest, ""));
        let scopes = scopes.split_whitespace().map(str::to_owned).collect();
        Self::User { name: name.to_owned(), client: client.to_owned(), scopes }
    }
}

impl Source {
    fn parse(text: &str) -> anyhow::Result<Self> {
        if let Some(name) = text.strip_prefix("header ") {
            return Ok(Self::Header(name.to_owned()));
        }
        match text.strip_prefix("body") {
            Some(path) if path.starts_with(['.', '[']) => Ok(Self::Body(Path::parse(path)?)),
            _ => Ok(Self::Value(value(text))),
        }
    }
}

impl Exchange {
    fn parse(method: Method, target: &str, lines: &mut Lines<'_>) -> anyhow::Result<Self> {
        ensure!(target.starts_with('/'), "the path '{target}' does not begin with '/'");
        let (mut headers, mut body) = (Vec::new(), Body::Empty);
        while let Some(line) = lines.next_indented() {
            let part = Part::parse(line, lines).with_context(|| format!("line {}", line.number))?;
            match part {
                Part::Header(name, text) => headers.push((name, text)),
                Part::Body(_) if body != Body::Empty => {
                    bail!("line {}: there is a body already", line.number)
                }
                Part::Body(found) => body = found,
            }
        }
        let answer = lines.next().filter(|line| !line.indented);
        let answer = answer.context("the request says no '=> STATUS'")?;
        let status = answer.text.strip_prefix("=> ").and_then(|text| text.trim().parse().ok());
        let status = status.with_context(|| format!("line {}: '=> STATUS' must follow", answer.number))?;
        let mut claims = Vec::new();
        while let Some(line) = lines.next_indented() {
            let claim = Claim::parse(line.text).with_context(|| format!("line {}", line.number))?;
            claims.push((line.number, claim));
        }
        let (target, answer_line) = (target.to_owned(), answer.number);
        Ok(Self { method, target, headers, body, answer_line, status, claims })
    }
}

/// A line below a request, or several that belong together.
enum Part {
    Header(String, String),
    Body(Body),
}

impl Part {
    fn parse(line: Line<'_>, lines: &mut Lines<'_>) -> anyhow::Result<Self> {
        if line.text.starts_with(['{', '[']) {
            let mut json = line.text.to_owned();
            while let Some(more) = lines.next_indented() {
                json.push('\n');
                json.push_str(more.text);
            }
            return Ok(Self::Body(Body::Json(serde_json::from_str(&json).context("the body is no JSON")?)));
        }
        if let Some(text) = line.text.strip_prefix("text ") {
            return Ok(Self::Body(Body::Text(text.to_owned())));
        }
        if let Some(manifest) = line.text.strip_prefix("package ") {
            let mut changes = Vec::new();
            while let Some(change) = lines.next_indented() {
                let (path, new) = change.text.split_once(" = ").context("a change is 'path = value'")?;
                changes.push((Path::parse(path)?, value(new)));
            }
            return Ok(Self::Body(Body::Package { manifest: manifest.to_owned(), changes }));
        }
        let (name, text) = line.text.split_once(": ").context("this is no header and no body")?;
        Ok(Self::Header(name.to_owned(), text.to_owned()))
    }
}

impl Claim {
    fn parse(text: &str) -> anyhow::Result<Self> {
        let (subject, rule) = text.split_once(' ').context("a claim is 'subject rule'")?;
        let subject = match subject.strip_prefix("body") {
            Some(path) if path.is_empty() || path.starts_with(['.', '[']) => {
                Subject::Body(Path::parse(path)?)
            }
            _ => Subject::Header(subject.to_owned()),
        };
        let value = |text: &str| match subject {
            Subject::Body(_) => value(text),
            Subject::Header(_) => text.into(),
        };
        let rule = match rule.split_once(' ').unwrap_or((rule, "")) {
            ("=", right) => Rule::Is(value(right)),
            ("!=", right) => Rule::IsNot(value(right)),
            ("like", right) => Rule::Like(right.to_owned()),
            ("has", right) => Rule::Has(value(right)),
            ("length", right) => Rule::Length(right.parse().context("a length is a number")?),
            ("exists", "") => Rule::Exists,
            ("absent", "") => Rule::Absent,
            _ => bail!("'{rule}' is no rule: =, !=, like, has, length, exists, absent"),
        };
        Ok(Self { subject, rule })
    }
}

/// JSON, or a text that is none.
fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}

fn is_method(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// A line that says something.
#[derive(Clone, Copy)]
struct Line<'a> {
    number: usize,
    indented: bool,
    text: &'a str,
}

/// The lines of a file without blank ones and remarks, which begin with `//`.
struct Lines<'a>(Peekable<Box<dyn Iterator<Item = Line<'a>> + 'a>>);

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        let numbered = (1..).zip(text.lines()).map(|(number, line)| {
            let text = line.trim();
            Line { number, indented: line.starts_with([' ', '\t']), text }
        });
        let says = |line: &Line<'_>| !line.text.is_empty() && !line.text.starts_with("//");
        let lines: Box<dyn Iterator<Item = Line<'a>> + 'a> = Box::new(numbered.filter(says));
        Self(lines.peekable())
    }

    fn next(&mut self) -> Option<Line<'a>> {
        self.0.next()
    }

    fn next_indented(&mut self) -> Option<Line<'a>> {
        self.0.next_if(|line| line.indented)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TEXT: &str = r#"
// What this file is about.
seed: catalog.yaml
let two = 2

# A title
as admin@contoso.example via Public for User.Read.All AppCatalog.Submit
let app = 51190000
POST /v1.0/apps?$filter=a eq 'b'
  If-Match: "x"
  {"a": "{app}",
   "b": [1]}
=> 201
  Location like */apps/*
  body.value[0].id = {app}
  body.count = 2
  body absent
let etag = body.@odata.etag

# Another
as nobody
PUT /x
  package tab.json
    version = "1.1"
    bots[0].botId = {app}
=> 204
"#;

    #[test]
    fn a_file_is_read() {
        let script = Script::parse(TEXT).unwrap();
        assert_eq!(script.seed.as_deref(), Some("catalog.yaml"));
        assert!(matches!(&script.beginning[..], [(4, Step::Let(..))]));
        let [first, second] = &script.stories[..] else { panic!("{script:?}") };
        assert_eq!((first.title.as_str(), first.steps.len()), ("A title", 4));
        let scopes = ["User.Read.All", "AppCatalog.Submit"].map(str::to_owned).to_vec();
        let admin = Actor::User { name: "admin@contoso.example".into(), client: "Public".into(), scopes };
        assert!(matches!(&first.steps[0], (7, Step::As(actor)) if *actor == admin));
        let (9, Step::Exchange(exchange)) = &first.steps[2] else { panic!("{:?}", first.steps) };
        assert_eq!((exchange.status, exchange.answer_line), (201, 13));
        assert_eq!(exchange.headers, [("If-Match".to_owned(), "\"x\"".to_owned())]);
        assert_eq!(exchange.body, Body::Json(json!({ "a": "{app}", "b": [1] })));
        let rules: Vec<_> = exchange.claims.iter().map(|(_, claim)| claim.rule.clone()).collect();
        let like = Rule::Like("*/apps/*".to_owned());
        assert_eq!(rules, [like, Rule::Is("{app}".into()), Rule::Is(json!(2)), Rule::Absent]);
        assert!(matches!(&second.steps[0], (_, Step::As(Actor::Nobody))));
        let (_, Step::Exchange(exchange)) = &second.steps[1] else { panic!("{:?}", second.steps) };
        let Body::Package { manifest, changes } = &exchange.body else { panic!("{exchange:?}") };
        assert_eq!((manifest.as_str(), changes[0].1.clone()), ("tab.json", json!("1.1")));
    }

    #[test]
    fn faults_name_their_line() {
        for (text, line, word) in [
            ("GET /x\n=> 200", "1", "above the first story"),
            ("# A\nGET /x\n", "2", "=> STATUS"),
            ("# A\nGET /x\n  body = 1\n=> 200", "2", "line 3"),
            ("# A\nGET /x\n=> 200\n  body ~ 1", "2", "line 4"),
            ("# A\n  X: y\n", "2", "indented"),
            ("# A\nwait\n", "2", "no step"),
            ("# A\nlet A = 1\n", "2", "no name"),
            ("# A\nGET x\n=> 200", "2", "'/'"),
            ("# A\nGET /x\n  {\"a\"\n=> 200", "2", "no JSON"),
            ("# A\nGET /x\n=> 200\n# A\n", "4", "already"),
        ] {
            let error = format!("{:#}", Script::parse(text).unwrap_err());
            assert!(error.starts_with(&format!("{line}: ")) && error.contains(word), "{text}: {error}");
        }
        assert!(Script::parse("# A\nas nobody\n").is_err());
        assert!(Script::parse("").is_err());
    }
}

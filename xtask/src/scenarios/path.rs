//! Places in a JSON document, such as `value[displayName=Polls].appDefinitions[*].version`.

use anyhow::{bail, ensure};
use serde_json::Value;

use super::names::Names;

/// A place in a JSON document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path(Vec<Segment>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    /// `name`: a property.
    Property(String),
    /// `[2]`: an element, counted from 0.
    Element(usize),
    /// `[*]`: what the rest of the path finds in each element, as a list.
    Each,
    /// `[name=text]`: the one element with this text at this place.
    Where(Path, String),
}

impl Path {
    /// Reads a path. A name with `@` takes the next dot along, so that `value[0].@odata.etag` needs no quotes.
    ///
    /// # Errors
    /// When a name is empty or a bracket does not close.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let (mut segments, mut rest) = (Vec::new(), text);
        while !rest.is_empty() {
            if let Some(inner) = rest.strip_prefix('[') {
                let Some((inside, after)) = inner.split_once(']') else {
                    bail!("'[' without ']' in path '{text}'");
                };
                segments.push(bracket(inside)?);
                rest = after;
                ensure!(
                    rest.is_empty() || rest.starts_with(['.', '[']),
                    "'.' or '[' must follow ']' in '{text}'"
                );
            } else {
                let name = rest.strip_prefix('.').unwrap_or(rest);
                let end = name_end(name);
                let (name, after) = name.split_at(end);
                ensure!(!name.is_empty(), "an empty name in path '{text}'");
                segments.push(Segment::Property(name.to_owned()));
                rest = after;
            }
        }
        Ok(Self(segments))
    }

    /// What is at this place; none when there is nothing.
    ///
    /// # Errors
    /// When the path has a name that is not known, or when several elements have the text that one must have.
    pub fn find(&self, document: &Value, names: &Names) -> anyhow::Result<Option<Value>> {
        find(&self.0, document, names)
    }

    /// Puts a value at this place of a document; objects on the way are made.
    ///
    /// # Errors
    /// When the path leads through something else than objects and elements that are there.
    pub fn put(&self, document: &mut Value, value: Value) -> anyhow::Result<()> {
        let mut place = document;
        for segment in &self.0 {
            if place.is_null() {
                *place = Value::Object(serde_json::Map::new());
            }
            let inner = match (segment, place) {
                (Segment::Property(name), Value::Object(properties)) => {
                    Some(properties.entry(name.as_str()).or_insert(Value::Null))
                }
                (Segment::Element(at), Value::Array(elements)) => elements.get_mut(*at),
                _ => None,
            };
            let Some(inner) = inner else { bail!("there is no place {self:?}") };
            place = inner;
        }
        *place = value;
        Ok(())
    }
}

fn bracket(inside: &str) -> anyhow::Result<Segment> {
    if inside == "*" {
        return Ok(Segment::Each);
    }
    if let Some((path, text)) = inside.split_once('=') {
        return Ok(Segment::Where(Path::parse(path)?, text.to_owned()));
    }
    match inside.parse() {
        Ok(at) => Ok(Segment::Element(at)),
        Err(_) => bail!("'[{inside}]' is no number, no '*' and no 'name=text'"),
    }
}

/// Where the name ends that the text begins with.
fn name_end(text: &str) -> usize {
    let end = |from: usize| text[from..].find(['.', '[']).map_or(text.len(), |found| from + found);
    let first = end(0);
    if text[..first].contains('@') && text[first..].starts_with('.') { end(first + 1) } else { first }
}

fn find(segments: &[Segment], value: &Value, names: &Names) -> anyhow::Result<Option<Value>> {
    let Some((segment, rest)) = segments.split_first() else {
        return Ok(Some(value.clone()));
    };
    let inner = match segment {
        Segment::Property(name) => value.get(name),
        Segment::Element(at) => value.get(at),
        Segment::Each => {
            let Some(elements) = value.as_array() else { return Ok(None) };
            let found: anyhow::Result<Vec<_>> =
                elements.iter().map(|element| find(rest, element, names)).collect();
            return Ok(Some(found?.into_iter().flatten().collect()));
        }
        Segment::Where(path, text) => {
            let (wanted, elements) = (names.fill(text)?, value.as_array().map_or(&[][..], Vec::as_slice));
            let mut fitting = Vec::new();
            for element in elements {
                if path.find(element, names)?.is_some_and(|found| as_text(&found) == wanted) {
                    fitting.push(element);
                }
            }
            ensure!(fitting.len() < 2, "{} elements have '{wanted}' at {path:?}", fitting.len());
            fitting.first().copied()
        }
    };
    inner.map_or(Ok(None), |inner| find(rest, inner, names))
}

/// A text without its quotes, anything else as JSON.
pub fn as_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(path: &str, document: &Value) -> Option<Value> {
        let names = Names::new([("two", "b")]);
        Path::parse(path).unwrap().find(document, &names).unwrap()
    }

    #[test]
    fn paths_find_what_is_there() {
        let document = json!({
            "@odata.count": 2,
            "value": [
                { "id": "a", "app": { "name": "One" }, "x@odata.context": "c" },
                { "id": "b", "app": { "name": "Two" }, "status": 201 },
            ]
        });
        assert_eq!(found("@odata.count", &document), Some(json!(2)));
        assert_eq!(found("value[0].x@odata.context", &document), Some(json!("c")));
        assert_eq!(found("value[*].id", &document), Some(json!(["a", "b"])));
        assert_eq!(found("value[*].status", &document), Some(json!([201])));
        assert_eq!(found("value[id={two}].app.name", &document), Some(json!("Two")));
        assert_eq!(found("value[app.name=One].id", &document), Some(json!("a")));
        assert_eq!(found("value[status=201].id", &document), Some(json!("b")));
        assert_eq!(found("value[2]", &document), None);
        assert_eq!(found("value.id", &document), None);
        assert_eq!(found("nothing[*].id", &document), None);
        assert_eq!(found("", &document), Some(document.clone()));
    }

    #[test]
    fn an_element_is_one() {
        let document = json!([{ "a": 1, "b": 1 }, { "a": 1 }]);
        let path = Path::parse("[a=1].b").unwrap();
        assert!(path.find(&document, &Names::new([])).is_err());
    }

    #[test]
    fn wrong_paths_are_refused() {
        for wrong in ["a..b", "a[", "a[x]", "a[0]b", "a[=x", "."] {
            assert!(Path::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn values_are_put_where_the_path_leads() {
        let mut document = json!({ "version": "1.0.0", "bots": [{ "botId": "a" }] });
        for (path, value) in [("version", "2.0.0"), ("bots[0].botId", "b"), ("authorization.name", "c")] {
            Path::parse(path).unwrap().put(&mut document, value.into()).unwrap();
        }
        let expected =
            json!({ "version": "2.0.0", "bots": [{ "botId": "b" }], "authorization": { "name": "c" } });
        assert_eq!(document, expected);
        assert!(Path::parse("bots[1].botId").unwrap().put(&mut document, "c".into()).is_err());
        assert!(Path::parse("version.major").unwrap().put(&mut document, "c".into()).is_err());
    }
}

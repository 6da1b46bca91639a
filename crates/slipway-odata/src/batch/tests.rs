//! Batches as clients send them, each fault by its text, and texts of any kind.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn read(requests: &Value) -> Result<Vec<Part>, BatchFault> {
    parse(json!({ "requests": requests }).to_string().as_bytes())
}

fn get(id: &str) -> Value {
    json!({ "id": id, "method": "GET", "url": "/me" })
}

#[test]
fn parts_are_read() {
    let parts = read(&json!([
        get("1"),
        {
            "id": "b", "method": "post", "url": "users/u/teamwork/installedApps",
            "headers": { "content-type": "application/json; charset=utf-8", "X": "a\tb" },
            "body": { "teamsApp@odata.bind": "x" }, "dependsOn": ["1", "1"],
        },
        { "id": "C", "method": "DELETE", "url": "/x", "headers": null, "body": null, "dependsOn": ["B", "1"] },
    ]))
    .unwrap();
    let texts = |pairs: &[(&str, &str)]| -> Vec<_> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let plain = Part {
        id: "1".into(),
        method: Method::Get,
        url: "/me".into(),
        headers: vec![],
        body: None,
        depends_on: vec![],
    };
    let post = Part {
        id: "b".into(),
        method: Method::Post,
        url: "/users/u/teamwork/installedApps".into(),
        headers: texts(&[("X", "a\tb"), ("content-type", "application/json; charset=utf-8")]),
        body: Some(br#"{"teamsApp@odata.bind":"x"}"#.to_vec()),
        depends_on: vec![0],
    };
    let delete = Part {
        id: "C".into(),
        method: Method::Delete,
        url: "/x".into(),
        depends_on: vec![1, 0],
        ..plain.clone()
    };
    assert_eq!(parts, [plain, post, delete]);
}

#[test]
fn the_text_of_a_json_body_stays_as_it_is() {
    let body = r#"{ "a" :1.50, "a": "\u0041" }"#;
    let text = format!(
        r#"{{"requests":[{{"id":"1","method":"PATCH","url":"x","headers":{{"Content-Type":"application/vnd.x+json"}},"body":{body}}}]}}"#
    );
    assert_eq!(parse(text.as_bytes()).unwrap()[0].body.as_deref(), Some(body.as_bytes()));
}

#[test]
fn other_bodies_are_base64_of_any_kind() {
    let post = |body: &str| {
        let headers = json!({ "Content-Type": "application/zip" });
        json!([{ "id": "1", "method": "POST", "url": "x", "headers": headers, "body": body }])
    };
    for body in ["+/+/AA==", "+/+/AA", "-_-_AA", "-_-_AA=="] {
        let expected = [0xfb, 0xff, 0xbf, 0];
        assert_eq!(read(&post(body)).unwrap()[0].body.as_deref(), Some(&expected[..]), "{body}");
    }
    let fault = read(&post("*")).unwrap_err().to_string();
    assert_eq!(fault, "Batch request 1: a body of type 'application/zip' must be base64.");
}

#[test]
fn addresses_are_relative() {
    let url = |url: &str| {
        let parts = read(&json!([{ "id": "1", "method": "GET", "url": url }]));
        parts.map(|parts| parts[0].url.clone()).map_err(|fault| fault.to_string())
    };
    for (sent, expected) in [
        ("users?$filter=city eq null&$count=true", "/users?$filter=city%20eq%20null&$count=true"),
        ("/chats/19:ä@thread.v2", "/chats/19:%C3%A4@thread.v2"),
        ("chats/19%3Aa", "/chats/19%3Aa"),
        ("/a:b", "/a:b"),
        ("users?$expand=a('b:c')", "/users?$expand=a('b:c')"),
    ] {
        assert_eq!(url(sent).as_deref(), Ok(expected));
    }
    for absolute in ["https://graph.microsoft.com/v1.0/me", "//graph.microsoft.com/me", "", "/", "HTTP:me"] {
        let expected = format!("Batch request 1: the url '{absolute}' is not relative.");
        assert_eq!(url(absolute), Err(expected));
    }
}

#[test]
fn a_batch_has_one_to_twenty_parts() {
    let many = |count: usize| read(&(0..count).map(|id| get(&id.to_string())).collect());
    assert_eq!(many(MAX_PARTS).unwrap().len(), MAX_PARTS);
    assert_eq!(many(MAX_PARTS + 1), Err(BatchFault::TooManyParts(21)));
    assert_eq!(many(0).unwrap_err().to_string(), "Invalid batch payload format. 'requests' is empty.");
}

#[test]
fn sizes_are_limited() {
    let mut text = json!({ "requests": [get("1")] }).to_string().into_bytes();
    text.resize(MAX_BATCH_LENGTH, b' ');
    assert!(parse(&text).is_ok());
    text.push(b' ');
    assert_eq!(parse(&text).unwrap_err().to_string(), "The batch is longer than 4194304 bytes.");
    let with = |count: usize| {
        let headers: Value = (0..count).map(|n| (format!("x{n}"), json!(""))).collect();
        read(&json!([{ "id": "1", "method": "GET", "url": "/me", "headers": headers }]))
    };
    assert_eq!(with(MAX_PART_HEADERS).unwrap()[0].headers.len(), MAX_PART_HEADERS);
    assert_eq!(
        with(MAX_PART_HEADERS + 1).unwrap_err().to_string(),
        "Batch request 1 has more than 64 headers."
    );
}

#[test]
fn what_is_no_batch() {
    for (text, expected) in [
        ("", "EOF while parsing a value at line 1 column 0"),
        ("{}", "missing field `requests` at line 1 column 2"),
        (r#"{"requests":1}"#, "invalid type: integer `1`, expected a sequence at line 1 column 13"),
        (r#"{"requests":[]} x"#, "trailing characters at line 1 column 17"),
        (r#"{"requests":[],"requests":[]}"#, "duplicate field `requests` at line 1 column 25"),
    ] {
        let fault = parse(text.as_bytes()).unwrap_err().to_string();
        assert_eq!(fault, format!("Invalid batch payload format. {expected}."));
    }
}

#[test]
fn faults_name_the_part_and_what_is_wrong() {
    let with = |name: &str, value: Value| {
        let mut part = get("a");
        part[name] = value;
        json!([get("Z"), part, get("later")])
    };
    let json_type = json!({ "Content-Type": "application/json" });
    for (requests, expected) in [
        (json!([get("a"), get("A")]), "Request Id A has to be unique in a batch."),
        (json!([{}]), "Batch request number 1 needs 'id', a string."),
        (json!([get("a"), { "id": 2 }]), "Batch request number 2 needs 'id', a string."),
        (json!([get("")]), "Batch request number 1 needs 'id', a string."),
        (with("method", json!(null)), "Batch request a needs 'method', a string."),
        (with("method", json!("HEAD")), "Batch request a: the method 'HEAD' is not supported."),
        (with("url", json!(7)), "Batch request a needs 'url', a string."),
        (with("headers", json!([])), "Batch request a needs 'headers', an object."),
        (with("headers", json!({ "x": 1 })), "Batch request a: the header 'x' is not valid."),
        (with("headers", json!({ "x y": "" })), "Batch request a: the header 'x y' is not valid."),
        (with("headers", json!({ "": "" })), "Batch request a: the header '' is not valid."),
        (with("headers", json!({ "x": "a\r\nb: c" })), "Batch request a: the header 'x' is not valid."),
        (
            with("headers", json!({ "X-y": "", "x-Y": "" })),
            "Batch request a: the header 'x-Y' was specified more than once.",
        ),
        (with("atomicityGroup", json!("g")), "Batch request a: 'atomicityGroup' is not supported."),
        (with("if", json!("$1/succeeded")), "Batch request a: 'if' is not supported."),
        (with("body", json!({})), "Write request id : a does not contain Content-Type header or body."),
        (with("method", json!("POST")), "Write request id : a does not contain Content-Type header or body."),
        (
            json!([{ "id": "a", "method": "PUT", "url": "x", "headers": json_type }]),
            "Write request id : a does not contain Content-Type header or body.",
        ),
        (with("dependsOn", json!("Z")), "Batch request a needs 'dependsOn', an array of strings."),
        (
            with("dependsOn", json!(["z", "x"])),
            "Invalid dependency for request Id a: 'x' is not in the batch.",
        ),
        (
            with("dependsOn", json!(["LATER"])),
            "Invalid dependency for request Id a: 'LATER' does not stand before it.",
        ),
        (
            with("dependsOn", json!(["a"])),
            "Invalid dependency for request Id a: 'a' does not stand before it.",
        ),
    ] {
        assert_eq!(read(&requests).unwrap_err().to_string(), expected, "{requests}");
    }
    let twice = br#"{"requests":[{"id":"a","id":"b"}]}"#;
    let fault = parse(twice).unwrap_err().to_string();
    assert!(fault.starts_with("Batch request number 1 is not valid: duplicate field `id`"), "{fault}");
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let _ = parse(&bytes);
    }

    #[test]
    fn what_is_read_keeps_its_promises(
        parts in prop::collection::vec(
            (
                "[a-zA-Z1-9]{2}",
                prop::sample::select(vec!["GET", "put", "Delete"]),
                "/?a[a:/? é]{0,4}",
                prop::collection::vec(0_usize..3, 0..3),
                any::<bool>(),
            ),
            1..5,
        )
    ) {
        let requests: Value = parts
            .iter()
            .map(|(id, method, url, depends_on, body)| {
                let depends_on: Vec<_> = depends_on.iter().filter_map(|&at| Some(parts.get(at)?.0.clone())).collect();
                let mut part = json!({ "id": id, "method": method, "url": url, "dependsOn": depends_on });
                if *body || *method == "put" {
                    part["headers"] = json!({ "CONTENT-TYPE": "application/json" });
                    part["body"] = json!([1]);
                }
                part
            })
            .collect();
        if let Ok(read) = read(&requests) {
            prop_assert_eq!(read.len(), parts.len());
            for (place, part) in read.iter().enumerate() {
                prop_assert!(part.depends_on.iter().all(|&before| before < place));
                prop_assert!(part.url.starts_with('/') && !part.url.starts_with("//") && part.url.is_ascii());
                prop_assert!(!part.url.contains(' '));
                let earlier = || read.iter().take(place);
                prop_assert!(earlier().all(|other| !other.id.eq_ignore_ascii_case(&part.id)));
                prop_assert_eq!(part.body.is_some(), parts[place].4 || part.method == Method::Put);
            }
        }
    }
}

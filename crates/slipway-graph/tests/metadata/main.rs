//! The metadata document: what it says next to what Microsoft's says, and next to the operations that are served.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod csdl;
mod paths;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use roxmltree::{Document, Node};
use slipway_testkit::{Answer, TestApp};

const VERSIONS: [&str; 2] = ["v1.0", "beta"];

async fn get(app: &TestApp, version: &str) -> Answer {
    app.send(Method::GET, &format!("/{version}/$metadata"), &[], b"").await
}

/// The document's text.
async fn text(app: &TestApp, version: &str) -> String {
    String::from_utf8(get(app, version).await.body.to_vec()).unwrap()
}

/// The one schema of a document.
fn schema<'d>(document: &'d Document<'_>) -> Node<'d, 'd> {
    document.descendants().find(|node| node.has_tag_name("Schema")).unwrap()
}

fn elements<'d>(node: Node<'d, 'd>, tag: &str) -> impl Iterator<Item = Node<'d, 'd>> {
    node.children().filter(move |child| child.tag_name().name() == tag)
}

#[tokio::test]
async fn anybody_may_read_it() {
    let app = TestApp::start().await;
    let token = app.token_with(&["Mail.Read"], None).await;
    for version in VERSIONS {
        let answer = get(&app, version).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), "application/xml");
        assert_eq!(answer.header("odata-version"), "4.0");
        for path in ["%24Metadata/", "$metadata?detailed=true"] {
            let other = app.send(Method::GET, &format!("/{version}/{path}"), &[], b"").await;
            assert_eq!((other.status, other.body), (200, answer.body.clone()), "{path}");
        }
        let head = app.send(Method::HEAD, &format!("/{version}/$metadata"), &[], b"").await;
        assert_eq!((head.status, head.body.len()), (200, 0));
        assert_eq!(head.header("content-length"), answer.body.len().to_string());
        let post = app.send(Method::POST, &format!("/{version}/$metadata"), &[], b"{}").await;
        assert_eq!((post.status, post.header("allow")), (405, "GET, HEAD"));
        let batch = r#"{"requests":[{"id":"1","method":"GET","url":"/$metadata"}]}"#;
        let batch = app.post(&token, &format!("/{version}/$batch"), batch).await.json();
        let part = batch.pointer("/responses/0").unwrap();
        assert_eq!(part.pointer("/headers/Content-Type").unwrap(), "application/xml");
        assert_eq!(part.pointer("/body").unwrap(), &STANDARD.encode(&answer.body));
        let below = app.send(Method::GET, &format!("/{version}/$metadata/x"), &[], b"").await;
        assert_eq!(below.status, 401);
    }
}

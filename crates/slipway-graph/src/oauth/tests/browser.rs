//! A browser for the tests: it keeps cookies, reads hidden fields, and says where its forms come from.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::*;

/// RFC 7636, appendix B.
pub(super) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(super) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(super) const ORIGIN: &str = "https://localhost:8365";

pub(super) struct Browser<'a> {
    pub(super) bench: &'a Bench,
    pub(super) cookies: RefCell<BTreeMap<String, String>>,
}

impl Bench {
    pub(super) fn browser(&self) -> Browser<'_> {
        Browser { bench: self, cookies: RefCell::default() }
    }
}

/// The authorization request with these fields instead of or beside the usual ones.
pub(super) fn request(fields: &[(&str, &str)]) -> String {
    let mut all = BTreeMap::from([
        ("client_id", PUBLIC),
        ("response_type", "code"),
        ("redirect_uri", "http://localhost:1234"),
        ("scope", "User.Read.All openid profile offline_access"),
        ("state", "s t&"),
        ("nonce", "n1"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]);
    all.extend(fields.iter().copied());
    all.retain(|_, value| !value.is_empty());
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(all).finish();
    format!("/{TENANT}/oauth2/v2.0/authorize?{query}")
}

/// The value of the page's hidden field.
pub(super) fn hidden(page: &str, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    let rest = page.split_once(&start).unwrap_or_else(|| panic!("no {name} in {page}")).1;
    rest.split('"').next().unwrap().to_owned()
}

impl Answer {
    /// Where the answer sends the browser, and with which fields.
    pub(super) fn sent_to(&self) -> (String, BTreeMap<String, String>) {
        assert_eq!(self.status, 302, "{}", self.text);
        let location = self.headers["location"].to_str().unwrap();
        let at = location.find(['#', '?']).unwrap();
        // The address of the test's web client has a query of its own.
        let (uri, fields) = match location.strip_prefix(WEB) {
            Some(rest) if rest.starts_with(['&', '#']) => (WEB, &rest[1..]),
            _ => (&location[..at], &location[at + 1..]),
        };
        (uri.to_owned(), form_urlencoded::parse(fields.as_bytes()).into_owned().collect())
    }

    pub(super) fn field(&self, name: &str) -> String {
        self.sent_to().1.get(name).cloned().unwrap_or_default()
    }

    /// Error and AADSTS number with which the browser is sent back.
    pub(super) fn sent_error(&self) -> (String, String) {
        let number = self.field("error_description");
        let number = number.strip_prefix("AADSTS").and_then(|text| text.split(':').next());
        (self.field("error"), number.unwrap_or_default().to_owned())
    }

    pub(super) fn is_page_with(&self, text: &str) -> bool {
        self.headers.get("content-type").is_some_and(|t| t.to_str().unwrap().starts_with("text/html"))
            && self.text.contains(text)
    }
}

impl Browser<'_> {
    pub(super) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], &[]).await
    }

    pub(super) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(Method::POST, path, &[("Origin", ORIGIN), ("Sec-Fetch-Site", "same-origin")], fields).await
    }

    pub(super) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        fields: &[(&str, &str)],
    ) -> Answer {
        let cookies: Vec<_> =
            self.cookies.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cookies = cookies.join("; ");
        let headers = [headers, &[("Cookie", cookies.as_str())][..]].concat();
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let answer = self.bench.send(method, path, &headers, body).await;
        for cookie in answer.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            assert!(cookie.contains("; HttpOnly; Secure; SameSite="), "{cookie}");
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if cookie.contains("Max-Age=0") {
                self.cookies.borrow_mut().remove(name);
            } else {
                self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    /// Fills in the sign-in page.
    pub(super) async fn log_in(&self, page: &Answer, user: u8) -> Answer {
        self.log_in_with(page, user, "slipway-demo").await
    }

    pub(super) async fn log_in_with(&self, page: &Answer, user: u8, password: &str) -> Answer {
        assert!(page.is_page_with("<h1>Sign in</h1>"), "{}", page.text);
        let name = format!("user{user:02}@contoso.example");
        let ctx = hidden(&page.text, "ctx");
        let fields = [("ctx", ctx.as_str()), ("username", &name), ("password", password)];
        self.post(&format!("/{TENANT}/login"), &fields).await
    }

    /// Answers the consent page.
    pub(super) async fn consent(&self, page: &Answer, fields: &[(&str, &str)]) -> Answer {
        let ctx = hidden(&page.text, "ctx");
        self.post(&format!("/{TENANT}/consent"), &[&[("ctx", ctx.as_str())], fields].concat()).await
    }

    /// The code for the request, for a user who needs no more consent.
    pub(super) async fn code(&self, fields: &[(&str, &str)]) -> String {
        let page = self.get(&request(fields)).await;
        let code = self.log_in(&page, 2).await.field("code");
        assert!(!code.is_empty());
        code
    }
}

/// The form that redeems the code.
pub(super) fn redeeming<'a>(code: &'a str, fields: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut all = BTreeMap::from([
        ("grant_type", "authorization_code"),
        ("client_id", PUBLIC),
        ("code", code),
        ("redirect_uri", "http://localhost:1234"),
        ("code_verifier", VERIFIER),
    ]);
    all.extend(fields.iter().copied());
    all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

impl Bench {
    pub(super) async fn redeem(&self, code: &str, fields: &[(&str, &str)]) -> Answer {
        self.token(&redeeming(code, fields)).await
    }

    pub(super) async fn refresh(&self, token: &str, fields: &[(&str, &str)]) -> Answer {
        let usual = [("grant_type", "refresh_token"), ("client_id", PUBLIC), ("refresh_token", token)];
        self.token(&[&usual[..], fields].concat()).await
    }

    /// Status of a call of Graph with the access token of the answer.
    pub(super) async fn graph(&self, answer: &Answer) -> u16 {
        let authorization = format!("Bearer {}", answer.text_of("access_token"));
        let headers = [("Authorization", authorization.as_str())];
        self.send(Method::GET, "/v1.0/me", &headers, String::new()).await.status
    }
}

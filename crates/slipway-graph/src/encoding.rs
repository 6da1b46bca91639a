//! Compression of answers: gzip (RFC 1952) and brotli (RFC 7932) for who asks, where it saves something.
//!
//! What lies about for everybody or is fetched with a bearer token is compressed. Pages of the sign-in and tokens never
//! are: a length that depends on a secret and on what a stranger's page can add tells the secret (BREACH).

use std::io::Write;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Body;

use crate::operation::ApiVersion;
use crate::segment::split_first;

/// Shorter bodies go as they are: they fit into one packet either way.
const LEAST: u64 = 1_024;
/// Longer ones are compressed beside the threads that serve.
const LONG: usize = 64 * 1024;
/// Of gzip's 1 to 9; more takes much longer and saves little of JSON.
const GZIP_LEVEL: u32 = 4;
/// Of brotli's 0 to 11, likewise.
const BROTLI_LEVEL: u32 = 4;
/// The window of brotli, as a power of two: half a megabyte, as much as our answers have.
const BROTLI_WINDOW: u32 = 19;

/// How a body may be compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    Gzip,
    Brotli,
}

impl Coding {
    /// The one that the client likes best (RFC 9110 section 12.5.3); brotli, which saves more, if it likes both.
    pub(crate) fn wanted(headers: &HeaderMap) -> Option<Self> {
        let (mut gzip, mut brotli, mut any) = (None, None, None);
        for value in headers.get_all(ACCEPT_ENCODING) {
            for item in value.to_str().unwrap_or_default().split(',') {
                let (name, weight) =
                    item.split_once(';').map_or((item, "q=1"), |(name, weight)| (name, weight));
                let (name, weight) = (name.trim(), weigh(weight));
                if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") {
                    gzip = Some(weight);
                } else if name.eq_ignore_ascii_case("br") {
                    brotli = Some(weight);
                } else if name == "*" {
                    any = Some(weight);
                }
            }
        }
        let any = any.unwrap_or_default();
        match (gzip.unwrap_or(any), brotli.unwrap_or(any)) {
            (0, 0) => None,
            (gzip, brotli) if brotli >= gzip => Some(Self::Brotli),
            _ => Some(Self::Gzip),
        }
    }

    fn name(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Gzip => "gzip",
            Self::Brotli => "br",
        })
    }

    fn pack(self, body: &[u8]) -> std::io::Result<Vec<u8>> {
        let packed = Vec::with_capacity(body.len() / 4);
        match self {
            Self::Gzip => {
                let mut encoder = GzEncoder::new(packed, Compression::new(GZIP_LEVEL));
                encoder.write_all(body)?;
                encoder.finish()
            }
            Self::Brotli => {
                let mut encoder = brotli::CompressorWriter::new(packed, 4096, BROTLI_LEVEL, BROTLI_WINDOW);
                encoder.write_all(body)?;
                Ok(encoder.into_inner())
            }
        }
    }
}

/// A weight such as `q=0.8` in thousandths; one that cannot be read is none at all.
fn weigh(weight: &str) -> u32 {
    let Some((name, number)) = weight.split_once('=') else { return 0 };
    let number = number.trim();
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !name.trim().eq_ignore_ascii_case("q") || fraction.len() > 3 || !is_number(fraction) {
        return 0;
    }
    match whole {
        "1" => 1_000,
        "0" => format!("{fraction:0<3}").parse().unwrap_or_default(),
        _ => 0,
    }
}

/// Whether what is answered at the path may be compressed: Graph, and the documents of discovery.
pub(crate) fn is_open(path: &str) -> bool {
    let (first, rest) = split_first(path);
    ApiVersion::parse(first).is_some()
        || rest.ends_with("/.well-known/openid-configuration")
        || rest.ends_with("/discovery/keys")
        || rest.ends_with("/discovery/v2.0/keys")
}

/// The answer, compressed if that makes it shorter. Its tag, if it has one, is of what is in it, not of the bytes.
pub(crate) async fn pack(response: Response<Full<Bytes>>, coding: Coding) -> Response<Full<Bytes>> {
    if response.body().size_hint().lower() < LEAST || !is_text(response.headers()) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    // It is in memory, and there is nothing to fail.
    let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let packed = if body.len() > LONG {
        let body = body.clone();
        tokio::task::spawn_blocking(move || coding.pack(&body))
            .await
            .unwrap_or_else(|error| Err(error.into()))
    } else {
        coding.pack(&body)
    };
    match packed {
        Ok(packed) if packed.len() < body.len() => {
            parts.headers.insert(CONTENT_ENCODING, coding.name());
            Response::from_parts(parts, packed.into())
        }
        _ => Response::from_parts(parts, body.into()),
    }
}

/// Whether it is worth trying: archives and pictures are compressed already.
fn is_text(headers: &HeaderMap) -> bool {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    !headers.contains_key(CONTENT_ENCODING)
        && (media_type.starts_with("text/") || media_type.ends_with("json") || media_type.ends_with("xml"))
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use proptest::prelude::*;

    use super::*;

    fn wanted(values: &[&'static str]) -> Option<Coding> {
        let values = values.iter().map(|value| (ACCEPT_ENCODING, HeaderValue::from_static(value)));
        Coding::wanted(&values.collect())
    }

    #[test]
    fn the_client_says_what_it_likes() {
        for gzip in [
            "gzip",
            "gzip, deflate",
            "GZip;q=0.5",
            "br;q=0, gzip",
            "br;q=0.8, gzip;q=0.9",
            "*, br;q=0",
            "x-gzip",
        ] {
            assert_eq!(wanted(&[gzip]), Some(Coding::Gzip), "{gzip}");
        }
        for brotli in [
            "br",
            "gzip, deflate, br, zstd",
            "gzip;q=0.999, br;q=1.0",
            "*",
            "gzip;q=0.1,*;q=0.2",
            "br ; q=0.001",
        ] {
            assert_eq!(wanted(&[brotli]), Some(Coding::Brotli), "{brotli}");
        }
        for none in [
            "",
            "identity",
            "deflate, zstd",
            "gzip;q=0",
            "*;q=0",
            "gzip;q=0.000, br;q=0",
            "gzip;q=2",
            "br;q=x",
            "br;level=1",
            "br;q=0.1234",
        ] {
            assert_eq!(wanted(&[none]), None, "{none}");
        }
        assert_eq!(wanted(&[]), None);
        assert_eq!(wanted(&["deflate", "gzip"]), Some(Coding::Gzip), "headers add up");
    }

    #[test]
    fn secrets_are_not_compressed() {
        for open in [
            "/v1.0/users",
            "/beta/$batch",
            "/t/v2.0/.well-known/openid-configuration",
            "/t/discovery/v2.0/keys",
            "/common/discovery/keys",
        ] {
            assert!(is_open(open), "{open}");
        }
        for closed in [
            "/",
            "/t/oauth2/v2.0/token",
            "/t/oauth2/v2.0/authorize",
            "/devicelogin",
            "/_slipway/state",
            "/v1.0x/users",
        ] {
            assert!(!is_open(closed), "{closed}");
        }
    }

    fn unpack(coding: Coding, packed: &[u8]) -> Vec<u8> {
        let mut body = Vec::new();
        match coding {
            Coding::Gzip => flate2::read::GzDecoder::new(packed).read_to_end(&mut body),
            Coding::Brotli => brotli::Decompressor::new(packed, 4096).read_to_end(&mut body),
        }
        .unwrap();
        body
    }

    fn response(media_type: &'static str, body: &[u8]) -> Response<Full<Bytes>> {
        let response = Response::builder().header(CONTENT_TYPE, media_type);
        response.body(Full::new(Bytes::copy_from_slice(body))).unwrap()
    }

    async fn packed(response: Response<Full<Bytes>>, coding: Coding) -> (HeaderMap, Bytes) {
        let (parts, body) = pack(response, coding).await.into_parts();
        (parts.headers, body.collect().await.unwrap().to_bytes())
    }

    #[tokio::test]
    async fn what_is_packed_is_shorter_and_the_same() {
        for coding in [Coding::Gzip, Coding::Brotli] {
            for length in [1_024, 5_000, LONG + 1, 1_000_000] {
                let body: Vec<u8> = (0..length).map(|n: usize| b"{\"value\": [1, 2, 3]}"[n % 20]).collect();
                let (headers, short) = packed(response("application/json;odata=x", &body), coding).await;
                assert_eq!(headers[CONTENT_ENCODING], coding.name());
                assert!(short.len() < body.len() / 2);
                assert_eq!(unpack(coding, &short), body);
            }
        }
    }

    #[tokio::test]
    async fn what_would_gain_nothing_is_left_alone() {
        let mut state = 88_172_645_463_325_252u64;
        let mut noise = || {
            // Marsaglia's xorshift, which no compressor sees through.
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_be_bytes()
        };
        let noise: Vec<u8> = (0..500).flat_map(|_| noise()).collect();
        for (media_type, body) in [
            ("application/json", &[b'a'; 1_023] as &[u8]),
            ("image/png", &[0; 5_000]),
            ("application/zip", &[0; 5_000]),
            ("application/json", &noise),
        ] {
            let (headers, same) = packed(response(media_type, body), Coding::Gzip).await;
            assert!(!headers.contains_key(CONTENT_ENCODING), "{media_type}");
            assert_eq!(same, body);
        }
    }

    proptest! {
        #[test]
        fn any_header_is_read(text in "[ -~]{0,60}") {
            let value = HeaderValue::from_str(&text).unwrap();
            let _ = Coding::wanted(&[(ACCEPT_ENCODING, value)].into_iter().collect());
        }

        #[test]
        fn any_body_comes_back(body in prop::collection::vec(any::<u8>(), 0..3_000)) {
            for coding in [Coding::Gzip, Coding::Brotli] {
                prop_assert_eq!(unpack(coding, &coding.pack(&body).unwrap()), body.clone());
            }
        }
    }
}

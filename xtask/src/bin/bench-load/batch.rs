//! Requests that go together to `$batch`.

use crate::text::Text;

/// Writes a batch of the requests of some users, counted from 0, over what is in `request`.
pub fn write(head: &str, parts: &[(u64, &Text)], request: &mut Vec<u8>) {
    let mut body = b"{\"requests\":[".to_vec();
    let mut part = Vec::new();
    for (at, (user, text)) in parts.iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        body.extend(format!("{comma}{{\"id\":\"{at}\",").into_bytes());
        text.write(*user, &mut part);
        body.extend(&part);
        body.push(b'}');
    }
    body.extend(b"]}");
    request.clear();
    request.extend(format!("{head}Content-Length: {}\r\n\r\n", body.len()).into_bytes());
    request.extend(body);
}

/// How many parts of an answer have this status.
pub fn count(answer: &[u8], status: u16) -> u64 {
    let wanted = format!("\"status\":{status}");
    answer.windows(wanted.len()).filter(|window| *window == wanted.as_bytes()).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_have_ids_and_the_head_has_the_length() {
        let text = Text::new(r#""method":"GET","url":"/users/<user>""#).unwrap();
        let mut request = b"left over".to_vec();
        write("POST /v1.0/$batch HTTP/1.1\r\n", &[(0, &text), (254, &text)], &mut request);
        let part = |id: u8, user: &str| format!(r#"{{"id":"{id}","method":"GET","url":"/users/{user}"}}"#);
        let first = part(0, "51190000-0000-4000-8001-000000000001");
        let second = part(1, "51190000-0000-4000-8001-0000000000ff");
        let body = format!(r#"{{"requests":[{first},{second}]}}"#);
        let expected = format!("POST /v1.0/$batch HTTP/1.1\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        assert_eq!(String::from_utf8(request).unwrap(), expected);
    }

    #[test]
    fn statuses_are_counted() {
        let answer =
            br#"{"responses":[{"id":"0","status":201},{"id":"1","status":409},{"id":"2","status":201}]}"#;
        assert_eq!((count(answer, 201), count(answer, 409), count(answer, 204)), (2, 1, 0));
    }
}

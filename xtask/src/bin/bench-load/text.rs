//! Requests as text with marks, taken apart once so that each one is a few copies.

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::plan::{INSTALLATION, USER, generated_user};

/// A request of some user.
pub struct Text {
    pieces: Vec<Piece>,
}

enum Piece {
    Plain(String),
    User,
    /// Of this app.
    Installation(String),
}

impl Text {
    /// Takes a text with marks apart.
    ///
    /// # Errors
    /// When a mark does not end.
    pub fn new(text: &str) -> anyhow::Result<Self> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(at) = [USER, INSTALLATION].iter().filter_map(|mark| rest.find(mark)).min() {
            let (plain, marked) = rest.split_at(at);
            pieces.push(Piece::Plain(plain.to_owned()));
            rest = if let Some(app) = marked.strip_prefix(INSTALLATION) {
                let (app, behind) = app.split_once('>').context("a mark without an end")?;
                pieces.push(Piece::Installation(app.to_owned()));
                behind
            } else {
                pieces.push(Piece::User);
                marked.strip_prefix(USER).unwrap_or_default()
            };
        }
        pieces.push(Piece::Plain(rest.to_owned()));
        Ok(Self { pieces })
    }

    /// Writes the request of a user, counted from 0, over what is in `request`.
    pub fn write(&self, user: u64, request: &mut Vec<u8>) {
        let user = generated_user(user);
        request.clear();
        for piece in &self.pieces {
            match piece {
                Piece::Plain(text) => request.extend(text.as_bytes()),
                Piece::User => request.extend(user.as_bytes()),
                Piece::Installation(app) => {
                    let id = STANDARD.encode(format!("{user}##{app}"));
                    request.extend(id.replace('=', "%3D").as_bytes());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_the_users() {
        let text =
            Text::new("POST /users/<user>/x/<installation 22f73bbe-f67a-4dea-bd54-54cac718cb2b>/upgrade")
                .unwrap();
        let mut request = b"left over".to_vec();
        text.write(254, &mut request);
        // "51190000-0000-4000-8001-0000000000ff##22f73bbe-f67a-4dea-bd54-54cac718cb2b" by base64(1).
        let id = "NTExOTAwMDAtMDAwMC00MDAwLTgwMDEtMDAwMDAwMDAwMGZmIyMyMmY3M2JiZS1mNjdhLTRkZWEtYmQ1NC01NGNhYzcxOGNiMmI%3D";
        let expected = format!("POST /users/51190000-0000-4000-8001-0000000000ff/x/{id}/upgrade");
        assert_eq!(String::from_utf8(request).unwrap(), expected);
        assert!(Text::new("<installation 1").is_err());
    }
}

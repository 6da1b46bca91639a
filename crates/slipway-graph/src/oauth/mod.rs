//! Sign-in as Entra answers it. (being built)

use http::StatusCode;

use crate::door::Arrival;
use crate::payload::Payload;
use crate::reply::{Content, Reply};

pub(crate) async fn answer(_arrival: Arrival, _body: Payload) -> Reply {
    Reply::new(StatusCode::NOT_FOUND, Content::Empty)
}

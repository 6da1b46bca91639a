//! Documents on their way in and out of `jsonb` columns.

use std::error::Error;

use bytes::{BufMut as _, BytesMut};
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, accepts, to_sql_checked};

/// The version of the wire format, its first byte.
const FORMAT: u8 = 1;

/// JSON text. That it is JSON in UTF-8 is checked by the database.
#[derive(Debug)]
pub(super) struct Document<'a>(pub(super) &'a [u8]);

impl ToSql for Document<'_> {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        out.put_u8(FORMAT);
        out.put_slice(self.0);
        Ok(IsNull::No)
    }

    accepts!(JSONB);
    to_sql_checked!();
}

impl<'a> FromSql<'a> for Document<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        match raw.split_first() {
            Some((&FORMAT, text)) => Ok(Self(text)),
            _ => Err("a document in a form that is not known".into()),
        }
    }

    accepts!(JSONB);
}

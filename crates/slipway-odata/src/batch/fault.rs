//! What is wrong with a batch. Where the service's text is on record, it is that, and then what is at fault.

use std::fmt;

use super::{MAX_BATCH_LENGTH, MAX_PART_HEADERS, MAX_PARTS};

/// A batch that is refused as a whole: a 400. The message is public and names what is at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BatchFault {
    /// The body has more than [`MAX_BATCH_LENGTH`] bytes.
    TooLong,
    /// The body is not `{"requests":[…]}` with something in it. What is wrong instead.
    Malformed(String),
    /// There are so many parts, more than [`MAX_PARTS`]. Graph's code is `MaximumValueExceeded`.
    TooManyParts(usize),
    /// A part is at fault.
    Part {
        /// Its id, or `number 3` if it has none.
        part: String,
        /// What is wrong with it.
        fault: PartFault,
    },
}

/// What is wrong with a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartFault {
    /// It is no object, or has a member twice. What is wrong instead.
    Malformed(String),
    /// The member is missing or has another form than this.
    Member(&'static str, &'static str),
    /// OData knows the member, Graph does not.
    Unsupported(&'static str),
    /// Another part has the same id.
    NotUnique,
    /// No such method.
    Method(String),
    /// The address is empty or absolute.
    Url(String),
    /// The name cannot be a header's, or its value is no text.
    Header(String),
    /// The name is there before, in other case.
    HeaderAgain(String),
    /// There are more than [`MAX_PART_HEADERS`] headers.
    TooManyHeaders,
    /// A body without `Content-Type`, or a `POST`, `PUT` or `PATCH` that lacks one of the two.
    NoBody,
    /// A body of this type that is not base64.
    NotBase64(String),
    /// No part has this id.
    UnknownDependency(String),
    /// The part of this id does not stand before the one that depends on it.
    LaterDependency(String),
}

impl fmt::Display for BatchFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(f, "The batch is longer than {MAX_BATCH_LENGTH} bytes."),
            Self::Malformed(why) => write!(f, "Invalid batch payload format. {why}."),
            Self::TooManyParts(_) => {
                write!(f, "Number of batch request steps exceeds the maximum value of {MAX_PARTS}.")
            }
            Self::Part { part, fault } => fault.write(f, part),
        }
    }
}

impl std::error::Error for BatchFault {}

impl PartFault {
    fn write(&self, f: &mut fmt::Formatter<'_>, part: &str) -> fmt::Result {
        match self {
            Self::NotUnique => write!(f, "Request Id {part} has to be unique in a batch."),
            Self::NoBody => {
                write!(f, "Write request id : {part} does not contain Content-Type header or body.")
            }
            Self::UnknownDependency(id) => {
                write!(f, "Invalid dependency for request Id {part}: '{id}' is not in the batch.")
            }
            Self::LaterDependency(id) => {
                write!(f, "Invalid dependency for request Id {part}: '{id}' does not stand before it.")
            }
            Self::Malformed(why) => write!(f, "Batch request {part} is not valid: {why}."),
            Self::Member(name, form) => write!(f, "Batch request {part} needs '{name}', {form}."),
            Self::Unsupported(name) => write!(f, "Batch request {part}: '{name}' is not supported."),
            Self::Method(method) => {
                write!(f, "Batch request {part}: the method '{method}' is not supported.")
            }
            Self::Url(url) => write!(f, "Batch request {part}: the url '{url}' is not relative."),
            Self::Header(name) => write!(f, "Batch request {part}: the header '{name}' is not valid."),
            Self::HeaderAgain(name) => {
                write!(f, "Batch request {part}: the header '{name}' was specified more than once.")
            }
            Self::TooManyHeaders => {
                write!(f, "Batch request {part} has more than {MAX_PART_HEADERS} headers.")
            }
            Self::NotBase64(content_type) => {
                write!(f, "Batch request {part}: a body of type '{content_type}' must be base64.")
            }
        }
    }
}

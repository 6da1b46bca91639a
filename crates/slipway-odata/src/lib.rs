//! What of OData requests can be read without knowing a resource: query options (text to syntax tree, syntax tree
//! to a query bound to a schema, and an evaluator that works on rows in memory), batches in JSON, and references
//! to entities.
//!
//! Everything here is pure. Types and their properties are tables of the caller ([`StructuredType`]), rows are
//! whatever implements [`Row`]. A query string goes through [`QueryOptions::parse`], which judges syntax, and
//! [`Query::bind`], which judges names, types and what the operation supports. The grammar is the part of OData
//! 4.01 that clients of Microsoft Graph use; what is left out is refused by name, never passed over.

mod address;
pub mod batch;
mod bind;
mod error;
mod evaluate;
mod expand;
mod filter;
mod index;
mod lexer;
mod options;
mod order;
mod parse;
mod query;
mod schema;
mod search;
mod shape;
mod syntax;
mod token;

pub use address::{alternate_key, entity_reference, split_key_form};
pub use bind::MAX_LAMBDA_DEPTH;
pub use error::{ClauseError, QueryError, SyntaxFault};
pub use evaluate::{Row, Value};
pub use expand::{Expand, MAX_EXPAND_DEPTH, Projection};
pub use filter::Filter;
pub use options::{MAX_QUERY_LENGTH, QueryOptions, SystemOption};
pub use order::{Direction, OrderItem, OrderKey, compare};
pub use parse::{MAX_FILTER_DEPTH, MAX_FILTER_OPERANDS};
pub use query::Query;
pub use schema::{Case, EnumType, Kind, Property, StructuredType};
pub use search::{MAX_SEARCH_ALTERNATIVES, Search, SearchExpr, SearchPrefix};
pub use shape::{Expansion, Shape};
pub use syntax::{Expr, Lambda, Literal, Operator, Path, Quantifier};

#[cfg(test)]
mod tests;

//! A query whose names, types and options are known to be right.

use crate::{Filter, QueryError, QueryOptions, Shape, StructuredType, SystemOption};

/// The query options of a request, bound to the type of the entities that it asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Which entities.
    pub filter: Option<Filter>,
    /// What is shown of each.
    pub shape: Shape,
    /// How many at most.
    pub top: Option<u32>,
    /// How many of the first to leave out.
    pub skip: Option<u32>,
    /// Where the page begins, as an earlier answer said it.
    pub skiptoken: Option<String>,
    /// Whether `$count=true` was asked for.
    pub count: bool,
}

impl Query {
    /// Binds the options to a type. `supported` is what the operation answers; nothing here evaluates `$orderby`
    /// and `$search`, so these are refused even when it lists them.
    ///
    /// # Errors
    /// [`QueryError::UnsupportedOption`], and the errors about names and types.
    pub fn bind(
        options: QueryOptions,
        on: &'static StructuredType,
        supported: &[SystemOption],
    ) -> Result<Self, QueryError> {
        let evaluated = |option| !matches!(option, SystemOption::OrderBy | SystemOption::Search);
        let refused = options.present().find(|option| !supported.contains(option) || !evaluated(*option));
        if let Some(option) = refused {
            return Err(QueryError::UnsupportedOption(option));
        }
        Ok(Self {
            filter: options.filter.map(|f| Filter::bind(f, on)).transpose().map_err(QueryError::Filter)?,
            shape: Shape::bind(options.projection, on).map_err(QueryError::Projection)?,
            top: options.top,
            skip: options.skip,
            skiptoken: options.skiptoken,
            count: options.count.unwrap_or_default(),
        })
    }
}

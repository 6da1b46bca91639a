//! A query whose names, types and options are known to be right.

use crate::{Filter, OrderKey, QueryError, QueryOptions, Search, Shape, StructuredType, SystemOption};

/// The query options of a request, bound to the type of the entities that it asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Which entities.
    pub filter: Option<Filter>,
    /// Which entities, by the words of their texts.
    pub search: Option<Search>,
    /// In which order, for [`crate::compare`]; without keys in that of the operation.
    pub orderby: Vec<OrderKey>,
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
    /// `$format`: `json`, or `application/json` with parameters.
    pub format: Option<String>,
}

impl Query {
    /// Binds the options to a type. `supported` is what the operation answers; `$format` need not be in it, for
    /// there is only JSON.
    ///
    /// # Errors
    /// [`QueryError::UnsupportedOption`], and the errors about names and types.
    pub fn bind(
        options: QueryOptions,
        on: &'static StructuredType,
        supported: &[SystemOption],
    ) -> Result<Self, QueryError> {
        let served = |option: &SystemOption| *option == SystemOption::Format || supported.contains(option);
        if let Some(option) = options.present().find(|option| !served(option)) {
            return Err(QueryError::UnsupportedOption(option));
        }
        Ok(Self {
            filter: options.filter.map(|f| Filter::bind(f, on)).transpose().map_err(QueryError::Filter)?,
            search: options.search.map(|s| Search::bind(s, on)).transpose().map_err(QueryError::Search)?,
            orderby: OrderKey::bind_all(options.orderby.as_deref(), on).map_err(QueryError::OrderBy)?,
            shape: Shape::bind(options.projection, on).map_err(QueryError::Projection)?,
            top: options.top,
            skip: options.skip,
            skiptoken: options.skiptoken,
            count: options.count.unwrap_or_default(),
            format: options.format,
        })
    }

    /// Whether the choice of rows or their order has to know the property of this name, so that a row must have it
    /// at hand.
    #[must_use]
    pub fn reads(&self, name: &str) -> bool {
        self.filter.as_ref().is_some_and(|filter| filter.reads(name))
            || self.search.as_ref().is_some_and(|search| search.reads(name))
            || self.orderby.iter().any(|key| key.reads(name))
    }
}

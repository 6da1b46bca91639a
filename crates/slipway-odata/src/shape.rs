//! What an answer shows of each entity: bound `$select` and `$expand`.

use std::cmp::Ordering;

use crate::{
    ClauseError, Expand, Filter, OrderKey, Projection, Property, StructuredType, SystemOption, Value, compare,
};

/// Which properties of an entity are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// The selected properties in the order of the request, each once; without `$select` the type's default
    /// applies. A navigation property may be among them: it is not shown unless it is expanded.
    pub select: Option<Vec<&'static Property>>,
    /// The expanded properties in the order of the request. They are shown whether selected or not.
    pub expand: Vec<Expansion>,
    /// Whether `$select=*` was said.
    everything: bool,
}

/// An expanded property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expansion {
    /// A navigation property.
    pub property: &'static Property,
    /// What is shown of what it leads to.
    pub shape: Shape,
    /// Which of the entities that it leads to. This and what follows is of collections only.
    pub filter: Option<Filter>,
    /// In which order; without keys in that of the collection.
    pub orderby: Vec<OrderKey>,
    /// How many at most.
    pub top: Option<u32>,
    /// How many of the first to leave out.
    pub skip: Option<u32>,
    /// Whether their number is asked for.
    pub count: bool,
}

impl Expansion {
    fn bind(item: Expand, on: &StructuredType) -> Result<Self, ClauseError> {
        let Expand { property, options } = item;
        let property = find(on, &property)?;
        let Some(target) = property.kind.structure().filter(|_| property.is_navigation()) else {
            return Err(ClauseError::NotExpandable { property: property.name, on: on.name });
        };
        let of_many = |option: &_| !matches!(option, SystemOption::Select | SystemOption::Expand);
        if let Some(option) = options.present().find(of_many).filter(|_| !property.many) {
            return Err(ClauseError::InvalidTerm(option.to_string()));
        }
        Ok(Self {
            property,
            shape: Shape::bind(options.projection, target)?,
            filter: options.filter.map(|filter| Filter::bind(filter, target)).transpose()?,
            orderby: OrderKey::bind_all(options.orderby.as_deref(), target)?,
            top: options.top,
            skip: options.skip,
            count: options.count.unwrap_or_default(),
        })
    }

    /// What `@odata.context` says of it. In the contexts of Microsoft's samples further expansions stand in
    /// collections only: `appDefinitions(bot())`, but `teamsAppDefinition()`.
    fn in_context(&self) -> String {
        let Self { property, shape, .. } = self;
        let inside = if property.many {
            shape.parentheses()
        } else {
            Shape { expand: vec![], ..shape.clone() }.parentheses()
        };
        format!("{}{inside}", property.name)
    }

    /// What is shown of the entities that the property leads to, and how many there are before `$skip` and `$top`
    /// if that is asked for. The entities must be of the type that the property leads to.
    #[must_use]
    pub fn apply<'v>(&self, mut entities: Vec<Value<'v>>) -> (Vec<Value<'v>>, Option<u64>) {
        if let Some(filter) = &self.filter {
            entities.retain(|entity| matches!(entity, Value::Row(row) if filter.matches(&**row)));
        }
        entities.sort_by(|left, right| match (left, right) {
            (Value::Row(left), Value::Row(right)) => compare(&self.orderby, &**left, &**right),
            _ => Ordering::Equal,
        });
        let count = self.count.then_some(entities.len() as u64);
        let at_most = |limit: u32| usize::try_from(limit).unwrap_or(usize::MAX);
        let skip = self.skip.map_or(0, at_most);
        let top = self.top.map_or(usize::MAX, at_most);
        (entities.into_iter().skip(skip).take(top).collect(), count)
    }
}

impl Shape {
    /// Binds `$select` and `$expand` to the type they are said of.
    pub(crate) fn bind(projection: Projection, on: &StructuredType) -> Result<Self, ClauseError> {
        let mut shape = Self::default();
        if let Some(names) = projection.select {
            let mut select: Vec<&'static Property> = vec![];
            for name in names {
                let named = if name == "*" {
                    shape.everything = true;
                    on.properties.iter().filter(|property| !property.is_navigation()).collect()
                } else {
                    vec![find(on, &name)?]
                };
                for property in named {
                    if !select.contains(&property) {
                        select.push(property);
                    }
                }
            }
            shape.select = Some(select);
        }
        for item in projection.expand.unwrap_or_default() {
            let expansion = Expansion::bind(item, on)?;
            if shape.expand.iter().any(|known| known.property == expansion.property) {
                return Err(ClauseError::ExpandedTwice(expansion.property.name));
            }
            shape.expand.push(expansion);
        }
        Ok(shape)
    }

    /// The properties shown of an entity of that type, without the expanded ones: those selected, or the type's
    /// default.
    pub fn properties(&self, of: &StructuredType) -> impl Iterator<Item = &'static Property> + use<'_> {
        let default =
            of.properties.iter().filter(|property| self.select.is_none() && !property.is_on_request());
        let selected = self.select.iter().flatten().copied();
        default.chain(selected).filter(|property| !property.is_navigation())
    }

    /// What `@odata.context` says of the shape, behind the name of the collection: nothing, `(id,displayName)`,
    /// `(appDefinitions(id,bot()))`. As in the contexts of Microsoft's samples, an expanded property has
    /// parentheses, with what is selected of it inside.
    #[must_use]
    pub fn context_suffix(&self) -> String {
        if self.select.is_none() && self.expand.is_empty() { String::new() } else { self.parentheses() }
    }

    fn parentheses(&self) -> String {
        let expanded = |property: &Property| self.expand.iter().any(|e| e.property == property);
        let said = |property: &Property| !self.everything || property.is_navigation();
        let selected = self.select.iter().flatten().filter(|property| said(property) && !expanded(property));
        let everything = self.everything.then(|| "*".to_owned());
        let items: Vec<_> = everything
            .into_iter()
            .chain(selected.map(|property| property.name.to_owned()))
            .chain(self.expand.iter().map(Expansion::in_context))
            .collect();
        format!("({})", items.join(","))
    }
}

/// The property of that name.
pub(crate) fn find(on: &StructuredType, name: &str) -> Result<&'static Property, ClauseError> {
    on.property(name).ok_or_else(|| ClauseError::UnknownProperty { property: name.to_owned(), on: on.name })
}

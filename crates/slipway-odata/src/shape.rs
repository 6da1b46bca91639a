//! What an answer shows of each entity: bound `$select` and `$expand`.

use crate::{ClauseError, Projection, Property, StructuredType};

/// Which properties of an entity are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// The selected properties in the order of the request, each once; without `$select` the type's default
    /// applies. A navigation property may be among them: it is not shown unless it is expanded.
    pub select: Option<Vec<&'static Property>>,
    /// The expanded properties in the order of the request. They are shown whether selected or not.
    pub expand: Vec<Expansion>,
}

/// An expanded property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expansion {
    /// A navigation property.
    pub property: &'static Property,
    /// What is shown of what it leads to.
    pub shape: Shape,
}

impl Shape {
    /// Binds `$select` and `$expand` to the type they are said of.
    pub(crate) fn bind(projection: Projection, on: &StructuredType) -> Result<Self, ClauseError> {
        let mut shape = Self::default();
        if let Some(names) = projection.select {
            let mut select = vec![];
            for name in names {
                let property = find(on, &name)?;
                if !select.contains(&property) {
                    select.push(property);
                }
            }
            shape.select = Some(select);
        }
        for item in projection.expand.unwrap_or_default() {
            let property = find(on, &item.property)?;
            let Some(target) = property.kind.structure().filter(|_| property.is_navigation()) else {
                return Err(ClauseError::NotExpandable { property: property.name, on: on.name });
            };
            if shape.expand.iter().any(|expansion| expansion.property == property) {
                return Err(ClauseError::ExpandedTwice(property.name));
            }
            shape.expand.push(Expansion { property, shape: Self::bind(item.projection, target)? });
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
    /// `(teamsApp(),teamsAppDefinition(bot()))`. As in Microsoft's recorded contexts, an expanded property has
    /// parentheses, with what is selected of it inside.
    #[must_use]
    pub fn context_suffix(&self) -> String {
        if self.select.is_none() && self.expand.is_empty() { String::new() } else { self.parentheses() }
    }

    fn parentheses(&self) -> String {
        let expanded = |property: &Property| self.expand.iter().any(|e| e.property == property);
        let selected = self.select.iter().flatten().filter(|property| !expanded(property));
        let items: Vec<_> = selected
            .map(|property| property.name.to_owned())
            .chain(self.expand.iter().map(|e| format!("{}{}", e.property.name, e.shape.parentheses())))
            .collect();
        format!("({})", items.join(","))
    }
}

/// The property of that name.
pub(crate) fn find(on: &StructuredType, name: &str) -> Result<&'static Property, ClauseError> {
    on.property(name).ok_or_else(|| ClauseError::UnknownProperty { property: name.to_owned(), on: on.name })
}

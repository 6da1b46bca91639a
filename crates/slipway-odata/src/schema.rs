//! What a query is bound to: tables of types and their properties, written by the caller as statics.

use std::fmt;

use crate::token::Tokens;

/// An entity type or a complex type.
///
/// Types refer to each other in circles, so two are the same when their names are, and `Debug` prints the name.
#[derive(Clone, Copy)]
pub struct StructuredType {
    /// Full name, such as `microsoft.graph.teamsApp`.
    pub name: &'static str,
    /// All properties, those of base types included.
    pub properties: &'static [Property],
}

impl StructuredType {
    /// The property of that name, without case, as Graph takes names.
    #[must_use]
    pub fn property(&self, name: &str) -> Option<&'static Property> {
        self.properties.iter().find(|property| property.name.eq_ignore_ascii_case(name))
    }
}

impl PartialEq for StructuredType {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for StructuredType {}

impl fmt::Debug for StructuredType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// A property of a structured type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Property {
    /// Name as Graph writes it.
    pub name: &'static str,
    /// What it holds; for a collection, what each element is.
    pub kind: Kind,
    /// Whether it is a collection.
    pub many: bool,
    on_request: bool,
    nullable: bool,
    pub(crate) tokens: Tokens,
}

impl Property {
    /// A property with one value, or null.
    #[must_use]
    pub const fn one(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, many: false, on_request: false, nullable: true, tokens: Tokens::Whole }
    }

    /// A collection.
    #[must_use]
    pub const fn many(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, many: true, on_request: false, nullable: true, tokens: Tokens::Whole }
    }

    /// The same property, left out of answers to requests without `$select`.
    #[must_use]
    pub const fn on_request(self) -> Self {
        Self { on_request: true, ..self }
    }

    /// Whether it is shown only when it is selected.
    #[must_use]
    pub const fn is_on_request(&self) -> bool {
        self.on_request
    }

    /// The same property, which is never null (for a collection: none of whose elements is).
    #[must_use]
    pub const fn required(self) -> Self {
        Self { nullable: false, ..self }
    }

    /// Whether the value, or an element of the collection, can be null.
    #[must_use]
    pub const fn is_nullable(&self) -> bool {
        self.nullable
    }

    /// The same property, in whose texts `$search` looks for words, as in `displayName`; of other texts it looks
    /// at the beginning only (Microsoft's page on the `$search` query parameter).
    #[must_use]
    pub const fn in_words(self) -> Self {
        Self { tokens: Tokens::Words, ..self }
    }

    /// Whether it leads to other entities: it is written only when it is expanded.
    #[must_use]
    pub const fn is_navigation(&self) -> bool {
        matches!(self.kind, Kind::Navigation(_))
    }
}

/// What a property holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    String(Case),
    /// True or false.
    Boolean,
    /// A whole number.
    Int32,
    /// A point in time.
    DateTimeOffset,
    /// Bytes, which filters compare with null only.
    Binary,
    /// One member of an enumeration, in filters a quoted name.
    Enum(&'static EnumType),
    /// Several members of an enumeration, in filters quoted names between commas.
    Flags(&'static EnumType),
    /// A value with properties of its own.
    Complex(&'static StructuredType),
    /// Another entity.
    Navigation(&'static StructuredType),
}

impl Kind {
    /// The type name that error messages show.
    #[must_use]
    pub const fn type_name(self) -> &'static str {
        match self {
            Self::String(_) => "Edm.String",
            Self::Boolean => "Edm.Boolean",
            Self::Int32 => "Edm.Int32",
            Self::DateTimeOffset => "Edm.DateTimeOffset",
            Self::Binary => "Edm.Binary",
            Self::Enum(kind) | Self::Flags(kind) => kind.name,
            Self::Complex(kind) | Self::Navigation(kind) => kind.name,
        }
    }

    /// The type whose properties a path may go on to.
    pub(crate) const fn structure(self) -> Option<&'static StructuredType> {
        match self {
            Self::Complex(kind) | Self::Navigation(kind) => Some(kind),
            _ => None,
        }
    }
}

/// How texts of a property compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// Letter by letter.
    Matters,
    /// Without case: ids, principal names, mail addresses.
    Ignored,
}

impl Case {
    /// How two sides compare: without case as soon as one of them does.
    pub(crate) const fn with(self, other: Self) -> Self {
        match (self, other) {
            (Self::Matters, Self::Matters) => Self::Matters,
            _ => Self::Ignored,
        }
    }
}

/// An enumeration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnumType {
    /// Full name, such as `microsoft.graph.teamsAppDistributionMethod`.
    pub name: &'static str,
    /// Members with their values; those of flags are powers of two.
    pub members: &'static [(&'static str, u32)],
}

impl EnumType {
    /// The member of that name, without case (requests in Microsoft's examples write `Application` for
    /// `application`).
    pub(crate) fn member(&self, name: &str) -> Option<(&'static str, u32)> {
        self.members.iter().copied().find(|(known, _)| known.eq_ignore_ascii_case(name))
    }

    /// The bits of names between commas.
    pub(crate) fn bits(&self, names: &str) -> Option<u32> {
        names.split(',').try_fold(0, |bits, name| Some(bits | self.member(name.trim())?.1))
    }
}

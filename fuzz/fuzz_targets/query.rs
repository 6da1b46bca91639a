//! Query text of any kind: nothing panics, a printed filter reads back as itself, and whatever binds can be tried
//! on a row.

#![no_main]

use libfuzzer_sys::fuzz_target;
use slipway_odata::{
    Case, EnumType, Expr, Kind, Property, Query, QueryOptions, Row, StructuredType, SystemOption, Value,
};

static COLOURS: EnumType = EnumType { name: "fuzz.colours", members: &[("red", 1), ("green", 2)] };

/// Every kind of property, under names that a fuzzer finds soon.
static ITEM: StructuredType = StructuredType {
    name: "fuzz.item",
    properties: &[
        Property::one("t", Kind::String(Case::Matters)),
        Property::one("i", Kind::String(Case::Ignored)),
        Property::one("b", Kind::Boolean),
        Property::one("n", Kind::Int32),
        Property::one("d", Kind::DateTimeOffset),
        Property::one("e", Kind::Enum(&COLOURS)),
        Property::one("f", Kind::Flags(&COLOURS)),
        Property::one("c", Kind::Complex(&ITEM)),
        Property::one("v", Kind::Navigation(&ITEM)),
        Property::many("m", Kind::Navigation(&ITEM)),
        Property::many("s", Kind::String(Case::Matters)),
    ],
};

/// A row that leads to itself, without children from the second level on.
struct Item {
    level: u8,
}

impl Row for Item {
    fn value(&self, property: &'static Property) -> Value<'_> {
        let next = || Box::new(Item { level: self.level + 1 });
        match property.name {
            "t" | "i" => "Text".into(),
            "b" => Value::Boolean(true),
            "n" => Value::Integer(1),
            "e" => "red".into(),
            "f" => Value::Flags(3),
            "c" | "v" if self.level == 0 => Value::Row(next()),
            "m" if self.level == 0 => Value::Many(vec![Value::Row(next()), Value::Row(next())]),
            "s" => Value::Many(vec!["a".into(), Value::Null]),
            "m" => Value::Many(vec![]),
            _ => Value::Null,
        }
    }
}

const SERVED: &[SystemOption] =
    &[SystemOption::Filter, SystemOption::Select, SystemOption::Expand, SystemOption::Top, SystemOption::Count];

fuzz_target!(|text: &str| {
    if let Ok(tree) = Expr::parse(text) {
        assert_eq!(Expr::parse(&tree.to_string()), Ok(tree));
    }
    for option in ["", "$filter=", "$expand=", "$select="] {
        let bound = QueryOptions::parse(&format!("{option}{text}"))
            .and_then(|options| Query::bind(options, &ITEM, SERVED));
        match bound {
            Ok(query) => {
                let _ = query.shape.context_suffix();
                let _ = query.filter.map(|filter| filter.matches(&Item { level: 0 }));
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
});

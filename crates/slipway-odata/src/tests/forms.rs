//! Every query form that Microsoft documents for Teams apps, null rules, bound shapes, and what is refused.

use super::*;

fn app() -> Node {
    let definition = |fields: Vec<(&'static str, Field)>| Field::Row(Node(fields));
    Node(vec![
        ("id", text("B1C5353A-7aca-41b3-830f-27d5218fe0e5")),
        ("externalId", text("cf1ba4c7-f94e-4d80-ba90-5594b641a8ee")),
        ("displayName", text("O'Neil & Sons")),
        ("distributionMethod", text("organization")),
        ("size", Field::Integer(7)),
        ("isBlocked", Field::Boolean(false)),
        (
            "appDefinitions",
            Field::Many(vec![
                definition(vec![
                    ("displayName", text("first")),
                    ("allowedInstallationScopes", Field::Flags(1)),
                    ("dashboardCards", Field::Many(vec![])),
                    ("lastModifiedDateTime", Field::Time("2026-01-31T12:00:00Z".parse().unwrap())),
                ]),
                definition(vec![
                    ("displayName", text("second")),
                    ("allowedInstallationScopes", Field::Flags(5)),
                    ("bot", Field::Row(Node(vec![("id", text("1f81bb29"))]))),
                    ("dashboardCards", Field::Many(vec![Field::Row(Node(vec![]))])),
                    ("tags", Field::Many(vec![text("red"), text("green")])),
                ]),
            ]),
        ),
    ])
}

fn installation() -> Node {
    let definition = vec![("teamsAppId", text("22f73bbe")), ("displayName", text("Polls"))];
    Node(vec![
        ("id", text("NWI2")),
        ("teamsApp", Field::Row(app())),
        ("teamsAppDefinition", Field::Row(Node(definition))),
    ])
}

#[test]
fn documented_forms_find_installations() {
    for (raw, expected) in [
        ("$expand=teamsApp&$filter=teamsApp/id eq 'b1c5353a-7aca-41b3-830f-27d5218fe0e5'", true),
        (
            "$expand=teamsApp,teamsAppDefinition&$filter=teamsApp/externalId eq \
             'CF1BA4C7-f94e-4d80-ba90-5594b641a8ee'",
            true,
        ),
        ("$filter=teamsApp/externalId eq 'other'", false),
        ("$expand=teamsAppDefinition&$filter=teamsAppDefinition/teamsAppId eq '22F73bbe'", true),
        ("$expand=teamsAppDefinition&$filter=teamsAppDefinition/displayName eq 'Polls'&$select=id", true),
        ("$filter=teamsAppDefinition/displayName eq 'polls'", false),
        ("$filter=TEAMSAPP/EXTERNALID ne null", true),
        ("$filter=teamsAppDefinition/bot/id eq null", true),
    ] {
        assert_eq!(matches(raw, &INSTALLATION, &installation()), expected, "{raw}");
    }
}

#[test]
fn documented_forms_find_apps() {
    for (filter, expected) in [
        ("distributionMethod eq 'organization'", true),
        ("distributionMethod eq 'Store'", false),
        ("distributionMethod in ('store','Organization')", true),
        ("id+eq+'b1c5353a-7aca-41b3-830f-27d5218fe0e5'", true),
        ("id eq b1c5353a-7aca-41b3-830f-27d5218fe0e5", true),
        ("externalId ne 'x' and distributionMethod eq 'organization'", true),
        ("distributionMethod eq 'store' or not (externalId eq 'x')", true),
        ("displayName eq 'O''Neil %26 Sons'", true),
        ("startswith(displayName,'O''N') and endsWith(displayName,'Sons')", true),
        ("contains(displayName,'neil')", false),
        ("contains(externalId,'F94E')", true),
        ("size ge 7 and size lt 8 and size gt -1 and size le 7", true),
        ("isBlocked", false),
        ("not isBlocked", true),
        ("(size eq 7) eq true", true),
        ("id in ('x','B1c5353a-7aca-41b3-830f-27d5218fe0e5')", true),
        ("'B' lt displayName", true),
        ("appDefinitions/any(a:a/bot ne null)", true),
        ("appDefinitions/all(a:a/bot ne null)", false),
        ("appDefinitions/any(a:a/allowedInstallationScopes has 'personal')", true),
        ("appDefinitions/any(a:a/allowedInstallationScopes has 'personal,groupChat')", false),
        ("appDefinitions/any(a:a/allowedInstallationScopes eq 'Personal,team')", true),
        ("appDefinitions/any(a:not a/allowedInstallationScopes has 'team')", false),
        ("appDefinitions/any(a:a/dashboardCards/$count+ne+0)", true),
        ("appDefinitions/all(a:a/dashboardCards/$count ne 0)", false),
        ("appDefinitions/any(a:a/displayName eq 'second' and distributionMethod eq 'organization')", true),
        ("appDefinitions/any(a:a/tags/any())", true),
        ("appDefinitions/any()", true),
        ("appDefinitions/$count eq 2", true),
        ("appDefinitions/any(a:a/lastModifiedDateTime lt 2026-02-01T00:00:00Z)", true),
        ("appDefinitions/any(a:a/lastModifiedDateTime gt 2026-02-01T00:00:00Z)", false),
        ("appDefinitions/any(a:a/authorization/clientAppId eq null)", true),
        ("appDefinitions/any(a:a/lastModifiedDateTime ge 2026-01-31)", true),
        ("appDefinitions/any(a:a/lastModifiedDateTime lt 2026-01-31)", false),
        ("appDefinitions/any(a:a/lastModifiedDateTime eq 2026-01-31T14:00:00.000%2B02:00)", true),
        ("distributionMethod eq test.method'organization'", true),
        ("distributionMethod in (test.method'store','sideloaded')", false),
        ("appDefinitions/any(a:a/allowedInstallationScopes has test.scopes'team,personal')", true),
        ("appDefinitions/any(a:a/tags/any(t:t eq 'red' and a/displayName eq 'second'))", true),
        ("appDefinitions/any(a:a/tags/any(t:t eq 'red' and a/displayName eq 'first'))", false),
        ("appDefinitions/any(a:appDefinitions/all(b:b/displayName le a/displayName))", true),
        ("appDefinitions/all(a:appDefinitions/all(b:b/displayName le a/displayName))", false),
    ] {
        assert_eq!(matches(&format!("$filter={filter}"), &APP, &app()), expected, "{filter}");
    }
}

#[test]
fn the_property_decides_about_case_and_not_the_literal() {
    let guid = "CF1BA4C7-f94e-4d80-ba90-5594b641a8ee";
    let row = Node(vec![("displayName", text(guid)), ("externalId", text(guid))]);
    for literal in ["cf1ba4c7-f94e-4d80-ba90-5594b641a8ee", "'cf1ba4c7-f94e-4d80-ba90-5594b641a8ee'"] {
        for (property, expected) in [("displayName", false), ("externalId", true)] {
            assert_eq!(matches(&format!("$filter={property} eq {literal}"), &APP, &row), expected);
            assert_eq!(matches(&format!("$filter={property} in ('a',{literal})"), &APP, &row), expected);
        }
    }
}

#[test]
fn a_variable_can_stand_for_a_text() {
    let row = Node(vec![("tags", Field::Many(vec![text("red"), text("green")]))]);
    assert!(matches("$filter=tags/any(t:t eq 'green')", &DEFINITION, &row));
    assert!(!matches("$filter=tags/all(t:startswith(t,'g'))", &DEFINITION, &row));
}

#[test]
fn null_compares_with_null_only_and_functions_of_it_are_unknown() {
    let empty = Node(vec![]);
    for (filter, expected) in [
        ("displayName eq null", true),
        ("displayName ne null", false),
        ("displayName ne 'a'", true),
        ("displayName gt 'a'", false),
        ("displayName le 'a'", false),
        ("not (displayName gt 'a')", true),
        ("displayName in ('a',null)", true),
        ("contains(displayName,'a')", false),
        ("not contains(displayName,'a')", false),
        ("contains(displayName,'a') or size eq null", true),
        ("isBlocked", false),
        ("not isBlocked", false),
        ("isBlocked eq null", true),
        ("null", false),
        ("null eq null", true),
        ("appDefinitions/any(a:a/bot eq null)", false),
        ("appDefinitions/all(a:a/bot eq null)", true),
    ] {
        assert_eq!(matches(&format!("$filter={filter}"), &APP, &empty), expected, "{filter}");
    }
}

#[test]
fn context_suffixes_are_graphs() {
    for (raw, on, expected) in [
        ("", &INSTALLATION, ""),
        ("$top=1", &INSTALLATION, ""),
        ("$expand=teamsAppDefinition", &INSTALLATION, "(teamsAppDefinition())"),
        ("$expand=teamsApp,TEAMSAPPDEFINITION", &INSTALLATION, "(teamsApp(),teamsAppDefinition())"),
        ("$select=consentedPermissionSet,id,ID", &INSTALLATION, "(consentedPermissionSet,id)"),
        ("$expand=teamsAppDefinition($expand=bot)", &INSTALLATION, "(teamsAppDefinition())"),
        ("$expand=teamsAppDefinition($expand=bot;$select=id)", &INSTALLATION, "(teamsAppDefinition(id))"),
        ("$select=id,teamsApp&$expand=teamsApp", &INSTALLATION, "(id,teamsApp())"),
        ("$expand=appDefinitions($expand=bot)", &APP, "(appDefinitions(bot()))"),
        ("$expand=appDefinitions($select=id,authorization)", &APP, "(appDefinitions(id,authorization))"),
        ("$expand=appDefinitions($expand=bot;$select=id)", &APP, "(appDefinitions(id,bot()))"),
        ("$select=*", &APP, "(*)"),
        ("$select=id,*,appDefinitions", &APP, "(*,appDefinitions)"),
        ("$select=*&$expand=appDefinitions($select=*)", &APP, "(*,appDefinitions(*))"),
    ] {
        assert_eq!(bind(raw, on).unwrap().shape.context_suffix(), expected, "{raw}");
    }
}

#[test]
fn a_shape_shows_the_default_or_what_is_selected() {
    let shown = |raw: &str| {
        let shape = bind(raw, &INSTALLATION).unwrap().shape;
        shape.properties(&INSTALLATION).map(|property| property.name).collect::<Vec<_>>()
    };
    assert_eq!(shown("$expand=teamsApp"), ["id"]);
    assert_eq!(shown("$select=teamsApp,consentedPermissionSet"), ["consentedPermissionSet"]);
    assert_eq!(shown("$select=*,id"), ["id", "consentedPermissionSet"]);
}

#[test]
fn refusals_name_what_is_at_fault() {
    let incompatible = |left: &str, right: &str, operator: &str| {
        format!(
            "A binary operator with incompatible types was detected. Found operand types '{left}' and \
             '{right}' for operator kind '{operator}'."
        )
    };
    let unknown =
        |property: &str, on: &str| format!("Could not find a property named '{property}' on type '{on}'.");
    let condition = "The expression must evaluate to a single boolean value.".to_owned();
    for (filter, expected) in [
        ("name eq 'x'", unknown("name", "test.app")),
        ("appDefinitions/any(a:a/x eq 1)", unknown("x", "test.definition")),
        ("displayName/x eq 1", unknown("x", "Edm.String")),
        ("a/id eq 'x' and appDefinitions/any(a:true)", unknown("a", "test.app")),
        ("displayName eq 1", incompatible("Edm.String", "Edm.Int32", "Equal")),
        ("size eq '1'", incompatible("Edm.Int32", "Edm.String", "Equal")),
        ("isBlocked gt true", incompatible("Edm.Boolean", "Edm.Boolean", "GreaterThan")),
        ("distributionMethod gt 'store'", incompatible("test.method", "test.method", "GreaterThan")),
        ("distributionMethod has 'store'", incompatible("test.method", "test.method", "Has")),
        ("displayName has 'x'", incompatible("Edm.String", "Edm.String", "Has")),
        ("appDefinitions eq null", incompatible("Collection(test.definition)", "<null>", "Equal")),
        ("appDefinitions/any(a:a/bot eq a/bot)", incompatible("test.bot", "test.bot", "Equal")),
        ("size and isBlocked", incompatible("Edm.Int32", "Edm.Boolean", "And")),
        ("size in (1,'2')", incompatible("Edm.Int32", "Edm.String", "Equal")),
        ("distributionMethod eq 'shop'", "The string 'shop' is not a valid enumeration type constant.".into()),
        (
            "distributionMethod eq test.scopes'team'",
            "The string 'test.scopes'team'' is not a valid enumeration type constant.".into(),
        ),
        (
            "displayName eq test.method'store'",
            "The string 'test.method'store'' is not a valid enumeration type constant.".into(),
        ),
        ("test.app/id eq 'x'", unknown("test.app", "test.app")),
        (
            "not displayName eq 'x'",
            "A unary operator with an incompatible type was detected. Found operand type 'Edm.String' for \
             operator kind 'Not'."
                .into(),
        ),
        ("displayName", condition.clone()),
        ("appDefinitions/any(a:a/displayName)", condition),
        (
            "appDefinitions/bot ne null",
            "The parent value for a property access of a property 'bot' is not a single value. Property access \
             can only be applied to a single value."
                .into(),
        ),
        (
            "displayName/$count eq 1",
            "Any, all and $count may only be used following a collection, and 'displayName' is none.".into(),
        ),
        (
            "appDefinitions/any(a:appDefinitions/any(b:appDefinitions/any(c:a/tags/any(t:t eq 'x'))))",
            "The Any/All nesting limit of '3' has been exceeded.".into(),
        ),
        (
            "appDefinitions/any(a:a/tags/any(a:a eq 'x'))",
            "The range variable 'a' has already been declared.".into(),
        ),
        ("tolower(id) eq 'x'", "An unknown function with name 'tolower' was found.".into()),
        ("appDefinitions/some(a:true)", "An unknown function with name 'some' was found.".into()),
        (
            "contains(id)",
            "No function signature for the function with name 'contains' matches the specified arguments. The \
             function signatures considered are: contains(Edm.String Nullable=true, Edm.String Nullable=true)."
                .into(),
        ),
    ] {
        let message = bind(&format!("$filter={filter}"), &APP).unwrap_err().to_string();
        assert_eq!(message, format!("Invalid filter clause: {expected}"), "{filter}");
    }
}

#[test]
fn syntax_errors_say_where() {
    for (filter, expected) in [
        ("size eq 2026-02-30", "Syntax error at position 18"),
        ("id eqq 1", "Syntax error at position 6"),
        ("size eq 1 eq 1", "Syntax error at position 12"),
        ("id eq", "Expression expected at position 5"),
        ("(id eq 'a'", "')' or operator expected at position 10"),
        ("id in 'a'", "'(' expected at position 6"),
        ("id in (id)", "Literal expected at position 7"),
        ("appDefinitions/all()", "Identifier expected at position 19"),
    ] {
        let message = bind(&format!("$filter={filter}"), &APP).unwrap_err().to_string();
        assert_eq!(message, format!("Invalid filter clause: {expected} in '{filter}'."), "{filter}");
    }
}

#[test]
fn projections_are_checked() {
    for (raw, expected) in [
        ("$select=nothing", "Could not find a property named 'nothing' on type 'test.installation'."),
        (
            "$expand=teamsApp($select=nothing)",
            "Could not find a property named 'nothing' on type 'test.app'.",
        ),
        (
            "$expand=teamsApp($filter=id eq 'a')",
            "Term '$filter' is not valid in a $select or $expand expression.",
        ),
        (
            "$expand=teamsApp($expand=appDefinitions($filter=id eq 1))",
            "A binary operator with incompatible types was detected. Found operand types 'Edm.String' and \
             'Edm.Int32' for operator kind 'Equal'.",
        ),
        (
            "$expand=teamsApp($expand=appDefinitions($orderby=tags))",
            "The $orderby expression 'tags' must evaluate to a single value of primitive type.",
        ),
        ("$expand=teamsApp,TeamsApp", "The navigation property 'teamsApp' is expanded more than once."),
        (
            "$expand=consentedPermissionSet",
            "Property 'consentedPermissionSet' on type 'test.installation' is not a navigation property or \
             complex property. Only navigation properties can be expanded.",
        ),
    ] {
        let message = bind(raw, &INSTALLATION).unwrap_err().to_string();
        assert_eq!(message, format!("Parsing OData Select and Expand failed: {expected}"));
    }
}

#[test]
fn options_that_are_not_served_are_refused() {
    let refused = |raw: &str, served: &[SystemOption]| {
        Query::bind(QueryOptions::parse(raw).unwrap(), &APP, served).unwrap_err()
    };
    let search = QueryError::UnsupportedOption(SystemOption::Search);
    assert_eq!(refused("$top=1&$search=x", &[SystemOption::Top, SystemOption::OrderBy]), search);
    let skip = refused("$skip=1", &[SystemOption::Top]);
    assert_eq!(
        skip.to_string(),
        "Query option 'Skip' is not allowed. To allow it, set the 'AllowedQueryOptions' property on \
         EnableQueryAttribute or QueryValidationSettings."
    );
    let query = bind("$top=3&$skip=2&$count=true&$skiptoken=abc&$select=id", &APP).unwrap();
    assert_eq!((query.top, query.skip, query.count), (Some(3), Some(2), true));
    assert_eq!(query.skiptoken.as_deref(), Some("abc"));
}

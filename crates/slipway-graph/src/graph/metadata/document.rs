//! The document's text. Names are of letters and digits, so none needs escaping.

use slipway_odata::{Kind, Property};

use super::tables::{self, ABSTRACT, OPEN, REFERENCES, STREAMS};
use super::types::{Declared, Enumeration, Types, short};
use crate::operation::ApiVersion;

const HEAD: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">
<edmx:DataServices>
<Schema Namespace="microsoft.graph" Alias="graph" xmlns="http://docs.oasis-open.org/odata/ns/edm">
"#;

/// The actions. Graph has `upgrade` once, for installations of every owner.
const ACTIONS: &str = r#"<Action Name="addPassword" IsBound="true">
<Parameter Name="bindingParameter" Type="graph.application" />
<Parameter Name="passwordCredential" Type="graph.passwordCredential" />
<ReturnType Type="graph.passwordCredential" />
</Action>
<Action Name="removePassword" IsBound="true">
<Parameter Name="bindingParameter" Type="graph.application" />
<Parameter Name="keyId" Type="Edm.Guid" Nullable="false" />
</Action>
<Action Name="upgrade" IsBound="true">
<Parameter Name="bindingParameter" Type="graph.teamsAppInstallation" />
<Parameter Name="consentedPermissionSet" Type="graph.teamsAppPermissionSet" />
</Action>
"#;

const TAIL: &str = "</Schema>
</edmx:DataServices>
</edmx:Edmx>
";

/// The document of the version.
pub(super) fn write(version: ApiVersion) -> String {
    let types = Types::of(version);
    let mut text = HEAD.to_owned();
    text.extend(types.enumerations.iter().map(|(name, enumeration)| enum_type(name, enumeration)));
    text.extend(types.values.iter().map(|(name, declared)| complex_type(name, declared)));
    text.extend(types.entities.iter().map(|(name, declared)| entity_type(name, declared)));
    text.push_str(ACTIONS);
    text.push_str(&container(version));
    text.push_str(TAIL);
    text
}

fn enum_type(name: &str, Enumeration { kind, is_flags }: &Enumeration) -> String {
    let flags = if *is_flags { r#" IsFlags="true""# } else { "" };
    let mut text = format!("<EnumType Name=\"{name}\"{flags}>\n");
    text.extend(
        kind.members.iter().map(|(name, value)| format!("<Member Name=\"{name}\" Value=\"{value}\" />\n")),
    );
    text + "</EnumType>\n"
}

fn complex_type(name: &str, declared: &Declared) -> String {
    let mut text = format!("<ComplexType{}>\n", attributes(name, declared));
    text.extend(declared.properties.values().map(structural));
    text + "</ComplexType>\n"
}

fn entity_type(name: &str, declared: &Declared) -> String {
    let stream = if STREAMS.contains(&name) { r#" HasStream="true""# } else { "" };
    let mut text = format!("<EntityType{}{stream}>\n", attributes(name, declared));
    if declared.properties.contains_key("id") {
        text.push_str("<Key>\n<PropertyRef Name=\"id\" />\n</Key>\n");
    }
    let (navigation, properties): (Vec<_>, Vec<_>) =
        declared.properties.values().partition(|property| property.is_navigation());
    text.extend(properties.into_iter().map(structural));
    text.extend(navigation.into_iter().map(navigational));
    text + "</EntityType>\n"
}

fn attributes(name: &str, declared: &Declared) -> String {
    let base = declared.base.map(|base| format!(" BaseType=\"graph.{}\"", short(base.name)));
    let is_abstract = if ABSTRACT.contains(&name) { r#" Abstract="true""# } else { "" };
    let open = if OPEN.contains(&name) { r#" OpenType="true""# } else { "" };
    format!(" Name=\"{name}\"{}{is_abstract}{open}", base.unwrap_or_default())
}

fn structural(property: &Property) -> String {
    let nullable = if property.is_nullable() { "" } else { r#" Nullable="false""# };
    format!("<Property Name=\"{}\" Type=\"{}\"{nullable} />\n", property.name, type_of(property))
}

fn navigational(property: &Property) -> String {
    let name = property.name;
    let contained = if REFERENCES.contains(&name) { "" } else { r#" ContainsTarget="true""# };
    format!("<NavigationProperty Name=\"{name}\" Type=\"{}\"{contained} />\n", type_of(property))
}

fn type_of(property: &Property) -> String {
    let name = match property.kind {
        Kind::Complex(kind) => tables::base_of_value(short(kind.name)).unwrap_or(kind).name,
        kind => kind.type_name(),
    };
    let name = if name.starts_with("Edm.") { name.to_owned() } else { format!("graph.{}", short(name)) };
    if property.many { format!("Collection({name})") } else { name }
}

fn container(version: ApiVersion) -> String {
    let mut text = "<EntityContainer Name=\"GraphService\">\n".to_owned();
    text.extend(
        tables::sets(version)
            .iter()
            .map(|(name, kind)| format!("<EntitySet Name=\"{name}\" EntityType=\"{}\" />\n", kind.name)),
    );
    text.extend(
        tables::singletons()
            .iter()
            .map(|(name, kind)| format!("<Singleton Name=\"{name}\" Type=\"{}\" />\n", kind.name)),
    );
    text + "</EntityContainer>\n"
}

//! `GET /organization`, a list of one, and the one by its id.

use slipway_model::Tenant;
use slipway_odata::{Property, Row, Value};

use crate::call::Call;
use crate::collection::{Limits, Listing, Placed};
use crate::fault::{Fault, FaultKind};
use crate::graph::schema;
use crate::reply::Reply;
use crate::wire::entity::Writer;

const PATH: &str = "organization";

const LIMITS: Limits = Limits { usual: 100, largest: 999 };

/// The tenant. Its one domain is verified, and there is no initial one beside it.
struct OrganizationRow<'a>(&'a Tenant);

impl Row for OrganizationRow<'_> {
    fn value(&self, property: &'static Property) -> Value<'_> {
        match property.name {
            "id" => self.0.id.as_str().into(),
            "displayName" => self.0.display_name.as_str().into(),
            "tenantType" => "AAD".into(),
            "verifiedDomains" => Value::Many(vec![Value::Row(Box::new(DomainRow(&self.0.domain)))]),
            _ => Value::Null,
        }
    }
}

impl Placed for OrganizationRow<'_> {
    fn place(&self) -> String {
        self.0.id.folded()
    }
}

struct DomainRow<'a>(&'a str);

impl Row for DomainRow<'_> {
    fn value(&self, property: &'static Property) -> Value<'_> {
        match property.name {
            "capabilities" => "Email, OfficeCommunicationsOnline".into(),
            "isDefault" | "isInitial" => Value::Boolean(true),
            "name" => self.0.into(),
            "type" => "Managed".into(),
            _ => Value::Null,
        }
    }
}

pub(crate) async fn list(call: Call) -> Result<Reply, Fault> {
    let kind = &schema::ORGANIZATION;
    let query = call.query(kind)?;
    let listing = Listing { call: &call, query: &query, limits: LIMITS };
    let mut answer = listing.of_rows(vec![OrganizationRow(call.tenant())])?;
    answer.count = answer.count.filter(|_| listing.is_counted());
    Ok(answer.reply(&call, PATH, kind, &query))
}

pub(crate) async fn get(call: Call) -> Result<Reply, Fault> {
    let kind = &schema::ORGANIZATION;
    let query = call.query(kind)?;
    if !call.key(0).eq_ignore_ascii_case(call.tenant().id.as_str()) {
        return Err(FaultKind::DirectoryObjectNotFound(call.key(0).to_owned()).into());
    }
    let writer = Writer::new(&call, PATH, kind, &query.shape);
    Ok(Reply::odata(writer.entity(&OrganizationRow(call.tenant()))))
}

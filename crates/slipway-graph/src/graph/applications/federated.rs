//! `/applications/{id}/federatedIdentityCredentials`: issuers whose tokens stand for the client's own assertions.

use slipway_model::{Client, FederatedCredential};
use slipway_odata::{Property, Row, Shape, Value, alternate_key};
use slipway_store::{Changeset, Stored, client as clients};

use super::PATH;
use crate::call::{Basis, Call, Keep};
use crate::collection::{Limits, Listing, Placed};
use crate::fault::{Fault, FaultKind};
use crate::graph::client::{self, Face};
use crate::graph::schema;
use crate::object::{Object, invalid_value};
use crate::reply::Reply;
use crate::wire::entity::Writer;

/// More than there may be of one client.
const LIMITS: Limits = Limits { usual: 100, largest: 999 };

/// Longest issuer, subject, audience and description ("federatedIdentityCredential resource type").
const LONGEST: usize = 600;

struct FederatedRow(FederatedCredential);

impl Row for FederatedRow {
    fn value(&self, property: &'static Property) -> Value<'_> {
        let credential = &self.0;
        match property.name {
            "id" => credential.id.as_str().into(),
            "name" => credential.name.as_str().into(),
            "issuer" => credential.issuer.as_str().into(),
            "subject" => credential.subject.as_str().into(),
            "description" => credential.description.as_deref().into(),
            "audiences" => Value::Many(credential.audiences.iter().map(|a| a.as_str().into()).collect()),
            _ => Value::Null,
        }
    }
}

impl Placed for FederatedRow {
    fn place(&self) -> String {
        self.0.id.clone()
    }
}

fn path(client: &Client) -> String {
    format!("{PATH}('{}')/federatedIdentityCredentials", client.application_id())
}

pub(crate) async fn list(call: Call) -> Result<Reply, Fault> {
    let kind = &schema::FEDERATED_CREDENTIAL;
    let query = call.query(kind)?;
    let client = client::named(&call, call.view(), Face::Application, call.key(0)).await?.record;
    let path = path(&client);
    let listing = Listing { call: &call, query: &query, limits: LIMITS };
    let rows = client.federated_credentials.into_iter().map(FederatedRow).collect();
    let mut answer = listing.of_rows(rows)?;
    answer.count = answer.count.filter(|_| listing.is_counted());
    Ok(answer.reply(&call, path, kind, &query))
}

pub(crate) async fn get(call: Call) -> Result<Reply, Fault> {
    let kind = &schema::FEDERATED_CREDENTIAL;
    let query = call.query(kind)?;
    let client = client::named(&call, call.view(), Face::Application, call.key(0)).await?.record;
    let credential = find(&client, call.key(1))?.clone();
    let writer = Writer::new(&call, path(&client), kind, &query.shape);
    Ok(Reply::odata(writer.entity(&FederatedRow(credential))))
}

/// The credential that a key names: its id, or its name, with or without `name=`.
fn find<'c>(client: &'c Client, key: &str) -> Result<&'c FederatedCredential, Fault> {
    let name = alternate_key(key, "name");
    let name = name.as_deref().unwrap_or(key);
    let is = |credential: &&FederatedCredential| {
        credential.id.eq_ignore_ascii_case(key) || credential.name.eq_ignore_ascii_case(name)
    };
    let found = client.federated_credentials.iter().find(is);
    Ok(found.ok_or_else(|| FaultKind::DirectoryObjectNotFound(key.to_owned()))?)
}

pub(crate) async fn create(mut call: Call) -> Result<Reply, Fault> {
    let body = call.json().await?;
    call.query(&schema::FEDERATED_CREDENTIAL)?;
    client::may_register(&call)?;
    let wish = Wish::read(&body).map_err(Fault::of_directory)?;
    let id = call.server().ids().guid();
    let new = &wish.made(id).map_err(Fault::of_directory)?;
    let call = &call;
    let client = call
        .keep(move |Basis { view, .. }| async move {
            let known = client::named(call, &view, Face::Application, call.key(0)).await?;
            put(call, "federatedIdentityCredentials.create", known, new.clone())
        })
        .await?;
    let (path, shape) = (path(&client), Shape::default());
    let location = format!("{}/{path}/{}", call.service_root(), new.id);
    let writer = Writer::new(call, path, &schema::FEDERATED_CREDENTIAL, &shape);
    Ok(Reply::created(&location, writer.entity(&FederatedRow(new.clone()))))
}

pub(crate) async fn update(mut call: Call) -> Result<Reply, Fault> {
    let body = call.json().await?;
    call.query(&schema::FEDERATED_CREDENTIAL)?;
    client::may_register(&call)?;
    let wish = &Wish::read(&body).map_err(Fault::of_directory)?;
    let call = &call;
    call.keep(move |Basis { view, .. }| async move {
        let known = client::named(call, &view, Face::Application, call.key(0)).await?;
        let before = find(&known.record, call.key(1))?.clone();
        let new = wish.changed(before).map_err(Fault::of_directory)?;
        put(call, "federatedIdentityCredentials.update", known, new)
    })
    .await?;
    Ok(Reply::no_content())
}

pub(crate) async fn delete(call: Call) -> Result<Reply, Fault> {
    call.query(&schema::FEDERATED_CREDENTIAL)?;
    client::may_register(&call)?;
    let call = &call;
    call.keep(move |Basis { view, .. }| async move {
        let mut known = client::named(call, &view, Face::Application, call.key(0)).await?;
        let id = find(&known.record, call.key(1))?.id.clone();
        known.record.federated_credentials.retain(|credential| credential.id != id);
        let changes = Changeset::new("federatedIdentityCredentials.delete")
            .expect_revision(&clients::key(call.partition(), &known.record.id), known.revision)
            .put(call.partition(), &known.record);
        Ok((Keep::Commit(changes), ()))
    })
    .await?;
    Ok(Reply::no_content())
}

/// Gives the client the credential.
fn put(
    call: &Call,
    name: &'static str,
    known: Stored<Client>,
    credential: FederatedCredential,
) -> Result<(Keep, Client), Fault> {
    let mut new = known.record;
    let refused = Fault::registration(&new.id);
    new.put_federated(credential).map_err(refused)?;
    let changes = Changeset::new(name)
        .expect_revision(&clients::key(call.partition(), &new.id), known.revision)
        .put(call.partition(), &new);
    Ok((Keep::Commit(changes), new))
}

/// What a body says; none = it is not sent.
struct Wish {
    name: Option<String>,
    issuer: Option<String>,
    subject: Option<String>,
    audiences: Option<Vec<String>>,
    description: Option<String>,
}

impl Wish {
    fn read(body: &[u8]) -> Result<Self, Fault> {
        let object = Object::parse(body)?;
        object.check(&[
            "audiences",
            "claimsMatchingExpression",
            "description",
            "id",
            "issuer",
            "name",
            "subject",
        ])?;
        object.check_unserved(&["claimsMatchingExpression"])?;
        let text = |name: &str| -> Result<Option<String>, Fault> {
            let text: Option<String> = object.read(name, "a text")?;
            match &text {
                Some(text) if text.chars().count() > LONGEST || text.chars().any(char::is_control) => {
                    Err(invalid_value(name, "at most 600 characters, none of them a control character"))
                }
                _ => Ok(text),
            }
        };
        let audiences: Option<Vec<String>> = object.read("audiences", "a list of one text")?;
        if audiences.as_ref().is_some_and(|list| {
            list.len() != 1 || list.iter().any(|audience| audience.is_empty() || audience.len() > LONGEST)
        }) {
            return Err(invalid_value("audiences", "a list of one text"));
        }
        Ok(Self {
            name: text("name")?,
            issuer: text("issuer")?,
            subject: text("subject")?,
            audiences,
            description: text("description")?,
        })
    }

    /// A new credential.
    fn made(&self, id: String) -> Result<FederatedCredential, Fault> {
        let required = |name: &str, text: &Option<String>| {
            text.clone()
                .filter(|text| !text.is_empty())
                .ok_or_else(|| Fault::bad_request(format!("The property '{name}' is required.")))
        };
        let name = required("name", &self.name)?;
        let is_name = (3..=120).contains(&name.len())
            && name.starts_with(|c: char| c.is_ascii_alphanumeric())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
        if !is_name {
            return Err(invalid_value("name", "3 to 120 letters, digits, hyphens and underscores"));
        }
        let credential = FederatedCredential {
            id,
            name,
            issuer: required("issuer", &self.issuer)?,
            subject: required("subject", &self.subject)?,
            audiences: self
                .audiences
                .clone()
                .ok_or_else(|| invalid_value("audiences", "a list of one text"))?,
            description: self.description.clone(),
        };
        check(credential)
    }

    /// The credential with what is sent; its name stays.
    fn changed(&self, mut credential: FederatedCredential) -> Result<FederatedCredential, Fault> {
        if self.name.as_ref().is_some_and(|name| *name != credential.name) {
            return Err(invalid_value("name", "nothing, for names do not change"));
        }
        for (to, text) in [(&mut credential.issuer, &self.issuer), (&mut credential.subject, &self.subject)] {
            if let Some(text) = text {
                to.clone_from(text);
            }
        }
        if let Some(audiences) = &self.audiences {
            credential.audiences.clone_from(audiences);
        }
        if self.description.is_some() {
            credential.description.clone_from(&self.description);
        }
        check(credential)
    }
}

fn check(credential: FederatedCredential) -> Result<FederatedCredential, Fault> {
    let is_address = ["https://", "http://"].iter().any(|start| {
        credential.issuer.strip_prefix(start).is_some_and(|rest| !rest.is_empty())
            && !credential.issuer.contains(char::is_whitespace)
    });
    if !is_address {
        return Err(invalid_value("issuer", "the address of the issuer, as in the iss claim of its tokens"));
    }
    if credential.subject.is_empty() {
        return Err(invalid_value("subject", "the sub claim of the tokens"));
    }
    Ok(credential)
}

//! Writing tenants as lines.

use std::collections::BTreeMap;
use std::io::Write;

use slipway_model::Tenant;

use super::error::ExportError;
use super::file::{self, Counts};
use super::writer::Writer;
use crate::declared::Declared;
use crate::error::ReadError;
use crate::key::{Partition, Span};
use crate::kind::Kind;
use crate::orders::Orders;
use crate::record::{Record as _, Undecodable};
use crate::records::{signing_key, tenant};
use crate::store::{Store, View};

/// What is exported.
#[derive(Clone, Debug)]
pub struct Selection {
    /// Ids or domains of tenants; none = all of them.
    pub tenants: Vec<String>,
    /// Whether the keys that sign tokens go along.
    pub keys: SigningKeys,
}

/// Whether signing keys are exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SigningKeys {
    /// The place where the file goes has or makes its own.
    Left,
    /// Tokens go on being good where the file goes.
    Taken,
}

impl Store {
    /// Writes the tenants of one snapshot as lines of JSON: a first line, one for each record in the order of the
    /// keys, and a last one with counts and a sum. The bytes depend on the records only: not on the engine, nor on
    /// what the tenant went through. Rows that wait for their deletion are left out. Holds about a thousand small
    /// rows or one package in memory. Blocks its thread while it writes.
    ///
    /// Hashes of passwords and secrets are in it.
    ///
    /// # Errors
    /// [`ExportError`]; what was written by then has no last line.
    pub async fn export<W: Write>(&self, what: &Selection, output: W) -> Result<Counts, ExportError> {
        let view = self.view();
        let tenants = select(&view, &what.tenants).await?;
        let mut export = Export { orders: Orders::of(&view).await?, view, writer: Writer::begin(output)? };
        if what.keys == SigningKeys::Taken {
            export.rows(Kind::SigningKey, signing_key::all().span, None, &Partition::global()).await?;
        }
        for tenant in tenants {
            export.tenant(tenant).await?;
        }
        Ok(export.writer.finish()?)
    }
}

/// The tenants that are meant, each once, in the order of their keys.
async fn select(view: &View, wanted: &[String]) -> Result<Vec<Tenant>, ExportError> {
    let mut tenants = BTreeMap::new();
    for text in wanted {
        let found = tenant::named(view, text).await?.ok_or_else(|| ExportError::NoTenant(text.clone()))?;
        tenants.insert(tenant::key(&found.id).0, found);
    }
    if !wanted.is_empty() {
        return Ok(tenants.into_values().collect());
    }
    let (mut all, mut rest) = (Vec::new(), Some(tenant::all()));
    while let Some(range) = rest.take() {
        let page = view.scan(&range, Kind::Tenant.page()).await?;
        all.extend(page.rows.into_iter().map(|row| row.record));
        rest = page.next.map(|cursor| tenant::all().after(cursor));
    }
    Ok(all)
}

struct Export<W> {
    view: View,
    orders: Orders,
    writer: Writer<W>,
}

impl<W: Write> Export<W> {
    async fn tenant(&mut self, tenant: Tenant) -> Result<(), ExportError> {
        let partition = Partition::of(&tenant);
        // Which generation is living is a matter of this storage.
        let tenant = Tenant { generation: 0, ..tenant };
        let id = Some(tenant.id.as_str());
        self.writer.record(Kind::Tenant, id, &tenant.encode().map_err(unreadable(Kind::Tenant))?)?;
        for kind in file::kinds_of_tenant() {
            self.rows(kind, Span::new(partition.rows(kind)), id, &partition).await?;
        }
        Ok(())
    }

    async fn rows(
        &mut self,
        kind: Kind,
        mut span: Span,
        tenant: Option<&str>,
        partition: &Partition,
    ) -> Result<(), ExportError> {
        loop {
            let (rows, next) = self.view.rows(&span, kind.page()).await?;
            for row in rows.iter().filter(|row| !self.orders.cover(row)) {
                let record = Declared::new(kind, partition, row.document()).map_err(unreadable(kind))?;
                self.writer.record(kind, tenant, &record.document)?;
            }
            let Some(cursor) = next else { return Ok(()) };
            span.after = Some(cursor);
        }
    }
}

fn unreadable<E: Into<Undecodable>>(kind: Kind) -> impl Fn(E) -> ReadError {
    move |error| ReadError::Document { kind, why: error.into().0 }
}

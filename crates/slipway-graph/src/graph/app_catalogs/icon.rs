//! `GET …/appDefinitions/{id}/colorIcon` and `…/outlineIcon`, with their hosted content and its bytes; on beta.

use slipway_store::package;

use super::definitions_path;
use super::find::named;
use super::row::{HostedContentRow, IconKind, IconRow};
use crate::call::Call;
use crate::fault::{Fault, FaultKind};
use crate::graph::schema;
use crate::reply::{Content, Reply};
use crate::wire::entity::Writer;

pub(crate) async fn icon(call: Call, kind: IconKind) -> Result<Reply, Fault> {
    let query = call.query(&schema::ICON)?;
    let definition = &named(&call, call.view()).await?.definition.record;
    let root = call.service_root();
    let path = format!("{}('{}')/{}", definitions_path(&definition.app), definition.id(), kind.name());
    let writer = Writer::new(&call, path, &schema::ICON, &query.shape).without_key();
    Ok(Reply::odata(writer.entity(&IconRow { definition, root: &root, kind })))
}

pub(crate) async fn hosted_content(call: Call, kind: IconKind) -> Result<Reply, Fault> {
    let query = call.query(&schema::HOSTED_CONTENT)?;
    let definition = &named(&call, call.view()).await?.definition.record;
    let (root, name) = (call.service_root(), kind.name());
    let path = format!("{}('{}')/{name}/hostedContent", definitions_path(&definition.app), definition.id());
    let writer = Writer::new(&call, path, &schema::HOSTED_CONTENT, &query.shape).without_key();
    let row = HostedContentRow(IconRow { definition, root: &root, kind });
    Ok(Reply::odata(writer.entity(&row)))
}

pub(crate) async fn icon_bytes(call: Call, kind: IconKind) -> Result<Reply, Fault> {
    call.query(&schema::HOSTED_CONTENT)?;
    let definition = named(&call, call.view()).await?.definition.record;
    let key = package::key(call.partition(), &definition.app, &definition.version);
    let package = call.view().get(&key).await?.ok_or(FaultKind::AppPartNotFound(kind.name()))?.record;
    let icon = match kind {
        IconKind::Color => package.color_icon,
        IconKind::Outline => package.outline_icon,
    };
    // The media types that the package reader tells, and what says nothing.
    let known = ["image/png", "image/gif", "image/jpeg"].into_iter().find(|known| *known == icon.media_type);
    let media_type = known.unwrap_or("application/octet-stream");
    Ok(Reply::new(http::StatusCode::OK, Content::Other(media_type, icon.bytes)))
}

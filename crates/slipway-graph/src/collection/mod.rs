//! Collections: which rows of a resource are an answer, in which order, page by page.
//!
//! A resource says where its rows come from: all at hand ([`Listing::of_rows`]), which an index made few, or walked
//! in the order of their keys ([`Listing::of_walk`]). Filter, search, order, count and pages are the same for all.

mod listing;
mod place;
mod walk;

pub(crate) use listing::{Answer, GoesOn, Limits, Listing, Placed};

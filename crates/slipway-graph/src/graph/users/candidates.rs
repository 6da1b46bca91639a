//! The users that an index finds for a filter or a search, when these are few enough to have at hand.

use std::collections::BTreeMap;

use slipway_model::{User, UserId, UserPrincipalName};
use slipway_odata::{Filter, Query, Search, SearchPrefix};
use slipway_store::{Range, ReadError, TermField, UserTerm, user, user_term};

use super::row::UserRow;
use crate::call::Call;
use crate::collection::{GoesOn, Listing};
use crate::fault::Fault;

/// How many times as many users an answer may have at hand once its first page was made that way, so that users who
/// come in between do not change the way of the pages.
const GROWTH: usize = 10;

/// How an index finds users.
pub(super) enum Way<'q> {
    Ids(Vec<&'q str>),
    PrincipalNames(Vec<&'q str>),
    PrincipalNamesFrom(&'q str),
    /// Any of these terms.
    Terms(Vec<Term<'q>>),
}

/// Terms of a field: this one, or all that begin with it.
#[derive(Clone, Copy)]
pub(super) enum Term<'q> {
    Whole(TermField, &'q str),
    From(TermField, &'q str),
}

impl Term<'_> {
    /// What its texts are.
    pub(super) const fn property(self) -> &'static str {
        match self {
            Self::Whole(field, _) | Self::From(field, _) => match field {
                TermField::DisplayName | TermField::DisplayNameToken => "displayName",
                TermField::Mail | TermField::MailToken => "mail",
            },
        }
    }

    pub(super) fn range(self, call: &Call) -> Range<UserTerm> {
        match self {
            Self::Whole(field, text) => user_term::equal_to(call.partition(), field, text),
            Self::From(field, text) => user_term::starting_with(call.partition(), field, text),
        }
    }
}

/// The users among whom are all that the request asks for, in no order; none when no index knows them, or knows of
/// too many.
pub(super) async fn candidates(listing: &Listing<'_>) -> Result<Option<Vec<UserRow>>, Fault> {
    let Listing { call, query, .. } = *listing;
    let examined = listing.row_limits().examined.get();
    let most = match listing.goes_on()? {
        Some(GoesOn::AtHand) => examined.saturating_mul(GROWTH),
        Some(GoesOn::Walking) | None => examined,
    };
    let Some(way) = way(call, query, most).await? else { return Ok(None) };
    let found = match way {
        Way::Ids(ids) => by_keys(call, ids.into_iter().filter_map(|id| UserId::parse(id).ok())).await?,
        Way::PrincipalNames(names) => by_principal_names(call, names).await?,
        Way::PrincipalNamesFrom(prefix) => {
            let page = call.view().scan(&user::principal_names(call.partition(), prefix), most).await?;
            if page.next.is_some() {
                return Ok(None);
            }
            page.rows.into_iter().map(|found| found.record).collect()
        }
        Way::Terms(terms) => {
            let mut ids = Vec::new();
            for term in terms {
                let page = call.view().scan(&term.range(call), most).await?;
                if page.next.is_some() || ids.len() + page.rows.len() > most {
                    return Ok(None);
                }
                ids.extend(page.rows.into_iter().map(|row| row.record.user));
            }
            by_keys(call, ids.into_iter()).await?
        }
    };
    Ok(Some(found.into_iter().map(UserRow).collect()))
}

async fn way<'q>(call: &Call, query: &'q Query, most: usize) -> Result<Option<Way<'q>>, Fault> {
    if let Some(way) = query.filter.as_ref().and_then(of_filter) {
        return Ok(Some(way));
    }
    match &query.search {
        Some(search) => Ok(of_search(call, search, most).await?.map(Way::Terms)),
        None => Ok(None),
    }
}

/// The narrowest way that the filter names.
pub(super) fn of_filter(filter: &Filter) -> Option<Way<'_>> {
    let whole = |field| move |text| Term::Whole(field, text);
    let equal = |path, field| filter.any_of(path).map(|texts| texts.into_iter().map(whole(field)).collect());
    let from = |path, field| filter.starts_with(path).map(|text| vec![Term::From(field, text)]);
    filter
        .any_of("id")
        .map(Way::Ids)
        .or_else(|| filter.any_of("userPrincipalName").map(Way::PrincipalNames))
        .or_else(|| equal("mail", TermField::Mail).map(Way::Terms))
        .or_else(|| equal("displayName", TermField::DisplayName).map(Way::Terms))
        .or_else(|| from("mail", TermField::Mail).map(Way::Terms))
        .or_else(|| filter.starts_with("userPrincipalName").map(Way::PrincipalNamesFrom))
        .or_else(|| from("displayName", TermField::DisplayName).map(Way::Terms))
}

/// For each way to be found the prefix that the fewest users have; none if some way has no prefix in an index, or
/// only ones that too many have.
async fn of_search<'q>(
    call: &Call,
    search: &'q Search,
    most: usize,
) -> Result<Option<Vec<Term<'q>>>, ReadError> {
    let mut terms = Vec::new();
    for prefixes in search.alternatives() {
        let mut fewest = None;
        for SearchPrefix { property, prefix } in prefixes {
            let field = match property.name {
                "displayName" => TermField::DisplayNameToken,
                "mail" => TermField::MailToken,
                _ => continue,
            };
            let term = Term::From(field, prefix);
            let at_most = fewest.map_or(most, |(number, _)| number);
            let number = call.view().count(&term.range(call), at_most).await?;
            if number < at_most {
                fewest = Some((number, term));
            }
        }
        let Some((_, term)) = fewest else { return Ok(None) };
        terms.push(term);
    }
    Ok(Some(terms))
}

async fn by_keys(call: &Call, ids: impl Iterator<Item = UserId>) -> Result<Vec<User>, ReadError> {
    let ids: BTreeMap<_, _> = ids.map(|id| (id.folded(), id)).collect();
    let keys: Vec<_> = ids.values().map(|id| user::key(call.partition(), id)).collect();
    let found = call.view().get_many(&keys).await?;
    Ok(found.into_iter().flatten().map(|found| found.record).collect())
}

async fn by_principal_names(call: &Call, names: Vec<&str>) -> Result<Vec<User>, ReadError> {
    let mut found = BTreeMap::new();
    for name in names.into_iter().filter_map(|name| UserPrincipalName::parse(name).ok()) {
        let user = call.view().find(&user::by_principal_name(call.partition(), &name)).await?;
        found.extend(user.map(|user| (user.record.id.folded(), user.record)));
    }
    Ok(found.into_values().collect())
}

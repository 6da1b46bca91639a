//! What the forms of the pages bring back: where the sign-in stands, sealed for the browser that the page was shown in.

use jiff::SignedDuration;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use slipway_identity::{Purpose, SignInFault};
use slipway_model::{Client, Tenant};

use super::consent::{Shown, Wish};
use super::request::Endpoint;
use crate::oauth::browser::{Browser, Proof};
use crate::oauth::pages;
use crate::oauth::refusal::Refusal;
use crate::oauth::sign_in::SignIn;

/// How long a page may stand open.
const LASTS: SignedDuration = SignedDuration::from_hours(1);

/// Longest request that a page carries, in bytes: about four times what browsers take as an address.
const LONGEST: usize = 8 * 1024;

/// The field of the forms.
const FIELD: &str = "ctx";

/// Where a sign-in stands.
#[derive(Deserialize, Serialize)]
pub(in crate::oauth) struct Ticket {
    /// What it is for.
    pub(in crate::oauth) aim: Aim,
    /// The tenant as the path named it.
    pub(in crate::oauth) segment: String,
    /// The tenant that this is, or will be if the user is none of another one.
    pub(in crate::oauth) tenant: String,
    /// What the client is called.
    pub(in crate::oauth) to: String,
    /// Who proved themselves, once somebody did.
    pub(in crate::oauth) proof: Option<Proof>,
    /// What the page asks them to grant.
    pub(in crate::oauth) shown: Shown,
    /// Until when the page is good, in seconds.
    until: i64,
}

/// What somebody signs in for.
#[derive(Deserialize, Serialize)]
pub(in crate::oauth) enum Aim {
    /// The client's authorization request, as it came.
    Authorize(Endpoint, String),
    /// Consent for the whole organization, asked for as it came.
    AdminConsent(String),
    /// The device that shows this code.
    Device(String),
}

impl Ticket {
    pub(in crate::oauth) fn new(
        sign_in: &SignIn,
        segment: &str,
        aim: Aim,
        (tenant, client): (&Tenant, &Client),
    ) -> Result<Self, SignInFault> {
        if let Aim::Authorize(_, text) | Aim::AdminConsent(text) = &aim
            && text.len() > LONGEST
        {
            let hint = format!("It is longer than {LONGEST} bytes.");
            return Err(SignInFault::MalformedRequest(hint));
        }
        let until = (sign_in.now() + LASTS).as_second();
        let (tenant, to) = (tenant.id.as_str().to_owned(), client.display_name.clone());
        Ok(Self { aim, segment: segment.to_owned(), tenant, to, proof: None, shown: Shown::default(), until })
    }

    /// The same for a user who proved themselves.
    pub(in crate::oauth) fn proven(self, proof: Proof) -> Self {
        Self { proof: Some(proof), ..self }
    }

    /// The same for a page that shows the wish.
    pub(in crate::oauth) fn showing(self, wish: &Wish) -> Self {
        Self { shown: wish.shown(), ..self }
    }

    /// Where a form of the page goes.
    pub(in crate::oauth) fn path(&self, name: &str) -> String {
        format!("/{}/{name}", utf8_percent_encode(&self.segment, NON_ALPHANUMERIC))
    }

    /// The form's field for it.
    pub(in crate::oauth) fn field(&self, sign_in: &SignIn, browser: &Browser) -> Result<String, Refusal> {
        Ok(pages::hidden(FIELD, &sign_in.seal(Purpose::Form, &browser.id, self)?))
    }

    /// What the form brought back.
    ///
    /// # Errors
    /// [`SignInFault::ForgedForm`] when it does not come from a page of ours in this browser, or comes too late.
    pub(in crate::oauth) async fn of(sign_in: &SignIn) -> Result<Self, Refusal> {
        sign_in.refuse_cross_site()?;
        let forged = |what| Refusal::from(SignInFault::ForgedForm(what));
        let browser = sign_in.known_browser().ok_or(forged("cookie"))?;
        let text = sign_in.form.get(FIELD).ok_or(forged(FIELD))?;
        let opened: Option<Self> = sign_in.open(Purpose::Form, browser, text).await?;
        let ticket = opened.ok_or(forged(FIELD))?;
        if ticket.until <= sign_in.now().as_second() {
            return Err(forged("time"));
        }
        Ok(ticket)
    }
}

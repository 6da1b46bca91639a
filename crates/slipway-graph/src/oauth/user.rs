//! Users and their passwords.

use slipway_identity::{Secret, SignInFault, verify_password};
use slipway_model::{Tenant, User, UserPrincipalName};
use slipway_store::{Partition, user};
use tokio::sync::Semaphore;

use super::refusal::Refusal;
use super::sign_in::SignIn;

/// Passwords that are checked at once. Each check takes 19 MiB and some 20 ms of a core, and anybody can ask for
/// one.
static CHECKS: Semaphore = Semaphore::const_new(4);

impl SignIn {
    /// The tenant's user with this name and password.
    pub(super) async fn proven_user(
        &self,
        tenant: &Tenant,
        name: &str,
        password: &str,
    ) -> Result<User, Refusal> {
        let unknown = || SignInFault::UnknownUser(tenant.id.clone());
        let name = UserPrincipalName::parse(name.trim()).map_err(|_| unknown())?;
        let key = user::by_principal_name(&Partition::of(tenant), &name);
        let user = self.view.find(&key).await?.ok_or_else(unknown)?.record;
        let hash = user.password_hash.clone().ok_or(SignInFault::NoPassword)?;
        if !check(password.into(), hash).await? {
            return Err(SignInFault::WrongPassword.into());
        }
        // Only who knows the password learns that the account is disabled.
        if user.account_enabled { Ok(user) } else { Err(SignInFault::UserDisabled.into()) }
    }
}

async fn check(password: Secret, hash: String) -> Result<bool, Refusal> {
    let _permit = CHECKS.acquire().await.map_err(|error| Refusal::Broken(error.to_string()))?;
    let checked = tokio::task::spawn_blocking(move || verify_password(&password, &hash)).await;
    checked.map_err(|error| Refusal::Broken(error.to_string()))
}

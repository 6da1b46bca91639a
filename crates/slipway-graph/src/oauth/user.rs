//! Users and their passwords.

use slipway_identity::SignInFault;
use slipway_model::{Tenant, User, UserPrincipalName};
use slipway_store::{Partition, Stored, user};

use super::refusal::Refusal;
use super::sign_in::SignIn;

impl SignIn {
    /// The tenant's user with this name and password, as they stand after the check.
    pub(super) async fn proven_user(
        &self,
        tenant: &Tenant,
        name: &str,
        password: &str,
    ) -> Result<Stored<User>, Refusal> {
        let unknown = || SignInFault::UnknownUser(tenant.id.clone());
        let name = UserPrincipalName::parse(name.trim()).map_err(|_| unknown())?;
        let partition = Partition::of(tenant);
        let key = user::by_principal_name(&partition, &name);
        let user = self.view().find(&key).await?.ok_or_else(unknown)?.record;
        let hash = user.password_hash.clone().ok_or(SignInFault::NoPassword)?;
        let account = (tenant.id.clone(), user.id.clone());
        self.server().password_checks().check(account, password.into(), hash, self.now()).await?;
        self.still_proven(&partition, &user).await
    }

    /// The user as they are now, if the password that they proved is still theirs.
    pub(super) async fn still_proven(
        &self,
        partition: &Partition,
        proven: &User,
    ) -> Result<Stored<User>, Refusal> {
        let found = self.view().get(&user::key(partition, &proven.id)).await?;
        let unchanged = found.filter(|user| user.record.password_hash == proven.password_hash);
        let user = unchanged.ok_or(SignInFault::WrongPassword)?;
        // Only who knows the password learns that the account is disabled.
        if user.record.account_enabled { Ok(user) } else { Err(SignInFault::UserDisabled.into()) }
    }
}

//! Password hashes of seeded users. Users with the same password share one hash, made once, since a hash takes
//! tens of milliseconds.

use std::collections::HashMap;

use slipway_identity::{HashFault, Ids, Secret, hash_password, verify_password};

/// The hashes made and checked so far.
pub struct Passwords<'a> {
    ids: &'a Ids,
    /// Password to hash.
    made: HashMap<String, String>,
    /// Whether the password is that of the stored hash.
    fits: HashMap<(String, String), bool>,
}

impl<'a> Passwords<'a> {
    pub fn new(ids: &'a Ids) -> Self {
        Self { ids, made: HashMap::new(), fits: HashMap::new() }
    }

    /// The hash to keep: the stored one if it is the password's, else the one that all users with this password
    /// get.
    ///
    /// # Errors
    /// [`HashFault`] when the password is too long.
    pub fn hash(
        &mut self,
        password: Option<&Secret>,
        stored: Option<&String>,
    ) -> Result<Option<String>, HashFault> {
        let Some(password) = password else { return Ok(None) };
        if let Some(stored) = stored {
            let pair = (password.expose().to_owned(), stored.clone());
            let fits = self.fits.entry(pair).or_insert_with(|| verify_password(password, stored));
            if *fits {
                return Ok(Some(stored.clone()));
            }
        }
        if let Some(made) = self.made.get(password.expose()) {
            return Ok(Some(made.clone()));
        }
        let made = hash_password(password, self.ids.salt())?;
        self.made.insert(password.expose().to_owned(), made.clone());
        Ok(Some(made))
    }
}

//! What the load generator is told and what it tells back; a module of both programs.

use std::net::SocketAddr;
use std::ops::Range;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What the load generator reads from its input, as JSON.
#[derive(Clone, Deserialize, Serialize)]
pub struct Plan {
    /// The server.
    pub address: SocketAddr,
    /// A PEM file with the certificate authority to trust; without it plain HTTP is spoken.
    pub authority: Option<PathBuf>,
    /// Connections at once, each with one request under way.
    pub connections: usize,
    /// No request begins later than so many seconds after the first.
    pub seconds: u64,
    /// The indexes of the requests, asked for in this order.
    pub indexes: Range<u64>,
    /// What happens behind the last index.
    pub then: Then,
    /// Users and the requests of each.
    pub deal: Deal,
    /// The requests of one user, as they go over the wire, with the marks of [`USER`] and [`INSTALLATION`].
    pub requests: Vec<String>,
    /// The status that every answer must have.
    pub status: u16,
    /// How many go together in one request to `$batch`; without it each goes alone.
    pub batch: Option<Batch>,
}

/// Requests that go together. They are then the parts of the batch, as JSON without their `id`.
#[derive(Clone, Deserialize, Serialize)]
pub struct Batch {
    /// How many, at most 20.
    pub parts: u64,
    /// The lines before the body, all but `Content-Length`.
    pub head: String,
}

/// In a request: the user's id.
pub const USER: &str = "<user>";

/// In a request, before an app's id and `>`: the id of the user's installation of this app, as a segment of a path.
pub const INSTALLATION: &str = "<installation ";

/// What happens when every index was asked for.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
pub enum Then {
    /// The load ends before its time.
    End,
    /// It begins anew.
    Again,
}

/// What the load generator prints, as JSON. Every request that was sent has been answered, and rightly.
#[derive(Deserialize, Serialize)]
pub struct Outcome {
    /// Requests; of a batch its parts.
    pub answered: u64,
    /// Of these a second, from the first one to the last answer.
    pub rps: f64,
    /// Half of the answers took no longer, in milliseconds.
    pub p50_ms: f64,
    /// 99 of 100 answers took no longer, in milliseconds.
    pub p99_ms: f64,
    /// One answer as it came over the wire.
    pub sample: String,
}

/// Deals out the pairs of a user and one of the requests of each user: every pair to one index, in an order without
/// pattern.
#[derive(Clone, Copy, Deserialize, Serialize)]
pub struct Deal {
    /// Users are 2 to the power of this.
    pub user_bits: u32,
    /// Requests of each are 2 to the power of this.
    pub request_bits: u32,
}

impl Deal {
    /// How many pairs there are.
    pub fn pairs(self) -> u64 {
        1 << (self.user_bits + self.request_bits)
    }

    /// User, counted from 0, and request of an index below [`Self::pairs`].
    pub fn pair(self, index: u64) -> (u64, usize) {
        let bits = self.user_bits + self.request_bits;
        let mask = self.pairs() - 1;
        let mut mixed = index & mask;
        // Each step can be undone within `bits`, so no two indexes meet: a shift that leaves the upper half alone,
        // and an odd factor.
        for _ in 0..2 {
            mixed ^= mixed >> bits.div_ceil(2);
            mixed = mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15) & mask;
        }
        mixed ^= mixed >> bits.div_ceil(2);
        let request = mixed & ((1 << self.request_bits) - 1);
        (mixed >> self.request_bits, usize::try_from(request).unwrap_or(usize::MAX))
    }
}

/// Id of a generated user, counted from 0, as seeds number them from 1.
pub fn generated_user(number: u64) -> String {
    format!("51190000-0000-4000-8001-{:012x}", number + 1)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_pair_comes_once() {
        for (user_bits, request_bits) in [(0, 0), (1, 0), (0, 3), (5, 4), (10, 2)] {
            let deal = Deal { user_bits, request_bits };
            let pairs: HashSet<_> = (0..deal.pairs()).map(|index| deal.pair(index)).collect();
            assert_eq!(pairs.len() as u64, deal.pairs());
            assert!(
                pairs.iter().all(|&(user, request)| user < 1 << user_bits && request < 1 << request_bits)
            );
        }
    }
}

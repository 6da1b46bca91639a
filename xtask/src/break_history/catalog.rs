//! The apps of the test as its clients know them. An app that is deleted and published anew gets another id, so each
//! stretch between the two is a life of its own.

use std::sync::{Arc, Mutex, PoisonError};

/// Places for apps; each holds one life at a time.
pub const APPS: usize = 4;

/// An app from its publication to its end.
#[derive(Clone, Debug)]
pub struct Life {
    /// Counts all lives.
    pub number: usize,
    /// `teamsApp.id`.
    pub app: Arc<str>,
}

/// Which life is current, shared by all clients.
#[derive(Debug, Default)]
pub struct Catalog {
    lives: Mutex<Lives>,
}

#[derive(Debug, Default)]
struct Lives {
    all: Vec<Life>,
    /// Numbers, by place.
    current: [usize; APPS],
}

impl Catalog {
    /// Notes that an app was published, to take a place over from the one before.
    pub fn begin(&self, place: usize, app: &str) -> Life {
        let mut lives = self.lives.lock().unwrap_or_else(PoisonError::into_inner);
        let life = Life { number: lives.all.len(), app: app.into() };
        lives.all.push(life.clone());
        if let Some(current) = lives.current.get_mut(place) {
            *current = life.number;
        }
        life
    }

    /// What is in each place.
    pub fn current(&self) -> Vec<Life> {
        let lives = self.lives.lock().unwrap_or_else(PoisonError::into_inner);
        lives.current.iter().filter_map(|&number| lives.all.get(number).cloned()).collect()
    }

    /// Finds a life by `teamsApp.id`, also one that has ended.
    pub fn find(&self, app: &str) -> Option<Life> {
        let lives = self.lives.lock().unwrap_or_else(PoisonError::into_inner);
        lives.all.iter().rev().find(|life| &*life.app == app).cloned()
    }
}

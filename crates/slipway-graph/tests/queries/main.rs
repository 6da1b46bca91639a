//! Random questions to random data: every answer is what the evaluator of `slipway_odata` gives on rows in memory, and
//! stays right while rows come and go.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod conditions;
mod dice;
mod judge;
mod moving;
mod oracle;
mod question;
mod reading;
mod record;
mod rows;
mod schema;
mod tenant;
mod world;

use std::num::NonZeroUsize;
use std::sync::Arc;

use dice::Dice;
use moving::Mover;
use oracle::Those;
use question::{Patience, Question};
use slipway_graph::RowLimits;
use slipway_testkit::TestApp;
use tenant::Tenant;
use world::{Rest, World};

/// Data sets of one test, and questions to each. Ten tests of each kind make 10,000 pairs.
const SETS: u64 = 10;
const QUESTIONS: usize = 100;

/// Every third question goes to a server that may look at few rows, so that pages are short and walks take turns with
/// indexes.
fn patience(n: usize) -> Patience {
    if n.is_multiple_of(3) { Patience::Short } else { Patience::Usual }
}

/// Two servers on one storage, one of which may look at few rows.
struct Servers {
    usual: TestApp,
    short: TestApp,
}

impl Servers {
    async fn start() -> Self {
        let usual = TestApp::start().await;
        let few =
            RowLimits { examined: NonZeroUsize::new(4).unwrap(), counted: NonZeroUsize::new(200).unwrap() };
        let short = usual.with_row_limits(few).await;
        Self { usual, short }
    }

    fn with(&self, patience: Patience) -> &TestApp {
        match patience {
            Patience::Usual => &self.usual,
            Patience::Short => &self.short,
        }
    }
}

async fn still(test: u64) {
    let servers = Servers::start().await;
    for set in test * SETS..(test + 1) * SETS {
        let mut dice = Dice::seeded(set);
        let world = World::random(&mut dice, Rest::Still);
        let tenant = Tenant::with(&servers.usual, set, &world).await;
        for n in 0..QUESTIONS {
            let patience = patience(n);
            let question = Question::random(&mut dice, &world, patience);
            let expected = oracle::answer(&world, &question, Those::Ever);
            let reading = reading::read(servers.with(patience), &tenant.token, &question).await;
            let judged =
                reading.and_then(|reading| judge::of_still(&question, patience, &reading, &expected));
            if let Err(why) = judged {
                panic!("set {set}, question {n} ({patience:?}): {}\n{why}", question.text());
            }
        }
    }
}

async fn moving(test: u64) {
    let servers = Servers::start().await;
    let mut moves = 0;
    for set in test * SETS..(test + 1) * SETS {
        let mut dice = Dice::seeded(!set);
        let world = Arc::new(World::random(&mut dice, Rest::Moving));
        let Tenant { token, partition } = Tenant::with(&servers.usual, set, &world).await;
        let store = servers.usual.server.store().clone();
        let changes = Mover::start(store, partition, Arc::clone(&world), Dice::seeded(set));
        for n in 0..QUESTIONS {
            let patience = patience(n);
            let question = Question::random(&mut dice, &world, patience);
            let answers = [Those::Staying, Those::Ever].map(|those| oracle::answer(&world, &question, those));
            let reading = reading::read(servers.with(patience), &token, &question).await;
            let judged = reading.and_then(|reading| judge::of_moving(&question, &reading, &answers));
            if let Err(why) = judged {
                panic!("set {set}, question {n} ({patience:?}): {}\n{why}", question.text());
            }
        }
        moves += changes.stop().await;
    }
    assert!(moves > 1_000, "only {moves} rows came or went");
}

macro_rules! tests {
    ($($name:ident: $run:path, $test:literal;)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            $run($test).await;
        }
    )*};
}

tests! {
    answers_are_the_evaluators_0: still, 0;
    answers_are_the_evaluators_1: still, 1;
    answers_are_the_evaluators_2: still, 2;
    answers_are_the_evaluators_3: still, 3;
    answers_are_the_evaluators_4: still, 4;
    answers_are_the_evaluators_5: still, 5;
    answers_are_the_evaluators_6: still, 6;
    answers_are_the_evaluators_7: still, 7;
    answers_are_the_evaluators_8: still, 8;
    answers_are_the_evaluators_9: still, 9;
    answers_hold_while_rows_come_and_go_0: moving, 0;
    answers_hold_while_rows_come_and_go_1: moving, 1;
    answers_hold_while_rows_come_and_go_2: moving, 2;
    answers_hold_while_rows_come_and_go_3: moving, 3;
    answers_hold_while_rows_come_and_go_4: moving, 4;
    answers_hold_while_rows_come_and_go_5: moving, 5;
    answers_hold_while_rows_come_and_go_6: moving, 6;
    answers_hold_while_rows_come_and_go_7: moving, 7;
    answers_hold_while_rows_come_and_go_8: moving, 8;
    answers_hold_while_rows_come_and_go_9: moving, 9;
}

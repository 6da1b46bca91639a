//! Compares what was answered with what the answer is.

use std::ops::RangeInclusive;

use serde_json::Value as Json;

use crate::question::{Collection, Patience, Question};
use crate::reading::Reading;

/// Rows on a page without `$top`.
const USUAL: usize = 100;

/// Nothing came or went: the answer is this, page by page.
pub fn of_still(
    question: &Question,
    patience: Patience,
    reading: &Reading,
    expected: &[Json],
) -> Result<(), String> {
    counts(question, reading, expected.len()..=expected.len())?;
    if question.number_only {
        return Ok(());
    }
    let size = question.option("$top").map_or(USUAL, |top| top.parse().unwrap());
    let (last, others) = reading.pages.split_last().ok_or("no page")?;
    if last.len() > size || others.iter().any(|page| page.len() > size) {
        return Err(format!("a page has more than {size} rows"));
    }
    let skip = question.option("$skip").map_or(0, |skip| skip.parse().unwrap());
    let expected: Vec<_> = expected.iter().skip(skip).collect();
    let rows = reading.rows();
    if patience == Patience::Usual && others.iter().any(|page| page.len() < size) {
        return Err(format!("a page before the last has less than {size} rows"));
    }
    if is_in_any_order(question) {
        return same(&sorted(rows), &sorted(expected));
    }
    same(&rows, &expected)
}

/// Rows came and went: those that stayed are there once, no row is there twice, none that never matched, and they
/// are in order.
pub fn of_moving(
    question: &Question,
    reading: &Reading,
    [staying, ever]: &[Vec<Json>; 2],
) -> Result<(), String> {
    counts(question, reading, staying.len()..=ever.len())?;
    if question.number_only {
        return Ok(());
    }
    let mut rows = reading.rows();
    let mut expected: Vec<_> = ever.iter().collect();
    if is_in_any_order(question) {
        (rows, expected) = (sorted(rows), sorted(expected));
    }
    let mut rest = expected.iter();
    for row in &rows {
        if !rest.any(|expected| expected == row) {
            return Err(format!("this row is twice there, in a wrong place, or never matched: {row}"));
        }
    }
    let missing = |row: &&Json| rows.iter().filter(|found| *found == row).count() < repeats(row, staying);
    match staying.iter().find(missing) {
        Some(missing) => Err(format!("this row was there all the time, and is not in the answer: {missing}")),
        None => Ok(()),
    }
}

/// Users whom a filter or a search finds come as some index has them, unless an order is asked for.
fn is_in_any_order(question: &Question) -> bool {
    let chosen = question.option("$filter").or(question.option("$search"));
    question.collection == Collection::Users && chosen.is_some() && question.option("$orderby").is_none()
}

/// Rows may look alike, if little of them is selected.
fn repeats(row: &Json, among: &[Json]) -> usize {
    among.iter().filter(|other| *other == row).count()
}

fn counts(question: &Question, reading: &Reading, right: RangeInclusive<usize>) -> Result<(), String> {
    let is_right = |count: u64| right.contains(&usize::try_from(count).unwrap());
    let (first, others) = reading.counts.split_first().ok_or("no page")?;
    let always = question.number_only || question.collection == Collection::Installations;
    match first {
        None if always || question.option("$count").is_some() => return Err("no count".to_owned()),
        Some(count) if !is_right(*count) => return Err(format!("a count of {count}, not {right:?}")),
        _ => {}
    }
    match others.iter().flatten().find(|count| !is_right(**count)) {
        Some(count) => Err(format!("a count of {count} on a later page, not {right:?}")),
        None => Ok(()),
    }
}

fn sorted(mut rows: Vec<&Json>) -> Vec<&Json> {
    rows.sort_by_key(ToString::to_string);
    rows
}

fn same(found: &[&Json], expected: &[&Json]) -> Result<(), String> {
    if found == expected {
        return Ok(());
    }
    let at = found.iter().zip(expected).take_while(|(a, b)| a == b).count();
    let show = |rows: &[&Json]| rows.get(at).map_or("nothing".to_owned(), ToString::to_string);
    Err(format!(
        "{} rows, not {}; at place {at} there is\n{}\nand not\n{}",
        found.len(),
        expected.len(),
        show(found),
        show(expected)
    ))
}

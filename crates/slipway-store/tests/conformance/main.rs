//! What every engine must do, test by test. An engine joins with one line at the end.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected fails"
)]

mod commits;
mod concurrency;
mod directory;
mod engines;
mod indexes;
mod model;
mod place;
mod presuming;
mod rows;
mod scans;
mod schema;
mod sweeps;

use place::Place;

macro_rules! conformance {
    ($engine:ident, $place:expr) => {
        conformance! { $engine, $place,
            commits: [
                absent_is_checked,
                present_is_checked,
                revision_is_checked,
                expectations_hold_on_rows_that_are_not_written,
                the_first_violation_is_named,
                nothing_is_written_if_one_expectation_fails,
                a_changeset_without_writes_is_checked,
                revisions_rise_and_belong_to_the_commit,
                counters_add_up,
                a_thousand_rows_fit_and_one_more_is_refused,
                too_long_a_key_is_refused,
                a_text_with_a_nul_is_refused,
                too_large_documents_are_refused,
                acknowledged_commits_survive_reopening,
                a_closed_store_refuses_changes_and_still_reads,
            ],
            concurrency: [
                of_many_inserts_of_one_row_one_wins,
                of_many_claims_of_one_unique_key_one_wins,
                no_update_is_lost,
                a_view_made_after_a_commit_shows_it,
            ],
            directory: [
                groups_and_chats_survive_the_round_trip,
                memberships_are_listed_by_container_and_by_member,
                a_membership_follows_its_member,
                terms_are_listed_by_text,
                terms_are_found_by_their_beginning,
                long_terms_are_found_by_what_is_kept,
                what_teams_chats_and_users_have_is_apart,
            ],
            indexes: [
                a_unique_key_belongs_to_one_row,
                a_unique_key_is_free_when_its_row_is_deleted,
                a_unique_key_is_free_when_its_row_takes_another,
                a_row_is_rewritten_under_its_own_unique_key,
                unique_keys_change_hands_within_a_changeset,
                one_changeset_cannot_claim_a_unique_key_twice,
                unique_keys_compare_without_case,
                unique_keys_are_of_one_partition,
                an_index_follows_its_rows,
            ],
            model: [random_changesets_behave_as_a_map],
            presuming: [
                what_was_read_is_presumed_and_checked,
                an_old_row_is_a_conflict_and_then_known,
                rows_are_remembered_by_their_unique_keys,
            ],
            rows: [
                directory_kinds_survive_the_round_trip,
                catalog_kinds_survive_the_round_trip,
                sign_in_kinds_survive_the_round_trip,
                ids_are_found_without_case,
                partitions_do_not_see_each_other,
                a_deleted_row_is_gone,
                a_row_exists_from_put_to_delete,
                many_rows_come_in_the_order_asked,
            ],
            scans: [
                a_range_is_listed_in_key_order_and_back,
                pages_join_to_the_whole_range,
                a_scan_goes_on_while_rows_change,
                a_foreign_cursor_stays_in_the_range,
                ranges_hold_their_rows_only,
                counting_stops_at_the_most,
                a_view_does_not_change,
                device_grants_are_listed_by_expiry,
                sessions_are_listed_by_expiry,
            ],
            sweeps: [
                a_sweep_deletes_its_range_and_nothing_else,
                a_sweep_by_index_spares_rows_that_left_the_range,
                a_sweep_goes_on_after_reopening,
                sweeps_and_writers_do_not_disturb_each_other,
            ],
        }
    };
    ($engine:ident, $place:expr, $($group:ident: [$($test:ident),+ $(,)?]),+ $(,)?) => {
        mod $engine {
            $(mod $group {
                $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    crate::$group::$test($place).await;
                })+
            })+
        }
    };
}

conformance!(embedded, crate::Place::embedded());
conformance!(postgres, crate::Place::postgres().await);

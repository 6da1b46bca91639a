//! The terms by which users are found, which go along with the users.

use slipway_store::{TermField, user_term};

use super::*;

/// The terms of the field with the users that they find.
async fn terms(store: &Store, field: TermField) -> Vec<(String, String)> {
    let rows = store.view().scan(&user_term::all(&partition("t"), field), 1000).await.unwrap().rows;
    rows.into_iter().map(|row| (row.record.text, row.record.user.as_str().to_owned())).collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(text, user)| ((*text).to_owned(), (*user).to_owned())).collect()
}

#[tokio::test]
async fn users_are_found_by_what_they_are_called() {
    let store = empty_store().await;
    let text = tenant(
        "    users:\n      - {id: u1, userPrincipalName: a@t.example, displayName: Ada King, mail: Ada@T.example}\n      - \
         {id: u2, userPrincipalName: b@t.example, displayName: Ada}\n",
    );
    apply(&store, &text).await;
    assert_eq!(terms(&store, TermField::DisplayName).await, pairs(&[("ada", "u2"), ("ada king", "u1")]));
    let tokens = [("ada", "u1"), ("ada", "u2"), ("king", "u1")];
    assert_eq!(terms(&store, TermField::DisplayNameToken).await, pairs(&tokens));
    assert_eq!(terms(&store, TermField::Mail).await, pairs(&[("ada@t.example", "u1")]));
    assert_eq!(terms(&store, TermField::MailToken).await, pairs(&[("ada@t.example", "u1")]));
}

#[tokio::test]
async fn a_changed_user_is_found_by_the_new_name_only() {
    let store = empty_store().await;
    let text = |rest: &str| {
        tenant(&format!("    users: [{{id: u1, userPrincipalName: a@t.example, displayName: {rest}}}]\n"))
    };
    apply(&store, &text("Ada King, mail: ada@t.example")).await;
    assert_eq!(apply(&store, &text("Ada Byron")).await.users, changed(1));
    assert_eq!(terms(&store, TermField::DisplayName).await, pairs(&[("ada byron", "u1")]));
    let tokens = [("ada", "u1"), ("byron", "u1")];
    assert_eq!(terms(&store, TermField::DisplayNameToken).await, pairs(&tokens));
    assert!(terms(&store, TermField::Mail).await.is_empty());
    assert!(terms(&store, TermField::MailToken).await.is_empty());
}

#[tokio::test]
async fn generated_users_are_found_too() {
    let store = empty_store().await;
    apply(&store, &tenant("    generate: {users: 700}\n")).await;
    let (view, partition) = (store.view(), partition("t"));
    let all = user_term::all(&partition, TermField::DisplayName);
    assert_eq!(view.count(&all, 2000).await.unwrap(), 700);
    let word = user_term::equal_to(&partition, TermField::DisplayNameToken, "user");
    assert_eq!(view.count(&word, 2000).await.unwrap(), 700);
    let last = user_term::equal_to(&partition, TermField::DisplayNameToken, "700");
    let found = view.scan(&last, 10).await.unwrap().rows;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].record.user.as_str(), "51190000-0000-4000-8001-0000000002bc");
}

/// The most terms that a user has and loses at once fit into one commit.
#[tokio::test]
async fn a_user_of_many_words_changes_in_one_commit() {
    let store = empty_store().await;
    let words = |first: usize| (first..first + 300).map(|n| format!("w{n}")).collect::<Vec<_>>().join(" ");
    let text = |first: usize| {
        tenant(&format!(
            "    users: [{{id: u1, userPrincipalName: a@t.example, displayName: {}, mail: {}}}]\n",
            words(first),
            words(first + 1000)
        ))
    };
    apply(&store, &text(0)).await;
    assert_eq!(apply(&store, &text(5000)).await.users, changed(1));
    let tokens = terms(&store, TermField::DisplayNameToken).await;
    assert!(
        tokens.len() <= user_term::MAX_TOKENS && tokens.iter().all(|(text, _)| text != "0"),
        "{tokens:?}"
    );
}

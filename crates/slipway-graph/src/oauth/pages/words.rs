//! What permissions are called on the consent page. The words follow from their names, so that every permission has
//! some.

/// What the client may do with the permission.
pub(in crate::oauth) fn of(permission: &str) -> String {
    match permission {
        "openid" => return "Sign you in".to_owned(),
        "profile" => return "See your name and user name".to_owned(),
        "email" => return "See your email address".to_owned(),
        "offline_access" => return "Keep the access that you give it".to_owned(),
        _ => {}
    }
    let mut parts = permission.split('.');
    let (what, how, reach) =
        (parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), parts.next());
    let (verb, rest) = verb(how);
    let mut words = format!("{verb} {}", spaced(what));
    let mut add = |text: &str| {
        words.push(' ');
        words.push_str(text);
    };
    if !rest.is_empty() {
        add(&spaced(rest));
    }
    match reach {
        Some("All") => add("of everybody in your organization that you can reach"),
        Some(reach) => add(&format!("({})", spaced(reach))),
        None => {}
    }
    words
}

/// The verb that the middle of a name begins with, and what is left of it.
fn verb(how: &str) -> (&'static str, &str) {
    const VERBS: [(&str, &str); 7] = [
        ("ReadWriteAndConsent", "See, change and consent for"),
        ("ReadWrite", "See and change"),
        ("ReadBasic", "See the basics of"),
        ("Read", "See"),
        ("Create", "Create"),
        ("Submit", "Submit apps to"),
        ("Manage", "Manage"),
    ];
    let found = VERBS.iter().find_map(|(prefix, verb)| Some((*verb, how.strip_prefix(prefix)?)));
    found.unwrap_or(("Use", how))
}

/// `TeamsAppInstallation` -> `teams app installation`.
fn spaced(name: &str) -> String {
    let mut words = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(c.to_lowercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_put_into_words() {
        for (name, words) in [
            ("User.Read", "See user"),
            ("TeamsAppInstallation.ReadWriteForUser", "See and change teams app installation for user"),
            ("AppCatalog.Submit", "Submit apps to app catalog"),
            ("User.Read.All", "See user of everybody in your organization that you can reach"),
            (
                "Team.ReadBasic.All",
                "See the basics of team of everybody in your organization that you can reach",
            ),
            ("openid", "Sign you in"),
            ("access_as_user", "Use access_as_user"),
            ("", "Use "),
        ] {
            assert_eq!(of(name), words, "{name}");
        }
    }
}

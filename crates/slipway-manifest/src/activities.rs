//! The service's rules for the activities that an app puts into people's feeds.

use std::collections::BTreeSet;

use crate::findings::{Findings, Rule};
use crate::node::Node;
use crate::rules;

/// The type that every app has without naming it.
const RESERVED_TYPE: &str = "systemDefault";

/// Adds what is wrong with types and groups.
pub fn judge(activities: &Node<'_>, findings: &mut Findings) {
    let (types, groups) = (activities.field("activityTypes"), activities.field("activityGroups"));
    let named = types.items();
    for node in named.iter().map(|activity| activity.field("type")) {
        if node.text().is_some_and(|name| name.eq_ignore_ascii_case(RESERVED_TYPE)) {
            findings.broken(rules::ACTIVITY_IS_NOT_RESERVED, &node.path);
        }
    }
    unique(named.iter().map(|activity| activity.field("type")), rules::ACTIVITIES_ARE_UNIQUE, findings);
    let groups_named = groups.items();
    unique(groups_named.iter().map(|group| group.field("id")), rules::GROUPS_ARE_UNIQUE, findings);
    if !groups_named.is_empty() && named.is_empty() {
        findings.broken(rules::GROUPS_HAVE_ACTIVITIES, &groups.path);
    }
    let ids: BTreeSet<_> = groups_named.iter().filter_map(|group| group.field("id").text()).collect();
    for node in named.iter().map(|activity| activity.field("activityGroupId")) {
        if node.text().is_some_and(|id| !ids.contains(id)) {
            findings.broken(rules::GROUP_IS_KNOWN, &node.path);
        }
    }
}

/// Adds a finding for each text that was there before.
pub fn unique<'a>(nodes: impl Iterator<Item = Node<'a>>, rule: Rule, findings: &mut Findings) {
    let mut seen = BTreeSet::new();
    for node in nodes {
        if node.text().is_some_and(|text| !seen.insert(text.to_lowercase())) {
            findings.broken(rule, &node.path);
        }
    }
}

//! The JSON body of a new chat.

use slipway_model::{ChatType, MemberRole};
use slipway_odata::entity_reference;

use crate::fault::Fault;
use crate::graph::installed_apps::Install;
use crate::object::Object;

/// Most members of a chat ("Limits and specifications for Microsoft Teams").
const MOST_MEMBERS: usize = 250;

/// Most apps that come with a chat; Microsoft's pages name no number.
const MOST_APPS: usize = 20;

/// Longest topic, in characters ("Update chat").
const LONGEST_TOPIC: usize = 250;

/// What a new chat is to be.
#[derive(Debug)]
pub(super) struct Create {
    pub(super) chat_type: ChatType,
    pub(super) topic: Option<String>,
    pub(super) members: Vec<Invited>,
    pub(super) apps: Vec<Install>,
}

/// A member of it.
#[derive(Debug)]
pub(super) struct Invited {
    /// Object id or user principal name.
    pub(super) user: String,
    pub(super) role: MemberRole,
}

impl Create {
    /// Reads `{"chatType","topic"?,"members":[…],"installedApps"?:[…]}`.
    pub(super) fn read(body: &[u8]) -> Result<Self, Fault> {
        let object = Object::parse(body)?;
        object.check(&["chatType", "topic", "members", "installedApps"])?;
        let chat_type = chat_type(&object)?;
        let members: Vec<_> = object.objects("members")?.iter().map(Invited::of).collect::<Result<_, _>>()?;
        let fits = match chat_type {
            ChatType::OneOnOne => members.len() == 2,
            ChatType::Group | ChatType::Meeting => (2..=MOST_MEMBERS).contains(&members.len()),
        };
        if !fits {
            return Err(Fault::bad_request(format!(
                "There are {} members: a chat of chatType 'oneOnOne' has 2, one of chatType 'group' has 2 to {MOST_MEMBERS}.",
                members.len()
            )));
        }
        let apps: Vec<_> =
            object.objects("installedApps")?.iter().map(Install::of).collect::<Result<_, _>>()?;
        if apps.len() > MOST_APPS {
            return Err(Fault::bad_request(format!(
                "There are {} installedApps: a chat is made with {MOST_APPS} at most.",
                apps.len()
            )));
        }
        Ok(Self { chat_type, topic: topic(&object, chat_type)?, members, apps })
    }
}

impl Invited {
    /// Reads `{"@odata.type":"#microsoft.graph.aadUserConversationMember","roles":["owner"],"user@odata.bind":"…"}`.
    fn of(object: &Object<'_>) -> Result<Self, Fault> {
        const BIND: &str = "user@odata.bind";
        object.check(&["id", "roles", "displayName", "visibleHistoryStartDateTime", BIND])?;
        let address: Option<String> = object.read(BIND, "the address of a user")?;
        let user = address.as_deref().and_then(|address| entity_reference(address, "users"));
        let user = user
            .ok_or_else(|| Fault::bad_request("The navigation bind for the user was missing in request."))?;
        let roles: Vec<String> = object.read("roles", r#"["owner"] or ["guest"]"#)?.unwrap_or_default();
        let role = match roles.as_slice() {
            [role] if role.eq_ignore_ascii_case("owner") => MemberRole::Owner,
            [role] if role.eq_ignore_ascii_case("guest") => MemberRole::Member,
            _ => {
                return Err(Fault::bad_request(format!(
                    "Invalid value for property 'roles' of member '{user}': send [\"owner\"] or [\"guest\"]."
                )));
            }
        };
        Ok(Self { user, role })
    }
}

fn chat_type(object: &Object<'_>) -> Result<ChatType, Fault> {
    const FORM: &str = "'oneOnOne' or 'group'";
    let text: Option<String> = object.read("chatType", FORM)?;
    let text =
        text.ok_or_else(|| Fault::bad_request(format!("The property 'chatType' is required: send {FORM}.")))?;
    match ChatType::parse(&text) {
        Some(chat_type @ (ChatType::OneOnOne | ChatType::Group)) => Ok(chat_type),
        Some(ChatType::Meeting) | None => {
            Err(Fault::bad_request(format!("Invalid value '{text}' for property 'chatType': send {FORM}.")))
        }
    }
}

fn topic(object: &Object<'_>, chat_type: ChatType) -> Result<Option<String>, Fault> {
    let topic: Option<String> = object.read("topic", "a text")?;
    match &topic {
        Some(_) if chat_type != ChatType::Group => {
            Err(Fault::bad_request("The property 'topic' is for chats of chatType 'group'."))
        }
        Some(text) if text.chars().count() > LONGEST_TOPIC || text.chars().any(char::is_control) => {
            Err(Fault::bad_request(format!(
                "Invalid value for property 'topic': it has at most {LONGEST_TOPIC} characters, none of them a control character."
            )))
        }
        _ => Ok(topic),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn member(user: &str) -> Value {
        json!({
            "@odata.type": "#microsoft.graph.aadUserConversationMember",
            "roles": ["owner"],
            "user@odata.bind": format!("https://graph.microsoft.com/v1.0/users('{user}')")
        })
    }

    fn read(body: &Value) -> Result<Create, Fault> {
        Create::read(body.to_string().as_bytes())
    }

    #[test]
    fn reads_the_documented_bodies() {
        let two = json!({"chatType": "oneOnOne", "members": [member("a"), member("b@x.example")],
            "installedApps": [{"teamsApp@odata.bind": "https://graph.microsoft.com/v1.0/appCatalogs/teamsApps/a1"}]});
        let create = read(&two).unwrap();
        assert_eq!((create.chat_type, create.apps.len()), (ChatType::OneOnOne, 1));
        let users: Vec<_> = create.members.iter().map(|member| member.user.as_str()).collect();
        assert_eq!(users, ["a", "b@x.example"]);
        let group =
            json!({"chatType": "group", "topic": "T", "members": [member("a"), member("b"), member("c")]});
        assert_eq!(read(&group).unwrap().topic.as_deref(), Some("T"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let base = json!({"chatType": "group", "topic": "T", "members": [member("a"), member("b")]});
        for (pointer, value, named) in [
            ("/chatType", json!("meeting"), "'meeting'"),
            ("/chatType", json!(7), "'chatType'"),
            ("/chatType", Value::Null, "'chatType' is required"),
            ("/chatType", json!("oneOnOne"), "'topic'"),
            ("/topic", json!("a\u{0}b"), "'topic'"),
            ("/topic", json!("x".repeat(251)), "'topic'"),
            ("/members", json!([member("a")]), "1 members"),
            ("/members", json!(7), "'members'"),
            ("/members/0/roles", json!([]), "'roles' of member 'a'"),
            ("/members/0/roles", json!(["boss"]), "'roles' of member 'a'"),
            ("/members/0/user@odata.bind", json!("https://g/v1.0/groups/a"), "bind for the user"),
        ] {
            let mut body = base.clone();
            *body.pointer_mut(pointer).unwrap() = value;
            let fault = read(&body).unwrap_err();
            assert_eq!(fault.status(), 400, "{pointer}");
            assert!(fault.wording().message.contains(named), "{pointer}: {}", fault.wording().message);
        }
        let with = |name: &str, value: Value| {
            let mut body = base.clone();
            body[name] = value;
            read(&body).unwrap_err().wording().message.into_owned()
        };
        assert!(with("color", json!(1)).contains("'color'"));
        assert!(with("owner@odata.bind", json!("x")).contains("'owner@odata.bind'"));
        let apps = vec![json!({"teamsApp@odata.bind": "x/teamsApps/a"}); 21];
        assert!(with("installedApps", json!(apps)).contains("21 installedApps"));
    }
}

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

use proptest::prelude::*;

use super::*;

const NAME: &str = "AZURE_CLIENT_SECRET";

fn variable(value: &str) -> Variable {
    Variable { name: NAME, value: value.to_owned() }
}

fn written(format: Format, value: &str) -> Result<String, Failure> {
    format.write(&[variable(value), Variable { name: "SLIPWAY_URL", value: "https://127.0.0.1:1".into() }])
}

/// Values with whatever is special to somebody.
fn values() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,20}",
        r#"['"\\$`!#%\n\r \t=<>(){}~*?a\u{2018}\u{2019}\u{201a}\u{201b}é]{0,12}"#,
        "(SLIPWAY_?\n?){0,3}\n",
        "[a-z]{1,4}[$]\\{[A-Z]{1,4}\\}",
        r"C:\\[a-z]{1,5}\\[a-z ]{1,5}",
    ]
}

/// The variable as the shell has it after it ran the text; none without such a shell.
fn run_by(shell: &str, text: &str) -> Option<String> {
    let child = Command::new(shell)
        .args(["-c", &format!(r#"eval "$(cat)"; printf %s "${NAME}"; printf ' %s' "$SLIPWAY_URL""#)])
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut child = child.ok()?;
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{shell} refuses {text}");
    Some(String::from_utf8(output.stdout).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// sh must be there; the others are asked where they are.
    #[test]
    fn shells_read_what_was_written(value in values()) {
        let text = written(Format::Shell, &value).unwrap();
        let wanted = format!("{value} https://127.0.0.1:1");
        prop_assert_eq!(run_by("sh", &text), Some(wanted.clone()));
        for shell in ["bash", "dash", "zsh"] {
            if let Some(read) = run_by(shell, &text) {
                prop_assert_eq!(&read, &wanted, "{}", shell);
            }
        }
    }

    /// What is written at all is read the same by a shell, by Node's dotenv and by python-dotenv.
    #[test]
    fn env_files_are_read_alike(value in values()) {
        let Ok(text) = written(Format::Dotenv, &value) else {
            // Never for what these variables hold in earnest.
            prop_assert!(value.contains(['\'', '\\', '$', '\r']), "{value:?} is refused");
            return Ok(());
        };
        prop_assert_eq!(run_by("sh", &text), Some(format!("{value} https://127.0.0.1:1")));
        let quoted = text.strip_prefix("AZURE_CLIENT_SECRET=").unwrap();
        let quoted = quoted.strip_suffix("\nSLIPWAY_URL=https://127.0.0.1:1\n").unwrap();
        // Node's dotenv takes quotes off, and expands `\n` and `\r` between double ones.
        let node = match quoted.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
            Some(inner) => inner.to_owned(),
            None => quoted.trim_matches('"').replace("\\n", "\n").replace("\\r", "\r"),
        };
        prop_assert_eq!(node, value.clone());
        // python-dotenv knows escapes between both kinds of quotes, and expands `${NAME}` in every value.
        prop_assert!(!value.contains("${"), "expanded");
        let escapes = [r"\\", r"\'"].iter().any(|escape| quoted.contains(escape));
        prop_assert!(!escapes, "escaped");
        prop_assert!(!quoted.starts_with('"') || !quoted.contains('\\'), "escaped");
    }

    #[test]
    fn github_reads_what_was_written(value in values()) {
        let text = written(Format::Github, &value).unwrap();
        let read = github_file(&text);
        // The runner joins the lines of a value with line feeds.
        let lines: Vec<_> = value.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).collect();
        prop_assert_eq!(read.get(NAME).map(|value| value.replace('\r', "")), Some(lines.join("\n").replace('\r', "")));
        prop_assert_eq!(read.get("SLIPWAY_URL").map(String::as_str), Some("https://127.0.0.1:1"));
    }

    #[test]
    fn powershell_reads_what_was_written(value in values()) {
        let text = written(Format::Powershell, &value).unwrap();
        let rest = text.strip_prefix("$env:AZURE_CLIENT_SECRET = ").unwrap();
        let (read, rest) = verbatim(rest);
        prop_assert_eq!(read, value);
        prop_assert_eq!(rest, "\n$env:SLIPWAY_URL = 'https://127.0.0.1:1'\n");
    }

    #[test]
    fn json_reads_what_was_written(value in values()) {
        let read: BTreeMap<String, String> = serde_json::from_str(&written(Format::Json, &value).unwrap()).unwrap();
        prop_assert_eq!(&read[NAME], &value);
    }
}

/// The file of `GITHUB_ENV` as the runner reads it (actions/runner, `FileCommandManager`): a line has `=` before `<<`,
/// or begins a value that ends with the delimiter's line.
fn github_file(text: &str) -> BTreeMap<String, String> {
    let mut read = BTreeMap::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        match (line.find('='), line.find("<<")) {
            (Some(equals), heredoc) if heredoc.is_none_or(|heredoc| equals < heredoc) => {
                read.insert(line[..equals].to_owned(), line[equals + 1..].to_owned());
            }
            (_, Some(heredoc)) => {
                let (name, delimiter) = (&line[..heredoc], &line[heredoc + 2..]);
                let value: Vec<_> = lines.by_ref().take_while(|line| *line != delimiter).collect();
                read.insert(name.to_owned(), value.join("\n"));
            }
            _ => panic!("{line:?} is no line of such a file"),
        }
    }
    read
}

/// A verbatim string of PowerShell, and what follows it.
fn verbatim(text: &str) -> (String, &str) {
    let quote = |character: char| "'\u{2018}\u{2019}\u{201a}\u{201b}".contains(character);
    let mut value = String::new();
    let mut rest = text.strip_prefix('\'').unwrap();
    loop {
        let end = rest.find(quote).unwrap();
        value.push_str(&rest[..end]);
        rest = &rest[end..];
        let mut characters = rest.chars();
        let closing = characters.next().unwrap();
        if !characters.clone().next().is_some_and(quote) {
            return (value, characters.as_str());
        }
        // The second of two stands for itself.
        value.push(characters.next().unwrap());
        assert!(quote(closing));
        rest = characters.as_str();
    }
}

#[test]
fn secrets_are_masked_and_only_these() {
    assert_eq!(mask(&variable("a%b\nc")), Some("::add-mask::a%25b%0Ac\n".to_owned()));
    assert_eq!(mask(&Variable { name: "SLIPWAY_URL", value: "x".into() }), None);
}

#[test]
fn what_readers_of_env_files_would_read_differently_is_refused_by_name() {
    for value in ["it's $5", r"a\\b", "${HOME}", "it's \"both\"", "a\rb"] {
        let Err(Failure::Runtime(told)) = written(Format::Dotenv, value) else {
            panic!("{value} was written")
        };
        assert!(told.contains(NAME) && told.contains("hint: ") && !told.contains(value), "{told}");
    }
    assert_eq!(written(Format::Dotenv, "it's").unwrap().lines().next(), Some("AZURE_CLIENT_SECRET=\"it's\""));
}

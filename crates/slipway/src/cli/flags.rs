//! A flag for every setting, made from `default.toml`.

use std::path::PathBuf;

use clap::builder::ValueParser;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches, value_parser};
use toml::Value;

use crate::config::{self, Setting, Settings, Texts};
use crate::failure::Failure;

const CONFIG: &str = "config";

/// What the command line says about settings.
#[derive(Debug, Default)]
pub struct Flags {
    config: Option<PathBuf>,
    texts: Texts,
}

impl Flags {
    /// The settings in force with these flags.
    ///
    /// # Errors
    /// [`Failure::Usage`] that names the setting and the place where it is unknown, wrong or contradicts another.
    pub fn settings(self) -> Result<Settings, Failure> {
        Settings::load(self.config, self.texts)
    }

    fn augment(command: Command, taken: impl Fn(&Setting) -> bool) -> Command {
        let file = Arg::new(CONFIG).long(CONFIG).value_name("FILE").value_parser(value_parser!(PathBuf));
        let command = command.arg(file.help("A TOML file with settings"));
        let settings = config::settings().unwrap_or_default();
        settings.into_iter().filter(taken).fold(command, |command, setting| command.arg(flag(setting)))
    }
}

fn flag(setting: Setting) -> Arg {
    let help = match &setting.default {
        Value::Array(items) if items.is_empty() => setting.help,
        Value::String(text) if text.is_empty() => setting.help,
        Value::Boolean(_) => setting.help,
        default => format!("{} [default: {default}]", setting.help),
    };
    let flag = Arg::new(setting.name).long(setting.name).value_name("VALUE").help(help);
    let flag = flag.value_parser(ValueParser::string());
    match setting.default {
        Value::Array(_) => flag.action(ArgAction::Append),
        // `--in-memory` and, against a file that says otherwise, `--in-memory=false`.
        Value::Boolean(_) => flag.num_args(0..=1).require_equals(true).default_missing_value("true"),
        _ => flag,
    }
}

impl Args for Flags {
    fn augment_args(command: Command) -> Command {
        Self::augment(command, |_| true)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut flags = Self::default();
        flags.update_from_arg_matches(matches)?;
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        for Setting { name, .. } in config::settings().unwrap_or_default() {
            // Not every command has a flag for every setting.
            if matches.try_contains_id(name).is_ok()
                && matches.value_source(name) == Some(ValueSource::CommandLine)
            {
                let texts = matches.get_many(name).into_iter().flatten().cloned().collect();
                self.texts.push((name.to_owned(), texts));
            }
        }
        if matches.value_source(CONFIG) == Some(ValueSource::CommandLine) {
            self.config = matches.get_one(CONFIG).cloned();
        }
        Ok(())
    }
}

/// What the command line says about the settings of a server that keeps nothing and tells only its command.
#[derive(Debug, Default)]
pub struct FreshFlags(Flags);

impl FreshFlags {
    /// What of the settings is the business of servers that keep something or that others are to find.
    const LEFT_OUT: [&str; 6] =
        ["data", "in-memory", "database", "database-connections", "key-file", "ready-file"];

    /// The settings of a new server in memory: on any free port of this machine and with a log of warnings only,
    /// unless something else is asked for. Where a file or the environment names storage, it is left alone.
    ///
    /// # Errors
    /// As for [`Flags::settings`].
    pub fn settings(self) -> Result<Settings, Failure> {
        let Self(mut flags) = self;
        if !flags.texts.iter().any(|(name, _)| name == "listen") {
            flags.texts.push(("listen".to_owned(), vec![":0".to_owned()]));
        }
        let quiet = vec![("log-level".to_owned(), vec!["warn".to_owned()])];
        let mut settings = Settings::load_over(quiet, flags.config, flags.texts)?;
        settings.in_memory = true;
        settings.database = None;
        settings.key_file = None;
        settings.ready_file = None;
        Ok(settings)
    }
}

impl Args for FreshFlags {
    fn augment_args(command: Command) -> Command {
        Flags::augment(command, |setting| !Self::LEFT_OUT.contains(&setting.name))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for FreshFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        Flags::from_arg_matches(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.0.update_from_arg_matches(matches)
    }
}

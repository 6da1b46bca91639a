//! A flag for every setting, made from `default.toml`.

use std::path::PathBuf;

use clap::builder::ValueParser;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches, value_parser};
use toml::Value;

use crate::config::{self, Settings};
use crate::failure::Failure;

const CONFIG: &str = "config";

/// What the command line says about settings.
#[derive(Debug, Default)]
pub struct Flags {
    config: Option<PathBuf>,
    texts: Vec<(String, Vec<String>)>,
}

impl Flags {
    /// The settings in force with these flags.
    ///
    /// # Errors
    /// [`Failure::Usage`] that names the setting and the place where it is unknown, wrong or contradicts another.
    pub fn settings(self) -> Result<Settings, Failure> {
        Settings::load(self.config, self.texts)
    }
}

impl Args for Flags {
    fn augment_args(command: Command) -> Command {
        let file = Arg::new(CONFIG).long(CONFIG).value_name("FILE").value_parser(value_parser!(PathBuf));
        let mut command = command.arg(file.help("A TOML file with settings"));
        for setting in config::settings().unwrap_or_default() {
            let help = match &setting.default {
                Value::Array(items) if items.is_empty() => setting.help,
                Value::String(text) if text.is_empty() => setting.help,
                Value::Boolean(_) => setting.help,
                default => format!("{} [default: {default}]", setting.help),
            };
            let flag = Arg::new(setting.name).long(setting.name).value_name("VALUE").help(help);
            let flag = flag.value_parser(ValueParser::string());
            command = command.arg(match setting.default {
                Value::Array(_) => flag.action(ArgAction::Append),
                // `--in-memory` and, against a file that says otherwise, `--in-memory=false`.
                Value::Boolean(_) => flag.num_args(0..=1).require_equals(true).default_missing_value("true"),
                _ => flag,
            });
        }
        command
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
        for id in
            matches.ids().filter(|id| matches.value_source(id.as_str()) == Some(ValueSource::CommandLine))
        {
            if id == CONFIG {
                self.config = matches.get_one(CONFIG).cloned();
            } else {
                let texts = matches.get_many(id.as_str()).into_iter().flatten().cloned().collect();
                self.texts.push((id.to_string(), texts));
            }
        }
        Ok(())
    }
}

//! The command line of a service, held to the flags that its engine has at that version.

use super::flag_value;
use crate::catalogue::schema::{self, At, TypeKind};
use crate::catalogue::{Facts, Version};
use crate::near::Near;
use crate::source::Span;
use crate::tree::{Arg, Service};

/// How a program reads its command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Go's `flag`: one dash or two, `-a=b` or `-a b`, a switch takes a value only behind `=`; the first word that is no flag
    /// ends them (golang/go src/flag/flag.go@go1.26.0 `parseOne`).
    Go,
    /// kingpin: two dashes, `--a=b` or `--a b`, `--no-a` for switches, which take no value
    /// (alecthomas/kingpin flags.go, parser.go@v2.4.0).
    Kingpin,
}

/// A flag as it is given.
#[derive(Debug, Clone)]
pub struct Given<'s> {
    /// Its name without dashes, and without the `no-` of kingpin.
    pub name: &'s str,
    /// Its value; `None` = none is given, or it is not known which word is one.
    pub value: Option<&'s str>,
    /// Where the name stands.
    pub arg: &'s Arg,
    /// Whether a variable decides the value.
    pub open: bool,
}

/// Something that ends the process at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub span: Span,
    /// What.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// Whether another version takes it.
    pub by_version: bool,
    /// Of a flag that no version has: its name and the nearest that there is, which is empty where none is near.
    pub near: Option<(String, &'static str)>,
}

/// A command line as far as it is known.
#[derive(Debug, Clone, Default)]
pub struct Line<'s> {
    /// Its flags.
    pub given: Vec<Given<'s>>,
    /// What no flag of this version reads.
    pub faults: Vec<Fault>,
    /// The word that ends the flags for Go's `flag`, where nothing before it is unknown.
    pub rest: Option<&'s Arg>,
    /// Words that are neither a flag nor the value of one.
    words: Vec<&'s Arg>,
}

/// What is known of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    /// A flag; whether it is a switch, where that is known.
    Here(Option<bool>),
    /// This version is without it.
    Gone(Version),
    /// Later versions have it.
    Later(Version),
    /// No version has it.
    Never,
    /// Facts are silent.
    Silent,
}

/// Reads the command line of a service; `None` where what reaches the process is not known.
pub fn read<'s>(service: &'s Service, facts: &Facts, version: Version, dialect: Dialect) -> Option<Line<'s>> {
    let schema = schema::schema(facts.engine);
    if service.build || service.engine != Some(facts.engine) || schema.is_some_and(|s| !s.reaches(version)) {
        return None;
    }
    let args = service.args()?;
    let dashes = if dialect == Dialect::Go { "-" } else { "--" };
    let flags = Flags { dashes, facts, version, at: schema.map(|s| s.at(version)) };
    let mut line = flags.line(&args, dialect);
    // What a wrapper takes and what the process takes is not told apart.
    if dialect == Dialect::Kingpin && !service.is_wrapped() {
        line.faults.extend(line.words.first().map(|word| flags.word(word)));
    }
    Some(line)
}

struct Flags<'f> {
    /// As the program's own help writes them.
    dashes: &'static str,
    facts: &'f Facts,
    version: Version,
    at: Option<At>,
}

impl Flags<'_> {
    fn line<'s>(&self, args: &[&'s Arg], dialect: Dialect) -> Line<'s> {
        let mut line = Line::default();
        let mut at = 0;
        while let Some(arg) = args.get(at).copied() {
            at += 1;
            let text = arg.text.as_str();
            if text == "--" {
                line.rest = args.get(at).copied();
                break;
            }
            let Some(bare) = text.strip_prefix("--").or_else(|| text.strip_prefix('-').filter(|b| !b.is_empty()))
            else {
                // A name behind `@` is a file with more words (alecthomas/kingpin parser.go `Next`@v2.4.0).
                if dialect == Dialect::Go || text.starts_with('@') {
                    line.rest = Some(arg);
                    break;
                }
                let before = at.checked_sub(2).and_then(|n| args.get(n));
                if !arg.open && before.is_none_or(|b| !b.open || b.text.contains('=')) {
                    line.words.push(arg);
                }
                continue;
            };
            if dialect == Dialect::Kingpin && !text.starts_with("--") {
                self.short(arg, bare, &mut line);
                continue;
            }
            let (name, inline) = bare.split_once('=').map_or((bare, None), |(n, v)| (n, Some(v)));
            // A variable within the name may make any name of it.
            if arg.open && (name.contains('$') || inline.is_none()) {
                continue;
            }
            let negated = name.strip_prefix("no-").filter(|_| dialect == Dialect::Kingpin);
            let (name, known) = match (self.known(name), negated) {
                (Known::Never | Known::Silent, Some(base)) => (base, self.known(base)),
                (known, _) => (name, known),
            };
            let switch = match known {
                Known::Here(switch) => switch,
                _ => {
                    line.faults.extend(self.fault(arg, name, known));
                    None
                }
            };
            let mut given = Given { name, value: inline, arg, open: arg.open };
            let mut place = arg;
            match (switch, inline) {
                (Some(true), Some(value)) if dialect == Dialect::Kingpin => line.faults.push(Fault {
                    span: arg.span,
                    message: format!("`--{name}` is a switch and takes no value, `{value}` is one too many"),
                    help: Some(if value == "false" {
                        format!("write `--no-{name}`")
                    } else {
                        format!("write `--{name}`")
                    }),
                    by_version: false,
                    near: None,
                }),
                (Some(false) | None, None) if name_only(negated, name) => {
                    // Go takes the next word, whatever it begins with.
                    let taken = dialect == Dialect::Go && switch == Some(false);
                    let next = args.get(at).filter(|n| taken || !n.text.starts_with('-'));
                    // Of a flag that nothing is known of the next word may be the value: it is passed over.
                    if let Some(next) = next {
                        at += 1;
                        if switch == Some(false) {
                            given.value = Some(&next.text);
                            given.open |= next.open;
                            place = next;
                        }
                    } else if switch == Some(false) && args.get(at).is_none_or(|n| !n.open) {
                        line.faults.push(Fault {
                            span: arg.span,
                            message: format!("`{}{name}` lacks its value", self.dashes),
                            help: Some(format!("write `{}{name}=` and the value", self.dashes)),
                            by_version: false,
                            near: None,
                        });
                    }
                }
                _ => {}
            }
            if dialect == Dialect::Go && !given.open {
                line.faults.extend(given.value.and_then(|value| self.misfit(name, value, place)));
            }
            line.given.push(given);
        }
        // What an unknown flag or a variable takes may be the word.
        let known = line.faults.is_empty() && !args.iter().any(|a| a.open);
        line.rest = line.rest.filter(|_| known && dialect == Dialect::Go);
        line
    }

    /// A value that its flag does not take.
    fn misfit(&self, name: &str, value: &str, place: &Arg) -> Option<Fault> {
        let field = self.at.and_then(At::flags)?.field(name)?;
        let wanted = flag_value::wanted(value, field.ty())?;
        let dashes = self.dashes;
        Some(Fault {
            span: place.span,
            message: format!("`{value}` is no value of `{dashes}{name}`, which takes {wanted}"),
            help: Some(format!("write `{dashes}{name}=` and {wanted}")),
            by_version: false,
            near: None,
        })
    }

    /// `-config.file=x` is a row of short flags to kingpin.
    fn short(&self, arg: &Arg, bare: &str, line: &mut Line<'_>) {
        let name = bare.split('=').next().unwrap_or_default();
        if name.len() < 2 || arg.open {
            return;
        }
        if let Known::Here(_) = self.known(name) {
            line.faults.push(Fault {
                span: arg.span,
                message: format!("`-{name}` has one dash: it is read as short flags, which do not exist"),
                help: Some(format!("write `--{name}`")),
                by_version: false,
                near: None,
            });
        }
    }

    /// kingpin ends with the first word that no flag takes, where a program declares no arguments
    /// (alecthomas/kingpin app.go `parse`@v2.4.0).
    fn word(&self, arg: &Arg) -> Fault {
        let (text, title) = (arg.text.as_str(), self.facts.title);
        let name = |text: &str| text.split('=').next().unwrap_or_default().to_owned();
        let here = |name: &str| matches!(self.known(name), Known::Here(_));
        let help = if text.trim_start().starts_with('-') && text.starts_with(char::is_whitespace) {
            "delete the blank at its beginning: a `\\` at the end of a line makes one".to_owned()
        } else if here(&name(text)) {
            format!("write `--{text}`")
        } else if text.split_once(':').is_some_and(|(from, to)| !from.is_empty() && to.starts_with('/')) {
            "it looks like a mount: move it below `volumes`".to_owned()
        } else {
            "delete it".to_owned()
        };
        Fault {
            span: arg.span,
            message: format!("`{text}` is no flag of {title}, which takes no other words"),
            help: Some(help),
            by_version: false,
            near: None,
        }
    }

    fn known(&self, name: &str) -> Known {
        if matches!(name, "help" | "h" | "version" | "help-long" | "help-man") {
            return Known::Here(Some(true));
        }
        if let Some(body) = self.at.and_then(At::flags) {
            if let Some(field) = body.field(name) {
                return Known::Here(Some(matches!(field.ty().kind(), TypeKind::Bool)));
            }
            return match body.field_ever(name) {
                None => Known::Never,
                Some(held) => match (held.since(), held.until()) {
                    (Some(since), _) if since > self.version => Known::Later(since),
                    (_, Some(until)) => Known::Gone(until),
                    _ => Known::Silent,
                },
            };
        }
        let written = |flag: &&crate::catalogue::Flag| flag.name.strip_prefix("--") == Some(name);
        match self.facts.flags.iter().find(written).map(|f| f.range) {
            None => Known::Silent,
            Some(range) if range.holds(self.version) => Known::Here(None),
            Some(range) => match (range.since, range.until) {
                (Some(since), _) if since > self.version => Known::Later(since),
                (_, Some(until)) => Known::Gone(until),
                _ => Known::Silent,
            },
        }
    }

    fn fault(&self, arg: &Arg, name: &str, known: Known) -> Option<Fault> {
        let (title, dashes) = (self.facts.title, self.dashes);
        let written = |flag: &&crate::catalogue::Flag| flag.name.strip_prefix("--") == Some(name);
        let instead = self.facts.flags.iter().find(written).map(|f| f.instead).filter(|i| !i.is_empty());
        let mut slip = None;
        let (message, help) = match known {
            Known::Gone(until) => (
                format!("`{dashes}{name}` was removed in {title} {until}"),
                Some(instead.map_or_else(|| "delete it".to_owned(), |i| format!("write `{i}`"))),
            ),
            Known::Later(since) => (
                format!("`{dashes}{name}` came with {title} {since}"),
                Some(format!("delete it, or run a version that has it; this is {}", self.version)),
            ),
            Known::Never => {
                let all = self.at.and_then(At::flags)?;
                let near = Near::default();
                let near = near.nearest(name, all.fields().map(schema::Field::name));
                slip = Some((name.to_owned(), near.unwrap_or_default()));
                let near = near.map(|n| format!("did you mean `{dashes}{n}`?"));
                (format!("`{dashes}{name}` is no flag of {title} {}", self.version), near)
            }
            Known::Here(_) | Known::Silent => return None,
        };
        Some(Fault { span: arg.span, message, help, by_version: !matches!(known, Known::Never), near: slip })
    }
}

/// Whether a flag without `=` may have its value in the next word: not one that was negated.
fn name_only(negated: Option<&str>, name: &str) -> bool {
    negated != Some(name)
}

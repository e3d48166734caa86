//! Document → values: every key held against the table of declarations, every error of shape reported.

use crate::catalogue::Version;
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::{Span, Spanned};

use super::ignores;
use super::model::Ignore;
use super::node::Node;
use super::quantity;
use super::report::Report;
use super::rules;
use super::sections::{self, SECTIONS};
use super::suggest::nearest;
use super::table::{Fallback, Form, Key, Least, Section, Shape, one_of};
use super::text::{Complaint, TextForm, VARIABLE, printable};
use super::version::{self, Pin};

/// A value of the right form.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Flag(bool),
    /// A port, a count, seconds or bytes.
    Number(u64),
    Word(&'static str),
    Text(String),
    Texts(Vec<Spanned<String>>),
    Ignores(Vec<Ignore>),
    Version(Version),
}

/// A key that was written.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) key: &'static str,
    pub(super) key_span: Span,
    /// `None` = not of the right form, already reported.
    pub(super) value: Option<Spanned<Value>>,
}

/// A section that was written.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) section: &'static Section,
    /// The service, in `[resources.<service>]`.
    pub(super) name: Option<Spanned<&'static str>>,
    pub(super) span: Span,
    fields: Vec<Field>,
    /// Whether it is no table at all, already reported.
    broken: bool,
}

/// How a key stands.
#[derive(Debug, Clone, Copy)]
pub(super) enum Got<'a> {
    Written(&'a Spanned<Value>, &'a Field),
    Absent,
    /// Written, but nothing can be said of it: already reported.
    Broken,
}

impl Table {
    pub(super) fn get(&self, key: &str) -> Got<'_> {
        match self.fields.iter().find(|f| f.key == key) {
            Some(field) => field.value.as_ref().map_or(Got::Broken, |v| Got::Written(v, field)),
            None if self.broken => Got::Broken,
            None => Got::Absent,
        }
    }

    pub(super) fn fields(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter()
    }
}

/// All that was written.
#[derive(Debug, Default)]
pub(super) struct Values {
    tables: Vec<Table>,
}

impl Values {
    pub(super) fn all(&self, section: &str) -> impl Iterator<Item = &Table> {
        self.tables.iter().filter(move |t| t.section.name == section)
    }

    /// Whether something was written, and nothing outside of these sections.
    pub(super) fn only(&self, sections: &[&str]) -> bool {
        !self.tables.is_empty() && self.tables.iter().all(|t| sections.contains(&t.section.name))
    }

    pub(super) fn table(&self, section: &str) -> Option<&Table> {
        self.all(section).next()
    }

    pub(super) fn get(&self, section: &str, key: &str) -> Got<'_> {
        self.table(section).map_or(Got::Absent, |t| t.get(key))
    }
}

/// Reads the whole document.
pub(super) fn read(root: Node<'_>, report: &mut Report<'_>) -> Values {
    let mut values = Values::default();
    for (name, key_span, node) in root.entries().into_iter().flatten() {
        let Some(section) = sections::section(name) else {
            if report.has_room() {
                let found = unknown_section(name, key_span);
                report.push(found);
            }
            continue;
        };
        match section.shape {
            Shape::Table => values.tables.push(table(section, None, key_span, node, report)),
            Shape::List => match node.items() {
                Some(items) => {
                    for item in items {
                        values.tables.push(table(section, None, item.span(), item, report));
                    }
                }
                None => values.tables.push(broken(section, key_span, node, report)),
            },
            Shape::Named(names) => match node.entries() {
                Some(entries) => {
                    for (service, service_span, node) in entries {
                        let Some(known) = names.iter().copied().find(|n| *n == service) else {
                            if report.has_room() {
                                let message = format!("`[{}]` knows no service `{}`", section.name, printable(service));
                                let found = Diagnostic::new(&rules::UNKNOWN_KEY, service_span, message);
                                report.push(suggest(
                                    found,
                                    nearest(service, names.iter().copied()).map(str::to_owned),
                                    || format!("use one of {}", names.join(", ")),
                                ));
                            }
                            continue;
                        };
                        let name = Some(Spanned::new(known, service_span));
                        values.tables.push(table(section, name, service_span, node, report));
                    }
                }
                None => values.tables.push(broken(section, key_span, node, report)),
            },
        }
    }
    values
}

fn broken(section: &'static Section, key_span: Span, node: Node<'_>, report: &mut Report<'_>) -> Table {
    broken_as(section, section.name, &section.header(), key_span, node, report)
}

fn broken_as(
    section: &'static Section,
    name: &str,
    header: &str,
    key_span: Span,
    node: Node<'_>,
    report: &mut Report<'_>,
) -> Table {
    let found = match section.shape {
        Shape::List if node.entries().is_some() => Diagnostic::new(
            &rules::INVALID_VALUE,
            key_span,
            format!("`{name}` must be a list of tables, not one table"),
        )
        .help(format!("write `{header}`")),
        Shape::Table | Shape::Named(_) if node.items().is_some() => {
            Diagnostic::new(&rules::INVALID_VALUE, key_span, format!("`{name}` must be one table, not a list"))
                .help(format!("write `{header}` once"))
        }
        _ => Diagnostic::new(
            &rules::INVALID_VALUE,
            node.span(),
            format!("`{name}` must be a table, not {}", node.what()),
        )
        .help(format!("write `{header}`")),
    };
    report.push(found);
    Table { section, name: None, span: key_span, fields: Vec::new(), broken: true }
}

fn table(
    section: &'static Section,
    name: Option<Spanned<&'static str>>,
    key_span: Span,
    node: Node<'_>,
    report: &mut Report<'_>,
) -> Table {
    let header = match &name {
        Some(name) => format!("[{}.{}]", section.name, name.value),
        None => section.header(),
    };
    let Some(entries) = node.entries() else {
        let called = name.as_ref().map_or(section.name, |n| n.value);
        return broken_as(section, called, &header, key_span, node, report);
    };
    let mut fields: Vec<Field> = Vec::new();
    for (name, key_span, node) in entries {
        match section.key(name) {
            Some(key) => {
                let value = value(section, key, node, report).map(|v| Spanned::new(v, node.span()));
                fields.push(Field { key: key.name, key_span, value });
            }
            None if report.has_room() => {
                let found = unknown_key(section, &header, name, key_span);
                report.push(found);
            }
            None => {}
        }
    }
    // The header of a table whose text is broken may have lost the very line.
    if !report.is_broken() {
        for key in section.keys {
            if matches!(key.fallback, Fallback::Required) && !fields.iter().any(|f| f.key == key.name) {
                let message = format!("`{header}` needs `{}`", key.name);
                let help = format!("add `{}`, {}", key.name, key.form.expects());
                report.push(Diagnostic::new(&rules::MISSING_KEY, key_span, message).help(help));
            }
        }
    }
    Table { section, name, span: key_span, fields, broken: false }
}

fn unknown_section(name: &str, span: Span) -> Diagnostic {
    if sections::LATER.contains(&name) {
        return not_available(span, format!("`[{name}]`"));
    }
    let found =
        Diagnostic::new(&rules::UNKNOWN_KEY, span, format!("there is no `{}` at the top level", printable(name)));
    let near = nearest(name, SECTIONS.iter().map(|s| s.name)).and_then(sections::section).map(Section::header);
    suggest(found, near.or_else(|| elsewhere(name, None)), || {
        let known: Vec<String> = SECTIONS.iter().map(|s| format!("`{}`", s.header())).collect();
        format!("use one of {}", known.join(", "))
    })
}

fn unknown_key(section: &'static Section, header: &str, name: &str, span: Span) -> Diagnostic {
    if section.later.contains(&name) {
        return not_available(span, format!("`{header} {name}`"));
    }
    let found = Diagnostic::new(&rules::UNKNOWN_KEY, span, format!("`{header}` has no key `{}`", printable(name)));
    let near = nearest(name, section.keys.iter().map(|k| k.name)).map(str::to_owned);
    suggest(found, near.or_else(|| elsewhere(name, Some(section))), || {
        let known: Vec<String> = section.keys.iter().map(|k| format!("`{}`", k.name)).collect();
        format!("it takes {}", known.join(", "))
    })
}

/// The nearest key of another section, with its header: `[retention] metrics`.
fn elsewhere(name: &str, but: Option<&Section>) -> Option<String> {
    let others = || SECTIONS.iter().filter(|s| but.is_none_or(|b| b.name != s.name));
    let near = nearest(name, others().flat_map(|s| s.keys.iter().map(|k| k.name)))?;
    let section = others().find(|s| s.key(near).is_some())?;
    Some(format!("{} {near}", section.header()))
}

fn suggest(found: Diagnostic, near: Option<String>, all: impl FnOnce() -> String) -> Diagnostic {
    match near {
        Some(near) => found.help(format!("did you mean `{near}`")),
        None => found.help(all()),
    }
}

pub(super) fn not_available(span: Span, what: String) -> Diagnostic {
    Diagnostic::new(&rules::NOT_AVAILABLE, span, format!("{what} is not available in this version of vispyr"))
}

/// The value in the form of its key; `None` when it was reported.
fn value(section: &'static Section, key: &'static Key, node: Node<'_>, report: &mut Report<'_>) -> Option<Value> {
    match key.form {
        Form::Flag => match node.as_bool() {
            Some(flag) => Some(Value::Flag(flag)),
            None => refuse(report, wrong_type(key, node)),
        },
        Form::Port | Form::Count => {
            let most = if matches!(key.form, Form::Port) { i128::from(u16::MAX) } else { i128::from(i64::MAX) };
            match node.as_int() {
                Some(number) if (1..=most).contains(&number) => u64::try_from(number).ok().map(Value::Number),
                Some(number) => {
                    refuse(report, invalid(key, node, &number.to_string(), &Complaint::new("is out of range")))
                }
                None => refuse(report, wrong_type(key, node)),
            }
        }
        Form::Duration(least) => quantity(key, node, least, quantity::duration, report),
        Form::Size(least) => quantity(key, node, least, quantity::size, report),
        Form::Choice(values, later) => choice(section, key, values, later, node, report),
        Form::Version => pinned(key, node, report),
        Form::Text(form) => text(key, form, node, report).map(Value::Text),
        Form::Texts(form, some) => texts(key, form, some, node, report).map(Value::Texts),
        Form::Ignores => ignores::value(key, node, report).map(Value::Ignores),
        Form::Secret => secret(section, key, node, report).map(Value::Text),
    }
}

/// A list of texts of a form.
pub(super) fn texts(
    key: &Key,
    form: &'static TextForm,
    some: bool,
    node: Node<'_>,
    report: &mut Report<'_>,
) -> Option<Vec<Spanned<String>>> {
    let key = &Key { form: Form::Texts(form, some), ..*key };
    let Some(items) = node.items() else { return refuse(report, wrong_type(key, node)) };
    let mut texts = Vec::new();
    let mut whole = true;
    let mut count = 0_usize;
    for item in items {
        count += 1;
        match text(key, form, item, report) {
            Some(text) => texts.push(Spanned::new(text, item.span())),
            None => whole = false,
        }
    }
    if some && count == 0 {
        let message = format!("`{}` must be a list of at least one text, each {}", key.name, form.what);
        return refuse(report, Diagnostic::new(&rules::INVALID_VALUE, node.span(), message));
    }
    whole.then_some(texts)
}

pub(super) fn refuse<T>(report: &mut Report<'_>, found: Diagnostic) -> Option<T> {
    report.push(found);
    None
}

pub(super) fn wrong_type(key: &Key, node: Node<'_>) -> Diagnostic {
    let message = format!("`{}` must be {}, not {}", key.name, key.form.expects(), node.what());
    let found = Diagnostic::new(&rules::INVALID_VALUE, node.span(), message);
    let name = key.name;
    match (key.form, node.as_str(), node.as_bool(), node.as_int()) {
        (Form::Flag, Some(word @ ("true" | "false")), ..) => found.help(format!("write `{name} = {word}`")),
        (Form::Port | Form::Count, Some(digits), ..) if digits.parse::<u32>().is_ok() => {
            found.help(format!("write `{name} = {digits}`"))
        }
        (Form::Choice(values, _), _, Some(false), _) if values.contains(&"off") => {
            found.help(format!("write `{name} = \"off\"`"))
        }
        (Form::Texts(..), Some(one), ..) => found.help(format!("write `{name} = [\"{}\"]`", printable(one))),
        (Form::Duration(_), .., Some(number)) if number > 0 => {
            found.help(format!("write a text with a unit, such as `{name} = \"{number}d\"`"))
        }
        (Form::Size(_), .., Some(number)) if number > 0 => {
            found.help(format!("write a text with a unit, such as `{name} = \"{number}GB\"`"))
        }
        _ => found,
    }
}

fn invalid(key: &Key, node: Node<'_>, shown: &str, complaint: &Complaint) -> Diagnostic {
    let message = format!("`{}` must be {}: {} {}", key.name, expected(key, node), quoted(shown), complaint.message);
    let found = Diagnostic::new(&rules::INVALID_VALUE, node.span(), message);
    match &complaint.help {
        Some(help) => found.help(help.clone()),
        None => found,
    }
}

/// A key of a table of the user's own that is not of the form its keys have.
pub(super) fn no_key(key: &Key, form: &TextForm, span: Span, name: &str, complaint: &Complaint) -> Diagnostic {
    let message = format!("a key of `{}` must be {}: {} {}", key.name, form.what, quoted(name), complaint.message);
    let found = Diagnostic::new(&rules::INVALID_VALUE, span, message);
    match &complaint.help {
        Some(help) => found.help(help.clone()),
        None => found,
    }
}

/// The type of this node: in a list, that of the item.
fn expected(key: &Key, node: Node<'_>) -> String {
    match key.form {
        Form::Texts(form, _) if node.items().is_none() => form.what.to_owned(),
        form => form.expects(),
    }
}

/// A value in a message; one that may hold a password is not repeated.
fn quoted(text: &str) -> String {
    match text {
        "" => "the text".to_owned(),
        _ if text.contains('@') => "the value".to_owned(),
        _ => format!("`{}`", printable(text)),
    }
}

fn text(key: &Key, form: &TextForm, node: Node<'_>, report: &mut Report<'_>) -> Option<String> {
    let Some(text) = node.as_str() else {
        let message = format!("`{}` must be {}, not {}", key.name, form.what, node.what());
        return refuse(report, Diagnostic::new(&rules::INVALID_VALUE, node.span(), message));
    };
    match (form.check)(text) {
        Ok(()) => Some(text.to_owned()),
        Err(_) if !report.has_room() => None,
        Err(complaint) => refuse(report, invalid(key, node, text, &complaint)),
    }
}

fn quantity(
    key: &Key,
    node: Node<'_>,
    least: Least,
    parse: fn(&str) -> Result<u64, Complaint>,
    report: &mut Report<'_>,
) -> Option<Value> {
    let Some(text) = node.as_str() else { return refuse(report, wrong_type(key, node)) };
    match parse(text) {
        Err(complaint) => refuse(report, invalid(key, node, text, &complaint)),
        Ok(number) if parse(least.text).is_ok_and(|l| number < l) => {
            let message = format!("`{}` must be at least `{}`", key.name, least.text);
            let found = Diagnostic::new(&rules::INVALID_VALUE, node.span(), message);
            refuse(report, if least.why.is_empty() { found } else { found.note(least.why) })
        }
        Ok(number) => Some(Value::Number(number)),
    }
}

fn choice(
    section: &Section,
    key: &Key,
    values: &'static [&'static str],
    later: &[&str],
    node: Node<'_>,
    report: &mut Report<'_>,
) -> Option<Value> {
    let Some(word) = node.as_str() else { return refuse(report, wrong_type(key, node)) };
    if let Some(known) = values.iter().find(|v| **v == word) {
        return Some(Value::Word(known));
    }
    if later.contains(&word) {
        let found = not_available(node.span(), format!("`{} {} = \"{word}\"`", section.header(), key.name));
        return refuse(report, found.help(format!("use {}", one_of(values))));
    }
    let message = format!("`{}` must be {}, not `\"{}\"`", key.name, one_of(values), printable(word));
    let found = Diagnostic::new(&rules::INVALID_VALUE, node.span(), message);
    refuse(
        report,
        match nearest(word, values.iter().copied()) {
            Some(near) => found.help(format!("did you mean `\"{near}\"`")),
            None => found,
        },
    )
}

fn pinned(key: &Key, node: Node<'_>, report: &mut Report<'_>) -> Option<Value> {
    let Some(text) = node.as_str() else {
        let found = wrong_type(key, node);
        let quotes = matches!(node.what(), "a fraction" | "a whole number");
        return refuse(report, if quotes { found.help("write major, minor and patch in quotes") } else { found });
    };
    let with = |found: Diagnostic, complaint: &Complaint| match &complaint.help {
        Some(help) => found.help(help.clone()),
        None => found,
    };
    match version::pin(key.name, text) {
        Pin::Known(version) => Some(Value::Version(version)),
        Pin::Unknown(version, known) => {
            let message = format!("`{}` {version} is not known to vispyr", key.name);
            let found = Diagnostic::new(&rules::UNKNOWN_VERSION, node.span(), message).severity(Severity::Info);
            report.push(found.note(known));
            Some(Value::Version(version))
        }
        Pin::Floating(complaint) => {
            let message =
                format!("`{}` must be an exact version: `{}` {}", key.name, printable(text), complaint.message);
            refuse(report, with(Diagnostic::new(&rules::FLOATING_VERSION, node.span(), message), &complaint))
        }
        Pin::Unfit(complaint) => {
            let message = format!("`{}` cannot be {}: it {}", key.name, printable(text), complaint.message);
            refuse(report, with(Diagnostic::new(&rules::INVALID_VALUE, node.span(), message), &complaint))
        }
    }
}

fn secret(section: &Section, key: &Key, node: Node<'_>, report: &mut Report<'_>) -> Option<String> {
    let name = key.name;
    let Some(entries) = node.entries() else {
        // The value is never repeated: it is the secret.
        let message = format!("`{name}` must name where the secret is kept, not hold it");
        let found = Diagnostic::new(&rules::INVALID_VALUE, node.span(), message);
        let help = format!("write `{name} = {{ env = \"TOKEN\" }}` and put the value behind `TOKEN=` in `.env`");
        return refuse(report, if node.as_str().is_some() { found.help(help) } else { wrong_type(key, node) });
    };
    let mut variable = None;
    let mut seen = false;
    for (kind, span, node) in entries {
        match kind {
            "env" => {
                seen = true;
                variable = text(key, &VARIABLE, node, report);
            }
            "file" | "generate" => {
                seen = true;
                let what = format!("`{} {name} = {{ {kind} = … }}`", section.header());
                report.push(not_available(span, what).help("use `env`"));
            }
            _ if report.has_room() => {
                let message = format!("`{name}` has no key `{}`", printable(kind));
                report.push(Diagnostic::new(&rules::UNKNOWN_KEY, span, message).help("use `env`"));
            }
            _ => {}
        }
    }
    if !seen {
        let message = format!("`{name}` needs `env`");
        report.push(
            Diagnostic::new(&rules::MISSING_KEY, node.span(), message)
                .help(format!("write `{name} = {{ env = \"TOKEN\" }}`")),
        );
    }
    variable
}

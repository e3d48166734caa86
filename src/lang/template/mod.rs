//! Go's `text/template`, read as far as its parser refuses it (golang/go src/text/template/parse@go1.26.0): actions, pipelines,
//! functions that must be known, variables that must be declared. What a template does when it is executed is not looked
//! at, nor does its parser.

mod lexer;
mod parser;
pub mod sprig;

use std::ops::Range;

/// Why a template is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// Bytes of the text.
    pub range: Range<usize>,
    /// Why.
    pub message: String,
    /// The name of a function or variable that is not known.
    pub unknown: Option<String>,
}

/// What a template may call and use.
#[derive(Debug, Clone, Copy)]
pub struct Names<'n> {
    /// Functions beside Go's own, in lists.
    pub functions: &'n [&'n [&'n str]],
    /// Variables that are declared before the text: `$labels`.
    pub variables: &'n [&'n str],
}

/// Functions that every template has (text/template/funcs.go `builtins`).
pub const BUILTINS: [&str; 19] = [
    "and", "call", "eq", "ge", "gt", "html", "index", "js", "le", "len", "lt", "ne", "not", "or", "print", "printf",
    "println", "slice", "urlquery",
];

/// Reads a template.
///
/// # Errors
/// The first reason for which Go refuses it.
pub fn check(text: &str, names: Names<'_>) -> Result<(), Error> {
    parser::Parser::new(text, names).run()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(), String> {
        let functions: &[&str] = &["humanize", "title", "query", "first", "value", "label"];
        check(text, Names { functions: &[functions], variables: &["$labels", "$value"] }).map_err(|e| e.message)
    }

    #[test]
    fn templates_that_go_takes() {
        for good in [
            "{{ $value | }}",
            "",
            "plain } text",
            "{{ $value }}",
            "{{$labels.instance}} is {{ $value | humanize }}%",
            "{{ .Labels.job }}{{ . }}{{ $ }}{{ $.Labels }}",
            "{{- $value -}} x {{- /* comment */ -}}",
            "{{/* a */}}",
            "{{ if $value }}a{{ else if gt $value 3.0 }}b{{ else }}c{{ end }}",
            "{{ with query \"up\" }}{{ . | first | value | humanize }}{{ end }}",
            "{{ range query \"up\" }}{{ .Value }}{{ break }}{{ end }}",
            "{{ range $i, $e := query \"up\" }}{{ $i }}{{ $e }}{{ else }}none{{ end }}",
            "{{ $x := 1 }}{{ $x = 2 }}{{ $x }}",
            "{{ printf \"%.2f\" $value }}",
            "{{ (index $labels \"a\").b }}",
            "{{ `raw` }}{{ 'c' }}{{ 0x1F }}{{ 1.5e3 }}{{ -1 }}{{ nil | print }}",
            "{{ define \"x\" }}{{ . }}{{ end }}{{ template \"x\" . }}",
            "{{ printf \"%s\"\n $value }}",
            "{{ with $x := $value }}{{ $x }}{{ end }}",
            "{{ if and (eq 1 1) (not false) }}{{ end }}",
        ] {
            assert_eq!(read(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn templates_that_go_refuses() {
        for bad in [
            "{{",
            "{{ $value",
            "{{ }}",
            "{{ $nope }}",
            "{{ nope $value }}",
            "{{ $value | 3 }}",
            "{{ $value | . }}",
            "{{ if $value }}",
            "{{ end }}",
            "{{ else }}",
            "{{ if }}a{{ end }}",
            "{{ \"open }}",
            "{{ 'x }}",
            "{{ (print 1 }}",
            "{{ print 1) }}",
            "{{ $labels.a-b }}",
            "{{ $labels..a }}",
            "{{ 1.2.3 }}",
            "{{ 3x }}",
            "{{ break }}",
            "{{ $labels[a] }}",
            "{{ # }}",
            "{{/* a }}",
            "{{ template x }}",
            "{{ if $value }}{{ define \"a\" }}{{ end }}{{ end }}",
            "{{ $x : 1 }}",
            "{{ $a, $b := 1 }}",
            "{{ \"a\".b }}",
            "{{ printf \"\\q\" }}",
            "{{ humanize $value }",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn hostile_nesting_ends() {
        // Its lexer refuses what is not closed; what is closed and too deep is taken as it is.
        assert!(read(&format!("{{{{ {} 1 }}}}", "(".repeat(100_000))).is_err());
        assert_eq!(read(&format!("{{{{ {} 1 {} }}}}", "(".repeat(100_000), ")".repeat(100_000))), Ok(()));
        let open = "{{ if 1 }}".repeat(20_000);
        assert!(read(&open).is_err());
        assert_eq!(read(&format!("{open}{}", "{{ end }}".repeat(20_000))), Ok(()));
    }
}

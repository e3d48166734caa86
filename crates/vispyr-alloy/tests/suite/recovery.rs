//! One mistake, one error, and what stands around it is still read.

use vispyr_alloy::parse;

/// Errors as `line: message`, and the names of the top-level statements.
fn read(text: &str) -> (Vec<String>, Vec<String>) {
    let parsed = parse(text);
    let errors = parsed
        .errors
        .iter()
        .map(|error| {
            let line = text[..error.range.start as usize].matches('\n').count() + 1;
            format!("{line}: {}", error.message)
        })
        .collect();
    let names = parsed
        .file
        .body()
        .stmts()
        .map(|stmt| match stmt {
            vispyr_alloy::Stmt::Attribute(attribute) => attribute.name().name().to_owned(),
            vispyr_alloy::Stmt::Block(block) => block.name().into_owned(),
        })
        .collect();
    (errors, names)
}

#[track_caller]
fn check(text: &str, errors: &[&str], names: &[&str]) {
    assert_eq!(
        read(text),
        (errors.iter().map(|s| s.to_string()).collect(), names.iter().map(|s| s.to_string()).collect())
    );
}

#[test]
fn three_mistakes_are_three_errors() {
    check(
        "a = [1 2]\nb \"x y\" {\n\tc = 'q'\n}\nd = 1\ne f {}\ng = 2\n",
        &[
            "1: expected `,` or `]`, found a number",
            "2: `x y` cannot be a label: only letters, digits and `_` are allowed, no digit first",
            "3: strings are written in double quotes",
            "6: a label is written in double quotes",
        ],
        &["a", "b", "d", "e", "g"],
    );
}

#[test]
fn a_mistake_in_a_block_leaves_the_block_and_its_neighbours() {
    check(
        "a \"l\" {\n\tx = = 1\n\ty = 2\n}\nb {\n\tfoo bar\n}\nc = 3\n",
        &["2: expected a value, found `=`", "6: expected `=`, a label or `{`, found a name"],
        &["a", "b", "c"],
    );
    let parsed = parse("a {\n\tx = = 1\n\ty = 2\n}\n");
    let block = parsed.file.body().block("a").unwrap();
    assert_eq!(block.body().attr("y").unwrap().value().as_i64(), Some(2));
}

#[test]
fn an_open_bracket_ends_before_the_next_statement() {
    check(
        "a = [1, 2\nb = 3\nc = f(1\nd \"l\" {\n}\n",
        &["1: this `[` is never closed", "3: this `(` is never closed"],
        &["a", "b", "c", "d"],
    );
}

#[test]
fn a_missing_comma_is_told_once() {
    check("a = [\n\t\"x\"\n\t\"y\",\n]\nb = 1\n", &["2: a line break in a list needs a `,` before it"], &["a", "b"]);
    check("a = [\n\t1,\n\t2\n]\nb = 1\n", &["3: a line break in a list needs a `,` before it"], &["a", "b"]);
    check("a = {\n\tx = 1\n\ty = 2,\n}\nb = 1\n", &["2: a line break in a list needs a `,` before it"], &["a", "b"]);
    check("a = [\"x\" \"y\"]\nb = 1\n", &["1: expected `,` or `]`, found a string"], &["a", "b"]);
}

#[test]
fn an_open_block_is_pointed_at() {
    check("a {\n\tb {\n\t}\nc = 1\n", &["1: this `{` is never closed"], &["a"]);
    check("a = {\n\tb = 1,\n", &["1: this `{` is never closed"], &["a"]);
}

#[test]
fn a_brace_too_many_costs_nothing_else() {
    check("a {\n}\n}\nb = 1\n", &["3: this `}` closes nothing"], &["a", "b"]);
}

#[test]
fn a_block_is_no_value() {
    check("a = b \"l\" {\n\tc = [1]\n}\nd = 1\n", &["1: a block cannot be a value"], &["a", "d"]);
    check("a = b \"l\"\nd = 1\n", &["1: expected the end of the line, found a string"], &["a", "d"]);
}

#[test]
fn attributes_have_simple_names() {
    check(
        "a.b = 1\nc \"l\" = 2\n",
        &["1: the name of an attribute has no `.`", "2: an attribute has no label"],
        &["a", "c"],
    );
    check("a. {}\nb = 1\n", &["1: expected a name after `.`, found `{`"], &["a", "b"]);
}

#[test]
fn an_object_with_a_mistake_ends_at_its_brace() {
    check(
        "a {\n\tx = { b = 1, c 2 }\n\ty = { 1 = 2 }\n}\nd = 1\n",
        &["2: expected `=`, found a number", "3: expected the name of a field, found a number"],
        &["a", "d"],
    );
}

#[test]
fn a_statement_that_is_understood_is_kept() {
    check(
        "b: 1\n\"c\" = 2\nd-e = 3\nf\n{\n}\ng = 4,\nh = 5;\ni = 6\n",
        &[
            "1: `:` is not allowed here",
            "2: expected the name of an attribute or block, found a string",
            "3: `d-e` is no name: only letters, digits and `_` are allowed",
            "5: the `{` of a block stands on the line of its name",
            "7: expected the end of the line, found `,`",
            "8: `;` is not allowed here",
        ],
        &["b", "c", "d", "f", "g", "h", "i"],
    );
    check(
        "a = x.\nb = 1\nc = <VALUE>\nd = 2\n",
        &[
            "1: after this `.` the value goes on in the next line, which is an attribute",
            "3: `<VALUE>` is a placeholder, no value",
        ],
        &["a", "b", "c", "d"],
    );
}

#[test]
fn what_a_string_swallowed_is_not_missed() {
    check("a {\n\tb = `x\n}\n", &["2: the string is not terminated"], &["a"]);
    check("a {\n\tb = [1, /* x\n}\n", &["2: the comment is not terminated"], &["a"]);
}

#[test]
fn mistakes_in_any_number_take_no_time() {
    for text in [
        "a = <\n",
        "a = 1 = 1\n",
        "a {\n",
        "a {",
        "a = 1,\n",
        "b: <X>\n",
        "a-b = 1\n",
        "a l {}\n",
        "a = 1s\n",
        "a = [1\n",
        "a = x.\n",
        "a = {{ x }}\n",
        "a\n{\n",
        "a \"<L>\" = {\n",
        "\"a\" = 1 }\n",
        "/* x */ a /* y */ b /* z */ {\n",
        "...\n",
        ";",
    ] {
        let text = text.repeat(100_000);
        assert!(!parse(&text).errors.is_empty());
    }
}

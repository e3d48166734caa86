//! String literals.

use vispyr_alloy::{is_identifier, parse, quote, sanitize_identifier};

/// The value of `literal` and, for each byte offset of it, the offset in the literal.
fn decoded(literal: &str) -> (String, Vec<u32>) {
    let text = format!("a = {literal}");
    let parsed = parse(&text);
    let literal = parsed.file.body().attr("a").unwrap().value().as_literal().unwrap();
    let decoded = literal.decode();
    let offsets = (0..=decoded.value().len() as u32).map(|at| decoded.source_offset(at) - 4).collect();
    (decoded.value().to_owned(), offsets)
}

#[test]
fn plain_text_stands_behind_its_quote() {
    assert_eq!(decoded("\"abc\""), ("abc".to_owned(), vec![1, 2, 3, 4]));
    assert_eq!(decoded("\"\""), (String::new(), vec![1]));
    assert_eq!(decoded("`a\\n`"), ("a\\n".to_owned(), vec![1, 2, 3, 4]));
}

#[test]
fn escapes_shift_what_follows() {
    assert_eq!(decoded(r#""a\nb""#), ("a\nb".to_owned(), vec![1, 2, 4, 5]));
    assert_eq!(decoded(r#""\\\"""#), ("\\\"".to_owned(), vec![1, 3, 5]));
    // Both bytes of the character come from the same sequence.
    assert_eq!(decoded(r#""x\u00e9y""#), ("xéy".to_owned(), vec![1, 2, 2, 8, 9]));
    assert_eq!(decoded(r#""\a\b\f\r\t\v\101\x41\U0001f600""#).0, "\u{7}\u{8}\u{c}\r\t\u{b}AA\u{1f600}");
}

#[test]
fn bytes_are_joined_to_characters_or_replaced() {
    assert_eq!(decoded(r#""\xc3\xa9""#).0, "é");
    assert_eq!(decoded(r#""a\xffb""#), ("a\u{fffd}b".to_owned(), vec![1, 2, 2, 2, 6, 7]));
}

#[test]
fn raw_strings_lose_carriage_returns() {
    assert_eq!(decoded("`ab\r\nc`"), ("ab\nc".to_owned(), vec![1, 2, 4, 5, 6]));
}

#[test]
fn a_part_of_the_value_has_a_range_in_the_source() {
    let text = r#"a = "rate(\"x\"[5m])""#;
    let parsed = parse(text);
    let decoded = parsed.file.body().attr("a").unwrap().value().as_literal().unwrap().decode();
    let at = decoded.value().find("\"x\"").unwrap() as u32;
    let range = decoded.source_range(at..at + 3);
    assert_eq!(&text[range.start as usize..range.end as usize], r#"\"x\""#);
}

#[test]
fn quoting_is_undone_by_decoding() {
    for text in ["", "plain", "a\"b\\c", "tab\tnl\n\r", "é\u{200b}\u{1f600}\u{7f}\u{1}\u{e000}"] {
        assert_eq!(decoded(&quote(text)).0, text);
    }
    assert_eq!(quote("é\u{a0}\u{10ffff}\u{1}"), r#""é\u00a0\U0010ffff\x01""#);
}

#[test]
fn names_are_made_identifiers() {
    assert!(is_identifier("_é1") && is_identifier("a٣"));
    for name in ["", "1a", "a-b", "true", "null", "²", "a b"] {
        assert!(!is_identifier(name), "{name}");
    }
    assert_eq!(sanitize_identifier("my-app.web 2").as_deref(), Some("my_app_web_2"));
    assert_eq!(sanitize_identifier("2x").as_deref(), Some("_2x"));
    assert_eq!(sanitize_identifier(""), None);
}

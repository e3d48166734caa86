//! Fields of a log entry as operators of the OpenTelemetry Collector name them: `body`, `attributes.a`, `resource["a.b"]`
//! (open-telemetry/opentelemetry-collector-contrib pkg/stanza/entry/field.go@v0.134.0, @v0.158.0).

/// Where the reader stands.
#[derive(Clone, Copy)]
enum At {
    Begin,
    Bracket,
    Quote(char, usize),
    Quoted,
    Closed,
    Token(usize),
}

/// Why it is no field; `whole`: all attributes, or all of the resource, may be meant.
pub fn check(text: &str, whole: bool) -> Result<(), &'static str> {
    let keys = keys(text)?;
    match keys.first() {
        Some(&"body") => Ok(()),
        Some(&("attributes" | "resource")) if whole || keys.len() > 1 => Ok(()),
        Some(&"attributes") => Err("it names none of the attributes"),
        Some(&"resource") => Err("it names nothing of the resource"),
        _ => Err("it must begin with `body`, `attributes` or `resource`"),
    }
}

fn keys(text: &str) -> Result<Vec<&str>, &'static str> {
    let (mut keys, mut at) = (Vec::new(), At::Begin);
    for (i, c) in text.char_indices() {
        at = match (at, c) {
            (At::Begin, '[') => At::Bracket,
            (At::Begin, _) => At::Token(i),
            (At::Bracket, '\'' | '"') => At::Quote(c, i + 1),
            (At::Bracket, _) => return Err("a name in brackets must stand in quotes"),
            (At::Quote(quote, start), _) if c == quote => {
                keys.push(&text[start..i]);
                At::Quoted
            }
            (At::Quoted, ']') => At::Closed,
            (At::Quoted, _) => return Err("a name in brackets is followed by `]`"),
            (At::Closed, '.') => At::Token(i + 1),
            (At::Closed, '[') => At::Bracket,
            (At::Closed, _) => return Err("`]` is followed by `.` or `[`"),
            (At::Token(start), '.') => {
                keys.push(&text[start..i]);
                At::Token(i + 1)
            }
            (At::Token(start), '[') => {
                keys.push(&text[start..i]);
                At::Bracket
            }
            (at, _) => at,
        };
    }
    match at {
        At::Bracket | At::Quoted => Err("a `[` is not closed"),
        At::Quote(..) => Err("a quote is not closed"),
        At::Token(start) => {
            keys.push(&text[start..]);
            Ok(keys)
        }
        At::Begin => Err("it is empty"),
        At::Closed => Ok(keys),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_begin_with_what_an_entry_has() {
        for field in ["body", "body.a.b", "attributes.a", "attributes['a.b']", "resource[\"a\"].b", "body[\"a\"]['b']"]
        {
            assert_eq!(check(field, false), Ok(()), "{field}");
        }
        for field in
            ["", "foo", "$body", "Body", "attributes", "resource", "body[a]", "body['a", "body['a'", "body['a']b"]
        {
            assert!(check(field, false).is_err(), "{field}");
        }
        for field in ["attributes", "resource", "['body']", "attributes."] {
            assert_eq!(check(field, true), Ok(()), "{field}");
        }
    }
}

//! The language of `when` and `refuse`: text → Rust code that builds a `Test`. The README beside the data describes it.

use crate::pool;

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Name(String),
    Text(String),
    /// A number, a duration (in nanoseconds) or a size (in bytes).
    Number(f64),
    Sign(&'static str),
}

const SIGNS: &[&str] = &["!=", "<=", ">=", "~[", "=", "<", ">", "(", ")", "[", "]", ","];
const UNITS: &[(&str, f64)] = &[
    ("ms", 1e6),
    ("s", 1e9),
    ("m", 60e9),
    ("h", 3600e9),
    ("KiB", 1024.0),
    ("MiB", 1_048_576.0),
    ("GiB", 1_073_741_824.0),
];

fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let len = if first == '"' {
            let end = rest[1..].find('"').unwrap_or_else(|| panic!("`{text}`: a string does not end")) + 1;
            found.push(Token::Text(rest[1..end].to_owned()));
            end + 1
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            found.push(Token::Sign(sign));
            sign.len()
        } else {
            let end = rest.find(|c: char| !(c.is_alphanumeric() || "_./^-".contains(c))).unwrap_or(rest.len());
            assert!(end > 0, "`{text}`: what is `{first}`?");
            let word = &rest[..end];
            let number = number(word);
            found.push(number.map_or_else(|| Token::Name(word.to_owned()), Token::Number));
            end
        };
        rest = rest[len..].trim_start();
    }
    found
}

/// `1`, `-1`, `0.5`, `1s`, `5MiB`.
pub(crate) fn number(word: &str) -> Option<f64> {
    let digits = word.trim_start_matches('-');
    let end = digits.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(digits.len());
    let unit = match &digits[end..] {
        "" => 1.0,
        unit => UNITS.iter().find(|(name, _)| *name == unit)?.1,
    };
    let value: f64 = digits[..end].parse().ok()?;
    Some(if word.starts_with('-') { -value * unit } else { value * unit })
}

/// Code of a path; a name that ends in `/` is one of a block.
pub(crate) fn path(name: &str) -> String {
    let steps = name.trim_end_matches('/');
    assert!(steps.split('/').all(|step| !step.is_empty()), "`{name}` is no path");
    format!("Path {{ steps: {}, block: {} }}", pool::text(steps), name.ends_with('/'))
}

/// Code of the test that an expression is.
pub(crate) fn test(text: &str) -> String {
    let tokens = tokens(text);
    let mut parser = Parser { text, tokens: &tokens, at: 0 };
    let code = parser.or();
    assert!(parser.at == tokens.len(), "`{text}`: what is {:?}?", tokens.get(parser.at));
    code
}

struct Parser<'t> {
    text: &'t str,
    tokens: &'t [Token],
    at: usize,
}

/// What stands at one side of a comparison: code of an operand, and the path if it is one.
enum Side {
    Path(String),
    Operand(String),
    Text(String),
    Test(String),
}

impl Parser<'_> {
    fn next(&mut self) -> Token {
        self.at += 1;
        self.tokens.get(self.at - 1).cloned().unwrap_or_else(|| panic!("`{}` ends too early", self.text))
    }

    fn takes(&mut self, token: &Token) -> bool {
        let found = self.tokens.get(self.at) == Some(token);
        self.at += usize::from(found);
        found
    }

    fn word(&mut self, word: &str) -> bool {
        self.takes(&Token::Name(word.to_owned()))
    }

    fn expect(&mut self, sign: &'static str) {
        assert!(self.takes(&Token::Sign(sign)), "`{}`: `{sign}` is missing before token {}", self.text, self.at);
    }

    fn or(&mut self) -> String {
        let mut tests = vec![self.and()];
        while self.word("or") {
            tests.push(self.and());
        }
        join("Or", tests)
    }

    fn and(&mut self) -> String {
        let mut tests = vec![self.not()];
        while self.word("and") {
            tests.push(self.not());
        }
        join("And", tests)
    }

    fn not(&mut self) -> String {
        if self.word("not") {
            return not(self.not());
        }
        if self.takes(&Token::Sign("(")) {
            let inner = self.or();
            self.expect(")");
            return inner;
        }
        if self.word("always") {
            return format!("Test::And({})", pool::tests(Vec::new()));
        }
        let left = self.side();
        if self.word("in") {
            return self.words(&left);
        }
        let Some(Token::Sign(sign @ ("=" | "!=" | "<" | "<=" | ">" | ">="))) = self.tokens.get(self.at) else {
            return match left {
                Side::Path(name) => format!("Test::Truthy({})", path(&name)),
                Side::Test(code) => code,
                _ => panic!("`{}`: a value is no test", self.text),
            };
        };
        self.at += 1;
        let right = self.side();
        comparison(self.text, sign, left, right)
    }

    /// `in ["a", "b"]`, and `in ~["a", "b"]` without regard to case.
    fn words(&mut self, left: &Side) -> String {
        let Side::Path(name) = left else { panic!("`{}`: `in` needs a path", self.text) };
        let fold = self.takes(&Token::Sign("~["));
        if !fold {
            self.expect("[");
        }
        let mut words = Vec::new();
        while let Token::Text(word) = self.next() {
            words.push(word);
            self.takes(&Token::Sign(","));
        }
        format!("Test::In {{ path: {}, words: {}, fold: {fold} }}", path(name), pool::words(&words))
    }

    fn side(&mut self) -> Side {
        match self.next() {
            Token::Number(number) => Side::Operand(format!("Operand::Number({number:?})")),
            Token::Text(text) => Side::Text(text),
            Token::Name(name) if self.takes(&Token::Sign("(")) => {
                let side = self.call(&name);
                self.expect(")");
                side
            }
            Token::Name(name) => Side::Path(name),
            other => panic!("`{}`: what is {other:?}?", self.text),
        }
    }

    fn name(&mut self) -> String {
        match self.next() {
            Token::Name(name) => name,
            other => panic!("`{}`: {other:?} is no path", self.text),
        }
    }

    fn string(&mut self) -> String {
        self.expect(",");
        match self.next() {
            Token::Text(text) => text,
            other => panic!("`{}`: {other:?} is no string", self.text),
        }
    }

    fn call(&mut self, function: &str) -> Side {
        if function == "ones" {
            let mut tests = vec![self.or()];
            while self.takes(&Token::Sign(",")) {
                tests.push(self.or());
            }
            return Side::Operand(format!("Operand::Ones({})", pool::tests(tests)));
        }
        let name = self.name();
        let at = path(&name);
        let code = match function {
            "plus" => {
                self.expect(",");
                return Side::Operand(format!("Operand::Plus({at}, {})", path(&self.name())));
            }
            "minus" => {
                self.expect(",");
                let Token::Number(number) = self.next() else { panic!("`{}`: `minus` takes a number", self.text) };
                return Side::Operand(format!("Operand::Minus({at}, {number:?})"));
            }
            "count" => return Side::Operand(format!("Operand::Count({at})")),
            "length" => return Side::Operand(format!("Operand::Length({at})")),
            "written" => format!("Test::Written({at})"),
            "prefix" => format!("Test::Prefix({at}, {})", pool::text(&self.string())),
            "suffix" => format!("Test::Suffix({at}, {})", pool::text(&self.string())),
            "holds" => format!("Test::Holds({at}, {})", pool::text(&self.string())),
            // Quotes of JSON are written `'` here.
            "default" => format!("Test::Default({at}, {})", pool::text(&self.string().replace('\'', "\""))),
            "valid" => format!("Test::Valid({at}, {})", syntax(&self.string())),
            "any" => {
                self.expect(",");
                format!("Test::Any({at}, {})", pool::test(self.or()))
            }
            "anykey" | "barekey" => {
                self.expect(",");
                let (inner, bare) = (pool::test(self.or()), function == "barekey");
                format!("Test::AnyKey {{ path: {at}, test: {inner}, bare: {bare} }}")
            }
            "text" => format!("Test::Text({at})"),
            "named" => {
                self.expect(",");
                format!("Test::Named({at}, {})", path(&self.name()))
            }
            "duplicate" => {
                let mut attributes = Vec::new();
                while self.takes(&Token::Sign(",")) {
                    attributes.push(self.name());
                }
                format!("Test::Duplicate({at}, {})", pool::words(&attributes))
            }
            other => panic!("`{}`: there is no `{other}()`", self.text),
        };
        Side::Test(code)
    }
}

/// Code of the test that holds where another does not.
pub(crate) fn not(code: String) -> String {
    format!("Test::Not({})", pool::test(code))
}

pub(crate) fn join(kind: &str, mut tests: Vec<String>) -> String {
    if tests.len() == 1 { tests.remove(0) } else { format!("Test::{kind}({})", pool::tests(tests)) }
}

fn comparison(text: &str, sign: &str, left: Side, right: Side) -> String {
    if let (Side::Path(name), Side::Text(word)) = (&left, &right) {
        let words = pool::words(&[word]);
        let code = format!("Test::In {{ path: {}, words: {words}, fold: false }}", path(name));
        return match sign {
            "=" => code,
            "!=" => not(code),
            _ => panic!("`{text}`: texts have no order"),
        };
    }
    let operand = |side: Side| match side {
        Side::Path(name) => format!("Operand::Path({})", path(&name)),
        Side::Operand(code) => code,
        _ => panic!("`{text}`: compares what is no value"),
    };
    let (left, right) = (operand(left), operand(right));
    let code = |op: &str, left: &str, right: &str| format!("Test::Compare(Op::{op}, {left}, {right})");
    match sign {
        "=" => code("Equal", &left, &right),
        "!=" => not(code("Equal", &left, &right)),
        "<" => code("Less", &left, &right),
        "<=" => code("AtMost", &left, &right),
        ">" => code("More", &left, &right),
        _ => code("AtLeast", &left, &right),
    }
}

/// Code of a syntax by its name in the data.
pub(crate) fn syntax(name: &str) -> String {
    let variant = match name {
        "regex" => "Regex",
        "url" => "Url",
        "http-url" => "HttpUrl",
        "absolute-url" => "AbsoluteUrl",
        "host-port" => "HostPort",
        "uuid" => "Uuid",
        "label" => "Label",
        "label-template" => "LabelTemplate",
        "octal" => "Octal",
        "float" => "Float",
        "duration" => "Duration",
        "template" => "Template",
        "plain-template" => "PlainTemplate",
        "pattern" => "Pattern",
        "jmespath" => "JmesPath",
        "logql" => "LogQl",
        "encoding" => "Encoding",
        "listen-address" => "ListenAddress",
        "kafka-version" => "KafkaVersion",
        "any-kafka-version" => "AnyKafkaVersion",
        "time-zone" => "TimeZone",
        "hex" => "Hex",
        "named-regex" => "NamedRegex",
        "named-groups" => "NamedGroups",
        "blackbox-yaml" => "Yaml(Embedded::Blackbox)",
        "snmp-yaml" => "Yaml(Embedded::Snmp)",
        "mssql-yaml" => "Yaml(Embedded::Mssql)",
        "mysql-dsn" => "MysqlDsn",
        "strptime" => "Strptime",
        "hostname" => "Hostname",
        "character" => "Character",
        "postgres-url" => "PostgresUrl",
        "three-parts" => "ThreeParts",
        "token" => "Token",
        "glob" => "Glob",
        "field" => "Field",
        "root-field" => "RootField",
        "condition" => "Condition",
        other => panic!("there is no syntax `{other}`"),
    };
    format!("Syntax::{variant}")
}

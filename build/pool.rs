//! What compiled tables point to, in lists of their own and named by places in them: what points to nothing needs no work
//! at start-up, and of the lists only those pages are read that somebody asks for.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Write as _;

/// Lists that grow while code is made.
#[derive(Default)]
struct Pool {
    texts: String,
    /// Where each text stands.
    known: HashMap<String, usize>,
    words: Vec<String>,
    tests: Vec<String>,
}

thread_local! {
    static POOL: RefCell<Pool> = RefCell::default();
}

/// Code of a text.
pub(crate) fn text(text: &str) -> String {
    POOL.with_borrow_mut(|pool| {
        let at = pool.known.get(text).copied().unwrap_or_else(|| {
            let at = pool.texts.find(text).unwrap_or(pool.texts.len());
            if at == pool.texts.len() {
                pool.texts.push_str(text);
            }
            pool.known.insert(text.to_owned(), at);
            at
        });
        format!("Text {{ at: {at}, len: {} }}", text.len())
    })
}

/// Code of a list of texts.
pub(crate) fn words<S: AsRef<str>>(all: &[S]) -> String {
    let all: Vec<String> = all.iter().map(|word| text(word.as_ref())).collect();
    POOL.with_borrow_mut(|pool| {
        let at = (0..pool.words.len()).find(|at| pool.words[*at..].starts_with(&all)).unwrap_or(pool.words.len());
        if at == pool.words.len() {
            pool.words.extend_from_slice(&all);
        }
        format!("Words {{ at: {at}, len: {} }}", all.len())
    })
}

/// Code of a list of tests, of which each is code.
pub(crate) fn tests(all: Vec<String>) -> String {
    let len = all.len();
    format!("Tests {{ at: {}, len: {len} }}", added(all))
}

/// Code of a test inside of another.
pub(crate) fn test(code: String) -> String {
    format!("One({})", added(vec![code]))
}

fn added(all: Vec<String>) -> usize {
    POOL.with_borrow_mut(|pool| {
        let at = (0..pool.tests.len()).find(|at| pool.tests[*at..].starts_with(&all)).unwrap_or(pool.tests.len());
        if at == pool.tests.len() {
            pool.tests.extend(all);
        }
        at
    })
}

/// The lists as code.
pub(crate) fn code() -> String {
    POOL.with_borrow(|pool| {
        let mut out = format!("static TEXTS: &str = {:?};\n", pool.texts);
        for (name, kind, all) in [("WORDS", "Text", &pool.words), ("TESTS", "Test", &pool.tests)] {
            let _ = writeln!(out, "static {name}: &[{kind}] = &[\n{}\n];", all.join(",\n"));
        }
        out
    })
}

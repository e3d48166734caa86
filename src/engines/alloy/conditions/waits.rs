//! What must be written in a body before a condition can be broken there: as long as it is not, all is as in an empty body,
//! whose verdict is known.

use super::heads;
use super::judge::Judge;
use super::table::{Condition, Op, Operand, Test};
use super::test::{Scope, holds};
use super::view::Body;

/// So many of these names must be written.
#[derive(Debug, PartialEq, Eq)]
pub struct Wait {
    /// Names of attributes and blocks of the body, each once.
    pub names: Vec<&'static str>,
    /// How many of them; 0 = an empty body breaks the condition.
    pub count: u32,
}

/// What a condition waits for in the bodies of which `empty` is one with nothing in it.
pub fn wait(condition: &Condition, empty: &dyn Body, judge: &dyn Judge) -> Wait {
    let scope = Scope::new(empty, judge);
    let wait = of(&condition.test, &scope);
    if holds(&condition.test, &scope) == Some(true) { Wait { count: 0, ..wait } } else { wait }
}

fn of(test: &Test, empty: &Scope<'_>) -> Wait {
    let is_false = |test: &&Test| holds(test, empty) == Some(false);
    match test {
        // Each part that is false by itself must become true: the one that asks for the most is waited for.
        Test::And(parts) => {
            let waits = parts.iter().filter(is_false).map(|part| of(part, empty));
            waits.min_by_key(|wait| (std::cmp::Reverse(wait.count), wait.names.len())).unwrap_or_else(|| any(test))
        }
        // One of several that are false cannot be more than one of them.
        Test::Compare(Op::More, Operand::Ones(members), Operand::Number(limit)) if *limit == 1.0 => {
            let wait = any(test);
            let alone = |member: &Test| is_false(&member) && any(member).names.len() == 1;
            let two = members.iter().all(alone) && wait.names.len() == members.len();
            Wait { count: if two { 2 } else { 1 }, ..wait }
        }
        _ => any(test),
    }
}

/// Any name that a test asks about.
fn any(test: &Test) -> Wait {
    let mut names = Vec::new();
    heads::of_test(test, &mut |name| names.push(name));
    names.sort_unstable();
    names.dedup();
    Wait { names, count: 1 }
}

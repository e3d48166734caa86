//! Which names of a body a test asks about: where none of them is written, its verdict is that of an empty body.

use super::table::{Condition, Operand, Path, Test};

/// Hands over every name that a condition looks up in its body; of a block, the name alone, without what lies inside.
pub fn heads(condition: &Condition, take: &mut dyn FnMut(&'static str)) {
    of_test(&condition.test, take);
}

/// The same of one of its tests.
pub(super) fn of_test(of: &Test, take: &mut dyn FnMut(&'static str)) {
    test(of, 0, take);
}

/// `depth` counts the blocks around: a path goes up with one `^` for each.
fn test(of: &Test, depth: usize, take: &mut dyn FnMut(&'static str)) {
    match of {
        Test::And(tests) | Test::Or(tests) => tests.iter().for_each(|inner| test(inner, depth, take)),
        Test::Not(inner) => test(inner, depth, take),
        Test::Compare(_, left, right) => {
            operand(left, depth, take);
            operand(right, depth, take);
        }
        Test::Any(at, inner) => {
            path(at, depth, take);
            test(inner, depth + usize::from(at.block), take);
        }
        Test::AnyKey { path: at, test: inner, .. } => {
            path(at, depth, take);
            test(inner, depth, take);
        }
        Test::Named(at, operators) => [at, operators].into_iter().for_each(|at| path(at, depth, take)),
        Test::Truthy(at)
        | Test::Written(at)
        | Test::In { path: at, .. }
        | Test::Prefix(at, _)
        | Test::Suffix(at, _)
        | Test::Holds(at, _)
        | Test::Valid(at, _)
        | Test::Default(at, _)
        | Test::Text(at)
        | Test::Duplicate(at, _) => path(at, depth, take),
    }
}

fn operand(of: &Operand, depth: usize, take: &mut dyn FnMut(&'static str)) {
    match of {
        Operand::Number(_) => {}
        Operand::Path(at) | Operand::Count(at) | Operand::Minus(at, _) | Operand::Length(at) => path(at, depth, take),
        Operand::Plus(one, other) => [one, other].into_iter().for_each(|at| path(at, depth, take)),
        Operand::Ones(tests) => tests.iter().for_each(|inner| test(inner, depth, take)),
    }
}

fn path(of: &Path, depth: usize, take: &mut dyn FnMut(&'static str)) {
    let mut steps = of.steps.get().split('/').skip_while(|step| *step == "^");
    let up = of.steps.split('/').take_while(|step| *step == "^").count();
    // What is asked of a block inside is of this body only as far as the block is.
    if up >= depth
        && let Some(name) = steps.next()
    {
        take(name);
    }
}

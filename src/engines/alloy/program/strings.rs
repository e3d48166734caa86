//! `import.string`: modules that are written out in a string.

use std::cell::OnceCell;

use vispyr_alloy::{Expr, ExprKind, Parse, parse};

/// Strings beyond so many are not read.
const STRINGS: usize = 64;

/// What stands before a string is read again with it, as blanks: beyond so many bytes no other is read.
const BLANKS: usize = 8 << 20;

/// Modules in strings, as long as a program looks at them.
#[derive(Default)]
pub(in crate::engines::alloy) struct Strings {
    read: OnceCell<Box<[OnceCell<Parse>]>>,
}

impl Strings {
    /// Reads the module of an expression so that all of it lies where it stands in the file: behind as many blanks as there
    /// are bytes before. `None` = it is no string that reads as it is written, or there are too many.
    pub(super) fn read(&self, expr: Expr<'_>) -> Option<&Parse> {
        let ExprKind::String(literal) = expr.unparen().kind() else { return None };
        let decoded = literal.decode();
        let [(0, start)] = decoded.pieces() else { return None };
        let cells = self.read.get_or_init(|| (0..STRINGS).map(|_| OnceCell::new()).collect());
        let taken = cells.iter().map_while(|c| c.get());
        let blanks: usize = taken.map(|p| p.file.text().len()).sum();
        if blanks + *start as usize > BLANKS {
            return None;
        }
        let free = cells.iter().find(|c| c.get().is_none())?;
        Some(free.get_or_init(|| parse(&format!("{:1$}{2}", "", *start as usize, decoded.value()))))
    }
}

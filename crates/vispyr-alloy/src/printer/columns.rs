//! Elastic tab stops: cells that stand one below the other get one width.
//!
//! The behaviour is that of Go's `text/tabwriter` (go1.26) with a padding of one blank, empty columns discarded and
//! leading empty cells filled with tabs. A tab or a vertical tab ends a cell; a line feed ends a line; a form feed ends
//! a line and the block of lines that are aligned together, as does a line of a single cell.

use super::writer::ESCAPE;
use super::{TooLarge, limit};

const PADDING: usize = 1;
const TAB_WIDTH: usize = 8;

#[derive(Clone, Copy)]
struct Cell {
    /// Bytes in [`Columns::text`].
    size: usize,
    /// Characters.
    width: usize,
    /// Whether a tab ended it: an empty column of such cells stays.
    tab: bool,
}

/// The lines that wait until the widths of their columns are known.
struct Columns {
    text: Vec<u8>,
    cells: Vec<Cell>,
    /// Where each line begins in `cells`.
    lines: Vec<usize>,
    /// The cell that is being filled.
    size: usize,
    width: usize,
    out: Vec<u8>,
    max: usize,
}

/// Aligns the cells of a text.
pub(super) fn align(text: &[u8]) -> Result<Vec<u8>, TooLarge> {
    let mut columns = Columns {
        text: Vec::new(),
        cells: Vec::new(),
        lines: vec![0],
        size: 0,
        width: 0,
        out: Vec::with_capacity(text.len() + text.len() / 8),
        max: limit(text.len()),
    };
    let mut start = 0;
    let mut escaped = false;
    for (at, &byte) in text.iter().enumerate() {
        match byte {
            // A mark belongs to the cell but has no width.
            ESCAPE => {
                columns.append(&text[start..at]);
                columns.text.push(byte);
                columns.size += 1;
                start = at + 1;
                escaped = !escaped;
            }
            b'\t' | b'\x0b' | b'\n' | b'\x0c' if !escaped => {
                columns.append(&text[start..at]);
                start = at + 1;
                let cells = columns.end_cell(byte == b'\t');
                if byte == b'\n' || byte == b'\x0c' {
                    columns.lines.push(columns.cells.len());
                    if byte == b'\x0c' || cells == 1 {
                        columns.flush()?;
                    }
                }
            }
            _ => {}
        }
    }
    columns.append(&text[start..]);
    columns.flush()?;
    Ok(columns.out)
}

/// A run of lines that still lacks the widths from some column on.
struct Task {
    line: usize,
    end: usize,
    /// Lines before this one are written.
    unwritten: usize,
    /// How many widths to its left are known.
    column: usize,
}

impl Columns {
    fn append(&mut self, text: &[u8]) {
        self.text.extend_from_slice(text);
        self.size += text.len();
        self.width += text.iter().filter(|&&b| (b & 0xc0) != 0x80).count();
    }

    fn end_cell(&mut self, tab: bool) -> usize {
        self.cells.push(Cell { size: self.size, width: self.width, tab });
        self.size = 0;
        self.width = 0;
        self.cells.len() - self.lines.last().copied().unwrap_or(0)
    }

    /// Writes all lines. The last one has no line end: it is empty, or what the text ends with.
    fn flush(&mut self) -> Result<(), TooLarge> {
        if self.size > 0 {
            self.end_cell(false);
        }
        self.layout()?;
        self.text.clear();
        self.cells.clear();
        self.lines.clear();
        self.lines.push(0);
        Ok(())
    }

    fn line(&self, index: usize) -> &[Cell] {
        let start = self.lines.get(index).copied().unwrap_or(self.cells.len());
        let end = self.lines.get(index + 1).copied().unwrap_or(self.cells.len());
        self.cells.get(start..end).unwrap_or_default()
    }

    /// Finds, column by column from the left, the blocks of consecutive lines that have a cell in that column. The
    /// last cell of a line is no column: nothing stands to its right.
    fn layout(&mut self) -> Result<(), TooLarge> {
        let mut widths: Vec<usize> = Vec::new();
        let mut written = 0;
        let mut tasks = vec![Task { line: 0, end: self.lines.len(), unwritten: 0, column: 0 }];
        while let Some(task) = tasks.last_mut() {
            widths.truncate(task.column);
            let column = task.column;
            let has_cell = |index: usize| column + 1 < self.line(index).len();
            let mut this = task.line;
            while this < task.end && !has_cell(this) {
                this += 1;
            }
            let block = this;
            let (mut width, mut discardable) = (0, true);
            while this < task.end && has_cell(this) {
                let cell = self.line(this)[column];
                width = width.max(cell.width + PADDING);
                discardable &= cell.width == 0 && !cell.tab;
                this += 1;
            }
            let from = task.unwritten;
            if block == this {
                let end = task.end;
                tasks.pop();
                self.write_lines(from, end, &widths, &mut written)?;
                continue;
            }
            // The line that ended the block has no cell in this column, so it is not looked at again.
            (task.line, task.unwritten) = (this, this);
            self.write_lines(from, block, &widths, &mut written)?;
            widths.push(if discardable { 0 } else { width });
            tasks.push(Task { line: block, end: this, unwritten: block, column: column + 1 });
        }
        Ok(())
    }

    fn write_lines(&mut self, from: usize, to: usize, widths: &[usize], written: &mut usize) -> Result<(), TooLarge> {
        for index in from..to {
            let start = self.lines.get(index).copied().unwrap_or(self.cells.len());
            let count = self.line(index).len();
            let mut leading = true;
            for j in 0..count {
                let Cell { size, width, .. } = self.cells[start + j];
                leading &= size == 0;
                self.out.extend_from_slice(&self.text[*written..*written + size]);
                *written += size;
                let Some(&column) = widths.get(j) else { continue };
                if leading {
                    let tabs = column.div_ceil(TAB_WIDTH);
                    self.out.extend(std::iter::repeat_n(b'\t', tabs));
                } else {
                    self.out.extend(std::iter::repeat_n(b' ', column.saturating_sub(width)));
                }
            }
            if index + 1 < self.lines.len() {
                self.out.push(b'\n');
            }
            // One wide line can pad all the others to its width.
            if self.out.len() > self.max {
                return Err(TooLarge);
            }
        }
        Ok(())
    }
}

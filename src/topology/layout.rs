//! Where the boxes of a drawing lie: layers from left to right, as few crossings as a few sweeps find, no box on another.
//!
//! The way of Sugiyama, Tagawa and Toda: ranks by the longest way, stand-ins for edges over several ranks, sweeps that put
//! each box near the middle of its neighbours. The same input gives the same drawing.

/// Space between boxes of one rank.
const ROW: f64 = 30.0;
/// Space between ranks, for edges and their labels.
const GAP: f64 = 150.0;
/// Height that an edge over several ranks takes on its way.
const LANE: f64 = 6.0;
/// Sweeps in each direction.
const SWEEPS: usize = 12;
/// More stand-ins than this are not made: edges over several ranks are then drawn straight.
const STANDINS: usize = 50_000;

/// Where things lie.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Layout {
    /// The left upper corner of each box.
    pub boxes: Vec<(f64, f64)>,
    /// The points that each edge goes through, its ends included.
    pub edges: Vec<Vec<(f64, f64)>>,
    /// Width of all.
    pub width: f64,
    /// Height of all.
    pub height: f64,
}

/// A box, or a stand-in for an edge on its way.
struct Cell {
    rank: usize,
    width: f64,
    height: f64,
    y: f64,
}

/// Lays out boxes of a width and a height, and edges between them.
pub fn layout(sizes: &[(f64, f64)], edges: &[(usize, usize)]) -> Layout {
    let (ranks, back) = ranks(sizes.len(), edges);
    let mut cells: Vec<Cell> =
        sizes.iter().zip(&ranks).map(|((w, h), rank)| Cell { rank: *rank, width: *w, height: *h, y: 0.0 }).collect();
    let long = |(from, to): &(usize, usize)| ranks[*from].abs_diff(ranks[*to]).saturating_sub(1);
    let straight = edges.iter().map(long).sum::<usize>() > STANDINS;
    // Each edge as a chain of cells, from left to right.
    let mut chains: Vec<Vec<usize>> = Vec::with_capacity(edges.len());
    for (edge, back) in edges.iter().zip(&back) {
        let (from, to) = if *back { (edge.1, edge.0) } else { *edge };
        let mut chain = vec![from];
        if !straight {
            for rank in ranks[from] + 1..ranks[to].max(ranks[from] + 1) {
                chain.push(cells.len());
                cells.push(Cell { rank, width: 0.0, height: LANE, y: 0.0 });
            }
        }
        chain.push(to);
        chains.push(chain);
    }
    let count = cells.iter().map(|c| c.rank + 1).max().unwrap_or(0);
    let mut rows: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (id, cell) in cells.iter().enumerate() {
        rows[cell.rank].push(id);
    }
    let (mut left, mut right) = (vec![Vec::new(); cells.len()], vec![Vec::new(); cells.len()]);
    for link in chains.iter().flat_map(|c| c.windows(2)) {
        if cells[link[0]].rank != cells[link[1]].rank {
            right[link[0]].push(link[1]);
            left[link[1]].push(link[0]);
        }
    }
    order(&mut rows, cells.len(), &left, &right);
    place(&rows, &mut cells, &left, &right);
    let mut xs = Vec::with_capacity(count);
    let mut x = 0.0_f64;
    for row in &rows {
        xs.push(x);
        x += row.iter().map(|id| cells[*id].width).fold(0.0, f64::max) + GAP;
    }
    let top = cells.iter().map(|c| c.y).fold(f64::INFINITY, f64::min);
    let bottom = cells.iter().map(|c| c.y + c.height).fold(0.0, f64::max);
    let top = if top.is_finite() { top } else { 0.0 };
    let widest = |rank: usize| rows[rank].iter().map(|id| cells[*id].width).fold(0.0, f64::max);
    let points = chains.iter().zip(edges).zip(&back).map(|((chain, edge), back)| {
        let mut points = Vec::with_capacity(chain.len() * 2);
        let last = chain.len() - 1;
        for (at, id) in chain.iter().enumerate() {
            let cell = &cells[*id];
            let (x, y) = (xs[cell.rank], cell.y - top + cell.height / 2.0);
            if at > 0 {
                points.push((x, y));
            }
            if at == 0 {
                points.push((x + cell.width, y));
            } else if at < last {
                // Past the boxes of its rank it keeps its lane.
                points.push((x + widest(cell.rank), y));
            }
        }
        if edge.0 == edge.1 {
            points = vec![(xs[cells[edge.0].rank] + cells[edge.0].width, cells[edge.0].y - top); 2];
        }
        if *back {
            points.reverse();
        }
        points
    });
    let edges = points.collect();
    let boxes = cells[..sizes.len()].iter().map(|c| (xs[c.rank], c.y - top)).collect();
    Layout { boxes, edges, width: (x - GAP).max(0.0), height: (bottom - top).max(0.0) }
}

/// The rank of each box, and which edges lead back: those that would close a circle.
fn ranks(count: usize, edges: &[(usize, usize)]) -> (Vec<usize>, Vec<bool>) {
    let mut out: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (id, (from, _)) in edges.iter().enumerate() {
        out[*from].push(id);
    }
    let mut back = vec![false; edges.len()];
    // 0 = not seen, 1 = on the way, 2 = done.
    let mut state = vec![0_u8; count];
    let mut done = Vec::with_capacity(count);
    let mut fed = vec![false; count];
    edges.iter().filter(|(a, b)| a != b).for_each(|(_, to)| fed[*to] = true);
    let starts = (0..count).filter(|n| !fed[*n]).chain((0..count).filter(|n| fed[*n]));
    for start in starts {
        if state[start] != 0 {
            continue;
        }
        state[start] = 1;
        let mut waiting = vec![(start, 0)];
        while let Some((node, next)) = waiting.last_mut() {
            match out[*node].get(*next) {
                Some(edge) => {
                    *next += 1;
                    let to = edges[*edge].1;
                    match state[to] {
                        0 => {
                            state[to] = 1;
                            waiting.push((to, 0));
                        }
                        1 => back[*edge] = true,
                        _ => {}
                    }
                }
                None => {
                    state[*node] = 2;
                    done.push(*node);
                    waiting.pop();
                }
            }
        }
    }
    let mut ranks = vec![0_usize; count];
    for node in done.iter().rev() {
        for edge in out[*node].iter().filter(|e| !back[**e]) {
            let to = edges[*edge].1;
            ranks[to] = ranks[to].max(ranks[*node] + 1);
        }
    }
    // One that nothing leads to lies as near to what it feeds as it can.
    for node in 0..count {
        let next = out[node].iter().filter(|e| !back[**e]).map(|e| ranks[edges[*e].1]).min();
        if let Some(next) = next.filter(|_| !fed[node]) {
            ranks[node] = next.saturating_sub(1);
        }
    }
    (ranks, back)
}

/// Sweeps that sort each rank by the middle of its neighbours.
fn order(rows: &mut [Vec<usize>], count: usize, left: &[Vec<usize>], right: &[Vec<usize>]) {
    let mut at = vec![0.0; count];
    let place = |row: &[usize], at: &mut Vec<f64>| {
        row.iter().enumerate().for_each(|(i, id)| at[*id] = (i as f64 + 0.5) / row.len() as f64);
    };
    rows.iter().for_each(|row| place(row, &mut at));
    let sort = |row: &mut Vec<usize>, near: &[Vec<usize>], at: &mut Vec<f64>| {
        let mut keyed: Vec<(f64, usize, usize)> = Vec::with_capacity(row.len());
        for (i, id) in row.iter().enumerate() {
            let middle = mean(near[*id].iter().map(|n| at[*n])).unwrap_or(at[*id]);
            keyed.push((middle, i, *id));
        }
        keyed.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        *row = keyed.into_iter().map(|(.., id)| id).collect();
        place(row, at);
    };
    for _ in 0..SWEEPS {
        for row in rows.iter_mut().skip(1) {
            sort(row, left, &mut at);
        }
        for row in rows.iter_mut().rev().skip(1) {
            sort(row, right, &mut at);
        }
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (mut sum, mut count) = (0.0_f64, 0.0_f64);
    for value in values {
        sum += value;
        count += 1.0;
    }
    (count > 0.0).then(|| sum / count)
}

/// Heights: each box as near to the middle of its neighbours as those beside it let it.
fn place(rows: &[Vec<usize>], cells: &mut [Cell], left: &[Vec<usize>], right: &[Vec<usize>]) {
    for row in rows {
        let mut y = 0.0_f64;
        for id in row {
            cells[*id].y = y;
            y += cells[*id].height + ROW;
        }
    }
    let tallest = rows.iter().map(|r| r.iter().map(|id| cells[*id].height + ROW).sum::<f64>()).fold(0.0, f64::max);
    for row in rows {
        let height: f64 = row.iter().map(|id| cells[*id].height + ROW).sum();
        row.iter().for_each(|id| cells[*id].y += (tallest - height) / 2.0);
    }
    for sweep in 0..SWEEPS * 2 {
        let forward = sweep % 2 == 0;
        let mut rows: Vec<&Vec<usize>> = rows.iter().collect();
        if !forward {
            rows.reverse();
        }
        for row in rows {
            let near = if forward { left } else { right };
            let middle = |cells: &[Cell], id: usize| {
                let all = near[id].iter().map(|n| cells[*n].y + cells[*n].height / 2.0);
                mean(all).unwrap_or(cells[id].y + cells[id].height / 2.0) - cells[id].height / 2.0
            };
            let wanted: Vec<f64> = row.iter().map(|id| middle(cells, *id)).collect();
            settle(row, &wanted, cells);
        }
    }
}

/// Puts the boxes of a rank in their order as near to where they are wanted as possible: runs that would overlap share their
/// mean (pool adjacent violators).
fn settle(row: &[usize], wanted: &[f64], cells: &mut [Cell]) {
    // Offsets as if all stood without space between them.
    let mut offset = 0.0_f64;
    let mut runs: Vec<(f64, f64, usize)> = Vec::new();
    let mut offsets = Vec::with_capacity(row.len());
    for (id, want) in row.iter().zip(wanted) {
        offsets.push(offset);
        let mut run = (want - offset, 1.0, 1);
        while let Some(last) = runs.last().filter(|l| l.0 > run.0).copied() {
            runs.pop();
            let weight = last.1 + run.1;
            run = ((last.0 * last.1 + run.0 * run.1) / weight, weight, last.2 + run.2);
        }
        runs.push(run);
        offset += cells[*id].height + ROW;
    }
    let mut at = 0;
    for (base, _, count) in runs {
        for _ in 0..count {
            cells[row[at]].y = base + offsets[at];
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overlap(layout: &Layout, sizes: &[(f64, f64)]) -> bool {
        let all: Vec<_> = layout.boxes.iter().zip(sizes).collect();
        all.iter().enumerate().any(|(i, (a, s))| {
            all[i + 1..]
                .iter()
                .any(|(b, t)| a.0 < b.0 + t.0 && b.0 < a.0 + s.0 && a.1 + 1e-6 < b.1 + t.1 && b.1 + 1e-6 < a.1 + s.1)
        })
    }

    #[test]
    fn what_feeds_stands_left_of_what_it_feeds_and_nothing_overlaps() {
        let sizes: Vec<_> = (0..30).map(|i| (100.0 + f64::from(i), 40.0)).collect();
        let edges: Vec<_> = (1..30).map(|i| ((i - 1) / 3, i)).chain([(0, 29), (2, 17)]).collect();
        let found = layout(&sizes, &edges);
        assert!(edges.iter().all(|(a, b)| found.boxes[*a].0 < found.boxes[*b].0));
        assert!(!overlap(&found, &sizes));
        assert_eq!(found, layout(&sizes, &edges));
    }

    #[test]
    fn circles_and_loops_are_drawn_too() {
        let sizes = [(50.0, 20.0); 3];
        let found = layout(&sizes, &[(0, 1), (1, 2), (2, 0), (1, 1)]);
        assert!(!overlap(&found, &sizes));
        assert!(found.edges.iter().all(|e| e.len() >= 2));
        assert_eq!(layout(&[], &[]), Layout::default());
    }

    #[test]
    fn a_long_chain_with_many_short_cuts_stays_small() {
        let sizes = vec![(10.0, 10.0); 5_000];
        let edges: Vec<_> = (1..5_000).map(|i| (i - 1, i)).chain((2..5_000).map(|i| (0, i))).collect();
        assert_eq!(layout(&sizes, &edges).boxes.len(), 5_000);
    }
}

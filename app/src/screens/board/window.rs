//! Which rows and columns of the grid are drawn.

/// Rows drawn above and below those in view.
const SPARE: usize = 6;
/// How many rows come with one frame.
const STEP: usize = 1;
/// How many columns come and go together.
const TOGETHER: usize = 4;

/// The rows from `first` on and before `end`, by their place in the grid.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Window {
    pub first: usize,
    pub end: usize,
}

impl Window {
    /// What stands in view of so many rows, with some to spare on both sides.
    pub fn at(top: f64, height: f64, row: f64, count: usize) -> Window {
        let above = (top.max(0.0) / row) as usize;
        let shown = (height / row).ceil() as usize + 1;
        Window {
            first: above.saturating_sub(SPARE).min(count),
            end: (above + shown + SPARE).min(count),
        }
    }

    /// The columns that stand in view, in steps of a few, with as many to spare on both sides.
    pub fn across(left: f64, width: f64, column: f64, count: usize) -> Window {
        let before = (left.max(0.0) / column) as usize / TOGETHER;
        let shown = (width / column).ceil() as usize / TOGETHER + 1;
        Window {
            first: (before.saturating_sub(1) * TOGETHER).min(count),
            end: ((before + shown + 1) * TOGETHER).min(count),
        }
    }

    /// A step nearer to what is wanted: what is wanted no more goes, and a few rows come, the first of them at `view`.
    pub fn nearer(self, wanted: Window, view: usize) -> Window {
        let mut next = Window {
            first: self.first.max(wanted.first),
            end: self.end.min(wanted.end),
        };
        if next.first >= next.end {
            let view = view.clamp(wanted.first, wanted.end);
            next = Window {
                first: view,
                end: view,
            };
        }
        let below = STEP.min(wanted.end - next.end);
        next.end += below;
        next.first -= (STEP - below).min(next.first - wanted.first);
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_drawn_are_those_in_view_and_some_to_spare() {
        assert_eq!(Window::at(0.0, 560.0, 56.0, 200).first, 0);
        let far = Window::at(5_600.0, 560.0, 56.0, 200);
        assert_eq!((far.first, far.end), (100 - SPARE, 111 + SPARE));
        assert_eq!(Window::at(5_600.0, 560.0, 56.0, 104).end, 104);
    }

    #[test]
    fn the_columns_drawn_are_those_in_view_and_some_to_spare() {
        let across = |left, width, count| Window::across(left, width, 52.0, count);
        assert_eq!(across(0.0, 520.0, 60), Window { first: 0, end: 16 });
        assert_eq!(across(1_040.0, 520.0, 60), Window { first: 16, end: 36 });
        assert_eq!(across(2_600.0, 520.0, 60).end, 60);
        assert_eq!(across(0.0, 520.0, 3), Window { first: 0, end: 3 });
        // Text at twice its size.
        let twice = Window::across(2_080.0, 1_040.0, 104.0, 60);
        assert_eq!(twice, across(1_040.0, 520.0, 60));
    }

    #[test]
    fn rows_come_a_few_at_a_time_without_a_gap_and_those_in_view_first() {
        let wanted = Window {
            first: 94,
            end: 117,
        };
        let mut window = Window { first: 0, end: 17 };
        window = window.nearer(wanted, 100);
        assert_eq!(
            window,
            Window {
                first: 100,
                end: 100 + STEP
            }
        );
        for _ in 0..40 {
            let next = window.nearer(wanted, 100);
            assert!(next.first <= window.first && next.end >= window.end);
            assert!(window.first - next.first + next.end - window.end <= STEP);
            window = next;
        }
        assert_eq!(window, wanted);
        // A row further on, all but one of them stay.
        let on = Window {
            first: 95,
            end: 118,
        };
        assert_eq!(window.nearer(on, 101), on);
    }
}

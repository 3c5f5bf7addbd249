//! What stands on the board as it is filtered.

use holdfast_domain::{
    ids::{EntryId, ServiceId},
    ledger::{BoardPart, BoardRow, Cell, ScreenView},
};
use std::sync::Arc;

/// A device's column.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Column {
    pub screen: ScreenView,
    pub service: String,
    /// It begins its service's group.
    pub first: bool,
    /// How many columns the group has.
    pub group: usize,
}

impl Column {
    /// Whether a line stands before it, which is the grid's column `at`: another group ends there.
    pub fn parts(&self, at: usize) -> bool {
        self.first && at > 0
    }
}

/// A change's row, and where its service's columns begin.
#[derive(Clone, PartialEq)]
pub(super) struct Line {
    pub service: ServiceId,
    pub start: usize,
    pub row: Arc<BoardRow>,
}

impl Line {
    /// What is known of the device of a column; none where it need not show the change.
    pub fn cell(&self, column: usize) -> Option<&Cell> {
        self.row
            .cells
            .get(column.checked_sub(self.start)?)?
            .as_ref()
    }
}

/// The columns and rows that stand on the board as it is filtered.
#[derive(Clone, PartialEq, Default)]
pub(super) struct Grid {
    pub columns: Arc<Vec<Column>>,
    pub lines: Vec<Line>,
}

impl Grid {
    pub fn of(parts: &[BoardPart], service: Option<ServiceId>, chase: bool) -> Grid {
        let mut columns = Vec::new();
        let mut lines = Vec::new();
        for part in
            of_service(parts, service).filter(|part| service.is_some() || !part.rows.is_empty())
        {
            let start = columns.len();
            let devices = part.screens.iter().enumerate().map(|(at, screen)| Column {
                screen: screen.clone(),
                service: part.name.clone(),
                first: at == 0,
                group: part.screens.len(),
            });
            columns.extend(devices);
            let rows = part.rows.iter();
            let rows = rows.filter(|row| !chase || row.coverage.to_chase > 0);
            lines.extend(rows.map(|row| Line {
                service: part.service,
                start,
                row: Arc::clone(row),
            }));
        }
        Grid {
            columns: Arc::new(columns),
            lines,
        }
    }

    pub fn line(&self, id: EntryId) -> Option<&Line> {
        self.lines.iter().find(|line| line.row.id == id)
    }
}

/// The parts of one service, or of all.
pub(super) fn of_service(
    parts: &[BoardPart],
    service: Option<ServiceId>,
) -> impl Iterator<Item = &BoardPart> {
    parts
        .iter()
        .filter(move |part| service.is_none_or(|service| part.service == service))
}

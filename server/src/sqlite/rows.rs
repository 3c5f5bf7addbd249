//! Between columns and types. A value that does not fit its type is `Corrupt`, never a guess.

use std::str::FromStr;

use holdfast_domain::{
    chain::{Flags, Header},
    encoding::Bytes,
    ids::DeviceId,
    permission::Role,
};
use sqlx::{Row, sqlite::SqliteRow};
use uuid::Uuid;

use crate::store::StoreError;

/// Fixed bytes of a column.
pub fn bytes<const N: usize>(row: &SqliteRow, column: &str) -> Result<Bytes<N>, StoreError> {
    Bytes::from_slice(row.try_get::<&[u8], _>(column)?)
        .ok_or(StoreError::Corrupt("bytes of another length"))
}

/// Fixed bytes of a column that may be null.
pub fn bytes_or_none<const N: usize>(
    row: &SqliteRow,
    column: &str,
) -> Result<Option<Bytes<N>>, StoreError> {
    row.try_get::<Option<&[u8]>, _>(column)?
        .map(|value| Bytes::from_slice(value).ok_or(StoreError::Corrupt("bytes of another length")))
        .transpose()
}

/// An id of a column.
pub fn id<T: From<Uuid>>(row: &SqliteRow, column: &str) -> Result<T, StoreError> {
    uuid_of(row.try_get::<&[u8], _>(column)?)
}

/// An id of a column that may be null.
pub fn id_or_none<T: From<Uuid>>(row: &SqliteRow, column: &str) -> Result<Option<T>, StoreError> {
    row.try_get::<Option<&[u8]>, _>(column)?
        .map(uuid_of)
        .transpose()
}

fn uuid_of<T: From<Uuid>>(bytes: &[u8]) -> Result<T, StoreError> {
    Uuid::from_slice(bytes)
        .map(T::from)
        .map_err(|_| StoreError::Corrupt("an id of another length"))
}

/// A count of a column.
pub fn count(row: &SqliteRow, column: &str) -> Result<u64, StoreError> {
    u64::try_from(row.try_get::<i64, _>(column)?)
        .map_err(|_| StoreError::Corrupt("a negative count"))
}

/// A count as SQLite keeps it. Counts stay within 2^53 - 1, so the cast is exact.
pub fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The header of an entry's row.
pub fn header(row: &SqliteRow) -> Result<Header, StoreError> {
    Ok(Header {
        seq: count(row, "seq")?,
        received: row.try_get("received")?,
        first_received: row.try_get("first_received")?,
        carrier: id_or_none::<DeviceId>(row, "carrier")?,
        flags: Flags(
            u16::try_from(row.try_get::<i64, _>("flags")?)
                .map_err(|_| StoreError::Corrupt("flags out of range"))?,
        ),
    })
}

/// A role by its name.
pub fn role(name: &str) -> Result<Role, StoreError> {
    name.parse()
        .map_err(|_| StoreError::Corrupt("a role without a name"))
}

/// A kind by its name; none for one that a newer version wrote.
pub fn kind(name: &str) -> Option<holdfast_domain::body::Kind> {
    holdfast_domain::body::Kind::from_str(name).ok()
}

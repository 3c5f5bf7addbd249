//! A verdict as it comes: which it is shows in its members.

use serde::Deserialize;

use super::{Later, Refusal, Verdict};
use crate::chain::Flags;
use crate::encoding::{Millis, given};
use crate::ids::{DeviceId, EntryId};

#[derive(Deserialize)]
pub(super) struct Members {
    #[serde(default, deserialize_with = "given")]
    id: Option<Option<EntryId>>,
    seq: Option<u64>,
    received: Option<Millis>,
    first_received: Option<Millis>,
    #[serde(default, deserialize_with = "given")]
    carrier: Option<Option<DeviceId>>,
    flags: Option<Flags>,
    refused: Option<Refusal>,
    later: Option<Later>,
}

impl TryFrom<Members> for Verdict {
    type Error = &'static str;

    fn try_from(it: Members) -> Result<Self, Self::Error> {
        let filed = || {
            Some(Verdict::Filed {
                id: it.id??,
                seq: it.seq?,
                received: it.received?,
                first_received: it.first_received?,
                carrier: it.carrier?,
                flags: it.flags?,
            })
        };
        let said = match (filed(), it.refused, it.later) {
            (Some(filed), _, _) => Some(filed),
            (None, Some(refused), _) => it.id.map(|id| Verdict::Refused { id, refused }),
            (None, None, Some(later)) => it.id.map(|id| Verdict::Later { id, later }),
            (None, None, None) => None,
        };
        said.ok_or("not a verdict: filed, refused or later")
    }
}

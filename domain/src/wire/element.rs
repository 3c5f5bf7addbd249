//! An element of a page as it comes: which it is shows in its members.

use serde::Deserialize;

use super::{Element, StubBody};
use crate::chain::Flags;
use crate::encoding::{Digest, LinkTag, Millis, given};
use crate::entry::EntryJson;
use crate::ids::DeviceId;

#[derive(Deserialize)]
pub(super) struct Members {
    seq: u64,
    received: Millis,
    first_received: Option<Millis>,
    #[serde(default, deserialize_with = "given")]
    carrier: Option<Option<DeviceId>>,
    flags: Flags,
    link: Option<LinkTag>,
    before: Option<Digest>,
    digest: Option<Digest>,
    entry: Option<EntryJson>,
    stub: Option<StubBody>,
}

impl TryFrom<Members> for Element {
    type Error = &'static str;

    fn try_from(it: Members) -> Result<Self, Self::Error> {
        let (seq, received, flags) = (it.seq, it.received, it.flags);
        let said = match (it.entry, it.stub) {
            (Some(entry), _) => (|| {
                Some(Element::Whole {
                    seq,
                    received,
                    first_received: it.first_received?,
                    carrier: it.carrier?,
                    flags,
                    link: it.link?,
                    before: it.before,
                    digest: it.digest,
                    entry,
                })
            })(),
            (None, Some(stub)) => Some(Element::Stub {
                seq,
                received,
                flags,
                stub,
            }),
            (None, None) => None,
        };
        said.ok_or("not an element of a page: an entry or a stub")
    }
}

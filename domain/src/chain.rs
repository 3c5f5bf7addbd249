//! The chain, one a service: each entry gets the server's header and a link over the link before, so that nothing can be
//! changed, taken out, put in or moved without every later link being wrong (PROTOCOL 1).

use crate::encoding::{Digest, LinkTag, Millis, sha256};
use crate::ids::{DeviceId, LogId, ProviderId, ServiceId};
use serde::{Deserialize, Serialize};

/// What the server says about how an entry came.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Flags(pub u16);

impl Flags {
    /// The author's right, or the device, had ended when it came.
    pub const LATE: Self = Self(1);
    /// The device's clock cannot be trusted for it.
    pub const UNCERTAIN: Self = Self(2);
    /// An administrator released it from quarantine.
    pub const RELEASED: Self = Self(4);
    /// It was offered again to a restored server.
    pub const AGAIN: Self = Self(8);
    /// The key's count was seen twice: a cloned profile.
    pub const TWICE: Self = Self(16);

    /// Whether any of `other` is set.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// With `other` set as well.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// What the server adds to an entry when it appends it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Header {
    /// From 1, without gaps, in its service.
    pub seq: u64,
    /// Milliseconds by the server's clock, never less than the one before.
    pub received: Millis,
    /// The first time of receipt by the server's own earlier word; 0 unless offered again.
    pub first_received: Millis,
    /// The device that carried it for a colleague; `None` if its own did.
    pub carrier: Option<DeviceId>,
    pub flags: Flags,
}

impl Header {
    /// When a server first had it, as far as its own word from before a restore has come back.
    pub const fn first(&self) -> Millis {
        if self.first_received == 0 {
            self.received
        } else {
            self.first_received
        }
    }

    /// Its 42 bytes.
    pub fn to_bytes(&self) -> [u8; 42] {
        let mut out = [0; 42];
        out[..8].copy_from_slice(&self.seq.to_be_bytes());
        out[8..16].copy_from_slice(&self.received.to_be_bytes());
        out[16..24].copy_from_slice(&self.first_received.to_be_bytes());
        out[24..40].copy_from_slice(&self.carrier.unwrap_or(DeviceId::nil()).bytes());
        out[40..].copy_from_slice(&self.flags.0.to_be_bytes());
        out
    }
}

/// Link 0 of a service's chain, with the log id current when that chain began.
pub fn start(provider: ProviderId, service: ServiceId, log: LogId) -> Digest {
    sha256(&[
        b"holdfast/chain/1",
        &provider.bytes(),
        &service.bytes(),
        &log.bytes(),
    ])
}

/// The link after `previous` for an entry with this header and digest.
pub fn link(previous: &Digest, header: &Header, digest: &Digest) -> Digest {
    sha256(&[
        b"holdfast/link/1",
        &previous.0,
        &header.to_bytes(),
        &digest.0,
    ])
}

/// The short form of a link, as pages and cursors carry it: its first 16 bytes.
pub fn tag(link: &Digest) -> LinkTag {
    let mut tag = LinkTag::default();
    tag.0.copy_from_slice(&link.0[..16]);
    tag
}

/// An entry whose link does not follow from the one before and from its own header and digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Break {
    pub service: ServiceId,
    pub seq: u64,
}

/// Follows a chain through what one user may see of it: unbroken runs, with gaps between them that tell nothing
/// (PROTOCOL 4).
#[derive(Clone, Copy, Default, Debug)]
pub struct Run {
    /// Where it stands, and the whole link there.
    at: Option<(u64, Digest)>,
}

impl Run {
    /// Whether an entry's link is what it must be after `before`, the whole link of the entry before it, or else after the
    /// entry that came last. True where the link before it is not known: that cannot be checked.
    pub fn follows(
        &mut self,
        header: &Header,
        digest: &Digest,
        link_tag: &LinkTag,
        before: Option<&Digest>,
    ) -> bool {
        let last = self.at.take().filter(|(seq, _)| seq + 1 == header.seq);
        let Some(previous) = before.copied().or(last.map(|(_, link)| link)) else {
            return true;
        };
        let link = link(&previous, header, digest);
        self.at = Some((header.seq, link));
        tag(&link) == *link_tag
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::Bytes;
    use uuid::Uuid;

    fn step(seq: u64) -> (Header, Digest) {
        let header = Header {
            seq,
            received: 1_767_225_600_000,
            first_received: 0,
            carrier: Some(Uuid::from_u128(3).into()),
            flags: Flags::UNCERTAIN,
        };
        (header, sha256(&[&seq.to_be_bytes()]))
    }

    fn end(steps: &[(Header, Digest)]) -> Digest {
        let id = Uuid::from_u128;
        steps.iter().fold(
            start(id(1).into(), id(2).into(), id(4).into()),
            |previous, (header, digest)| link(&previous, header, digest),
        )
    }

    #[test]
    fn a_flag_set_twice_is_set() {
        let flags = Flags::LATE.with(Flags::AGAIN).with(Flags::LATE);
        assert!(flags.has(Flags::LATE) && flags.has(Flags::AGAIN));
        assert!(!flags.has(Flags::TWICE));
    }

    #[test]
    fn a_step_left_out_put_in_or_moved_gives_another_end() {
        let whole = [step(1), step(2), step(3)];
        for other in [
            vec![step(1), step(3)],
            vec![step(1), step(2)],
            vec![step(1), step(3), step(2)],
            vec![step(1), step(2), step(2), step(3)],
        ] {
            assert_ne!(end(&whole), end(&other));
        }
    }

    #[test]
    fn a_run_is_followed_from_a_whole_link_on_and_a_gap_begins_another() {
        let id = Uuid::from_u128;
        let begin = start(id(1).into(), id(2).into(), id(4).into());
        let steps = [step(1), step(2), step(3), step(4)];
        let mut links = vec![begin];
        for (header, digest) in &steps {
            links.push(link(links.last().expect("one"), header, digest));
        }
        let follows = |run: &mut Run, at: usize, before: Option<&Digest>| {
            let (header, digest) = &steps[at];
            run.follows(header, digest, &tag(&links[at + 1]), before)
        };
        let mut run = Run::default();
        assert!(follows(&mut run, 0, Some(&begin)));
        assert!(follows(&mut run, 1, None));
        // The third is not there for these eyes.
        assert!(follows(&mut run, 3, Some(&links[3])));

        let (changed, digest) = (
            Header {
                received: 5,
                ..steps[1].0
            },
            &steps[1].1,
        );
        let mut run = Run::default();
        assert!(follows(&mut run, 0, Some(&begin)));
        assert!(!run.follows(&changed, digest, &tag(&links[2]), None));
        let mut run = Run::default();
        assert!(follows(&mut run, 0, Some(&begin)));
        assert!(!run.follows(&steps[1].0, &steps[2].1, &tag(&links[2]), None));
        let mut unknown = Run::default();
        assert!(
            unknown.follows(&changed, digest, &tag(&links[2]), None),
            "nothing to check it by"
        );
    }

    #[test]
    fn every_field_of_a_header_and_every_bit_of_a_digest_counts() {
        let (header, digest) = step(2);
        let first = link(&Bytes([7; 32]), &header, &digest);
        let others = [
            Header { seq: 3, ..header },
            Header {
                received: header.received + 1,
                ..header
            },
            Header {
                first_received: 1,
                ..header
            },
            Header {
                carrier: None,
                ..header
            },
            Header {
                flags: Flags::UNCERTAIN.with(Flags::LATE),
                ..header
            },
        ];
        for other in others {
            assert_ne!(first, link(&Bytes([7; 32]), &other, &digest));
        }
        for bit in 0..256 {
            let mut flipped = digest;
            flipped.0[bit / 8] ^= 1 << (bit % 8);
            assert_ne!(first, link(&Bytes([7; 32]), &header, &flipped));
            let mut previous = Bytes([7; 32]);
            previous.0[bit / 8] ^= 1 << (bit % 8);
            assert_ne!(first, link(&previous, &header, &digest));
        }
    }

    #[test]
    fn a_chain_begins_from_its_provider_service_and_log() {
        let id = Uuid::from_u128;
        let begin = start(id(1).into(), id(2).into(), id(4).into());
        assert_ne!(begin, start(id(9).into(), id(2).into(), id(4).into()));
        assert_ne!(begin, start(id(1).into(), id(9).into(), id(4).into()));
        assert_ne!(begin, start(id(1).into(), id(2).into(), id(9).into()));
    }

    #[test]
    fn flags_are_told_apart() {
        let flags = Flags::LATE.with(Flags::TWICE);
        assert!(flags.has(Flags::LATE) && flags.has(Flags::TWICE));
        assert!(!flags.has(Flags::UNCERTAIN.with(Flags::RELEASED).with(Flags::AGAIN)));
        assert_eq!(flags.0, 17);
    }
}

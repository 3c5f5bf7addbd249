//! The chain, one a service: each entry gets the server's header and a link over the link before, so that nothing can be
//! changed, taken out, put in or moved without every later link being wrong (PROTOCOL 1).

use crate::encoding::{Digest, Millis, sha256};
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

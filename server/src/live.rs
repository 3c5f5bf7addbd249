//! Tells open phones that there is something to pull: who may see an appended entry hears of it, nobody
//! else, and what is told is only that.

use std::sync::Arc;

use holdfast_domain::{
    body::Kind,
    ids::{ServiceId, UserId},
    permission::{Own, Role, visible},
};
use tokio::sync::{broadcast, watch};

use crate::store::{Advance, Store};

/// Where the live signal comes from; clones share it.
#[derive(Clone)]
pub struct Live {
    advances: broadcast::Sender<Arc<[Advance]>>,
    stopping: watch::Receiver<bool>,
}

impl Live {
    /// Starts to follow the log. Ends when the server stops.
    pub fn start(store: Arc<dyn Store>, stopping: watch::Receiver<bool>) -> Self {
        let (advances, _) = broadcast::channel(256);
        let live = Self {
            advances: advances.clone(),
            stopping: stopping.clone(),
        };
        tokio::spawn(follow(store, advances, stopping));
        live
    }

    /// What is appended from now on.
    pub fn listen(&self) -> broadcast::Receiver<Arc<[Advance]>> {
        self.advances.subscribe()
    }

    /// Turns true when the server stops.
    pub fn stopping(&self) -> watch::Receiver<bool> {
        self.stopping.clone()
    }
}

async fn follow(
    store: Arc<dyn Store>,
    advances: broadcast::Sender<Arc<[Advance]>>,
    mut stopping: watch::Receiver<bool>,
) {
    let mut place = store.newest_place().await.unwrap_or(0);
    loop {
        match store.advances(place).await {
            Ok(found) if !found.is_empty() => {
                place = found.last().map_or(place, |advance| advance.place);
                // Nobody listening is no fault.
                let _ = advances.send(found.into());
                continue;
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "the live signal did not read the log"),
        }
        tokio::select! {
            changed = store.changed() => if changed.is_err() { return },
            stopped = stopping.wait_for(|stopping| *stopping) => { let _ = stopped; return }
        }
    }
}

/// One listener's eyes.
pub struct Listener {
    pub user: UserId,
    pub roles: Vec<(ServiceId, Vec<Role>)>,
}

impl Listener {
    /// True if the listener may see any of it.
    pub fn may_see(&self, advances: &[Advance]) -> bool {
        advances.iter().any(|advance| {
            let Some(kind) = advance.kind else {
                return false;
            };
            let own = if advance.author == self.user || advance.addressed == Some(self.user) {
                Own::Mine
            } else {
                Own::Others
            };
            self.roles
                .iter()
                .any(|(service, roles)| *service == advance.service && visible(roles, kind, own))
        })
    }

    /// True if roles may have changed with it, so that they are to be read again.
    pub fn touches_roles(advances: &[Advance]) -> bool {
        advances
            .iter()
            .any(|advance| matches!(advance.kind, Some(Kind::Staff | Kind::Unlisted)))
    }
}

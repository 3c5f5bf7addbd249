//! What log, quarantine and list of erasures know of a batch's entries, read for all of them at once, and what is known
//! of their authors, keys, devices and services, each read once. A batch of 500 costs a handful of questions, not
//! thousands.

use std::collections::{HashMap, HashSet};

use holdfast_domain::{
    encoding::{Digest, KeyId, Millis},
    entry::Head,
    ids::{DeviceId, EntryId, ServiceId, UserId},
};
use sqlx::{QueryBuilder, Row, Sqlite};

use super::{
    rows,
    transaction::{Result, Transaction, raw},
};
use crate::accept::{Arrival, DeviceState, HeldBefore, KnownKey, Logged, Tenure};

/// What is known of entries by what they are.
#[derive(Default)]
pub struct Known {
    logged: HashMap<Digest, Logged>,
    ids: HashSet<EntryId>,
    counts: HashSet<(KeyId, u64)>,
    held: HashMap<Digest, HeldBefore>,
    erased_ids: HashMap<EntryId, Digest>,
    erased: HashSet<Digest>,
}

impl Known {
    pub fn logged(&self, digest: &Digest) -> Option<&Logged> {
        self.logged.get(digest)
    }

    pub fn held(&self, digest: &Digest) -> Option<&HeldBefore> {
        self.held.get(digest)
    }

    /// The id stands in the log, or in the list of erased ids under another digest.
    pub fn id_taken(&self, id: EntryId, digest: &Digest) -> bool {
        let erased = self.erased_ids.get(&id);
        self.ids.contains(&id) || erased.is_some_and(|erased| erased != digest)
    }

    pub fn is_erased(&self, digest: &Digest) -> bool {
        self.erased.contains(digest)
    }

    pub fn count_seen(&self, head: &Head) -> bool {
        self.counts.contains(&(head.key, head.n))
    }

    /// It was appended just now.
    pub fn appended(&mut self, head: &Head, digest: Digest, logged: Logged) {
        self.logged.insert(digest, logged);
        self.ids.insert(head.id);
        self.counts.insert((head.key, head.n));
    }

    /// It was put into quarantine just now.
    pub fn was_held(&mut self, held: HeldBefore) {
        self.held.insert(held.digest, held);
    }
}

/// What is known of whoever wrote and where; only what was asked for.
#[derive(Default)]
pub struct Circumstances {
    pub keys: HashMap<KeyId, Option<KnownKey>>,
    pub places: HashMap<(UserId, ServiceId, DeviceId), Place>,
    pub tenures: HashMap<(UserId, ServiceId), Vec<Tenure>>,
    /// Entries and bytes that quarantine holds of the sending device.
    pub kept_aside: Option<(i64, i64)>,
}

/// Whether author and service are known, and what stands against the device.
#[derive(Clone, Copy)]
pub struct Place {
    pub author_known: bool,
    pub service_known: bool,
    pub device: DeviceState,
}

impl Transaction {
    /// What is known of these arrivals.
    pub async fn known(&mut self, arrivals: &[Arrival]) -> Result<Known> {
        let mut known = Known::default();
        if arrivals.is_empty() {
            return Ok(known);
        }
        let heads: Vec<(&Head, Digest)> = arrivals
            .iter()
            .filter_map(|arrival| Some((arrival.head()?, arrival.digest()?)))
            .collect();
        if !heads.is_empty() {
            self.known_of_log(&heads, &mut known).await?;
            self.known_of_erasures(&heads, &mut known).await?;
        }
        let mut query = QueryBuilder::<Sqlite>::new(
            "SELECT digest, code, reason FROM quarantine WHERE digest IN (",
        );
        let mut list = query.separated(", ");
        for arrival in arrivals {
            list.push_bind(arrival.raw_digest().0.to_vec());
            if let Some(digest) = arrival.digest() {
                list.push_bind(digest.0.to_vec());
            }
        }
        query.push(")");
        for row in query.build().fetch_all(self.connection()).await? {
            known.was_held(HeldBefore {
                digest: rows::bytes(&row, "digest")?,
                code: row.try_get("code")?,
                reason: row.try_get("reason")?,
            });
        }
        Ok(known)
    }

    /// Joined from the wanted ones outwards, so that each is looked up in an index however long the log is.
    async fn known_of_log(&mut self, heads: &[(&Head, Digest)], known: &mut Known) -> Result<()> {
        let mut query = QueryBuilder::<Sqlite>::new("WITH wanted (digest, id, key, n) AS (VALUES ");
        let mut list = query.separated(", ");
        for (head, digest) in heads {
            list.push("(").push_bind_unseparated(digest.0.to_vec());
            list.push_unseparated(", ")
                .push_bind_unseparated(raw(head.id.uuid()));
            list.push_unseparated(", ")
                .push_bind_unseparated(head.key.0.to_vec());
            list.push_unseparated(", ")
                .push_bind_unseparated(rows::number(head.n))
                .push_unseparated(")");
        }
        query.push(") ");
        let same = [
            "entries.digest = wanted.digest",
            "entries.id = wanted.id",
            "entries.key = wanted.key AND entries.n = wanted.n",
        ];
        let mut either = query.separated(" UNION ALL ");
        for same in same {
            either.push(
                "SELECT entries.digest AS digest, entries.id AS id, entries.key AS key, entries.n AS n, seq, received,
                        first_received, carrier, flags, body IS NULL AS erased FROM wanted CROSS JOIN entries ON ",
            );
            either.push_unseparated(same);
        }
        for row in query.build().fetch_all(self.connection()).await? {
            let logged = Logged {
                header: rows::header(&row)?,
                erased: row.try_get("erased")?,
            };
            known.logged.insert(rows::bytes(&row, "digest")?, logged);
            known.ids.insert(rows::id(&row, "id")?);
            known
                .counts
                .insert((rows::bytes(&row, "key")?, rows::count(&row, "n")?));
        }
        Ok(())
    }

    async fn known_of_erasures(
        &mut self,
        heads: &[(&Head, Digest)],
        known: &mut Known,
    ) -> Result<()> {
        let mut query = QueryBuilder::<Sqlite>::new("SELECT id, digest FROM erased WHERE id IN (");
        let mut list = query.separated(", ");
        for (head, _) in heads {
            list.push_bind(raw(head.id.uuid()));
        }
        query.push(") OR digest IN (");
        let mut list = query.separated(", ");
        for (_, digest) in heads {
            list.push_bind(digest.0.to_vec());
        }
        query.push(")");
        for row in query.build().fetch_all(self.connection()).await? {
            let digest = rows::bytes(&row, "digest")?;
            known.erased_ids.insert(rows::id(&row, "id")?, digest);
            known.erased.insert(digest);
        }
        Ok(())
    }

    /// Author, service and device of a head.
    pub async fn place(&mut self, head: &Head) -> Result<Place> {
        let provider = self.context().provider.id;
        let row = sqlx::query(
            "SELECT EXISTS (SELECT 1 FROM users WHERE user = ?1) AS author,
                    ?2 = ?4 OR EXISTS (SELECT 1 FROM services WHERE service = ?2) AS service,
                    (SELECT state FROM devices WHERE device = ?3) AS device",
        )
        .bind(raw(head.author.uuid()))
        .bind(raw(head.service.uuid()))
        .bind(raw(head.device.uuid()))
        .bind(raw(provider.uuid()))
        .fetch_one(self.connection())
        .await?;
        Ok(Place {
            author_known: row.try_get("author")?,
            service_known: row.try_get("service")?,
            device: match row.try_get::<Option<&str>, _>("device")? {
                Some("lost") => DeviceState::Lost,
                Some("retired") => DeviceState::Retired,
                _ => DeviceState::InUse,
            },
        })
    }

    /// Entries and bytes that quarantine holds of a sending device.
    pub async fn kept_aside(&mut self, device: DeviceId) -> Result<(i64, i64)> {
        let row = sqlx::query(
            "SELECT count(*) AS entries, coalesce(sum(length(bytes)), 0) AS bytes FROM quarantine WHERE device = ?",
        )
        .bind(raw(device.uuid()))
        .fetch_one(self.connection())
        .await?;
        Ok((row.try_get("entries")?, row.try_get("bytes")?))
    }

    /// An author key as it was enrolled.
    pub async fn key(&mut self, key: &KeyId) -> Result<Option<KnownKey>> {
        sqlx::query("SELECT public, user, device, enrolled FROM keys WHERE key = ?")
            .bind(key.0.to_vec())
            .fetch_optional(self.connection())
            .await?
            .map(|row| {
                Ok(KnownKey {
                    public: rows::bytes(&row, "public")?,
                    user: rows::id(&row, "user")?,
                    device: rows::id(&row, "device")?,
                    enrolled: row.try_get::<Millis, _>("enrolled")?,
                })
            })
            .transpose()
    }

    /// The user's roles in the service, ever. In the provider's own chain the roles of all services count.
    pub async fn tenures(&mut self, user: UserId, service: ServiceId) -> Result<Vec<Tenure>> {
        let provider = raw(self.context().provider.id.uuid());
        sqlx::query(
            "SELECT role, ended_at FROM roles WHERE user = ?1 AND (service = ?2 OR ?2 = ?3)",
        )
        .bind(raw(user.uuid()))
        .bind(raw(service.uuid()))
        .bind(provider)
        .fetch_all(self.connection())
        .await?
        .iter()
        .map(|row| {
            Ok(Tenure {
                role: rows::role(row.try_get("role")?)?,
                until: row.try_get("ended_at")?,
            })
        })
        .collect()
    }
}

//! What people, phones and machines do in a run: records written, phones dropped, servers killed and restored.

use anyhow::Result;
use holdfast_domain::body::{
    Amended, Amendment, Body, Data, Did, Escalation, Mismatch, Note, Release,
};
use holdfast_domain::encoding::{Bytes, Millis};
use holdfast_domain::entry::MAX_BODY;
use holdfast_domain::ids::{EntryId, ServiceId, SubjectId};
use holdfast_domain::ledger::RecordData;
use holdfast_domain::outbox::Save;
use holdfast_domain::syncer::checkpoint::FULL;
use holdfast_domain::syncer::{Event, Wakeup};

use crate::phone::Job;
use crate::random::Choose;
use crate::staff::{PEOPLE, SERVICES};
use crate::world::{Happening, World};

/// A kind that this server does not know yet: it waits until it does.
pub const NEWER_KIND: &str = "dance/1";

const DAY: Millis = 24 * 3_600_000;
/// Copies of the database that are kept.
const COPIES: usize = 4;

impl World {
    /// One step: something is done, then some time passes.
    pub async fn step(&mut self) -> Result<()> {
        let phone = self.rng.below(self.phones.len());
        match self.rng.below(100) {
            0..46 => self.write(phone),
            46..60 => {
                let online = !self.phones[phone].online;
                self.phones[phone].online = online;
                let wakeup = if online {
                    Wakeup::Online
                } else {
                    Wakeup::Offline
                };
                self.wake(phone, wakeup);
            }
            60..66 => {
                self.note(|| format!("phone {phone} dies"));
                self.crash(phone);
                let after = self.rng.between(1_000, 120_000);
                self.later(after, phone, 0, Happening::Open);
            }
            66..71 if !self.phones[phone].tabs.is_empty() => {
                let tab = self.rng.below(self.phones[phone].tabs.len());
                self.close(phone, tab);
                self.open(phone);
            }
            66..74 if self.phones[phone].tabs.len() == 1 => self.open(phone),
            74..76 if self.phones[phone].tabs.len() > 1 => self.close(phone, 0),
            76..79 => {
                let jumps = [-self.now, 365 * DAY, 0, -DAY, 90_000, -90_000];
                self.phones[phone].offset = jumps[self.rng.below(jumps.len())];
            }
            79..82 => {
                self.note(|| "the server is killed".to_owned());
                let over = self.servers.copy()?;
                self.lose_what_is_under_way();
                self.servers.restart(over).await?;
                self.down_until = self.now + self.rng.between(0, 20_000);
            }
            82..86 => {
                let copy = self.servers.copy()?;
                if self.copies.len() == COPIES {
                    let oldest = self.rng.below(COPIES);
                    self.copies.remove(oldest);
                }
                self.copies.push(copy);
            }
            86 if !self.copies.is_empty() => {
                self.note(|| "the server is restored from a copy of its file".to_owned());
                let over = self.copies[self.rng.below(self.copies.len())].clone();
                if self.rng.percent(50) {
                    self.lose_what_is_under_way();
                }
                self.servers.restart(over).await?;
            }
            87..91 => {
                let mut rng = self.rng.clone();
                self.staff.change(&mut rng);
                self.rng = rng;
                self.servers.import(&self.staff.files(), self.now).await?;
            }
            91 if self.rng.percent(30) => {
                let state = ["lost", "retired"][self.rng.below(2)];
                let device = self.phones[phone].device;
                self.servers.end_device(device, state).await?;
            }
            92 => self.phones[phone].cookie = None,
            93..96 => self.checkpoint(phone),
            _ => self.wake(phone, Wakeup::Visible),
        }
        let time = match self.rng.below(20) {
            0 => self.rng.between(30_000, 120_000),
            1..5 => self.rng.between(2_000, 10_000),
            _ => self.rng.between(0, 2_000),
        };
        self.pass(time).await
    }

    fn wake(&mut self, phone: usize, wakeup: Wakeup) {
        if let Some(life) = self.phones[phone].tabs.first().map(|tab| tab.life) {
            self.feed(phone, life, Event::Woken(wakeup));
        }
    }

    /// The tab that syncs has been idle for a while.
    fn checkpoint(&mut self, phone: usize) {
        let mut rng = self.rng.clone();
        if let Some(life) = self.phones[phone].tabs.first().map(|tab| tab.life) {
            let full = [4_000, 20_000, FULL][rng.below(3)];
            let job = self.phones[phone].checkpoint(full, || rng.draw() as u32);
            self.rng = rng;
            // Mostly at once; a slow phone takes its time over it, and more comes meanwhile.
            let after = self.rng.between(0, 20);
            let slow = self.rng.percent(30);
            let after = if slow { after * 6_000 } else { after };
            self.later(after, phone, life, Happening::Checkpoint(Box::new(job)));
        }
    }

    fn write(&mut self, phone: usize) {
        for _ in 0..=self.rng.below(3) {
            let tabs = self.phones[phone].tabs.len();
            if tabs == 0 {
                return;
            }
            let tab = self.rng.below(tabs);
            let Some(save) = self.draft(phone, tab) else {
                return;
            };
            let life = self.phones[phone].tabs[tab].life;
            if self.rng.percent(5) && tabs > 1 {
                // One draft, open in two tabs and saved in both.
                let (other, mut again) =
                    (self.phones[phone].tabs[(tab + 1) % tabs].life, save.clone());
                again.salt = Bytes(self.rng.bytes());
                again.spare_id = EntryId::new(self.now, self.rng.bytes());
                self.job(phone, other, Job::Save(Box::new(again)));
            }
            self.job(phone, life, Job::Save(Box::new(save)));
        }
    }

    fn draft(&mut self, phone: usize, tab: usize) -> Option<Save> {
        let mut rng = self.rng.clone();
        let it = &self.phones[phone];
        let tab = &it.tabs[tab];
        let beacon = tab.beacon?;
        let mine = tab.ledger.my_services();
        let service = match mine.is_empty() || rng.percent(10) {
            true => ServiceId::of(it.provider, SERVICES[rng.below(SERVICES.len())]),
            false => mine[rng.below(mine.len())],
        };
        let person = SubjectId::of(it.provider, "person", PEOPLE[rng.below(PEOPLE.len())]);
        let mismatch = |did| Mismatch {
            person,
            plan: None,
            device_says: "One staff".to_owned(),
            handover_says: "Two staff".to_owned(),
            did,
            happened_at: None,
            given_by: None,
        };
        let records = tab.ledger.records();
        let record = (!records.is_empty()).then(|| records[rng.below(records.len())]);
        let held = tab.ledger.held();
        let (service, text) = match (rng.below(20), record) {
            (0..6, Some(record)) if matches!(record.data, RecordData::Mismatch(_)) => {
                let did = Did::ALL[rng.below(Did::ALL.len())];
                let amendment = Amendment {
                    amends: record.id,
                    reason: "Put right".to_owned(),
                    record: Amended::Mismatch(mismatch(did)),
                };
                (record.service, Body::amendment(amendment).to_text())
            }
            (0..9, Some(record)) if record.author != it.user => {
                let body = Body::acknowledgement(record.id, record.author);
                (record.service, body.to_text())
            }
            (9, _) if !held.is_empty() => {
                let held = &held[rng.below(held.len())];
                let body = Body::new(Data::Release(Release {
                    digest: held.digest,
                }));
                (held.service, body.to_text())
            }
            (10, _) if rng.percent(20) => {
                let text = format!(r#"{{"kind":"{NEWER_KIND}","about":null,"data":{{}}}}"#);
                (service, text)
            }
            (11..15, _) => {
                let body = Body::new(Data::Mismatch(mismatch(Did::NotDone)));
                (service, body.to_text())
            }
            _ => {
                let body = Body::new(Data::Note(Note {
                    person,
                    delivered: Vec::new(),
                    other: format!("Ate half of breakfast, {}", rng.below(1_000)),
                    escalation: Escalation::No,
                    happened_at: None,
                    given_by: None,
                }));
                (service, body.to_text())
            }
        };
        debug_assert!(text.len() < MAX_BODY);
        let made = self.now + it.offset;
        let save = Save {
            service,
            id: EntryId::new(made.max(0), rng.bytes()),
            spare_id: EntryId::new(made.max(0), rng.bytes()),
            body: text,
            made,
            skew: tab.skew,
            beacon,
            salt: Bytes(rng.bytes()),
            draft_mirror: None,
        };
        self.rng = rng;
        Some(save)
    }
}

//! One record as people see it: what it says now and said before, where it is, who has seen it.

use super::Ledger;
use super::attention::{Attention, attention};
use super::order::Order;
use crate::body::{Did, Escalation, Mismatch, Note, PlanQuestion};
use crate::chain::{Flags, Header};
use crate::encoding::Millis;
use crate::ids::{DeviceId, EntryId, ServiceId, SubjectId, UserId};
use crate::sort::sort_by;
use crate::words;

/// Two minutes: past this the record says that the phone's clock was off (DESIGN 2).
const CLOCK_OFF: Millis = 2 * 60_000;

/// How much of a question stands in a line.
const QUESTION_WORDS: usize = 60;

/// A mismatch report, temporary note or question, with its corrections and who has seen it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub id: EntryId,
    pub service: ServiceId,
    pub author: UserId,
    pub device: DeviceId,
    /// The author key's own count.
    pub n: u64,
    /// The device's clock when it was made.
    pub made: Millis,
    /// Server minus device when last measured before it was made; none if never.
    pub skew: Option<i64>,
    /// The first words. [`Record::current`] is what it says after corrections.
    pub data: RecordData,
    pub delivery: Delivery,
    /// A restored server has lost it; it is being sent again.
    pub again: bool,
    /// This device's clock when it was saved here; none for what others wrote.
    pub saved: Option<Millis>,
    /// In order, the last one counting.
    pub amendments: Vec<AmendmentView>,
    /// Who else has seen it, each once with the first time, earliest first.
    pub seen: Vec<Seen>,
    /// It could not be filed, and the author has corrected it and sent it again as another record.
    pub sent_again: bool,
    /// The record it was sent again as.
    pub corrected_by: Option<EntryId>,
    /// Another version with the same id that this phone keeps and the server does not count.
    pub conflict: Option<Box<RecordData>>,
}

/// What a record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordData {
    Mismatch(Mismatch),
    Note(Note),
    /// Asked about an instruction.
    Question(PlanQuestion),
    /// Erased for a lawful reason: that it was made is kept, its words are gone.
    Erased,
    /// Written by a newer version, and kept. The kind is empty where not even that could be read.
    Newer {
        kind: String,
    },
}

/// Where a record is. Exactly one holds, and 'Sent' only on the server's word for this entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    Saved,
    Sent {
        received: Millis,
        /// When a restored server first had it; 0 unless offered again.
        first_received: Millis,
        flags: Flags,
    },
    NeedsAttention {
        code: String,
        reason: String,
    },
}

/// A correction of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AmendmentView {
    pub id: EntryId,
    pub by: UserId,
    pub made: Millis,
    pub skew: Option<i64>,
    pub received: Option<Millis>,
    pub reason: String,
    pub data: RecordData,
    pub delivery: Delivery,
    pub again: bool,
    pub(super) order: Order,
}

/// Somebody has seen a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    pub by: UserId,
    pub at: Millis,
}

/// How far the device's clock can be trusted for a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    Sure,
    /// The device's clock was this much behind (positive) or ahead (negative) of the server's.
    Off {
        by_ms: i64,
    },
    /// The error was not measured, or measured differently when it was sent: show both times.
    Uncertain,
}

/// One line of a record's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// The device's clock, put right where its error was measured.
    pub at: Millis,
    pub text: String,
    pub server: OnServer,
}

/// When the server had what a line of a record's history says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnServer {
    /// The history says so in a line of its own, or it is no entry.
    Apart,
    At(Millis),
    NotYet,
}

impl Happening {
    fn new(at: Millis, text: String) -> Happening {
        let server = OnServer::Apart;
        Happening { at, text, server }
    }

    /// What happened, and when the server had it where that is another time.
    pub fn words(&self, now: Millis) -> String {
        match self.server {
            OnServer::Apart => self.text.clone(),
            OnServer::At(at) => format!(
                "{} · the server had it {}",
                self.text,
                words::when_after(at, now)
            ),
            OnServer::NotYet => format!("{} · not sent yet", self.text),
        }
    }
}

impl Delivery {
    pub(super) fn sent(header: &Header) -> Delivery {
        Delivery::Sent {
            received: header.received,
            first_received: header.first_received,
            flags: header.flags,
        }
    }

    /// The state as a person reads it, and nothing else.
    pub fn label(&self) -> &'static str {
        match self {
            Delivery::Saved => "Saved on this phone",
            Delivery::Sent { .. } => "Sent",
            Delivery::NeedsAttention { .. } => "Needs attention",
        }
    }

    /// In quarantine or refused for good, rather than on its way: it does not count as done.
    pub fn is_held(&self) -> bool {
        matches!(self, Delivery::NeedsAttention { code, .. } if !code.starts_with("later:"))
    }
}

impl RecordData {
    /// Whom it is about; none where that cannot be read.
    pub fn person(&self) -> Option<SubjectId> {
        match self {
            RecordData::Mismatch(it) => Some(it.person),
            RecordData::Note(it) => Some(it.person),
            RecordData::Question(it) => Some(it.person),
            RecordData::Erased | RecordData::Newer { .. } => None,
        }
    }

    /// When it happened, where the author said so.
    pub fn happened_at(&self) -> Option<Millis> {
        match self {
            RecordData::Mismatch(it) => it.happened_at,
            RecordData::Note(it) => it.happened_at,
            RecordData::Question(_) | RecordData::Erased | RecordData::Newer { .. } => None,
        }
    }

    /// Who gave the care, where the author wrote for somebody else.
    pub fn given_by(&self) -> Option<UserId> {
        match self {
            RecordData::Mismatch(it) => it.given_by,
            RecordData::Note(it) => it.given_by,
            RecordData::Question(_) | RecordData::Erased | RecordData::Newer { .. } => None,
        }
    }

    /// What kind of record it is, as a person reads it.
    pub fn name(&self) -> &'static str {
        match self {
            RecordData::Mismatch(_) => "Mismatch",
            RecordData::Note(_) => "Note",
            RecordData::Question(_) => "Question",
            RecordData::Erased => "Erased record",
            RecordData::Newer { .. } => "Record of a newer version",
        }
    }

    /// Somebody must look first: the author escalates, or asked for help with a mismatch.
    pub fn is_urgent(&self) -> bool {
        match self {
            RecordData::Mismatch(it) => it.did == Did::AskedForHelp,
            RecordData::Note(it) => it.escalation != Escalation::No,
            RecordData::Question(_) | RecordData::Erased | RecordData::Newer { .. } => false,
        }
    }
}

impl Record {
    /// What the record says now: its latest correction that is not held, else its first words.
    pub fn current(&self) -> &RecordData {
        if self.data == RecordData::Erased {
            return &self.data;
        }
        self.latest().map_or(&self.data, |it| &it.data)
    }

    /// The entry whose words it reads as now: its latest correction that is not held, else itself. To have seen
    /// a record is to have seen this.
    pub fn version(&self) -> EntryId {
        self.latest().map_or(self.id, |it| it.id)
    }

    fn latest(&self) -> Option<&AmendmentView> {
        self.amendments
            .iter()
            .rev()
            .find(|it| !it.delivery.is_held())
    }

    /// Where what it reads as now is.
    pub fn version_delivery(&self) -> &Delivery {
        self.latest().map_or(&self.delivery, |it| &it.delivery)
    }

    /// Such as `Mismatch: Jean Whitby`.
    pub fn title(&self, ledger: &Ledger) -> String {
        let data = self.current();
        match data.person() {
            Some(person) => format!("{}: {}", data.name(), ledger.person_name(person)),
            None => data.name().to_owned(),
        }
    }

    /// What a question asks, that no two of one person look alike: the support task and its first words. `Eating and
    /// drinking: “For her supper too?”`; none for other records.
    pub fn asks(&self, ledger: &Ledger) -> Option<String> {
        let RecordData::Question(it) = self.current() else {
            return None;
        };
        let words = words::isolated(&words::beginning(it.text.trim(), QUESTION_WORDS));
        Some(match ledger.plan(it.plan) {
            Some(plan) => format!("{}: “{words}”", words::isolated(&plan.support_task)),
            None => format!("“{words}”"),
        })
    }

    /// The state as its row shows it. A held record that was corrected and sent again waits for nobody:
    /// it is kept on this phone, and its line says what became of it.
    pub fn label(&self) -> &'static str {
        if self.sent_again && self.delivery.is_held() {
            Delivery::Saved.label()
        } else {
            self.delivery.label()
        }
    }

    /// What happened to it, what is safe and what to do, while it needs its author.
    pub fn attention(&self) -> Option<Attention> {
        match &self.delivery {
            Delivery::NeedsAttention { code, .. } if !self.sent_again => Some(attention(code)),
            _ => None,
        }
    }

    /// Whether its author has something to do about it: the record, or the newest of its corrections.
    pub fn needs_attention(&self) -> bool {
        self.attention().is_some() || self.held_amendment().is_some() || self.conflict.is_some()
    }

    /// A correction that could not be filed, unless its author has written a newer one.
    pub fn held_amendment(&self) -> Option<&AmendmentView> {
        self.amendments.iter().find(|it| {
            matches!(it.delivery, Delivery::NeedsAttention { .. })
                && !self
                    .amendments
                    .iter()
                    .any(|newer| newer.by == it.by && newer.n_made() > it.n_made())
        })
    }

    /// When `user` first saw it as it was first written.
    pub fn seen_by(&self, user: UserId) -> Option<Millis> {
        self.seen
            .iter()
            .find(|seen| seen.by == user)
            .map(|seen| seen.at)
    }

    /// How far its device's clock can be trusted.
    pub fn clock(&self) -> Clock {
        if matches!(self.delivery, Delivery::Sent { flags, .. } if flags.has(Flags::UNCERTAIN)) {
            return Clock::Uncertain;
        }
        match self.skew {
            None => Clock::Uncertain,
            Some(by_ms) if by_ms.saturating_abs() > CLOCK_OFF => Clock::Off { by_ms },
            Some(_) => Clock::Sure,
        }
    }

    /// What to say about the clock, if anything.
    pub fn clock_words(&self, now: Millis) -> Option<String> {
        let said = words::when_after(self.made, now);
        match self.clock() {
            Clock::Sure => None,
            Clock::Off { by_ms } => {
                let way = if by_ms > 0 { "slow" } else { "fast" };
                Some(format!(
                    "The phone said {said}: it ran {} {way}",
                    words::age(by_ms.saturating_abs())
                ))
            }
            Clock::Uncertain => match self.delivery {
                Delivery::Sent { received, .. } => Some(format!(
                    "Time uncertain: the phone said {said}, the server had it at {}",
                    words::when_after(received, now)
                )),
                _ => Some(format!("Time uncertain: the phone said {said}")),
            },
        }
    }

    /// What else is so, each for the small line of its row: `Seen by Sunita Rao 15:52`.
    pub fn lines(&self, ledger: &Ledger, now: Millis) -> Vec<String> {
        let mut lines = Vec::new();
        if self.sent_again && self.delivery.is_held() {
            lines.push("Corrected and sent again".to_owned());
        }
        if let Some(attention) = self.attention() {
            lines.push(attention.short.to_owned());
        }
        if self.held_amendment().is_some() {
            lines.push("Your correction could not be filed".to_owned());
        }
        if self.again {
            lines.push("Being sent again".to_owned());
        }
        match &self.data {
            RecordData::Newer { .. } => lines.push("Recorded by a newer version".to_owned()),
            RecordData::Erased => {
                lines.push("Its words were erased for a lawful reason".to_owned())
            }
            _ => {}
        }
        let corrected = self.version() != self.id;
        if corrected {
            lines.push("Corrected".to_owned());
        }
        let seen = ledger.seen_list(self.version());
        if let Some(line) = seen_line(&seen, ledger, now) {
            lines.push(line);
        } else if corrected && let Some(line) = seen_line(&self.seen, ledger, now) {
            lines.push(format!("{line}, before it was corrected"));
        }
        lines
    }

    /// What happened to the record, newest first.
    pub fn history(&self, ledger: &Ledger) -> Vec<Happening> {
        let who = |user: UserId| {
            if user == ledger.me() {
                "You".to_owned()
            } else {
                ledger.name_of(user)
            }
        };
        let made = self.made.saturating_add(self.skew.unwrap_or(0));
        let mut history = vec![Happening::new(
            made,
            format!("{} wrote it", who(self.author)),
        )];
        if let Delivery::Sent {
            received,
            first_received,
            ..
        } = self.delivery
        {
            let first = if first_received == 0 {
                received
            } else {
                first_received
            };
            let after = first.saturating_sub(made);
            let text = if after >= 60_000 {
                format!(
                    "It reached the server, {} after it was written",
                    words::age(after)
                )
            } else {
                "It reached the server".to_owned()
            };
            history.push(Happening::new(first, text));
            if first_received != 0 {
                let text = "It was sent again after the server was restored".to_owned();
                history.push(Happening::new(received, text));
            }
        }
        for seen in &self.seen {
            history.push(Happening::new(seen.at, format!("{} saw it", who(seen.by))));
        }
        for it in &self.amendments {
            for seen in ledger.seen_list(it.id) {
                history.push(Happening::new(
                    seen.at,
                    format!("{} saw the correction", who(seen.by)),
                ));
            }
            let at = it.made.saturating_add(it.skew.unwrap_or(0));
            let what = if it.delivery.is_held() {
                "wrote a correction that could not be filed"
            } else {
                "corrected it"
            };
            history.push(Happening::new(
                at,
                format!("{} {what}: {}", who(it.by), it.reason),
            ));
        }
        history.extend(ledger.later_steps(self, &who));
        sort_by(&mut history, |a, b| (b.at, &b.text).cmp(&(a.at, &a.text)));
        history
    }

    /// Whether `me` may correct it: one's own record, once it counts or is on its way.
    pub fn may_amend(&self, me: UserId) -> bool {
        self.author == me
            && !self.delivery.is_held()
            && matches!(self.data, RecordData::Mismatch(_) | RecordData::Note(_))
    }

    /// Whether `me` may correct it and send it again as a new record.
    pub fn may_send_again(&self, me: UserId) -> bool {
        self.author == me
            && self.delivery.is_held()
            && !self.sent_again
            && matches!(self.data, RecordData::Mismatch(_) | RecordData::Note(_))
    }
}

/// `Seen by Sunita Rao 15:52 and 2 others`; none where nobody has.
fn seen_line(seen: &[Seen], ledger: &Ledger, now: Millis) -> Option<String> {
    let (first, rest) = seen.split_first()?;
    let mut line = format!(
        "Seen by {} {}",
        ledger.name_of(first.by),
        words::when_after(first.at, now)
    );
    if !rest.is_empty() {
        line.push_str(&format!(
            " and {}",
            words::count(rest.len(), "other", "others")
        ));
    }
    Some(line)
}

impl AmendmentView {
    fn n_made(&self) -> (Millis, EntryId) {
        (self.made, self.id)
    }
}

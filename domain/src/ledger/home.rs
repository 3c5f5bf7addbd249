//! What a person needs to see first: their home, their inbox, and what the server holds.

use std::collections::{BTreeMap, BTreeSet};

use super::Ledger;
use super::attention::attention;
use super::record::{Delivery, Record, RecordData};
use super::updates::{BoardPart, ToChase};
use crate::body::{Body, Data, Kind};
use crate::encoding::{Digest, Millis};
use crate::ids::{DeviceId, EntryId, ServiceId, SubjectId, UserId};
use crate::permission::{See, may_write, see};
use crate::recipients::receivers_from;
use crate::sort::sort_by_key;
use crate::words;

/// How long a seen record stays in the inbox: two days.
const SEEN_STAYS: Millis = 2 * 24 * 3_600_000;

/// How long a reported mismatch stands on the person's page: seven days.
const MISMATCH_STANDS: Millis = 7 * 24 * 3_600_000;

/// How long a hand over stands on home: a day.
const HANDED_OVER_STANDS: Millis = 24 * 3_600_000;

/// What a person's first screen shows. It holds every rule of what shows, so the screen holds none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// What needs this person now, the most pressing first.
    pub needs: Vec<Need>,
    /// What they may start.
    pub start: Vec<Start>,
}

/// One thing that needs a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// The record to open, or the update; nil for the board.
    pub record: EntryId,
    pub reason: NeedReason,
    /// Such as `Your note could not be filed`.
    pub title: String,
    /// Such as `Harold Quinn · Your role did not allow it`.
    pub line: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NeedReason {
    /// Answers to chase that were handed over to me within a day. `record` is nil, for the board.
    HandedOver,
    /// An early warning, and I am one of those to whom it escalates. `record` is the mismatch or the update; nil for
    /// the board.
    WarnedFirst,
    /// Somebody escalated an early warning to me, and I have not answered. `record` is what it came of.
    Escalated,
    /// Paper guidance that I follow now, and have not said that I read. `record` is the guidance.
    Guidance,
    /// Paper guidance that I followed is over, and I have not said that I know. `record` is the guidance.
    GuidanceOver,
    /// Paper guidance that stands for somebody else than its report is about now, and I may end it. `record` is the
    /// mismatch.
    GuidanceAstray,
    /// Somebody escalates, or asked for help with a mismatch, and I have not seen it.
    Urgent,
    /// An instruction has changed, and this phone's device is known not to show it. `record` is the update.
    ShowsWrong,
    /// A change that I answered, was asked about or recorded no longer holds, and I have not said that I know. `record` is
    /// the update.
    NoLonger,
    /// A device still shows something else after the fix, and what is done further is mine to write. `record` is the
    /// mismatch.
    NotFixed,
    /// An instruction has changed, and this phone has not said what it shows.
    Change,
    /// What I wrote could not be filed.
    Held,
    /// What I wrote on another phone could not be filed.
    HeldElsewhere,
    /// The server cannot take what I wrote yet.
    Stuck,
    /// Devices are left with a change that was withdrawn, and what holds now is mine to record. `record` is the update.
    LeftShowing,
    /// Devices show something else, disagree or are silent past their time.
    Chase,
    /// An early warning where I lead. `record` as for the first.
    Warned,
    /// A mismatch whose next step is mine.
    Turn,
    /// A corrective action that I own and that is not done. `record` is the mismatch.
    Action,
    /// What became of what I wrote, and I have not said that I know. `record` is what I wrote.
    Told,
    /// A record that I receive and have not seen.
    Unseen,
}

/// What can be started from home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    Mismatch,
    Note,
    PlanChange,
    Board,
}

impl Start {
    pub fn label(self) -> &'static str {
        match self {
            Start::Mismatch => "Report a mismatch",
            Start::Note => "Write a temporary note",
            Start::PlanChange => "Record a plan change",
            Start::Board => "See the visibility board",
        }
    }
}

/// A record in the inbox of somebody who receives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxItem {
    pub id: EntryId,
    pub unseen: bool,
    /// I have seen it, and it was corrected since.
    pub corrected: bool,
    pub urgent: bool,
}

/// An entry that the server holds in quarantine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldView {
    /// The server's entry that says so.
    pub entry: EntryId,
    pub service: ServiceId,
    /// The held entry's id and author, where they could be read.
    pub id: Option<EntryId>,
    pub author: Option<UserId>,
    pub digest: Digest,
    pub code: String,
    pub received: Millis,
    pub released: bool,
}

/// The first screen of the ledger's user on the device they hold.
pub fn home(ledger: &Ledger, device: DeviceId, now: Millis) -> Home {
    Home {
        needs: needs(ledger, device, now),
        start: starts(ledger),
    }
}

/// What the roles of the ledger's user may start.
pub fn starts(ledger: &Ledger) -> Vec<Start> {
    let services = ledger.my_services();
    let may = |kind| {
        services
            .iter()
            .any(|service| may_write(&ledger.my_roles(*service), kind))
    };
    let mut starts = Vec::new();
    if may(Kind::Mismatch) {
        starts.push(Start::Mismatch);
    }
    if may(Kind::Note) {
        starts.push(Start::Note);
    }
    if may(Kind::PlanUpdate) {
        starts.push(Start::PlanChange);
    }
    if services.iter().any(|service| ledger.sees_answers(*service)) {
        starts.push(Start::Board);
    }
    starts
}

/// Whether the roles of the ledger's user write what 'My records' lists.
pub fn writes_records(ledger: &Ledger) -> bool {
    starts(ledger).iter().any(|start| *start != Start::Board)
}

/// Whether the ledger's user may record a change of an instruction at a service.
pub fn may_change(ledger: &Ledger, service: ServiceId) -> bool {
    may_write(&ledger.my_roles(service), Kind::PlanUpdate)
}

/// Whether the ledger's user may ask about an instruction at a service.
pub fn may_ask(ledger: &Ledger, service: ServiceId) -> bool {
    may_write(&ledger.my_roles(service), Kind::PlanQuestion)
}

fn needs(ledger: &Ledger, device: DeviceId, now: Millis) -> Vec<Need> {
    let mut needs: Vec<Need> = ledger
        .my_records()
        .into_iter()
        .filter_map(|record| own_need(ledger, record))
        .collect();
    needs.extend(ledger.held_elsewhere().into_iter().map(|held| Need {
        record: held.id.unwrap_or(held.entry),
        reason: NeedReason::HeldElsewhere,
        title: "Something you wrote on another phone could not be filed".to_owned(),
        line: format!(
            "{} · {}",
            words::when(held.received, now),
            attention(&held.code).short
        ),
    }));
    needs.extend(ledger.small_entries_held());
    let inbox = ledger.inbox(now);
    let unseen: BTreeSet<EntryId> = inbox
        .iter()
        .filter(|item| item.unseen)
        .map(|item| item.id)
        .collect();
    needs.extend(ledger.guidance_needs(now));
    needs.extend(ledger.turn_needs(&unseen, now));
    needs.extend(ledger.question_needs(now));
    needs.extend(ledger.action_needs(now));
    let escalated = ledger.escalations(now);
    let told = ledger.told_with(&escalated, now).into_iter();
    needs.extend(told.map(|it| it.need));
    needs.extend(ledger.left_needs());
    let to_show = ledger.to_show(device, now);
    // Also where it is asked again below: what to follow stands until it was looked at.
    needs.extend(ledger.shown_wrong_needs(&to_show));
    let asked = ledger.not_confirmed(to_show);
    needs.extend(asked.iter().map(|change| Need {
        record: change.update.id,
        reason: NeedReason::Change,
        title: change.title(ledger),
        line: change.line(ledger, now),
    }));
    let board = ledger.chased_board(now);
    needs.extend(chase_need(ledger, &board, now));
    needs.extend(ledger.warning_needs(&board, &escalated, now));
    needs.extend(
        inbox
            .into_iter()
            .filter(|item| item.unseen)
            .filter_map(|item| {
                let record = ledger.record(item.id)?;
                Some(Need {
                    record: item.id,
                    reason: if item.urgent {
                        NeedReason::Urgent
                    } else {
                        NeedReason::Unseen
                    },
                    title: record.title(ledger),
                    line: inbox_line(ledger, record, item.corrected, now),
                })
            }),
    );
    // A stable sort: within one reason the order above stays.
    sort_by_key(&mut needs, |need| need.reason);
    needs
}

/// What is to be chased, and who handed it over to me in the last day.
fn chase_need(ledger: &Ledger, board: &[BoardPart], now: Millis) -> Option<Need> {
    let to_chase = ToChase::of(board.iter().flat_map(|part| &part.rows));
    let handed = ledger
        .handed_over()
        .take_while(|it| now.saturating_sub(it.at) < HANDED_OVER_STANDS)
        .find(|it| it.to == ledger.me);
    if to_chase.count() == 0 {
        return None;
    }
    let line = match &handed {
        Some(it) => {
            let note = match it.note {
                "" => String::new(),
                note => format!(": {}", words::isolated(note)),
            };
            format!(
                "{} handed this over to you, {}{note} · {}",
                ledger.name_of(it.by),
                words::when_after(it.at, now),
                to_chase.line()
            )
        }
        None => to_chase.line(),
    };
    Some(Need {
        record: EntryId::nil(),
        reason: match handed {
            Some(_) => NeedReason::HandedOver,
            None => NeedReason::Chase,
        },
        title: to_chase.title(),
        line,
    })
}

/// How long before it was written something happened for it to be said: an hour.
const HAPPENED_BEFORE: Millis = 3_600_000;

/// Who wrote a record and when, and when it happened where that was some time before; what a question asks; where it
/// was corrected since I saw it, that too.
pub fn inbox_line(ledger: &Ledger, record: &Record, corrected: bool, now: Millis) -> String {
    let asks = record.asks(ledger).map(|asks| format!("{asks} · "));
    let happened = record.current().happened_at();
    let before = happened.filter(|at| record.made.saturating_sub(*at) >= HAPPENED_BEFORE);
    let happened = before.map(|at| format!("It happened {} · ", words::when_after(at, now)));
    format!(
        "{}{}{}{} · {}",
        if corrected {
            "Corrected since you saw it · "
        } else {
            ""
        },
        asks.unwrap_or_default(),
        happened.unwrap_or_default(),
        ledger.name_of(record.author),
        words::when(record.made, now)
    )
}

fn own_need(ledger: &Ledger, record: &Record) -> Option<Need> {
    let what = match &record.data {
        RecordData::Mismatch(_) => "report",
        RecordData::Note(_) => "note",
        RecordData::Question(_) => "question",
        RecordData::Erased | RecordData::Newer { .. } => "record",
    };
    let person = record
        .data
        .person()
        .map(|person| ledger.person_name(person));
    let line = |short: &str| match &person {
        Some(person) => format!("{person} · {short}"),
        None => short.to_owned(),
    };
    let need = |reason, title, short: &str| {
        Some(Need {
            record: record.id,
            reason,
            title,
            line: line(short),
        })
    };
    if let Some(attention) = record.attention() {
        return if record.delivery.is_held() {
            need(
                NeedReason::Held,
                format!("Your {what} could not be filed"),
                attention.short,
            )
        } else {
            need(
                NeedReason::Stuck,
                format!("Your {what} is still on this phone"),
                attention.short,
            )
        };
    }
    if let Some(held) = record.held_amendment()
        && held.by == ledger.me
        && let Delivery::NeedsAttention { code, .. } = &held.delivery
    {
        let short = attention(code).short;
        return if held.delivery.is_held() {
            need(
                NeedReason::Held,
                format!("Your correction of a {what} could not be filed"),
                short,
            )
        } else {
            need(
                NeedReason::Stuck,
                format!("Your correction of a {what} is still on this phone"),
                short,
            )
        };
    }
    if record.conflict.is_some() {
        let short = attention("id-conflict").short;
        return need(
            NeedReason::Held,
            format!("A second version of your {what} could not be filed"),
            short,
        );
    }
    None
}

impl Ledger {
    /// What I receive: first what I have not seen as it reads now, and there what is urgent, then mismatches, then
    /// the newest. What I have seen stays two days.
    pub fn inbox(&self, now: Millis) -> Vec<InboxItem> {
        let mut receive: BTreeMap<(ServiceId, UserId, Kind), bool> = BTreeMap::new();
        let mut items: Vec<(Kind, InboxItem)> = self
            .newest_first()
            .filter_map(|record| {
                let kind = match &record.data {
                    RecordData::Mismatch(_) => Kind::Mismatch,
                    RecordData::Note(_) => Kind::Note,
                    RecordData::Question(_) => Kind::PlanQuestion,
                    RecordData::Erased | RecordData::Newer { .. } => return None,
                };
                if record.author == self.me {
                    return None;
                }
                let mine = *receive
                    .entry((record.service, record.author, kind))
                    .or_insert_with(|| {
                        receivers_from(self, record.service, kind, record.author)
                            .people
                            .iter()
                            .any(|staff| staff.user == self.me)
                    });
                let seen = self
                    .seen_as_it_reads(record)
                    .or_else(|| self.acted_on(record));
                let shows = mine && seen.is_none_or(|at| now.saturating_sub(at) < SEEN_STAYS);
                shows.then(|| {
                    let item = InboxItem {
                        id: record.id,
                        unseen: seen.is_none(),
                        corrected: seen.is_none() && record.seen_by(self.me).is_some(),
                        urgent: record.current().is_urgent(),
                    };
                    (kind, item)
                })
            })
            .collect();
        // A stable sort: within its part the newest stay first.
        sort_by_key(&mut items, |(kind, item)| {
            let part = |first: bool| !(item.unseen && first);
            (part(true), part(item.urgent), part(*kind == Kind::Mismatch))
        });
        items.into_iter().map(|(_, item)| item).collect()
    }

    /// When I first saw a record as it reads now.
    pub(super) fn seen_as_it_reads(&self, record: &Record) -> Option<Millis> {
        let seen = self.seen_list(record.version());
        seen.iter()
            .find(|seen| seen.by == self.me)
            .map(|seen| seen.at)
    }

    /// The newest mismatch reported about a person in the last seven days, as far as I may read it.
    pub fn newest_mismatch_about(&self, person: SubjectId, now: Millis) -> Option<&Record> {
        self.newest_first().find(|record| {
            matches!(record.current(), RecordData::Mismatch(it) if it.person == person)
                && !record.delivery.is_held()
                && now.saturating_sub(record.made) < MISMATCH_STANDS
                && self
                    .handling(record.id)
                    .is_none_or(|it| it.closed.is_none())
        })
    }

    /// When I took a step of a record that was not corrected: whoever acts on it has read it.
    fn acted_on(&self, record: &Record) -> Option<Millis> {
        let mine = self
            .steps_of(record.id)
            .filter(|(made, _)| made.by == self.me);
        let acted = mine.map(|(made, _)| made.at).max()?;
        (record.version() == record.id).then_some(acted)
    }

    /// The acknowledgement to write when I open a record, of what it reads as now: none for my own, for what the
    /// server does not have, and for what I have already seen.
    pub fn acknowledgement_for(&self, id: EntryId) -> Option<Body> {
        let record = self.record(id)?;
        let due = record.author != self.me
            && matches!(record.version_delivery(), Delivery::Sent { .. })
            && self.seen_as_it_reads(record).is_none()
            && may_write(&self.my_roles(record.service), Kind::Acknowledgement);
        due.then(|| Body::acknowledgement(record.version(), record.author))
    }

    /// What the server holds at services where I see all of it, newest first.
    pub fn held(&self) -> Vec<HeldView> {
        let mut held: Vec<HeldView> = self
            .held_views()
            .filter(|it| see(&self.my_roles(it.service), Kind::Held) == See::All)
            .collect();
        sort_by_key(&mut held, |it| std::cmp::Reverse((it.received, it.entry)));
        held
    }

    /// What I wrote on another phone, and the server holds: this phone does not have its words.
    fn held_elsewhere(&self) -> Vec<HeldView> {
        self.held_views()
            .filter(|it| it.author == Some(self.me) && !it.released)
            .filter(|it| !self.own_by_digest.contains_key(&it.digest))
            .filter(|it| {
                it.id.is_none_or(|id| {
                    !self.own.contains_key(&id) && !self.corrections.contains_key(&id)
                })
            })
            .collect()
    }

    pub(super) fn held_views(&self) -> impl Iterator<Item = HeldView> {
        self.held
            .iter()
            .flat_map(|(digest, by)| by.iter().map(move |entry| (digest, entry)))
            .filter_map(|(digest, entry)| {
                let in_log = self.log.get(entry)?;
                let Data::Held(held) = &self.body(*entry)?.data else {
                    return None;
                };
                Some(HeldView {
                    entry: *entry,
                    service: in_log.meta.service,
                    id: held.id,
                    author: held.author,
                    digest: *digest,
                    code: held.code.clone(),
                    received: in_log.header.received,
                    released: self.released.contains_key(digest),
                })
            })
    }

    /// Own entries that no record shows and that could not be filed: they too are told.
    fn small_entries_held(&self) -> impl Iterator<Item = Need> {
        self.own.iter().filter_map(|(id, own)| {
            let data = own.said.data()?;
            let title = match data {
                Data::Acknowledgement(_) => "That you have seen a record could not be filed",
                Data::DeviceUse(_) => "Which phone this is could not be filed",
                Data::PlanUpdate(_) => "Your plan change could not be filed",
                Data::Withdrawal(_) => "Your withdrawal of a plan change could not be filed",
                Data::Confirmation(_) => "Your answer about a plan change could not be filed",
                Data::Reminder(_) => "Your reminder could not be filed",
                Data::HandOver(_) => "What you handed over could not be filed",
                Data::QuestionReply(_) => "Your answer to a question could not be filed",
                Data::WarningAnswer(_) => "What you did about an early warning could not be filed",
                Data::GuidanceRead(_) => "That you have read paper guidance could not be filed",
                Data::Guidance(_) => "Your paper guidance could not be filed",
                Data::GuidanceWithdrawal(_) => "That paper guidance is over could not be filed",
                Data::MismatchReview(_) => "Your review of a mismatch could not be filed",
                Data::MismatchCause(_) => "Your cause and fix could not be filed",
                Data::DeviceCheck(_) => "Your check of a device could not be filed",
                Data::ActionDone(_) => "That an action is done could not be filed",
                Data::MismatchClose(_) => "Your closing of a mismatch could not be filed",
                Data::Amendment(it) if !self.record_times.contains_key(&it.amends) => {
                    "Your correction could not be filed"
                }
                _ => return None,
            };
            let (delivery, _) = self.delivery(*id);
            let Delivery::NeedsAttention { code, .. } = &delivery else {
                return None;
            };
            // A later answer to the same question has taken its place.
            let answered_later = matches!(data, Data::DeviceUse(_))
                && self.own.values().any(|it| {
                    matches!(it.said.data(), Some(Data::DeviceUse(_)))
                        && (it.meta.made, it.meta.id) > (own.meta.made, own.meta.id)
                });
            let held = delivery.is_held() && !answered_later;
            held.then(|| Need {
                record: *id,
                reason: NeedReason::Held,
                title: title.to_owned(),
                line: attention(code).short.to_owned(),
            })
        })
    }
}

//! A change that no longer holds (pathway B, 'withdraw or supersede'): who is told and what they follow now, and which
//! devices are left with a text that was withdrawn.

use super::home::{Need, NeedReason};
use super::told::Told;
use super::updates::{CellState, Given, ScreenView, Standing, UpdateView, state_after};
use super::{Ledger, Made};
use crate::body::{Data, Kind, Screen};
use crate::encoding::Millis;
use crate::ids::{EntryId, ServiceId, SubjectId};
use crate::permission::may_write;
use crate::words;

/// How much of an instruction home shows.
const FIRST_WORDS: usize = 120;

/// A device that I said is in my hand.
#[derive(Clone, Copy)]
struct InHand {
    screen: Screen,
    since: Millis,
    /// Until somebody said that it is in theirs, or this phone is another one; none while it is in mine.
    until: Option<Millis>,
}

impl Ledger {
    /// What became of a change that no longer holds, and what to follow now; none while it stands.
    ///
    /// `Withdrawn by Tom Beresford, 21:40: Wrong person. Follow this now: Level 5 minced and moist.`
    pub fn no_longer(&self, update: &UpdateView, now: Millis) -> Option<String> {
        let became = match &update.standing {
            Standing::Stands => return None,
            Standing::Withdrawn { by, at, reason } => format!(
                "Withdrawn by {}, {}: {}",
                self.name_of(*by),
                words::when_after(*at, now),
                words::isolated(reason)
            ),
            Standing::Replaced { by } => {
                let next = self.update(*by)?;
                let author = next.by.map_or_else(
                    || "A newer change from the care record took its place".to_owned(),
                    |author| format!("{} recorded a newer change", self.name_of(author)),
                );
                let when = words::when_after(next.at, now);
                match next.standing {
                    Standing::Withdrawn { .. } => format!("{author}, {when}, and it was withdrawn"),
                    _ => format!("{author}, {when}"),
                }
            }
        };
        let end = match became.ends_with(['.', '!', '?']) {
            true => "",
            false => ".",
        };
        let follow = match self.plan(update.plan) {
            Some(plan) => {
                let (text, _) = self.reads_now(&plan, now);
                let text = words::beginning(&text, FIRST_WORDS);
                format!("Follow this now: {}", words::isolated(&text))
            }
            None => "Ask your team leader what to follow now.".to_owned(),
        };
        Some(format!("{became}{end} {follow}"))
    }

    /// What I am told of changes that no longer hold: of each instruction the newest that I answered, was asked about or
    /// recorded.
    pub(super) fn told_of_changes(&self, now: Millis) -> Vec<Told> {
        let chains: Vec<_> = self.chains().filter(|chain| any_ended(chain)).collect();
        if chains.is_empty() {
            return Vec::new();
        }
        let mine = self.my_screens();
        let told = chains.iter();
        told.flat_map(|chain| self.told_in_chain(chain, &mine, now))
            .collect()
    }

    /// The same of one change.
    pub(super) fn told_that_it_no_longer_holds(&self, id: EntryId, now: Millis) -> Option<Told> {
        let chain = self.chain(self.update(id)?.plan);
        if !any_ended(&chain) {
            return None;
        }
        let told = self.told_in_chain(&chain, &self.my_screens(), now);
        told.into_iter().find(|it| it.need.record == id)
    }

    fn told_in_chain(&self, chain: &[UpdateView], mine: &[InHand], now: Millis) -> Vec<Told> {
        let mut decided: Vec<ServiceId> = Vec::new();
        let mut told = Vec::new();
        for update in chain {
            if decided.contains(&update.service) || !self.concerns_me(update, mine, now) {
                continue;
            }
            decided.push(update.service);
            told.extend(self.tell_that_it_no_longer_holds(update, mine, now));
        }
        told
    }

    /// Whether I answered about a change, was asked about it, or recorded it.
    fn concerns_me(&self, update: &UpdateView, mine: &[InHand], now: Millis) -> bool {
        update.by == Some(self.me)
            || self.asked_me(update, mine, now)
            || self
                .answers_to(update.id)
                .iter()
                .any(|(_, given)| given.by == self.me)
    }

    /// Whether a device that was in my hand is one that must show a change, and the day from which it holds came while it
    /// stood.
    fn asked_me(&self, update: &UpdateView, mine: &[InHand], now: Millis) -> bool {
        let until = self.stood_until(update);
        if update.begins_later(until.unwrap_or(now))
            || !may_write(&self.my_roles(update.service), Kind::Confirmation)
        {
            return false;
        }
        let screens = self.screens(update.service);
        let had = |it: &&ScreenView| {
            mine.iter().any(|held| {
                held.screen == it.screen
                    && until.is_none_or(|until| held.since <= until)
                    && held.until.is_none_or(|gone| gone >= update.at)
            })
        };
        screens
            .iter()
            .filter(had)
            .any(|it| self.must_show(update, it))
    }

    fn my_screens(&self) -> Vec<InHand> {
        let mut said = Vec::new();
        for (device, orders) in &self.device_uses {
            for order in orders {
                let Some((meta, entry)) = self.entry(order.id) else {
                    continue;
                };
                if let Some(Data::DeviceUse(it)) = entry.data() {
                    let screen = it.label.map_or(Screen::Own(*device), Screen::Labelled);
                    said.push((*order, *device, screen, meta.author));
                }
            }
        }
        let mine = said.iter().filter(|(.., author)| *author == self.me);
        mine.map(|(order, device, screen, _)| {
            let later = said.iter().filter(|(other, on, what, author)| {
                other > order && (on == device || (what == screen && *author != self.me))
            });
            let next = later.map(|(other, ..)| *other).min();
            InHand {
                screen: *screen,
                since: self.given_at(order.id),
                until: next.map(|it| self.given_at(it.id)),
            }
        })
        .collect()
    }

    fn tell_that_it_no_longer_holds(
        &self,
        update: &UpdateView,
        mine: &[InHand],
        now: Millis,
    ) -> Option<Told> {
        let (ended_by, what) = match &update.standing {
            Standing::Stands => return None,
            Standing::Withdrawn { .. } => {
                (self.withdrawal_of(update.id)?.1, "a change was withdrawn")
            }
            Standing::Replaced { by } => {
                // Those who see the board read it there, and whoever is asked about the next reads that.
                let next = self.update(*by)?;
                let in_hand = mine.iter().filter(|it| it.until.is_none()).copied();
                let in_hand: Vec<InHand> = in_hand.collect();
                if self.sees_answers(update.service) || self.asked_me(&next, &in_hand, now) {
                    return None;
                }
                (*by, "an instruction has changed again")
            }
        };
        // Whichever of two withdrawals counts: to have seen one is to know.
        let withdrawals = self.withdrawals.get(&update.id).into_iter().flatten();
        let mut all = withdrawals.map(|(_, id)| *id).filter(|id| *id != ended_by);
        if all.any(|id| self.i_have_seen(id)) {
            return None;
        }
        let (meta, _) = self.entry(ended_by)?;
        let made: Made = self.made(meta);
        let wrong = match self.my_device_shows(update, mine) {
            true => " Your care app may still show the words that no longer hold. Check it.",
            false => "",
        };
        self.tell(
            &made,
            update.service,
            (update.id, NeedReason::NoLonger),
            format!("{}: {what}", self.person_name(update.person)),
            format!(
                "{}. {}{wrong}",
                update.support_task,
                self.no_longer(update, now)?
            ),
        )
    }

    /// Whether a device that I have in hand, or that I answered for on it, was last seen to show a change.
    fn my_device_shows(&self, update: &UpdateView, mine: &[InHand]) -> bool {
        let left = self.last_shown_on(update);
        let in_hand = |screen: Screen| {
            mine.iter()
                .any(|it| it.screen == screen && it.until.is_none())
        };
        left.iter()
            .any(|(screen, given)| given.by == self.me || in_hand(*screen))
    }

    /// The devices whose last answer about a change is that they show it, with that answer.
    fn last_shown_on(&self, update: &UpdateView) -> Vec<(Screen, Given)> {
        let checks = self.checks_of(update.id);
        let mut heard: Vec<Screen> = Vec::new();
        let mut shown = Vec::new();
        for (screen, _) in self.answers_to(update.id) {
            if heard.contains(&screen) {
                continue;
            }
            heard.push(screen);
            let answers = self.answers_of((update.id, screen), &checks);
            if let Some(last) = answers.last()
                && state_after(answers.range(..), last) == CellState::Shows
            {
                shown.push((screen, *last));
            }
        }
        shown
    }

    /// The devices in use that were last seen to show a change which was withdrawn, and that no change in its place asks
    /// to show something else: with the answer by which that is known, in the order of the board. None of a change that was not withdrawn.
    pub fn left_showing(&self, update: &UpdateView) -> Vec<(ScreenView, Given)> {
        // An instruction that has ended is shown by none, and nothing can be recorded that holds in its place.
        if !matches!(update.standing, Standing::Withdrawn { .. })
            || !self
                .plans_of(update.person)
                .iter()
                .any(|plan| plan.id == update.plan)
        {
            return Vec::new();
        }
        let shown = self.last_shown_on(update);
        let chain = self.chain(update.plan);
        let mut left = Vec::new();
        for place in self.in_use(update.service).screens.iter() {
            let Some((screen, given)) = shown.iter().find(|it| it.0 == place.screen) else {
                continue;
            };
            let standing = |it: &&UpdateView| it.stands() && it.service == update.service;
            let asked_since = chain.iter().filter(standing).any(|it| {
                let answers = self.answers_of((it.id, *screen), &self.checks_of(it.id));
                answers.last().is_none_or(|last| last > given) && self.must_show(it, place)
            });
            if !asked_since {
                left.push((place.clone(), *given));
            }
        }
        left
    }

    /// The change of an instruction that was withdrawn last, where none has stood since: what devices may still show.
    pub fn withdrawn_last(&self, plan: SubjectId) -> Option<UpdateView> {
        let chain = self.chain(plan);
        let last = chain.first()?;
        let withdrawn = matches!(last.standing, Standing::Withdrawn { .. });
        (withdrawn && self.change_of(plan).is_none()).then(|| last.clone())
    }

    /// Whether a withdrawn change had taken the place of one that is followed again: no device is asked about that until
    /// it is recorded anew.
    pub fn asks_of_nothing(&self, update: &UpdateView) -> bool {
        let last = self.withdrawn_last(update.plan);
        last.is_some_and(|it| it.id == update.id) && self.followed_change(update.plan).is_some()
    }

    /// `2 devices last showed it: NHC-PH3, NHC-PH4`, or that none is asked about what it had replaced; none where there is
    /// nothing to record, and for those who do not see what devices show.
    pub fn left_line(&self, update: &UpdateView) -> Option<String> {
        if !self.sees_answers(update.service) {
            return None;
        }
        let left = self.left_showing(update);
        if left.is_empty() && self.asks_of_nothing(update) {
            return Some("No device is asked about what holds now".to_owned());
        }
        let labels: Vec<&str> = left.iter().map(|(it, _)| it.label.as_str()).collect();
        (!left.is_empty()).then(|| {
            format!(
                "{} last showed it: {}",
                words::count(left.len(), "device", "devices"),
                labels.join(", ")
            )
        })
    }

    /// The withdrawn changes that devices are left with, for those who may record what holds now and have no early
    /// warning of them.
    pub(super) fn left_needs(&self) -> Vec<Need> {
        let services = self.my_services().into_iter();
        let mine: Vec<ServiceId> = services
            .filter(|it| may_write(&self.my_roles(*it), Kind::PlanUpdate) && !self.is_warned(*it))
            .collect();
        if mine.is_empty() {
            return Vec::new();
        }
        let mut needs = Vec::new();
        for chain in self.chains() {
            let withdrawn = chain.iter().filter(|it| mine.contains(&it.service));
            needs.extend(withdrawn.filter_map(|update| {
                Some(Need {
                    record: update.id,
                    reason: NeedReason::LeftShowing,
                    title: format!("{}: say what holds now", self.person_name(update.person)),
                    line: format!(
                        "{}. The change was withdrawn, and {}",
                        update.support_task,
                        words::within(&self.left_line(update)?)
                    ),
                })
            }));
        }
        needs
    }
}

/// Whether one of them no longer holds: there is nothing to tell where all of them stand, as mostly.
fn any_ended(chain: &[UpdateView]) -> bool {
    !chain.iter().all(UpdateView::stands)
}

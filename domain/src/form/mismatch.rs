//! 'Report a mismatch': four questions and a check (pathway B, step 3).

use serde::{Deserialize, Serialize};

use super::circumstances::{self, About, Circumstances};
use super::draft::Form;
use super::kit::{Answered, Answers, At, Offer, Steps, check, offer, one_of, own, person, text};
use super::{Fault, is_of_another};
use crate::body::{Body, Data, Did, Kind, Mismatch, Shows};
use crate::encoding::Millis;
use crate::ids::{EntryId, ServiceId, SubjectId, UserId};
use crate::json;
use crate::ledger::{Ledger, PlanView, UpdateView};
use crate::words;

/// A half-written mismatch report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MismatchDraft {
    /// The entry's id, made once, when the form opens.
    pub id: EntryId,
    pub step: MismatchStep,
    /// The step was opened again from the check, and goes back there.
    pub changing: bool,
    pub person_search: String,
    pub person: Option<SubjectId>,
    /// The person's service, in whose log the report goes.
    pub service: Option<ServiceId>,
    pub plan: Option<SubjectId>,
    pub device_says: String,
    /// The end of `device_says` that the app filled in: an instruction's text.
    pub filled_in: String,
    pub handover_says: String,
    pub did: Option<Did>,
    pub happened_at: Option<Millis>,
    pub given_by: Option<UserId>,
    /// What is half answered.
    #[serde(skip_serializing_if = "Answers::is_empty")]
    pub half: Answers,
    /// The held entry that this corrects and sends again.
    pub corrects: Option<EntryId>,
}

/// The steps, as a draft keeps which one is in front.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MismatchStep {
    #[default]
    Person,
    Device,
    Handover,
    Did,
    Check,
}

const STEPS: [MismatchStep; 5] = [
    MismatchStep::Person,
    MismatchStep::Device,
    MismatchStep::Handover,
    MismatchStep::Did,
    MismatchStep::Check,
];

impl Default for MismatchDraft {
    fn default() -> MismatchDraft {
        MismatchDraft::new(EntryId::nil())
    }
}

impl MismatchDraft {
    /// An empty report whose entry will have this id.
    pub fn new(id: EntryId) -> MismatchDraft {
        MismatchDraft {
            id,
            step: MismatchStep::Person,
            changing: false,
            person_search: String::new(),
            person: None,
            service: None,
            plan: None,
            device_says: String::new(),
            filled_in: String::new(),
            handover_says: String::new(),
            did: None,
            happened_at: None,
            given_by: None,
            half: Answers::default(),
            corrects: None,
        }
    }

    /// A report that opens at its check with these words in it, to be corrected.
    pub fn filled(id: EntryId, service: ServiceId, record: &Mismatch) -> MismatchDraft {
        MismatchDraft {
            step: MismatchStep::Check,
            person: Some(record.person),
            service: Some(service),
            plan: record.plan,
            device_says: record.device_says.clone(),
            handover_says: record.handover_says.clone(),
            did: Some(record.did),
            happened_at: record.happened_at,
            given_by: record.given_by,
            ..MismatchDraft::new(id)
        }
    }

    /// A report about a change that the device does not show. The text of before is filled in where the device shows
    /// that; what handover said is for the author to say.
    pub fn about_update(id: EntryId, update: &UpdateView, shows: Option<Shows>) -> MismatchDraft {
        let mut draft = MismatchDraft {
            step: MismatchStep::Device,
            person: Some(update.person),
            service: Some(update.service),
            ..MismatchDraft::new(id)
        };
        let shows_old = shows == Some(Shows::Old);
        draft.shows(update.plan, if shows_old { &update.before } else { "" });
        if shows_old {
            draft.step = MismatchStep::Handover;
        }
        draft
    }

    /// The device shows this instruction, of which the text is filled in: in the place of another that was filled in
    /// before, and after what the author wrote.
    pub fn shows(&mut self, plan: SubjectId, text: &str) {
        self.device_says = match self.written() {
            "" => text.to_owned(),
            written => format!("{written}\n{text}"),
        };
        self.plan = Some(plan);
        self.filled_in = text.to_owned();
    }

    /// What the device says in the author's own words, without what was filled in.
    fn written(&self) -> &str {
        let written = self.device_says.strip_suffix(self.filled_in.as_str());
        written.unwrap_or(&self.device_says).trim_end()
    }

    /// Another person was picked: the instruction of the one before is left, with the text that was filled in for it.
    pub fn keep_to_person(&mut self, ledger: &Ledger) {
        if is_of_another(ledger, self.plan, self.person) {
            self.plan = None;
            self.device_says = self.written().to_owned();
            self.filled_in.clear();
        }
    }

    /// 'Correct and send again': a new entry that says which held one it replaces.
    pub fn correcting(
        id: EntryId,
        held: EntryId,
        service: ServiceId,
        record: &Mismatch,
    ) -> MismatchDraft {
        MismatchDraft {
            corrects: Some(held),
            ..MismatchDraft::filled(id, service, record)
        }
    }

    /// Whether somebody gave care: not where it is still to be done.
    pub fn care_was_given(&self) -> bool {
        self.did != Some(Did::NotDone)
    }

    /// The record, if all is there.
    ///
    /// # Errors
    /// Everything that is to put right, in the order of the questions.
    pub fn record(&self, ledger: &Ledger, now: Millis) -> Result<Mismatch, Vec<Fault>> {
        let form: &dyn Form = self;
        let faults = form.faults(ledger, now);
        match (self.person, self.did) {
            (Some(person), Some(did)) if faults.is_empty() => Ok(Mismatch {
                person,
                plan: self.plan,
                device_says: self.device_says.trim().to_owned(),
                handover_says: self.handover_says.trim().to_owned(),
                did,
                happened_at: self.happened_at,
                given_by: self.given_by.filter(|_| self.care_was_given()),
            }),
            _ => Err(faults),
        }
    }
}

/// The instructions of the person on this phone: what the device should show.
fn plans(ledger: &Ledger, plans: Vec<PlanView>, now: Millis) -> Vec<Offer> {
    let plans = plans.into_iter().map(|plan| {
        let (reads, changed) = ledger.reads_now(&plan, now);
        let since = changed.map_or_else(
            || words::date_seen_from(plan.effective_from, now),
            |from| words::when_after(from, now),
        );
        let from = format!("{}, from {since}", words::isolated(&plan.support_task));
        offer(plan.id, reads).hint(from)
    });
    plans.collect()
}

/// What somebody did, the safest first.
fn did() -> Vec<Offer> {
    let answers = Did::ALL.into_iter().map(|did| {
        let answer = offer(did, did.label());
        match did {
            Did::FollowedHandover => answer.hint("The safer choice if you are not sure"),
            _ => answer,
        }
    });
    answers.collect()
}

impl Form for MismatchDraft {
    fn id(&self) -> EntryId {
        self.id
    }

    fn title(&self) -> &'static str {
        "Report a mismatch"
    }

    fn save_label(&self) -> &'static str {
        "Save report"
    }

    fn kind(&self) -> Kind {
        Kind::Mismatch
    }

    fn service(&self) -> Option<ServiceId> {
        self.service
    }

    fn person(&self, _: &Ledger) -> Option<SubjectId> {
        self.person
    }

    fn is_empty(&self) -> bool {
        *self
            == MismatchDraft {
                step: self.step,
                ..MismatchDraft::new(self.id)
            }
    }

    fn steps(&self, ledger: &Ledger, now: Millis) -> Steps {
        let name = self.person.map(|it| ledger.person_name(it));
        let of_person = self.person.map(|it| ledger.plans_of(it));
        let plan = self.plan.and_then(|it| ledger.plan(it));
        let reads = plan.map(|it| ledger.reads_now(&it, now).0);
        let mut last = vec![own("about"), check("Check your report")];
        last.extend(circumstances::questions(
            self.care_was_given(),
            self.service,
            circumstances::usual(ledger, self.id, self.corrects, now),
            now,
        ));
        last.push(own("goes_to"));
        vec![
            vec![person()],
            vec![
                own("about"),
                text("device_says", "What the device says")
                    .hint(
                        "Copy the words on your care app. Or tap the plan below if it is the same.",
                    )
                    .or_else_say("Say what the device shows. If it shows nothing, write “nothing”.")
                    .of_lines(4)
                    .offering(plans(ledger, of_person.unwrap_or_default(), now))
                    .offered_as(
                        "Same as the plan? Tap to use it",
                        format!("Plans for {} on this phone", name.unwrap_or_default()),
                    ),
            ],
            vec![
                own("about"),
                text("handover_says", "What handover says")
                    .hint("What you were told, or what is on paper. If only this phone told you, write what it says.")
                    .or_else_say("Say what handover told you. If nobody told you, write “nothing”.")
                    .of_lines(4)
                    .beside("What the plan on this phone says", reads),
            ],
            vec![
                own("about"),
                one_of("did", "What did you do?", did())
                    .or_else_say("Say what you did. Pick one answer."),
            ],
            last,
        ]
    }

    fn answers(&self) -> Answers {
        let mut answers = circumstances::answers(self.happened_at, self.given_by, &self.half);
        circumstances::about(&mut answers, &self.person_search, self.person, self.service);
        answers.set("device_says", self.device_says.clone());
        answers.set("handover_says", self.handover_says.clone());
        answers.choose("did", self.did);
        answers
    }

    fn answer(&mut self, ledger: &Ledger, question: &str, answer: Answered) {
        match (question, answer) {
            ("person", answer) => {
                About {
                    search: &mut self.person_search,
                    person: &mut self.person,
                    service: &mut self.service,
                }
                .answer(answer);
                if self.person.is_some() {
                    self.keep_to_person(ledger);
                }
            }
            ("device_says", Answered::Took(plan)) => {
                if let Ok(id) = json::read(&plan.code) {
                    self.shows(id, &plan.label);
                }
            }
            ("device_says", answer) => self.device_says = answer.words(),
            ("handover_says", answer) => self.handover_says = answer.words(),
            ("did", answer) => self.did = answer.chosen(),
            (question, answer) => Circumstances {
                happened_at: &mut self.happened_at,
                given_by: &mut self.given_by,
                half: &mut self.half,
            }
            .answer(question, answer),
        }
    }

    fn at(&self) -> At {
        At {
            step: self.step as usize,
            changing: self.changing,
        }
    }

    fn go(&mut self, at: At) {
        self.step = STEPS.get(at.step).copied().unwrap_or(MismatchStep::Check);
        self.changing = at.changing;
    }

    fn body(&self, ledger: &Ledger, now: Millis) -> Result<Body, Vec<Fault>> {
        let mut report = self.record(ledger, now)?;
        let usual = circumstances::usual(ledger, self.id, self.corrects, now);
        report.happened_at = report.happened_at.or(usual.map(|(_, at)| at));
        let mut body = Body::new(Data::Mismatch(report));
        body.about = self.corrects.map(EntryId::uuid);
        Ok(body)
    }
}

//! The forms of what follows a mismatch: what they ask, what they refuse, and what they write.

use super::*;
use crate::body::{Body, Found, Method, Shows};
use crate::form::{
    Answered, Asks, Draft, Fault, Form, FormName, NoteDraft, StepDraft, StepForm, unfinished,
};
use crate::ids::SubjectId;
use crate::rules::RuleId;

const REPORT: u128 = 100;
/// A mismatch about an instruction, and the change of that.
const ABOUT: u128 = 200;
const UPDATE: u128 = 300;

/// A ledger with the worker's mismatch and these entries about it, and a form opened over it.
fn form(me: u128, steps: &[(u128, Body)], form: StepForm) -> (Ledger, StepDraft) {
    let mut ledger = northgate(me);
    ledger.acknowledge(staff(
        9_020,
        5,
        "Callum Reid",
        &[Role::SystemAdministrator],
        20,
    ));
    ledger.acknowledge(filed(&signed(REPORT, 1, NOW, &mismatch(10)), 30, NOW));
    for (n, (by, body)) in (1..).zip(steps) {
        let entry = signed(REPORT + n as u128, *by, NOW + n * MINUTE, body);
        ledger.acknowledge(filed(&entry, 30 + n as u64, NOW + n * MINUTE));
    }
    let handling = ledger.handling(entry_id(REPORT)).unwrap();
    let draft = StepDraft::fresh(&ledger, entry_id(500), form, &handling, NOW);
    (ledger, draft)
}

/// Chooses the answer with these words.
fn choose(ledger: &Ledger, draft: &mut StepDraft, question: &str, label: &str) {
    let steps = draft.steps(ledger, NOW);
    let asked = steps.iter().flatten().find(|it| it.id == question);
    let code = match &asked.expect("the question is asked").asks {
        Asks::OneOf(offers) | Asks::AllThatApply(offers) => offers
            .iter()
            .find(|it| it.label == label)
            .expect("the answer is offered")
            .code
            .clone(),
        _ => panic!("{question} has no answers to choose"),
    };
    match asked.map(|it| &it.asks) {
        Some(Asks::AllThatApply(_)) => draft.answer(ledger, question, Answered::Ticked(code)),
        _ => draft.set(question, code),
    }
}

#[test]
fn care_is_given_by_those_whose_role_gives_it() {
    let (ledger, _) = form(1, &[], StepForm::Guidance);
    let note = NoteDraft {
        service: Some(service()),
        ..NoteDraft::new(entry_id(500))
    };
    let steps = note.steps(&ledger, NOW);
    let asked = steps.iter().flatten().find(|it| it.id == "given_by");
    let offered = |typed| asked.unwrap().asks.find(&ledger, typed, "", NOW).candidates;
    assert!(!offered("").is_empty());
    assert!(offered("Callum").is_empty(), "a system administrator");
}

/// What is ticked.
fn ticked<T: serde::de::DeserializeOwned>(draft: &StepDraft, question: &str) -> Vec<T> {
    let codes = draft.answers.all(question).iter();
    codes.map(|it| serde_json::from_str(it).unwrap()).collect()
}

fn fields(faults: &[Fault]) -> Vec<&str> {
    faults.iter().map(|it| it.field).collect()
}

#[test]
fn guidance_opens_with_what_is_known_and_asks_for_the_rest() {
    let (ledger, mut draft) = form(2, &[], StepForm::Guidance);
    assert!(draft.is_empty());
    assert!(draft.answers.answer("why").contains("Level 5"));
    assert!(draft.answers.answer("if_worse").contains("01632 960003"));
    let faults = draft.body(&ledger, NOW).unwrap_err();
    assert_eq!(fields(&faults), ["follow", "look_again", "told"]);

    draft.set("follow", " Level 4 puree ".into());
    draft.set("told", "By phone".into());
    choose(&ledger, &mut draft, "look_again", "In 12 hours");
    assert!(!draft.is_empty());
    let Data::Guidance(it) = draft.body(&ledger, NOW).unwrap().data else {
        panic!("guidance");
    };
    assert_eq!(it.follow, "Level 4 puree");
    assert_eq!(it.look_again, NOW + 12 * HOUR);
    // In home care those who visit: the builder's visit to Jean is the worker's.
    assert_eq!(it.affects, [user(1)]);
    assert_eq!(it.replaces, []);
}

/// The words offered for 'What to follow', each with where they come from.
fn to_follow(ledger: &Ledger, draft: &StepDraft) -> Vec<(String, String)> {
    let steps = draft.steps(ledger, NOW);
    match &steps[0][0].asks {
        Asks::Text { offers, .. } => offers
            .iter()
            .map(|it| (it.label.clone(), it.hint.clone()))
            .collect(),
        other => panic!("words to follow, not {other:?}"),
    }
}

/// A form over a mismatch about Jean's instruction (30), which changed an hour ago.
fn form_of_change(me: u128, handover: &str, of: StepForm) -> (Ledger, StepDraft) {
    let (mut ledger, _) = form(me, &[], of);
    ledger.acknowledge(device(8_001, 20, "NHC-PH4", 40));
    ledger.acknowledge(device(8_002, 21, "NHC-PH6", 41));
    ledger.acknowledge(instruction(8_003, 30, 10, "Level 5", 42));
    let update = crate::body::PlanUpdate {
        effective_from: NOW - HOUR,
        ..plan_update("Level 5", "Level 4", None)
    };
    let update = signed(UPDATE, 3, NOW - HOUR, &Body::plan_update(update));
    ledger.acknowledge(filed(&update, 43, NOW - HOUR));
    let mut report = mismatch_about(10, 30);
    if let Data::Mismatch(it) = &mut report.data {
        it.handover_says = handover.into();
    }
    ledger.acknowledge(filed(&signed(ABOUT, 1, NOW, &report), 44, NOW));
    let draft = over(&ledger, of);
    (ledger, draft)
}

/// The form as it opens over that mismatch now.
fn over(ledger: &Ledger, form: StepForm) -> StepDraft {
    let handling = ledger.handling(entry_id(ABOUT)).unwrap();
    StepDraft::fresh(ledger, entry_id(500), form, &handling, NOW)
}

#[test]
fn the_plan_in_force_is_offered_first_to_follow_and_a_handover_that_says_nothing_is_not() {
    let plan = ("Level 4".to_owned(), "Plan: Eating and drinking".to_owned());
    for nothing in ["nothing", "Nothing.", "“nothing”", "NONE", "no.", "No", "-"] {
        let (ledger, draft) = form_of_change(2, nothing, StepForm::Guidance);
        assert_eq!(
            to_follow(&ledger, &draft),
            std::slice::from_ref(&plan),
            "{nothing}"
        );
    }
    let (ledger, draft) = form_of_change(2, "No thin drinks", StepForm::Guidance);
    let handover = ("No thin drinks".to_owned(), "What handover says".to_owned());
    assert_eq!(to_follow(&ledger, &draft), [plan, handover]);

    // A change that holds from tomorrow is not in force.
    let (mut ledger, draft) = form_of_change(2, "nothing", StepForm::Guidance);
    let mut later = plan_update("Level 4", "Level 3", Some(UPDATE));
    later.effective_from = NOW + 24 * HOUR;
    let later = signed(UPDATE + 1, 3, NOW, &Body::plan_update(later));
    ledger.acknowledge(filed(&later, 50, NOW));
    assert_eq!(to_follow(&ledger, &draft)[0].0, "Level 4");
}

/// Jean's changed instruction, which the reporter's phone NHC-PH4 does not show, nor what these answers are about.
fn answered(me: u128, form: StepForm, answers: &[(u128, Body)]) -> (Ledger, StepDraft) {
    let (mut ledger, _) = form_of_change(me, "nothing", form);
    ledger.acknowledge(staff(8_010, 6, "Owen Hale", &[Role::SupportWorker], 45));
    let used = signed(8_011, 1, NOW - HOUR, &device_use(Some(20)));
    ledger.acknowledge(filed(&used, 46, NOW - HOUR));
    for (n, (by, body)) in (0..).zip(answers) {
        let at = NOW - 30 * MINUTE + n * MINUTE;
        let mut entry = signed(8_020 + n as u128, *by, at, body);
        entry.head.device = DeviceId::from(uuid::Uuid::from_u128(0xd0 + by));
        ledger.acknowledge(filed(&entry, 50 + n as u64, at));
    }
    let draft = over(&ledger, form);
    (ledger, draft)
}

/// What one phone after another says it shows of the change.
fn says(n: u128, answer: Shows) -> Body {
    confirmation(UPDATE, labelled(n), answer, Method::Holder)
}

#[test]
fn the_reporter_and_whose_device_answered_wrongly_are_known_to_be_affected() {
    let affects = |answers: &[(u128, Body)]| {
        let (_, draft) = answered(2, StepForm::Guidance, answers);
        let mut ticked: Vec<UserId> = ticked(&draft, "affects");
        ticked.sort_unstable();
        ticked
    };
    assert_eq!(affects(&[]), [user(1)]);
    for wrong in [Shows::Old, Shows::SomethingElse, Shows::CannotOpen] {
        assert_eq!(affects(&[(6, says(21, wrong))]), [user(1), user(6)]);
    }
    let right_since = [(6, says(21, Shows::Old)), (6, says(21, Shows::New))];
    assert_eq!(affects(&right_since), [user(1)]);

    // Whoever reported it without being due at the person's home.
    let (mut ledger, _) = answered(2, StepForm::Guidance, &[]);
    let mut report = signed(ABOUT, 6, NOW, &mismatch_about(10, 30));
    report.head.id = entry_id(ABOUT + 1);
    ledger.acknowledge(filed(&report, 60, NOW));
    let handling = ledger.handling(entry_id(ABOUT + 1)).unwrap();
    let draft = StepDraft::fresh(&ledger, entry_id(500), StepForm::Guidance, &handling, NOW);
    assert!(ticked(&draft, "affects").contains(&user(6)));
}

#[test]
fn the_other_devices_that_are_known_to_show_it_are_ticked_and_the_reported_one_is_not_listed() {
    let devices = |answers: &[(u128, Body)]| {
        let (ledger, draft) = answered(5, StepForm::Cause, answers);
        let steps = draft.steps(&ledger, NOW);
        let asked = steps.iter().flatten().find(|it| it.id == "devices");
        let Some(Asks::AllThatApply(offers)) = asked.map(|it| it.asks.clone()) else {
            panic!("devices to tick");
        };
        let labels: Vec<String> = offers.into_iter().map(|it| it.label).collect();
        assert_eq!(labels, ["NHC-PH6"]);
        ticked::<SubjectId>(&draft, "devices")
    };
    assert_eq!(devices(&[]), []);
    let reported = (1, says(20, Shows::Old));
    for wrong in [Shows::Old, Shows::SomethingElse, Shows::CannotOpen] {
        let answers = [reported.clone(), (6, says(21, wrong))];
        assert_eq!(devices(&answers), [subject(21)]);
    }
    let right_since = [(6, says(21, Shows::Old)), (6, says(21, Shows::New))];
    assert_eq!(devices(&right_since), []);
}

#[test]
fn newer_guidance_takes_the_place_of_what_stands() {
    let given = [(2, guidance(REPORT, &[1], &[]))];
    let (ledger, mut draft) = form(2, &given, StepForm::Guidance);
    draft.set("follow", "Level 3".into());
    draft.set("told", "By phone".into());
    choose(&ledger, &mut draft, "look_again", "In a day");
    let Data::Guidance(it) = draft.body(&ledger, NOW).unwrap().data else {
        panic!("guidance");
    };
    assert_eq!(it.replaces, [entry_id(REPORT + 1)]);
}

#[test]
fn a_professionals_opinion_is_asked_for_where_harm_is_grave_and_forgotten_where_it_is_not() {
    let (ledger, mut draft) = form(3, &[], StepForm::Review);
    let asks = |draft: &StepDraft, id: &str| {
        draft
            .steps(&ledger, NOW)
            .iter()
            .flatten()
            .any(|it| it.id == id)
    };
    assert!(!asks(&draft, "opinion"));
    choose(&ledger, &mut draft, "harm", "A serious injury");
    choose(
        &ledger,
        &mut draft,
        "opinion",
        "They say it is that serious",
    );
    assert!(asks(&draft, "opinion_of"));
    let faults = draft.body(&ledger, NOW).unwrap_err();
    assert!(fields(&faults).contains(&"thresholds"));
    assert!(fields(&faults).contains(&"opinion_of"));
    choose(
        &ledger,
        &mut draft,
        "thresholds",
        "Candour: treatment was needed to prevent that",
    );
    let candour = |draft: &StepDraft| {
        let rules = draft.rules(&ledger);
        rules.into_iter().find(|it| it.rule == RuleId::Candour202)
    };
    assert!(candour(&draft).is_some_and(|it| it.sure));

    choose(&ledger, &mut draft, "harm", "No harm");
    assert!(!asks(&draft, "opinion"));
    assert_eq!(candour(&draft), None);
    choose(&ledger, &mut draft, "missed_care", "No");
    choose(&ledger, &mut draft, "abuse", "No sign of it");
    choose(&ledger, &mut draft, "told", "Yes");
    choose(&ledger, &mut draft, "decision", "Tell nobody outside");
    draft.set("rationale", "Caught in time".into());
    let Data::MismatchReview(it) = draft.body(&ledger, NOW).unwrap().data else {
        panic!("a review");
    };
    assert_eq!(
        (it.opinion, it.opinion_of.as_str()),
        (crate::rules::Opinion::NotNeeded, "")
    );
    assert_eq!(it.rules, draft.rules(&ledger));
}

#[test]
fn a_death_or_hospital_that_is_ticked_does_not_fit_with_no_harm() {
    let (ledger, mut draft) = form(3, &[], StepForm::Review);
    let also = |draft: &StepDraft| {
        let faults = draft.body(&ledger, NOW).unwrap_err().into_iter();
        let of = |it: Fault| (it.field == "also").then_some(it.message);
        faults.filter_map(of).next().unwrap_or_default()
    };
    choose(&ledger, &mut draft, "harm", "No harm");
    assert_eq!(also(&draft), "");
    choose(&ledger, &mut draft, "also", "A death while we gave care");
    assert!(also(&draft).contains("Answer “Death” there"));
    let rules = draft.rules(&ledger);
    assert!(
        rules
            .iter()
            .any(|it| it.rule == RuleId::CqcReg16a && it.sure)
    );
    choose(&ledger, &mut draft, "harm", "Death");
    assert_eq!(also(&draft), "");

    let (_, mut draft) = form(3, &[], StepForm::Review);
    choose(&ledger, &mut draft, "harm", "No harm");
    choose(
        &ledger,
        &mut draft,
        "also",
        "Taken to hospital for treatment",
    );
    assert!(also(&draft).contains("Say there what harm it was"));
    choose(&ledger, &mut draft, "harm", "Upset or distress");
    assert_eq!(also(&draft), "");
}

#[test]
fn what_is_known_of_the_person_and_the_cause_counts_in_the_rules() {
    let supplier = [(5, cause(REPORT, false, &[]))];
    let (ledger, draft) = form(3, &supplier, StepForm::Review);
    let rules = draft.rules(&ledger);
    let hazard = rules.iter().find(|it| it.rule == RuleId::SupplierHazard);
    assert!(
        hazard.is_some_and(|it| !it.sure),
        "not known to be its fault"
    );
}

#[test]
fn a_rationale_may_be_twice_as_long_as_other_words_and_no_longer() {
    let (ledger, mut draft) = form(3, &[], StepForm::Review);
    let too_long = |draft: &StepDraft| {
        let faults = draft.body(&ledger, NOW).unwrap_err();
        faults.iter().any(|it| it.field == "rationale")
    };
    draft.set("rationale", "é".repeat(4_000));
    assert!(!too_long(&draft));
    draft.set("rationale", "é".repeat(20_000));
    assert!(too_long(&draft));
    assert_eq!(
        draft.answers.answer("rationale").chars().count(),
        20_000,
        "kept as typed"
    );
}

#[test]
fn an_action_has_an_owner_and_a_day_that_has_not_passed() {
    let (ledger, mut draft) = form(5, &[], StepForm::Cause);
    for question in ["what", "fix", "action"] {
        draft.set(question, "Words".into());
    }
    choose(&ledger, &mut draft, "cause", "A fault of the record system");
    choose(&ledger, &mut draft, "owner", "Sunita Rao");
    let due = |draft: &StepDraft| fields(&draft.body(&ledger, NOW).unwrap_err()).join(" ");
    assert_eq!(due(&draft), "due");
    draft.set("due", "2026-11-23".into());
    assert_eq!(due(&draft), "due");
    draft.set("due", "2099-01-01".into());
    assert_eq!(due(&draft), "due");
    draft.set("due", "2026-11-24".into());
    let body = draft.body(&ledger, NOW).unwrap();
    assert_eq!(body.about, Some(entry_id(REPORT).uuid()));
    let Data::MismatchCause(it) = body.data else {
        panic!("a cause");
    };
    assert_eq!((it.owner, it.to), (user(2), user(1)));
}

#[test]
fn a_worker_says_what_the_device_shows_and_a_leader_what_was_seen_or_why_it_is_used_no_more() {
    let fixed = [(5, cause(REPORT, false, &[]))];
    let device = crate::body::FailedDevice::Phone(phone());
    let (ledger, mut draft) = form(1, &fixed, StepForm::Check(device));
    let name = ledger.failed_device_name(device);
    let shows = format!("{name} · It shows the right one");
    choose(&ledger, &mut draft, "found", &shows);
    let Data::DeviceCheck(it) = draft.body(&ledger, NOW).unwrap().data else {
        panic!("a check");
    };
    assert_eq!(it.found, Found::Shows);

    let (ledger, mut draft) = form(2, &fixed, StepForm::Check(device));
    let used = format!("{name} · It is used no more");
    choose(&ledger, &mut draft, "found", &used);
    assert_eq!(fields(&draft.body(&ledger, NOW).unwrap_err()), ["reason"]);
    draft.set("reason", "Lost on a bus".into());
    let Data::DeviceCheck(it) = draft.body(&ledger, NOW).unwrap().data else {
        panic!("a check");
    };
    let reason = "Lost on a bus".to_owned();
    assert_eq!(it.found, Found::Retired { reason });
}

#[test]
fn a_check_shows_the_text_in_force_to_compare_with_and_counts_for_no_change_that_is_to_come() {
    let form = StepForm::Check(crate::body::FailedDevice::Phone(phone()));
    let (mut ledger, _) = form_of_change(2, "nothing", form);
    let of = |ledger: &Ledger| {
        let mut draft = over(ledger, form);
        draft.set(
            "found",
            serde_json::to_string(&Found::SeenInPerson).unwrap(),
        );
        let Data::DeviceCheck(it) = draft.body(ledger, NOW).unwrap().data else {
            panic!("a check");
        };
        (draft.compares_with(ledger, NOW), it.update)
    };
    let texts = |reads: &str| {
        vec![(
            "It must show: eating and drinking".to_owned(),
            reads.to_owned(),
        )]
    };
    assert_eq!(of(&ledger), (texts("Level 4"), Some(entry_id(UPDATE))));
    assert_eq!(
        over(&ledger, StepForm::Review).compares_with(&ledger, NOW),
        []
    );

    let mut later = plan_update("Level 4", "Level 3", Some(UPDATE));
    later.effective_from = NOW + 24 * HOUR;
    let later = signed(UPDATE + 1, 3, NOW, &Body::plan_update(later));
    ledger.acknowledge(filed(&later, 50, NOW));
    assert_eq!(of(&ledger), (texts("Level 4"), None));
}

#[test]
fn a_close_is_refused_at_its_field_with_all_that_is_outstanding() {
    let (ledger, mut draft) = form(3, &[], StepForm::Close);
    draft.set("learned", "Look before the visit".into());
    let faults = draft.body(&ledger, NOW).unwrap_err();
    assert_eq!(fields(&faults), ["learned", "learned"]);
    assert!(faults[0].message.contains("review is missing"));
}

#[test]
fn a_close_says_what_is_still_open_and_is_not_kept_back_by_it() {
    let open = |change: &dyn Fn(&mut crate::body::MismatchReview), of: crate::body::Cause| {
        let mut steps = vec![(3, review(REPORT)), (5, cause(REPORT, true, &[]))];
        if let Data::MismatchReview(it) = &mut steps[0].1.data {
            change(it);
        }
        if let Data::MismatchCause(it) = &mut steps[1].1.data {
            it.cause = of;
            it.devices = Vec::new();
        }
        steps.push((
            2,
            check(
                REPORT,
                crate::body::FailedDevice::Phone(phone()),
                Found::SeenInPerson,
            ),
        ));
        let (ledger, mut draft) = form(3, &steps, StepForm::Close);
        draft.set("learned", "Look before the visit".into());
        let body = draft.body(&ledger, NOW).unwrap();
        let said = draft.unsettled(&ledger);
        // The closed record says the same.
        steps.push((3, body));
        let (closed, _) = form(3, &steps, StepForm::Review);
        let handling = closed.handling(entry_id(REPORT)).unwrap();
        assert!(handling.closed.is_some());
        assert_eq!(closed.unsettled(&handling), said);
        said
    };
    use crate::body::{Cause, Decision};
    use crate::rules::{Opinion, Told};
    assert_eq!(open(&|_| {}, Cause::Handover), [""; 0]);
    let said = open(
        &|it| {
            it.told = Told::NotYet;
            it.decision = Decision::Notify;
        },
        Cause::NotKnown,
    );
    assert_eq!(
        said,
        [
            "Jean Whitby was not told yet.",
            "The decision is to tell an outside body. Nobody has written here that it was told.",
            "The cause is not known yet.",
        ]
    );
    let said = open(
        &|it| {
            it.told = Told::Unreachable;
            it.decision = Decision::Wait;
            it.opinion = Opinion::Pending;
        },
        Cause::Handover,
    );
    assert_eq!(said.len(), 3, "{said:?}");
    // The other forms say nothing of it.
    let (ledger, draft) = form(3, &[(3, review(REPORT))], StepForm::Cause);
    assert_eq!(draft.unsettled(&ledger), [""; 0]);
}

#[test]
fn every_form_is_found_again_by_its_address_and_says_nothing_banned() {
    let device = crate::body::FailedDevice::Label(subject(20));
    let id = entry_id(7);
    let forms = [
        StepForm::Guidance,
        StepForm::Withdraw(id),
        StepForm::Signed(id),
        StepForm::Review,
        StepForm::Cause,
        StepForm::Check(device),
        StepForm::Done(id),
        StepForm::Close,
    ];
    for it in forms {
        assert_eq!(StepForm::of_address(&it.address()), Some(it));
        let name = FormName::Step(entry_id(REPORT), it);
        assert_eq!(FormName::of(&name.text()), Some(name));
        let (ledger, draft) = form(2, &[], it);
        let mut said = vec![it.title(), draft.save_label(), it.noun()];
        let steps = draft.steps(&ledger, NOW);
        for question in steps.iter().flatten() {
            said.extend([question.label, &question.hint]);
            if let Asks::OneOf(offers) | Asks::AllThatApply(offers) = &question.asks {
                said.extend(offers.iter().map(|it| it.label.as_str()));
            }
        }
        let said = said.join(" ").to_lowercase();
        for banned in ["invalid", "submit", "error", "failed", "unable", "sync"] {
            assert!(!said.contains(banned), "{it:?}: {banned}");
        }
    }
    assert_eq!(StepForm::of_address("withdraw.somebody"), None);
}

#[test]
fn a_phone_goes_on_step_by_step_and_back() {
    let (ledger, mut draft) = form(2, &[], StepForm::Guidance);
    let it: &mut dyn Form = &mut draft;
    assert_eq!(fields(&it.carry_on(&ledger, NOW).unwrap_err()), ["follow"]);
    assert_eq!(it.at().step, 0);
    it.answer(&ledger, "follow", Answered::With("Level 4".into()));
    assert_eq!(it.carry_on(&ledger, NOW), Ok(()));
    assert_eq!(it.at().step, 1);
    it.go_to(&ledger, "told", NOW);
    assert_eq!(it.at().step, 3);
    assert!(it.back(&ledger, NOW));
    draft.step = 0;
    let it: &mut dyn Form = &mut draft;
    assert!(!it.back(&ledger, NOW));
}

/// The reporter's correction of whom the report is about.
fn now_about(ledger: &mut Ledger, person: u128) {
    ledger.acknowledge(moved_to(person, 700, 90));
}

#[test]
fn a_form_that_was_begun_for_somebody_else_is_not_saved_until_it_is_started_again() {
    let (mut ledger, mut draft) = form(2, &[], StepForm::Guidance);
    draft.set("follow", "Level 4 puree".into());
    draft.set("told", "By phone".into());
    choose(&ledger, &mut draft, "look_again", "In a day");
    assert!(draft.body(&ledger, NOW).is_ok());
    now_about(&mut ledger, 11);
    let faults = draft.body(&ledger, NOW).unwrap_err();
    assert_eq!(fields(&faults), ["form"]);
    assert_eq!(
        faults[0].message,
        "This report is about Siân Pugh now. You began this for Jean Whitby. Start again."
    );
    // As it is found again from the phone, too; its head is that of the report, and its words stay.
    let text = Draft::Step(draft.clone()).text();
    let name = FormName::Step(entry_id(REPORT), StepForm::Guidance);
    let Some(Draft::Step(found)) = Draft::read(&ledger, name, &text) else {
        panic!("a step");
    };
    assert_eq!(found.body(&ledger, NOW), Err(faults));
    assert_eq!(found.whom(&ledger), Some(subject(11)));
    assert_eq!(found.answers.answer("follow"), "Level 4 puree");
    let (_, begun) = unfinished(&ledger, &name.text(), &text, NOW, NOW).unwrap();
    assert!(begun.line.starts_with("Jean Whitby"), "{}", begun.line);
    // A draft that does not say whom it was begun for is not refused.
    let mut before: serde_json::Value = serde_json::from_str(&text).unwrap();
    before.as_object_mut().unwrap().remove("begun_for");
    let Some(Draft::Step(before)) = Draft::read(&ledger, name, &before.to_string()) else {
        panic!("a step");
    };
    assert!(before.body(&ledger, NOW).is_ok());
    // Begun anew it is for whom the report is about; every other form of the report is refused as well.
    let forms = [
        StepForm::Guidance,
        StepForm::Review,
        StepForm::Cause,
        StepForm::Check(crate::body::FailedDevice::Phone(phone())),
        StepForm::Close,
    ];
    for it in forms {
        let handling = ledger.handling(entry_id(REPORT)).unwrap();
        let fresh = StepDraft::fresh(&ledger, entry_id(501), it, &handling, NOW);
        assert_eq!(fresh.begun_for_another(&ledger), None, "{it:?}");
        let (_, begun) = form(2, &[], it);
        assert!(begun.begun_for_another(&ledger).is_some(), "{it:?}");
    }
    // Corrected back, what was begun for the person holds again.
    ledger.acknowledge(moved_to(10, 701, 91));
    assert!(draft.body(&ledger, NOW).is_ok());
}

#[test]
fn the_end_of_guidance_is_about_whom_the_guidance_is_for() {
    let given = [(2, guidance(REPORT, &[1], &[]))];
    let end = StepForm::Withdraw(entry_id(REPORT + 1));
    let (mut ledger, draft) = form(2, &given, end);
    now_about(&mut ledger, 11);
    assert_eq!(draft.whom(&ledger), Some(subject(10)));
    assert_eq!(draft.begun_for_another(&ledger), None);
}

#[test]
fn a_begun_form_is_listed_on_home_to_carry_on_with_while_it_may_be_written() {
    let (ledger, mut draft) = form(3, &[], StepForm::Review);
    let name = FormName::Step(entry_id(REPORT), StepForm::Review).text();
    let listed = |ledger: &Ledger, draft: &StepDraft| {
        let text = serde_json::to_string(draft).unwrap();
        unfinished(ledger, &name, &text, NOW, NOW + 12 * MINUTE)
    };
    assert_eq!(listed(&ledger, &draft), None);
    choose(&ledger, &mut draft, "harm", "No harm");
    let (_, it) = listed(&ledger, &draft).unwrap();
    assert_eq!(
        (it.title.as_str(), it.line.as_str()),
        ("Carry on with your review", "Jean Whitby · 12 min ago")
    );
    let (worker, _) = form(1, &[], StepForm::Review);
    assert_eq!(listed(&worker, &draft), None);
}

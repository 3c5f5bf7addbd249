use super::draft::Form;
use super::*;
use crate::body::{Body, Data, Did, Escalation};
use crate::care::CareCode;
use crate::ids::{EntryId, ServiceId, SubjectId, UserId};
use uuid::Uuid;

const NOW: Millis = 1_795_556_100_000;

fn person() -> SubjectId {
    SubjectId::from(Uuid::from_u128(7))
}

fn service() -> ServiceId {
    ServiceId::from(Uuid::from_u128(8))
}

fn report() -> MismatchDraft {
    MismatchDraft {
        person: Some(person()),
        service: Some(service()),
        device_says: "  Level 5.\n".into(),
        handover_says: " Level 4. ".into(),
        did: Some(Did::FollowedHandover),
        ..MismatchDraft::new(EntryId::from(Uuid::from_u128(9)))
    }
}

/// A phone that holds nothing yet.
fn nothing() -> Ledger {
    Ledger::new(UserId::from(Uuid::from_u128(4)))
}

fn fields(faults: &[Fault]) -> Vec<&'static str> {
    faults.iter().map(|fault| fault.field).collect()
}

#[test]
fn care_that_is_still_to_be_done_was_given_by_nobody() {
    let mut report = report();
    report.given_by = Some(UserId::from(Uuid::from_u128(4)));
    let given_by = |report: &MismatchDraft| report.record(&nothing(), NOW).expect("whole").given_by;
    assert_eq!(given_by(&report), report.given_by);
    report.did = Some(Did::NotDone);
    assert!(!report.care_was_given());
    assert_eq!(given_by(&report), None);
}

#[test]
fn an_empty_report_says_everything_that_is_missing_in_the_order_asked() {
    let faults = MismatchDraft::default().body(&nothing(), NOW).unwrap_err();
    assert_eq!(
        fields(&faults),
        ["person", "device_says", "handover_says", "did"]
    );
    assert_eq!(
        faults[2].message,
        "Say what handover told you. If nobody told you, write “nothing”."
    );
    assert_eq!(faults_heading(&faults), "4 things to fix");
}

#[test]
fn a_whole_report_becomes_a_body_that_the_server_can_read() {
    let body = report().body(&nothing(), NOW).unwrap();
    let Data::Mismatch(mismatch) = &body.data else {
        panic!("{body:?}")
    };
    assert_eq!(mismatch.device_says, "Level 5.");
    assert_eq!(Body::parse(&body.to_text()).unwrap(), body);
}

#[test]
fn an_instruction_that_is_picked_takes_the_place_of_another_and_of_nothing_that_was_written() {
    let mut draft = MismatchDraft::new(EntryId::nil());
    let plan = |n| SubjectId::from(Uuid::from_u128(n));
    draft.shows(plan(1), "Level 5.");
    draft.shows(plan(2), "Two staff.");
    assert_eq!(
        (draft.plan, draft.device_says.as_str()),
        (Some(plan(2)), "Two staff.")
    );
    draft.device_says = "Two staff and a hoist.".into();
    draft.shows(plan(1), "Level 5.");
    assert_eq!(draft.device_says, "Two staff and a hoist.\nLevel 5.");
    draft.shows(plan(2), "Two staff.");
    assert_eq!(draft.device_says, "Two staff and a hoist.\nTwo staff.");
    assert_eq!(draft.handover_says, "");
}

#[test]
fn texts_may_be_two_thousand_characters_and_no_more() {
    let mut draft = report();
    draft.device_says = "é".repeat(TEXT);
    assert!(draft.body(&nothing(), NOW).is_ok());
    draft.device_says.push('é');
    let faults = draft.body(&nothing(), NOW).unwrap_err();
    assert_eq!(
        faults[0].message,
        "This is 1 character too long. Keep it to 2,000 characters."
    );
    assert_eq!(counter(&draft.device_says, TEXT), "2,001 of 2,000");
}

#[test]
fn a_time_to_come_is_a_fault_and_a_clock_a_little_fast_is_not() {
    let mut draft = report();
    draft.happened_at = Some(NOW + 4 * 60_000);
    assert!(draft.body(&nothing(), NOW).is_ok());
    draft.happened_at = Some(NOW + 60 * 60_000);
    assert_eq!(
        fields(&draft.body(&nothing(), NOW).unwrap_err()),
        ["happened_at"]
    );
}

#[test]
fn the_steps_go_on_only_when_answered_and_a_change_goes_back_to_the_check() {
    let ledger = nothing();
    let mut draft = Draft::Mismatch(MismatchDraft::new(EntryId::nil()));
    let faults = draft.carry_on(&ledger, NOW).unwrap_err();
    assert_eq!((fields(&faults), draft.at()), (vec!["person"], At::step(0)));
    let mut draft = Draft::Mismatch(report());
    for expected in 1..=4 {
        draft.carry_on(&ledger, NOW).unwrap();
        assert_eq!(draft.at(), At::step(expected));
    }
    let at_check = draft.position(&draft.steps(&ledger, NOW), &draft.answers());
    assert_eq!((at_check.question, at_check.of), (None, 4));
    assert!(at_check.last);
    draft.go_to(&ledger, "device_says", NOW);
    let at_device = draft.position(&draft.steps(&ledger, NOW), &draft.answers());
    assert_eq!((at_device.question, at_device.of), (Some(2), 4));
    draft.carry_on(&ledger, NOW).unwrap();
    assert_eq!(draft.at(), At::step(4));
    draft.go_to(&ledger, "person", NOW);
    assert!(draft.back(&ledger, NOW));
    assert_eq!(draft.at(), At::step(4));
    assert!(draft.back(&ledger, NOW));
    assert_eq!(draft.at(), At::step(3));
    // What is put right on the way there goes on from there.
    draft.go_to(&ledger, "did", NOW);
    assert!(draft.back(&ledger, NOW));
    assert_eq!(draft.at(), At::step(2));

    let said = said(&draft.steps(&ledger, NOW), &draft.answers(), &ledger, NOW);
    assert!(said.contains(&("did", Did::FollowedHandover.label().to_owned())));
    assert!(said.contains(&("device_says", "Level 5.".to_owned())));
}

#[test]
fn a_change_at_the_check_that_leaves_an_answer_open_asks_for_it_first() {
    let ledger = nothing();
    let mut draft = Draft::Mismatch(MismatchDraft {
        device_says: String::new(),
        ..report()
    });
    draft.go(At::step(4));
    draft.go_to(&ledger, "person", NOW);
    draft.carry_on(&ledger, NOW).unwrap();
    let asked = At {
        step: 1,
        changing: true,
    };
    assert_eq!(draft.at(), asked);
    assert!(draft.asks_here(&ledger, "device_says", NOW));
    assert!(!draft.asks_here(&ledger, "handover_says", NOW));
    let words = Answered::With("Level 4.".to_owned());
    draft.answer(&ledger, "device_says", words);
    draft.carry_on(&ledger, NOW).unwrap();
    assert_eq!(draft.at(), At::step(4));
}

#[test]
fn what_is_found_again_says_its_age_once_it_is_an_hour_old() {
    let fresh = "We kept what you wrote. Carry on, or start again.";
    assert_eq!(found(None, NOW, NOW + 59 * 60_000), fresh);
    let old = found(Some("Jean Whitby"), NOW, NOW + 3 * 3_600_000);
    assert_eq!(
        old,
        "We kept what you wrote about Jean Whitby, 3 h ago. Carry on, or start again."
    );
}

#[test]
fn a_time_half_typed_and_somebody_who_is_not_picked_are_faults_and_are_kept_as_they_are() {
    let (mut draft, ledger) = (report(), nothing());
    let half = SaidDay::EarlierToday.answer("2", NOW);
    draft.answer(&ledger, "happened_at", Answered::With(half.clone()));
    draft.answer(&ledger, "given_by", Answered::With(String::new()));
    let faults = draft.body(&ledger, NOW).unwrap_err();
    assert_eq!(fields(&faults), ["happened_at", "given_by"]);
    assert_eq!(faults[0].message, "Say the time, such as 18:30.");
    let text = serde_json::to_string(&draft).unwrap();
    let found: MismatchDraft = crate::json::read(&text).unwrap();
    assert_eq!(found.answers().answer("happened_at"), half);

    let whole = SaidDay::EarlierToday.answer("20:35", NOW);
    draft.answer(&ledger, "happened_at", Answered::With(whole));
    draft.answer(&ledger, "given_by", Answered::Nothing);
    assert_eq!(
        (draft.happened_at, draft.given_by),
        (Some(NOW - 3_600_000), None)
    );
    draft.answer(&ledger, "happened_at", Answered::Nothing);
    assert!(draft.body(&ledger, NOW).is_ok());
    // Nothing is left of it: the text is as it was before.
    assert_eq!(draft, report());
    assert!(!serde_json::to_string(&draft).unwrap().contains("half"));
}

#[test]
fn drafts_that_were_kept_before_are_found_and_read() {
    let ledger = nothing();
    let kept = r#"{"id":"00000000-0000-0000-0000-000000000009","step":"handover","changing":true,"person_search":"","person":"00000000-0000-0000-0000-000000000007","service":"00000000-0000-0000-0000-000000000008","plan":null,"device_says":"Level 5","filled_in":"","handover_says":"","did":null,"happened_at":null,"given_by":null,"corrects":null}"#;
    let draft = Draft::read(&ledger, FormName::Mismatch, kept).unwrap();
    assert_eq!(
        draft.at(),
        At {
            step: 2,
            changing: true
        }
    );
    assert_eq!(draft.answers().answer("device_says"), "Level 5");
    assert_eq!(draft.text(), kept);
    let kept = format!(
        r#"{{"id":"00000000-0000-0000-0000-000000000009","amends":"00000000-0000-0000-0000-000000000001","reason":"Typo","record":{{"mismatch":{kept}}}}}"#
    );
    let form = FormName::Correct(EntryId::from(Uuid::from_u128(1)));
    let draft = Draft::read(&ledger, form, &kept).unwrap();
    assert_eq!(draft.answers().answer("reason"), "Typo");
    assert_eq!(draft.text(), kept);
    assert_eq!(Draft::read(&ledger, FormName::PlanChange, "no draft"), None);
}

#[test]
fn a_plan_change_that_an_older_version_kept_holds_from_now_where_it_named_no_day() {
    let draft: PlanUpdateDraft = crate::json::read(r#"{"reason":"x","from_day":""}"#).unwrap();
    assert_eq!((draft.from_day, draft.reason.as_str()), (None, "x"));
    let draft: PlanUpdateDraft = crate::json::read(r#"{"from_day":"2026-11-24"}"#).unwrap();
    assert_eq!(draft.from_day.as_deref(), Some("2026-11-24"));
}

#[test]
fn a_draft_comes_back_from_its_text_with_its_step_and_search() {
    let mut draft = report();
    draft.step = MismatchStep::Handover;
    draft.person_search = "jea".into();
    let text = serde_json::to_string(&draft).unwrap();
    assert_eq!(serde_json::from_str::<MismatchDraft>(&text).unwrap(), draft);
    assert!(!draft.is_empty());
    assert!(MismatchDraft::new(draft.id).is_empty());
    // A draft of an older version, with fewer fields, still opens.
    assert!(serde_json::from_str::<NoteDraft>("{}").unwrap().is_empty());
}

#[test]
fn a_note_needs_care_or_words_and_whom_was_told_when_it_escalates() {
    let mut draft = NoteDraft {
        person: Some(person()),
        service: Some(service()),
        ..NoteDraft::default()
    };
    assert_eq!(
        fields(&draft.body(&nothing(), NOW).unwrap_err()),
        ["delivered", "escalation"]
    );
    draft.toggle(&CareCode::new("skin_looked_at").unwrap());
    draft.escalation = Some(EscalationAnswer::Yes);
    assert_eq!(
        fields(&draft.body(&nothing(), NOW).unwrap_err()),
        ["what", "told"]
    );
    draft.told = "Rang Sunita Rao at 18:24".into();
    draft.what = "A red heel.".into();
    // Words that came after it stand before it, and neither is lost.
    draft.other = "Slept well.".into();
    let Data::Note(note) = draft.body(&nothing(), NOW).unwrap().data else {
        panic!()
    };
    assert_eq!(note.other, "Slept well.\nA red heel.");
    (draft.what, draft.other) = (String::new(), "A red heel.".into());
    let body = draft.body(&nothing(), NOW).unwrap();
    let Data::Note(note) = &body.data else {
        panic!("{body:?}")
    };
    assert_eq!(
        note.escalation,
        Escalation::Yes {
            told: "Rang Sunita Rao at 18:24".into()
        }
    );
    assert_eq!(Body::parse(&body.to_text()).unwrap(), body);
    draft.escalation = Some(EscalationAnswer::No);
    let Data::Note(note) = draft.body(&nothing(), NOW).unwrap().data else {
        panic!()
    };
    assert_eq!(note.escalation, Escalation::No);
    draft.other.clear();
    draft.toggle(&CareCode::new("skin_looked_at").unwrap());
    assert_eq!(
        fields(&draft.body(&nothing(), NOW).unwrap_err()),
        ["delivered"]
    );
}

#[test]
fn what_is_corrected_and_sent_again_names_the_held_entry() {
    let held = EntryId::from(Uuid::from_u128(1));
    let Data::Mismatch(record) = report().body(&nothing(), NOW).unwrap().data else {
        panic!()
    };
    let draft =
        MismatchDraft::correcting(EntryId::from(Uuid::from_u128(2)), held, service(), &record);
    assert_eq!(
        draft.body(&nothing(), NOW).unwrap().about,
        Some(held.uuid())
    );
}

#[test]
fn what_is_saved_long_after_it_was_begun_happened_when_it_was_begun() {
    let ledger = nothing();
    let begun = NOW - 5 * 3_600_000;
    let mut report = MismatchDraft {
        id: EntryId::new(begun, [7; 10]),
        ..report()
    };
    let happened = |report: &MismatchDraft, now| match report.body(&ledger, now).unwrap().data {
        Data::Mismatch(it) => it.happened_at,
        other => panic!("{other:?}"),
    };
    assert_eq!(happened(&report, begun + 9 * 60_000), None, "now");
    assert_eq!(happened(&report, NOW), Some(begun));
    let draft = Draft::Mismatch(report.clone());
    let said = said(&draft.steps(&ledger, NOW), &draft.answers(), &ledger, NOW);
    assert!(said.contains(&("happened_at", "Today 16:35".to_owned())));
    report.happened_at = Some(NOW - 60_000);
    assert_eq!(happened(&report, NOW), Some(NOW - 60_000));
    // By a clock that was put right since.
    report.happened_at = None;
    report.id = EntryId::new(0, [7; 10]);
    assert_eq!(happened(&report, NOW), None);
}

fn plan_change() -> PlanUpdateDraft {
    PlanUpdateDraft {
        person: Some(person()),
        service: Some(service()),
        plan: Some(SubjectId::from(Uuid::from_u128(30))),
        support_task: "Skin".into(),
        before: "Look at heels.".into(),
        after: " Look at heels and hips.\n".into(),
        reason: "Red skin on her hip.".into(),
        urgency: Some(crate::body::Urgency::Today),
        ..PlanUpdateDraft::new(EntryId::from(Uuid::from_u128(9)))
    }
}

#[test]
fn an_empty_plan_change_says_everything_that_is_missing_in_the_order_asked() {
    let faults = PlanUpdateDraft::default()
        .body(&nothing(), NOW)
        .unwrap_err();
    assert_eq!(
        fields(&faults),
        ["person", "plan", "after", "reason", "urgency"]
    );
}

#[test]
fn a_plan_change_that_changes_nothing_is_told_at_its_text() {
    let mut draft = plan_change();
    draft.after = "Look  at heels.".into();
    let faults = draft.body(&nothing(), NOW).unwrap_err();
    assert_eq!(fields(&faults), ["after"]);
    assert_eq!(
        faults[0].message,
        "This says the same as before. Change what is new."
    );
}

#[test]
fn a_day_too_far_off_or_no_day_is_told_at_its_field() {
    let at = |day: &str| {
        let draft = PlanUpdateDraft {
            from_day: Some(day.into()),
            ..plan_change()
        };
        draft
            .body(&nothing(), NOW)
            .map_err(|faults| fields(&faults)[0])
    };
    for wrong in ["2028-01-01", "2024-11-24", "soon", ""] {
        assert_eq!(at(wrong), Err("from_day"), "{wrong}");
    }
    let from = |day: &str| match at(day).unwrap().data {
        Data::PlanUpdate(it) => it.effective_from,
        other => panic!("{other:?}"),
    };
    let untouched = plan_change().body(&nothing(), NOW).unwrap().data;
    assert!(matches!(untouched, Data::PlanUpdate(it) if it.effective_from == NOW));
    assert_eq!(from("2026-11-24"), NOW);
    assert_eq!(words::time(from("2026-11-30")), "00:00");
}

#[test]
fn a_whole_plan_change_becomes_a_body_that_the_server_can_read() {
    let body = plan_change().body(&nothing(), NOW).unwrap();
    assert_eq!(Body::parse(&body.to_text()).unwrap(), body);
    let Data::PlanUpdate(it) = &body.data else {
        panic!("{body:?}")
    };
    assert_eq!(it.after, "Look at heels and hips.");
    let nobody = PlanUpdateDraft {
        who: Who::Devices,
        ..plan_change()
    };
    assert_eq!(
        fields(&nobody.body(&nothing(), NOW).unwrap_err()),
        ["devices"]
    );
}

#[test]
fn twenty_thousand_letters_are_too_many_and_stay_in_the_draft() {
    let draft = PlanUpdateDraft {
        after: "a".repeat(20_000),
        ..plan_change()
    };
    let faults = draft.body(&nothing(), NOW).unwrap_err();
    assert_eq!(
        faults[0].message,
        "This is 18,000 characters too long. Keep it to 2,000 characters."
    );
    assert_eq!(draft.after.len(), 20_000);
}

#[test]
fn a_step_of_a_plan_change_opened_from_the_check_goes_back_there() {
    let (mut draft, ledger) = (Draft::PlanUpdate(plan_change()), nothing());
    draft.go_to(&ledger, "after", NOW);
    for next in 3..=5 {
        draft.carry_on(&ledger, NOW).unwrap();
        assert_eq!(draft.at(), At::step(next));
    }
    draft.go_to(&ledger, "reason", NOW);
    draft.carry_on(&ledger, NOW).unwrap();
    assert_eq!(draft.at(), At::step(5));
    assert!(draft.back(&ledger, NOW));
    assert_eq!(draft.at(), At::step(4));
}

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

fn fields(faults: &[Fault]) -> Vec<&'static str> {
    faults.iter().map(|fault| fault.field).collect()
}

#[test]
fn care_that_is_still_to_be_done_was_given_by_nobody() {
    let mut report = report();
    report.given_by = Some(UserId::from(Uuid::from_u128(4)));
    let given_by = |report: &MismatchDraft| report.record(NOW).expect("whole").given_by;
    assert_eq!(given_by(&report), report.given_by);
    report.did = Some(Did::NotDone);
    assert!(!report.care_was_given());
    assert_eq!(given_by(&report), None);
}

#[test]
fn an_empty_report_says_everything_that_is_missing_in_the_order_asked() {
    let faults = MismatchDraft::default().validate(NOW).unwrap_err();
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
    let body = report().validate(NOW).unwrap();
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
    assert!(draft.validate(NOW).is_ok());
    draft.device_says.push('é');
    let faults = draft.validate(NOW).unwrap_err();
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
    assert!(draft.validate(NOW).is_ok());
    draft.happened_at = Some(NOW + 60 * 60_000);
    assert_eq!(fields(&draft.validate(NOW).unwrap_err()), ["happened_at"]);
}

#[test]
fn the_steps_go_on_only_when_answered_and_a_change_goes_back_to_the_check() {
    let mut draft = MismatchDraft::new(EntryId::nil());
    assert_eq!(fields(&draft.carry_on(NOW).unwrap_err()), ["person"]);
    assert_eq!(draft.step, MismatchStep::Person);
    let mut draft = report();
    for expected in [
        MismatchStep::Device,
        MismatchStep::Handover,
        MismatchStep::Did,
        MismatchStep::Check,
    ] {
        draft.carry_on(NOW).unwrap();
        assert_eq!(draft.step, expected);
    }
    draft.change(MismatchStep::Device);
    assert_eq!(draft.step.progress().unwrap(), "Question 2 of 4");
    draft.carry_on(NOW).unwrap();
    assert_eq!(draft.step, MismatchStep::Check);
    draft.change(MismatchStep::Person);
    assert!(draft.back());
    assert_eq!(draft.step, MismatchStep::Check);
    assert!(draft.back());
    assert_eq!(draft.step, MismatchStep::Did);
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
        fields(&draft.validate(NOW).unwrap_err()),
        ["delivered", "escalation"]
    );
    draft.toggle(&CareCode::new("skin_looked_at").unwrap());
    draft.escalation = Some(EscalationAnswer::Yes);
    assert_eq!(fields(&draft.validate(NOW).unwrap_err()), ["told"]);
    draft.told = "Rang Sunita Rao at 18:24".into();
    let body = draft.validate(NOW).unwrap();
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
    let Data::Note(note) = draft.validate(NOW).unwrap().data else {
        panic!()
    };
    assert_eq!(note.escalation, Escalation::No);
    draft.toggle(&CareCode::new("skin_looked_at").unwrap());
    assert_eq!(fields(&draft.validate(NOW).unwrap_err()), ["delivered"]);
}

#[test]
fn what_is_corrected_and_sent_again_names_the_held_entry() {
    let held = EntryId::from(Uuid::from_u128(1));
    let Data::Mismatch(record) = report().validate(NOW).unwrap().data else {
        panic!()
    };
    let draft =
        MismatchDraft::correcting(EntryId::from(Uuid::from_u128(2)), held, service(), &record);
    assert_eq!(draft.validate(NOW).unwrap().about, Some(held.uuid()));
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
    let faults = PlanUpdateDraft::default().validate(NOW).unwrap_err();
    assert_eq!(
        fields(&faults),
        ["person", "plan", "after", "reason", "urgency"]
    );
}

#[test]
fn a_plan_change_that_changes_nothing_is_told_at_its_text() {
    let mut draft = plan_change();
    draft.after = "Look  at heels.".into();
    let faults = draft.validate(NOW).unwrap_err();
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
        draft.validate(NOW).map_err(|faults| fields(&faults)[0])
    };
    for wrong in ["2028-01-01", "2024-11-24", "soon", ""] {
        assert_eq!(at(wrong), Err("from_day"), "{wrong}");
    }
    let from = |day: &str| match at(day).unwrap().data {
        Data::PlanUpdate(it) => it.effective_from,
        other => panic!("{other:?}"),
    };
    let untouched = plan_change().validate(NOW).unwrap().data;
    assert!(matches!(untouched, Data::PlanUpdate(it) if it.effective_from == NOW));
    assert_eq!(from("2026-11-24"), NOW);
    assert_eq!(words::time(from("2026-11-30")), "00:00");
}

#[test]
fn a_whole_plan_change_becomes_a_body_that_the_server_can_read() {
    let body = plan_change().validate(NOW).unwrap();
    assert_eq!(Body::parse(&body.to_text()).unwrap(), body);
    let Data::PlanUpdate(it) = &body.data else {
        panic!("{body:?}")
    };
    assert_eq!(it.after, "Look at heels and hips.");
    let nobody = PlanUpdateDraft {
        who: Who::Devices,
        ..plan_change()
    };
    assert_eq!(fields(&nobody.validate(NOW).unwrap_err()), ["must_see"]);
}

#[test]
fn twenty_thousand_letters_are_too_many_and_stay_in_the_draft() {
    let draft = PlanUpdateDraft {
        after: "a".repeat(20_000),
        ..plan_change()
    };
    let faults = draft.validate(NOW).unwrap_err();
    assert_eq!(
        faults[0].message,
        "This is 18000 characters too long. Keep it to 2,000 characters."
    );
    assert_eq!(draft.after.len(), 20_000);
}

#[test]
fn a_step_of_a_plan_change_opened_from_the_check_goes_back_there() {
    let mut draft = plan_change();
    draft.step = PlanUpdateStep::After;
    for next in [
        PlanUpdateStep::Reason,
        PlanUpdateStep::Urgency,
        PlanUpdateStep::Check,
    ] {
        draft.carry_on(NOW).unwrap();
        assert_eq!(draft.step, next);
    }
    draft.change(PlanUpdateStep::Reason);
    draft.carry_on(NOW).unwrap();
    assert_eq!(draft.step, PlanUpdateStep::Check);
    assert!(draft.back());
    assert_eq!(draft.step, PlanUpdateStep::Urgency);
}

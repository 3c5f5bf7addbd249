//! A mismatch from report to close, as each role's ledger sees it.

use super::*;
use crate::body::{Body, Data, Decision, FailedDevice, Found, Method, Screen, Shows};
use crate::form::{Form, StepDraft, StepForm};
use crate::rules::{Harm, Listed, RuleId};

const REPORT: u128 = 100;
const MANAGER: u128 = 3;
const SYSTEM: u128 = 5;
const LEADER: u128 = 2;
const WORKER: u128 = 1;

/// A ledger of Northgate with a system administrator, the worker's mismatch, and what followed it a minute apart.
fn after(me: u128, steps: &[(u128, Body)]) -> Ledger {
    after_report(me, &mismatch(10), steps)
}

fn after_report(me: u128, report: &Body, steps: &[(u128, Body)]) -> Ledger {
    let mut ledger = northgate(me);
    ledger.acknowledge(staff(
        9_020,
        SYSTEM,
        "Callum Reid",
        &[Role::SystemAdministrator],
        20,
    ));
    ledger.acknowledge(filed(&signed(REPORT, WORKER, NOW, report), 30, NOW));
    for (n, (by, body)) in (1..).zip(steps) {
        let at = NOW + n * MINUTE;
        let entry = signed(REPORT + n as u128, *by, at, body);
        ledger.acknowledge(filed(&entry, 30 + n as u64, at));
    }
    ledger
}

fn handling(ledger: &Ledger) -> Handling {
    ledger.handling(entry_id(REPORT)).unwrap()
}

fn reported_on() -> FailedDevice {
    FailedDevice::Phone(phone())
}

fn states(ledger: &Ledger) -> Vec<StepState> {
    let steps = ledger.mismatch_steps(&handling(ledger), NOW);
    steps.into_iter().map(|it| it.state).collect()
}

/// Everything up to the last check, by those who do each.
fn handled() -> Vec<(u128, Body)> {
    vec![
        (LEADER, guidance(REPORT, &[WORKER], &[])),
        (WORKER, guidance_read(REPORT + 1, LEADER, None)),
        (MANAGER, review(REPORT)),
        (SYSTEM, cause(REPORT, false, &[])),
        (LEADER, check(REPORT, reported_on(), Found::SeenInPerson)),
        (LEADER, guidance_over(REPORT + 1)),
    ]
}

#[test]
fn each_step_is_the_turn_of_its_role_until_all_is_done() {
    use StepState::{Done, Now, Todo};
    let turn = |me, done: usize| {
        let ledger = after(me, &handled()[..done]);
        ledger.my_turns(&handling(&ledger)).first().copied()
    };
    assert_eq!(turn(LEADER, 0), Some(Turn::Guidance));
    assert_eq!(turn(MANAGER, 0), Some(Turn::Review));
    assert_eq!(turn(SYSTEM, 0), Some(Turn::Cause));
    assert_eq!(turn(WORKER, 0), None);
    assert_eq!(turn(LEADER, 2), None);
    assert_eq!(turn(MANAGER, 3), None);
    assert_eq!(turn(LEADER, 4), Some(Turn::Check(reported_on())));
    assert_eq!(turn(WORKER, 4), Some(Turn::Check(reported_on())));
    assert_eq!(turn(LEADER, 5), Some(Turn::Withdraw(entry_id(REPORT + 1))));
    assert_eq!(turn(MANAGER, 6), Some(Turn::Close));
    assert_eq!(turn(SYSTEM, 6), None, "nobody signs off their own fix");

    let manager = |done: usize| states(&after(MANAGER, &handled()[..done]));
    assert_eq!(manager(0), [Done, Now, Todo, Todo, Todo]);
    assert_eq!(manager(1), [Done, Done, Now, Todo, Todo]);
    assert_eq!(manager(3), [Done, Done, Done, Now, Todo]);
    assert_eq!(manager(4), [Done, Done, Done, Done, Now]);
    // A role that is not shown one of them is told so.
    let count = |me| {
        let mut steps = handled()[..4].to_vec();
        steps.retain(|(by, _)| me == MANAGER || *by != MANAGER);
        let ledger = after(me, &steps);
        StepView::count(&ledger.mismatch_steps(&handling(&ledger), NOW))
    };
    assert_eq!(count(MANAGER), "4 done");
    assert_eq!(count(WORKER), "3 done, 1 not yours to see");
}

#[test]
fn a_mismatch_names_its_task_and_device_and_leads_to_the_change() {
    let about = |report: &Body, change: bool| {
        let mut ledger = after_report(MANAGER, report, &[]);
        ledger.acknowledge(instruction(9_030, 30, 10, "Level 5.", 21));
        if change {
            let update = Body::plan_update(plan_update("Level 5.", "Level 4.", None));
            ledger.acknowledge(filed(&signed(300, MANAGER, NOW, &update), 60, NOW));
        }
        let it = ledger.about_mismatch(entry_id(REPORT)).unwrap();
        (it.line, it.change, it.instruction)
    };
    let (line, change, instruction) = about(&mismatch(10), true);
    assert!(line.starts_with("Reported on "), "{line}");
    assert_eq!((change, instruction), (None, false));
    let (line, change, instruction) = about(&mismatch_about(10, 30), false);
    assert!(
        line.starts_with("Eating and drinking · reported on "),
        "{line}"
    );
    assert_eq!((change, instruction), (None, true));
    let (_, change, _) = about(&mismatch_about(10, 30), true);
    assert_eq!(change, Some(entry_id(300)));
}

#[test]
fn it_stays_open_until_each_device_has_shown_it_was_seen_or_is_used_no_more() {
    let open_after = |found: Option<(u128, Found)>| {
        let mut steps = handled();
        steps.remove(4);
        if let Some((by, found)) = found {
            steps.push((by, check(REPORT, reported_on(), found)));
        }
        steps.push((MANAGER, close(REPORT)));
        handling(&after(MANAGER, &steps)).closed.is_none()
    };
    let retired = Found::Retired {
        reason: "Lost".into(),
    };
    assert!(open_after(None));
    assert!(open_after(Some((LEADER, Found::StillWrong))));
    assert!(!open_after(Some((WORKER, Found::Shows))));
    assert!(!open_after(Some((LEADER, Found::SeenInPerson))));
    assert!(!open_after(Some((SYSTEM, retired))));
}

#[test]
fn what_a_device_shows_is_said_on_that_device_and_after_the_fix() {
    let mut steps = handled();
    steps[4] = (LEADER, check(REPORT, reported_on(), Found::Shows));
    let ledger = after(MANAGER, &steps);
    // The builder's phone is the one it was reported on, so this says it on the device itself.
    assert!(handling(&ledger).devices[0].is_settled());

    let mut elsewhere = signed(
        200,
        LEADER,
        NOW + HOUR,
        &check(REPORT, reported_on(), Found::Shows),
    );
    elsewhere.head.device = DeviceId::from(uuid::Uuid::from_u128(0xd2));
    let mut ledger = after(MANAGER, &handled()[..4]);
    ledger.acknowledge(filed(&elsewhere, 60, NOW + HOUR));
    assert!(!handling(&ledger).devices[0].is_settled());

    let mut early = handled();
    early.swap(3, 4);
    assert!(!handling(&after(MANAGER, &early)).devices[0].is_settled());
}

#[test]
fn a_device_that_the_cause_names_is_asked_about_too_and_none_where_handover_was_wrong() {
    let mut steps = handled();
    steps[3] = (SYSTEM, cause(REPORT, false, &[21]));
    let devices = handling(&after(MANAGER, &steps)).devices;
    assert_eq!(devices.len(), 2);
    assert_eq!(devices[1].device, FailedDevice::Label(subject(21)));
    assert!(!devices[1].is_settled());
    steps[3] = (SYSTEM, cause(REPORT, true, &[]));
    assert_eq!(handling(&after(MANAGER, &steps)).devices, []);
}

#[test]
fn the_button_and_the_need_of_a_check_name_its_device() {
    let steps = [
        (MANAGER, review(REPORT)),
        (SYSTEM, cause(REPORT, false, &[20])),
    ];
    let mut ledger = after(LEADER, &steps);
    ledger.acknowledge(device(8_001, 20, "NHC-PH4", 41));
    let labels = |ledger: &Ledger| {
        let turns = handling(ledger).turns.into_iter();
        turns.map(|it| ledger.turn_label(it)).collect::<Vec<_>>()
    };
    assert_eq!(
        labels(&ledger),
        [
            "Check the phone it was reported on again",
            "Check NHC-PH4 again"
        ]
    );
    ledger.acknowledge(device(8_002, 21, "NHC-PH6", 42));
    let used = signed(8_003, WORKER, NOW, &device_use(Some(21)));
    ledger.acknowledge(filed(&used, 43, NOW));
    assert_eq!(
        labels(&ledger),
        ["Check NHC-PH6 again", "Check NHC-PH4 again"]
    );
    let seen = acknowledgement(8_004, LEADER, entry_id(REPORT), WORKER, 44, NOW);
    ledger.acknowledge(seen);
    let titles: Vec<_> = reasons(&ledger).into_iter().map(|it| it.1).collect();
    let check = "Jean Whitby: check NHC-PH6 again".to_owned();
    assert!(titles.contains(&check), "{titles:?}");
}

#[test]
fn a_fix_that_did_not_work_is_first_for_whoever_may_write_what_was_done_further() {
    let mut steps = handled()[..4].to_vec();
    steps.push((LEADER, check(REPORT, reported_on(), Found::StillWrong)));
    let with_name = |me, steps: &[(u128, Body)]| {
        let mut ledger = after(me, steps);
        ledger.acknowledge(device(8_002, 21, "NHC-PH6", 42));
        let used = signed(8_003, WORKER, NOW, &device_use(Some(21)));
        ledger.acknowledge(filed(&used, 43, NOW));
        ledger
    };
    let ledger = with_name(SYSTEM, &steps);
    let first = reasons(&ledger).remove(0);
    assert_eq!(first.0, NeedReason::NotFixed);
    assert_eq!(first.1, "Jean Whitby: the fix did not work on NHC-PH6");
    assert_eq!(
        first.2,
        "Still shows something else: Sunita Rao, 21:40. Write what was done further."
    );
    let handled_by = handling(&ledger);
    assert!(ledger.may_write_step(Turn::FixAgain.form(), &handled_by));
    let waits = ledger.mismatch_steps(&handled_by, NOW).remove(4).lines;
    assert_eq!(waits.last().unwrap(), "Waits for Callum Reid");
    // Of the first fix the action stays, while it is to be done; what was found and done is asked anew.
    let form = StepForm::Cause;
    let draft = StepDraft::fresh(&ledger, entry_id(500), form, &handled_by, NOW);
    let faults = draft.body(&ledger, NOW).unwrap_err();
    let fields: Vec<_> = faults.iter().map(|it| it.field).collect();
    assert_eq!(fields, ["cause", "what", "fix"]);
    assert_eq!(draft.answers.answer("due"), "2026-12-04");
    for me in [LEADER, WORKER, MANAGER] {
        let reasons = reasons(&with_name(me, &steps));
        assert!(!reasons.iter().any(|it| it.0 == NeedReason::NotFixed));
    }
    let leader = with_name(LEADER, &steps);
    assert!(leader.may_close(&handling(&leader)).unwrap_err()[0].contains("NHC-PH6"));

    // Another fix: it is looked at again.
    steps.push((SYSTEM, cause(REPORT, false, &[])));
    let ledger = with_name(LEADER, &steps);
    assert_eq!(handling(&ledger).causes.len(), 2);
    assert_eq!(handling(&ledger).turns, [Turn::Check(reported_on_label())]);
}

fn reported_on_label() -> FailedDevice {
    FailedDevice::Label(subject(21))
}

#[test]
fn a_close_is_refused_with_what_is_outstanding_and_counts_only_without() {
    let refused = |done: usize| {
        let ledger = after(MANAGER, &handled()[..done]);
        ledger.may_close(&handling(&ledger)).unwrap_err().join(" ")
    };
    assert!(refused(0).contains("review is missing"));
    assert!(refused(3).contains("Cause and fix are missing"));
    assert!(refused(4).contains("has not been shown to be right"));
    assert!(refused(5).contains("still follow paper guidance"));
    let ledger = after(MANAGER, &handled());
    assert_eq!(ledger.may_close(&handling(&ledger)), Ok(()));

    let mut steps = handled();
    steps.push((SYSTEM, close(REPORT)));
    assert_eq!(handling(&after(MANAGER, &steps)).closed, None);
    steps.push((MANAGER, close(REPORT)));
    for me in [WORKER, LEADER, MANAGER, SYSTEM] {
        let handling = handling(&after(me, &steps));
        assert!(handling.closed.is_some(), "{me}");
        assert_eq!(handling.turns, [], "{me}");
    }
    // A late fact opens it again.
    steps.push((SYSTEM, cause(REPORT, false, &[21])));
    assert_eq!(handling(&after(MANAGER, &steps)).closed, None);
}

#[test]
fn nobody_reviews_their_own_report() {
    let mut ledger = northgate(MANAGER);
    ledger.acknowledge(staff(9_021, 4, "Ifeoma Nwosu", &[Role::DeputyManager], 21));
    ledger.acknowledge(filed(&signed(REPORT, MANAGER, NOW, &mismatch(10)), 30, NOW));
    let mine = filed(
        &signed(101, MANAGER, NOW + MINUTE, &review(REPORT)),
        31,
        NOW,
    );
    ledger.acknowledge(mine);
    let handling = handling(&ledger);
    assert_eq!(handling.reviews, []);
    assert!(!ledger.may_do(Turn::Review, &handling));
    let whose = ledger.whose(Turn::Review, &handling);
    assert_eq!(whose[0].display_name, "Ifeoma Nwosu", "the second decider");
}

#[test]
fn guidance_is_followed_by_those_it_affects_until_it_is_over_or_replaced() {
    let steps = handled();
    let worker = after(WORKER, &steps[..1]);
    let needs = home(&worker, phone(), NOW).needs;
    assert_eq!(needs[0].reason, NeedReason::Guidance);
    assert_eq!(needs[0].line, "Level 4 puree");
    assert_eq!(worker.guidance_to_follow(NOW).len(), 1);

    let read = after(WORKER, &steps[..2]);
    assert!(home(&read, phone(), NOW).needs.is_empty());
    assert_eq!(read.guidance_to_follow(NOW).len(), 1, "it stays in view");
    let leader = after(LEADER, &steps[..2]);
    let guidance_view = leader.guidance(entry_id(REPORT + 1)).unwrap();
    assert_eq!(guidance_view.read_words(), "Read by 1 of 1");

    assert_eq!(after(WORKER, &steps).guidance_to_follow(NOW), []);
    let mut replaced = steps[..1].to_vec();
    replaced.push((LEADER, guidance(REPORT, &[WORKER], &[REPORT + 1])));
    let worker = after(WORKER, &replaced);
    let standing = worker.guidance_to_follow(NOW);
    assert_eq!(standing.len(), 1);
    assert_eq!(standing[0].made.id, entry_id(REPORT + 2));
}

#[test]
fn a_signature_on_paper_is_noted_for_its_reader_and_their_own_word_goes_first() {
    let mut steps = handled()[..1].to_vec();
    steps.push((LEADER, guidance_read(REPORT + 1, LEADER, Some(WORKER))));
    let view =
        |steps: &[(u128, Body)]| after(LEADER, steps).guidance(entry_id(REPORT + 1)).unwrap();
    assert_eq!(view(&steps).read[0].noted_by, Some(user(LEADER)));
    steps.push((WORKER, guidance_read(REPORT + 1, LEADER, None)));
    assert_eq!(view(&steps).read.len(), 1);
    assert_eq!(view(&steps).read[0].noted_by, None);
}

#[test]
fn the_lists_show_each_role_what_it_may_see() {
    let mut steps = handled();
    steps.push((LEADER, action_done(REPORT + 4)));
    assert_eq!(lists(&after(WORKER, &steps)), []);
    let manager = after(MANAGER, &steps);
    assert_eq!(lists(&manager), Listing::ALL);
    let cells = |listing| manager.listing(listing, NOW).rows[0].cells.clone();
    assert_eq!(cells(Listing::Open)[0], "Jean Whitby");
    assert_eq!(
        cells(Listing::NotificationTracker)[2],
        "Tell nobody outside"
    );
    assert!(cells(Listing::GovernanceLog)[4].contains("1 of 1"));
    assert_eq!(cells(Listing::ActionPlan)[2], "Sunita Rao");
    assert!(cells(Listing::ActionPlan)[4].contains("It shows"));
    for listing in Listing::ALL {
        let view = manager.listing(listing, NOW);
        assert!(
            view.rows
                .iter()
                .all(|row| row.cells.len() == view.columns.len())
        );
    }
}

const UPDATE: u128 = 300;
const ANSWERED: Millis = NOW + 10 * MINUTE;

/// Everything up to the last check of a mismatch about Jean's instruction (30), which this update changed before it,
/// and another update (301) of another instruction (31).
fn fixed(me: u128) -> Ledger {
    let mut ledger = after_report(me, &mismatch_about(10, 30), &handled()[..4]);
    for (id, plan) in [(UPDATE, 30), (UPDATE + 1, 31)] {
        let update = crate::body::PlanUpdate {
            plan: subject(plan),
            ..plan_update("Level 5", "Level 4", None)
        };
        let entry = signed(id, MANAGER, NOW - HOUR, &Body::plan_update(update));
        ledger.acknowledge(filed(&entry, id as u64 - 280, NOW - HOUR));
    }
    ledger
}

fn answer(id: u128, by: u128, at: Millis, body: &Body) -> Acknowledged {
    filed(&signed(id, by, at, body), id as u64, at)
}

fn own() -> Screen {
    Screen::Own(phone())
}

fn found(ledger: &Ledger) -> Option<Found> {
    let devices = handling(ledger).devices;
    devices[0].found.as_ref().map(|(_, found)| found.clone())
}

#[test]
fn a_device_that_shows_the_change_after_the_fix_is_right_again() {
    let mut ledger = fixed(MANAGER);
    assert_eq!(found(&ledger), None);
    let shows = confirmation(UPDATE, own(), Shows::New, Method::Holder);
    ledger.acknowledge(answer(400, WORKER, ANSWERED, &shows));
    assert_eq!(found(&ledger), Some(Found::Shows));
    assert!(
        !handling(&ledger)
            .turns
            .contains(&Turn::Check(reported_on()))
    );

    let mut ledger = fixed(MANAGER);
    let seen = confirmation(UPDATE, own(), Shows::New, Method::SeenInPerson);
    ledger.acknowledge(answer(400, LEADER, ANSWERED, &seen));
    assert_eq!(found(&ledger), Some(Found::SeenInPerson));

    // The phone is a labelled one, and its answer names the label.
    let mut ledger = fixed(MANAGER);
    ledger.acknowledge(answer(399, WORKER, NOW, &device_use(Some(21))));
    let shows = confirmation(UPDATE, labelled(21), Shows::New, Method::Holder);
    ledger.acknowledge(answer(400, WORKER, ANSWERED, &shows));
    assert_eq!(found(&ledger), Some(Found::Shows));
}

#[test]
fn an_answer_settles_no_device_unless_it_shows_that_change_on_that_device_since_the_fix() {
    let after = |answers: &[(u128, Millis, Body)]| {
        let mut ledger = fixed(MANAGER);
        for (id, (by, at, body)) in (400..).zip(answers) {
            ledger.acknowledge(answer(id, *by, *at, body));
        }
        found(&ledger)
    };
    let says = |update, screen, shows, method| confirmation(update, screen, shows, method);
    let holder = |update| says(update, own(), Shows::New, Method::Holder);
    let other_instruction = holder(UPDATE + 1);
    assert_eq!(after(&[(WORKER, ANSWERED, other_instruction)]), None);
    assert_eq!(
        after(&[(WORKER, NOW, holder(UPDATE))]),
        None,
        "before the fix"
    );
    let old = says(UPDATE, own(), Shows::Old, Method::Holder);
    assert_eq!(after(&[(WORKER, ANSWERED, old.clone())]), None);
    let by_phone = says(UPDATE, own(), Shows::New, Method::ByPhone);
    assert_eq!(after(&[(LEADER, ANSWERED, by_phone)]), None);
    let other_device = says(UPDATE, labelled(21), Shows::New, Method::SeenInPerson);
    assert_eq!(after(&[(LEADER, ANSWERED, other_device)]), None);
    // It shows something else again since.
    let regressed = [
        (WORKER, ANSWERED, holder(UPDATE)),
        (WORKER, ANSWERED + MINUTE, old.clone()),
    ];
    assert_eq!(after(&regressed), None);

    // What its holder says was said on it.
    let mut elsewhere = signed(400, LEADER, ANSWERED, &holder(UPDATE));
    elsewhere.head.device = DeviceId::from(uuid::Uuid::from_u128(0xd2));
    let mut ledger = fixed(MANAGER);
    ledger.acknowledge(filed(&elsewhere, 400, ANSWERED));
    assert_eq!(found(&ledger), None);

    // Two people disagree, and neither knew of the other's answer.
    let mut ledger = fixed(MANAGER);
    ledger.acknowledge(answer(400, WORKER, ANSWERED, &holder(UPDATE)));
    let unknown = signed(401, LEADER, ANSWERED - MINUTE, &old);
    ledger.acknowledge(filed(&unknown, 401, ANSWERED + MINUTE));
    assert_eq!(found(&ledger), None);
}

#[test]
fn an_answer_for_a_replaced_change_settles_a_device_only_while_it_stood() {
    let replaced = Body::plan_update(plan_update("Level 4", "Level 3", Some(UPDATE)));
    let withdrawn = Body::withdrawal(entry_id(UPDATE), "Wrong person".into());
    let shows = confirmation(UPDATE, own(), Shows::New, Method::Holder);
    for end in [replaced, withdrawn] {
        let after = |ended: Millis| {
            let mut ledger = fixed(MANAGER);
            ledger.acknowledge(answer(402, MANAGER, ended, &end));
            ledger.acknowledge(answer(403, WORKER, ANSWERED, &shows));
            found(&ledger)
        };
        assert_eq!(after(ANSWERED - MINUTE), None);
        // A later change does not open again what was right.
        assert_eq!(after(ANSWERED + MINUTE), Some(Found::Shows));
    }
}

#[test]
fn a_check_and_an_answer_count_in_the_same_way_in_any_order() {
    let shows = confirmation(UPDATE, own(), Shows::New, Method::Holder);
    let wrong = check(REPORT, reported_on(), Found::StillWrong);
    let entries = [
        answer(400, WORKER, ANSWERED, &shows),
        answer(401, LEADER, ANSWERED + MINUTE, &wrong),
    ];
    let mut one = fixed(MANAGER);
    let mut other = fixed(MANAGER);
    for (at, back) in [(0, 1), (1, 0)] {
        one.acknowledge(entries[at].clone());
        other.acknowledge(entries[back].clone());
    }
    assert_eq!(found(&one), Some(Found::StillWrong), "the later one counts");
    assert_eq!(handling(&one), handling(&other));
}

#[test]
fn a_check_names_the_change_that_stands_when_it_is_written() {
    let named = |ledger: &Ledger| {
        let handling = handling(ledger);
        let form = StepForm::Check(reported_on());
        let mut draft = StepDraft::fresh(ledger, entry_id(500), form, &handling, NOW);
        let found = serde_json::to_string(&Found::SeenInPerson).unwrap();
        draft.set("found", found);
        match draft.body(ledger, NOW).unwrap().data {
            Data::DeviceCheck(it) => it.update,
            other => panic!("a check, not {other:?}"),
        }
    };
    let mut ledger = fixed(LEADER);
    assert_eq!(named(&ledger), Some(entry_id(UPDATE)));
    let replaced = Body::plan_update(plan_update("Level 4", "Level 3", Some(UPDATE)));
    ledger.acknowledge(answer(402, MANAGER, ANSWERED, &replaced));
    assert_eq!(named(&ledger), Some(entry_id(402)));
    // The report names no instruction.
    assert_eq!(named(&after(LEADER, &handled()[..4])), None);
}

fn reasons(ledger: &Ledger) -> Vec<(NeedReason, String, String)> {
    let needs = home(ledger, phone(), NOW + HOUR).needs.into_iter();
    needs.map(|it| (it.reason, it.title, it.line)).collect()
}

#[test]
fn whoever_followed_guidance_is_told_once_that_it_is_over() {
    let over = NeedReason::GuidanceOver;
    let steps = handled();
    let told = |me, steps: &[(u128, Body)]| {
        let all = reasons(&after(me, steps));
        all.into_iter().find(|(reason, _, _)| *reason == over)
    };
    assert_eq!(told(WORKER, &steps[..5]), None, "it stands");
    assert_eq!(
        told(WORKER, &steps),
        Some((
            over,
            "Jean Whitby: paper guidance is over".into(),
            "Sunita Rao, 21:41: Every phone is right".into()
        ))
    );
    // Not whoever ended it, nor whom it did not affect.
    assert_eq!(told(LEADER, &steps), None);
    assert_eq!(told(MANAGER, &steps), None);
    // Replaced guidance leads to what to follow now.
    let mut replaced = steps[..2].to_vec();
    replaced.push((LEADER, guidance(REPORT, &[WORKER], &[REPORT + 1])));
    assert_eq!(told(WORKER, &replaced), None);

    let mut ledger = after(WORKER, &steps);
    let shown = [ledger.told_of(entry_id(REPORT + 1), NOW)[0].id];
    let bodies = ledger.seen_what_i_am_told(entry_id(REPORT + 1), &shown, NOW);
    assert_eq!(bodies.len(), 1);
    let seen = signed(400, WORKER, NOW + HOUR, &bodies[0].1);
    // With no signal too.
    ledger.pending(waiting(&seen));
    assert_eq!(ledger.told(NOW + HOUR), []);
    assert_eq!(
        ledger.seen_what_i_am_told(entry_id(REPORT + 1), &shown, NOW + HOUR),
        []
    );
}

#[test]
fn whoever_reported_it_is_told_once_that_it_is_closed() {
    let mut steps = handled();
    steps.push((MANAGER, close(REPORT)));
    let told = |ledger: &Ledger| {
        let all = reasons(ledger).into_iter();
        all.filter(|(reason, _, _)| *reason == NeedReason::Told)
            .collect::<Vec<_>>()
    };
    let mut worker = after(WORKER, &steps);
    assert_eq!(
        told(&worker),
        [(
            NeedReason::Told,
            "Jean Whitby: your report is closed".into(),
            "Helen Carrick, 21:42. Learned: Look before the visit".into()
        )]
    );
    assert_eq!(told(&after(LEADER, &steps)), []);
    assert_eq!(told(&after(WORKER, &handled())), [], "it is open");
    let shown = [worker.told_of(entry_id(REPORT), NOW)[0].id];
    let (_, seen) = worker
        .seen_what_i_am_told(entry_id(REPORT), &shown, NOW)
        .remove(0);
    worker.pending(waiting(&signed(400, WORKER, NOW + HOUR, &seen)));
    assert_eq!(told(&worker), []);
}

#[test]
fn the_owner_of_an_action_has_it_on_home_until_it_is_done() {
    let mine = |me, steps: &[(u128, Body)], now| {
        let ledger = after(me, steps);
        let needs = home(&ledger, phone(), now).needs.into_iter();
        let mut mine = needs.filter(|it| it.reason == NeedReason::Action);
        mine.next().map(|it| (it.record, it.title, it.line))
    };
    let mut steps = handled();
    let expected = |line: &str| {
        let title = "Your action: Show the age of the queue".to_owned();
        Some((entry_id(REPORT), title, line.to_owned()))
    };
    assert_eq!(mine(LEADER, &steps[..3], NOW), None);
    let soon = mine(LEADER, &steps, NOW).unwrap().2;
    assert!(
        soon.starts_with("Jean Whitby · due ") && !soon.ends_with("late"),
        "{soon}"
    );
    let late = mine(LEADER, &steps, NOW + 30 * 24 * HOUR).unwrap();
    assert!(late.2.ends_with(", late"), "{}", late.2);
    assert_eq!(Some(late.clone()), expected(&late.2));
    assert_eq!(mine(MANAGER, &steps, NOW), None, "it is not theirs");
    let mut moved = after(LEADER, &steps);
    moved.acknowledge(staff(
        9_021,
        LEADER,
        "Sunita Rao",
        &[Role::SupportWorker],
        90,
    ));
    let needs = home(&moved, phone(), NOW).needs;
    assert!(
        needs.iter().all(|it| it.reason != NeedReason::Action),
        "no role that may say that it is done"
    );
    steps.push((LEADER, action_done(REPORT + 4)));
    assert_eq!(mine(LEADER, &steps, NOW), None);
}

#[test]
fn the_history_of_a_mismatch_holds_every_later_step_with_both_times() {
    let mut steps = handled();
    steps.push((MANAGER, close(REPORT)));
    steps.push((LEADER, action_done(REPORT + 4)));
    let mut ledger = after(MANAGER, &steps);
    ledger.acknowledge(answer(399, WORKER, NOW, &device_use(Some(21))));
    ledger.acknowledge(device(9_300, 21, "NHC-PH4", 22));
    let warned = about_warnings(
        &[(Sign::OldInstructions, REPORT)],
        crate::body::OnWarning::HaveIt,
    );
    ledger.acknowledge(answer(400, SYSTEM, NOW + 20 * MINUTE, &warned));
    let history = |ledger: &Ledger| -> Vec<String> {
        let mut lines = ledger.record(entry_id(REPORT)).unwrap().history(ledger);
        lines.reverse();
        lines.iter().map(|it| it.words(NOW)).collect()
    };
    assert_eq!(
        history(&ledger),
        [
            "It reached the server",
            "Marta Kowalska wrote it",
            "Sunita Rao gave out paper guidance: Level 4 puree · the server had it 21:36",
            "Marta Kowalska read the paper guidance · the server had it 21:37",
            "You reviewed it: Tell nobody outside. Caught in time · the server had it 21:38",
            "Callum Reid wrote cause and fix: The change had not reached the device. Signed out and in. Action for \
             Sunita Rao: Show the age of the queue · the server had it 21:39",
            "Sunita Rao checked NHC-PH4: seen in person, it is right · the server had it 21:40",
            "Sunita Rao ended the paper guidance: Every phone is right · the server had it 21:41",
            "You closed it: Look before the visit · the server had it 21:42",
            "Sunita Rao did the action “Show the age of the queue”: It shows · the server had it 21:43",
            "Callum Reid has the early warning “staff using old instructions” · the server had it 21:55",
        ]
    );
    // A step that is on this phone alone says so.
    let read = signed(
        500,
        MANAGER,
        NOW + HOUR,
        &guidance_read(REPORT + 1, LEADER, None),
    );
    ledger.pending(waiting(&read));
    assert!(history(&ledger).contains(&"You read the paper guidance · not sent yet".to_owned()));
}

/// Guidance that was given out for Jean Whitby, and the report corrected to be about Siân Pugh.
fn astray(me: u128, steps: &[(u128, Body)]) -> Ledger {
    let mut ledger = after(me, steps);
    ledger.acknowledge(moved_to(11, 700, 90));
    ledger.acknowledge(acknowledgement(701, me, entry_id(700), WORKER, 91, NOW));
    ledger
}

#[test]
fn guidance_for_whom_the_report_is_about_no_more_is_named_and_is_to_be_ended() {
    let given = entry_id(REPORT + 1);
    let leader = astray(LEADER, &handled()[..1]);
    let it = handling(&leader);
    assert_eq!(it.standing().count(), 0);
    assert_eq!(
        leader.guidance_for_another(given).unwrap(),
        "This guidance is for Jean Whitby. The report is about Siân Pugh now."
    );
    // Both are the leader's: to end that, and to give out guidance for whom the report is about.
    assert_eq!(
        leader.my_turns(&it),
        [Turn::Withdraw(given), Turn::Guidance]
    );
    let needs: Vec<_> = reasons(&leader)
        .into_iter()
        .map(|it| (it.0, it.1))
        .collect();
    let end = "End the paper guidance for Jean Whitby".to_owned();
    let give = "Siân Pugh: give out paper guidance".to_owned();
    assert_eq!(
        needs,
        [(NeedReason::GuidanceAstray, end), (NeedReason::Turn, give)]
    );
    // That it is followed by mistake waits for nothing to be read first.
    let mut unread = after(LEADER, &handled()[..1]);
    unread.acknowledge(moved_to(11, 700, 90));
    assert_eq!(reasons(&unread)[0].0, NeedReason::GuidanceAstray);

    let step = leader.mismatch_steps(&it, NOW).remove(1);
    assert_eq!(step.state, StepState::Now);
    let said = step.lines.join(" | ");
    for part in [
        "Sunita Rao, 21:36, for Jean Whitby",
        "None was given out yet for Siân Pugh",
        "End the paper guidance for Jean Whitby: waits for Sunita Rao",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
    let history = leader.record(entry_id(REPORT)).unwrap().history(&leader);
    let gave = "gave out paper guidance for Jean Whitby: ";
    assert!(history.iter().any(|it| it.text.contains(gave)));
    assert_eq!(
        leader.listing(Listing::Open, NOW).rows[0].cells[3],
        "None · for Jean Whitby: read by 0 of 1"
    );

    // It blocks the close, by name.
    let mut steps = handled();
    steps.pop();
    let manager = astray(MANAGER, &steps);
    let missing = manager.may_close(&handling(&manager)).unwrap_err();
    assert!(
        missing[0].contains("guidance for Jean Whitby"),
        "{missing:?}"
    );
    // Ended, it is told to those who followed it, and the rest goes on.
    let ended = astray(MANAGER, &handled());
    assert_eq!(handling(&ended).astray().count(), 0);
    assert_eq!(ended.may_close(&handling(&ended)), Ok(()));
    assert_eq!(ended.my_turns(&handling(&ended)), [Turn::Close]);
    // Whom the report is about has none, also where the cause is known: it is asked for until the close.
    for me in [WORKER, LEADER] {
        let ledger = astray(me, &handled());
        let step = ledger.mismatch_steps(&handling(&ledger), NOW).remove(1);
        assert_eq!(step.state, StepState::Now);
        assert_eq!(step.lines.last().unwrap(), "Waits for Sunita Rao");
    }
    let leader = astray(LEADER, &handled());
    assert_eq!(leader.my_turns(&handling(&leader)), [Turn::Guidance]);
}

#[test]
fn guidance_for_another_person_takes_the_place_of_none() {
    let mut ledger = astray(LEADER, &handled()[..1]);
    let fresh = |ledger: &Ledger| {
        let form = StepForm::Guidance;
        let mut draft = StepDraft::fresh(ledger, entry_id(500), form, &handling(ledger), NOW);
        draft.set("follow", "Level 3".into());
        draft.set("told", "By phone".into());
        draft.set("look_again", "4".into());
        draft.body(ledger, NOW).unwrap()
    };
    let body = fresh(&ledger);
    let Data::Guidance(it) = &body.data else {
        panic!("guidance");
    };
    assert_eq!((it.person, it.replaces.as_slice()), (subject(11), &[][..]));
    ledger.acknowledge(filed(
        &signed(500, LEADER, NOW + HOUR, &body),
        95,
        NOW + HOUR,
    ));
    let it = handling(&ledger);
    assert_eq!((it.standing().count(), it.astray().count()), (1, 1));
    assert!(!it.turns.contains(&Turn::Guidance));
    let step = ledger.mismatch_steps(&it, NOW).remove(1);
    assert_ne!(step.state, StepState::Done, "the other is still followed");

    // Nor does what a phone wrote that named it as replaced.
    let Data::Guidance(mut says) = body.data else {
        panic!("guidance");
    };
    says.replaces = vec![entry_id(REPORT + 1)];
    let body = Body::step(Data::Guidance(says));
    ledger.acknowledge(filed(
        &signed(501, LEADER, NOW + HOUR, &body),
        96,
        NOW + HOUR,
    ));
    assert_eq!(handling(&ledger).astray().count(), 1);
}

#[test]
fn guidance_may_be_given_out_until_the_close_and_every_role_says_the_same_of_it() {
    use StepState::{Done, Now, Todo};
    let mut steps = vec![
        (MANAGER, review(REPORT)),
        (SYSTEM, cause(REPORT, false, &[])),
        (LEADER, check(REPORT, reported_on(), Found::SeenInPerson)),
        (MANAGER, close(REPORT)),
    ];
    let second = |me: u128, done: usize| {
        // A worker's phone gets neither the review nor the check.
        let mut seen = steps[..done].to_vec();
        if me == WORKER {
            let gets =
                |body: &Body| !matches!(body.data, Data::MismatchReview(_) | Data::DeviceCheck(_));
            seen.retain(|(_, body)| gets(body));
        }
        let ledger = after(me, &seen);
        ledger.mismatch_steps(&handling(&ledger), NOW).remove(1)
    };
    for me in [WORKER, LEADER, MANAGER, SYSTEM] {
        let reviewed = second(me, 1);
        assert_eq!(reviewed.state, Now, "{me}");
        let lines = ["None was given out yet", "Waits for Sunita Rao"];
        assert_eq!(reviewed.lines, lines, "{me}");
        for done in 2..4 {
            let fixed = second(me, done);
            assert_eq!(fixed.state, Todo, "{me}");
            assert_eq!(fixed.lines, ["None was given out yet"], "{me}");
        }
        assert_eq!(second(me, 4).state, Done, "{me}");
        assert_eq!(second(me, 4).lines, ["None was given out"], "{me}");
    }
    let acts = |me, done: usize| {
        let ledger = after(me, &steps[..done]);
        let acts = ledger.acts(&handling(&ledger)).into_iter();
        acts.map(|(form, _, next)| (form, next)).collect::<Vec<_>>()
    };
    assert_eq!(acts(LEADER, 1), [(StepForm::Guidance, true)]);
    let check = StepForm::Check(reported_on());
    let done = StepForm::Done(entry_id(REPORT + 2));
    let fixed = [(check, true), (StepForm::Guidance, false), (done, false)];
    assert_eq!(acts(LEADER, 2), fixed);
    assert_eq!(
        acts(LEADER, 3),
        [(StepForm::Guidance, false), (done, false)]
    );
    assert_eq!(acts(LEADER, 4), [(done, false)]);
    assert_eq!(acts(SYSTEM, 1), [(StepForm::Cause, true)]);
    // What nobody waits for is not on home, and keeps nothing open.
    let leader = after(LEADER, &steps[..3]);
    assert_eq!(leader.my_turns(&handling(&leader)), []);
    let manager = after(MANAGER, &steps[..3]);
    assert_eq!(manager.my_turns(&handling(&manager)), [Turn::Close]);
    // Given out late, it stands until it is ended.
    steps[3] = (LEADER, guidance(REPORT, &[WORKER], &[]));
    let leader = after(LEADER, &steps);
    let end = Turn::Withdraw(entry_id(REPORT + 4));
    assert_eq!(leader.my_turns(&handling(&leader)), [end]);
}

#[test]
fn a_phone_that_gets_no_checks_of_others_names_nobody_as_waited_for() {
    let steps = [
        (LEADER, guidance(REPORT, &[WORKER], &[])),
        (SYSTEM, cause(REPORT, false, &[])),
    ];
    let last = |me, steps: &[(u128, Body)]| {
        let ledger = after(me, steps);
        let mut steps = ledger.mismatch_steps(&handling(&ledger), NOW);
        steps.remove(4).lines.pop().unwrap()
    };
    assert_eq!(
        last(WORKER, &steps),
        "Your team leader checks the devices. What others find does not come to this phone."
    );
    assert_eq!(last(LEADER, &steps), "Waits for Sunita Rao");
    // What it knows itself it says: its own check, and what comes after.
    let mut checked = steps.to_vec();
    checked.push((WORKER, check(REPORT, reported_on(), Found::Shows)));
    assert_eq!(
        last(WORKER, &checked),
        "Waits for Sunita Rao",
        "to end the guidance"
    );
}

const DEPUTY: u128 = 4;

/// A review with this harm and decision, by somebody who had read these.
fn reviewed(harm: Harm, decision: Decision, rule: Listed, read: &[u128]) -> Body {
    let Data::MismatchReview(mut it) = review(REPORT).data else {
        panic!("a review");
    };
    it.harm = harm;
    it.decision = decision;
    it.rules = vec![rule];
    it.read = read.iter().map(|it| entry_id(*it)).collect();
    Body::step(Data::MismatchReview(it))
}

fn listed(rule: RuleId, sure: bool) -> Listed {
    Listed { rule, sure }
}

/// The manager's review (101), and the deputy's who had not read it (102), which says that it is grave.
fn two_reviews() -> Vec<(u128, Body)> {
    let none = listed(RuleId::Candour201, true);
    let may = listed(RuleId::CqcReg18a, false);
    vec![
        (
            MANAGER,
            reviewed(Harm::None, Decision::DoNotNotify, none, &[]),
        ),
        (
            DEPUTY,
            reviewed(Harm::SeriousInjury, Decision::Notify, may, &[]),
        ),
    ]
}

/// As [`after`], with a deputy manager.
fn with_deputy(me: u128, steps: &[(u128, Body)]) -> Ledger {
    let mut ledger = after(me, steps);
    let deputy = &[Role::DeputyManager];
    ledger.acknowledge(staff(9_021, DEPUTY, "Ifeoma Nwosu", deputy, 21));
    ledger
}

#[test]
fn reviews_by_two_who_had_not_read_each_other_both_count_and_say_where_they_disagree() {
    let ledger = with_deputy(MANAGER, &two_reviews());
    let it = handling(&ledger);
    assert_eq!(it.counting_reviews().count(), 2);
    let words: Vec<_> = it
        .differences()
        .iter()
        .map(|it| ledger.difference_words(it))
        .collect();
    assert_eq!(
        words,
        [
            "Harm: Helen Carrick says “No harm”, Ifeoma Nwosu says “A serious injury”",
            "Decision: Helen Carrick says “Tell nobody outside”, Ifeoma Nwosu says “Tell them”",
        ]
    );
    // The rules of either.
    let rules = [
        listed(RuleId::CqcReg18a, false),
        listed(RuleId::Candour201, true),
    ];
    assert_eq!(it.rules(), rules);
    let step = ledger.mismatch_steps(&it, NOW).remove(2);
    assert_eq!(step.state, StepState::Todo);
    assert_eq!(
        step.lines,
        [
            "Helen Carrick, 21:36: Tell nobody outside",
            "No harm. Told: yes",
            "Ifeoma Nwosu, 21:37: Tell them",
            "A serious injury. Told: yes",
            "These reviews disagree",
            "Waits for Helen Carrick or Ifeoma Nwosu",
        ]
    );
    for me in [MANAGER, DEPUTY] {
        let needs = reasons(&with_deputy(me, &two_reviews()));
        let (reason, title, line) = &needs[0];
        assert_eq!(*reason, NeedReason::Turn);
        assert_eq!(title, "Jean Whitby: the reviews disagree");
        assert!(line.ends_with("They differ in 1 other thing too"), "{line}");
    }
    for me in [LEADER, SYSTEM] {
        let needs = reasons(&with_deputy(me, &two_reviews()));
        assert!(!needs.iter().any(|it| it.1.contains("disagree")), "{me}");
    }
    let rows = ledger.listing(Listing::NotificationTracker, NOW).rows;
    let cells: Vec<&str> = rows.iter().map(|row| row.cells[1].as_str()).collect();
    assert_eq!(
        cells,
        [
            "Ifeoma Nwosu, 21:37. Disagrees with Helen Carrick",
            "Helen Carrick, 21:36. Disagrees with Ifeoma Nwosu",
        ]
    );
    let open = ledger.listing(Listing::Open, NOW).rows.remove(0).cells;
    assert!(open[2].ends_with("the reviews disagree"), "{open:?}");
    // In any order of arrival.
    let arrive = |order: [usize; 2]| {
        let mut ledger = with_deputy(MANAGER, &[]);
        for at in order {
            let (by, body) = &two_reviews()[at];
            let made = NOW + (at as i64 + 1) * MINUTE;
            let entry = signed(REPORT + 1 + at as u128, *by, made, body);
            ledger.acknowledge(filed(&entry, 31 + at as u64, made));
        }
        format!("{:?}", handling(&ledger))
    };
    assert_eq!(arrive([0, 1]), arrive([1, 0]));
}

#[test]
fn reviews_agree_once_somebody_who_has_read_both_has_reviewed_it_or_all_say_the_same() {
    let rule = listed(RuleId::CqcReg18a, true);
    let disagree = |steps: &[(u128, Body)]| {
        let it = handling(&with_deputy(MANAGER, steps));
        assert_eq!(it.reviews.len(), steps.len(), "all are kept");
        !it.differences().is_empty()
    };
    let then = |by, harm, decision, read: &[u128]| {
        let mut steps = two_reviews();
        steps.push((by, reviewed(harm, decision, rule, read)));
        steps
    };
    let (grave, tell) = (Harm::SeriousInjury, Decision::Notify);
    // The same person's newer one takes the place of their own alone.
    assert!(disagree(&then(MANAGER, Harm::Injury, tell, &[101])));
    assert!(!disagree(&then(MANAGER, grave, tell, &[101])), "they agree");
    let settled = then(MANAGER, Harm::Injury, tell, &[101, 102]);
    assert!(!disagree(&settled));
    let ledger = with_deputy(MANAGER, &settled);
    let it = handling(&ledger);
    assert_eq!(it.rules(), [rule]);
    let replaced: Vec<bool> = ledger
        .review_views(&it, NOW)
        .iter()
        .map(|it| it.replaced)
        .collect();
    assert_eq!(replaced, [false, true, true]);
    let rows = ledger.listing(Listing::NotificationTracker, NOW).rows;
    assert!(rows[1].cells[1].ends_with("Replaced by a newer review"));
    assert!(!it.turns.contains(&Turn::Settle));
    let label = |it: &(StepForm, String, bool)| (it.0, it.1.clone());
    let again = (StepForm::Review, "Review it again".to_owned());
    assert!(ledger.acts(&it).iter().map(label).any(|it| it == again));
}

#[test]
fn a_review_stands_in_the_place_of_those_that_were_in_view_when_it_was_begun() {
    let ledger = with_deputy(DEPUTY, &two_reviews()[..1]);
    let form = StepForm::Review;
    let it = handling(&ledger);
    let mut draft = StepDraft::fresh(&ledger, entry_id(500), form, &it, NOW);
    let answers = [
        ("harm", "\"none\""),
        ("missed_care", "false"),
        ("abuse", "\"none\""),
        ("told", "\"told\""),
        ("decision", "\"wait\""),
        ("rationale", "Asked the nurse"),
    ];
    for (question, answer) in answers {
        draft.set(question, answer.into());
    }
    // One that comes while it is written is shown as new, and is not taken as read.
    let ledger = with_deputy(
        DEPUTY,
        &[two_reviews()[0].clone(), (MANAGER, review(REPORT))],
    );
    let shown = draft.reviews(&ledger, NOW);
    let new: Vec<_> = shown.iter().map(|(it, is_new)| (it.id, *is_new)).collect();
    assert_eq!(new, [(entry_id(102), true)]);
    let Data::MismatchReview(it) = draft.body(&ledger, NOW).unwrap().data else {
        panic!("a review");
    };
    assert_eq!(it.read, [entry_id(101)]);
}

#[test]
fn reviews_that_disagree_keep_nothing_open_and_are_told_after_the_close_too() {
    let mut steps = handled();
    steps.push((MANAGER, close(REPORT)));
    let late = reviewed(
        Harm::Injury,
        Decision::Notify,
        listed(RuleId::CqcReg18a, false),
        &[],
    );
    steps.push((DEPUTY, late));
    let ledger = with_deputy(MANAGER, &steps);
    let it = handling(&ledger);
    assert!(it.closed.is_some());
    assert_eq!(it.turns, [Turn::Settle]);
    let needs = reasons(&ledger);
    assert!(
        needs
            .iter()
            .any(|it| it.1 == "Jean Whitby: the reviews disagree")
    );
    assert!(ledger.may_write_step(StepForm::Review, &it));
    // Whoever reported it reviews it in no case.
    let worker = with_deputy(WORKER, &handled()[..2]);
    assert!(!worker.may_write_step(StepForm::Review, &handling(&worker)));
    // Before the close it is what waits for the manager, beside the close.
    steps.remove(6);
    let open = with_deputy(MANAGER, &steps);
    assert_eq!(handling(&open).turns, [Turn::Settle, Turn::Close]);
    assert_eq!(open.may_close(&handling(&open)), Ok(()));
}

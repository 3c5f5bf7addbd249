//! Early warnings: each appears when it should, and not when it should not.

use super::*;
use crate::body::{Body, Method, Mismatch, OnWarning, PlanUpdate, Screen, Shows, Urgency};
use crate::words;

const WORKER: u128 = 1;
const LEADER: u128 = 2;
const MANAGER: u128 = 3;
const SYSTEM: u128 = 5;
const OLD: &str = "Level 5 minced and moist.";
const NEW: &str = "Level 4 puree.";
const UPDATE: u128 = 300;

/// Northgate with a system administrator, another worker (6), two labelled phones (20, 21), and Jean's instruction (30),
/// which an update changed at `NOW`.
fn ledger(me: u128) -> Ledger {
    let mut ledger = northgate(me);
    for entry in [
        staff(
            9_200,
            SYSTEM,
            "Callum Reid",
            &[Role::SystemAdministrator],
            40,
        ),
        staff(9_201, 6, "Tariq Mahmood", &[Role::SupportWorker], 41),
        device(9_202, 20, "NHC-PH3", 42),
        device(9_203, 21, "NHC-PH4", 43),
        instruction(9_204, 30, 10, OLD, 44),
    ] {
        ledger.acknowledge(entry);
    }
    ledger.acknowledge(made(UPDATE, MANAGER, NOW, &Body::plan_update(update())));
    ledger
}

fn update() -> PlanUpdate {
    plan_update(OLD, NEW, None)
}

fn made(id: u128, by: u128, at: Millis, body: &Body) -> Acknowledged {
    filed(&signed(id, by, at, body), id as u64, at)
}

fn answered(id: u128, by: u128, at: Millis, device: Screen, shows: Shows) -> Acknowledged {
    made(
        id,
        by,
        at,
        &confirmation(UPDATE, device, shows, Method::Holder),
    )
}

/// A report about Jean's instruction by somebody who followed the device.
fn followed_device(says: &str, change: impl Fn(&mut Mismatch)) -> Body {
    let mut body = mismatch_about(10, 30);
    if let Data::Mismatch(it) = &mut body.data {
        it.did = Did::FollowedDevice;
        it.device_says = says.into();
        change(it);
    }
    body
}

fn signs(ledger: &Ledger, now: Millis) -> Vec<Sign> {
    ledger.warnings(now).iter().map(|it| it.sign).collect()
}

#[test]
fn a_change_without_an_answer_in_its_time_is_assumed_visible_and_escalates_after_the_same_again() {
    let ledger = ledger(MANAGER);
    let end = words::end_of_day(NOW);
    assert_eq!(ledger.warnings(end), [], "the time is not over");
    let warnings = ledger.warnings(end + HOUR);
    assert_eq!(warnings.len(), 1);
    let it = &warnings[0];
    assert_eq!(
        (it.sign, it.about),
        (Sign::AssumedVisible, entry_id(UPDATE))
    );
    assert_eq!((it.since, it.escalated), (end, None));
    assert_eq!(it.title, "Jean Whitby: eating and drinking");
    assert_eq!(it.what, "2 devices have not answered, late by 1 h");

    let again = end + (end - NOW);
    assert_eq!(ledger.warnings(again)[0].escalated, None);
    assert_eq!(ledger.warnings(again + 1)[0].escalated, Some(again));
}

#[test]
fn each_urgency_warns_at_its_own_time() {
    let since = |urgency| {
        let mut ledger = northgate(MANAGER);
        ledger.acknowledge(device(9_202, 20, "NHC-PH3", 42));
        ledger.acknowledge(made(290, WORKER, NOW, &device_use(Some(20))));
        let update = PlanUpdate {
            urgency,
            ..update()
        };
        ledger.acknowledge(made(UPDATE, MANAGER, NOW, &Body::plan_update(update)));
        let due = ledger.warnings(NOW + 30 * 24 * HOUR)[0].since;
        assert_eq!(ledger.warnings(due), []);
        assert_eq!(signs(&ledger, due + 1), [Sign::AssumedVisible]);
        due
    };
    assert_eq!(since(Urgency::Routine), NOW + 7 * 24 * HOUR);
    assert_eq!(since(Urgency::Today), words::end_of_day(NOW));
    // Marta, whose phone it is, visits Jean at 22:15.
    assert_eq!(since(Urgency::BeforeNextVisit), NOW + 40 * MINUTE);
}

#[test]
fn nothing_is_assumed_visible_where_each_device_answered_or_the_change_no_longer_holds() {
    let later = words::end_of_day(NOW) + HOUR;
    let mut one = ledger(MANAGER);
    one.acknowledge(answered(301, 1, NOW + HOUR, labelled(20), Shows::New));
    assert_eq!(
        one.warnings(later)[0].what,
        "1 device has not answered, late by 1 h"
    );
    one.acknowledge(answered(302, 6, NOW + HOUR, labelled(21), Shows::New));
    assert_eq!(one.warnings(later), []);
    // That it cannot be opened is an answer: nobody assumes that it shows.
    let mut other = ledger(MANAGER);
    other.acknowledge(answered(301, 1, NOW + HOUR, labelled(20), Shows::New));
    other.acknowledge(answered(
        302,
        6,
        NOW + HOUR,
        labelled(21),
        Shows::CannotOpen,
    ));
    assert_eq!(other.warnings(later), []);

    let mut withdrawn = ledger(MANAGER);
    let body = Body::withdrawal(entry_id(UPDATE), "Wrong person".into());
    withdrawn.acknowledge(made(303, MANAGER, NOW + HOUR, &body));
    assert_eq!(withdrawn.warnings(later), []);
}

#[test]
fn devices_that_show_different_instructions_are_inconsistent_until_they_agree() {
    let mut ledger = ledger(MANAGER);
    ledger.acknowledge(answered(301, 1, NOW + MINUTE, labelled(20), Shows::New));
    assert_eq!(ledger.warnings(NOW + HOUR), []);
    ledger.acknowledge(answered(302, 6, NOW + 2 * MINUTE, labelled(21), Shows::Old));
    let warnings = ledger.warnings(NOW + HOUR);
    assert_eq!(warnings.len(), 1);
    assert_eq!(warnings[0].sign, Sign::Inconsistent);
    assert_eq!(warnings[0].since, NOW + 2 * MINUTE);
    assert_eq!(
        warnings[0].what,
        "1 device shows it, 1 shows something else"
    );
    ledger.acknowledge(answered(303, 6, NOW + 3 * MINUTE, labelled(21), Shows::New));
    assert_eq!(ledger.warnings(NOW + HOUR), []);
}

#[test]
fn two_answers_for_one_device_are_inconsistent_unless_the_later_knew_of_the_earlier() {
    let with = |received: Millis| {
        let mut ledger = ledger(MANAGER);
        let old = confirmation(UPDATE, labelled(20), Shows::Old, Method::Holder);
        let offline = signed(301, 1, NOW + MINUTE, &old);
        ledger.acknowledge(filed(&offline, 301, received));
        ledger.acknowledge(answered(302, 6, NOW + 5 * MINUTE, labelled(20), Shows::New));
        ledger.warnings(NOW + HOUR)
    };
    assert_eq!(with(NOW + 2 * MINUTE), []);
    let warnings = with(NOW + 9 * MINUTE);
    assert_eq!(warnings[0].sign, Sign::Inconsistent);
    assert_eq!(warnings[0].what, "1 device has two answers");
}

#[test]
fn devices_that_all_show_the_old_text_or_answer_for_different_changes_are_not_inconsistent() {
    let mut ledger = ledger(MANAGER);
    for (id, device) in [(301, 20), (302, 21)] {
        let at = NOW + MINUTE;
        ledger.acknowledge(answered(id, 1, at, labelled(device), Shows::Old));
    }
    assert_eq!(ledger.warnings(NOW + HOUR), []);
    // Another task of hers shows, everywhere.
    let other = PlanUpdate {
        plan: subject(31),
        support_task: "Skin".into(),
        ..update()
    };
    ledger.acknowledge(made(310, MANAGER, NOW, &Body::plan_update(other)));
    for (id, device) in [(311, 20), (312, 21)] {
        let shows = confirmation(310, labelled(device), Shows::New, Method::Holder);
        ledger.acknowledge(made(id, 1, NOW + MINUTE, &shows));
    }
    assert_eq!(ledger.warnings(NOW + HOUR), []);
}

#[test]
fn a_report_that_the_replaced_text_was_followed_warns_of_old_instructions() {
    let with = |body: &Body| {
        let mut ledger = ledger(MANAGER);
        ledger.acknowledge(made(400, WORKER, NOW + MINUTE, body));
        ledger.warnings(NOW + HOUR)
    };
    // As somebody types it from a screen.
    let warnings = with(&followed_device("level 5, minced and moist", |_| {}));
    assert_eq!(warnings.len(), 1);
    let it = &warnings[0];
    assert_eq!((it.sign, it.about), (Sign::OldInstructions, entry_id(400)));
    assert_eq!(it.title, "Jean Whitby: eating and drinking");
    assert_eq!(
        it.what,
        "Marta Kowalska followed the old text, 21:36, and has not read the new one since"
    );
    // The same where handover was followed, and where no instruction was picked.
    let handover = followed_device(NEW, |it| {
        it.did = Did::FollowedHandover;
        it.handover_says = OLD.into();
    });
    assert_eq!(with(&handover).len(), 1);
    let unpicked = followed_device(OLD, |it| it.plan = None);
    assert_eq!(with(&unpicked).len(), 1);
}

#[test]
fn a_report_warns_of_no_old_instructions_where_what_was_followed_held_then() {
    let with = |at: Millis, body: &Body| {
        let mut ledger = ledger(MANAGER);
        ledger.acknowledge(made(400, WORKER, at, body));
        ledger.warnings(NOW + HOUR)
    };
    let after = NOW + MINUTE;
    assert_eq!(with(after, &followed_device(NEW, |_| {})), []);
    assert_eq!(with(after, &followed_device("Something else", |_| {})), []);
    // It was the instruction when the care was given.
    assert_eq!(with(NOW - MINUTE, &followed_device(OLD, |_| {})), []);
    let earlier = followed_device(OLD, |it| it.happened_at = Some(NOW - HOUR));
    assert_eq!(with(after, &earlier), []);
    for did in [Did::AskedForHelp, Did::NotDone] {
        let body = followed_device(OLD, |it| it.did = did);
        assert_eq!(with(after, &body), [], "{did:?}");
    }
    // Another instruction of hers.
    let other = followed_device(OLD, |it| it.plan = Some(subject(31)));
    assert_eq!(with(after, &other), []);
    // She followed the device, and it was handover that had the old text.
    let right = followed_device(NEW, |it| it.handover_says = OLD.into());
    assert_eq!(with(after, &right), []);

    // The change takes effect tomorrow, or was withdrawn, or has been changed back.
    let mut ledger = northgate(MANAGER);
    let tomorrow = PlanUpdate {
        effective_from: NOW + 24 * HOUR,
        ..update()
    };
    ledger.acknowledge(made(UPDATE, MANAGER, NOW, &Body::plan_update(tomorrow)));
    let report = made(400, WORKER, after, &followed_device(OLD, |_| {}));
    ledger.acknowledge(report.clone());
    assert_eq!(ledger.warnings(NOW + HOUR), []);
    let withdrawn = Body::withdrawal(entry_id(UPDATE), "Wrong person".into());
    let back = Body::plan_update(plan_update(NEW, OLD, Some(UPDATE)));
    for end in [withdrawn, back] {
        let mut ledger = self::ledger(MANAGER);
        ledger.acknowledge(made(350, MANAGER, NOW + 1, &end));
        ledger.acknowledge(report.clone());
        assert_eq!(ledger.warnings(NOW + HOUR), []);
    }
}

#[test]
fn a_text_that_was_replaced_twice_is_old_and_so_is_the_one_between() {
    let with = |says: &str| {
        let mut ledger = ledger(MANAGER);
        let next = Body::plan_update(plan_update(NEW, "Level 3 liquidised.", Some(UPDATE)));
        ledger.acknowledge(made(350, MANAGER, NOW + 1, &next));
        let report = followed_device(says, |_| {});
        ledger.acknowledge(made(400, WORKER, NOW + MINUTE, &report));
        signs(&ledger, NOW + HOUR)
    };
    assert_eq!(with(OLD), [Sign::OldInstructions]);
    assert_eq!(with(NEW), [Sign::OldInstructions]);
    assert_eq!(with("Level 3 liquidised."), []);
}

#[test]
fn an_old_instruction_warns_until_whoever_followed_it_has_read_what_to_follow() {
    let week = 7 * 24 * HOUR;
    let with = |more: &[(u128, Body)], now: Millis| {
        let mut ledger = ledger(MANAGER);
        let report = followed_device(OLD, |_| {});
        ledger.acknowledge(made(400, WORKER, NOW + MINUTE, &report));
        for (n, (by, body)) in (1..).zip(more) {
            let at = NOW + MINUTE * (1 + n);
            ledger.acknowledge(made(400 + n as u128, *by, at, body));
        }
        let mut warnings = ledger.warnings(now);
        warnings.retain(|it| it.sign == Sign::OldInstructions);
        warnings
    };
    let closed = [
        (MANAGER, review(400)),
        (SYSTEM, cause(400, true, &[])),
        (MANAGER, close(400)),
    ];
    // Steps of its mismatch tell nobody, nor does the close: after it, it presses once more, for a week.
    for done in 0..=3 {
        let warnings = with(&closed[..done], NOW + HOUR);
        assert_eq!(warnings[0].sign, Sign::OldInstructions, "{done}");
        let presses = if done == 3 {
            NOW + 4 * MINUTE
        } else {
            NOW + MINUTE
        };
        assert_eq!(warnings[0].presses, presses);
    }
    assert_eq!(with(&closed, NOW + 4 * MINUTE + week), []);

    let read = |reader| {
        vec![
            (LEADER, guidance(400, &[WORKER], &[])),
            (reader, guidance_read(401, LEADER, None)),
        ]
    };
    let shows = |answer, method| confirmation(UPDATE, labelled(20), answer, method);
    assert_eq!(with(&read(WORKER), NOW + HOUR), []);
    assert_eq!(with(&read(6), NOW + HOUR).len(), 1, "somebody else read it");
    assert_eq!(with(&read(WORKER)[..1], NOW + HOUR).len(), 1, "not read");
    let paper = guidance_read(401, LEADER, Some(WORKER));
    let signed = [read(WORKER).remove(0), (LEADER, paper)];
    assert_eq!(with(&signed, NOW + HOUR), [], "signed on paper");
    for answer in [Shows::New, Shows::Old] {
        let said = [(WORKER, shows(answer, Method::Holder))];
        assert_eq!(with(&said, NOW + HOUR), [], "she read it to answer");
        let other = [(6, shows(answer, Method::Holder))];
        assert_eq!(with(&other, NOW + HOUR).len(), 1, "somebody else did");
    }
    // What she answered before does not tell her.
    let mut before = ledger(MANAGER);
    before.acknowledge(answered(301, WORKER, NOW, labelled(20), Shows::Old));
    before.acknowledge(made(
        400,
        WORKER,
        NOW + MINUTE,
        &followed_device(OLD, |_| {}),
    ));
    assert_eq!(signs(&before, NOW + HOUR), [Sign::OldInstructions]);
    // Care that somebody else gave: it is for them to read.
    let mut other = ledger(MANAGER);
    let report = followed_device(OLD, |it| it.given_by = Some(user(6)));
    other.acknowledge(made(400, WORKER, NOW + MINUTE, &report));
    other.acknowledge(answered(301, WORKER, NOW + HOUR, labelled(20), Shows::New));
    assert_eq!(signs(&other, NOW + 2 * HOUR), [Sign::OldInstructions]);
    other.acknowledge(answered(302, 6, NOW + HOUR, labelled(21), Shows::New));
    assert_eq!(other.warnings(NOW + 2 * HOUR), []);
}

#[test]
fn those_to_whom_it_escalates_have_it_first_on_home_and_workers_not_at_all() {
    let later = words::end_of_day(NOW) + HOUR;
    let needs = |me: u128| {
        let mut ledger = ledger(me);
        // Something urgent that the team leader receives waits too.
        let help = made(
            400,
            WORKER,
            NOW,
            &note(
                11,
                Escalation::Yes {
                    told: "Nobody".into(),
                },
            ),
        );
        ledger.acknowledge(help);
        home(&ledger, phone(), later).needs
    };
    for me in [MANAGER, SYSTEM] {
        let first = needs(me).remove(0);
        assert_eq!(first.reason, NeedReason::WarnedFirst, "{me}");
        assert_eq!(first.record, entry_id(UPDATE));
        assert_eq!(first.title, "Early warning: assumed visible");
        assert_eq!(
            first.line,
            "Jean Whitby: eating and drinking · 2 devices have not answered, late by 1 h"
        );
    }
    let leader: Vec<NeedReason> = needs(LEADER).iter().map(|it| it.reason).collect();
    assert_eq!(
        leader,
        [NeedReason::Urgent, NeedReason::Chase, NeedReason::Warned]
    );
    let warned = |reason| matches!(reason, NeedReason::Warned | NeedReason::WarnedFirst);
    assert!(!needs(WORKER).iter().any(|need| warned(need.reason)));
    assert_eq!(ledger(WORKER).warnings(later), []);
}

#[test]
fn many_changes_of_one_sign_are_one_line_that_leads_to_the_board() {
    let mut ledger = ledger(MANAGER);
    for id in [310, 311] {
        let other = PlanUpdate {
            plan: subject(id),
            ..update()
        };
        ledger.acknowledge(made(id, MANAGER, NOW, &Body::plan_update(other)));
    }
    let later = words::end_of_day(NOW) + 9 * HOUR;
    let needs = home(&ledger, phone(), later).needs;
    assert_eq!(needs[0].record, EntryId::nil());
    assert!(
        needs[0]
            .line
            .ends_with("late by 9 h. Twice its time has passed. And 2 more changes"),
        "{}",
        needs[0].line
    );
    assert_ne!(needs[1].reason, NeedReason::WarnedFirst);
}

#[test]
fn questions_that_i_have_read_warn_me_no_more_on_home_and_a_report_does_until_somebody_has_it() {
    let warned = |me: u128, (sign, body): (Sign, Body), has_it: bool| {
        let mut ledger = ledger(me);
        ledger.acknowledge(made(399, 6, NOW + MINUTE, &body));
        ledger.acknowledge(made(400, WORKER, NOW + MINUTE, &body));
        for (id, of) in [(401, 399), (402, 400)] {
            let at = NOW + 2 * MINUTE;
            ledger.acknowledge(acknowledgement(
                id,
                MANAGER,
                entry_id(of),
                WORKER,
                id as u64,
                at,
            ));
        }
        if has_it {
            let has = has(&[(sign, 399), (sign, 400)]);
            ledger.acknowledge(made(403, SYSTEM, NOW + 3 * MINUTE, &has));
        }
        assert!(signs(&ledger, NOW + HOUR).contains(&sign));
        let needs = home(&ledger, phone(), NOW + HOUR).needs;
        needs.iter().any(|it| it.title.starts_with("Early warning"))
    };
    let asked = || (Sign::RepeatedQuestions, question(30, "Supper?"));
    assert!(!warned(MANAGER, asked(), false));
    assert!(warned(SYSTEM, asked(), false), "others still");
    let followed = || (Sign::OldInstructions, followed_device(OLD, |_| {}));
    for me in [MANAGER, SYSTEM] {
        assert!(warned(me, followed(), false), "to read it tells nobody");
        assert!(!warned(me, followed(), true));
    }
}

#[test]
fn a_question_goes_to_the_team_leader_and_a_second_one_about_the_same_instruction_warns() {
    let mut manager = ledger(MANAGER);
    let mut leader = ledger(LEADER);
    let first = made(400, WORKER, NOW + MINUTE, &question(30, "For supper too?"));
    for ledger in [&mut manager, &mut leader] {
        ledger.acknowledge(first.clone());
        assert_eq!(ledger.warnings(NOW + HOUR), []);
    }
    let needs = home(&leader, phone(), NOW + HOUR).needs;
    assert_eq!(needs[0].title, "Question: Jean Whitby");
    assert_eq!(needs[0].reason, NeedReason::Unseen);
    assert!(
        !home(&manager, phone(), NOW + HOUR)
            .needs
            .iter()
            .any(|it| it.record == entry_id(400))
    );

    manager.acknowledge(made(
        401,
        6,
        NOW + 2 * MINUTE,
        &question(30, "And for her tea?"),
    ));
    let warnings = manager.warnings(NOW + HOUR);
    assert_eq!(warnings.len(), 1);
    let it = &warnings[0];
    assert_eq!(
        (it.sign, it.about),
        (Sign::RepeatedQuestions, entry_id(401))
    );
    assert_eq!(it.since, NOW + 2 * MINUTE);
    assert_eq!(it.title, "Jean Whitby: eating and drinking");
    assert_eq!(it.what, "asked about 2 times, last by Tariq Mahmood, 21:37");
    let first = home(&manager, phone(), NOW + HOUR).needs.remove(0);
    assert_eq!(
        (first.reason, first.title.as_str()),
        (NeedReason::WarnedFirst, "Early warning: repeated questions")
    );
}

#[test]
fn questions_about_two_instructions_a_week_apart_or_before_a_change_are_not_repeated() {
    let with = |asked: &[(Millis, u128)], now: Millis| {
        let mut ledger = ledger(MANAGER);
        for (id, (at, plan)) in (400..).zip(asked) {
            ledger.acknowledge(made(id, WORKER, *at, &question(*plan, "How?")));
        }
        for (id, device) in [(301, 20), (302, 21)] {
            let at = NOW + MINUTE;
            ledger.acknowledge(answered(id, 1, at, labelled(device), Shows::New));
        }
        signs(&ledger, now)
    };
    let (after, week) = (NOW + MINUTE, 7 * 24 * HOUR);
    assert_eq!(with(&[(after, 30), (after, 31)], NOW + HOUR), []);
    let repeated = [(after, 30), (after + 1, 30)];
    assert_eq!(with(&repeated, after + week - 1), [Sign::RepeatedQuestions]);
    assert_eq!(with(&repeated, after + week), []);
    // The change came after the first, and may be the answer to it.
    assert_eq!(with(&[(NOW - 1, 30), (after, 30)], NOW + HOUR), []);
}

const OVERSIGHT: u128 = 7;

/// As [`ledger`], with provider oversight, and what was done about warnings.
fn warned(me: u128, done: &[(u128, Millis, Body)]) -> Ledger {
    let mut ledger = ledger(me);
    ledger.acknowledge(staff(
        9_210,
        OVERSIGHT,
        "Robert Hale",
        &[Role::ProviderOversight],
        50,
    ));
    for (id, (by, at, body)) in (500..).zip(done) {
        ledger.acknowledge(made(id, *by, *at, body));
    }
    ledger
}

fn has(warnings: &[(Sign, u128)]) -> Body {
    about_warnings(warnings, OnWarning::HaveIt)
}

fn warned_first(ledger: &Ledger, now: Millis) -> bool {
    let needs = home(ledger, phone(), now).needs;
    needs.iter().any(|it| it.reason == NeedReason::WarnedFirst)
}

#[test]
fn a_warning_that_somebody_has_leaves_the_home_of_both_and_its_times_stay() {
    let later = words::end_of_day(NOW) + HOUR;
    let assumed = (Sign::AssumedVisible, UPDATE);
    for me in [MANAGER, SYSTEM] {
        assert!(warned_first(&warned(me, &[]), later));
        let ledger = warned(me, &[(SYSTEM, later, has(&[assumed]))]);
        assert!(!warned_first(&ledger, later + MINUTE), "{me}");
        // It still warns, and says who has it.
        assert_eq!(signs(&ledger, later + MINUTE), [Sign::AssumedVisible]);
        let view = &ledger.warning_views_of(entry_id(UPDATE), later + MINUTE)[0];
        assert_eq!(view.done, ["Callum Reid has it, 00:59"]);
        assert!(!view.asks_me);
    }
}

#[test]
fn two_warnings_are_taken_on_at_once_and_two_people_may_take_on_one() {
    let later = words::end_of_day(NOW) + HOUR;
    let mut ledger = warned(MANAGER, &[]);
    let other = PlanUpdate {
        plan: subject(31),
        ..update()
    };
    ledger.acknowledge(made(310, MANAGER, NOW, &Body::plan_update(other)));
    let board = ledger.board(later);
    let views = ledger.warning_views(&board, later);
    assert!(views.len() == 2 && views.iter().all(|it| it.asks_me));
    let bodies = crate::body::WarningAnswer::bodies(&views, &OnWarning::HaveIt);
    assert_eq!(bodies.len(), 1, "one entry a service");
    let many = vec![views[0].clone(); 501];
    for (_, body) in crate::body::WarningAnswer::bodies(&many, &OnWarning::HaveIt) {
        assert_eq!(
            Body::parse(&body.to_text()),
            Ok(body),
            "no more than it holds"
        );
    }
    for (id, by) in [(600, MANAGER), (601, SYSTEM)] {
        ledger.acknowledge(made(id, by, later, &bodies[0].1));
    }
    assert!(!warned_first(&ledger, later));
    for about in [UPDATE, 310] {
        let done = ledger.done_about(entry_id(about));
        let by: Vec<UserId> = done.iter().map(|it| it.by).collect();
        assert_eq!(by, [user(MANAGER), user(SYSTEM)]);
    }
}

#[test]
fn a_warning_comes_back_once_its_time_has_passed_again_or_it_begins_anew() {
    let end = words::end_of_day(NOW);
    let again = end + (end - NOW);
    let assumed = (Sign::AssumedVisible, UPDATE);
    let ledger = warned(MANAGER, &[(SYSTEM, end + HOUR, has(&[assumed]))]);
    assert!(!warned_first(&ledger, again));
    assert!(warned_first(&ledger, again + 1));
    // What was done about another sign of the same change is not done about this one.
    let other = (Sign::Inconsistent, UPDATE);
    let ledger = warned(MANAGER, &[(SYSTEM, end + HOUR, has(&[other]))]);
    assert!(warned_first(&ledger, end + HOUR));
}

#[test]
fn a_warning_that_somebody_has_presses_again_when_one_more_device_is_late() {
    let mut ledger = warned(MANAGER, &[]);
    ledger.acknowledge(made(290, WORKER, NOW, &device_use(Some(20))));
    let urgent = PlanUpdate {
        urgency: Urgency::BeforeNextVisit,
        plan: subject(31),
        ..update()
    };
    ledger.acknowledge(made(310, MANAGER, NOW, &Body::plan_update(urgent)));
    let gone = Body::withdrawal(entry_id(UPDATE), "Wrong person".into());
    ledger.acknowledge(made(311, MANAGER, NOW, &gone));
    let row = ledger.board(NOW)[0].rows[0].clone();
    let dues: Vec<Millis> = row.cells.iter().flatten().map(|it| it.due).collect();
    let (first, second) = (dues[0], dues[1]);
    let again = first + (first - NOW);
    assert!(again + HOUR < second);
    let has = has(&[(Sign::AssumedVisible, 310)]);
    ledger.acknowledge(made(500, SYSTEM, again + MINUTE, &has));
    assert!(!warned_first(&ledger, second));
    assert!(warned_first(&ledger, second + 1));
    ledger.acknowledge(made(501, SYSTEM, second + MINUTE, &has));
    assert!(!warned_first(&ledger, second + MINUTE));
    let shows = confirmation(310, labelled(20), Shows::New, Method::Holder);
    ledger.acknowledge(made(502, WORKER, second + 2 * MINUTE, &shows));
    assert!(!warned_first(&ledger, second + HOUR));
}

#[test]
fn that_devices_disagree_presses_again_only_when_one_more_shows_something_else() {
    let at = |minutes| NOW + minutes * MINUTE;
    let mut ledger = warned(MANAGER, &[]);
    let mut answer = |id, minutes, device, shows| {
        ledger.acknowledge(answered(id, WORKER, at(minutes), labelled(device), shows));
        ledger.clone()
    };
    answer(301, 1, 20, Shows::New);
    answer(302, 2, 21, Shows::Old);
    let mut ledger = answer(303, 3, 21, Shows::SomethingElse);
    let has = has(&[(Sign::Inconsistent, UPDATE)]);
    ledger.acknowledge(made(500, SYSTEM, at(2), &has));
    assert!(!warned_first(&ledger, at(9)), "as wrong as it was");
    // The device that shows it says so again.
    ledger.acknowledge(answered(304, WORKER, at(4), labelled(20), Shows::New));
    assert!(!warned_first(&ledger, at(9)));
    ledger.acknowledge(answered(305, WORKER, at(5), labelled(21), Shows::New));
    ledger.acknowledge(answered(306, WORKER, at(6), labelled(20), Shows::Old));
    assert!(warned_first(&ledger, at(9)));
}

#[test]
fn a_warning_is_escalated_further_to_somebody_who_is_told_until_they_have_it() {
    let later = words::end_of_day(NOW) + HOUR;
    let assumed = (Sign::AssumedVisible, UPDATE);
    let further = about_warnings(&[assumed], escalate(OVERSIGHT));
    let mut done = vec![(MANAGER, later, further)];
    let needs =
        |done: &[(u128, Millis, Body)], me| home(&warned(me, done), phone(), later + HOUR).needs;
    assert_eq!(needs(&[], OVERSIGHT), []);
    let told = needs(&done, OVERSIGHT);
    assert_eq!(
        (told[0].reason, told[0].record),
        (NeedReason::Escalated, entry_id(UPDATE))
    );
    assert_eq!(told[0].title, "Escalated to you: assumed visible");
    assert_eq!(
        told[0].line,
        "Jean Whitby: eating and drinking · Helen Carrick escalated it to Robert Hale, 00:59: Ring me"
    );
    for me in [MANAGER, SYSTEM, LEADER] {
        let told = needs(&done, me);
        assert!(
            told.iter().all(|it| it.reason != NeedReason::Escalated),
            "{me}"
        );
    }
    assert!(!warned_first(&warned(MANAGER, &done), later + MINUTE));
    let view = |done: &[(u128, Millis, Body)], me| {
        warned(me, done)
            .warning_views_of(entry_id(UPDATE), later + MINUTE)
            .remove(0)
    };
    assert!(view(&done, OVERSIGHT).asks_me);
    done.push((OVERSIGHT, later + MINUTE, has(&[assumed])));
    assert_eq!(needs(&done, OVERSIGHT), []);
    assert!(!view(&done, OVERSIGHT).asks_me);
    assert_eq!(
        view(&done, MANAGER).done,
        [
            "Helen Carrick escalated it to Robert Hale, 00:59: Ring me",
            "Robert Hale has it, 01:00"
        ]
    );
    let to: Vec<String> = warned(MANAGER, &[])
        .escalates_to(service())
        .into_iter()
        .map(|(_, name, _)| name)
        .collect();
    assert_eq!(to, ["Robert Hale", "Callum Reid"]);
}

#[test]
fn what_was_done_about_a_warning_stays_in_view_when_it_has_ended() {
    let later = words::end_of_day(NOW) + HOUR;
    let assumed = (Sign::AssumedVisible, UPDATE);
    let mut ledger = warned(MANAGER, &[(SYSTEM, later, has(&[assumed]))]);
    for (id, device) in [(301, 20), (302, 21)] {
        let at = later + MINUTE;
        ledger.acknowledge(answered(id, 1, at, labelled(device), Shows::New));
    }
    assert_eq!(ledger.warnings(later + HOUR), []);
    let views = ledger.warning_views_of(entry_id(UPDATE), later + HOUR);
    assert_eq!(views.len(), 1);
    assert_eq!(views[0].done, ["Callum Reid has it, 00:59"]);
    assert!(!views[0].asks_me);
    let settled = Some("Settled 01:00: every device has answered");
    assert_eq!(views[0].settled.as_deref(), settled);
    // The board says so for a day.
    let on_board = |now| ledger.warning_views(&ledger.board(now), now);
    assert_eq!(on_board(later + HOUR), views);
    assert_eq!(on_board(later + MINUTE + 24 * HOUR), []);
}

#[test]
fn an_escalated_warning_that_ends_presses_no_more_and_says_once_that_it_is_settled() {
    let later = words::end_of_day(NOW) + HOUR;
    let assumed = (Sign::AssumedVisible, UPDATE);
    let further = about_warnings(&[assumed], escalate(OVERSIGHT));
    let mut ledger = warned(OVERSIGHT, &[(MANAGER, later, further)]);
    let of = |ledger: &Ledger, now: Millis| {
        let needs = home(ledger, phone(), now).needs.into_iter();
        let needs = needs.map(|it| (it.reason, it.record, it.title, it.line));
        needs.collect::<Vec<_>>()
    };
    let late = answered(301, 1, later + MINUTE, labelled(20), Shows::New);
    ledger.acknowledge(late);
    assert_eq!(of(&ledger, later + HOUR)[0].0, NeedReason::Escalated);
    // When it ended is when the last of them answered first.
    for (id, minutes, shows) in [(302, 5, Shows::CannotOpen), (303, 9, Shows::New)] {
        let at = later + minutes * MINUTE;
        ledger.acknowledge(answered(id, 6, at, labelled(21), shows));
    }
    assert_eq!(
        of(&ledger, later + HOUR),
        [(
            NeedReason::Told,
            entry_id(UPDATE),
            "No longer escalated to you: assumed visible".to_owned(),
            "Jean Whitby: eating and drinking · Settled 01:04: every device has answered"
                .to_owned()
        )]
    );
    let view = ledger
        .warning_views_of(entry_id(UPDATE), later + HOUR)
        .remove(0);
    assert!(view.settled.is_some() && !view.asks_me);
    let told = ledger.told_of(entry_id(UPDATE), later + HOUR).remove(0);
    let (_, seen) = ledger
        .seen_what_i_am_told(entry_id(UPDATE), &[told.id], later + HOUR)
        .remove(0);
    ledger.pending(waiting(&signed(600, OVERSIGHT, later + HOUR, &seen)));
    assert_eq!(of(&ledger, later + 2 * HOUR), []);
}

/// What became of a warning that was escalated to me: whether it still presses, and how it ended.
fn became(ledger: &Ledger, (sign, about): (Sign, u128), now: Millis) -> (bool, Option<String>) {
    let mut views = ledger.warning_views_of(entry_id(about), now);
    views.retain(|it| it.warned.sign == sign);
    let view = views.remove(0);
    let needs = home(ledger, phone(), now).needs;
    let of = |reason| move |it: &Need| it.reason == reason && it.record == entry_id(about);
    assert_eq!(view.asks_me, needs.iter().any(of(NeedReason::Escalated)));
    let told = needs.iter().any(of(NeedReason::Told));
    assert_eq!(told, view.settled.is_some(), "who was escalated to is told");
    (view.asks_me, view.settled)
}

/// The same entries in other orders: as they are, from behind, and dealt out.
fn orders(log: &[Acknowledged]) -> Vec<Vec<Acknowledged>> {
    let behind = log.iter().rev().cloned().collect();
    let dealt = (0..3).flat_map(|first| log.iter().skip(first).step_by(3).cloned());
    vec![log.to_vec(), behind, dealt.collect()]
}

const PRESSES: (bool, Option<&str>) = (true, None);

fn settled(how: &str) -> (bool, Option<&str>) {
    (false, Some(how))
}

/// What happened, of what sign and entry, by which entries, and what became of it by when.
type Ending<'a> = (
    &'a str,
    (Sign, u128),
    Vec<Acknowledged>,
    Millis,
    (bool, Option<&'a str>),
);

/// Folds each in several orders: an escalation to me, an hour after the change, is among the entries.
fn end_as_said(endings: Vec<Ending>) {
    for (what, of, mut log, now, expected) in endings {
        let further = about_warnings(&[of], escalate(OVERSIGHT));
        log.push(made(500, MANAGER, NOW + HOUR, &further));
        for log in orders(&log) {
            let mut ledger = warned(OVERSIGHT, &[]);
            for entry in log {
                ledger.acknowledge(entry);
            }
            let (presses, how) = became(&ledger, of, now);
            assert_eq!((presses, how.as_deref()), expected, "{what}");
        }
    }
}

#[test]
fn that_devices_differ_is_settled_once_none_shows_another_text_and_some_show_the_new_one() {
    let apart = |more: &[Acknowledged]| {
        let mut log = vec![
            answered(301, 1, NOW + MINUTE, labelled(20), Shows::New),
            answered(302, 6, NOW + MINUTE, labelled(21), Shows::Old),
        ];
        log.extend_from_slice(more);
        log
    };
    let at = |hours: Millis| NOW + hours * HOUR;
    let agrees = answered(303, 6, at(2), labelled(21), Shows::New);
    let newer = Body::plan_update(plan_update(NEW, "Level 3.", Some(UPDATE)));
    let withdrawn = Body::withdrawal(entry_id(UPDATE), "Wrong person".into());
    let holds = Body::plan_update(plan_update(NEW, OLD, None));
    let old = confirmation(UPDATE, labelled(21), Shows::Old, Method::Holder);
    let old_unknown = filed(&signed(304, 1, NOW + HOUR, &old), 304, at(3));
    let again = answered(305, 1, at(3), labelled(20), Shows::New);
    let differs = (Sign::Inconsistent, UPDATE);
    let ends =
        |what, more: &[Acknowledged], expected| (what, differs, apart(more), at(4), expected);
    end_as_said(vec![
        ends("nothing more", &[], PRESSES),
        ends(
            "the other shows it too",
            std::slice::from_ref(&agrees),
            settled("Settled yesterday 23:35: what the devices show no longer differs"),
        ),
        ends(
            "the first says so once more after that",
            &[agrees.clone(), again],
            settled("Settled yesterday 23:35: what the devices show no longer differs"),
        ),
        ends(
            "both show the old text",
            &[answered(303, 1, at(2), labelled(20), Shows::Old)],
            PRESSES,
        ),
        ends(
            "the one that showed it cannot be opened",
            &[answered(303, 1, at(2), labelled(20), Shows::CannotOpen)],
            PRESSES,
        ),
        ends("two answers disagree", &[agrees, old_unknown], PRESSES),
        ends(
            "a newer change",
            &[made(600, MANAGER, at(2), &newer)],
            settled("Settled yesterday 23:35: a newer change took its place"),
        ),
        ends(
            "the change is withdrawn, and a device was last seen to show it",
            &[made(600, MANAGER, at(2), &withdrawn)],
            PRESSES,
        ),
        ends(
            "the change is withdrawn, and no device shows it",
            &[
                made(600, MANAGER, at(2), &withdrawn),
                answered(303, 1, at(1), labelled(20), Shows::Old),
            ],
            settled("Settled yesterday 23:35: the change was withdrawn"),
        ),
        ends(
            "the change is withdrawn, and what holds is recorded",
            &[
                made(600, MANAGER, at(2), &withdrawn),
                made(601, MANAGER, at(3), &holds),
            ],
            settled("Settled 00:35: a newer change took its place"),
        ),
        ends(
            "the change is withdrawn, and the device that showed it is gone",
            &[
                made(600, MANAGER, at(2), &withdrawn),
                unlisted(601, Kind::Device, subject(20).uuid(), 601),
            ],
            settled("Settled yesterday 23:35: the change was withdrawn"),
        ),
        ends(
            "no device is listed any more",
            &[
                unlisted(600, Kind::Device, subject(20).uuid(), 600),
                unlisted(601, Kind::Device, subject(21).uuid(), 601),
            ],
            (false, None),
        ),
    ]);
}

#[test]
fn a_change_assumed_visible_is_settled_once_every_device_has_answered_and_rests_while_none_is_late()
{
    let later = words::end_of_day(NOW) + 2 * HOUR;
    let assumed = (Sign::AssumedVisible, UPDATE);
    let one = answered(301, 1, later - HOUR, labelled(20), Shows::New);
    let both = answered(302, 6, later - HOUR, labelled(21), Shows::CannotOpen);
    let gone = |of: u128| unlisted(600 + of, Kind::Device, subject(of).uuid(), 600 + of as u64);
    let ends =
        |what, log: &[Acknowledged], expected| (what, assumed, log.to_vec(), later, expected);
    let every = settled("Settled 00:59: every device has answered");
    end_as_said(vec![
        ends("nothing", &[], PRESSES),
        ends("one answered", std::slice::from_ref(&one), PRESSES),
        ends("both answered", &[one.clone(), both], every),
        ends(
            "the silent one is no longer listed",
            &[one, gone(21)],
            every,
        ),
        ends(
            "none is listed any more",
            &[gone(20), gone(21)],
            (false, None),
        ),
    ]);

    // A visit that is planned for later gives more time.
    let mut ledger = warned(OVERSIGHT, &[]);
    ledger.acknowledge(made(290, WORKER, NOW, &device_use(Some(20))));
    ledger.acknowledge(gone(21));
    let urgent = PlanUpdate {
        urgency: Urgency::BeforeNextVisit,
        plan: subject(31),
        ..update()
    };
    ledger.acknowledge(made(310, MANAGER, NOW, &Body::plan_update(urgent)));
    let urgent = (Sign::AssumedVisible, 310);
    let further = about_warnings(&[urgent], escalate(OVERSIGHT));
    ledger.acknowledge(made(500, MANAGER, NOW + HOUR, &further));
    assert_eq!(became(&ledger, urgent, NOW + HOUR), (true, None));
    ledger.acknowledge(visits(602, 10, NOW + 20 * HOUR, 602));
    assert_eq!(became(&ledger, urgent, NOW + HOUR), (false, None));
    assert_eq!(became(&ledger, urgent, NOW + 21 * HOUR), (true, None));
}

#[test]
fn that_an_old_text_was_followed_is_settled_by_what_ended_it_and_not_by_what_is_not_known() {
    let at = |hours: Millis| NOW + hours * HOUR;
    let old = made(400, WORKER, NOW + MINUTE, &followed_device(OLD, |_| {}));
    let right = amendment(entry_id(400), 10, Did::NotDone);
    let withdrawn = Body::withdrawal(entry_id(UPDATE), "Wrong person".into());
    let steps = [
        made(401, MANAGER, at(1), &review(400)),
        made(402, SYSTEM, at(1), &cause(400, true, &[])),
        made(403, MANAGER, at(2), &close(400)),
    ];
    let unknown = followed_device("Level 6 soft.", |_| {});
    let of = (Sign::OldInstructions, 400);
    let ends = |what, more: &[Acknowledged], expected| {
        let mut log = vec![old.clone()];
        log.extend_from_slice(more);
        (what, of, log, at(3), expected)
    };
    let noted = made(400, WORKER, NOW + MINUTE, &note_that(OLD, |_| {}));
    let week = 7 * 24 * HOUR;
    end_as_said(vec![
        ends("nothing more", &[], PRESSES),
        ends(
            "it is corrected",
            &[made(601, WORKER, at(2), &right)],
            settled("Settled yesterday 23:35: the record reads otherwise now"),
        ),
        ends(
            "the change is withdrawn",
            &[made(601, MANAGER, at(2), &withdrawn)],
            settled("Settled yesterday 23:35: the change was withdrawn"),
        ),
        ends("it is closed, and nobody told her", &steps, PRESSES),
        (
            "it was closed a week ago",
            of,
            vec![
                old.clone(),
                steps[0].clone(),
                steps[1].clone(),
                steps[2].clone(),
            ],
            at(2) + week,
            settled("Settled 23:35: it was closed a week ago"),
        ),
        ends(
            "she has read the paper guidance",
            &[
                made(401, LEADER, at(1), &guidance(400, &[WORKER], &[])),
                made(402, WORKER, at(2), &guidance_read(401, LEADER, None)),
            ],
            settled("Settled yesterday 23:35: who followed it has read what to follow"),
        ),
        ends(
            "she has said what her device shows of the change",
            &[answered(301, WORKER, at(2), labelled(20), Shows::New)],
            settled("Settled yesterday 23:35: who followed it has read what to follow"),
        ),
        ends(
            "it is closed, and she works there no more",
            &[
                steps[0].clone(),
                steps[1].clone(),
                steps[2].clone(),
                unlisted(
                    9_300,
                    Kind::Staff,
                    uuid::Uuid::from_u128(0xa000 + WORKER),
                    9_300,
                ),
            ],
            settled("Settled yesterday 23:35: the mismatch is closed"),
        ),
        (
            "no change is known here that replaced what was followed",
            of,
            vec![made(400, WORKER, NOW + MINUTE, &unknown)],
            at(3),
            PRESSES,
        ),
        ("a note", of, vec![noted.clone()], at(3), PRESSES),
        (
            "a note of a week ago",
            of,
            vec![noted],
            NOW + MINUTE + week,
            settled("Settled 21:36: the note is a week old"),
        ),
    ]);
}

#[test]
fn repeated_questions_are_settled_by_a_change_or_a_week_without_one_after_the_last() {
    let week = 7 * 24 * HOUR;
    let asked = |id, at| made(id, WORKER, at, &question(30, "Supper?"));
    let with = |more: &[Acknowledged]| {
        let mut log = vec![asked(401, NOW + MINUTE), asked(402, NOW + 24 * HOUR)];
        log.extend_from_slice(more);
        log
    };
    let newer = Body::plan_update(plan_update(NEW, "Level 3.", Some(UPDATE)));
    let of = (Sign::RepeatedQuestions, 402);
    let ends = |what, more: &[Acknowledged], now, expected| (what, of, with(more), now, expected);
    let quiet = NOW + 24 * HOUR + week;
    end_as_said(vec![
        ends("nothing more", &[], NOW + 25 * HOUR, PRESSES),
        ends("only the first is a week ago", &[], quiet - HOUR, PRESSES),
        ends(
            "a week after the last",
            &[],
            quiet,
            settled("Settled 21:35: nobody asked again within a week"),
        ),
        ends(
            "asked again within the week",
            &[asked(403, quiet - HOUR)],
            quiet,
            PRESSES,
        ),
        ends(
            "asked again after the week",
            &[asked(403, quiet + HOUR), asked(404, quiet + HOUR)],
            quiet + HOUR,
            settled("Settled 21:35: nobody asked again within a week"),
        ),
        ends(
            "the instruction changed",
            &[made(600, MANAGER, NOW + 26 * HOUR, &newer)],
            NOW + 27 * HOUR,
            settled("Settled yesterday 23:35: the instruction has changed since"),
        ),
    ]);
}

#[test]
fn whoever_it_was_escalated_to_is_told_each_time_that_it_ends() {
    let differs = (Sign::Inconsistent, UPDATE);
    let at = |hours: Millis| NOW + hours * HOUR;
    let mut ledger = warned(OVERSIGHT, &[]);
    let say = |ledger: &mut Ledger, id, hours, shows| {
        ledger.acknowledge(answered(id, 6, at(hours), labelled(21), shows));
    };
    ledger.acknowledge(answered(301, 1, NOW + MINUTE, labelled(20), Shows::New));
    say(&mut ledger, 302, 1, Shows::Old);
    let further = about_warnings(&[differs], escalate(OVERSIGHT));
    ledger.acknowledge(made(500, MANAGER, at(1), &further));
    for (first, hours) in [(600, 2), (610, 10)] {
        say(&mut ledger, first, hours, Shows::New);
        let mut told = ledger.told(at(hours));
        let it = told.remove(0);
        assert_eq!((it.need.record, told.len()), (entry_id(UPDATE), 0));
        let (_, seen) = ledger
            .seen_what_i_am_told(entry_id(UPDATE), &[it.id], at(hours))
            .remove(0);
        let seen = made(first + 1, OVERSIGHT, at(hours + 1), &seen);
        ledger.acknowledge(seen);
        assert_eq!(ledger.told(at(hours + 2)), []);
        // It begins anew, and presses until it ends again.
        say(&mut ledger, first + 2, hours + 3, Shows::Old);
        assert_eq!(became(&ledger, differs, at(hours + 4)), (true, None));
    }
}

#[test]
fn a_team_leader_is_told_who_has_a_warning() {
    let later = words::end_of_day(NOW) + HOUR;
    let assumed = (Sign::AssumedVisible, UPDATE);
    let line = |done: &[(u128, Millis, Body)]| {
        let needs = home(&warned(LEADER, done), phone(), later + MINUTE).needs;
        let mut warned = needs
            .into_iter()
            .filter(|it| it.reason == NeedReason::Warned);
        warned.next().expect("it warns").line
    };
    assert!(!line(&[]).contains("has it"));
    let done = line(&[(MANAGER, later, has(&[assumed]))]);
    assert!(done.ends_with(" · Helen Carrick has it, 00:59"), "{done}");
}

/// A note about Jean by Marta: care that was given of eating and drinking, and these words.
fn note_that(says: &str, change: impl Fn(&mut crate::body::Note)) -> Body {
    let mut body = note(10, Escalation::No);
    if let Data::Note(it) = &mut body.data {
        it.other = says.into();
        change(it);
    }
    body
}

fn noted(at: Millis, body: &Body, now: Millis) -> Vec<Warning> {
    let mut ledger = ledger(MANAGER);
    for (id, device) in [(301, 20), (302, 21)] {
        ledger.acknowledge(answered(id, 1, NOW + 1, labelled(device), Shows::New));
    }
    ledger.acknowledge(made(400, WORKER, at, body));
    ledger.warnings(now)
}

#[test]
fn a_note_that_care_was_given_by_the_replaced_text_warns_of_old_instructions() {
    let at = NOW + MINUTE;
    let says = note_that("Lunch was LEVEL 5, minced and moist; she ate well", |_| {});
    let warnings = noted(at, &says, NOW + HOUR);
    assert_eq!(warnings.len(), 1);
    let it = &warnings[0];
    assert_eq!((it.sign, it.about), (Sign::OldInstructions, entry_id(400)));
    assert_eq!(it.title, "Jean Whitby: eating and drinking");
    assert_eq!(
        it.what,
        "Marta Kowalska noted care by the old text, 21:36, and has not read the new one since"
    );
    let week = 7 * 24 * HOUR;
    assert_eq!(noted(at, &says, at + week - 1).len(), 1);
    assert_eq!(noted(at, &says, at + week), []);
}

#[test]
fn a_note_warns_of_no_old_instructions_where_it_does_not_say_so() {
    let now = NOW + HOUR;
    let none = |at: Millis, body: &Body, why: &str| {
        assert_eq!(noted(at, body, now), [], "{why}");
    };
    let (after, says) = (NOW + MINUTE, "Level 5 minced and moist");
    none(
        after,
        &note_that("Level 4 puree. She ate well.", |_| {}),
        "the new text",
    );
    none(after, &note_that("", |_| {}), "no words");
    none(after, &note_that("Level 5 and moist", |_| {}), "part of it");
    none(
        NOW - MINUTE,
        &note_that(says, |_| {}),
        "it held when it was given",
    );
    let earlier = note_that(says, |it| it.happened_at = Some(NOW - HOUR));
    none(after, &earlier, "given before the change, noted after");
    let both = "Level 4 puree now, not Level 5 minced and moist";
    none(after, &note_that(both, |_| {}), "they know the new text");
    let code = |code| crate::care::CareCode::new(code).unwrap();
    let other_task = note_that(says, |it| it.delivered = vec![code("cream_applied")]);
    none(after, &other_task, "its ticks are of another task");
    let unticked = note_that(says, |it| it.delivered.clear());
    none(after, &unticked, "nothing is ticked as given");
    let somebody_else = note_that(says, |it| it.person = subject(11));
    none(after, &somebody_else, "another person");
}

#[test]
fn what_the_server_had_before_the_change_was_not_done_after_it_whatever_the_clock_says() {
    let note = note_that("Level 5 minced and moist", |_| {});
    for body in [note, followed_device(OLD, |_| {})] {
        let fast = |received: Millis| {
            let mut ledger = ledger(MANAGER);
            let entry = signed(400, WORKER, NOW + MINUTE, &body);
            ledger.acknowledge(filed(&entry, 400, received));
            signs(&ledger, NOW + HOUR)
        };
        assert_eq!(fast(NOW + MINUTE), [Sign::OldInstructions]);
        assert_eq!(fast(NOW - MINUTE), []);
    }
}

#[test]
fn a_question_is_answered_and_whoever_asked_is_told_with_no_signal_too() {
    let asked = made(400, WORKER, NOW + MINUTE, &question(30, "For supper too?"));
    let answered = made(401, LEADER, NOW + HOUR, &reply(400, "Yes, every meal."));
    let with = |me| {
        let mut ledger = ledger(me);
        ledger.acknowledge(asked.clone());
        ledger
    };
    let may = |me| with(me).may_reply(entry_id(400));
    for me in [LEADER, MANAGER] {
        assert_eq!(may(me), Some((service(), user(WORKER))), "{me}");
    }
    for me in [WORKER, 6, SYSTEM] {
        assert_eq!(may(me), None, "{me}");
    }
    let mut worker = with(WORKER);
    assert_eq!(worker.told(NOW + HOUR), []);
    worker.acknowledge(answered.clone());
    let told = home(&worker, phone(), NOW + HOUR).needs;
    let told = told
        .iter()
        .find(|it| it.reason == NeedReason::Told)
        .unwrap();
    assert_eq!(
        (told.record, told.title.as_str(), told.line.as_str()),
        (
            entry_id(400),
            "Sunita Rao answered your question",
            "Jean Whitby. You asked about eating and drinking: “For supper too?” Answer: Yes, every meal."
        )
    );
    let history = worker.record(entry_id(400)).unwrap().history(&worker);
    assert_eq!(history[0].text, "Sunita Rao answered: Yes, every meal.");
    // What was not on the screen yet is not said to be seen.
    worker.acknowledge(made(403, MANAGER, NOW + HOUR, &reply(400, "Soup too.")));
    let shown = [entry_id(401), entry_id(404)];
    let mut seen = worker.seen_what_i_am_told(entry_id(400), &shown, NOW);
    assert_eq!(seen.len(), 1);
    let (_, seen) = seen.remove(0);
    worker.pending(waiting(&signed(402, WORKER, NOW + 2 * HOUR, &seen)));
    let left: Vec<EntryId> = worker.told(NOW + 2 * HOUR).iter().map(|it| it.id).collect();
    assert_eq!(left, [entry_id(403)]);
    assert_eq!(
        worker.replies(entry_id(400)).len(),
        2,
        "it stays to be read"
    );
    // Whoever answered is not told of their own.
    let mut leader = with(LEADER);
    leader.acknowledge(answered);
    assert_eq!(leader.told(NOW + HOUR), []);
}

#[test]
fn a_question_that_was_read_stays_with_its_receiver_until_somebody_answers() {
    let with = |me: u128, answers: bool| {
        let mut ledger = ledger(me);
        ledger.acknowledge(made(
            400,
            WORKER,
            NOW + MINUTE,
            &question(30, "For supper too?"),
        ));
        let at = NOW + 2 * MINUTE;
        ledger.acknowledge(acknowledgement(401, me, entry_id(400), WORKER, 401, at));
        if answers {
            ledger.acknowledge(made(402, MANAGER, NOW + HOUR, &reply(400, "Yes.")));
        }
        ledger
    };
    let asked = |ledger: &Ledger, now| {
        let needs = home(ledger, phone(), now).needs.into_iter();
        let mut turns = needs.filter(|it| it.reason == NeedReason::Turn);
        turns.next().map(|it| (it.record, it.title, it.line))
    };
    let later = NOW + 2 * HOUR;
    let expected = (
        entry_id(400),
        "Jean Whitby: answer a question".to_owned(),
        "Eating and drinking: “For supper too?” · Asked by Marta Kowalska, 21:36".to_owned(),
    );
    assert_eq!(asked(&with(LEADER, false), later), Some(expected));
    assert_eq!(asked(&with(LEADER, true), later), None);
    assert_eq!(
        asked(&with(MANAGER, false), later),
        None,
        "it went to the team leader"
    );
    assert_eq!(asked(&with(LEADER, false), later + 7 * 24 * HOUR), None);
}

#[test]
fn a_withdrawn_change_that_a_device_was_last_seen_to_show_warns_until_it_is_asked_about_what_holds()
{
    let at = |hours: Millis| NOW + hours * HOUR;
    let with = |more: &[Acknowledged]| {
        let mut ledger = ledger(MANAGER);
        let withdrawn = Body::withdrawal(entry_id(UPDATE), "Wrong person".into());
        ledger.acknowledge(answered(301, 1, at(1), labelled(20), Shows::New));
        ledger.acknowledge(answered(302, 6, at(1), labelled(21), Shows::CannotOpen));
        ledger.acknowledge(made(303, LEADER, at(2), &withdrawn));
        for entry in more {
            ledger.acknowledge(entry.clone());
        }
        ledger.warnings(at(30))
    };
    let warnings = with(&[]);
    let it = &warnings[0];
    assert_eq!(
        (it.sign, it.about, it.since, it.presses),
        (Sign::Inconsistent, entry_id(UPDATE), at(2), at(2))
    );
    assert_eq!(it.what, "withdrawn, and 1 device last showed it");
    assert_eq!(warnings.len(), 1);
    // One more is heard of late: it showed the change too.
    let late = with(&[answered(304, 6, at(3), labelled(21), Shows::New)]);
    assert_eq!(late[0].what, "withdrawn, and 2 devices last showed it");
    assert_eq!((late[0].since, late[0].presses), (at(2), at(3)));

    // It was seen to show the text of before; or what holds now is asked of it.
    assert_eq!(
        with(&[answered(304, 1, at(3), labelled(20), Shows::Old)]),
        []
    );
    let holds = |update: PlanUpdate| made(310, MANAGER, at(4), &Body::plan_update(update));
    let routine = PlanUpdate {
        urgency: Urgency::Routine,
        ..plan_update(NEW, OLD, None)
    };
    assert_eq!(with(&[holds(routine.clone())]), []);
    // That is asked of the other device alone.
    let other = PlanUpdate {
        must_see: crate::body::MustSee::Devices(vec![subject(21)]),
        ..routine
    };
    assert_eq!(with(&[holds(other)])[0].what, it.what);
    // Nobody ever saw it shown.
    let mut ledger = ledger(MANAGER);
    let withdrawn = Body::withdrawal(entry_id(UPDATE), "Wrong person".into());
    ledger.acknowledge(made(303, LEADER, at(2), &withdrawn));
    assert_eq!(ledger.warnings(at(30)), []);
}

#[test]
fn who_has_a_warning_counts_also_by_a_phone_whose_clock_was_never_measured() {
    let mut ledger = ledger(MANAGER);
    ledger.acknowledge(answered(301, 1, NOW + HOUR, labelled(20), Shows::New));
    ledger.acknowledge(answered(302, 6, NOW + HOUR, labelled(21), Shows::Old));
    let mut has = signed(
        500,
        SYSTEM,
        NOW - HOUR,
        &has(&[(Sign::Inconsistent, UPDATE)]),
    );
    has.head.skew = None;
    assert!(warned_first(&ledger, NOW + 2 * HOUR));
    let mut on_phone = self::ledger(SYSTEM);
    on_phone.acknowledge(answered(301, 1, NOW + HOUR, labelled(20), Shows::New));
    on_phone.acknowledge(answered(302, 6, NOW + HOUR, labelled(21), Shows::Old));
    on_phone.pending(waiting(&has));
    assert!(!warned_first(&on_phone, NOW + 2 * HOUR), "on the phone");
    ledger.acknowledge(filed(&has, 500, NOW + 2 * HOUR));
    assert!(!warned_first(&ledger, NOW + 2 * HOUR), "from the server");
    // One more device is wrong since.
    ledger.acknowledge(answered(303, 1, NOW + 3 * HOUR, labelled(20), Shows::Old));
    ledger.acknowledge(answered(304, 6, NOW + 3 * HOUR, labelled(21), Shows::New));
    assert!(warned_first(&ledger, NOW + 4 * HOUR));
}

#[test]
fn two_questions_of_one_person_are_told_apart_where_they_stand() {
    let mut leader = ledger(LEADER);
    let long = format!("And {}?", "very ".repeat(40));
    for (id, text) in [(400, "For supper too?"), (401, long.as_str())] {
        leader.acknowledge(made(id, WORKER, NOW + MINUTE, &question(30, text)));
    }
    let inbox = leader.inbox(NOW + HOUR).into_iter();
    let lines: Vec<String> = inbox
        .map(|it| inbox_line(&leader, leader.record(it.id).unwrap(), false, NOW + HOUR))
        .collect();
    assert!(
        lines[0].starts_with("Eating and drinking: “And very very"),
        "{lines:?}"
    );
    assert!(lines[0].contains("…” · Marta Kowalska · "), "{lines:?}");
    assert!(lines[1].starts_with("Eating and drinking: “For supper too?” · Marta Kowalska · "));
}

#[test]
fn a_record_of_something_earlier_says_when_it_happened() {
    let mut leader = ledger(LEADER);
    for (id, before) in [(400, 59 * MINUTE), (401, 26 * HOUR)] {
        let mut body = mismatch(10);
        if let Data::Mismatch(it) = &mut body.data {
            it.happened_at = Some(NOW - before);
        }
        leader.acknowledge(made(id, WORKER, NOW, &body));
    }
    let line = |id| {
        let record = leader.record(entry_id(id)).unwrap();
        inbox_line(&leader, record, false, NOW)
    };
    assert_eq!(line(400), "Marta Kowalska · Today 21:35");
    assert_eq!(
        line(401),
        "It happened yesterday 19:35 · Marta Kowalska · Today 21:35"
    );
}

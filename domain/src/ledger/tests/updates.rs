//! Changed instructions and the board, by behaviour.

use super::super::*;
use super::build::*;
use super::northgate;
use crate::body::{
    AnswerTimes, Body, FailedDevice, Found, Method, MustSee, PlanUpdate, Screen, ServiceKind,
    Shows, Urgency,
};
use crate::form::Form;
use crate::permission::Role;

const MINUTE: Millis = 60_000;
const HOUR: Millis = 60 * MINUTE;
const DAY: Millis = 24 * HOUR;
const OLD: &str = "Level 5 minced and moist.";
const NEW: &str = "Level 4 puree.";

/// Northgate with a care plan lead (5), two workers (1, 6), two labelled phones (20, 21) and Jean's instruction (30).
fn ledger(me: u128) -> Ledger {
    let mut ledger = northgate(me);
    for entry in [
        staff(9_100, 5, "Tom Beresford", &[Role::CarePlanLead], 40),
        staff(9_101, 6, "Tariq Mahmood", &[Role::SupportWorker], 41),
        device(9_102, 20, "NHC-PH3", 42),
        device(9_103, 21, "NHC-PH4", 43),
        instruction(9_104, 30, 10, OLD, 44),
    ] {
        ledger.acknowledge(entry);
    }
    ledger
}

fn recorded(ledger: &mut Ledger, id: u128, seq: u64, update: crate::body::PlanUpdate) {
    let entry = signed(id, 5, NOW, &Body::plan_update(update));
    ledger.acknowledge(filed(&entry, seq, NOW));
}

fn answered(
    ledger: &mut Ledger,
    id: u128,
    by: u128,
    (made, received): (Millis, Millis),
    (update, device, answer): (u128, Screen, Shows),
) {
    let body = confirmation(update, device, answer, Method::Holder);
    ledger.acknowledge(filed(&signed(id, by, made, &body), id as u64, received));
}

fn states(ledger: &Ledger, update: u128, now: Millis) -> Vec<CellState> {
    let board = ledger.board(now);
    let row = board[0]
        .rows
        .iter()
        .find(|row| row.id == entry_id(update))
        .expect("the update stands on the board");
    row.cells.iter().flatten().map(|cell| cell.state).collect()
}

#[test]
fn a_device_waits_then_is_late_then_shows_it() {
    let mut ledger = ledger(2);
    recorded(&mut ledger, 300, 50, plan_update(OLD, NEW, None));
    assert_eq!(states(&ledger, 300, NOW + HOUR), [CellState::Waiting; 2]);
    // 21:35 in London: the day ends in less than three hours.
    assert_eq!(states(&ledger, 300, NOW + 3 * HOUR), [CellState::Late; 2]);
    let at = (NOW + HOUR, NOW + 2 * HOUR);
    answered(&mut ledger, 301, 1, at, (300, labelled(20), Shows::New));
    assert_eq!(
        states(&ledger, 300, NOW + 3 * HOUR),
        [CellState::Shows, CellState::Late]
    );
    let part = &ledger.board(NOW + 3 * HOUR)[0];
    let coverage = part.rows[0].coverage;
    assert_eq!((coverage.shows, coverage.of, coverage.took), (1, 2, None));
    assert_eq!(ToChase::of(&part.rows).title(), "1 answer to chase");
    let at = (NOW + 2 * HOUR, NOW + 2 * HOUR);
    answered(&mut ledger, 302, 6, at, (300, labelled(21), Shows::New));
    let coverage = ledger.board(NOW + 3 * HOUR)[0].rows[0].coverage;
    assert_eq!((coverage.shows, coverage.took), (2, Some(2 * HOUR)));
}

#[test]
fn an_instruction_reads_as_its_last_change_from_the_time_that_has() {
    let mut ledger = ledger(2);
    let plan = ledger.plans_of(subject(10)).remove(0);
    let reads = |ledger: &Ledger, now| ledger.reads_now(&plan, now);
    assert_eq!(reads(&ledger, NOW), (OLD.to_owned(), None));
    let change = plan_update(OLD, NEW, None);
    let from = change.effective_from;
    recorded(&mut ledger, 300, 50, change);
    assert_eq!(reads(&ledger, NOW), (NEW.to_owned(), Some(from)));
    let behind = NOW - 5 * MINUTE;
    assert_eq!(reads(&ledger, behind).0, NEW, "this clock is behind");
    let mut tomorrow = plan_update(NEW, "Level 3 liquidised.", Some(300));
    tomorrow.effective_from = NOW + DAY;
    recorded(&mut ledger, 301, 51, tomorrow);
    assert_eq!(reads(&ledger, NOW).0, NEW, "until then");
    assert_eq!(
        reads(&ledger, NOW + DAY),
        ("Level 3 liquidised.".to_owned(), Some(NOW + DAY))
    );
}

#[test]
fn each_urgency_has_its_time() {
    let mut ledger = ledger(2);
    for (id, urgency) in [
        (300, Urgency::Routine),
        (301, Urgency::Today),
        (302, Urgency::BeforeNextVisit),
    ] {
        let update = crate::body::PlanUpdate {
            urgency,
            ..plan_update(OLD, NEW, None)
        };
        recorded(&mut ledger, id, id as u64, update);
    }
    let use_it = signed(310, 1, NOW, &device_use(Some(20)));
    ledger.acknowledge(filed(&use_it, 310, NOW));
    let due = |update: u128, device: usize| {
        let board = ledger.board(NOW);
        let row = board[0].rows.iter().find(|row| row.id == entry_id(update));
        row.unwrap().cells[device].unwrap().due
    };
    assert_eq!(due(300, 0), NOW + 7 * DAY);
    assert_eq!(due(301, 0), crate::words::end_of_day(NOW));
    // Marta said that she has NHC-PH3 in hand; she visits Jean at 22:15. Nobody has NHC-PH4.
    assert_eq!(due(302, 0), NOW + 40 * MINUTE);
    assert_eq!(due(302, 1), crate::words::end_of_day(NOW));
}

#[test]
fn the_last_answer_stands_and_an_unknown_one_disagrees() {
    let mut ledger = ledger(2);
    recorded(&mut ledger, 300, 50, plan_update(OLD, NEW, None));
    let shared = labelled(20);
    // Marta answers offline; Tariq answers later, before the server has heard of hers.
    answered(
        &mut ledger,
        301,
        1,
        (NOW + HOUR, NOW + 5 * HOUR),
        (300, shared, Shows::Old),
    );
    answered(
        &mut ledger,
        302,
        6,
        (NOW + 2 * HOUR, NOW + 2 * HOUR),
        (300, shared, Shows::New),
    );
    assert_eq!(states(&ledger, 300, NOW + 6 * HOUR)[0], CellState::Disagree);
    // Somebody looks again, knowing both: that stands.
    answered(
        &mut ledger,
        303,
        2,
        (NOW + 6 * HOUR, NOW + 6 * HOUR),
        (300, shared, Shows::New),
    );
    assert_eq!(states(&ledger, 300, NOW + 7 * HOUR)[0], CellState::Shows);
    // Her own later answer takes the place of her earlier one.
    answered(
        &mut ledger,
        304,
        1,
        (NOW + 7 * HOUR, NOW + 7 * HOUR),
        (300, shared, Shows::CannotOpen),
    );
    assert_eq!(
        states(&ledger, 300, NOW + 8 * HOUR)[0],
        CellState::CannotOpen
    );
    assert_eq!(ledger.answers_to(entry_id(300)).len(), 4);
}

#[test]
fn that_a_device_cannot_be_opened_takes_back_no_wrong_text_that_it_showed() {
    let mut ledger = ledger(2);
    recorded(&mut ledger, 300, 50, plan_update(OLD, NEW, None));
    let device = labelled(20);
    let mut say = |id, by, hours, shows| {
        let at = (NOW + hours * HOUR, NOW + hours * HOUR);
        answered(&mut ledger, id, by, at, (300, device, shows));
        let cell = ledger.board(NOW + 9 * HOUR)[0].rows[0].cells[0].unwrap();
        (cell, cell.words(&ledger, NOW + 9 * HOUR))
    };
    say(301, 1, 1, Shows::Old);
    let (cell, words) = say(302, 6, 2, Shows::CannotOpen);
    assert_eq!(
        (cell.state, cell.since),
        (CellState::ShowsOld, Some(NOW + HOUR))
    );
    assert_eq!(
        words,
        "shows the old text: Marta Kowalska, on the device, yesterday 22:35 · \
         later it could not be opened: Tariq Mahmood, on the device, yesterday 23:35"
    );
    let (cell, _) = say(303, 6, 3, Shows::CannotOpen);
    assert_eq!(cell.state, CellState::ShowsOld, "however often");
    let (cell, _) = say(304, 1, 4, Shows::New);
    assert_eq!((cell.state, cell.showed), (CellState::Shows, None));
    let (cell, _) = say(305, 1, 5, Shows::CannotOpen);
    assert_eq!((cell.state, cell.showed), (CellState::CannotOpen, None));
}

#[test]
fn whose_device_shows_it_wrongly_has_what_to_follow_on_home_until_it_shows_it() {
    let mut ledger = ledger(1);
    recorded(&mut ledger, 300, 50, plan_update(OLD, NEW, None));
    let use_it = signed(310, 1, NOW, &device_use(Some(20)));
    ledger.acknowledge(filed(&use_it, 310, NOW));
    let wrong = |ledger: &Ledger| {
        let needs = home(ledger, phone(), NOW + 9 * HOUR).needs.into_iter();
        let wrong = needs.filter(|need| need.reason == NeedReason::ShowsWrong);
        wrong
            .map(|need| (need.title, need.line))
            .collect::<Vec<_>>()
    };
    assert_eq!(wrong(&ledger), [], "it is asked about first");
    let mut say = |id, by, hours, shows| {
        let at = (NOW + hours * HOUR, NOW + hours * HOUR);
        answered(&mut ledger, id, by, at, (300, labelled(20), shows));
        wrong(&ledger)
    };
    let follow = format!("Eating and drinking. Follow this: {NEW}");
    let card = |title: &str| [(format!("Jean Whitby: {title}"), follow.clone())];
    assert_eq!(say(301, 1, 1, Shows::Old), card("your care app is wrong"));
    assert_eq!(say(302, 6, 2, Shows::New), [], "somebody saw it since");
    assert_eq!(
        say(303, 1, 3, Shows::CannotOpen),
        card("your care app could not be opened")
    );
    assert_eq!(say(304, 1, 4, Shows::New), []);
}

#[test]
fn a_late_yes_for_a_replaced_update_never_confirms_the_new_one() {
    let mut ledger = ledger(2);
    recorded(&mut ledger, 300, 50, plan_update(OLD, NEW, None));
    recorded(
        &mut ledger,
        301,
        51,
        plan_update(NEW, "Level 3 liquidised.", Some(300)),
    );
    answered(
        &mut ledger,
        302,
        1,
        (NOW + HOUR, NOW + HOUR),
        (300, labelled(20), Shows::New),
    );
    assert_eq!(states(&ledger, 301, NOW + HOUR), [CellState::Waiting; 2]);
    let part = &ledger.board(NOW + HOUR)[0];
    assert_eq!(part.rows.len(), 1);
    assert_eq!(
        part.closed[0].standing,
        Standing::Replaced { by: entry_id(301) }
    );
    assert_eq!(
        ledger.update(entry_id(301)).unwrap().replaces,
        Some(entry_id(300))
    );
    assert_eq!(
        ledger.change_of(subject(30)).unwrap().after,
        "Level 3 liquidised."
    );

    let withdrawal = Body::withdrawal(entry_id(301), "Wrong person".into());
    ledger.acknowledge(filed(
        &signed(303, 5, NOW + HOUR, &withdrawal),
        60,
        NOW + HOUR,
    ));
    assert!(ledger.board(NOW + HOUR)[0].rows.is_empty());
    // No device is asked about what it had replaced, and people follow that again, never what was before both.
    assert_eq!(ledger.change_of(subject(30)), None);
    let plan = ledger.plans_of(subject(10)).remove(0);
    assert_eq!(ledger.reads_now(&plan, NOW + HOUR).0, NEW);
    let replaced = ledger.update(entry_id(300)).unwrap();
    let says = ledger.no_longer(&replaced, NOW + HOUR).unwrap();
    assert!(
        says.contains("and it was withdrawn. Follow this now: Level 4 puree."),
        "{says}"
    );
    let mut draft = crate::form::PlanUpdateDraft::new(entry_id(900));
    draft.pick(&ledger, subject(30));
    assert_eq!(
        (draft.before.as_str(), draft.after.as_str()),
        ("Level 3 liquidised.", NEW)
    );
    // Whoever records plan changes is asked to say what holds, so that devices are asked about it.
    let withdrawn = ledger.update(entry_id(301)).unwrap();
    assert_eq!(
        ledger.left_line(&withdrawn).as_deref(),
        Some("No device is asked about what holds now")
    );
    recorded(
        &mut ledger,
        304,
        70,
        plan_update("Level 3 liquidised.", NEW, Some(301)),
    );
    assert_eq!(ledger.left_line(&withdrawn), None);
}

#[test]
fn what_is_marked_is_what_differs_from_the_text_that_the_device_was_seen_to_show() {
    let mut ledger = held_phones(1);
    let texts = [
        "Level 5. Sit up for 20 minutes.",
        "Level 4. Sit up for 20 minutes.",
        "Level 4. Sit up for 45 minutes.",
    ];
    recorded(&mut ledger, 300, 50, plan_update(texts[0], texts[1], None));
    let next = plan_update(texts[1], texts[2], Some(300));
    recorded(&mut ledger, 301, 51, next);
    let marked = |ledger: &Ledger| -> Vec<String> {
        let question = ledger.question(entry_id(301), phone()).unwrap();
        let after = question.difference.after.into_iter();
        after.filter(|it| it.changed).map(|it| it.text).collect()
    };
    assert_eq!(marked(&ledger), ["4", "45"]);
    let at = (NOW + MINUTE, NOW + MINUTE);
    answered(&mut ledger, 320, 1, at, (300, labelled(20), Shows::Old));
    assert_eq!(
        marked(&ledger),
        ["4", "45"],
        "it shows what was before both"
    );
    let at = (NOW + HOUR, NOW + HOUR);
    answered(&mut ledger, 321, 1, at, (300, labelled(20), Shows::New));
    assert_eq!(marked(&ledger), ["45"]);
}

#[test]
fn an_import_that_changes_an_instruction_is_an_update_by_itself() {
    let mut ledger = ledger(2);
    assert!(ledger.updates().is_empty());
    ledger.acknowledge(instruction(310, 30, 10, "Level 5  minced and moist.", 45));
    assert!(ledger.updates().is_empty(), "space alone changes nothing");
    ledger.acknowledge(instruction(311, 30, 10, NEW, 46));
    let update = ledger.update(entry_id(311)).unwrap();
    assert_eq!(
        (update.before.as_str(), update.after.as_str()),
        ("Level 5  minced and moist.", NEW)
    );
    assert_eq!((update.by, update.urgency), (None, Urgency::Today));
    ledger.acknowledge(instruction(312, 30, 10, "Level 3.", 47));
    let standing: Vec<EntryId> = ledger
        .updates()
        .iter()
        .filter(|it| it.stands())
        .map(|it| it.id)
        .collect();
    assert_eq!(standing, [entry_id(312)]);
}

#[test]
fn an_import_that_catches_up_with_a_recorded_change_is_no_new_one() {
    let mut ledger = ledger(2);
    recorded(&mut ledger, 300, 50, plan_update(OLD, NEW, None));
    ledger.acknowledge(instruction(310, 30, 10, NEW, 60));
    assert_eq!(ledger.updates().len(), 1);
    // The record is changed to something else again: that replaces what was recorded here.
    ledger.acknowledge(instruction(311, 30, 10, "Level 3.", 61));
    assert_eq!(
        ledger.update(entry_id(300)).unwrap().standing,
        Standing::Replaced { by: entry_id(311) }
    );
}

#[test]
fn a_phone_is_asked_about_a_change_from_the_day_it_holds() {
    let mut ledger = ledger(1);
    ledger.acknowledge(filed(&signed(310, 1, NOW, &device_use(Some(20))), 51, NOW));
    let days = 3 * 24 * HOUR;
    let later = PlanUpdate {
        effective_from: NOW + days,
        ..plan_update(OLD, NEW, None)
    };
    recorded(&mut ledger, 300, 50, later);
    let update = ledger.update(entry_id(300)).unwrap();
    for (now, asked) in [(NOW, 0), (NOW + days - 24 * HOUR, 0), (NOW + days, 1)] {
        assert_eq!(update.begins_later(now), asked == 0);
        assert_eq!(ledger.changes_to_confirm(phone(), now).len(), asked);
    }
}

#[test]
fn a_phone_is_asked_once_and_again_when_it_is_reminded() {
    let mut ledger = ledger(1);
    let asked = |ledger: &Ledger| ledger.changes_to_confirm(phone(), NOW).len();
    recorded(&mut ledger, 300, 50, plan_update(OLD, NEW, None));
    assert_eq!(asked(&ledger), 0, "nobody has said which device this is");
    ledger.acknowledge(filed(&signed(310, 1, NOW, &device_use(Some(20))), 51, NOW));
    let home_needs = home(&ledger, phone(), NOW + MINUTE).needs;
    assert_eq!(home_needs[0].reason, NeedReason::Change);
    assert_eq!(
        home_needs[0].title,
        "Jean Whitby: eating and drinking changed"
    );
    assert_eq!(home_needs[0].line, "Check your care app shows it today");

    let answer = confirmation(300, labelled(20), Shows::CannotOpen, Method::Holder);
    ledger.pending(waiting(&signed(311, 1, NOW + HOUR, &answer)));
    assert_eq!(asked(&ledger), 0);
    let reminder = Body::reminder(entry_id(300), labelled(20));
    ledger.acknowledge(filed(
        &signed(312, 2, NOW + 2 * HOUR, &reminder),
        52,
        NOW + 2 * HOUR,
    ));
    // What to follow until it shows stays said.
    let needs = home(&ledger, phone(), NOW + 2 * HOUR).needs;
    let lines: Vec<&str> = needs.iter().map(|it| it.line.as_str()).collect();
    assert_eq!(
        lines,
        [
            "Eating and drinking. Follow this: Level 4 puree.",
            "Sunita Rao reminded you, 23:35 · Check your care app shows it today"
        ]
    );
    let reminder = Body::reminder(entry_id(300), labelled(21));
    ledger.acknowledge(filed(
        &signed(313, 2, NOW + 2 * HOUR, &reminder),
        53,
        NOW + 2 * HOUR,
    ));
    assert_eq!(
        asked(&ledger),
        1,
        "another device's reminder is not for this one"
    );
}

#[test]
fn only_the_devices_that_must_see_it_are_asked() {
    let mut ledger = ledger(2);
    ledger.acknowledge(filed(&signed(310, 1, NOW, &device_use(None)), 51, NOW));
    let of = |must_see| crate::body::PlanUpdate {
        must_see,
        ..plan_update(OLD, NEW, None)
    };
    recorded(&mut ledger, 300, 60, of(MustSee::Everyone));
    recorded(
        &mut ledger,
        301,
        61,
        of(MustSee::Devices(vec![subject(21)])),
    );
    recorded(
        &mut ledger,
        302,
        62,
        of(MustSee::Roles(vec![Role::SupportWorker])),
    );
    let asked = |update: u128| {
        let part = &ledger.board(NOW)[0];
        let row = part
            .rows
            .iter()
            .find(|row| row.id == entry_id(update))
            .unwrap();
        let asked = part
            .screens
            .iter()
            .zip(&row.cells)
            .filter(|(_, cell)| cell.is_some());
        asked
            .map(|(screen, _)| screen.label.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        asked(300),
        ["NHC-PH3", "NHC-PH4", "Marta Kowalska’s own phone"]
    );
    assert_eq!(asked(301), ["NHC-PH4"]);
    assert_eq!(asked(302), ["Marta Kowalska’s own phone"]);
}

/// The short names of the own phones, once somebody has said that one is theirs.
fn own_phones(ledger: &mut Ledger, id: u128, by: u128) -> Vec<String> {
    let mut entry = signed(id, by, NOW, &device_use(None));
    entry.head.device = DeviceId::from(Uuid::from_u128(id));
    ledger.acknowledge(filed(&entry, id as u64, NOW));
    let screens = ledger.screens(service());
    let own = screens.iter().filter(|it| it.whose == "own");
    own.map(|it| it.short.clone()).collect()
}

#[test]
fn the_own_phones_of_two_with_one_first_name_are_told_apart() {
    let mut ledger = ledger(2);
    own_phones(&mut ledger, 310, 1);
    // Her second phone makes her no second person.
    assert_eq!(own_phones(&mut ledger, 311, 1), ["Marta’s", "Marta’s"]);
    own_phones(&mut ledger, 312, 6);
    ledger.acknowledge(staff(9_110, 8, "Marta Nowak", &[Role::SupportWorker], 313));
    assert_eq!(
        own_phones(&mut ledger, 314, 8),
        ["Marta K’s", "Marta K’s", "Marta N’s", "Tariq’s"]
    );
}

#[test]
fn an_answer_for_a_device_that_is_not_asked_is_kept_and_counts_in_no_cell() {
    let mut ledger = ledger(2);
    recorded(&mut ledger, 300, 50, plan_update(OLD, NEW, None));
    answered(
        &mut ledger,
        301,
        1,
        (NOW, NOW),
        (300, labelled(99), Shows::New),
    );
    ledger.acknowledge(unlisted(
        320,
        crate::body::Kind::Device,
        subject(20).uuid(),
        70,
    ));
    answered(
        &mut ledger,
        302,
        1,
        (NOW, NOW),
        (300, labelled(20), Shows::New),
    );
    assert_eq!(states(&ledger, 300, NOW + HOUR), [CellState::Waiting]);
    assert_eq!(ledger.answers_to(entry_id(300)).len(), 2);
}

#[test]
fn the_order_of_the_two_texts_is_even_and_stays() {
    let first = (0..400)
        .filter(|n| new_text_first(entry_id(1_000 + n), labelled(20)))
        .count();
    assert!((150..250).contains(&first), "{first} of 400");
    let mut ledger = ledger(1);
    recorded(&mut ledger, 300, 50, plan_update(OLD, NEW, None));
    ledger.acknowledge(filed(&signed(310, 1, NOW, &device_use(Some(20))), 51, NOW));
    let question = ledger.question(entry_id(300), phone()).unwrap();
    assert_eq!(question, ledger.question(entry_id(300), phone()).unwrap());
    let answers: Vec<Shows> = question.answers.iter().map(|(shows, _)| *shows).collect();
    assert_eq!(answers[2..], [Shows::SomethingElse, Shows::CannotOpen]);
    assert_eq!(question.label, "NHC-PH3");
}

#[test]
fn those_who_chase_are_told_on_home_and_by_whom_it_was_handed_over() {
    let mut ledger = ledger(2);
    recorded(&mut ledger, 300, 50, plan_update(OLD, NEW, None));
    answered(
        &mut ledger,
        301,
        1,
        (NOW, NOW),
        (300, labelled(20), Shows::Old),
    );
    let need = |ledger: &Ledger| {
        let needs = home(ledger, phone(), NOW + HOUR).needs;
        needs
            .into_iter()
            .find(|need| matches!(need.reason, NeedReason::Chase | NeedReason::HandedOver))
    };
    let found = need(&ledger).unwrap();
    assert_eq!(
        (found.title.as_str(), found.line.as_str()),
        ("1 answer to chase", "1 shows something else.")
    );
    let over = Body::new(crate::body::Data::HandOver(crate::body::HandOver {
        to: user(2),
        updates: vec![entry_id(300)],
        note: "Ring Ioana first.".into(),
    }));
    ledger.acknowledge(filed(&signed(302, 3, NOW, &over), 60, NOW));
    assert!(
        need(&ledger)
            .unwrap()
            .line
            .starts_with("Helen Carrick handed this over to you, 21:35: Ring Ioana first. · ")
    );
    // It is her first thing, before a report in which somebody asks for help, and for others it is what it was.
    let mut help = mismatch(11);
    if let crate::body::Data::Mismatch(it) = &mut help.data {
        it.did = crate::body::Did::AskedForHelp;
    }
    ledger.acknowledge(filed(&signed(303, 1, NOW, &help), 61, NOW));
    let reasons = |now| -> Vec<NeedReason> {
        let needs = home(&ledger, phone(), now).needs.into_iter();
        needs.map(|need| need.reason).collect()
    };
    let first = [NeedReason::HandedOver, NeedReason::Urgent];
    assert_eq!(reasons(NOW + HOUR)[..2], first);
    assert!(!reasons(NOW + DAY).contains(&NeedReason::HandedOver));
    assert!(reasons(NOW + DAY).contains(&NeedReason::Chase));
    // The board says so to those of both shifts, for a day.
    let line = |now| ledger.hand_over_line(super::service(), now);
    assert_eq!(
        line(NOW + HOUR).as_deref(),
        Some("Helen Carrick handed over to Sunita Rao, 21:35 · Sent")
    );
    assert_eq!(line(NOW + DAY), None);
}

#[test]
fn what_i_wrote_of_changes_is_listed_newest_first() {
    let with = |me| {
        let mut ledger = ledger(me);
        recorded(&mut ledger, 300, 50, plan_update(OLD, NEW, None));
        let at = (NOW + HOUR, NOW + HOUR);
        answered(&mut ledger, 301, 1, at, (300, labelled(20), Shows::Old));
        let opened = (300, labelled(20), Shows::CannotOpen);
        answered(
            &mut ledger,
            303,
            1,
            (NOW + 3 * HOUR, NOW + 3 * HOUR),
            opened,
        );
        let body = Body::withdrawal(entry_id(300), "Wrong person".into());
        ledger.pending(waiting(&signed(302, 5, NOW + 2 * HOUR, &body)));
        let mine = ledger.my_part_in_changes();
        assert_eq!(ledger.has_part_in_changes(), !mine.is_empty());
        let mine = mine.into_iter();
        mine.map(|it| (it.id, it.title, it.what, it.delivery.label()))
            .collect::<Vec<_>>()
    };
    let title = "Jean Whitby: eating and drinking";
    let part = |id, what: &str, label| (entry_id(id), title.to_owned(), what.to_owned(), label);
    assert_eq!(
        with(1),
        [
            part(303, "You answered: NHC-PH3 could not be opened", "Sent"),
            part(301, "You answered: NHC-PH3 shows the old text", "Sent"),
        ]
    );
    assert_eq!(
        with(5),
        [
            part(302, "You withdrew the change", "Saved on this phone"),
            part(300, "You recorded the change", "Sent"),
        ]
    );
    assert_eq!(with(6), []);
}

#[test]
fn a_report_about_a_change_since_an_answer_is_found_by_its_author() {
    let mut ledger = ledger(1);
    recorded(&mut ledger, 300, 50, plan_update(OLD, NEW, None));
    let update = ledger.update(entry_id(300)).unwrap();
    let found = |ledger: &Ledger, since| ledger.my_report_since(&update, since);
    assert_eq!(found(&ledger, NOW), None);
    ledger.pending(waiting(&signed(310, 1, NOW + HOUR, &mismatch(10))));
    assert_eq!(found(&ledger, NOW), None, "it names no instruction");
    let report = signed(311, 1, NOW + HOUR, &mismatch_about(10, 30));
    ledger.pending(waiting(&report));
    assert_eq!(found(&ledger, NOW), Some(entry_id(311)));
    assert_eq!(found(&ledger, NOW + 2 * HOUR), None, "before that answer");
    ledger.pending(in_state(&report, held_state("not-permitted")));
    assert_eq!(found(&ledger, NOW), None);
}

#[test]
fn a_held_answer_counts_in_no_cell_and_is_told() {
    let mut ledger = ledger(1);
    recorded(&mut ledger, 300, 50, plan_update(OLD, NEW, None));
    ledger.acknowledge(filed(&signed(310, 1, NOW, &device_use(Some(20))), 51, NOW));
    let answer = confirmation(300, labelled(20), Shows::New, Method::Holder);
    ledger.pending(in_state(
        &signed(311, 1, NOW, &answer),
        held_state("not-permitted"),
    ));
    let needs = home(&ledger, phone(), NOW).needs;
    assert_eq!(needs[0].reason, NeedReason::Change, "it is asked again");
    assert_eq!(
        needs[1].title,
        "Your answer about a plan change could not be filed"
    );
}

#[test]
fn a_board_of_two_hundred_changes_by_sixty_devices_folds_in_well_under_a_second() {
    let mut ledger = ledger(2);
    for n in 0..58 {
        ledger.acknowledge(device(
            20_000 + n,
            1_000 + n,
            &format!("NHC-X{n}"),
            10_000 + n as u64,
        ));
    }
    let began = std::time::Instant::now();
    for n in 0..200 {
        let update = crate::body::PlanUpdate {
            plan: subject(50_000 + n),
            ..plan_update(OLD, NEW, None)
        };
        recorded(&mut ledger, 30_000 + n, 20_000 + n as u64, update);
        for d in 0..60 {
            let screen = labelled(if d < 58 { 1_000 + d } else { d - 58 + 20 });
            let id = 100_000 + n * 60 + d;
            let at = (NOW + 1_000, NOW + 1_000);
            answered(
                &mut ledger,
                id,
                1 + d % 2 * 5,
                at,
                (30_000 + n, screen, Shows::New),
            );
        }
    }
    let folded = began.elapsed();
    let board = ledger.board(NOW + HOUR);
    let drawn = began.elapsed() - folded;
    assert_eq!((board[0].rows.len(), board[0].screens.len()), (200, 60));
    assert!(board[0].rows.iter().all(|row| row.coverage.shows == 60));
    let limit = if cfg!(debug_assertions) { 20 } else { 1 };
    assert!(began.elapsed().as_secs() < limit, "{folded:?}, {drawn:?}");
    println!("12,000 answers folded in {folded:?}, the board of them in {drawn:?}");
}

#[test]
fn a_held_change_is_on_no_board_and_its_author_reads_it() {
    let mut ledger = ledger(5);
    let entry = signed(300, 5, NOW, &Body::plan_update(plan_update(OLD, NEW, None)));
    ledger.pending(in_state(&entry, held_state("not-permitted")));
    assert!(ledger.updates().is_empty());
    assert!(ledger.update(entry_id(300)).unwrap().delivery.is_held());
    assert_eq!(
        home(&ledger, phone(), NOW).needs[0].title,
        "Your plan change could not be filed"
    );
}

/// A check by the team leader where Jean's mismatch (200) is handled, made and received then.
fn checked(
    ledger: &mut Ledger,
    id: u128,
    at: Millis,
    (update, device): (u128, u128),
    found: Found,
) {
    let device = FailedDevice::Label(subject(device));
    let body = check_about(update, 200, device, found);
    ledger.acknowledge(filed(&signed(id, 2, at, &body), id as u64, at));
}

#[test]
fn a_check_where_a_mismatch_is_handled_is_an_answer_on_the_board() {
    let mut ledger = ledger(2);
    recorded(&mut ledger, 300, 50, plan_update(OLD, NEW, None));
    checked(&mut ledger, 301, NOW + HOUR, (300, 20), Found::StillWrong);
    assert_eq!(
        states(&ledger, 300, NOW + HOUR),
        [CellState::SomethingElse, CellState::Waiting]
    );
    checked(
        &mut ledger,
        302,
        NOW + 2 * HOUR,
        (300, 20),
        Found::SeenInPerson,
    );
    assert_eq!(
        states(&ledger, 300, NOW + 2 * HOUR),
        [CellState::Shows, CellState::Waiting]
    );
    let cell = ledger.board(NOW + 2 * HOUR)[0].rows[0].cells[0].unwrap();
    assert_eq!(cell.given.map(|it| it.method), Some(Method::SeenInPerson));
    assert_eq!(ledger.answers_to(entry_id(300)).len(), 2);
    // Two people who looked with neither knowing of the other's answer disagree, as two answers do.
    let at = (NOW + 90 * MINUTE, NOW + 3 * HOUR);
    answered(&mut ledger, 303, 1, at, (300, labelled(20), Shows::Old));
    assert_eq!(states(&ledger, 300, NOW + 3 * HOUR)[0], CellState::Disagree);
}

#[test]
fn a_check_never_counts_for_a_change_that_it_does_not_name() {
    let mut ledger = ledger(2);
    recorded(&mut ledger, 300, 50, plan_update(OLD, NEW, None));
    let next = plan_update(NEW, "Level 3 liquidised.", Some(300));
    recorded(&mut ledger, 301, 51, next);
    checked(&mut ledger, 302, NOW + HOUR, (300, 20), Found::SeenInPerson);
    assert_eq!(states(&ledger, 301, NOW + HOUR), [CellState::Waiting; 2]);
}

#[test]
fn what_a_device_shows_of_a_change_is_said_on_it() {
    let mut ledger = ledger(2);
    recorded(&mut ledger, 300, 50, plan_update(OLD, NEW, None));
    // The builder's phone has said nothing of itself, so this is somebody else's word.
    checked(&mut ledger, 301, NOW + HOUR, (300, 20), Found::Shows);
    assert_eq!(states(&ledger, 300, NOW + HOUR), [CellState::Waiting; 2]);
    ledger.acknowledge(filed(&signed(310, 1, NOW, &device_use(Some(20))), 52, NOW));
    assert_eq!(states(&ledger, 300, NOW + HOUR)[0], CellState::Shows);
}

#[test]
fn a_change_of_mine_that_was_held_reads_anew_once_it_counts() {
    let mut ledger = ledger(2);
    let entry = signed(300, 2, NOW, &Body::plan_update(plan_update(OLD, NEW, None)));
    ledger.pending(in_state(&entry, held_state("not-permitted")));
    let coverage = |ledger: &Ledger| {
        let update = ledger.update(entry_id(300)).unwrap();
        ledger.coverage_of(&update, NOW)
    };
    let board = |ledger: &Ledger| ledger.board(NOW);
    coverage(&ledger);
    // The server had it before this phone's clock says that it was made.
    ledger.acknowledge(filed(&entry, 50, NOW - HOUR));
    assert_eq!(board(&ledger), board(&ledger.clone()));
}

#[test]
fn a_device_that_is_used_no_more_stands_apart_until_somebody_has_it_in_hand_again() {
    let mut ledger = ledger(2);
    recorded(&mut ledger, 300, 50, plan_update(OLD, NEW, None));
    let lost = || Found::Retired {
        reason: "Lost".into(),
    };
    checked(&mut ledger, 301, NOW + HOUR, (300, 20), lost());
    let part = &ledger.board(NOW + HOUR)[0];
    let labels: Vec<&str> = part.screens.iter().map(|it| it.label.as_str()).collect();
    assert_eq!(labels, ["NHC-PH4"]);
    assert_eq!(part.rows[0].coverage.of, 1);
    assert_eq!(part.apart[0].label, "NHC-PH3");
    assert_eq!(
        part.apart[0].words(&ledger, NOW + HOUR),
        "Used no more: Lost. Sunita Rao, 22:35"
    );
    // Whoever has it in hand all the same is asked.
    let mut worker = self::ledger(1);
    recorded(&mut worker, 300, 50, plan_update(OLD, NEW, None));
    worker.acknowledge(filed(&signed(310, 1, NOW, &device_use(Some(20))), 52, NOW));
    checked(&mut worker, 301, NOW + HOUR, (300, 20), lost());
    assert_eq!(worker.changes_to_confirm(phone(), NOW).len(), 1);

    let back = signed(311, 1, NOW + 2 * HOUR, &device_use(Some(20)));
    let mut found = ledger.clone();
    ledger.acknowledge(filed(&back, 53, NOW + 2 * HOUR));
    checked(
        &mut found,
        302,
        NOW + 2 * HOUR,
        (300, 20),
        Found::SeenInPerson,
    );
    for ledger in [ledger, found] {
        let part = &ledger.board(NOW + 2 * HOUR)[0];
        assert_eq!((part.screens.len(), part.apart.len()), (2, 0));
    }
}

#[test]
fn a_check_of_a_device_that_stands_apart_is_the_answer_it_is_shown_with() {
    let mut ledger = ledger(2);
    recorded(&mut ledger, 300, 50, plan_update(OLD, NEW, None));
    let at = (NOW + MINUTE, NOW + MINUTE);
    answered(&mut ledger, 301, 1, at, (300, labelled(98), Shows::New));
    for device in [98, 99] {
        let (id, about) = (200 + device, (300, device));
        checked(&mut ledger, id, NOW + HOUR, about, Found::StillWrong);
    }
    let apart = &ledger.board(NOW + HOUR)[0].apart;
    let answers = |it: &Apart| -> Vec<Shows> { it.answers.iter().map(|it| it.1.answer).collect() };
    let answers: Vec<Vec<Shows>> = apart.iter().map(answers).collect();
    assert_eq!(answers, [[Shows::SomethingElse], [Shows::SomethingElse]]);
}

#[test]
fn a_device_of_another_service_that_answered_is_kept_and_flagged() {
    let mut ledger = ledger(2);
    recorded(&mut ledger, 300, 50, plan_update(OLD, NEW, None));
    let elsewhere = ServiceId::from(uuid::Uuid::from_u128(0x5f));
    let mut other = device(9_150, 40, "ELM-TAB1", 1);
    other.service = elsewhere;
    ledger.acknowledge(other);
    for (id, device) in [(301, 40), (302, 20), (303, 99)] {
        let at = NOW + id as i64;
        answered(
            &mut ledger,
            id,
            1,
            (at, at),
            (300, labelled(device), Shows::New),
        );
    }
    assert_eq!(
        states(&ledger, 300, NOW + HOUR),
        [CellState::Shows, CellState::Waiting]
    );
    let part = &ledger.board(NOW + HOUR)[0];
    let apart: Vec<(&str, Why)> = part
        .apart
        .iter()
        .map(|it| (it.label.as_str(), it.why.clone()))
        .collect();
    assert_eq!(
        apart,
        [
            ("ELM-TAB1", Why::OtherService(elsewhere)),
            ("a device not on this phone", Why::Unknown)
        ]
    );
    assert_eq!(
        part.apart[0].words(&ledger, NOW + HOUR),
        "Of another service · shows the new text: Marta Kowalska, 21:35"
    );
    let update = ledger.update(entry_id(300)).unwrap();
    let flags: Vec<Option<Why>> = ledger
        .flagged_answers(&update)
        .into_iter()
        .map(|(_, _, why)| why)
        .collect();
    assert_eq!(
        flags,
        [Some(Why::Unknown), None, Some(Why::OtherService(elsewhere))]
    );
}

/// Until when NHC-PH3, in Marta's hand, must show a change of each urgency recorded at 21:35, and before what.
fn due(kind: ServiceKind, times: AnswerTimes) -> Vec<(Urgency, Millis, Option<Before>)> {
    let mut ledger = ledger(1);
    ledger.acknowledge(by_server(9_160, &service_body(kind, times), 60));
    ledger.acknowledge(filed(&signed(310, 1, NOW, &device_use(Some(20))), 310, NOW));
    for (id, urgency) in (300..).zip(Urgency::ALL) {
        let update = crate::body::PlanUpdate {
            plan: subject(id),
            urgency,
            ..plan_update(OLD, NEW, None)
        };
        recorded(&mut ledger, id, id as u64, update);
    }
    let asked = ledger.changes_to_confirm(phone(), NOW).into_iter();
    let mut due: Vec<_> = asked
        .map(|it| (it.update.urgency, it.due, it.before))
        .collect();
    due.sort_by_key(|(urgency, _, _)| *urgency);
    due
}

/// A time of day, `day` days after the day of `NOW`.
fn clock(day: u64, time: (u32, u32)) -> Millis {
    let date = crate::words::day(NOW) + chrono::Days::new(day);
    let time = chrono::NaiveTime::from_hms_opt(time.0, time.1, 0).unwrap();
    crate::words::at(date, time)
}

#[test]
fn in_a_care_home_a_change_must_show_before_the_next_shift() {
    let usual = AnswerTimes::default;
    let next = |kind, times| due(kind, times).remove(0);
    let before = Urgency::BeforeNextVisit;
    let shift = clock(1, (8, 0));
    for kind in [ServiceKind::Residential, ServiceKind::Nursing] {
        let expected = (before, shift, Some(Before::Shift(shift)));
        assert_eq!(next(kind, usual()), expected);
    }
    // Where people are visited, the next visit of the device's holder.
    let visit = NOW + 40 * MINUTE;
    for kind in [
        ServiceKind::Domiciliary,
        ServiceKind::SupportedLiving,
        ServiceKind::ExtraCare,
    ] {
        let expected = (before, visit, Some(Before::Visit(visit)));
        assert_eq!(next(kind, usual()), expected);
    }
    // The provider's own shifts, whatever their order.
    let times = AnswerTimes {
        shift_starts: [22, 7, 14]
            .map(|hour| chrono::NaiveTime::from_hms_opt(hour, 0, 0).unwrap())
            .to_vec(),
        ..usual()
    };
    let shift = clock(0, (22, 0));
    let expected = (before, shift, Some(Before::Shift(shift)));
    assert_eq!(next(ServiceKind::Residential, times), expected);
}

#[test]
fn a_care_home_without_visits_says_which_shift_and_warns_when_it_began() {
    let mut ledger = ledger(1);
    let home_of = service_body(ServiceKind::Residential, AnswerTimes::default());
    ledger.acknowledge(by_server(9_160, &home_of, 60));
    ledger.acknowledge(filed(&signed(310, 1, NOW, &device_use(Some(20))), 310, NOW));
    let update = crate::body::PlanUpdate {
        urgency: Urgency::BeforeNextVisit,
        ..plan_update(OLD, NEW, None)
    };
    recorded(&mut ledger, 300, 300, update.clone());
    assert_eq!(
        home(&ledger, phone(), NOW).needs[0].line,
        "Check your care app shows it before the next shift, tomorrow 08:00"
    );
    let mut leader = self::ledger(2);
    leader.acknowledge(by_server(9_160, &home_of, 60));
    recorded(&mut leader, 300, 300, update);
    let shift = clock(1, (8, 0));
    assert_eq!(leader.warnings(shift), []);
    let warnings = leader.warnings(shift + 1);
    assert_eq!(
        (warnings[0].sign, warnings[0].since),
        (Sign::AssumedVisible, shift)
    );
    let twice = shift + (shift - NOW);
    assert_eq!(leader.warnings(twice)[0].escalated, None);
    assert_eq!(leader.warnings(twice + 1)[0].escalated, Some(twice));
}

#[test]
fn the_provider_sets_until_when_today_is_and_how_long_a_routine_change_has() {
    let times = |hour| AnswerTimes {
        today_until: chrono::NaiveTime::from_hms_opt(hour, 0, 0),
        routine_days: Some(3),
        ..AnswerTimes::default()
    };
    let due = |hour| due(ServiceKind::Domiciliary, times(hour));
    assert_eq!(due(22)[1], (Urgency::Today, clock(0, (22, 0)), None));
    assert_eq!(due(22)[2], (Urgency::Routine, NOW + 3 * DAY, None));
    // What is recorded after that has until the end of the day.
    assert_eq!(due(18)[1].1, crate::words::end_of_day(NOW));
}

/// What somebody is told of changes that no longer hold: of which, in what words.
fn told_of_changes(ledger: &Ledger, now: Millis) -> Vec<(EntryId, String, String)> {
    let needs = home(ledger, phone(), now).needs.into_iter();
    let mine = needs.filter(|need| need.reason == NeedReason::NoLonger);
    mine.map(|need| (need.record, need.title, need.line))
        .collect()
}

fn withdrawn(id: u128, by: u128, at: Millis, update: u128) -> Acknowledged {
    let body = Body::withdrawal(entry_id(update), "Wrong person".into());
    filed(&signed(id, by, at, &body), id as u64, at)
}

/// As [`ledger`], where Marta (1) has the phone NHC-PH3 (20) and Tariq (6) has NHC-PH4 (21).
fn held_phones(me: u128) -> Ledger {
    let mut ledger = ledger(me);
    for (id, by, label) in [(310, 1, 20), (311, 6, 21)] {
        let mut it = signed(id, by, NOW - HOUR, &device_use(Some(label)));
        it.head.device = if by == 1 {
            phone()
        } else {
            DeviceId::from(uuid::Uuid::from_u128(by))
        };
        ledger.acknowledge(filed(&it, id as u64, NOW - HOUR));
    }
    ledger
}

#[test]
fn whoever_answered_a_change_or_was_asked_about_it_is_told_once_that_it_was_withdrawn() {
    let with = |me: u128| {
        let mut ledger = held_phones(me);
        recorded(&mut ledger, 300, 50, plan_update(OLD, NEW, None));
        let at = (NOW + HOUR, NOW + HOUR);
        answered(&mut ledger, 301, 1, at, (300, labelled(20), Shows::New));
        assert_eq!(told_of_changes(&ledger, NOW + HOUR), [], "it stands");
        ledger.acknowledge(withdrawn(302, 3, NOW + 2 * HOUR, 300));
        ledger
    };
    let line = format!(
        "Eating and drinking. Withdrawn by Helen Carrick, 23:35: Wrong person. Follow this now: {OLD}"
    );
    let title = "Jean Whitby: a change was withdrawn";
    let told = |me| told_of_changes(&with(me), NOW + 2 * HOUR);
    let says = |line: &str| [(entry_id(300), title.to_owned(), line.to_owned())];
    let shows =
        format!("{line} Your care app may still show the words that no longer hold. Check it.");
    assert_eq!(told(1), says(&shows), "whose device shows it");
    assert_eq!(told(6), says(&line), "who was asked and never answered");
    assert_eq!(told(5), says(&line), "who recorded it");
    assert_eq!(told(3), [], "who withdrew it");
    assert_eq!(told(2), [], "who was not asked");

    let mut marta = with(1);
    let (now, it) = (NOW + 3 * HOUR, marta.told_of(entry_id(300), NOW + 3 * HOUR));
    let (_, seen) = marta
        .seen_what_i_am_told(entry_id(300), &[it[0].id], now)
        .remove(0);
    marta.pending(waiting(&signed(400, 1, now, &seen)));
    assert_eq!(told_of_changes(&marta, now), []);
    // Somebody else withdrew it too, and said so earlier by their clock.
    marta.acknowledge(withdrawn(401, 5, NOW + HOUR, 300));
    assert_eq!(told_of_changes(&marta, now), []);
}

#[test]
fn whoever_is_asked_about_the_next_change_is_not_told_of_the_one_before() {
    let next = |id: u128, update: PlanUpdate, withdraw: bool| {
        let mut ledger = held_phones(1);
        recorded(&mut ledger, 300, 50, plan_update(OLD, NEW, None));
        let at = (NOW + HOUR, NOW + HOUR);
        answered(&mut ledger, 301, 1, at, (300, labelled(20), Shows::New));
        if withdraw {
            ledger.acknowledge(withdrawn(302, 3, NOW + 2 * HOUR, 300));
        }
        let at = NOW + 3 * HOUR;
        let entry = signed(id, 5, at, &Body::plan_update(update));
        ledger.acknowledge(filed(&entry, id as u64, at));
        let told = told_of_changes(&ledger, NOW + 4 * HOUR);
        // By a clock that is behind it is the same.
        let behind = told_of_changes(&ledger, NOW - 2 * HOUR);
        assert_eq!(behind.len(), told.len());
        told
    };
    let three = "Level 3 liquidised.";
    let everyone = || plan_update(NEW, three, Some(300));
    let others = || PlanUpdate {
        must_see: MustSee::Devices(vec![subject(21)]),
        ..everyone()
    };
    assert_eq!(next(320, everyone(), true), []);
    assert_eq!(next(320, everyone(), false), []);
    let told = next(320, others(), true);
    assert!(told[0].2.contains("Follow this now: Level 3"), "{told:?}");
    // It was replaced, and its next is not asked of her.
    let told = next(320, others(), false);
    assert_eq!(told[0].1, "Jean Whitby: an instruction has changed again");
    assert_eq!(
        told[0].2,
        "Eating and drinking. Tom Beresford recorded a newer change, 00:35. Follow this now: Level 3 liquidised. \
         Your care app may still show the words that no longer hold. Check it."
    );
}

#[test]
fn nobody_is_told_of_a_change_that_was_withdrawn_before_it_began_or_before_they_came() {
    let later = PlanUpdate {
        effective_from: NOW + 5 * DAY,
        ..plan_update(OLD, NEW, None)
    };
    let mut ledger = held_phones(1);
    recorded(&mut ledger, 300, 50, later);
    ledger.acknowledge(withdrawn(302, 3, NOW + HOUR, 300));
    assert_eq!(told_of_changes(&ledger, NOW + 9 * DAY), []);

    let mut ledger = self::ledger(1);
    recorded(&mut ledger, 300, 50, plan_update(OLD, NEW, None));
    ledger.acknowledge(withdrawn(302, 3, NOW + HOUR, 300));
    let used = signed(310, 1, NOW + 2 * HOUR, &device_use(Some(20)));
    ledger.acknowledge(filed(&used, 310, NOW + 2 * HOUR));
    assert_eq!(told_of_changes(&ledger, NOW + 3 * HOUR), []);

    // The device was in her hand once, and in another's before the change came.
    let mut ledger = held_phones(1);
    let mut taken = signed(310, 6, NOW - HOUR / 2, &device_use(Some(20)));
    taken.head.device = DeviceId::from(uuid::Uuid::from_u128(6));
    ledger.acknowledge(filed(&taken, 310, NOW - HOUR / 2));
    recorded(&mut ledger, 300, 50, plan_update(OLD, NEW, None));
    ledger.acknowledge(withdrawn(302, 3, NOW + HOUR, 300));
    assert_eq!(told_of_changes(&ledger, NOW + 3 * HOUR), []);
}

#[test]
fn a_withdrawn_change_that_no_device_shows_is_not_what_a_new_one_begins_from() {
    let mut ledger = held_phones(5);
    recorded(&mut ledger, 300, 50, plan_update(OLD, NEW, None));
    ledger.acknowledge(withdrawn(302, 3, NOW + HOUR, 300));
    let draft = crate::form::PlanUpdateDraft::of(entry_id(320), &ledger, subject(30));
    assert_eq!((draft.before.as_str(), draft.after.as_str()), (OLD, OLD));
    assert_eq!(draft.supersedes, None);
}

#[test]
fn what_holds_after_a_withdrawal_is_recorded_against_the_text_that_devices_may_show() {
    let mut ledger = held_phones(5);
    recorded(&mut ledger, 300, 50, plan_update(OLD, NEW, None));
    let at = (NOW + HOUR, NOW + HOUR);
    answered(&mut ledger, 301, 1, at, (300, labelled(20), Shows::New));
    let left = |ledger: &Ledger| {
        let needs = home(ledger, phone(), NOW + 3 * HOUR).needs.into_iter();
        let left = needs.filter(|need| need.reason == NeedReason::LeftShowing);
        left.map(|need| need.line).collect::<Vec<_>>()
    };
    assert_eq!(left(&ledger), [] as [String; 0]);
    ledger.acknowledge(withdrawn(302, 3, NOW + 2 * HOUR, 300));
    assert_eq!(
        left(&ledger),
        ["Eating and drinking. The change was withdrawn, and 1 device last showed it: NHC-PH3"]
    );
    let mut draft = crate::form::PlanUpdateDraft::of(entry_id(320), &ledger, subject(30));
    assert_eq!((draft.before.as_str(), draft.after.as_str()), (NEW, OLD));
    assert!(draft.is_empty(), "nothing was written yet");
    draft.reason = "It holds again".into();
    draft.urgency = Some(Urgency::Today);
    let body = draft
        .body(&ledger, NOW + 3 * HOUR)
        .expect("it may be saved");
    let entry = signed(320, 5, NOW + 3 * HOUR, &body);
    ledger.acknowledge(filed(&entry, 320, NOW + 3 * HOUR));
    assert_eq!(left(&ledger), [] as [String; 0]);
    let (text, _) = ledger.reads_now(&ledger.plan(subject(30)).unwrap(), NOW + 4 * HOUR);
    assert_eq!(text, OLD);
    assert_eq!(
        states(&ledger, 320, NOW + 4 * HOUR),
        [CellState::Waiting; 2]
    );
}

#[test]
fn the_board_says_who_answered_and_whose_device_it_is_where_that_is_another() {
    let mut ledger = held_phones(2);
    recorded(&mut ledger, 300, 50, plan_update(OLD, NEW, None));
    let lines = |ledger: &Ledger| {
        let (now, board) = (NOW + 3 * HOUR, ledger.board(NOW + 3 * HOUR));
        let (place, cell) = (&board[0].screens[0], board[0].rows[0].cells[0].unwrap());
        let lines = [
            cell.glance(ledger, place, now),
            cell.line(ledger, place, now),
        ];
        (cell.who(ledger), lines)
    };
    let (who, [glance, line]) = lines(&ledger);
    assert_eq!(
        (who, glance.as_str()),
        (None, "Marta Kowalska · silent 3 h")
    );
    assert_eq!(line, "Held by Marta Kowalska · no answer, late by 35 min");
    let at = |hours| (NOW + hours * HOUR, NOW + hours * HOUR);
    let device = labelled(20);
    answered(&mut ledger, 301, 1, at(1), (300, device, Shows::Old));
    let (who, [glance, line]) = lines(&ledger);
    assert_eq!(who.as_deref(), Some("Marta Kowalska"));
    assert_eq!(glance, "Marta Kowalska · shows the old text");
    assert_eq!(
        line,
        "shows the old text: Marta Kowalska, on the device, yesterday 22:35"
    );
    answered(&mut ledger, 302, 6, at(2), (300, device, Shows::New));
    let (who, [glance, line]) = lines(&ledger);
    assert_eq!(who.as_deref(), Some("Tariq Mahmood"));
    assert_eq!(
        glance,
        "Marta Kowalska · shows the new text, Tariq Mahmood says"
    );
    assert_eq!(
        line,
        "Held by Marta Kowalska · shows the new text: Tariq Mahmood, on the device, yesterday 23:35"
    );
    // Her next was given before his came, and reached the server after it: neither knew of the other's.
    let late = (NOW + HOUR + MINUTE, NOW + 3 * HOUR);
    answered(
        &mut ledger,
        303,
        1,
        late,
        (300, device, Shows::SomethingElse),
    );
    let (_, [glance, line]) = lines(&ledger);
    assert_eq!(glance, "Marta Kowalska · answers disagree");
    assert_eq!(
        line,
        "Held by Marta Kowalska · answers disagree · shows the new text: Tariq Mahmood, on the device, yesterday 23:35 · \
         shows something else: Marta Kowalska, on the device, yesterday 22:36"
    );
}

#[test]
fn what_was_answered_stays_answered_until_the_device_is_asked_again() {
    let mut ledger = held_phones(1);
    recorded(&mut ledger, 300, 50, plan_update(OLD, NEW, None));
    let answered_on =
        |ledger: &Ledger, device| ledger.i_have_answered(entry_id(300), device, NOW + 3 * HOUR);
    assert!(!answered_on(&ledger, phone()));
    let other = DeviceId::from(uuid::Uuid::from_u128(6));
    let at = |hours| (NOW + hours * HOUR, NOW + hours * HOUR);
    // Somebody else looked at it: she has not said so herself.
    answered(&mut ledger, 301, 6, at(1), (300, labelled(20), Shows::New));
    assert!(!answered_on(&ledger, phone()));
    answered(&mut ledger, 302, 1, at(1), (300, labelled(20), Shows::New));
    assert!(answered_on(&ledger, phone()));
    assert!(
        !answered_on(&ledger, other),
        "of that device she said nothing"
    );
    let reminder = signed(
        303,
        2,
        NOW + 2 * HOUR,
        &Body::reminder(entry_id(300), labelled(20)),
    );
    ledger.acknowledge(filed(&reminder, 303, NOW + 2 * HOUR));
    assert!(!answered_on(&ledger, phone()), "asked again");
    answered(&mut ledger, 304, 1, at(3), (300, labelled(20), Shows::Old));
    assert!(answered_on(&ledger, phone()));
}

//! A mismatch from report to close, as each role's ledger sees it.

use super::*;
use crate::body::{Body, FailedDevice, Found};

const REPORT: u128 = 100;
const MANAGER: u128 = 3;
const SYSTEM: u128 = 5;
const LEADER: u128 = 2;
const WORKER: u128 = 1;

/// A ledger of Northgate with a system administrator, the worker's mismatch, and what followed it a minute apart.
fn after(me: u128, steps: &[(u128, Body)]) -> Ledger {
    let mut ledger = northgate(me);
    ledger.acknowledge(staff(
        9_020,
        SYSTEM,
        "Callum Reid",
        &[Role::SystemAdministrator],
        20,
    ));
    ledger.acknowledge(filed(&signed(REPORT, WORKER, NOW, &mismatch(10)), 30, NOW));
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

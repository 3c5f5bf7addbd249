//! The ledger by behaviour, and the property that it depends on content alone.

pub(super) mod build;
mod fold_property;
mod handling;
mod handling_forms;
mod updates;
mod warnings;

use build::*;

use chrono::NaiveDate;
use uuid::Uuid;

use super::*;
use crate::body::{
    Administrations, Amended, Amendment, Data, Did, Escalation, FailedDevice, Found, Medicine,
    Method, OnWarning, Schedule, Shows, Sign,
};
use crate::care::CareCode;
use crate::chain::Flags;
use crate::form::{
    AmendmentDraft, Answered, Draft, Form, FormName, MismatchDraft, NoteDraft, PlanUpdateDraft,
    search, unfinished, unfinished_sheet,
};
use crate::permission::Role;
use crate::recipients::receivers;
use crate::record_search::{RecordFilter, records_that_fit, services_read};

const MINUTE: Millis = 60_000;
const HOUR: Millis = 60 * MINUTE;

/// A service with a worker (1), a team leader (2) and a registered manager (3), and two people.
fn northgate(me: u128) -> Ledger {
    let mut ledger = Ledger::new(user(me));
    for entry in northgate_log() {
        ledger.acknowledge(entry);
    }
    ledger
}

#[test]
fn a_record_goes_from_saved_to_sent_and_shows_once() {
    let mut ledger = northgate(1);
    let entry = signed(100, 1, NOW, &mismatch(10));
    ledger.pending(waiting(&entry));
    let record = ledger.record(entry.head.id).unwrap();
    assert_eq!(record.label(), "Saved on this phone");
    assert_eq!(record.title(&ledger), "Mismatch: Jean Whitby");

    ledger.acknowledge(filed(&entry, 50, NOW + MINUTE));
    assert_eq!(ledger.records().len(), 1);
    let record = ledger.record(entry.head.id).unwrap();
    assert_eq!(record.label(), "Sent");
    assert_eq!(record.saved, Some(NOW));

    ledger.acknowledge(acknowledgement(
        101,
        2,
        entry.head.id,
        1,
        51,
        NOW + 2 * MINUTE,
    ));
    let record = ledger.record(entry.head.id).unwrap();
    assert_eq!(
        record.lines(&ledger, NOW + HOUR),
        ["Seen by Sunita Rao 21:37"]
    );
    let told: Vec<String> = record
        .history(&ledger)
        .into_iter()
        .map(|it| it.text)
        .collect();
    assert_eq!(told[2], "You wrote it");
}

#[test]
fn a_newer_state_alone_has_the_effect_of_the_entry_put_in_again() {
    let entry = signed(100, 1, NOW, &note(10, Escalation::No));
    for state in [
        PendingState::Waiting,
        PendingState::Filed(filed(&entry, 50, NOW + MINUTE).header),
        held_state("not-permitted"),
        PendingState::Stuck {
            code: "unknown-kind".into(),
        },
        PendingState::AgainBeing,
    ] {
        let (mut one, mut other) = (northgate(1), northgate(1));
        for ledger in [&mut one, &mut other] {
            ledger.pending(waiting(&entry));
        }
        one.pending(in_state(&entry, state.clone()));
        assert!(other.on_its_way(&entry.digest(), state));
        assert_eq!(one.records(), other.records());
        assert_eq!(home(&one, phone(), NOW), home(&other, phone(), NOW));
    }
    let mut ledger = Ledger::new(user(1));
    assert!(!ledger.on_its_way(&entry.digest(), PendingState::Waiting));
}

#[test]
fn what_is_held_needs_attention_and_never_counts_as_done() {
    let mut ledger = northgate(1);
    let entry = signed(100, 1, NOW, &note(10, Escalation::No));
    ledger.pending(in_state(&entry, held_state("not-permitted")));
    let record = ledger.record(entry.head.id).unwrap();
    assert_eq!(record.label(), "Needs attention");
    assert!(record.delivery.is_held());
    let home = home(&ledger, phone(), NOW);
    assert_eq!(home.needs[0].title, "Your note could not be filed");
    assert_eq!(
        home.needs[0].line,
        "Jean Whitby · Your role did not allow it"
    );

    let again = Body::about(entry.head.id.uuid(), note(10, Escalation::No).data);
    ledger.pending(waiting(&signed(101, 1, NOW + MINUTE, &again)));
    let record = ledger.record(entry.head.id).unwrap();
    assert!(record.sent_again && !record.needs_attention());
    assert_eq!(record.lines(&ledger, NOW), ["Corrected and sent again"]);
    assert_eq!(home_needs(&ledger), 0);
    assert_eq!(ledger.my_records().len(), 2);
}

#[test]
fn what_the_server_cannot_take_yet_is_told_and_is_not_held() {
    let mut ledger = northgate(1);
    let entry = signed(100, 1, NOW, &mismatch(10));
    ledger.pending(in_state(
        &entry,
        PendingState::Stuck {
            code: "unknown-kind".into(),
        },
    ));
    let record = ledger.record(entry.head.id).unwrap();
    assert_eq!(record.label(), "Needs attention");
    assert!(!record.delivery.is_held());
    assert_eq!(
        record.attention().unwrap().what_happened,
        "The server cannot take it yet."
    );
    assert_eq!(
        home(&ledger, phone(), NOW).needs[0].reason,
        NeedReason::Stuck
    );
}

#[test]
fn the_servers_own_word_that_it_holds_an_entry_counts_before_any_verdict_came() {
    let mut ledger = northgate(1);
    let entry = signed(100, 1, NOW, &mismatch(10));
    ledger.pending(waiting(&entry));
    ledger.acknowledge(held(200, &entry, "revoked", 60));
    assert_eq!(
        ledger.record(entry.head.id).unwrap().delivery,
        Delivery::NeedsAttention {
            code: "revoked".to_owned(),
            reason: String::new()
        }
    );
    assert_eq!(home_needs(&ledger), 1);
    ledger.acknowledge(release(201, 9, entry.digest(), 61));
    assert_eq!(
        ledger.record(entry.head.id).unwrap().label(),
        "Saved on this phone"
    );
}

#[test]
fn an_own_release_counts_once_the_server_has_filed_it() {
    let mut ledger = northgate(1);
    let entry = signed(100, 1, NOW, &mismatch(10));
    ledger.pending(waiting(&entry));
    ledger.acknowledge(held(200, &entry, "revoked", 60));
    let release = crate::body::Release {
        digest: entry.digest(),
    };
    let release = signed(201, 1, NOW, &Body::new(Data::Release(release)));
    ledger.pending(waiting(&release));
    let label = |ledger: &Ledger| ledger.record(entry.head.id).unwrap().label();
    assert_eq!(label(&ledger), "Needs attention", "not while it waits");
    ledger.pending(Pending {
        state: PendingState::Filed(filed(&release, 61, NOW).header),
        ..waiting(&release)
    });
    assert_eq!(label(&ledger), "Saved on this phone");
}

#[test]
fn what_was_held_from_another_phone_of_mine_is_told() {
    let mut ledger = northgate(1);
    let entry = signed(100, 1, NOW, &mismatch(10));
    ledger.acknowledge(held(200, &entry, "revoked", 60));
    assert_eq!(
        home(&ledger, phone(), NOW).needs[0].reason,
        NeedReason::HeldElsewhere
    );
    assert!(
        ledger.held().is_empty(),
        "a worker looks after no quarantine"
    );
}

#[test]
fn corrections_keep_both_versions_and_the_last_that_counts_is_current() {
    let mut ledger = northgate(1);
    let entry = signed(100, 1, NOW, &mismatch(10));
    let correct = |id, did, made| signed(id, 1, made, &amendment(entry.head.id, 10, did));
    let first = correct(101, Did::NotDone, NOW + MINUTE);
    let second = correct(102, Did::AskedForHelp, NOW + 2 * MINUTE);
    // The second is here before the record and before the first.
    ledger.pending(waiting(&second));
    assert_eq!(ledger.amendments_without_record(), [second.head.id]);
    ledger.acknowledge(filed(&first, 51, NOW + MINUTE));
    ledger.acknowledge(filed(&entry, 50, NOW));
    let record = ledger.record(entry.head.id).unwrap();
    assert_eq!(record.amendments.len(), 2);
    assert!(record.current().is_urgent());
    assert!(!record.data.is_urgent());

    ledger.pending(in_state(&second, held_state("invalid")));
    let record = ledger.record(entry.head.id).unwrap();
    assert_eq!(record.current(), &record.amendments[0].data);
    assert!(record.held_amendment().is_some());
    assert_eq!(
        home(&ledger, phone(), NOW).needs[0].title,
        "Your correction of a report could not be filed"
    );
}

#[test]
fn an_erased_body_is_shown_as_erased_and_does_not_come_back() {
    let mut ledger = northgate(1);
    let entry = signed(100, 1, NOW, &mismatch(10));
    ledger.pending(waiting(&entry));
    ledger.acknowledge(filed(&entry, 50, NOW));
    ledger.acknowledge(erasure(200, &[entry.head.id], 60));
    let record = ledger.record(entry.head.id).unwrap();
    assert_eq!(record.data, RecordData::Erased);
    assert_eq!(record.title(&ledger), "Erased record");
    ledger.acknowledge(filed(&entry, 50, NOW));
    assert_eq!(
        ledger.record(entry.head.id).unwrap().data,
        RecordData::Erased
    );
}

#[test]
fn what_the_server_sends_without_its_body_stays_erased_in_either_order() {
    let entry = signed(100, 1, NOW, &mismatch(10));
    let whole = filed(&entry, 50, NOW);
    let emptied = Acknowledged {
        body: None,
        ..whole.clone()
    };
    for order in [[&whole, &emptied], [&emptied, &whole]] {
        let mut ledger = northgate(1);
        for copy in order {
            ledger.acknowledge(copy.clone());
        }
        let record = ledger.record(entry.head.id).unwrap();
        assert_eq!(record.data, RecordData::Erased);
    }
}

#[test]
fn what_the_server_writes_itself_is_no_record_erased_or_newer() {
    let mut ledger = northgate(1);
    ledger.acknowledge(person(300, 10, "Jean Whitby", 90));
    ledger.acknowledge(erasure(301, &[entry_id(300)], 91));
    let mut newer = person(302, 11, "Anwar Malik", 92);
    newer.body = Some(r#"{"kind":"person/2","about":null,"data":{}}"#.to_owned());
    ledger.acknowledge(newer);
    assert_eq!(ledger.records(), Vec::<&Record>::new());
    assert_eq!(ledger.newer_than_this_version()[0].kind, "person/2");
}

#[test]
fn erasures_that_name_each_other_end() {
    let mut ledger = northgate(1);
    ledger.acknowledge(erasure(200, &[entry_id(201), entry_id(200)], 60));
    ledger.acknowledge(erasure(201, &[entry_id(200), entry_id(201)], 61));
    ledger.acknowledge(erasure(200, &[entry_id(201), entry_id(200)], 60));
    ledger.forget_service(service());
    assert_eq!(ledger.acknowledged_count(), 0);
}

#[test]
fn an_unknown_kind_is_kept_and_said_to_be_of_a_newer_version() {
    let mut ledger = northgate(1);
    let mut entry = signed(100, 1, NOW, &mismatch(10));
    entry.body = r#"{"kind":"mismatch/2","about":null,"data":{}}"#.into();
    ledger.pending(waiting(&entry));
    assert_eq!(ledger.newer_than_this_version()[0].kind, "mismatch/2");
    let record = ledger.record(entry.head.id).unwrap();
    assert_eq!(record.lines(&ledger, NOW), ["Recorded by a newer version"]);
}

#[test]
fn a_clock_that_is_off_or_not_sure_is_said() {
    let mut ledger = northgate(1);
    let mut clock = |id: u128, skew, flags| {
        let entry = signed(id, 1, NOW, &mismatch(10));
        let mut filed = filed(&entry, id as u64, NOW + 3 * MINUTE);
        filed.skew = skew;
        filed.header.flags = flags;
        ledger.acknowledge(filed);
        let record = ledger.record(entry.head.id).unwrap();
        (record.clock(), record.clock_words(NOW))
    };
    assert_eq!(
        clock(100, Some(-2 * MINUTE), Flags::default()),
        (Clock::Sure, None)
    );
    assert_eq!(
        clock(101, Some(3 * MINUTE), Flags::default()),
        (
            Clock::Off { by_ms: 3 * MINUTE },
            Some("The phone said 21:35: it ran 3 min slow".into())
        )
    );
    let uncertain = "Time uncertain: the phone said 21:35, the server had it at 21:38";
    assert_eq!(
        clock(102, None, Flags::default()),
        (Clock::Uncertain, Some(uncertain.into()))
    );
    assert_eq!(
        clock(103, Some(0), Flags::UNCERTAIN),
        (Clock::Uncertain, Some(uncertain.into()))
    );
}

#[test]
fn a_held_record_is_corrected_by_its_author_alone() {
    let mut ledger = northgate(1);
    let entry = signed(100, 1, NOW, &note(10, Escalation::No));
    ledger.pending(in_state(&entry, held_state("not-permitted")));
    let about_it = Body::about(entry.head.id.uuid(), note(10, Escalation::No).data);
    let anothers = signed(101, 2, NOW + MINUTE, &about_it);
    ledger.acknowledge(filed(&anothers, 101, NOW + MINUTE));
    let record = ledger.record(entry.head.id).unwrap();
    assert!(!record.sent_again && record.needs_attention());
    let own = signed(102, 1, NOW + MINUTE, &about_it);
    ledger.pending(waiting(&own));
    let record = ledger.record(entry.head.id).unwrap();
    assert_eq!(record.corrected_by, Some(own.head.id));
}

#[test]
fn what_a_restored_server_lost_is_being_sent_again_until_it_is_back() {
    let mut ledger = northgate(1);
    let entry = signed(100, 1, NOW, &mismatch(10));
    ledger.acknowledge(filed(&entry, 50, NOW));
    ledger.rewound(|it| (it == service()).then_some(49));
    let record = ledger.record(entry.head.id).unwrap();
    assert_eq!(
        (record.label(), record.again),
        ("Saved on this phone", true)
    );
    ledger.acknowledge(filed(&entry, 44, NOW + HOUR));
    let record = ledger.record(entry.head.id).unwrap();
    assert_eq!((record.label(), record.again), ("Sent", false));
}

#[test]
fn of_two_words_on_one_entry_the_later_counts_unless_it_was_lost() {
    let entry = signed(100, 1, NOW, &mismatch(10));
    let (late, early) = (filed(&entry, 50, NOW), filed(&entry, 44, NOW - HOUR));
    let sent = |ledger: &Ledger| ledger.record(entry.head.id).unwrap().delivery.clone();
    for order in [[&late, &early], [&early, &late]] {
        let mut ledger = northgate(1);
        for copy in order {
            ledger.acknowledge(copy.clone());
        }
        assert_eq!(sent(&ledger), Delivery::sent(&late.header));
    }
    let mut ledger = northgate(1);
    ledger.acknowledge(late);
    ledger.rewound(|_| Some(43));
    ledger.acknowledge(early.clone());
    assert_eq!(sent(&ledger), Delivery::sent(&early.header));
}

/// What entries leave in the indexes that views read, except the records.
fn indexes(ledger: &Ledger) -> String {
    format!(
        "{:?}",
        (
            (&ledger.seen, &ledger.device_uses, &ledger.updates),
            (&ledger.withdrawals, &ledger.answers, &ledger.reminders),
            (&ledger.hand_overs, &ledger.warned),
            (&ledger.steps, &ledger.guidance, &ledger.checks),
        )
    )
}

#[test]
fn what_is_held_counts_nowhere_and_what_waits_or_comes_later_does() {
    let seen = crate::body::Acknowledgement {
        entry: entry_id(100),
        to: user(2),
    };
    let over = crate::body::HandOver {
        to: user(2),
        updates: Vec::new(),
        note: "Ring Ioana first.".into(),
    };
    let shows = confirmation(200, labelled(20), Shows::New, Method::Holder);
    let warnings = [(Sign::AssumedVisible, 200)];
    for body in [
        Body::about(Uuid::from_u128(100), Data::Acknowledgement(seen)),
        Body::new(Data::HandOver(over)),
        Body::withdrawal(entry_id(200), "It was for another person".into()),
        Body::reminder(entry_id(200), labelled(20)),
        Body::about(
            Uuid::from_u128(30),
            Data::PlanUpdate(Box::new(plan_update("Level 5", "Level 4", None))),
        ),
        shows,
        device_use(Some(20)),
        guidance(100, &[1], &[]),
        check(100, FailedDevice::Label(subject(20)), Found::StillWrong),
        about_warnings(&warnings, OnWarning::HaveIt),
    ] {
        let entry = signed(300, 3, NOW, &body);
        let mut ledger = northgate(3);
        let before = indexes(&ledger);
        ledger.pending(waiting(&entry));
        assert_ne!(indexes(&ledger), before, "{body:?}");
        ledger.pending(in_state(&entry, held_state("not-permitted")));
        assert_eq!(indexes(&ledger), before, "{body:?}");
        // It is only late where the server will take it another time.
        let code = "unknown-kind".to_owned();
        ledger.pending(in_state(&entry, PendingState::Stuck { code }));
        assert_ne!(indexes(&ledger), before, "{body:?}");
    }
}

#[test]
fn what_a_restored_server_lost_and_then_held_needs_attention() {
    let entry = signed(100, 1, NOW, &mismatch(10));
    let held = || Pending {
        entry: entry.clone(),
        saved: NOW,
        state: PendingState::Held {
            code: "not-permitted".to_owned(),
            reason: "Not yours.".to_owned(),
        },
    };
    let mut ledger = northgate(1);
    ledger.acknowledge(filed(&entry, 50, NOW));
    ledger.rewound(|_| Some(49));
    ledger.pending(held());
    let mut other_order = northgate(1);
    other_order.pending(held());
    other_order.acknowledge(filed(&entry, 50, NOW));
    other_order.rewound(|_| Some(49));
    for ledger in [ledger, other_order] {
        let record = ledger.record(entry.head.id).unwrap();
        assert_eq!((record.label(), record.again), ("Needs attention", false));
    }
}

#[test]
fn what_a_restored_server_lost_and_has_again_by_its_own_word_is_sent() {
    let mut ledger = northgate(1);
    let entry = signed(100, 1, NOW, &mismatch(10));
    ledger.pending(waiting(&entry));
    ledger.acknowledge(filed(&entry, 50, NOW));
    ledger.rewound(|_| Some(49));
    let again = filed(&entry, 60, NOW + HOUR).header;
    ledger.pending(in_state(&entry, PendingState::Filed(again)));
    let record = ledger.record(entry.head.id).unwrap();
    assert_eq!((record.label(), record.again), ("Sent", false));
    assert_eq!(record.delivery, Delivery::sent(&again));
}

#[test]
fn a_restore_does_not_move_when_a_record_was_seen() {
    let record = signed(100, 1, NOW, &mismatch(10));
    // The reader's clock is a day ahead, so the time of receipt counts.
    let mut seen = acknowledgement(101, 2, record.head.id, 1, 51, NOW + 24 * HOUR);
    seen.header.received = NOW + HOUR;
    let times = |seen: Acknowledged| {
        let mut ledger = northgate(1);
        ledger.acknowledge(filed(&record, 50, NOW));
        ledger.acknowledge(seen);
        let seen = &ledger.record(record.head.id).unwrap().seen;
        seen.iter().map(|it| it.at).collect::<Vec<_>>()
    };
    let mut again = seen.clone();
    again.header.first_received = again.header.received;
    again.header.received = NOW + 9 * HOUR;
    assert_eq!(times(seen), [NOW + HOUR]);
    assert_eq!(times(again), [NOW + HOUR]);
}

#[test]
fn the_latest_version_of_a_thing_has_the_highest_sequence() {
    let mut ledger = northgate(1);
    ledger.acknowledge(person(300, 10, "Jean Moved", 90));
    ledger.acknowledge(person(301, 10, "Jean Between", 80));
    assert_eq!(ledger.person(subject(10)).unwrap().display, "Jean Moved");
    ledger.acknowledge(unlisted(
        302,
        crate::body::Kind::Person,
        subject(10).uuid(),
        91,
    ));
    let gone = ledger.person(subject(10)).unwrap();
    assert_eq!((gone.display.as_str(), gone.listed), ("Jean Moved", false));
    assert_eq!(ledger.people().len(), 1);
    ledger.forget_service(service());
    assert_eq!(ledger.person(subject(10)), None);
}

#[test]
fn every_kind_of_thing_that_an_import_brings_is_found_under_its_own_id() {
    let medicine = Data::Medicine(Box::new(Medicine {
        medicine: subject(40),
        person: subject(10),
        name: "Levothyroxine".into(),
        strength: "100 microgram".into(),
        form: "tablet".into(),
        dose: "1 tablet".into(),
        route: "by mouth".into(),
        schedule: Schedule::WhenNeeded,
        times: Vec::new(),
        instructions: "Before breakfast".into(),
        time_critical: true,
        controlled: false,
        min_hours_between: Some(24),
        max_in_24h: Some(1),
        started_on: NaiveDate::from_ymd_opt(2026, 1, 5).expect("a date"),
        review_or_stop_on: None,
        prescriber: "Elm Lane Practice".into(),
    }));
    let administrations = Data::Administrations(Administrations {
        person: subject(10),
        given: Vec::new(),
    });
    let mut ledger = Ledger::new(user(1));
    for (n, data) in [medicine, administrations].into_iter().enumerate() {
        let (id, seq) = (400 + n as u128, 50 + n as u64);
        ledger.acknowledge(by_server(id, &Body::new(data), seq));
    }
    let things: Vec<ThingKey> = ledger.things.keys().copied().collect();
    assert_eq!(
        things,
        [
            (Kind::Medicine, Uuid::from_u128(40), service()),
            (Kind::Administrations, Uuid::from_u128(10), service()),
        ]
    );
}

#[test]
fn a_service_goes_off_the_list_whatever_id_the_import_gave_it() {
    let mut ledger = northgate(1);
    assert_eq!(ledger.services().len(), 1);
    ledger.acknowledge(unlisted(400, Kind::Service, Uuid::from_u128(77), 50));
    assert!(ledger.services().is_empty());
}

#[test]
fn roles_go_with_the_last_version_that_names_their_holder() {
    let mut ledger = northgate(1);
    ledger.acknowledge(staff(400, 1, "Marta Kowalska", &[Role::TeamLeader], 50));
    ledger.acknowledge(erasure(401, &[entry_id(9_002)], 51));
    assert_eq!(ledger.my_roles(service()), [Role::TeamLeader]);
    ledger.acknowledge(erasure(402, &[entry_id(400)], 52));
    assert!(ledger.my_roles(service()).is_empty());
    assert!(!ledger.staff_by_user.contains_key(&user(1)));
}

#[test]
fn the_inbox_shows_what_a_receiver_has_not_seen_and_the_urgent_first() {
    let mut ledger = northgate(2);
    let record = |id: u128, body: &Body, at| filed(&signed(id, 1, at, body), id as u64, at);
    let escalated = note(
        10,
        Escalation::Yes {
            told: "Rang the nurse".into(),
        },
    );
    ledger.acknowledge(record(100, &escalated, NOW - 3 * HOUR));
    ledger.acknowledge(record(101, &mismatch(10), NOW - 2 * HOUR));
    ledger.acknowledge(record(102, &note(11, Escalation::No), NOW - HOUR));
    ledger.acknowledge(acknowledgement(103, 2, entry_id(102), 1, 103, NOW));
    let ids: Vec<EntryId> = ledger.inbox(NOW).into_iter().map(|item| item.id).collect();
    assert_eq!(ids, [entry_id(100), entry_id(101), entry_id(102)]);
    assert_eq!(home_needs(&ledger), 2);
    assert_eq!(
        ledger.inbox(NOW + 72 * HOUR).len(),
        2,
        "what was seen leaves after two days"
    );

    assert!(ledger.acknowledgement_for(entry_id(101)).is_some());
    assert_eq!(ledger.acknowledgement_for(entry_id(102)), None);
    let worker = northgate(1);
    assert!(worker.inbox(NOW).is_empty());
}

#[test]
fn a_correction_of_what_was_seen_is_to_be_seen_again() {
    let mut ledger = northgate(2);
    let put_right = |id: u128, amends: u128, told: &str, at| {
        let Data::Note(record) = note(
            10,
            Escalation::Yes {
                told: told.to_owned(),
            },
        )
        .data
        else {
            panic!("a note");
        };
        let body = Body::amendment(Amendment {
            amends: entry_id(amends),
            reason: "He choked".into(),
            record: Amended::Note(record),
        });
        filed(&signed(id, 1, at, &body), id as u64, at)
    };
    let first = signed(100, 1, NOW - 3 * HOUR, &note(10, Escalation::No));
    ledger.acknowledge(filed(&first, 100, NOW - 3 * HOUR));
    ledger.acknowledge(acknowledgement(
        101,
        2,
        entry_id(100),
        1,
        101,
        NOW - 2 * HOUR,
    ));
    assert!(!ledger.inbox(NOW)[0].unseen);

    ledger.acknowledge(put_right(102, 100, "Rang 999", NOW - HOUR));
    let item = ledger.inbox(NOW)[0].clone();
    assert_eq!(
        (item.unseen, item.corrected, item.urgent),
        (true, true, true)
    );
    assert_eq!(
        home(&ledger, phone(), NOW).needs[0].reason,
        NeedReason::Urgent
    );
    let record = ledger.record(entry_id(100)).unwrap();
    let said = record.lines(&ledger, NOW).join(" · ");
    assert!(said.ends_with("before it was corrected"), "{said}");
    let Some(Body {
        data: Data::Acknowledgement(seeing),
        ..
    }) = ledger.acknowledgement_for(entry_id(100))
    else {
        panic!("it is to be seen again");
    };
    assert_eq!(seeing.entry, entry_id(102));

    ledger.acknowledge(acknowledgement(103, 2, entry_id(102), 1, 103, NOW));
    assert!(!ledger.inbox(NOW)[0].unseen);
    assert_eq!(ledger.acknowledgement_for(entry_id(100)), None);
    let record = ledger.record(entry_id(100)).unwrap();
    let said = record.lines(&ledger, NOW).join(" · ");
    assert!(
        said.starts_with("Corrected · Seen by") && !said.contains("before"),
        "{said}"
    );
}

#[test]
fn where_nobody_leads_the_team_the_next_in_the_chain_receives() {
    let mut ledger = northgate(1);
    let line = |ledger: &Ledger| receivers(ledger, service(), Kind::Mismatch).line;
    assert_eq!(
        line(&ledger),
        "Goes to Sunita Rao, your team leader. If anyone is at risk now, ring first: 01632 960003."
    );
    ledger.acknowledge(staff(300, 2, "Sunita Rao", &[Role::CarePlanLead], 90));
    assert!(line(&ledger).starts_with("Goes to Helen Carrick, your registered manager."));
    ledger.acknowledge(staff(301, 3, "Helen Carrick", &[Role::Administrator], 91));
    assert!(line(&ledger).starts_with("Goes to the on-call line, Sunita Rao."));
    // Nobody receives their own record.
    let leader = northgate(2);
    assert!(line(&leader).starts_with("Goes to Helen Carrick"));
}

#[test]
fn home_offers_what_the_role_may_write() {
    assert_eq!(
        home(&northgate(1), phone(), NOW).start,
        [Start::Mismatch, Start::Note]
    );
    let mut ledger = northgate(4);
    assert!(home(&ledger, phone(), NOW).start.is_empty());
    ledger.acknowledge(staff(
        300,
        4,
        "Margaret Lyle",
        &[Role::ProviderOversight],
        90,
    ));
    assert_eq!(home(&ledger, phone(), NOW).start, [Start::Board]);
    ledger.acknowledge(staff(301, 4, "Margaret Lyle", &[Role::CarePlanLead], 91));
    assert_eq!(
        home(&ledger, phone(), NOW).start,
        [
            Start::Mismatch,
            Start::Note,
            Start::PlanChange,
            Start::Board
        ]
    );
}

#[test]
fn the_person_visited_next_or_last_comes_first_and_slips_are_forgiven() {
    let ledger = northgate(1);
    let found = |query: &str| -> Vec<String> {
        search(&ledger, query, user(1), NOW)
            .into_iter()
            .map(|choice| format!("{}: {}", choice.display, choice.line))
            .collect()
    };
    assert_eq!(
        found(""),
        [
            "Jean Whitby: Round C, call 1 · Your next visit, 22:15",
            "Siân Pugh: Round C, call 10 · Your last visit, 18:20"
        ]
    );
    assert!(found("sian")[0].starts_with("Siân"));
    assert!(found("WHITYB")[0].starts_with("Jean"));
    assert!(
        found("eugenia")[0].starts_with("Jean"),
        "the full name finds too"
    );
    assert!(found("xyz").is_empty());
}

#[test]
fn two_people_of_one_name_are_told_apart() {
    let mut ledger = northgate(1);
    ledger.acknowledge(person(300, 12, "Jean Whitby", 90));
    let lines: Vec<String> = search(&ledger, "jean", user(1), NOW)
        .into_iter()
        .map(|it| it.line)
        .collect();
    assert!(
        lines
            .iter()
            .all(|line| line.contains("born 15 October 1958")),
        "{lines:?}"
    );
}

#[test]
fn a_name_that_two_people_go_by_stands_with_their_places() {
    let mut ledger = northgate(1);
    assert_eq!(ledger.person_name(subject(10)), "Jean Whitby");
    let at = |id, of, name: &str, place: &str, seq| {
        let entry = person(id, of, name, seq);
        let body = entry.body.as_ref().unwrap();
        let body = body.replace("Round C, call 1", place);
        Acknowledged {
            body: Some(body),
            ..entry
        }
    };
    ledger.acknowledge(at(300, 12, "jean whitby", "Elm Bank, room 4", 90));
    assert_eq!(
        ledger.person_name(subject(10)),
        "Jean Whitby, Round C, call 1"
    );
    assert_eq!(
        ledger.person_name(subject(12)),
        "jean whitby, Elm Bank, room 4"
    );
    assert_eq!(ledger.person_name(subject(11)), "Siân Pugh");
    // Two at one place are told apart by when they were born.
    ledger.acknowledge(at(301, 13, "Jean Whitby", "Elm Bank, room 4", 91));
    assert_eq!(
        ledger.person_name(subject(13)),
        "Jean Whitby, Elm Bank, room 4, born 15 October 1958"
    );
    // She goes by another name since.
    ledger.acknowledge(at(302, 12, "Jeanie", "Elm Bank, room 4", 92));
    ledger.acknowledge(at(303, 13, "Joan", "Elm Bank, room 4", 93));
    assert_eq!(ledger.person_name(subject(10)), "Jean Whitby");
    // What home says of them is told apart too.
    ledger.acknowledge(at(304, 12, "Jean Whitby", "Elm Bank, room 4", 94));
    let mut leader = northgate(2);
    leader.acknowledge(at(304, 12, "Jean Whitby", "Elm Bank, room 4", 94));
    for (id, of) in [(400, 10), (401, 12)] {
        let entry = signed(id, 1, NOW, &mismatch(of));
        leader.acknowledge(filed(&entry, id as u64, NOW));
    }
    let needs = home(&leader, phone(), NOW).needs.into_iter();
    let titles: Vec<String> = needs.map(|need| need.title).collect();
    assert_eq!(
        titles,
        [
            "Mismatch: Jean Whitby, Elm Bank, room 4",
            "Mismatch: Jean Whitby, Round C, call 1"
        ]
    );
}

#[test]
fn a_phone_is_what_it_was_last_said_to_be() {
    let mut ledger = northgate(1);
    ledger.acknowledge(device(300, 20, "NHC-PH6", 90));
    assert_eq!(ledger.device_use(phone()), None);
    ledger.pending(waiting(&signed(400, 1, NOW, &device_use(Some(20)))));
    assert_eq!(ledger.device_name(phone()).unwrap(), "NHC-PH6");
    ledger.pending(waiting(&signed(401, 1, NOW + MINUTE, &device_use(None))));
    assert_eq!(
        ledger.device_name(phone()).unwrap(),
        "Marta Kowalska’s own phone"
    );
}

#[test]
fn ten_thousand_entries_fold_in_well_under_a_second() {
    let log = big_log(10_000);
    let began = std::time::Instant::now();
    let mut ledger = northgate(2);
    for entry in log {
        ledger.acknowledge(entry);
    }
    assert!(ledger.records().len() > 4_000);
    assert!(!ledger.inbox(NOW).is_empty());
    let took = began.elapsed();
    // A fold that looks at every entry for every entry takes minutes unoptimised.
    let limit = if cfg!(debug_assertions) { 20 } else { 1 };
    assert!(took.as_secs() < limit, "{took:?}");
    println!("10,000 entries folded in {took:?}");
}

#[test]
fn many_corrections_of_one_record_stay_cheap() {
    let mut ledger = northgate(2);
    let entry = signed(100, 1, NOW, &mismatch(10));
    ledger.acknowledge(filed(&entry, 50, NOW));
    for n in 0..3_000 {
        let correction = signed(
            1_000 + n,
            1,
            NOW + n as i64,
            &amendment(entry.head.id, 10, Did::NotDone),
        );
        ledger.acknowledge(filed(&correction, 60 + n as u64, NOW + n as i64));
        ledger.acknowledge(acknowledgement(
            10_000 + n,
            2,
            entry.head.id,
            1,
            4_000 + n as u64,
            NOW,
        ));
    }
    let record = ledger.record(entry.head.id).unwrap();
    assert_eq!((record.amendments.len(), record.seen.len()), (3_000, 1));
}

fn home_needs(ledger: &Ledger) -> usize {
    home(ledger, phone(), NOW).needs.len()
}

fn amendment(record: EntryId, of: u128, did: Did) -> Body {
    let Data::Mismatch(mut it) = mismatch(of).data else {
        panic!()
    };
    it.did = did;
    Body::amendment(Amendment {
        amends: record,
        reason: "I read it again".into(),
        record: Amended::Mismatch(it),
    })
}

#[test]
fn words_that_were_typed_in_a_sheet_are_listed_with_the_page_they_belong_to() {
    let ledger = northgate(1);
    let path = format!("/people/{}", subject(10));
    let form = FormName::sheet(&path, "question.1");
    let listed = |text| unfinished_sheet(&ledger, &form, text, NOW - 12 * MINUTE, NOW);
    let (page, it) = listed(" For her supper too? ").unwrap();
    assert_eq!(page, path);
    assert_eq!(it.title, "Carry on with your question");
    assert_eq!(it.line, "For her supper too? · 12 min ago");
    assert_eq!(listed(" "), None);
    let long = listed("Does it hold for every meal of the day, or for supper alone?");
    let line = long.unwrap().1.line;
    assert_eq!(
        line,
        "Does it hold for every meal of the day, … · 12 min ago"
    );
    let is_listed = |form: &str| unfinished_sheet(&ledger, form, "Words", NOW, NOW).is_some();
    assert!(is_listed(&form) && !is_listed("mismatch"));
    // A sheet that is opened by hand, and what cannot be said any more.
    let gone = EntryId::new(NOW, [7; 10]);
    assert!(!is_listed(&FormName::sheet("/board", "hand-over.1")));
    assert!(!is_listed(&FormName::sheet(
        &format!("/changes/{gone}"),
        "question.1"
    )));
    assert!(!is_listed(&FormName::sheet(
        &format!("/records/{gone}"),
        "reply"
    )));
}

#[test]
fn what_is_written_for_an_instruction_never_stands_under_another_or_another_person() {
    let mut ledger = northgate(1);
    for (plan, of, text) in [
        (30, 10, "Minced"),
        (31, 10, "Two staff"),
        (32, 11, "1,500 ml a day"),
    ] {
        let seq = 900 + plan as u64;
        ledger.acknowledge(instruction(9_000 + plan, plan, of, text, seq));
    }
    let mut draft = PlanUpdateDraft::of(entry_id(1), &ledger, subject(30));
    draft.after = "Puree".into();
    draft.pick(&ledger, subject(31));
    assert_eq!(
        (draft.before.as_str(), draft.after.as_str()),
        ("Two staff", "Two staff")
    );
    draft.pick(&ledger, subject(30));
    assert_eq!(
        (draft.before.as_str(), draft.after.as_str()),
        ("Minced", "Puree")
    );

    draft.person = Some(subject(11));
    draft.keep_to_person(&ledger);
    assert_eq!(
        (draft.plan, draft.before.as_str(), draft.after.as_str()),
        (None, "", "")
    );
    draft.pick(&ledger, subject(32));
    assert_eq!(draft.after, "1,500 ml a day");

    let mut report = MismatchDraft::new(entry_id(2));
    report.person = Some(subject(10));
    report.device_says = "My words".into();
    report.shows(subject(30), "Minced");
    report.keep_to_person(&ledger);
    assert_eq!(report.device_says, "My words\nMinced");
    report.person = Some(subject(11));
    report.keep_to_person(&ledger);
    assert_eq!(
        (report.plan, report.device_says.as_str()),
        (None, "My words")
    );
}

#[test]
fn ticks_from_one_persons_plan_are_put_by_for_another_and_come_back_with_the_first() {
    let mut ledger = northgate(1);
    ledger.acknowledge(instruction(9_030, 30, 10, "Minced", 930));
    let mut note = NoteDraft::new(entry_id(1)).about(subject(10), service());
    for code in ["drink_given", "washed"] {
        note.toggle(&CareCode::new(code).unwrap());
    }
    let picked = |n| Answered::With(serde_json::to_string(&(subject(n), service())).unwrap());
    let ticked = |note: &NoteDraft| -> Vec<String> {
        let codes = note.delivered.iter();
        codes.map(|it| it.as_str().to_owned()).collect()
    };
    note.answer(&ledger, "person", picked(11));
    assert_eq!(ticked(&note), ["washed"], "everybody’s");
    note.answer(&ledger, "person", picked(10));
    assert_eq!(ticked(&note), ["drink_given", "washed"]);
}

#[test]
fn a_person_and_a_colleague_are_found_by_name_and_whoever_is_picked_stays() {
    let ledger = northgate(1);
    let note = Draft::Note(NoteDraft::new(entry_id(1)).about(subject(10), service()));
    let steps = note.steps(&ledger, NOW);
    let asks = |id: &str| {
        let all = steps.iter().flatten();
        let asked = all.into_iter().find(|it| it.id == id);
        asked.expect("it is asked").asks.clone()
    };
    let found = |id: &str, typed: &str, picked: &str| {
        let found = asks(id).find(&ledger, typed, picked, NOW);
        let names = found.candidates.into_iter().map(|it| it.name);
        (names.collect::<Vec<_>>(), found.picked.map(|it| it.name))
    };
    let picked = note.answers().answer("person").to_owned();
    let jean = Some("Jean Whitby".to_owned());
    assert_eq!(
        found("person", "jaen", &picked),
        (vec!["Jean Whitby".to_owned()], jean.clone())
    );
    // What is typed now is somebody else.
    let (others, still) = found("person", "sian", &picked);
    assert!(!others.contains(&"Jean Whitby".to_owned()));
    assert_eq!(still, jean);

    let me = ledger.name_of(ledger.me());
    let (all, nobody) = found("given_by", "", "");
    assert_eq!((all.contains(&me), nobody), (false, None));
    assert!(all.is_sorted() && all.contains(&"Sunita Rao".to_owned()));
    let sunita = serde_json::to_string(&user(2)).unwrap();
    assert_eq!(
        found("given_by", "Callum", &sunita).1,
        Some("Sunita Rao".to_owned())
    );
}

#[test]
fn what_was_begun_is_listed_by_form_person_and_age() {
    let ledger = northgate(1);
    let listed = |form: FormName, draft: String| {
        let (of, it) = unfinished(&ledger, &form.text(), &draft, NOW - 12 * MINUTE, NOW)?;
        assert_eq!(of, form);
        Some(format!("{} | {}", it.title, it.line))
    };
    let text = |draft: &NoteDraft| serde_json::to_string(draft).unwrap();
    let mut note = NoteDraft::new(entry_id(9));
    assert_eq!(listed(FormName::Note, text(&note)), None);
    note.other = "Ate well".into();
    assert_eq!(
        listed(FormName::Note, text(&note)).as_deref(),
        Some("Carry on with your note | Nobody picked yet · 12 min ago")
    );
    let report = MismatchDraft {
        person: Some(subject(10)),
        ..MismatchDraft::new(entry_id(9))
    };
    assert_eq!(
        listed(FormName::Mismatch, serde_json::to_string(&report).unwrap()).as_deref(),
        Some("Carry on with your report | Jean Whitby · 12 min ago")
    );
    assert_eq!(listed(FormName::Note, "no draft".into()), None);
    assert_eq!(unfinished(&ledger, "poem", "{}", NOW, NOW), None);
}

#[test]
fn a_correction_that_was_begun_is_listed_while_its_record_takes_one() {
    let mut ledger = northgate(1);
    let entry = signed(100, 1, NOW, &mismatch(10));
    ledger.pending(waiting(&entry));
    let id = entry.head.id;
    let record = ledger.record(id).unwrap();
    let draft = AmendmentDraft::of(entry_id(9), record).unwrap();
    let correct = serde_json::to_string(&draft).unwrap();
    let again = MismatchDraft::correcting(
        entry_id(9),
        id,
        record.service,
        match &record.data {
            RecordData::Mismatch(it) => it,
            _ => panic!("a mismatch"),
        },
    );
    let again = serde_json::to_string(&again).unwrap();
    let titles = |ledger: &Ledger| {
        [
            (FormName::Correct(id), &correct),
            (FormName::Again(id), &again),
        ]
        .map(|(form, draft)| {
            unfinished(ledger, &form.text(), draft, NOW, NOW).map(|(_, it)| it.title)
        })
    };
    assert_eq!(
        titles(&ledger),
        [
            Some("Carry on with your correction of a report".to_owned()),
            None
        ]
    );
    ledger.pending(in_state(&entry, held_state("not-permitted")));
    assert_eq!(
        titles(&ledger),
        [
            None,
            Some("Carry on with your report, to send it again".to_owned())
        ]
    );
}

#[test]
fn whoever_reads_others_records_finds_them_by_person_service_and_kind() {
    let mut ledger = northgate(2);
    for (id, person, made) in [(100, 10, NOW), (101, 11, NOW + MINUTE)] {
        let entry = signed(id, 1, made, &mismatch(person));
        ledger.acknowledge(filed(&entry, id as u64, made));
    }
    let entry = signed(102, 3, NOW + HOUR, &note(10, Escalation::No));
    ledger.acknowledge(filed(&entry, 102, NOW + HOUR));
    let found = |filter: RecordFilter| {
        let ids = records_that_fit(&ledger, &filter).into_iter();
        ids.map(|id| id.uuid().as_u128()).collect::<Vec<_>>()
    };
    assert_eq!(found(RecordFilter::default()), [102, 101, 100]);
    let about = |person: &str| RecordFilter {
        person: person.into(),
        ..RecordFilter::default()
    };
    assert_eq!(found(about("jean")), [102, 100]);
    assert_eq!(found(about("nobody of this name")), []);
    let notes = RecordFilter {
        kind: Some(Kind::Note),
        ..about("jean")
    };
    assert_eq!(found(notes), [102]);
    let elsewhere = RecordFilter {
        service: Some(ServiceId::nil()),
        ..RecordFilter::default()
    };
    assert_eq!(found(elsewhere), []);
    assert_eq!(services_read(&ledger).len(), 1);
    assert!(services_read(&northgate(1)).is_empty(), "a support worker");
}

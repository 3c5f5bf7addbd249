//! The property that the whole of Holdfast stands on: the ledger is a function of what is in it.

use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;

use super::super::*;
use super::build::*;
use crate::body::{
    Amended, Amendment, AnswerTimes, Data, Did, Escalation, FailedDevice, Found, HandOver, Method,
    MustSee, ServiceKind, Shows, Urgency,
};
use crate::form::search;
use crate::permission::Role;
use crate::recipients::receivers;

/// What an entry does, over small ranges so that entries meet: same record, same person, same time.
#[derive(Clone, Debug)]
enum Act {
    Mismatch {
        person: u128,
        did: Did,
    },
    Note {
        person: u128,
        escalates: bool,
    },
    Amend {
        record: u128,
        did: Did,
    },
    See {
        record: u128,
    },
    Correct {
        record: u128,
    },
    Use {
        label: Option<u128>,
    },
    Person {
        of: u128,
        name: u8,
    },
    Gone {
        person: u128,
    },
    Hold {
        entry: u128,
        code: u8,
    },
    Release {
        entry: u128,
    },
    Erase {
        entry: u128,
    },
    Instruct {
        text: u8,
    },
    Update {
        text: u8,
        urgency: u8,
        replaces: Option<u128>,
    },
    Withdraw {
        update: u128,
    },
    Answer {
        update: u128,
        device: u8,
        answer: u8,
    },
    Remind {
        update: u128,
        device: u8,
    },
    HandOver,
    Ask {
        plan: u128,
    },
    Reply {
        question: u128,
    },
    Guide {
        record: u128,
        replaces: Option<u128>,
    },
    Read {
        of: u128,
        reader: Option<u128>,
    },
    GuidanceOver {
        of: u128,
    },
    Review {
        record: u128,
        grave: bool,
        read: Option<u128>,
    },
    Cause {
        record: u128,
        handover: bool,
        device: Option<u128>,
    },
    Check {
        record: u128,
        device: Option<u128>,
        found: u8,
        update: Option<u128>,
    },
    Done {
        cause: u128,
    },
    Close {
        record: u128,
    },
    Warned {
        sign: u8,
        about: u128,
        to: Option<u128>,
    },
    NewKind,
    ErasedAlready,
}

/// Where the entry is: in the log, on this phone in some state, or both.
#[derive(Clone, Debug)]
enum Place {
    Log,
    Phone(u8),
    Both(u8),
}

#[derive(Clone, Debug)]
struct Step {
    act: Act,
    author: u128,
    made: Millis,
    place: Place,
}

/// One call on the ledger.
#[derive(Clone, Debug)]
enum Call {
    Acknowledge(Acknowledged),
    Pending(Pending),
}

const TEXTS: [&str; 3] = ["Level 5.", "Level 4.", "Level 3."];

const ANSWERS: [Shows; 4] = [
    Shows::New,
    Shows::Old,
    Shows::SomethingElse,
    Shows::CannotOpen,
];

/// Two labelled devices, an own phone, and a device of nowhere.
fn screen(n: u8) -> crate::body::Screen {
    match n {
        0 => labelled(20),
        1 => labelled(21),
        2 => crate::body::Screen::Own(phone()),
        _ => labelled(99),
    }
}

fn finding(n: u8) -> Found {
    match n {
        0 => Found::Shows,
        1 => Found::SeenInPerson,
        2 => Found::StillWrong,
        _ => Found::Retired {
            reason: "Broken".into(),
        },
    }
}

const IDS: u128 = 24;
const FIRST: u128 = 500;

fn acts() -> impl Strategy<Value = Act> {
    let person = 10u128..12;
    let entry = FIRST..FIRST + IDS;
    let did = prop_oneof![
        Just(Did::FollowedHandover),
        Just(Did::AskedForHelp),
        Just(Did::NotDone)
    ];
    prop_oneof![
        3 => (person.clone(), did.clone()).prop_map(|(person, did)| Act::Mismatch { person, did }),
        3 => (person.clone(), any::<bool>()).prop_map(|(person, escalates)| Act::Note { person, escalates }),
        4 => (entry.clone(), did).prop_map(|(record, did)| Act::Amend { record, did }),
        3 => entry.clone().prop_map(|record| Act::See { record }),
        1 => entry.clone().prop_map(|record| Act::Correct { record }),
        1 => proptest::option::of(20u128..22).prop_map(|label| Act::Use { label }),
        1 => (person.clone(), 0u8..3).prop_map(|(of, name)| Act::Person { of, name }),
        1 => person.prop_map(|person| Act::Gone { person }),
        1 => (entry.clone(), 0u8..2).prop_map(|(entry, code)| Act::Hold { entry, code }),
        1 => entry.clone().prop_map(|entry| Act::Release { entry }),
        1 => entry.clone().prop_map(|entry| Act::Erase { entry }),
        1 => (0u8..3).prop_map(|text| Act::Instruct { text }),
        3 => (0u8..3, 0u8..4, proptest::option::of(entry.clone()))
            .prop_map(|(text, urgency, replaces)| Act::Update { text, urgency, replaces }),
        1 => entry.clone().prop_map(|update| Act::Withdraw { update }),
        4 => (entry.clone(), 0u8..4, 0u8..4)
            .prop_map(|(update, device, answer)| Act::Answer { update, device, answer }),
        1 => (entry.clone(), 0u8..4).prop_map(|(update, device)| Act::Remind { update, device }),
        1 => Just(Act::HandOver),
        2 => (30u128..32).prop_map(|plan| Act::Ask { plan }),
        1 => entry.clone().prop_map(|question| Act::Reply { question }),
        2 => (entry.clone(), proptest::option::of(entry.clone())).prop_map(|(record, replaces)| Act::Guide { record, replaces }),
        2 => (entry.clone(), proptest::option::of(1u128..4)).prop_map(|(of, reader)| Act::Read { of, reader }),
        1 => entry.clone().prop_map(|of| Act::GuidanceOver { of }),
        3 => (entry.clone(), any::<bool>(), proptest::option::of(entry.clone()))
            .prop_map(|(record, grave, read)| Act::Review { record, grave, read }),
        2 => (entry.clone(), any::<bool>(), proptest::option::of(20u128..22))
            .prop_map(|(record, handover, device)| Act::Cause { record, handover, device }),
        2 => (entry.clone(), proptest::option::of(20u128..22), 0u8..4, proptest::option::of(entry.clone()))
            .prop_map(|(record, device, found, update)| Act::Check { record, device, found, update }),
        1 => entry.clone().prop_map(|cause| Act::Done { cause }),
        2 => entry.clone().prop_map(|record| Act::Close { record }),
        2 => (0u8..4, entry.clone(), proptest::option::of(1u128..4))
            .prop_map(|(sign, about, to)| Act::Warned { sign, about, to }),
        1 => Just(Act::NewKind),
        1 => Just(Act::ErasedAlready),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let place = prop_oneof![
        Just(Place::Log),
        (0u8..5).prop_map(Place::Phone),
        (0u8..5).prop_map(Place::Both)
    ];
    // Few times, so that many entries are made in the same millisecond.
    let step = (acts(), 1u128..4, 0i64..3, place);
    vec(step, 1..IDS as usize).prop_map(|steps| {
        steps
            .into_iter()
            .map(|(act, author, later, place)| Step {
                act,
                author,
                made: NOW + later * 1_000,
                place,
            })
            .collect()
    })
}

/// The calls that put these steps in, in the order they were made. The steps' ids run from `FIRST`.
fn calls(steps: &[Step]) -> Vec<Call> {
    let entries: Vec<SignedEntry> = steps
        .iter()
        .enumerate()
        .map(|(n, step)| entry(n, step))
        .collect();
    let mut calls: Vec<Call> = northgate_log().into_iter().map(Call::Acknowledge).collect();
    let listed = [
        device(9_020, 20, "NHC-PH3", 20),
        device(9_021, 21, "NHC-PH4", 21),
        instruction(9_022, 30, 10, TEXTS[0], 22),
        // The reader of the board, whoever else has which role.
        staff(
            9_023,
            3,
            "Helen Carrick",
            &[Role::RegisteredManager, Role::SupportWorker],
            23,
        ),
    ];
    calls.extend(listed.map(Call::Acknowledge));
    for (n, (step, entry)) in steps.iter().zip(&entries).enumerate() {
        let (id, seq) = (FIRST + n as u128, 100 + n as u64);
        // The latest are by a fast clock: the server had them before the time that they give.
        let received = if step.made > NOW + 1_000 {
            NOW + 500
        } else {
            NOW + 10_000
        };
        let digest_of = |of: u128| entries.get((of - FIRST) as usize).unwrap_or(entry);
        let log = match &step.act {
            Act::Person { of, name } => {
                person(id, *of, ["Jean", "Joan", "Jane"][*name as usize % 3], seq)
            }
            Act::Instruct { text } => instruction(id, 30, 10, TEXTS[*text as usize % 3], seq),
            Act::Gone { person } => unlisted(id, Kind::Person, subject(*person).uuid(), seq),
            Act::Hold { entry, code } => held(
                id,
                digest_of(*entry),
                ["revoked", "not-permitted"][*code as usize % 2],
                seq,
            ),
            Act::Release { entry } => release(id, 9, digest_of(*entry).digest(), seq),
            Act::Erase { entry } => erasure(id, &[entry_id(*entry), entry_id(id)], seq),
            Act::ErasedAlready => Acknowledged {
                body: None,
                ..filed(entry, seq, received)
            },
            _ => filed(entry, seq, received),
        };
        let by_people = log.device != DeviceId::nil();
        let pending = |state: u8| {
            let state = match state {
                0 => PendingState::Waiting,
                1 => PendingState::Filed(log.header),
                2 => held_state("not-permitted"),
                3 => PendingState::Stuck {
                    code: "full".into(),
                },
                _ => PendingState::AgainBeing,
            };
            Call::Pending(in_state(entry, state))
        };
        match step.place {
            Place::Phone(state) if by_people => calls.push(pending(state)),
            Place::Both(state) if by_people => {
                calls.extend([pending(state), Call::Acknowledge(log.clone())])
            }
            _ => calls.push(Call::Acknowledge(log)),
        }
    }
    calls
}

fn entry(n: usize, step: &Step) -> SignedEntry {
    let record = |of: &u128| entry_id(*of);
    let with = |person: u128, did: Did| {
        let Data::Mismatch(mut it) = mismatch(person).data else {
            unreachable!()
        };
        it.did = did;
        it
    };
    let body = match &step.act {
        Act::Mismatch { person, did } => Body::new(Data::Mismatch(with(*person, *did))),
        Act::Note {
            person,
            escalates: true,
        } => note(
            *person,
            Escalation::Yes {
                told: "The nurse".into(),
            },
        ),
        Act::Note { person, .. } => {
            let mut it = note(*person, Escalation::No);
            if let Data::Note(it) = &mut it.data {
                it.other = "Level 6.".into();
            }
            it
        }
        Act::Amend { record: of, did } => Body::amendment(Amendment {
            amends: record(of),
            reason: format!("Correction {n}"),
            record: Amended::Mismatch(with(10, *did)),
        }),
        Act::See { record: of } => Body::acknowledgement(record(of), user(1)),
        Act::Correct { record: of } => Body::about(record(of).uuid(), mismatch(10).data),
        Act::Use { label } => device_use(*label),
        Act::Update {
            text,
            urgency,
            replaces,
        } => {
            let mut it = plan_update("Level 6.", TEXTS[*text as usize % 3], None);
            it.supersedes = replaces.map(entry_id);
            it.urgency = Urgency::ALL[*urgency as usize % 3];
            if *urgency == 3 {
                it.must_see = MustSee::Roles(vec![Role::SupportWorker]);
            }
            Body::plan_update(it)
        }
        Act::Withdraw { update } => Body::withdrawal(record(update), format!("Reason {n}")),
        Act::Answer {
            update,
            device,
            answer,
        } => {
            let answer = ANSWERS[*answer as usize % 4];
            confirmation(*update, screen(*device), answer, Method::Holder)
        }
        Act::Remind { update, device } => Body::reminder(record(update), screen(*device)),
        Act::Reply { question } => reply(*question, &format!("Answer {n}")),
        Act::Ask { plan } => question(*plan, &format!("Question {n}")),
        Act::HandOver => Body::new(Data::HandOver(HandOver {
            to: user(2),
            updates: Vec::new(),
            note: format!("Note {n}"),
        })),
        Act::Guide {
            record: of,
            replaces,
        } => guidance(*of, &[1, 2], &Vec::from_iter(*replaces)),
        Act::Read { of, reader } => guidance_read(*of, 2, *reader),
        Act::GuidanceOver { of } => guidance_over(*of),
        Act::Review {
            record: of,
            grave,
            read,
        } => {
            let Data::MismatchReview(mut it) = review(*of).data else {
                unreachable!()
            };
            if *grave {
                it.harm = crate::rules::Harm::SeriousInjury;
            }
            it.read = read.iter().map(|it| entry_id(*it)).collect();
            Body::step(Data::MismatchReview(it))
        }
        Act::Cause {
            record: of,
            handover,
            device,
        } => cause(*of, *handover, &Vec::from_iter(*device)),
        Act::Check {
            record: of,
            device,
            found,
            update,
        } => {
            let device = device.map_or(FailedDevice::Phone(phone()), |it| {
                FailedDevice::Label(subject(it))
            });
            match update {
                Some(update) => check_about(*update, *of, device, finding(*found)),
                None => check(*of, device, finding(*found)),
            }
        }
        Act::Done { cause } => action_done(*cause),
        Act::Close { record: of } => close(*of),
        Act::Warned { sign, about, to } => {
            let answer = to.map_or(crate::body::OnWarning::HaveIt, escalate);
            about_warnings(&[(Sign::ALL[usize::from(*sign)], *about)], answer)
        }
        _ => note(11, Escalation::No),
    };
    let mut entry = signed(FIRST + n as u128, step.author, step.made, &body);
    if matches!(step.act, Act::NewKind) {
        entry.body = r#"{"kind":"dance/1","about":null,"data":{"steps":3}}"#.into();
    }
    entry
}

/// What a later import says of the service, of a device, of visits or of somebody's roles.
fn later_version(what: usize, id: u128) -> Acknowledged {
    let seq = id as u64;
    match what {
        0 => {
            let body = service_body(ServiceKind::Residential, AnswerTimes::default());
            by_server(id, &body, seq)
        }
        1 => device(id, 21, "NHC-TAB4", seq),
        2 => visits(id, 10, NOW + 6 * 3_600_000, seq),
        _ => staff(id, 1, "Marta Kowalska", &[Role::TeamLeader], seq),
    }
}

fn fold(me: u128, calls: impl IntoIterator<Item = Call>) -> Ledger {
    let mut ledger = Ledger::new(user(me));
    for call in calls {
        match call {
            Call::Acknowledge(entry) => ledger.acknowledge(entry),
            Call::Pending(pending) => ledger.pending(pending),
        }
    }
    ledger
}

/// The early warnings, and what was done about each.
fn warned(ledger: &Ledger, now: Millis) -> Vec<WarningView> {
    let mut views = ledger.warning_views(&ledger.board(now), now);
    let records = ledger.records().into_iter().map(|record| record.id);
    let updates = ledger.updates().into_iter().map(|it| it.id);
    for id in records.chain(updates) {
        views.extend(ledger.warning_views_of(id, now));
    }
    views
}

/// Everything that a screen can read, as text.
fn everything(ledger: &Ledger) -> String {
    let mut all = format!(
        "{:#?}\n{:#?}\n{:#?}\n{:#?}\n{:#?}\n{:#?}\n{:#?}\n{:#?}\n",
        ledger.records(),
        home(ledger, phone(), NOW),
        ledger.inbox(NOW),
        ledger.held(),
        ledger.amendments_without_record(),
        ledger.newer_than_this_version(),
        ledger.people(),
        ledger.services(),
    );
    for record in ledger.records() {
        all += &format!(
            "{} {} {:?} {:?} {:?} {:?}\n",
            record.title(ledger),
            record.label(),
            record.lines(ledger, NOW),
            record.history(ledger),
            record.clock_words(NOW),
            record.current(),
        );
        all += &format!(
            "{:?} {:?} {:?}\n",
            ledger.acknowledgement_for(record.id),
            ledger.replies(record.id),
            ledger.may_reply(record.id)
        );
        if let Some(handling) = ledger.handling(record.id) {
            all += &format!(
                "{handling:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}\n",
                ledger.mismatch_steps(&handling, NOW),
                ledger.my_turns(&handling),
                ledger.acts(&handling),
                ledger.may_close(&handling),
                ledger.review_views(&handling, NOW),
                handling.differences(),
                ledger.unsettled(&handling),
            );
        }
    }
    for listing in lists(ledger) {
        all += &format!("{:?}\n", ledger.listing(listing, NOW));
    }
    all += &format!(
        "{:?} {:?}\n",
        ledger.guidance_to_follow(NOW),
        ledger.told(NOW)
    );
    for n in 0..4 {
        all += &format!(
            "{} {:?}\n",
            ledger.name_of(user(n)),
            ledger.visits_of(user(n))
        );
    }
    for n in 10..12 {
        let id = subject(n);
        all += &format!(
            "{:?} {:?} {:?}\n",
            ledger.person(id),
            ledger.plans_of(id),
            ledger.medicines_of(id)
        );
    }
    all += &format!(
        "{:#?}\n{:#?}\n{:#?}\n{:#?}\n{:#?}\n",
        ledger.updates(),
        warned(ledger, NOW + 30 * 24 * 3_600_000),
        ledger.board(NOW + 4_000),
        ledger.changes_to_confirm(phone(), NOW),
        ledger.handed_over().collect::<Vec<_>>(),
    );
    for update in ledger.updates() {
        all += &format!(
            "{:?} {:?} {:?} {:?} {:?} {:?}\n",
            ledger.flagged_answers(&update),
            ledger.question(update.id, phone()),
            ledger.coverage_of(&update, NOW),
            ledger.no_longer(&update, NOW + 4_000),
            ledger.left_showing(&update),
            ledger.told_of(update.id, NOW + 4_000),
        );
    }
    all += &format!("{:?}\n", search(ledger, "", ledger.me(), NOW));
    all += &format!("{:?}\n", receivers(ledger, service(), Kind::Note));
    all += &format!(
        "{:?} {:?}\n",
        ledger.device_use(phone()),
        ledger.device_name(phone())
    );
    all += &format!(
        "{:?} {:?}\n",
        ledger.staff(service()),
        ledger.devices(service())
    );
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any acknowledged log and pending entries give the same ledger whatever the order, the batching and
    /// the duplication, and whatever was forgotten and pulled again on the way.
    ///
    /// It sees what it must: with order of arrival in the place of the last tie-break it fails, by
    /// `RUSTFLAGS='--cfg mutation="arrival_order"' cargo test -p holdfast-domain the_fold_depends_on_content_alone`
    #[test]
    fn the_fold_depends_on_content_alone(
        (steps, shuffled, cut) in steps().prop_flat_map(|steps| {
            let calls = calls(&steps);
            let mut twice = calls.clone();
            // Duplicates of about every third call.
            twice.extend(calls.iter().step_by(3).cloned());
            let length = twice.len();
            (Just(steps), Just(twice).prop_shuffle(), 0..=length)
        }),
        me in 1u128..4,
    ) {
        let straight = fold(me, calls(&steps));
        let expected = everything(&straight);
        prop_assert_eq!(straight.has_part_in_changes(), !straight.my_part_in_changes().is_empty());
        prop_assert_eq!(&expected, &everything(&fold(me, shuffled.clone())));

        // Part of it is there, the service is pulled again from its start, then all comes.
        let mut pulled_again = fold(me, shuffled[..cut].iter().cloned());
        pulled_again.forget_service(service());
        for call in &shuffled {
            match call.clone() {
                Call::Acknowledge(entry) => pulled_again.acknowledge(entry),
                Call::Pending(pending) => pulled_again.pending(pending),
            }
        }
        prop_assert_eq!(&expected, &everything(&pulled_again));
    }

    /// Any interleaving of confirmations, checks, mismatches, supersessions and late answers gives every device the same
    /// board, whoever of those who see all answers holds it, and the same early warnings with what was done about them.
    #[test]
    fn every_device_has_the_same_board(
        (steps, shuffled) in steps().prop_flat_map(|steps| {
            let shuffled = Just(calls(&steps)).prop_shuffle();
            (Just(steps), shuffled)
        }),
    ) {
        let leader = fold(2, calls(&steps));
        let manager = fold(3, shuffled);
        let later = NOW + 30 * 24 * 3_600_000;
        for now in [NOW + 4_000, later] {
            prop_assert_eq!(leader.board(now), manager.board(now));
        }
        let done = |ledger: &Ledger| -> Vec<(crate::body::Warned, Vec<String>)> {
            let views = warned(ledger, later).into_iter();
            views.map(|it| (it.warned, it.done)).collect()
        };
        prop_assert_eq!(done(&leader), done(&manager));
    }

    /// What of the board was worked out before never differs from what is worked out anew, whatever came since and
    /// whatever the time.
    #[test]
    fn the_board_that_is_kept_is_the_board(
        steps in steps(),
        hours in vec(0i64..200, 1..5),
        versions in vec((0usize..30, 0usize..4), 0..6),
        rewound in 0usize..40,
    ) {
        let mut ledger = Ledger::new(user(3));
        let read = |ledger: &Ledger, now: Millis| {
            // One of mine that is held is on no board, and is read all the same.
            let all = (FIRST..FIRST + IDS).filter_map(|id| ledger.update(entry_id(id)));
            let one = |it: UpdateView| (ledger.coverage_of(&it, now), ledger.warning_views_of(it.id, now));
            let each: Vec<_> = all.map(one).collect();
            (ledger.board(now), ledger.updates(), each)
        };
        for (n, call) in calls(&steps).into_iter().enumerate() {
            match call {
                Call::Acknowledge(entry) => ledger.acknowledge(entry),
                Call::Pending(pending) => ledger.pending(pending),
            }
            let of_now = versions.iter().filter(|(at, _)| *at == n);
            for (k, (_, what)) in (0..).zip(of_now) {
                ledger.acknowledge(later_version(*what, 9_300 + n as u128 * 10 + k));
            }
            if n == rewound {
                ledger.rewound(|_| Some(105));
            }
            let now = NOW + hours[n % hours.len()] * 3_600_000;
            prop_assert_eq!(read(&ledger, now), read(&ledger.clone(), now));
        }
        ledger.forget_service(service());
        prop_assert_eq!(read(&ledger, NOW), read(&ledger.clone(), NOW));
    }

    /// That a device shows a change brings no warning back that somebody has.
    #[test]
    fn an_answer_that_makes_things_better_brings_no_warning_back(
        steps in steps(),
        answers in vec((0u8..3, 0u8..4, 1u128..4, 0i64..150), 0..8),
        taken in 0i64..150,
        device in 0u8..3,
    ) {
        let at = |hours: i64| NOW + hours * 3_600_000;
        let later = at(300);
        let mut ledger = fold(3, calls(&steps));
        let mut update = plan_update("Level 6.", TEXTS[0], None);
        update.urgency = Urgency::BeforeNextVisit;
        update.plan = subject(31);
        let update = Body::plan_update(update);
        ledger.acknowledge(filed(&signed(7_000, 3, NOW, &update), 8_000, NOW));
        for (n, (device, answer, by, hours)) in (1..).zip(answers) {
            let answer = ANSWERS[usize::from(answer)];
            let body = confirmation(7_000, screen(device), answer, Method::Holder);
            let entry = signed(7_000 + n, by, at(hours), &body);
            ledger.acknowledge(filed(&entry, 8_000 + n as u64, at(hours)));
        }
        for (n, it) in (0..).zip(ledger.warnings(at(taken))) {
            let body = Body::new(Data::WarningAnswer(crate::body::WarningAnswer {
                warnings: vec![crate::body::Warned { sign: it.sign, about: it.about }],
                answer: crate::body::OnWarning::HaveIt,
            }));
            let entry = signed(8_100 + n, 2, at(taken), &body);
            ledger.acknowledge(filed(&entry, 9_100 + n as u64, at(taken)));
        }
        let asks = |ledger: &Ledger, it: &Warning| {
            let views = ledger.warning_views_of(it.about, later);
            views.iter().any(|view| view.warned.sign == it.sign && view.asks_me)
        };
        let shows = |ledger: &Ledger, id: EntryId| {
            let part = ledger.board(later).into_iter().next()?;
            let at = part.screens.iter().position(|it| it.screen == screen(device))?;
            let row = part.rows.iter().find(|row| row.id == id)?;
            row.cells[at].map(|cell| cell.state == CellState::Shows)
        };
        let warnings = ledger.warnings(later);
        for it in warnings.iter().filter(|it| !asks(&ledger, it)) {
            let mut after = ledger.clone();
            let body = Body::confirmation(crate::body::Confirmation {
                update: it.about,
                device: screen(device),
                answer: Shows::New,
                method: Method::Holder,
            });
            after.acknowledge(filed(&signed(8_000, 1, later - 1_000, &body), 9_000, later));
            if shows(&after, it.about) == Some(true) {
                prop_assert!(!asks(&after, it), "{:?}", it);
            }
        }
    }

    /// A change that I answered, was asked about or recorded and that was withdrawn by somebody else is told of, until I have
    /// seen it, or a newer one of the same instruction concerns me.
    #[test]
    fn whom_a_withdrawn_change_concerns_is_told_until_they_have_seen_it(steps in steps(), by in 1u128..4, device in 0u8..3) {
        let mut ledger = fold(1, calls(&steps));
        let at = NOW + 60_000;
        let mut update = plan_update("Level 6.", TEXTS[0], None);
        update.plan = subject(31);
        let update = Body::plan_update(update);
        ledger.acknowledge(filed(&signed(7_000, 3, at, &update), 8_000, at));
        let answer = confirmation(7_000, screen(device), Shows::New, Method::Holder);
        ledger.acknowledge(filed(&signed(7_001, 1, at + 1, &answer), 8_001, at + 1));
        prop_assert!(ledger.told_of(entry_id(7_000), at + 2).is_empty());
        let withdrawal = Body::withdrawal(entry_id(7_000), "Wrong".into());
        ledger.acknowledge(filed(&signed(7_002, by, at + 2, &withdrawal), 8_002, at + 2));
        let told = ledger.told_of(entry_id(7_000), at + 3);
        // Roles may have been taken from me: then I may say nothing, and am told nothing.
        let mine = !ledger.my_roles(service()).is_empty();
        prop_assert_eq!(told.len(), usize::from(by != 1 && mine), "{:?}", told);
        for it in told {
            let listed = ledger.told(at + 3);
            prop_assert!(listed.contains(&it));
            let seen = ledger.seen_what_i_am_told(entry_id(7_000), &[it.id], at + 3);
            // By a phone whose clock is far behind.
            ledger.pending(waiting(&signed(7_003, 1, NOW - 3_600_000, &seen[0].1)));
            prop_assert!(ledger.told_of(entry_id(7_000), at + 4).is_empty());
        }
    }

    /// An ending of a warning that somebody was told of and has seen does not come back, however far behind the clock of
    /// their phone is and although it was never measured.
    #[test]
    fn an_ending_that_was_seen_does_not_come_back(
        steps in steps(),
        about in prop_oneof![Just(7_050u128), FIRST..FIRST + IDS],
        ending in 0u8..3,
        behind in 0i64..600,
        sent in any::<bool>(),
        hours in 0i64..400,
    ) {
        let mut ledger = fold(3, calls(&steps));
        let now = NOW + 60_000 + hours * 3_600_000;
        // A change of another instruction, on which two devices differ, comes to one of its ends.
        let change = |supersedes| {
            let mut update = plan_update("Level 6.", TEXTS[usize::from(supersedes == Some(7_050))], supersedes);
            update.plan = subject(31);
            Body::plan_update(update)
        };
        let says = |device, shows| confirmation(7_050, screen(device), shows, Method::Holder);
        let end = match ending {
            0 => Body::withdrawal(entry_id(7_050), "Wrong".into()),
            1 => change(Some(7_050)),
            _ => says(0, Shows::New),
        };
        let bodies = [change(None), says(0, Shows::Old), says(1, Shows::New), end];
        for (n, body) in (0..).zip(&bodies) {
            let at = NOW + 20_000 + n as i64;
            ledger.acknowledge(filed(&signed(7_050 + n, 2, at, body), 8_050 + n as u64, at));
        }
        for (n, sign) in (0..).zip(Sign::ALL) {
            let body = about_warnings(&[(sign, about)], escalate(3));
            ledger.acknowledge(filed(&signed(7_000 + n, 2, NOW + 60_000, &body), 8_000 + n as u64, NOW + 60_000));
        }
        let told = ledger.told_of(entry_id(about), now);
        let shown: Vec<EntryId> = told.iter().map(|it| it.id).collect();
        for (n, (_, seen)) in (0..).zip(ledger.seen_what_i_am_told(entry_id(about), &shown, now)) {
            let mut entry = signed(7_100 + n, 3, now - behind * 3_600_000, &seen);
            entry.head.skew = None;
            ledger.pending(waiting(&entry));
            if sent {
                ledger.acknowledge(filed(&entry, 8_100 + n as u64, now));
            }
        }
        prop_assert_eq!(ledger.told_of(entry_id(about), now), vec![]);
        prop_assert!(!ledger.told(now).iter().any(|it| shown.contains(&it.id)));
    }

    /// An answer counts for the update it names: one for an update that was replaced or withdrawn, however late, leaves
    /// every other row as it was.
    #[test]
    fn an_answer_for_one_update_changes_no_other_row(steps in steps(), device in 0u8..4, answer in 0u8..4, found in 1u8..3) {
        let before = fold(3, calls(&steps));
        for update in before.updates() {
            let mut after = before.clone();
            let answer = ANSWERS[answer as usize % 4];
            let body = Body::confirmation(crate::body::Confirmation {
                update: update.id,
                device: screen(device),
                answer,
                method: Method::Holder,
            });
            after.acknowledge(filed(&signed(8_000, 2, NOW + 60_000, &body), 9_000, NOW + 90_000));
            // So does a check where a mismatch is handled, of a device that is not brought back into use by it.
            let board = before.board(NOW);
            if board.iter().flat_map(|part| part.screens.iter()).any(|it| it.screen == labelled(20)) {
                let device = FailedDevice::Label(subject(20));
                let mut checked = check(FIRST, device, finding(found));
                if let Data::DeviceCheck(it) = &mut checked.data {
                    it.update = Some(update.id);
                }
                after.acknowledge(filed(&signed(8_001, 2, NOW + 61_000, &checked), 9_001, NOW + 90_000));
            }
            let others = |ledger: &Ledger| {
                let rows = ledger.board(NOW).into_iter().flat_map(|part| part.rows);
                let mut rows: Vec<Arc<BoardRow>> = rows.filter(|row| row.id != update.id).collect();
                rows.sort_by_key(|row| row.id);
                rows
            };
            prop_assert_eq!(others(&before), others(&after));
        }
    }

    /// An own entry that is also in the log shows once, as sent; one that is held never counts as done.
    #[test]
    fn each_entry_shows_once_and_held_is_never_done(steps in steps()) {
        let ledger = fold(1, calls(&steps));
        let mut ids: Vec<EntryId> = ledger.records().iter().map(|record| record.id).collect();
        let shown = ids.len();
        ids.sort_unstable();
        ids.dedup();
        prop_assert_eq!(shown, ids.len());
        for (n, step) in steps.iter().enumerate() {
            let Some(record) = ledger.record(entry_id(FIRST + n as u128)) else { continue };
            match step.place {
                Place::Both(4) => prop_assert!(record.again),
                Place::Both(_) | Place::Log => prop_assert_eq!(record.delivery.label(), "Sent"),
                Place::Phone(2) => prop_assert!(record.delivery.is_held()),
                Place::Phone(1) => prop_assert_eq!(record.delivery.label(), "Sent"),
                Place::Phone(_) => prop_assert_ne!(record.delivery.label(), "Sent"),
            }
        }
    }
}

//! Builders of entries for the tests: small numbers stand for ids.

use chrono::NaiveDate;
use uuid::Uuid;

use super::super::*;
use crate::body::{
    Acknowledgement, ActionDone, Amended, Amendment, AnswerTimes, Capacity, Cause, Confirmation,
    Data, Decision, Device, DeviceCheck, DeviceKind, DeviceUse, Did, Dols, Erasure, Escalation,
    FailedDevice, Found, Funder, Guidance, GuidanceRead, GuidanceWithdrawal, Held, Method,
    Mismatch, MismatchCause, MismatchClose, MismatchReview, MustSee, Note, OnWarning, Person, Plan,
    PlanQuestion, PlanUpdate, QuestionReply, Release, Screen, Service, ServiceKind, Shows, Staff,
    Unlisted, Urgency, Visit, Visits, Warned, WarningAnswer,
};
use crate::care::CareCode;
use crate::chain::Flags;
use crate::encoding::Bytes;
use crate::entry::{Beacon, Head};
use crate::ids::{ProviderId, SubjectId};
use crate::permission::Role;
use crate::rules::{Abuse, Harm, Opinion, Told};

/// 2026-11-24T21:35:00Z.
pub const NOW: Millis = 1_795_556_100_000;

pub fn user(n: u128) -> UserId {
    UserId::from(Uuid::from_u128(n))
}

pub fn subject(n: u128) -> SubjectId {
    SubjectId::from(Uuid::from_u128(n))
}

pub fn entry_id(n: u128) -> EntryId {
    EntryId::from(Uuid::from_u128(n))
}

pub fn service() -> ServiceId {
    ServiceId::from(Uuid::from_u128(0x5e))
}

pub fn phone() -> DeviceId {
    DeviceId::from(Uuid::from_u128(0xde))
}

/// An entry with a made-up signature: the ledger takes entries that were verified before.
pub fn signed(id: u128, author: u128, made: Millis, body: &Body) -> SignedEntry {
    let body = body.to_text();
    SignedEntry {
        head: Head {
            provider: ProviderId::from(Uuid::from_u128(1)),
            service: service(),
            id: entry_id(id),
            author: user(author),
            device: phone(),
            key: Bytes([1; 16]),
            n: 1,
            made,
            skew: Some(0),
            beacon: Beacon {
                time: 0,
                mac: Bytes([0; 16]),
            },
            length: u32::try_from(body.len()).unwrap(),
            commit: Bytes([2; 32]),
        },
        sig: Bytes([3; 64]),
        salt: Bytes([4; 16]),
        body,
    }
}

pub fn header(seq: u64, received: Millis) -> Header {
    Header {
        seq,
        received,
        first_received: 0,
        carrier: None,
        flags: Flags::default(),
    }
}

pub fn filed(entry: &SignedEntry, seq: u64, received: Millis) -> Acknowledged {
    Acknowledged {
        service: entry.head.service,
        id: entry.head.id,
        author: entry.head.author,
        device: entry.head.device,
        n: entry.head.n,
        made: entry.head.made,
        skew: entry.head.skew,
        header: header(seq, received),
        body: Some(entry.body.clone()),
        digest: entry.digest(),
    }
}

/// An entry by the server itself.
pub fn by_server(id: u128, body: &Body, seq: u64) -> Acknowledged {
    let received = NOW - 1_000_000 + seq as i64;
    let mut entry = signed(id, 1, received, body);
    entry.head.author = UserId::from(entry.head.provider.uuid());
    entry.head.device = DeviceId::nil();
    filed(&entry, seq, received)
}

pub fn in_state(entry: &SignedEntry, state: PendingState) -> Pending {
    Pending {
        entry: entry.clone(),
        saved: entry.head.made,
        state,
    }
}

pub fn waiting(entry: &SignedEntry) -> Pending {
    in_state(entry, PendingState::Waiting)
}

pub fn held_state(code: &str) -> PendingState {
    PendingState::Held {
        code: code.into(),
        reason: "why".into(),
    }
}

pub fn mismatch(person: u128) -> Body {
    Body::new(Data::Mismatch(Mismatch {
        person: subject(person),
        plan: None,
        device_says: "Level 5".into(),
        handover_says: "Level 4".into(),
        did: Did::FollowedHandover,
        happened_at: None,
        given_by: None,
    }))
}

/// A mismatch about the instruction `plan` for a person.
pub fn mismatch_about(person: u128, plan: u128) -> Body {
    let mut body = mismatch(person);
    if let Data::Mismatch(it) = &mut body.data {
        it.plan = Some(subject(plan));
    }
    body
}

pub fn note(person: u128, escalation: Escalation) -> Body {
    Body::new(Data::Note(Note {
        person: subject(person),
        delivered: vec![CareCode::new("drink_given").unwrap()],
        other: String::new(),
        escalation,
        happened_at: None,
        given_by: None,
    }))
}

pub fn acknowledgement(
    id: u128,
    by: u128,
    of: EntryId,
    to: u128,
    seq: u64,
    at: Millis,
) -> Acknowledged {
    let body = Body::about(
        of.uuid(),
        Data::Acknowledgement(Acknowledgement {
            entry: of,
            to: user(to),
        }),
    );
    filed(&signed(id, by, at, &body), seq, at)
}

pub fn device_use(label: Option<u128>) -> Body {
    Body::new(Data::DeviceUse(DeviceUse {
        label: label.map(subject),
    }))
}

pub fn held(id: u128, entry: &SignedEntry, code: &str, seq: u64) -> Acknowledged {
    let held = Held {
        id: Some(entry.head.id),
        author: Some(entry.head.author),
        digest: entry.digest(),
        code: code.into(),
    };
    by_server(id, &Body::new(Data::Held(held)), seq)
}

pub fn release(id: u128, by: u128, digest: Digest, seq: u64) -> Acknowledged {
    filed(
        &signed(id, by, NOW, &Body::new(Data::Release(Release { digest }))),
        seq,
        NOW,
    )
}

pub fn erasure(id: u128, ids: &[EntryId], seq: u64) -> Acknowledged {
    let erasure = Erasure {
        ids: ids.to_vec(),
        reason: "Court order".into(),
    };
    by_server(id, &Body::new(Data::Erasure(erasure)), seq)
}

pub fn unlisted(id: u128, kind: Kind, of: Uuid, seq: u64) -> Acknowledged {
    by_server(
        id,
        &Body::about(of, Data::Unlisted(Unlisted { of, kind })),
        seq,
    )
}

pub fn person(id: u128, of: u128, name: &str, seq: u64) -> Acknowledged {
    by_server(id, &person_body(of, name, "Round C, call 1"), seq)
}

fn person_body(of: u128, name: &str, place: &str) -> Body {
    Body::about(
        subject(of).uuid(),
        Data::Person(Box::new(Person {
            person: subject(of),
            reference: format!("NHC-{of}"),
            full_name: "Eugenia Whitby".into(),
            preferred_name: name.into(),
            date_of_birth: NaiveDate::from_ymd_opt(1958, 10, 15).unwrap(),
            place: place.into(),
            allergies: "None known".into(),
            key_risks: String::new(),
            communication_needs: String::new(),
            capacity: Capacity::Has,
            representative: None,
            funder: Funder::Nhs,
            dols: Dols::None,
            gp_name: "Elm Lane Practice".into(),
            gp_contact: "01632 960910".into(),
        })),
    )
}

pub fn staff(id: u128, who: u128, name: &str, roles: &[Role], seq: u64) -> Acknowledged {
    let staff = Staff {
        user: user(who),
        username: format!("user-{who}"),
        display_name: name.into(),
        roles: roles.to_vec(),
    };
    by_server(
        id,
        &Body::about(Uuid::from_u128(0xa000 + who), Data::Staff(staff)),
        seq,
    )
}

pub fn device(id: u128, of: u128, label: &str, seq: u64) -> Acknowledged {
    let device = Device {
        device: subject(of),
        label: label.into(),
        kind: DeviceKind::Phone,
        model: "Galaxy A15".into(),
        holder: None,
    };
    by_server(
        id,
        &Body::about(subject(of).uuid(), Data::Device(device)),
        seq,
    )
}

/// A version of the instruction `plan` for a person, as an import brings it.
pub fn instruction(id: u128, plan: u128, of: u128, text: &str, seq: u64) -> Acknowledged {
    let plan = Plan {
        plan: subject(plan),
        person: subject(of),
        support_task: "Eating and drinking".into(),
        instruction: text.into(),
        effective_from: NaiveDate::from_ymd_opt(2026, 9, 21).unwrap(),
    };
    by_server(id, &Body::about(plan.plan.uuid(), Data::Plan(plan)), seq)
}

/// A change of the instruction 30 for Jean (10).
pub fn plan_update(before: &str, after: &str, supersedes: Option<u128>) -> PlanUpdate {
    PlanUpdate {
        person: subject(10),
        plan: subject(30),
        support_task: "Eating and drinking".into(),
        before: before.into(),
        after: after.into(),
        reason: "She coughed on her lunch.".into(),
        effective_from: NOW,
        urgency: Urgency::Today,
        must_see: MustSee::Everyone,
        supersedes: supersedes.map(entry_id),
    }
}

/// A question about Jean's (10) instruction.
pub fn question(plan: u128, text: &str) -> Body {
    Body::question(PlanQuestion {
        person: subject(10),
        plan: subject(plan),
        update: None,
        text: text.into(),
    })
}

/// An answer to the worker's (1) question.
pub fn reply(question: u128, text: &str) -> Body {
    Body::step(Data::QuestionReply(QuestionReply {
        question: entry_id(question),
        to: user(1),
        text: text.into(),
    }))
}

pub fn labelled(n: u128) -> Screen {
    Screen::Labelled(subject(n))
}

pub fn confirmation(update: u128, device: Screen, answer: Shows, method: Method) -> Body {
    Body::confirmation(Confirmation {
        update: entry_id(update),
        device,
        answer,
        method,
    })
}

pub fn visits(id: u128, to: u128, start: Millis, seq: u64) -> Acknowledged {
    let visit = Visit {
        start,
        end: start + 1_800_000,
        staff: Some(user(1)),
        tasks: vec!["Skin".into()],
    };
    let visits = Visits {
        person: subject(to),
        visits: vec![visit],
    };
    by_server(
        id,
        &Body::about(subject(to).uuid(), Data::Visits(visits)),
        seq,
    )
}

/// The service, as an import brings it.
pub fn service_body(kind: ServiceKind, times: AnswerTimes) -> Body {
    Body::about(
        service().uuid(),
        Data::Service(Service {
            code: "NHC".into(),
            name: "Northgate Home Care".into(),
            kind,
            cqc_location_id: "1-900000003".into(),
            on_call_name: "Sunita Rao".into(),
            on_call_contact: "01632 960003".into(),
            registered_manager: user(3),
            second_decider: user(4),
            safeguarding_contact: "01632 960010".into(),
            commissioner_contact: "01632 960011".into(),
            answer_times: times,
        }),
    )
}

/// A service with a worker (1), a team leader (2) and a registered manager (3), and two people: Jean (10)
/// is visited at 22:15, Siân (11) was at 18:20.
pub fn northgate_log() -> Vec<Acknowledged> {
    let service_body = service_body(ServiceKind::Domiciliary, AnswerTimes::default());
    vec![
        by_server(9_001, &service_body, 1),
        staff(9_002, 1, "Marta Kowalska", &[Role::SupportWorker], 2),
        staff(9_003, 2, "Sunita Rao", &[Role::TeamLeader], 3),
        staff(9_004, 3, "Helen Carrick", &[Role::RegisteredManager], 4),
        by_server(9_005, &person_body(10, "Jean Whitby", "Round C, call 1"), 5),
        by_server(9_006, &person_body(11, "Siân Pugh", "Round C, call 10"), 6),
        visits(9_007, 10, NOW + 40 * 60_000, 7),
        visits(9_008, 11, NOW - 195 * 60_000, 8),
    ]
}

/// Records with their corrections and acknowledgements, `count` entries in all.
pub fn big_log(count: u128) -> Vec<Acknowledged> {
    let mut log = Vec::new();
    for n in 0..count {
        let (id, seq) = (100_000 + n, 1_000 + n as u64);
        let at = NOW - 40_000_000 + n as i64 * 1_000;
        log.push(match n % 4 {
            0 => filed(&signed(id, 1, at, &mismatch(10 + n % 2)), seq, at),
            1 => filed(
                &signed(id, 1, at, &note(10 + n % 2, Escalation::No)),
                seq,
                at,
            ),
            2 => acknowledgement(id, 3, entry_id(id - 1), 1, seq, at),
            _ => {
                let Data::Note(it) = note(11, Escalation::No).data else {
                    unreachable!()
                };
                let amendment = crate::body::Amendment {
                    amends: entry_id(id - 2),
                    reason: "Read again".into(),
                    record: crate::body::Amended::Note(it),
                };
                filed(&signed(id, 1, at, &Body::amendment(amendment)), seq, at)
            }
        });
    }
    log
}

/// Guidance on the mismatch with this id, for Jean (10).
pub fn guidance(of: u128, affects: &[u128], replaces: &[u128]) -> Body {
    Body::step(Data::Guidance(Box::new(Guidance {
        mismatch: entry_id(of),
        person: subject(10),
        plan: None,
        follow: "Level 4 puree".into(),
        why: "Some phones show level 5".into(),
        if_worse: "Ring 999".into(),
        look_again: NOW + 3_600_000,
        told: "By phone".into(),
        affects: affects.iter().map(|it| user(*it)).collect(),
        replaces: replaces.iter().map(|it| entry_id(*it)).collect(),
    })))
}

pub fn guidance_read(of: u128, to: u128, reader: Option<u128>) -> Body {
    Body::step(Data::GuidanceRead(GuidanceRead {
        guidance: entry_id(of),
        to: user(to),
        reader: reader.map(user),
    }))
}

pub fn guidance_over(of: u128) -> Body {
    Body::step(Data::GuidanceWithdrawal(GuidanceWithdrawal {
        guidance: entry_id(of),
        reason: "Every phone is right".into(),
    }))
}

pub fn review(of: u128) -> Body {
    Body::step(Data::MismatchReview(Box::new(MismatchReview {
        mismatch: entry_id(of),
        harm: Harm::None,
        missed_care: false,
        abuse: Abuse::None,
        also: Vec::new(),
        opinion: Opinion::NotNeeded,
        thresholds: Vec::new(),
        opinion_of: String::new(),
        told: Told::Told,
        decision: Decision::DoNotNotify,
        rationale: "Caught in time".into(),
        rules: Vec::new(),
        read: Vec::new(),
    })))
}

pub fn cause(of: u128, handover: bool, devices: &[u128]) -> Body {
    Body::step(Data::MismatchCause(Box::new(MismatchCause {
        mismatch: entry_id(of),
        to: user(1),
        cause: if handover {
            Cause::Handover
        } else {
            Cause::NotDelivered
        },
        what: "Stuck in the queue".into(),
        fix: "Signed out and in".into(),
        action: "Show the age of the queue".into(),
        owner: user(2),
        due: NaiveDate::from_ymd_opt(2026, 12, 4).unwrap(),
        devices: devices.iter().map(|it| subject(*it)).collect(),
    })))
}

pub fn check(of: u128, device: FailedDevice, found: Found) -> Body {
    Body::step(Data::DeviceCheck(DeviceCheck {
        mismatch: entry_id(of),
        device,
        found,
        update: None,
    }))
}

/// A check of a device about an update.
pub fn check_about(update: u128, of: u128, device: FailedDevice, found: Found) -> Body {
    let mut body = check(of, device, found);
    if let Data::DeviceCheck(it) = &mut body.data {
        it.update = Some(entry_id(update));
    }
    body
}

pub fn action_done(of: u128) -> Body {
    Body::step(Data::ActionDone(ActionDone {
        cause: entry_id(of),
        outcome: "It shows".into(),
    }))
}

pub fn close(of: u128) -> Body {
    Body::step(Data::MismatchClose(MismatchClose {
        mismatch: entry_id(of),
        to: user(1),
        learned: "Look before the visit".into(),
    }))
}

/// What is done about warnings.
pub fn about_warnings(warnings: &[(Sign, u128)], answer: OnWarning) -> Body {
    let warned = |(sign, about): &(Sign, u128)| Warned {
        sign: *sign,
        about: entry_id(*about),
    };
    Body::new(Data::WarningAnswer(WarningAnswer {
        warnings: warnings.iter().map(warned).collect(),
        answer,
    }))
}

pub fn escalate(to: u128) -> OnWarning {
    OnWarning::Escalate {
        to: user(to),
        why: "Ring me".into(),
    }
}

/// The reporter's correction of whom report 100 is about.
pub fn moved_to(person: u128, id: u128, seq: u64) -> Acknowledged {
    let Data::Mismatch(it) = mismatch(person).data else {
        panic!("a mismatch");
    };
    let body = Body::amendment(Amendment {
        amends: entry_id(100),
        reason: "The wrong name".into(),
        record: Amended::Mismatch(it),
    });
    let at = NOW + 10 * 60_000 + seq as Millis;
    filed(&signed(id, 1, at, &body), seq, at)
}

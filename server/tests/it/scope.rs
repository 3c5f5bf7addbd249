//! A sync carries what the permissions table lets its user see, and nothing else, whatever the roles were before.

use std::collections::BTreeSet;

use holdfast_domain::{
    body::{
        Body, Cause, Confirmation, Data, Decision, Did, Guidance, GuidanceRead, HandOver, Held,
        Kind, Method, Mismatch, MismatchCause, MismatchClose, MismatchReview, OnWarning,
        PlanQuestion, QuestionReply, Screen, Shows, Sign, Warned, WarningAnswer,
    },
    encoding::Bytes,
    ids::{EntryId, ServiceId, SubjectId, UserId},
    permission::{Role, owner_of, visible},
    rules::{Abuse, Harm, Opinion, Told},
};
use holdfast_server::{clock, store::Store};
use proptest::{
    collection::vec,
    prelude::*,
    sample::{select, subsequence},
    test_runner::{Config, TestRunner},
};

use crate::{
    phone::{Phone, device_id, note_body},
    support::{TestApp, server_entry},
};

const PEOPLE: [&str; 3] = ["a", "b", "c"];
const SERVICES: [&str; 2] = ["NORTH", "SOUTH"];

/// One thing that happens.
#[derive(Clone, Debug)]
enum Step {
    /// A person gets exactly these roles in a service.
    Give(&'static str, &'static str, Vec<Role>),
    /// A person writes a note, whether he may or not.
    Write(&'static str, &'static str),
    /// The server writes what it writes of many kinds, some of it addressed to a person.
    Serve(&'static str, &'static str),
    /// A person's phone pulls to the end.
    Pull(&'static str),
}

fn step() -> impl Strategy<Value = Step> {
    let person = || select(&PEOPLE[..]);
    let service = || select(&SERVICES[..]);
    let roles = || subsequence(&Role::ALL[..], 0..=2);
    prop_oneof![
        2 => (person(), service(), roles()).prop_map(|(person, service, roles)| Step::Give(person, service, roles)),
        2 => (person(), service()).prop_map(|(person, service)| Step::Write(person, service)),
        1 => (person(), service()).prop_map(|(person, service)| Step::Serve(person, service)),
        2 => person().prop_map(Step::Pull),
    ]
}

#[test]
fn a_phone_holds_what_the_table_lets_its_user_see_now_and_nothing_else() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let mut runner = TestRunner::new(Config {
        cases: 12,
        failure_persistence: None,
        ..Config::default()
    });
    runner
        .run(&vec(step(), 5..25), |steps| {
            runtime.block_on(run(&steps));
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
}

async fn run(steps: &[Step]) {
    let app = TestApp::with(&[]).await;
    // Everybody begins as a support worker in both services, and signs in.
    for person in PEOPLE {
        for service in SERVICES {
            app.give(service, person, &[Role::SupportWorker]).await;
        }
    }
    app.set_passwords().await;
    let mut phones = Vec::new();
    for person in PEOPLE {
        phones.push(Phone::sign_in(&app, person).await);
    }
    for step in steps {
        match step {
            Step::Give(person, service, roles) => app.give(service, person, roles).await,
            Step::Write(person, service) => {
                let phone = phone_of(&mut phones, person);
                let note = phone.note(app.service(service));
                phone.sync(&[note]).await;
            }
            Step::Serve(person, service) => {
                let (user, service_id) = (app.user(person), app.service(service));
                let entry = EntryId::new(clock::now(), clock::random());
                let held = Held {
                    id: None,
                    author: Some(user),
                    digest: Bytes([1; 32]),
                    code: "malformed".to_owned(),
                };
                let bodies = [
                    Body::acknowledgement(entry, user),
                    Body::new(Data::Held(held)),
                    app.service_body(service),
                    note_body(),
                    Body::confirmation(Confirmation {
                        update: entry,
                        device: Screen::Own(device_id()),
                        answer: Shows::New,
                        method: Method::Holder,
                    }),
                    Body::withdrawal(entry, "Wrong person".to_owned()),
                    Body::question(PlanQuestion {
                        person: SubjectId::nil(),
                        plan: SubjectId::nil(),
                        update: None,
                        text: "For supper too?".to_owned(),
                    }),
                    Body::new(Data::HandOver(HandOver {
                        to: user,
                        updates: Vec::new(),
                        note: String::new(),
                    })),
                    reply(entry, user),
                    about_warning(entry, OnWarning::HaveIt),
                    about_warning(
                        entry,
                        OnWarning::Escalate {
                            to: user,
                            why: String::new(),
                        },
                    ),
                ];
                app.append(
                    bodies
                        .into_iter()
                        .map(|body| server_entry(service_id, body))
                        .collect(),
                )
                .await;
            }
            Step::Pull(person) => {
                let phone = phone_of(&mut phones, person);
                phone.pull().await;
                assert_holds_what_it_may(&app, phone).await;
            }
        }
    }
    for phone in &mut phones {
        phone.pull().await;
        assert_holds_what_it_may(&app, phone).await;
    }
}

fn reply(question: EntryId, to: UserId) -> Body {
    let text = "Yes, every meal.".to_owned();
    Body::step(Data::QuestionReply(QuestionReply { question, to, text }))
}

fn about_warning(about: EntryId, answer: OnWarning) -> Body {
    let sign = Sign::AssumedVisible;
    Body::new(Data::WarningAnswer(WarningAnswer {
        warnings: vec![Warned { sign, about }],
        answer,
    }))
}

fn phone_of<'a>(phones: &'a mut [Phone], person: &str) -> &'a mut Phone {
    phones
        .iter_mut()
        .find(|phone| phone.username == person)
        .expect("a phone")
}

/// The phone's pages and the filter over the whole log are the same set; what it wrote itself it may hold besides.
async fn assert_holds_what_it_may(app: &TestApp, phone: &Phone) {
    let roles = app.store.visible_roles(phone.user).await.expect("roles");
    let rows: Vec<(Vec<u8>, i64, Vec<u8>, String)> =
        sqlx::query_as("SELECT service, seq, author, body FROM entries")
            .fetch_all(app.store.readers())
            .await
            .expect("the log");
    let mut may_see = BTreeSet::new();
    let mut own = BTreeSet::new();
    for (service, seq, author, body) in rows {
        let service = ServiceId::from(uuid::Uuid::from_slice(&service).expect("an id"));
        let author = uuid::Uuid::from_slice(&author).expect("an id").into();
        let place = (service, u64::try_from(seq).expect("a sequence"));
        let body = Body::parse(&body).expect("a body");
        let mine = owner_of(author, &body, phone.user);
        let here = roles.iter().find(|(of, _)| *of == service);
        if here.is_some_and(|(_, roles)| visible(roles, body.kind(), mine)) {
            may_see.insert(place);
        }
        if author == phone.user {
            own.insert(place);
        }
    }
    let holds: BTreeSet<_> = phone.pages.keys().copied().collect();
    let forbidden: Vec<_> = holds.difference(&may_see).collect();
    assert!(
        forbidden.is_empty(),
        "{} holds what it may not see: {forbidden:?}",
        phone.username
    );
    // What it sent itself is told by verdict, not by page.
    let missing: Vec<_> = may_see
        .difference(&holds)
        .filter(|place| !own.contains(*place))
        .collect();
    assert!(
        missing.is_empty(),
        "{} lacks what it may see: {missing:?}",
        phone.username
    );
}

#[tokio::test]
async fn a_role_taken_away_takes_its_pages_with_it() {
    let app = TestApp::with(&[
        ("worker", &[Role::SupportWorker]),
        ("lead", &[Role::TeamLeader]),
    ])
    .await;
    let (mut worker, mut lead) = (
        Phone::sign_in(&app, "worker").await,
        Phone::sign_in(&app, "lead").await,
    );
    let note = worker.note(app.service("NORTH"));
    worker.sync(&[note]).await;
    lead.pull().await;
    let notes = |phone: &Phone| {
        phone
            .pages
            .values()
            .filter(|entry| entry.author == worker.user)
            .count()
    };
    assert_eq!(notes(&lead), 1);

    app.give("NORTH", "lead", &[Role::SupportWorker]).await;
    let answer = lead.sync(&[]).await;
    assert!(
        answer
            .rescope
            .expect("it says so")
            .contains(&app.service("NORTH"))
    );
    lead.pull().await;
    assert_eq!(notes(&lead), 0);
    assert_eq!(
        app.count(Kind::Note).await,
        1,
        "it is still there for those who may see it"
    );
}

#[tokio::test]
async fn an_answer_to_a_question_reaches_whoever_asked_and_no_other_worker() {
    let app = TestApp::with(&[
        ("worker", &[Role::SupportWorker]),
        ("colleague", &[Role::SupportWorker]),
        ("lead", &[Role::TeamLeader]),
        ("manager", &[Role::RegisteredManager]),
    ])
    .await;
    let north = app.service("NORTH");
    let mut phones = Vec::new();
    for username in ["worker", "colleague", "lead", "manager"] {
        phones.push(Phone::sign_in(&app, username).await);
    }
    let [worker, colleague, lead, manager] = phones.as_mut_slice() else {
        panic!("four phones");
    };
    let question = worker.write(
        north,
        &Body::question(PlanQuestion {
            person: SubjectId::nil(),
            plan: SubjectId::nil(),
            update: None,
            text: "For supper too?".to_owned(),
        }),
    );
    let asked = question.head.id;
    worker.sync(&[question]).await;
    let answer = lead.write(north, &reply(asked, worker.user));
    lead.sync(&[answer]).await;
    // A worker's own answer is held and does not count.
    let forged = colleague.write(north, &reply(asked, worker.user));
    colleague.sync(&[forged]).await;
    assert_eq!(app.count(Kind::QuestionReply).await, 1);

    let replies = |phone: &Phone| -> usize {
        let bodies = phone.pages.values().filter_map(|it| it.body.as_deref());
        let bodies = bodies.filter_map(|it| Body::parse(it).ok());
        bodies.filter(|it| it.kind() == Kind::QuestionReply).count()
    };
    for phone in [&mut *worker, &mut *colleague, &mut *manager] {
        phone.pull().await;
    }
    assert_eq!(
        [replies(worker), replies(colleague), replies(manager)],
        [1, 0, 1]
    );
}

#[tokio::test]
async fn a_support_worker_gets_guidance_and_the_cause_of_their_own_report_and_never_a_review() {
    let app = TestApp::with(&[
        ("worker", &[Role::SupportWorker]),
        ("colleague", &[Role::SupportWorker]),
        ("lead", &[Role::TeamLeader]),
        ("manager", &[Role::RegisteredManager]),
        ("system", &[Role::SystemAdministrator]),
    ])
    .await;
    let north = app.service("NORTH");
    let mut phones = Vec::new();
    for username in ["worker", "colleague", "lead", "manager", "system"] {
        phones.push(Phone::sign_in(&app, username).await);
    }
    let [worker, colleague, lead, manager, system] = phones.as_mut_slice() else {
        panic!("five phones");
    };
    let person = SubjectId::nil();
    let report = worker.write(
        north,
        &Body::new(Data::Mismatch(Mismatch {
            person,
            plan: None,
            device_says: "Level 5".into(),
            handover_says: "Level 4".into(),
            did: Did::FollowedHandover,
            happened_at: None,
            given_by: None,
        })),
    );
    let mismatch = report.head.id;
    worker.sync(&[report]).await;
    let guidance = lead.write(
        north,
        &Body::step(Data::Guidance(Box::new(Guidance {
            mismatch,
            person,
            plan: None,
            follow: "Level 4".into(),
            why: "Level 5 is not safe".into(),
            if_worse: "Ring 999".into(),
            look_again: clock::now(),
            told: "By phone".into(),
            affects: vec![worker.user],
            replaces: Vec::new(),
        }))),
    );
    let given = guidance.head.id;
    lead.sync(&[guidance]).await;
    let review = manager.write(
        north,
        &Body::step(Data::MismatchReview(Box::new(MismatchReview {
            mismatch,
            harm: Harm::None,
            missed_care: false,
            abuse: Abuse::Possible,
            also: Vec::new(),
            opinion: Opinion::NotNeeded,
            thresholds: Vec::new(),
            opinion_of: String::new(),
            told: Told::Told,
            decision: Decision::Wait,
            rationale: "Asked the nurse".into(),
            rules: Vec::new(),
            read: Vec::new(),
        }))),
    );
    manager.sync(&[review]).await;
    let cause = system.write(
        north,
        &Body::step(Data::MismatchCause(Box::new(MismatchCause {
            mismatch,
            to: worker.user,
            cause: Cause::NotDelivered,
            what: "Stuck".into(),
            fix: "Signed out and in".into(),
            action: "Show the queue".into(),
            owner: lead.user,
            due: "2026-12-04".parse().expect("a date"),
            devices: Vec::new(),
        }))),
    );
    system.sync(&[cause]).await;
    let read = worker.write(
        north,
        &Body::step(Data::GuidanceRead(GuidanceRead {
            guidance: given,
            to: lead.user,
            reader: None,
        })),
    );
    worker.sync(&[read]).await;
    assert_eq!(app.count(Kind::GuidanceRead).await, 1);
    assert_eq!(app.count(Kind::MismatchReview).await, 1);

    // What each phone holds of what others wrote about it.
    let of_others = |phone: &Phone| -> Vec<Kind> {
        let entries = phone.pages.values().filter(|it| it.author != phone.user);
        let mut kinds: Vec<Kind> = entries
            .filter_map(|it| Some(Body::parse(it.body.as_deref()?).ok()?.kind()))
            .filter(|kind| {
                *kind == Kind::Mismatch || (Kind::Guidance..=Kind::MismatchClose).contains(kind)
            })
            .collect();
        kinds.sort();
        kinds
    };
    for phone in [&mut *worker, &mut *colleague, &mut *lead] {
        phone.pull().await;
    }
    assert_eq!(of_others(worker), [Kind::Guidance, Kind::MismatchCause]);
    assert_eq!(of_others(colleague), [Kind::Guidance]);
    assert_eq!(
        of_others(lead),
        [
            Kind::Mismatch,
            Kind::GuidanceRead,
            Kind::MismatchReview,
            Kind::MismatchCause
        ]
    );

    // Who has an early warning is for those who lead, even where it is escalated to the worker.
    let kinds = |phone: &Phone| -> usize {
        let bodies = phone.pages.values().filter_map(|it| it.body.as_deref());
        let bodies = bodies.filter_map(|it| Body::parse(it).ok());
        bodies.filter(|it| it.kind() == Kind::WarningAnswer).count()
    };
    let to = worker.user;
    for answer in [
        OnWarning::HaveIt,
        OnWarning::Escalate {
            to,
            why: String::new(),
        },
    ] {
        let entry = manager.write(north, &about_warning(mismatch, answer));
        manager.sync(&[entry]).await;
    }
    for phone in [&mut *worker, &mut *colleague, &mut *lead, &mut *system] {
        phone.pull().await;
    }
    assert_eq!(app.count(Kind::WarningAnswer).await, 2);
    assert_eq!(
        [kinds(worker), kinds(colleague), kinds(lead), kinds(system)],
        [0, 0, 2, 2]
    );

    // A worker's close is held and does not count.
    let forged = worker.write(
        north,
        &Body::step(Data::MismatchClose(MismatchClose {
            mismatch,
            to: worker.user,
            learned: "Nothing".into(),
        })),
    );
    worker.sync(&[forged]).await;
    assert_eq!(app.count(Kind::MismatchClose).await, 0);
    assert_eq!(app.count(Kind::Held).await, 1);
}

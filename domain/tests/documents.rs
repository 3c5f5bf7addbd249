//! Writes `docs/entries.md` and `docs/permissions.md` from the types when `UPDATE_DOCS=1` is set, and
//! otherwise checks that they are what the types say.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::PathBuf;

use chrono::{NaiveDate, NaiveTime, Weekday};
use holdfast_domain::body::*;
use holdfast_domain::care::CareCode;
use holdfast_domain::encoding::Bytes;
use holdfast_domain::ids::{DeviceId, EntryId, SubjectId, UserId};
use holdfast_domain::permission::{self, Role};
use holdfast_domain::rules::{Abuse, Fact, Harm, Listed, Opinion, RuleId, Threshold, Told};
use uuid::Uuid;

fn time(hour: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, 0, 0).unwrap()
}

fn kept(name: &str, text: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../docs")
        .join(name);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == text,
        "docs/{name} is not what the types say; run `UPDATE_DOCS=1 cargo test -p holdfast-domain --test documents`"
    );
}

#[test]
fn the_page_of_permissions_is_the_table() {
    kept("permissions.md", &permission::markdown());
}

#[test]
fn the_page_of_entries_lists_every_kind_with_an_example() {
    kept("entries.md", &entries());
}

/// One kind's part of the page: what it is, an example, and each member in words.
struct Page {
    what: &'static str,
    example: Body,
    members: &'static [(&'static str, &'static str)],
}

fn entries() -> String {
    let mut page = String::from(
        "# Kinds of entries\n\n\
         Written by a test from `domain/src/body.rs`; change the types there.\n\n\
         A body is UTF-8 JSON text of at most 128 KiB: `kind`, `about` (an id or null), `files` (SHA-256 of each\n\
         file, left out where there is none) and `data`. It is kept byte for byte as its author's device wrote it.\n\
         What does not follow its kind is held as `invalid`: a repeated or unknown member, a lone surrogate, an\n\
         unknown choice, a text that is too long. Members of `data` marked 'or null' may be left out.\n\n\
         Texts hold at most 2,000 characters, reasons of an erasure and a manager's rationale 4,000. Times are milliseconds of Unix time, dates\n\
         `2026-09-14`, times of day `08:00` in Europe/London, ids UUIDs, bytes base64url without padding.\n\n\
         Who may write and see each kind: [permissions.md](permissions.md).\n",
    );
    for kind in Kind::ALL {
        let it = explained(kind);
        assert_eq!(it.example.kind(), kind);
        let text = it.example.to_text();
        assert_eq!(
            Body::parse(&text).unwrap(),
            it.example,
            "the example of {kind} reads as it was written"
        );
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        every_member_is_explained(kind, &value["data"], it.members);
        page += &format!(
            "\n## `{kind}`\n\n{}\n\n```json\n{}\n```\n",
            it.what,
            pretty(&text)
        );
        if !it.members.is_empty() {
            page += "\n| member | what it is |\n| --- | --- |\n";
        }
        for (member, what) in it.members {
            page += &format!("| `{member}` | {what} |\n");
        }
    }
    page
}

fn every_member_is_explained(kind: Kind, data: &serde_json::Value, members: &[(&str, &str)]) {
    let explained: BTreeSet<&str> = members.iter().map(|(member, _)| *member).collect();
    let there: BTreeSet<&str> = data
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(there, explained, "the members of {kind}");
}

/// The body as it is written, on several lines: `serde_json::Value` would sort its members.
fn pretty(text: &str) -> String {
    let (mut out, mut depth, mut in_text, mut escaped) = (String::new(), 0usize, false, false);
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    };
    for letter in text.chars() {
        if in_text {
            out.push(letter);
            in_text = escaped || letter != '"';
            escaped = letter == '\\' && !escaped;
            continue;
        }
        match letter {
            '{' | '[' => {
                out.push(letter);
                depth += 1;
                line(&mut out, depth);
            }
            '}' | ']' => {
                depth -= 1;
                let trimmed = out.trim_end().len();
                out.truncate(trimmed);
                if !out.ends_with(['{', '[']) {
                    line(&mut out, depth);
                }
                out.push(letter);
            }
            ',' => {
                out.push(',');
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            _ => {
                in_text = letter == '"';
                out.push(letter);
            }
        }
    }
    out
}

fn id(n: u128) -> Uuid {
    Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0000 + n)
}

fn person() -> SubjectId {
    SubjectId::from(id(0xa1))
}

fn user(n: u128) -> UserId {
    UserId::from(id(0xb0 + n))
}

fn entry(n: u128) -> EntryId {
    EntryId::from(id(0xe0 + n))
}

fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

fn mismatch() -> Mismatch {
    Mismatch {
        person: person(),
        plan: Some(SubjectId::from(id(0xa2))),
        device_says: "Level 5 minced and moist, level 1 thickened fluids.".into(),
        handover_says: "Level 4 puree, level 2 fluids. Told by Sunita at 16:00.".into(),
        did: Did::FollowedHandover,
        happened_at: None,
        given_by: None,
    }
}

const MISMATCH: (&str, &str) = ("mismatch", "the report");
const PERSON: (&str, &str) = (
    "person",
    "whom it is about: `UUIDv5(provider, \"person\\0\" + reference)`",
);
const DEVICE: (&str, &str) = (
    "device",
    "`{\"labelled\": id}` of a labelled device, or `{\"own\": id}` with the id that somebody's own phone signs in with",
);
const HAPPENED_AT: (&str, &str) = (
    "happened_at",
    "when it happened, where that is not when it was written; or null",
);
const GIVEN_BY: (&str, &str) = (
    "given_by",
    "who gave the care, where that is not the author; or null",
);

fn explained(kind: Kind) -> Page {
    match kind {
        Kind::Mismatch => Page {
            what: "The device's instruction and what handover said do not match (pathway B, step 3). `about` is null, or the \
                   held entry that this one corrects and sends again.",
            example: Body::new(Data::Mismatch(mismatch())),
            members: &[
                PERSON,
                (
                    "plan",
                    "the instruction in force that the device should show; or null",
                ),
                ("device_says", "what the device shows"),
                ("handover_says", "what handover said"),
                (
                    "did",
                    "`followed_handover`, `followed_device`, `asked_for_help` (did neither) or `not_done` (not yet)",
                ),
                HAPPENED_AT,
                GIVEN_BY,
            ],
        },
        Kind::Guidance => Page {
            what: "Temporary paper guidance on a mismatch: what to follow until it is resolved. From here to `mismatch-close/1`: \
                   what follows a mismatch (pathway B, steps 3 to 5); `about` is the entry that `data` names first.",
            example: Body::step(Data::Guidance(Box::new(Guidance {
                mismatch: entry(1),
                person: person(),
                plan: Some(SubjectId::from(id(0xa2))),
                follow: "Level 4 puree. Level 2 thickened fluids. Sit fully upright for 30 minutes after meals.".into(),
                why: "Some phones still show level 5 and level 1. That is not safe for her.".into(),
                if_worse: "Stop. Sit her up. Ring 999 if she cannot breathe. Then ring Sunita Rao, 01632 960003.".into(),
                look_again: 1_795_600_800_000,
                told: "Marta and Ioana by phone; a sheet in the office.".into(),
                affects: vec![user(1), user(2)],
                replaces: Vec::new(),
            }))),
            members: &[
                MISMATCH,
                PERSON,
                ("plan", "the instruction that it stands in for; or null"),
                ("follow", "what to follow, whatever the care app says"),
                ("why", "why"),
                ("if_worse", "what to do if it goes wrong, and whom to ring"),
                ("look_again", "when its author looks at it again"),
                ("told", "who was told, and how"),
                ("affects", "the workers it affects, who each say that they have read it"),
                ("replaces", "guidance in whose place it stands"),
            ],
        },
        Kind::GuidanceRead => Page {
            what: "A worker has read guidance and follows it. `about` is the guidance.",
            example: Body::step(Data::GuidanceRead(GuidanceRead {
                guidance: entry(2),
                to: user(2),
                reader: None,
            })),
            members: &[
                ("guidance", "the guidance"),
                ("to", "who gave it out, and therefore sees this entry"),
                ("reader", "who signed the paper, where the author writes it down for them; or null"),
            ],
        },
        Kind::GuidanceWithdrawal => Page {
            what: "Guidance is over. `about` is the guidance.",
            example: Body::step(Data::GuidanceWithdrawal(GuidanceWithdrawal {
                guidance: entry(2),
                reason: "Every phone shows level 4 again. Follow the plan.".into(),
            })),
            members: &[("guidance", "the guidance"), ("reason", "why, and what to follow from now on")],
        },
        Kind::MismatchReview => Page {
            what: "The manager's review, for the notification tracker. One by whoever reported the mismatch does not count.",
            example: Body::step(Data::MismatchReview(Box::new(MismatchReview {
                mismatch: entry(1),
                harm: Harm::Injury,
                missed_care: false,
                abuse: Abuse::Possible,
                also: vec![Fact::Accident],
                opinion: Opinion::Pending,
                thresholds: vec![Threshold::TreatmentPreventing],
                opinion_of: "The nurse on duty, 21:50: suspects a fracture; X-ray in the morning.".into(),
                told: Told::Told,
                decision: Decision::Wait,
                rationale: "No professional has yet said that a threshold is met. Decided again tomorrow.".into(),
                rules: vec![Listed {
                    rule: RuleId::CqcReg18b,
                    sure: false,
                }],
                read: vec![entry(9)],
            }))),
            members: &[
                MISMATCH,
                (
                    "harm",
                    "`none`, `distress`, `illness`, `minor_injury`, `injury`, `serious_injury`, `psychological` or `death`",
                ),
                ("missed_care", "whether care was missed or late"),
                ("abuse", "`none`, `possible`, `suspected` or `alleged`"),
                ("also", "what else is so: facts on which rules turn, listed in `domain/src/rules.rs`"),
                ("opinion", "a health care professional's: `not_needed`, `pending`, `yes` or `no`"),
                (
                    "thresholds",
                    "what it is about: `18a`, `18b` (2009 reg. 18(2)), `20a`, `20b` (2014 reg. 20(9))",
                ),
                ("opinion_of", "whose, which profession, when, and what they said; may be empty"),
                ("told", "the person, or who lawfully acts: `told`, `not_yet`, `unreachable` or `declined`"),
                ("decision", "`notify`, `do_not_notify` or `wait`"),
                ("rationale", "why; at most 4,000 characters"),
                (
                    "rules",
                    "the rules that were listed, by their ids in `domain/src/rules/catalogue.rs`; `sure` is false where one may apply",
                ),
                (
                    "read",
                    "the other reviews that its author had in view when it was begun, in whose place it stands; not there where it is none",
                ),
            ],
        },
        Kind::MismatchCause => Page {
            what: "Cause, fix and corrective action, for the digital governance log and the service action plan.",
            example: Body::step(Data::MismatchCause(Box::new(MismatchCause {
                mismatch: entry(1),
                to: user(1),
                cause: Cause::NotDelivered,
                what: "The update stuck in the queue of two phones.".into(),
                fix: "Signed the phones out and in again.".into(),
                action: "Ask the supplier to show the age of the queue.".into(),
                owner: user(5),
                due: date(2026, 12, 4),
                devices: vec![SubjectId::from(id(0xd1))],
            }))),
            members: &[
                MISMATCH,
                ("to", "who reported it, and therefore sees this entry"),
                (
                    "cause",
                    "`not_delivered`, `supplier_fault`, `old_app`, `entry`, `handover` (the device was right) or `not_known`",
                ),
                ("what", "what was found"),
                ("fix", "what was done about it"),
                ("action", "the corrective action"),
                ("owner", "who does it: a user"),
                ("due", "by when: a date"),
                ("devices", "labelled devices that showed it too"),
            ],
        },
        Kind::DeviceCheck => Page {
            what: "A device that showed something else was looked at again, or is used no more.",
            example: Body::step(Data::DeviceCheck(DeviceCheck {
                mismatch: entry(1),
                device: FailedDevice::Label(SubjectId::from(id(0xd1))),
                found: Found::SeenInPerson,
                update: Some(entry(2)),
            })),
            members: &[
                MISMATCH,
                ("device", "`{\"label\":...}`, or `{\"phone\":...}` with the id that it signs in with"),
                (
                    "found",
                    "`shows` (counts from the device itself), `seen_in_person`, `still_wrong`, or `{\"retired\":{\"reason\":...}}`",
                ),
                (
                    "update",
                    "the change of the instruction that stood then, about which the check is an answer on the board; or null",
                ),
            ],
        },
        Kind::ActionDone => Page {
            what: "A corrective action is done. `about` is the cause that set it.",
            example: Body::step(Data::ActionDone(ActionDone {
                cause: entry(3),
                outcome: "The queue's age shows since version 5.2.".into(),
            })),
            members: &[("cause", "the cause"), ("outcome", "what was done, and whether it helps")],
        },
        Kind::MismatchClose => Page {
            what: "A mismatch is closed. It counts while nothing is outstanding, and not from whoever wrote the fix.",
            example: Body::step(Data::MismatchClose(MismatchClose {
                mismatch: entry(1),
                to: user(1),
                learned: "Look at the device before the visit, not in it.".into(),
            })),
            members: &[
                MISMATCH,
                ("to", "who reported it, and therefore sees this entry"),
                ("learned", "what was learned"),
            ],
        },
        Kind::Note => Page {
            what: "Essential care delivered while the care record is away (pathway C, step 1). `about` is null, or the held \
                   entry that this one corrects and sends again.",
            example: Body::new(Data::Note(Note {
                person: person(),
                delivered: ["meal_prepared", "skin_looked_at"]
                    .into_iter()
                    .filter_map(CareCode::new)
                    .collect(),
                other: "Red patch on left heel, size of a 10p. Cream put on.".into(),
                escalation: Escalation::Yes {
                    told: "Rang Sunita Rao at 18:24".into(),
                },
                happened_at: Some(1_795_545_000_000),
                given_by: None,
            })),
            members: &[
                PERSON,
                (
                    "delivered",
                    "codes of care delivered, listed in `domain/src/care.rs`",
                ),
                (
                    "other",
                    "anything else; may be empty where something was delivered",
                ),
                (
                    "escalation",
                    "`\"no\"`, or `{\"yes\":{\"told\":...}}` with whom the author has told",
                ),
                HAPPENED_AT,
                GIVEN_BY,
            ],
        },
        Kind::Amendment => Page {
            what: "A correction of a record; both versions stay readable. `about` is the record.",
            example: Body::amendment(Amendment {
                amends: entry(1),
                reason: "I wrote level 5 twice.".into(),
                record: Amended::Mismatch(mismatch()),
            }),
            members: &[
                ("amends", "the record: the id of the entry that opened it"),
                ("reason", "why it is corrected"),
                (
                    "record",
                    "the whole record as it should read: `{\"mismatch\":...}` or `{\"note\":...}`",
                ),
            ],
        },
        Kind::Acknowledgement => Page {
            what: "The author of this entry has seen a record, or a correction of one: 'Seen by'. `about` is what was seen.",
            example: Body::acknowledgement(entry(1), user(1)),
            members: &[
                ("entry", "the record"),
                ("to", "its author, who therefore sees this entry"),
            ],
        },
        Kind::DeviceUse => Page {
            what: "What the phone that wrote this entry is: a labelled device, or its user's own.",
            example: Body::new(Data::DeviceUse(DeviceUse {
                label: Some(SubjectId::from(id(0xd1))),
            })),
            members: &[(
                "label",
                "the labelled device; or null where it is the user's own",
            )],
        },
        Kind::PlanUpdate => Page {
            what: "An instruction has changed, or changes at a time to come (pathway B, step 1). `about` is the instruction. An update is \
                   asked about on every device that must show it. An instruction that an import changes is an update too, \
                   known by the id of the import's entry.",
            example: Body::plan_update(PlanUpdate {
                person: person(),
                plan: SubjectId::from(id(0xa2)),
                support_task: "Eating and drinking".into(),
                before: "Level 5 minced and moist, level 1 thickened fluids.".into(),
                after: "Level 4 puree, level 2 thickened fluids.".into(),
                reason: "She coughed on her lunch, and the speech therapist saw her at 15:00."
                    .into(),
                effective_from: 1_795_536_600_000,
                urgency: Urgency::BeforeNextVisit,
                must_see: MustSee::Roles(vec![Role::SupportWorker, Role::SeniorStaff]),
                supersedes: None,
            }),
            members: &[
                PERSON,
                ("plan", "the instruction that changes"),
                ("support_task", "the task, as visits name it"),
                ("before", "what it said; empty where there was none"),
                (
                    "after",
                    "what it says now; never the same words as `before`",
                ),
                ("reason", "why it changed"),
                ("effective_from", "from when it holds: at most a year from when it was made"),
                (
                    "urgency",
                    "by when each device must show it: `before_next_visit` of its holder (in a care home the next shift), `today` (the day it was recorded on) or \
                     `routine` (seven days)",
                ),
                (
                    "must_see",
                    "`everyone`, or `{\"roles\": [...]}` of their holders, or `{\"devices\": [...]}` with labelled devices",
                ),
                (
                    "supersedes",
                    "the update that this one replaces, for good; or null",
                ),
            ],
        },
        Kind::Withdrawal => Page {
            what: "An update no longer holds, and nothing takes its place. `about` is the update. It stays readable.",
            example: Body::withdrawal(entry(1), "Recorded for the wrong person.".into()),
            members: &[("update", "the update"), ("reason", "why")],
        },
        Kind::Confirmation => Page {
            what: "What one device shows of an update (pathway B, step 2). `about` is the update. It counts for that update alone. \
                   Of each author's answers for a device the last counts, and of those the last stands.",
            example: Body::confirmation(Confirmation {
                update: entry(1),
                device: Screen::Labelled(SubjectId::from(id(0xd1))),
                answer: Shows::New,
                method: Method::Holder,
            }),
            members: &[
                ("update", "the update"),
                DEVICE,
                (
                    "answer",
                    "`new` (the new text), `old` (the text before), `something_else` or `cannot_open`",
                ),
                (
                    "method",
                    "`holder` (answered on the device itself), `seen_in_person`, `by_phone` or `by_photo`",
                ),
            ],
        },
        Kind::Reminder => Page {
            what: "Asks a device again what it shows. `about` is the update. It appears there at its next contact.",
            example: Body::reminder(entry(1), Screen::Own(DeviceId::from(id(0xd9)))),
            members: &[("update", "the update"), DEVICE],
        },
        Kind::HandOver => Page {
            what: "What is still to chase goes over to a colleague of the next shift. `about` is null.",
            example: Body::new(Data::HandOver(HandOver {
                to: user(2),
                updates: vec![entry(1)],
                note: "NHC-PH4 is back at 22:00.".into(),
            })),
            members: &[
                ("to", "the colleague"),
                ("updates", "the updates that have answers to chase"),
                ("note", "what else to know; may be empty"),
            ],
        },
        Kind::PlanQuestion => Page {
            what: "Somebody asks about an instruction, or about a change of it. `about` is the instruction. It goes to whoever receives \
                   records there; two or more about one instruction are an early warning.",
            example: Body::question(PlanQuestion {
                person: person(),
                plan: SubjectId::from(id(0xa2)),
                update: Some(entry(1)),
                text: "Does level 4 hold for her supper too?".into(),
            }),
            members: &[
                PERSON,
                ("plan", "the instruction"),
                ("update", "the change of it that was asked about; or null"),
                ("text", "the question"),
            ],
        },
        Kind::QuestionReply => Page {
            what: "A question about an instruction is answered. `about` is the question. Whoever asked is told, and reads it with no signal too.",
            example: Body::step(Data::QuestionReply(QuestionReply {
                question: entry(1),
                to: user(1),
                text: "Yes, for every meal.".into(),
            })),
            members: &[
                ("question", "the question"),
                ("to", "who asked, and therefore sees this entry"),
                ("text", "the answer"),
            ],
        },
        Kind::WarningAnswer => Page {
            what: "Somebody to whom early warnings escalate has them, or escalates them further. `about` is null. It counts for a warning \
                   from when that last got worse.",
            example: Body::new(Data::WarningAnswer(WarningAnswer {
                warnings: vec![Warned {
                    sign: Sign::AssumedVisible,
                    about: entry(1),
                }],
                answer: OnWarning::Escalate {
                    to: user(2),
                    why: "Nobody at Elm Bank can open the record.".into(),
                },
            })),
            members: &[
                (
                    "warnings",
                    "each warning: `sign` (`old_instructions`, `repeated_questions`, `inconsistent` or `assumed_visible`) and `about`, the \
                     mismatch, note, last question or update that it came of",
                ),
                (
                    "answer",
                    "`have_it`, or `{\"escalate\":{\"to\":...,\"why\":...}}` with the user who is told; `why` may be empty",
                ),
            ],
        },
        Kind::Service => Page {
            what: "A service of the provider. Its id is the head's `service`. From here to `unlisted/1`: what import brings; \
                   `about` is the thing's id.",
            example: Body::about(
                id(0x51),
                Data::Service(Service {
                    code: "NHC".into(),
                    name: "Northgate Home Care".into(),
                    kind: ServiceKind::Domiciliary,
                    cqc_location_id: "1-900000003".into(),
                    on_call_name: "Sunita Rao".into(),
                    on_call_contact: "01632 960003".into(),
                    registered_manager: user(3),
                    second_decider: user(4),
                    safeguarding_contact: "01632 960010".into(),
                    commissioner_contact: "01632 960011".into(),
                    answer_times: AnswerTimes {
                        shift_starts: vec![time(7), time(14), time(21)],
                        today_until: Some(time(18)),
                        routine_days: Some(3),
                    },
                }),
            ),
            members: &[
                ("code", "the provider's own code"),
                ("name", "the service's name"),
                (
                    "kind",
                    "`residential`, `nursing`, `domiciliary`, `supported_living` or `extra_care`",
                ),
                ("cqc_location_id", "the regulator's number of the location"),
                ("on_call_name", "who answers when nobody else is there"),
                ("on_call_contact", "the number to ring"),
                ("registered_manager", "a user"),
                (
                    "second_decider",
                    "the user who decides where the registered manager cannot",
                ),
                (
                    "safeguarding_contact",
                    "the local authority's safeguarding number",
                ),
                ("commissioner_contact", "the commissioner's number"),
                (
                    "answer_times",
                    "by when devices must show a change, left out where all is as usual. `shift_starts`: when shifts begin, empty for 08:00 \
                     and 20:00; in a care home what must show before the next visit must show before the next of them. `today_until`: until \
                     when 'today' is, or null for the end of the day. `routine_days`: 1 to 90, or null for seven",
                ),
            ],
        },
        Kind::Staff => Page {
            what: "Somebody's roles at the service: one thing a user and service, \
                   `UUIDv5(provider, \"staff\\0\" + username + \"\\0\" + service code)`.",
            example: Body::about(
                id(0x52),
                Data::Staff(Staff {
                    user: user(1),
                    username: "support-worker".into(),
                    display_name: "Marta Kowalska".into(),
                    roles: vec![Role::SupportWorker],
                }),
            ),
            members: &[
                (
                    "user",
                    "the user: `UUIDv5(provider, \"user\\0\" + username)`",
                ),
                ("username", "what they sign in with"),
                ("display_name", "the name people read"),
                (
                    "roles",
                    "roles at this service, by the names in `staff.csv`",
                ),
            ],
        },
        Kind::Person => Page {
            what: "Somebody who is cared for at the service.",
            example: Body::about(person().uuid(), Data::Person(Box::new(somebody()))),
            members: &[
                ("person", "`UUIDv5(provider, \"person\\0\" + reference)`"),
                ("reference", "the provider's own reference"),
                ("full_name", "first identifier"),
                ("preferred_name", "empty where it is the full name"),
                ("date_of_birth", "second identifier"),
                ("place", "room, flat, or round and call"),
                ("allergies", "always says something, 'None known' included"),
                ("key_risks", "may be empty"),
                ("communication_needs", "may be empty"),
                ("capacity", "`has`, `lacks` or `varies`"),
                (
                    "representative",
                    "or null; `relation`: `daughter`, `son`, `sister`, `brother`, `friend` or `advocate`; `authority`: `none`, \
                     `lpa_health`, `deputy` or `other`",
                ),
                ("funder", "`council`, `nhs` or `self`"),
                (
                    "dols",
                    "deprivation of liberty safeguards: `none`, `applied` or `authorised`",
                ),
                ("gp_name", "the practice"),
                ("gp_contact", "its number"),
            ],
        },
        Kind::Medicine => Page {
            what: "A medicine listed for a person.",
            example: Body::about(id(0x53), Data::Medicine(Box::new(medicine()))),
            members: &[
                ("medicine", "the medicine's id"),
                ("person", "who takes it"),
                ("name", "its name"),
                ("strength", "as on the label"),
                ("form", "tablet, capsule, patch ..."),
                ("dose", "how much at a time"),
                ("route", "oral, subcutaneous ..."),
                (
                    "schedule",
                    "`\"daily\"`, `{\"weekly\":{\"days\":[\"Mon\"]}}`, `{\"every_hours\":{\"hours\":72,\"from\":\"2026-11-02\"}}` or `\"when_needed\"`",
                ),
                (
                    "times",
                    "times of day; empty exactly when the schedule is `when_needed`",
                ),
                ("instructions", "what else to know"),
                ("time_critical", "whether a delay does harm"),
                ("controlled", "whether it is a controlled drug"),
                ("min_hours_between", "or null"),
                ("max_in_24h", "doses; or null"),
                ("started_on", "a date"),
                ("review_or_stop_on", "a date; or null"),
                ("prescriber", "who prescribed it"),
            ],
        },
        Kind::Administrations => Page {
            what: "What one person was given before the failure. One entry a person and import, which replaces the last.",
            example: Body::about(
                person().uuid(),
                Data::Administrations(Administrations {
                    person: person(),
                    given: vec![Administration {
                        medicine: SubjectId::from(id(0x53)),
                        at: 1_795_545_000_000,
                        dose: "1 capsule".into(),
                        outcome: Outcome::Given,
                    }],
                }),
            ),
            members: &[
                PERSON,
                (
                    "given",
                    "each with `outcome`: `given`, `refused`, `omitted` or `not_available`",
                ),
            ],
        },
        Kind::Visits => Page {
            what: "One person's planned visits. One entry a person and import, which replaces the last.",
            example: Body::about(
                person().uuid(),
                Data::Visits(Visits {
                    person: person(),
                    visits: vec![Visit {
                        start: 1_795_558_500_000,
                        end: 1_795_560_300_000,
                        staff: Some(user(1)),
                        tasks: vec!["Continence".into(), "Night care".into()],
                    }],
                }),
            ),
            members: &[
                PERSON,
                (
                    "visits",
                    "`staff` is a user or null; `tasks` are support tasks as plans name them",
                ),
            ],
        },
        Kind::Device => Page {
            what: "A device with a label, of the service.",
            example: Body::about(
                id(0xd1),
                Data::Device(Device {
                    device: SubjectId::from(id(0xd1)),
                    label: "NHC-PH6".into(),
                    kind: DeviceKind::Phone,
                    model: "Galaxy A15".into(),
                    holder: None,
                }),
            ),
            members: &[
                (
                    "device",
                    "the labelled device's id; not the id that a browser signs in with",
                ),
                ("label", "what stands on it"),
                ("kind", "`phone`, `tablet` or `laptop`"),
                ("model", "its model"),
                ("holder", "a user; or null"),
            ],
        },
        Kind::Plan => Page {
            what: "An instruction in force for one support task of a person.",
            example: Body::about(
                id(0xa2),
                Data::Plan(Plan {
                    plan: SubjectId::from(id(0xa2)),
                    person: person(),
                    support_task: "Eating and drinking".into(),
                    instruction: "Level 5 minced and moist, level 1 thickened fluids.".into(),
                    effective_from: date(2026, 9, 21),
                }),
            ),
            members: &[
                ("plan", "the instruction's id"),
                PERSON,
                ("support_task", "the task, as visits name it"),
                ("instruction", "what to do"),
                ("effective_from", "a date"),
            ],
        },
        Kind::Unlisted => Page {
            what: "A thing is gone from the imported files: no longer listed. A later version lists it again.",
            example: Body::about(
                id(0xa2),
                Data::Unlisted(Unlisted {
                    of: id(0xa2),
                    kind: Kind::Plan,
                }),
            ),
            members: &[("of", "the thing's id"), ("kind", "the thing's kind")],
        },
        Kind::Enrolment => Page {
            what: "A phone can now write in a user's name. Written by the server at the key's first enrolment.",
            example: Body::new(Data::Enrolment(Enrolment {
                user: user(1),
                device: DeviceId::from(id(0xd9)),
                device_name: "Phone 3".into(),
                key: Bytes([1; 16]),
                public: Bytes([2; 32]),
            })),
            members: &[
                ("user", "in whose name"),
                ("device", "the id that the browser signs in with"),
                ("device_name", "the name it gave itself"),
                ("key", "the author key's id, 16 bytes"),
                ("public", "the author's public key, 32 bytes"),
            ],
        },
        Kind::Held => Page {
            what: "The server holds an entry in quarantine. It does not count; its author and administrators are told.",
            example: Body::new(Data::Held(Held {
                id: Some(entry(1)),
                author: Some(user(1)),
                digest: Bytes([3; 32]),
                code: "not-permitted".into(),
            })),
            members: &[
                ("id", "the held entry's id; or null where it did not parse"),
                ("author", "its author; or null where it did not parse"),
                ("digest", "what it is held under, 32 bytes"),
                (
                    "code",
                    "`malformed`, `bad-signature`, `wrong-place`, `id-conflict`, `revoked`, `invalid` or `not-permitted`",
                ),
            ],
        },
        Kind::Release => Page {
            what: "An administrator lets a held entry be filed after all; it is then appended with flag 4.",
            example: Body::new(Data::Release(Release {
                digest: Bytes([3; 32]),
            })),
            members: &[("digest", "what the entry is held under, 32 bytes")],
        },
        Kind::Erasure => Page {
            what: "Bodies erased for a lawful reason. Heads, signatures and the chain stay and verify; phones drop the bodies.",
            example: Body::new(Data::Erasure(Erasure {
                ids: vec![entry(1), entry(2)],
                reason:
                    "Right to erasure, UK GDPR art. 17(1)(d); decided by the registered manager."
                        .into(),
            })),
            members: &[
                ("ids", "entries of the same service"),
                ("reason", "the legal reason"),
            ],
        },
    }
}

fn somebody() -> Person {
    Person {
        person: person(),
        reference: "NHC-101".into(),
        full_name: "Eugenia Whitby".into(),
        preferred_name: "Jean Whitby".into(),
        date_of_birth: date(1958, 10, 15),
        place: "Round C, call 1".into(),
        allergies: "Trimethoprim".into(),
        key_risks: "Choking: see the eating and drinking plan".into(),
        communication_needs: String::new(),
        capacity: Capacity::Has,
        representative: Some(Representative {
            relation: Relation::Daughter,
            name: "Precious Whitby".into(),
            contact: "01632 960102".into(),
            authority: Authority::LpaHealth,
        }),
        funder: Funder::Nhs,
        dols: Dols::None,
        gp_name: "Elm Lane Practice".into(),
        gp_contact: "01632 960910".into(),
    }
}

fn medicine() -> Medicine {
    Medicine {
        medicine: SubjectId::from(id(0x53)),
        person: person(),
        name: "Alendronic acid".into(),
        strength: "70 mg".into(),
        form: "tablet".into(),
        dose: "1 tablet".into(),
        route: "oral".into(),
        schedule: Schedule::Weekly {
            days: vec![Weekday::Mon],
        },
        times: NaiveTime::from_hms_opt(7, 0, 0).into_iter().collect(),
        instructions: "Upright, 30 minutes before food".into(),
        time_critical: false,
        controlled: false,
        min_hours_between: None,
        max_in_24h: None,
        started_on: date(2026, 10, 2),
        review_or_stop_on: None,
        prescriber: "Hospital consultant".into(),
    }
}

//! The syncer against a small model of server, network and phone: whatever is dropped, repeated,
//! refused or cut off, each saved entry is answered for once in the end, and the phone never
//! says more than is so.

use std::collections::{BTreeMap, HashMap, HashSet};

use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::encoding::{Blob, Bytes};
use crate::entry::EntryJson;
use crate::ids::{EntryId, UserId};
use crate::keys::{AuthorKey, RootSecret, short_key_id};
use crate::outbox::row::{Change, Field, Part, Row, RowKey, Store, state_key};
use crate::outbox::{
    COUNT, Count, Found, Save, SavedEntry, Writer, own_key, own_name, read_own, save_writes,
};
use crate::receipt::{Code, Receipt, ReceiptItem};
use crate::sealing::{DataKey, Purpose};
use crate::wire::Wipe;

mod answers;
mod model;
mod requests;
mod restored;
mod waits;

use model::*;

#[test]
fn nothing_is_said_of_the_signal_before_the_first_try_has_ended() {
    let (mut phone, mut server) = (Phone::new(1), Server::new());
    phone.start();
    let shown = |phone: &Phone| phone.syncer.as_ref().map(Syncer::connection);
    assert_eq!(shown(&phone), Some(Connection::Connecting));
    let request = phone.requests.pop().expect("it asks");
    phone.feed(Event::NoAnswer {
        request: request.id,
        why: NoAnswer::TimedOut,
    });
    assert_eq!(shown(&phone), Some(Connection::Offline));
    phone.settle(&mut server, HOUR);
    assert_eq!(shown(&phone), Some(Connection::Online));
}

#[test]
fn what_waits_is_told_as_it_is() {
    let mut waiting = Waiting::default();
    let told = |waiting: Waiting, connection, session| {
        let told = waiting.told(connection, session, 2 * HOUR)?;
        Some(format!("{} {}", told.what, told.then))
    };
    assert_eq!(told(waiting, Connection::Offline, Session::Open), None);
    waiting.add(HOUR);
    for (connection, words) in [
        (
            Connection::Offline,
            "1 record is kept on this phone. It has waited 1 h. It goes by itself when there is signal.",
        ),
        (
            Connection::Sending(1),
            "1 record is being sent. It says ‘Sent’ when the server has said that it has it. It stays on this phone until then.",
        ),
        (
            Connection::Retrying,
            "1 record is kept on this phone. It has waited 1 h. The server has not said yet that it has it. Holdfast tries again by itself.",
        ),
    ] {
        assert_eq!(
            told(waiting, connection, Session::Open).as_deref(),
            Some(words)
        );
    }
    assert_eq!(
        waiting.left_by("Marta Kowalska").as_deref(),
        Some(
            "1 record by Marta Kowalska is kept on this phone, not sent yet. It goes once Marta Kowalska signs in here."
        )
    );
    waiting.add(HOUR + HOUR / 2);
    for (connection, session, words) in [
        (
            Connection::Retrying,
            Session::Ended,
            "2 records are kept on this phone. The oldest has waited 1 h. They go by themselves once you have signed in again.",
        ),
        // What is being sent does not go while nobody is signed in.
        (
            Connection::Sending(2),
            Session::Ended,
            "2 records are kept on this phone. The oldest has waited 1 h. They go by themselves once you have signed in again.",
        ),
        (
            Connection::Sending(2),
            Session::Open,
            "2 records are being sent. Each says ‘Sent’ when the server has said that it has it. They stay on this phone until then.",
        ),
    ] {
        assert_eq!(told(waiting, connection, session).as_deref(), Some(words));
    }
}

#[test]
fn each_connection_has_its_words() {
    for (connection, words) in [
        (Connection::Connecting, "Connecting"),
        (Connection::Online, "Online"),
        (Connection::Offline, "Offline"),
        (Connection::Sending(3), "Sending 3"),
        (Connection::Retrying, "Not sent yet, trying again"),
        (Connection::AllSent, "All sent"),
    ] {
        assert_eq!(connection.label(), words);
    }
}

#[test]
fn what_is_saved_offline_is_sent_when_the_server_answers() {
    let (mut phone, mut server) = (Phone::new(1), Server::new());
    phone.start();
    let digests = [phone.save(), phone.save()];
    for _ in 0..3 {
        let request = phone.requests.pop().expect("it tries");
        phone.feed(Event::NoAnswer {
            request: request.id,
            why: NoAnswer::Network,
        });
        assert_eq!(
            phone.syncer.as_ref().map(Syncer::connection),
            Some(Connection::Offline)
        );
        phone.now = phone.timer.expect("it tries again by itself");
        phone.feed(Event::TimerFired);
    }
    phone.settle(&mut server, HOUR);
    for digest in digests {
        assert!(matches!(phone.standing(digest), Standing::Final(_)));
        assert_eq!(server.appended[&digest], 1);
    }
    assert_eq!(
        phone.syncer.as_ref().map(Syncer::connection),
        Some(Connection::AllSent)
    );
}

#[test]
fn nothing_is_final_before_it_is_stored_and_a_kill_in_between_sends_it_again() {
    let (mut phone, mut server) = (Phone::new(2), Server::new());
    phone.start();
    let digest = phone.save();
    let request = phone.requests.pop().expect("a pull was under way, or this");
    let (status, body) = server.answer(&request.body, phone.now);
    phone.reply(request.id, status, body);
    assert!(matches!(phone.standing(digest), Standing::Waiting));
    assert!(
        !phone
            .notices
            .iter()
            .any(|notice| matches!(notice, Notice::Own { .. }))
    );
    phone.crash();
    phone.start();
    assert_eq!(phone.syncer.as_ref().expect("started").waiting().count, 1);
    phone.settle(&mut server, HOUR);
    assert!(matches!(phone.standing(digest), Standing::Final(_)));
    assert_eq!(server.appended[&digest], 1);
}

#[test]
fn a_portals_page_too_few_verdicts_and_a_foreign_verdict_change_nothing() {
    let (mut phone, mut server) = (Phone::new(3), Server::new());
    phone.start();
    phone.settle(&mut server, 1_000);
    let digest = phone.save();
    let id = phone.own()[0].id;
    let html = |phone: &mut Phone, request: u64| {
        phone.feed(Event::Answer(Answer {
            request,
            status: 200,
            content_type: Some("text/html".to_owned()),
            retry_after: None,
            body: "<html>Welcome to our wifi</html>".to_owned(),
            round_trip: 5,
        }));
    };
    let too_few = |phone: &mut Phone, request: u64| {
        let body = json!({"v": 1, "log": LogId::from(Uuid::from_u128(4)), "now": 5, "beacon": {"time": 5, "mac": Bytes([2u8; 16])},
            "verdicts": [], "entries": [], "cursor": "9", "more": false});
        phone.reply(request, 200, body.to_string());
    };
    let foreign = |phone: &mut Phone, request: u64| {
        let verdict = json!({"id": EntryId::from(Uuid::from_u128(77)), "seq": 1, "received": 5, "first_received": 0,
            "carrier": null, "flags": 0});
        let body = json!({"v": 1, "log": LogId::from(Uuid::from_u128(4)), "now": 5, "beacon": {"time": 5, "mac": Bytes([2u8; 16])},
            "verdicts": [verdict], "entries": [], "cursor": "9", "more": false});
        phone.reply(request, 200, body.to_string());
    };
    let untyped = |phone: &mut Phone, request: u64| {
        let verdict = json!({"id": id, "seq": 1, "received": 5, "first_received": 0, "carrier": null, "flags": 0});
        let body = json!({"v": 1, "log": LogId::from(Uuid::from_u128(4)), "now": 5, "beacon": {"time": 5, "mac": Bytes([2u8; 16])},
            "verdicts": [verdict], "entries": [], "cursor": "9", "more": false});
        phone.feed(Event::Answer(Answer {
            request,
            status: 200,
            content_type: Some("text/plain".to_owned()),
            retry_after: None,
            body: body.to_string(),
            round_trip: 5,
        }));
    };
    for wrong in [
        &html as &dyn Fn(&mut Phone, u64),
        &too_few,
        &foreign,
        &untyped,
    ] {
        let request = phone.requests.pop().expect("it offers the entry");
        assert!(request.body.contains("\"sig\""), "{}", request.body);
        wrong(&mut phone, request.id);
        assert!(phone.transactions.is_empty());
        assert!(matches!(phone.standing(digest), Standing::Waiting));
        assert_eq!(
            phone.syncer.as_ref().map(Syncer::connection),
            Some(Connection::Retrying)
        );
        phone.now = phone.timer.expect("it tries again");
        phone.feed(Event::TimerFired);
    }
}

#[test]
fn one_poison_entry_does_not_hold_up_the_others() {
    let (mut phone, mut server) = (Phone::new(4), Server::new());
    let digests: Vec<_> = (0..40).map(|_| phone.save()).collect();
    let poison = phone
        .own()
        .into_iter()
        .find(|own| own.digest == digests[17])
        .expect("saved")
        .id;
    server.treatment.insert(poison, Treatment::Poison);
    phone.start();
    phone.settle(&mut server, 60_000);
    for (at, digest) in digests.iter().enumerate() {
        if at == 17 {
            assert!(matches!(phone.standing(*digest), Standing::Stuck { .. }));
        } else {
            assert!(
                matches!(phone.standing(*digest), Standing::Final(_)),
                "entry {at}"
            );
        }
    }
    assert_eq!(
        phone.syncer.as_ref().map(Syncer::connection),
        Some(Connection::Retrying)
    );
    server.treatment.clear();
    phone.settle(&mut server, 7 * HOUR);
    assert!(matches!(phone.standing(digests[17]), Standing::Final(_)));
}

#[test]
fn a_server_that_answers_500_to_everything_marks_no_entry() {
    let (mut phone, mut server) = (Phone::new(5), Server::new());
    let digests: Vec<_> = (0..4).map(|_| phone.save()).collect();
    phone.start();
    for _ in 0..60 {
        if let Some(request) = phone.requests.pop() {
            phone.reply(request.id, 500, "{}".to_owned());
        } else {
            phone.now = phone.timer.take().expect("it goes on by itself");
            phone.feed(Event::TimerFired);
        }
        assert!(phone.transactions.is_empty());
    }
    assert!(
        digests
            .iter()
            .all(|digest| matches!(phone.standing(*digest), Standing::Waiting))
    );
    phone.settle(&mut server, HOUR);
    assert!(
        digests
            .iter()
            .all(|digest| matches!(phone.standing(*digest), Standing::Final(_)))
    );
}

#[test]
fn later_is_not_final_and_comes_back_by_itself() {
    let (mut phone, mut server) = (Phone::new(6), Server::new());
    let digest = phone.save();
    let id = phone.own()[0].id;
    server
        .treatment
        .insert(id, Treatment::Later(START + 30_000));
    phone.start();
    phone.settle(&mut server, 4_000);
    assert!(matches!(phone.standing(digest), Standing::Waiting));
    assert_eq!(phone.waiting_rows(), 1);
    phone.settle(&mut server, 120_000);
    assert!(matches!(phone.standing(digest), Standing::Final(_)));
}

#[test]
fn a_held_entry_is_final_with_its_reason_and_is_not_sent_again() {
    let (mut phone, mut server) = (Phone::new(7), Server::new());
    let digest = phone.save();
    server.treatment.insert(phone.own()[0].id, Treatment::Hold);
    phone.start();
    phone.settle(&mut server, HOUR);
    let Standing::Final(crate::wire::Verdict::Refused { refused, .. }) = phone.standing(digest)
    else {
        panic!("held is final")
    };
    assert_eq!(
        (refused.code.as_str(), refused.reason.as_str()),
        ("not-permitted", "Not yours.")
    );
    assert_eq!(server.sizes.iter().sum::<usize>(), 1);
}

#[test]
fn too_much_at_once_is_halved_until_it_goes() {
    let (mut phone, mut server) = (Phone::new(8), Server::new());
    let digests: Vec<_> = (0..32).map(|_| phone.save()).collect();
    phone.start();
    for _ in 0..400 {
        if let Some(request) = phone.requests.pop() {
            let body: serde_json::Value = serde_json::from_str(&request.body).expect("JSON");
            let too_many = body["entries"].as_array().expect("an array").len() > 5;
            let (status, body) = if too_many {
                (413, String::new())
            } else {
                server.answer(&request.body, phone.now)
            };
            phone.reply(request.id, status, body);
        } else if phone.transactions.is_empty() {
            break;
        } else {
            phone.commit();
        }
    }
    assert!(
        digests
            .iter()
            .all(|digest| matches!(phone.standing(*digest), Standing::Final(_)))
    );
}

#[test]
fn retry_after_is_kept_and_a_wake_up_does_not_cut_it_short() {
    let (mut phone, _) = (Phone::new(9), Server::new());
    phone.start();
    phone.save();
    let request = phone.requests.pop().expect("it tries");
    phone.feed(Event::Answer(Answer {
        request: request.id,
        status: 429,
        content_type: None,
        retry_after: Some(120),
        body: String::new(),
        round_trip: 5,
    }));
    phone.feed(Event::Woken(Wakeup::Online));
    assert!(phone.requests.is_empty());
    let due = phone.timer.expect("it comes back") - phone.now;
    assert!((120_000..=423_000).contains(&due), "{due}");
}

#[test]
fn wake_ups_reset_the_back_off_at_most_once_in_ten_seconds() {
    let (mut phone, _) = (Phone::new(10), Server::new());
    phone.start();
    phone.save();
    let drop = |phone: &mut Phone| {
        let request = phone.requests.pop().expect("under way");
        phone.feed(Event::NoAnswer {
            request: request.id,
            why: NoAnswer::Network,
        });
    };
    drop(&mut phone);
    phone.feed(Event::Woken(Wakeup::Online));
    assert_eq!(phone.requests.len(), 1, "the first wake-up tries at once");
    drop(&mut phone);
    phone.feed(Event::Woken(Wakeup::Visible));
    assert!(
        phone.requests.is_empty(),
        "the second within ten seconds does not"
    );
    phone.now += 10_001;
    phone.timer = None;
    phone.feed(Event::Woken(Wakeup::Visible));
    assert_eq!(phone.requests.len(), 1);
}

#[test]
fn without_a_session_rows_stay_and_go_after_the_next_sign_in() {
    let (mut phone, mut server) = (Phone::new(11), Server::new());
    phone.start();
    let digest = phone.save();
    let request = phone.requests.pop().expect("it tries");
    phone.reply(request.id, 401, "{}".to_owned());
    assert!(
        phone
            .notices
            .iter()
            .any(|notice| matches!(notice, Notice::NeedsSignIn))
    );
    assert!(phone.requests.is_empty());
    assert!(matches!(phone.standing(digest), Standing::Waiting));
    phone.feed(Event::SignedIn);
    phone.settle(&mut server, 10_000);
    assert!(matches!(phone.standing(digest), Standing::Final(_)));
}

#[test]
fn an_aborted_transaction_is_as_if_the_answer_had_not_come() {
    let (mut phone, mut server) = (Phone::new(12), Server::new());
    for n in 0..10 {
        let (digest, entry) = others_entry(n);
        server.append(digest, entry);
    }
    phone.start();
    let digest = phone.save();
    let mut aborts = 0;
    for _ in 0..2_000 {
        if let Some(transaction) = phone.transactions.pop() {
            if aborts < 30 && phone.chance.one_in(2) {
                aborts += 1;
                phone.feed(Event::Aborted {
                    transaction: transaction.id,
                    reason: "QuotaExceededError".to_owned(),
                });
            } else {
                phone.transactions.push(transaction);
                phone.commit();
            }
        } else if let Some(request) = phone.requests.pop() {
            let (status, body) = server.answer(&request.body, phone.now);
            phone.reply(request.id, status, body);
        } else {
            phone.now = phone.timer.take().expect("it goes on");
            phone.feed(Event::TimerFired);
        }
    }
    assert!(matches!(phone.standing(digest), Standing::Final(_)));
    assert_eq!(server.appended[&digest], 1);
    let pulled = phone.pulled();
    for (_, entry) in server.log.iter().filter(|(own, _)| *own != digest) {
        let id: EntryId = serde_json::from_value(entry["id"].clone()).expect("an id");
        assert!(pulled.contains(&id));
    }
}

#[test]
fn a_restored_server_is_given_back_what_it_lost() {
    let (mut phone, mut server) = (Phone::new(13), Server::new());
    for n in 0..6 {
        let (digest, entry) = others_entry(n);
        server.append(digest, entry);
    }
    phone.start();
    phone.settle(&mut server, 1_000);
    let digests: Vec<_> = (0..5).map(|_| phone.save()).collect();
    phone.settle(&mut server, 100_000);
    let before: HashSet<Digest> = server.log.iter().map(|(digest, _)| *digest).collect();
    server.log.truncate(3);
    server.log_id = LogId::from(Uuid::from_u128(99));
    server.rewound = Some(3);
    phone.settle(&mut server, 300_000);
    let after: HashSet<Digest> = server.log.iter().map(|(digest, _)| *digest).collect();
    assert_eq!(after, before);
    assert!(
        digests
            .iter()
            .all(|digest| matches!(phone.standing(*digest), Standing::Final(_)))
    );
    assert!(phone.notices.iter().any(|notice| matches!(
        notice,
        Notice::Own {
            standing: Standing::Again,
            ..
        }
    )));
    assert!(phone.notices.iter().any(|notice| matches!(
        notice,
        Notice::Rewound(restore) if restore.above(service()).is_some()
    )));
    assert_eq!(phone.state::<Restore>(rows::RESTORE), None);
    assert_eq!(
        phone.syncer.as_ref().map(Syncer::connection),
        Some(Connection::AllSent)
    );
}

#[test]
fn a_start_amid_a_restore_says_what_is_unconfirmed() {
    let restore = Restore {
        log: LogId::from(Uuid::from_u128(99)),
        rewound: Some(vec![(service(), 3)]),
        heard: None,
    };
    let stored = Stored {
        restore: Some(restore.clone()),
        ..Stored::default()
    };
    let mut syncer = Syncer::new(config(), stored);
    let effects = syncer.handle(Event::Started, 0, 0);
    assert!(
        effects.iter().any(
            |effect| matches!(effect, Effect::Notice(Notice::Rewound(said)) if *said == restore)
        )
    );
}

#[test]
fn an_element_that_nothing_here_can_read_does_not_stop_the_others() {
    let element = |seq: u64| {
        let (_, entry) = others_entry(seq);
        json!({
            "seq": seq, "received": START, "first_received": 0, "carrier": null, "flags": 0,
            "link": Bytes([0; 16]), "entry": entry,
        })
    };
    let deep = "[".repeat(500) + &"]".repeat(500);
    for strange in [
        "{\"seq\":1e999}",
        "7",
        "{\"seq\":2,\"is\":\"newer\"}",
        &deep,
    ] {
        let text = format!("[{},{strange},{}]", element(1), element(3));
        let seqs: Vec<u64> = page::read(provider(), &text)
            .map(|entry| entry.header.seq)
            .collect();
        assert_eq!(seqs, [1, 3], "{strange}");
    }
}

#[test]
fn a_service_whose_part_changed_is_dropped_and_pulled_anew_in_one_transaction() {
    let (mut phone, mut server) = (Phone::new(14), Server::new());
    let (digest, entry) = others_entry(0);
    server.append(digest, entry);
    phone.start();
    phone.settle(&mut server, 1_000);
    assert_eq!(phone.pulled().len(), 1);
    phone.feed(Event::Woken(Wakeup::Live));
    let request = phone.requests.pop().expect("the live signal pulls");
    let answer = json!({"v": 1, "log": server.log_id, "now": phone.now, "beacon": {"time": 5, "mac": Bytes([2u8; 16])},
        "verdicts": [], "entries": [], "cursor": "0", "more": false, "rescope": [service()]});
    phone.reply(request.id, 200, answer.to_string());
    let writes = &phone.transactions[0].writes;
    assert!(
        writes
            .iter()
            .any(|write| write.store == Store::Pages && write.change == Change::DeleteUnder)
    );
    assert!(
        writes
            .iter()
            .any(|write| write.key == state_key(&VAULT, rows::CURSOR))
    );
    phone.commit();
    assert!(phone.pulled().is_empty());
    assert!(
        phone
            .notices
            .iter()
            .any(|notice| matches!(notice, Notice::Dropped { .. }))
    );
}

#[test]
fn a_wipe_is_obeyed_only_when_signed_by_the_root_and_nothing_waits() {
    let (mut phone, mut server) = (Phone::new(15), Server::new());
    phone.start();
    phone.settle(&mut server, 1_000);
    let wipe = |key: &AuthorKey| json!(Wipe::issue(key, device(), 5));
    for (signer, obeyed) in [
        (AuthorKey::from_seed([1; 32]), false),
        (root().root_sign(), true),
    ] {
        phone.feed(Event::Woken(Wakeup::Live));
        let request = phone.requests.pop().expect("the live signal pulls");
        let (_, body) = server.answer(&request.body, phone.now);
        let mut answer: serde_json::Value = serde_json::from_str(&body).expect("JSON");
        answer["wipe"] = wipe(&signer);
        phone.reply(request.id, 200, answer.to_string());
        phone.commit();
        assert_eq!(
            phone
                .notices
                .iter()
                .any(|notice| matches!(notice, Notice::Wiped)),
            obeyed
        );
    }
}

#[test]
fn what_came_damaged_stays_waiting() {
    let (mut phone, mut server) = (Phone::new(16), Server::new());
    phone.start();
    phone.settle(&mut server, 1_000);
    let digest = phone.save();
    let request = phone.requests.pop().expect("it offers the entry");
    let other = Bytes([5; 32]);
    let item = ReceiptItem {
        digest: other,
        blob: other,
        code: Code::Held,
        seq: 0,
    };
    let answer = json!({"v": 1, "log": server.log_id, "now": phone.now, "beacon": {"time": 5, "mac": Bytes([2u8; 16])},
        "verdicts": [{"id": null, "refused": {"code": "bad-signature", "reason": ""}}],
        "receipt": receipt(server.log_id, phone.now, vec![item]), "entries": [], "cursor": "0", "more": false});
    phone.reply(request.id, 200, answer.to_string());
    phone.commit();
    assert!(matches!(phone.standing(digest), Standing::Waiting));
    let own = phone.own().remove(0);
    let wait = own.next_try - phone.now;
    assert_eq!(own.tries, 1);
    assert!((2_500..=5_000).contains(&wait), "{wait}");
    phone.settle(&mut server, 60_000);
    assert!(matches!(phone.standing(digest), Standing::Final(_)));
}

#[test]
fn receipts_that_verify_are_kept() {
    let (mut phone, mut server) = (Phone::new(17), Server::new());
    phone.start();
    let digest = phone.save();
    phone.settle(&mut server, 10_000);
    let receipts: Vec<_> = phone
        .rows
        .iter()
        .filter(|((store, _), _)| *store == Store::Receipts)
        .collect();
    assert_eq!(receipts.len(), 1);
    let parsed = Receipt::parse(receipts[0].1.bytes("receipt").expect("bytes")).expect("parses");
    assert_eq!(parsed.items[0].digest, digest);
    assert_eq!(parsed.key, short_key_id(&root().receipt(0).public()));
    let outbox = &phone.rows[&(Store::Outbox, crate::outbox::outbox_key(&digest))];
    assert_eq!(outbox.get("code"), Some(&Field::Number(1)));
}

#[test]
fn the_skew_is_the_median_of_the_last_five() {
    let (mut phone, mut server) = (Phone::new(18), Server::new());
    phone.start();
    for skew in [1_000, 5_000, 2_000, 90_000, 3_000, 4_000] {
        phone.feed(Event::Woken(Wakeup::Live));
        let request = phone.requests.pop().expect("it pulls");
        let (_, body) = server.answer(&request.body, phone.now);
        let mut answer: serde_json::Value = serde_json::from_str(&body).expect("JSON");
        answer["now"] = json!(phone.now + skew - 10);
        phone.reply(request.id, 200, answer.to_string());
        phone.commit();
    }
    assert_eq!(phone.syncer.as_ref().expect("runs").skew(), Some(4_000));
}

#[test]
fn a_page_that_slept_hears_nothing_and_goes_on() {
    let (mut phone, mut server) = (Phone::new(19), Server::new());
    phone.start();
    let digest = phone.save();
    phone.requests.clear();
    phone.now += 10 * 60_000;
    phone.timer = None;
    phone.feed(Event::Woken(Wakeup::Visible));
    phone.settle(&mut server, HOUR);
    assert!(matches!(phone.standing(digest), Standing::Final(_)));
}

#[test]
fn a_clock_set_back_holds_nothing_up() {
    let (mut phone, mut server) = (Phone::new(20), Server::new());
    phone.start();
    let digest = phone.save();
    let request = phone.requests.pop().expect("it tries");
    phone.feed(Event::NoAnswer {
        request: request.id,
        why: NoAnswer::Network,
    });
    phone.now -= 48 * HOUR;
    phone.timer = Some(phone.now + 2_000);
    phone.settle(&mut server, 60_000);
    assert!(matches!(phone.standing(digest), Standing::Final(_)));
}

#[test]
fn a_draft_saved_in_two_tabs_is_two_records() {
    let mut phone = Phone::new(21);
    let id = EntryId::from(Uuid::from_u128(50));
    let (first, second) = (phone.save_as(id), phone.save_as(id));
    let own = phone.own();
    let find = |digest| own.iter().find(|own| own.digest == digest).expect("saved");
    assert_eq!(find(first).id, id);
    assert_ne!(find(second).id, id);
    assert_eq!((find(first).n, find(second).n), (1, 2));
    assert!(
        phone
            .rows
            .contains_key(&(Store::Own, own_key(&VAULT, &second)))
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Lost requests, lost answers, answers twice, odd statuses, aborted transactions, kills, wake-ups,
    /// saves at any moment, a poison entry, one that comes later, and a restored server.
    #[test]
    fn whatever_goes_wrong_each_entry_is_answered_for_once(seed in any::<u64>()) {
        let (mut phone, mut server) = (Phone::new(seed), Server::new());
        let mut chance = Chance(seed.rotate_left(17) | 1);
        for n in 0..chance.next() % 12 {
            let (digest, entry) = others_entry(n);
            server.append(digest, entry);
        }
        phone.start();
        let mut restored = false;
        for _ in 0..250 {
            match chance.next() % 12 {
                0 | 1 if phone.saved.len() < 30 => {
                    let digest = phone.save();
                    let id = phone.own().into_iter().find(|own| own.digest == digest).expect("saved").id;
                    match chance.next() % 12 {
                        0 => { server.treatment.insert(id, Treatment::Poison); }
                        1 => { server.treatment.insert(id, Treatment::Later(phone.now + 60_000)); }
                        2 => { server.treatment.insert(id, Treatment::Hold); }
                        _ => {}
                    }
                }
                2 if chance.one_in(3) => { phone.crash(); phone.start(); }
                3 => phone.feed(Event::Woken(Wakeup::Visible)),
                4 => { let (digest, entry) = others_entry(100 + chance.next() % 1_000); if server.log.iter().all(|(own, _)| *own != digest) { server.append(digest, entry); } }
                5 if !restored && chance.one_in(8) => {
                    restored = true;
                    let keep = server.log.len() / 2;
                    server.log.truncate(keep);
                    server.log_id = LogId::from(Uuid::from_u128(1_000));
                    server.rewound = Some(keep as u64);
                }
                _ => {
                    if let Some(transaction) = phone.transactions.pop() {
                        if chance.one_in(6) {
                            phone.feed(Event::Aborted { transaction: transaction.id, reason: "lost".to_owned() });
                        } else {
                            phone.transactions.push(transaction);
                            phone.commit();
                        }
                    } else if let Some(request) = phone.requests.pop() {
                        match chance.next() % 8 {
                            0 => phone.feed(Event::NoAnswer { request: request.id, why: NoAnswer::Network }),
                            1 => {
                                server.answer(&request.body, phone.now);
                                phone.feed(Event::NoAnswer { request: request.id, why: NoAnswer::TimedOut });
                            }
                            2 => {
                                let status = [200, 302, 400, 404, 413, 429, 500, 502, 503][usize::try_from(chance.next() % 9).expect("small")];
                                phone.reply(request.id, status, "<html>".to_owned());
                            }
                            3 => {
                                let (status, body) = server.answer(&request.body, phone.now);
                                phone.reply(request.id, status, body.clone());
                                phone.reply(request.id, status, body);
                            }
                            _ => {
                                let (status, body) = server.answer(&request.body, phone.now);
                                phone.reply(request.id, status, body);
                            }
                        }
                    } else if let Some(timer) = phone.timer.take() {
                        phone.now = phone.now.max(timer);
                        phone.feed(Event::TimerFired);
                    }
                }
            }
            phone.now += 7;
        }
        server.treatment.retain(|_, treatment| *treatment == Treatment::Hold);
        phone.feed(Event::SignedIn);
        phone.settle(&mut server, 40 * HOUR);

        prop_assert_eq!(phone.waiting_rows(), 0);
        prop_assert_eq!(phone.syncer.as_ref().expect("runs").waiting().count, 0);
        let in_log: HashMap<Digest, usize> =
            server.log.iter().fold(HashMap::new(), |mut seen, (digest, _)| { *seen.entry(*digest).or_default() += 1; seen });
        for digest in &phone.saved {
            prop_assert!(matches!(phone.standing(*digest), Standing::Final(_)));
            let places = in_log.get(digest).copied().unwrap_or(0) + usize::from(server.held.contains(digest));
            prop_assert_eq!(places, 1);
        }
        let mut counts: Vec<u64> = phone.own().iter().map(|own| own.n).collect();
        counts.sort_unstable();
        prop_assert_eq!(counts, (1..=phone.saved.len() as u64).collect::<Vec<_>>());
        let pulled = phone.pulled();
        for (digest, entry) in &server.log {
            let id: EntryId = serde_json::from_value(entry["id"].clone()).expect("an id");
            prop_assert!(pulled.contains(&id) || phone.saved.contains(digest));
        }
    }
}

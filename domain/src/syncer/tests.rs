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
mod put_off;
mod requests;
mod restored;
mod waits;

use model::*;

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
        phone.no_network();
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
    phone.hears(&mut server);
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
                    let id = phone.saved_as(digest).id;
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

//! A restored server: what it lost is given back, with its own earlier word, whatever happens meanwhile.

use super::put_off::next_offer;
use super::*;

fn log(n: u128) -> LogId {
    LogId::from(Uuid::from_u128(n))
}

/// The server as it was when its log had so many entries.
pub fn restore(server: &mut Server, keep: usize, as_log: u128) {
    server.log.truncate(keep);
    server.log_id = log(as_log);
    server.rewound = Some(keep as u64);
}

/// A restore of log 1 with these services cut, each above a sequence number.
fn cut(services: &[(u128, u64)]) -> Restore {
    let rewound = services.iter().map(|(n, to)| (service_of(*n), *to));
    Restore {
        log: log(1),
        rewound: Some(rewound.collect()),
        heard: None,
    }
}

/// A restore to a log that is another altogether.
fn anew(as_log: u128) -> Restore {
    Restore {
        log: log(as_log),
        rewound: None,
        heard: None,
    }
}

fn service_of(n: u128) -> ServiceId {
    ServiceId::from(Uuid::from_u128(n))
}

#[test]
fn a_restore_covers_one_of_its_log_that_asks_for_no_more() {
    assert!(anew(1).covers(&anew(1)));
    assert!(anew(1).covers(&cut(&[(7, 3)])));
    assert!(!anew(1).covers(&anew(2)));
    assert!(!cut(&[(7, 0)]).covers(&anew(1)));
    assert!(cut(&[(7, 3), (8, 5)]).covers(&cut(&[(8, 5)])));
    assert!(cut(&[(7, 3)]).covers(&cut(&[(7, 4)])));
    assert!(!cut(&[(7, 3)]).covers(&cut(&[(7, 2)])));
    assert!(!cut(&[(7, 3)]).covers(&cut(&[(7, 3), (8, 9)])));
}

#[test]
fn two_restores_offer_each_service_from_where_it_was_cut_furthest() {
    let both = cut(&[(7, 3), (8, 5)]).and(&cut(&[(8, 2), (9, 4), (7, 6)]));
    let above = |n| both.above(service_of(n));
    assert_eq!(
        [above(7), above(8), above(9), above(10)],
        [Some(3), Some(2), Some(4), None]
    );
    for other in [cut(&[(7, 3)]).and(&anew(1)), anew(1).and(&cut(&[(7, 3)]))] {
        assert_eq!(other.above(service_of(10)), Some(0));
    }
}

#[test]
fn each_restore_that_has_ended_keeps_a_row_of_its_own() {
    assert_eq!(rows::restore_before(1), "restore-1");
    assert_eq!(rows::restore_before(12), "restore-12");
}

/// A phone that has pulled six entries of somebody else and sent two of its own.
pub fn settled() -> (Phone, Server, Vec<Digest>) {
    let (mut phone, mut server) = (Phone::new(13), Server::new());
    let mut all = Vec::new();
    for n in 0..6 {
        let (digest, entry) = others_entry(n);
        server.append(digest, entry);
        all.push(digest);
    }
    phone.start();
    phone.settle(&mut server, 1_000);
    all.extend([phone.save(), phone.save()]);
    phone.settle(&mut server, 100_000);
    assert!(all.iter().all(|digest| in_log(&server, *digest)));
    (phone, server, all)
}

pub fn in_log(server: &Server, digest: Digest) -> bool {
    server.log.iter().any(|(own, _)| *own == digest)
}

/// One thing after the other, until `stop` holds.
pub fn until(
    phone: &mut Phone,
    server: &mut Server,
    stop: impl Fn(&Phone, &Server) -> bool,
) -> Vec<serde_json::Value> {
    let mut asked = Vec::new();
    for _ in 0..200 {
        if stop(phone, server) {
            return asked;
        }
        if !phone.transactions.is_empty() {
            phone.commit();
        } else if let Some(request) = phone.requests.pop() {
            asked.push(serde_json::from_str(&request.body).expect("JSON"));
            let (status, body) = server.answer(&request.body, phone.now);
            phone.now += 20;
            phone.reply(request.id, status, body);
        } else {
            phone.now = phone.now.max(phone.timer.take().expect("a timer"));
            phone.feed(Event::TimerFired);
        }
    }
    panic!("it never comes to that");
}

#[test]
fn a_page_confirms_all_that_was_offered_to_a_restored_server() {
    let (mut phone, mut server, all) = settled();
    phone.notices.clear();
    restore(&mut server, 3, 99);
    phone.settle(&mut server, 300_000);
    let since = phone
        .notices
        .iter()
        .skip_while(|notice| !matches!(notice, Notice::Rewound(_)));
    let confirmed: HashSet<Digest> = since
        .filter_map(|notice| match notice {
            Notice::Page { text, .. } => Some(page::read(provider(), text)),
            _ => None,
        })
        .flatten()
        .map(|entry| entry.digest)
        .collect();
    assert!(all[3..].iter().all(|digest| confirmed.contains(digest)));
}

#[test]
fn a_restore_amid_a_restore_is_noticed_by_the_newest_answer() {
    let (mut phone, mut server, all) = settled();
    restore(&mut server, 3, 99);
    // All is given back, and the page after it not pulled yet: no cursor of the phone's knows of it.
    until(&mut phone, &mut server, |phone, server| {
        all.iter().all(|digest| in_log(server, *digest))
            && phone.transactions.is_empty()
            && phone.waiting_rows() == 0
    });
    assert!(phone.state::<Restore>(rows::RESTORE).is_some());
    // This one is silent, as a bare copy of the file is: the log's name is the same.
    server.log.truncate(3);
    server.cuts += 1;
    phone.settle(&mut server, 600_000);
    assert!(all.iter().all(|digest| in_log(&server, *digest)));
    assert_eq!(phone.state::<Restore>(rows::RESTORE), None);
}

#[test]
fn a_restore_right_after_the_page_that_ends_one_is_noticed() {
    let (mut phone, mut server, all) = settled();
    restore(&mut server, 3, 99);
    until(&mut phone, &mut server, |phone, _| {
        phone.transactions.is_empty() && phone.state::<u32>(rows::EPOCH) == Some(1)
    });
    server.log.truncate(3);
    server.cuts += 1;
    phone.settle(&mut server, 600_000);
    assert!(all.iter().all(|digest| in_log(&server, *digest)));
}

#[test]
fn nothing_is_said_to_be_all_sent_while_a_restore_is_being_stored() {
    let (mut phone, mut server, _) = settled();
    restore(&mut server, 3, 99);
    phone.feed(Event::Woken(Wakeup::Asked));
    until(&mut phone, &mut server, |phone, _| {
        !phone.transactions.is_empty()
    });
    let connection = phone.syncer.as_ref().map(Syncer::connection);
    assert_eq!(connection, Some(Connection::Retrying));
}

#[test]
fn the_servers_earlier_word_goes_along_also_after_a_restart() {
    let (mut phone, mut server, all) = settled();
    let own: HashSet<Digest> = all[6..].iter().copied().collect();
    // The server takes none of ours until all else is dealt with.
    for entry in phone.own() {
        server
            .treatment
            .insert(entry.id, Treatment::Later(phone.now + HOUR));
    }
    restore(&mut server, 3, 99);
    phone.feed(Event::Woken(Wakeup::Asked));
    until(&mut phone, &mut server, |phone, _| {
        phone.state::<u32>(rows::EPOCH) == Some(1)
            && phone.state::<Restore>(rows::RESTORE).is_none()
            && phone.transactions.is_empty()
    });
    assert_eq!(phone.waiting_rows(), 2);
    phone.crash();
    phone.now += HOUR;
    phone.start();
    let asked = until(&mut phone, &mut server, |phone, _| {
        phone.waiting_rows() == 0 && phone.transactions.is_empty()
    });
    for request in asked {
        let entries = request["entries"].as_array().expect("a list").len();
        let receipts: Vec<Blob> =
            serde_json::from_value(request["receipts"].clone()).unwrap_or_default();
        let named: HashSet<Digest> = receipts
            .iter()
            .flat_map(|bytes| Receipt::parse(&bytes.0).expect("as it came").items)
            .map(|item| item.digest)
            .collect();
        assert!(entries == 0 || own.is_subset(&named), "{request}");
    }
}

#[test]
fn a_restore_is_kept_with_the_epoch_it_ended_and_its_page_begins_where_it_cut() {
    let (mut phone, mut server, _) = settled();
    restore(&mut server, 3, 99);
    phone.feed(Event::Woken(Wakeup::Asked));
    let asked = until(&mut phone, &mut server, |phone, server| {
        phone.is_done(server)
    });
    let ended: Restore = phone.state(&rows::restore_before(1)).expect("kept");
    assert_eq!((ended.above(service()), ended.heard), (Some(3), None));
    let from: Vec<_> = asked
        .iter()
        .filter_map(|request| request.get("from"))
        .collect();
    assert_eq!(from, [&json!([{"service": service(), "to": 3}])]);
}

/// A phone that has one entry of somebody else to offer, which the server answers with 500 once.
fn refused_once() -> (Phone, Server, Digest) {
    let (mut phone, mut server, all) = settled();
    let (digest, entry) = others_entry(5);
    assert_eq!(digest, all[5]);
    let id = serde_json::from_value(entry["id"].clone()).expect("an id");
    restore(&mut server, 5, 99);
    server.treatment.insert(id, Treatment::Poison);
    server.sizes.clear();
    phone.feed(Event::Woken(Wakeup::Asked));
    // The two of ours go together, and then the one offer.
    until(&mut phone, &mut server, |_, server| {
        server.sizes.last() == Some(&1)
    });
    assert!(!in_log(&server, digest));
    (phone, server, digest)
}

/// It may have been damaged on its way, and no other phone need have it.
#[test]
fn an_offer_that_was_not_taken_is_offered_again() {
    let (mut phone, mut server, digest) = refused_once();
    server.treatment.clear();
    phone.settle(&mut server, 600_000);
    assert!(in_log(&server, digest));
}

#[test]
fn an_offer_that_alone_is_too_much_is_offered_again() {
    let (mut phone, mut server, all) = settled();
    let (digest, entry) = others_entry(5);
    assert_eq!(digest, all[5]);
    let id: EntryId = serde_json::from_value(entry["id"].clone()).expect("an id");
    restore(&mut server, 5, 99);
    phone.feed(Event::Woken(Wakeup::Asked));
    for _ in 0..3 {
        next_offer(&mut phone, &mut server);
        while brought(&phone) != [id] {
            phone.answered(&mut server);
            next_offer(&mut phone, &mut server);
        }
        refuse(&mut phone, 413);
    }
    phone.settle(&mut server, 600_000);
    assert!(in_log(&server, digest));
}

#[test]
fn an_offer_that_is_never_taken_does_not_hold_up_what_is_new() {
    let (mut phone, mut server, _) = refused_once();
    let (new, entry) = others_entry(6);
    server.append(new, entry);
    phone.settle(&mut server, 3_600_000);
    assert_eq!(phone.state::<Restore>(rows::RESTORE), None);
    assert!(phone.was_brought(new));
    let alone = server.sizes.iter().filter(|size| **size == 1);
    assert_eq!(alone.count(), 8, "it is left to other phones then");
}

#[test]
fn what_a_restored_server_lost_is_given_back_once_and_with_the_receipts_that_name_it() {
    let (mut phone, mut server, all) = settled();
    restore(&mut server, 3, 99);
    server.sizes.clear();
    phone.feed(Event::Woken(Wakeup::Asked));
    let asked = until(&mut phone, &mut server, |phone, server| {
        phone.is_done(server)
    });
    assert_eq!(server.sizes.iter().sum::<usize>(), 5);
    let lost: HashSet<Digest> = all[3..].iter().copied().collect();
    for request in asked {
        let brings = !request["entries"].as_array().expect("a list").is_empty();
        let Some(receipts) = request.get("receipts") else {
            continue;
        };
        assert!(brings, "no receipt goes by itself");
        let receipts: Vec<Blob> = serde_json::from_value(receipts.clone()).expect("receipts");
        for receipt in receipts {
            let items = Receipt::parse(&receipt.0).expect("as it came").items;
            assert!(items.iter().any(|item| lost.contains(&item.digest)));
        }
    }
}

/// Reads that bring nothing are asked for again every 45 seconds, and no request goes meanwhile.
pub fn is_read_again(mut phone: Phone) {
    let began = phone.now;
    for (after, reads) in [
        (0, 1),
        (45_000, 1),
        (45_001, 2),
        (90_001, 2),
        (90_002, 3),
        // The clock is set back.
        (45_002, 3),
        (45_001, 4),
    ] {
        phone.now = began + after;
        phone.feed(Event::TimerFired);
        assert_eq!(phone.reads, Some(reads), "after {after} ms");
        assert!(phone.requests.is_empty());
    }
}

#[test]
fn what_is_to_be_offered_is_read_again_where_the_database_did_not_answer() {
    let (mut phone, mut server, _) = settled();
    restore(&mut server, 3, 99);
    phone.feed(Event::Woken(Wakeup::Asked));
    phone.reads = Some(0);
    until(&mut phone, &mut server, |phone, _| phone.reads == Some(1));
    is_read_again(phone);
}

#[test]
fn a_server_that_begins_anew_amid_a_restore_is_given_all_of_it() {
    let (mut phone, mut server, all) = settled();
    restore(&mut server, 3, 99);
    until(&mut phone, &mut server, |phone, server| {
        all.iter().all(|digest| in_log(server, *digest)) && phone.transactions.is_empty()
    });
    // Nothing is left by which it could tell what it lacks.
    server.log.clear();
    server.log_id = log(98);
    server.rewound = None;
    phone.settle(&mut server, 600_000);
    assert!(all.iter().all(|digest| in_log(&server, *digest)));
}

/// A phone that was told of a restore, and has begun to deal with it.
fn amid_a_restore() -> (Phone, Server) {
    let (mut phone, mut server, _) = settled();
    restore(&mut server, 3, 99);
    phone.feed(Event::Woken(Wakeup::Asked));
    until(&mut phone, &mut server, |phone, _| {
        phone.transactions.is_empty() && phone.state::<Restore>(rows::RESTORE).is_some()
    });
    (phone, server)
}

/// Whether something is unconfirmed, each time that it was said since the last start.
fn unconfirmed(phone: &Phone) -> Vec<bool> {
    let said = phone.notices.iter().filter_map(|notice| match notice {
        Notice::Rewound(restore) => Some(restore.above(service()).is_some()),
        _ => None,
    });
    said.collect()
}

#[test]
fn once_the_page_after_a_restore_is_here_a_start_leaves_nothing_unconfirmed() {
    let (mut phone, mut server) = amid_a_restore();
    phone.crash();
    phone.notices.clear();
    phone.start();
    assert_eq!(unconfirmed(&phone), [true]);
    until(&mut phone, &mut server, |phone, _| {
        phone.transactions.is_empty() && phone.state::<u32>(rows::EPOCH) == Some(1)
    });
    assert!(phone.state::<Restore>(rows::RESTORE).is_some());
    phone.crash();
    phone.notices.clear();
    phone.start();
    assert_eq!(unconfirmed(&phone), [false]);
}

#[test]
fn the_newest_answer_amid_a_restore_is_what_the_next_request_asks_by() {
    let (mut phone, mut server) = amid_a_restore();
    for zeros in ["0", "00"] {
        let request = phone.requests.pop().expect("it goes on");
        let (status, body) = server.answer(&request.body, phone.now);
        let mut answer: serde_json::Value = serde_json::from_str(&body).expect("JSON");
        let (chain, seq) = answer["cursor"]
            .as_str()
            .and_then(|cursor| cursor.split_once('/'))
            .expect("a cursor");
        // Another text of the same place.
        answer["cursor"] = json!(format!("{chain}/{zeros}{seq}"));
        phone.reply(request.id, status, answer.to_string());
        phone.commit();
        let kept: Restore = phone.state(rows::RESTORE).expect("it goes on");
        assert_eq!(kept.heard.as_deref(), answer["cursor"].as_str());
    }
}

/// As one was stored that knew of no newest answer yet.
#[test]
fn a_restore_that_is_told_of_once_more_does_not_begin_again() {
    let (mut phone, mut server) = amid_a_restore();
    let known: Restore = phone.state(rows::RESTORE).expect("it goes on");
    let known = Restore {
        heard: None,
        ..known
    };
    phone.crash();
    let sealed = crate::outbox::sealed_json(Purpose::State, &known);
    phone.store(vec![Write::new(
        Store::State,
        state_key(&VAULT, rows::RESTORE),
        Change::Put(Row::new().with("sealed", sealed)),
    )]);
    phone.notices.clear();
    phone.start();
    phone.settle(&mut server, 600_000);
    assert_eq!(unconfirmed(&phone), [true], "at the start alone");
}

#[test]
fn what_the_restored_server_says_as_it_tells_of_it_stands() {
    let (mut phone, mut server, all) = settled();
    restore(&mut server, 3, 99);
    phone.crash();
    let (later, taken) = (phone.save(), phone.save());
    let id = phone.saved_as(later).id;
    server.treatment.insert(id, Treatment::Later(Millis::MAX));
    phone.start();
    until(&mut phone, &mut server, |phone, _| {
        phone.transactions.is_empty() && phone.state::<Restore>(rows::RESTORE).is_some()
    });
    assert!(matches!(phone.standing(all[7]), Standing::Again));
    assert!(matches!(phone.standing(taken), Standing::Final(_)));
    assert!(matches!(phone.standing(later), Standing::Waiting));
}

#[test]
fn what_is_offered_at_once_is_no_more_than_the_server_takes() {
    for (count, size, at_once) in [
        (16, 60_000, 15),
        (16, 60_001, 14),
        (BATCH_ENTRIES + 1, 100, BATCH_ENTRIES),
    ] {
        let (mut phone, mut server) = (Phone::new(48), Server::new());
        phone.start();
        phone.settle(&mut server, HOUR);
        restore(&mut server, 0, 99);
        phone.reads = Some(0);
        phone.feed(Event::Woken(Wakeup::Asked));
        until(&mut phone, &mut server, |phone, _| phone.reads == Some(1));
        let offer = |at: usize| Offer {
            digest: crate::encoding::sha256(&[&at.to_be_bytes()]),
            // A string with its quotes, and the comma after it.
            json: serde_json::value::to_raw_value(&"x".repeat(size - 3)).expect("JSON"),
        };
        phone.feed(Event::Offers {
            offers: (0..count).map(offer).collect(),
            receipts: Vec::new(),
        });
        assert_eq!(brings(&phone), at_once, "{count} of {size} bytes");
    }
}

#[test]
fn the_page_that_ends_a_restore_counts_once_though_it_was_stored_at_the_second_try() {
    let (mut phone, mut server) = amid_a_restore();
    until(&mut phone, &mut server, |phone, _| {
        let epoch = state_key(&VAULT, rows::EPOCH);
        let mut writes = phone.transactions.iter().flat_map(|it| &it.writes);
        writes.any(|write| write.key == epoch)
    });
    phone.abort();
    phone.settle(&mut server, 600_000);
    assert_eq!(phone.state::<u32>(rows::EPOCH), Some(1));
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

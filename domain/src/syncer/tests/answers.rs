//! What an answer leads to.

use super::*;

#[test]
fn one_that_alone_is_too_much_needs_attention_and_is_due_again_within_seconds() {
    let (mut phone, _) = with_waiting(1);
    let began = phone.now;
    refuse(&mut phone, 413);
    phone.commit();
    let own = phone.own().remove(0);
    assert!(matches!(own.standing, Standing::Stuck { code } if code == "413"));
    assert_eq!(own.tries, 1);
    let wait = own.next_try - began;
    assert!((2_500..=5_000).contains(&wait), "{wait}");
    assert_eq!(phone.shown(), Connection::Retrying);
}

#[test]
fn one_under_suspicion_needs_attention_once_a_pull_shows_that_the_server_works() {
    let (mut phone, mut server) = with_waiting(4);
    for left in [2, 1, 0] {
        refuse(&mut phone, 500);
        assert_eq!(brings(&phone), left);
    }
    let began = phone.now;
    phone.answered(&mut server);
    let mut stuck = phone.own();
    stuck.retain(|own| matches!(own.standing, Standing::Stuck { .. }));
    assert_eq!(stuck.len(), 1);
    let own = stuck.remove(0);
    assert_eq!(own.tries, 1);
    let wait = own.next_try - began;
    assert!((2_500..=5_000).contains(&wait), "{wait}");
    assert_eq!(brings(&phone), 1, "a pull says nothing of size");
}

#[test]
fn an_answer_to_a_pull_alone_that_blames_entries_is_a_bad_answer() {
    for status in [400, 413, 422, 500, 302, 404] {
        let (mut phone, _) = (Phone::new(39), Server::new());
        phone.start();
        refuse(&mut phone, status);
        assert_eq!(phone.shown(), Connection::Offline, "{status}");
        assert!((1_000..=2_000).contains(&phone.due_in()), "{status}");
    }
}

#[test]
fn later_is_at_least_a_second_and_at_most_six_hours() {
    for (after, wait) in [(0, 1_000), (90, 90_000), (1_000_000, 6 * HOUR)] {
        let (mut phone, mut server) = with_waiting(1);
        let id = phone.own()[0].id;
        server.treatment.insert(id, Treatment::Later(Millis::MAX));
        let request = phone.requests.pop().expect("under way");
        let (status, body) = server.answer(&request.body, phone.now);
        let body = body.replace("\"after\":5", &format!("\"after\":{after}"));
        let began = phone.now;
        phone.reply(request.id, status, body);
        phone.commit();
        let own = phone.own().remove(0);
        assert_eq!((own.next_try - began, own.tries), (wait, 1));
        assert!(matches!(own.standing, Standing::Waiting));
    }
}

#[test]
fn the_skew_is_measured_in_the_middle_of_the_round_trip() {
    let (mut phone, mut server) = (Phone::new(42), Server::new());
    phone.start();
    let request = phone.requests.pop().expect("under way");
    let (_, body) = server.answer(&request.body, phone.now + 5_000);
    phone.reply(request.id, 200, body);
    phone.commit();
    // The round trip took 20 ms, and half of it is the answer's.
    assert_eq!(phone.syncer.as_ref().expect("started").skew(), Some(5_010));
    assert_eq!(phone.state::<Vec<i64>>(rows::SKEW), Some(vec![5_010]));
}

#[test]
fn the_last_five_skews_are_kept() {
    let (mut phone, mut server) = (Phone::new(44), Server::new());
    phone.start();
    let phone_now = phone.now;
    for skew in 1..=7 {
        answered_with(&mut phone, &mut server, |answer| {
            // The answer's half of the round trip is 10 ms.
            answer["now"] = json!(phone_now + skew - 10);
        });
        let kept = phone.state::<Vec<i64>>(rows::SKEW).expect("kept");
        let last: Vec<i64> = ((skew - 4).max(1)..=skew).collect();
        assert_eq!(kept, last);
        phone.feed(Event::Woken(Wakeup::Asked));
    }
}

#[test]
fn a_wipe_waits_for_what_the_server_takes_later_alone() {
    for (later, wiped) in [(false, true), (true, false)] {
        let (mut phone, mut server) = with_waiting(1);
        if later {
            let id = phone.own()[0].id;
            server.treatment.insert(id, Treatment::Later(Millis::MAX));
        }
        answered_with(&mut phone, &mut server, |answer| {
            answer["wipe"] = json!(Wipe::issue(&root().root_sign(), device(), 5));
        });
        let mut said = phone.notices.iter();
        let said = said.any(|notice| matches!(notice, Notice::Wiped));
        assert_eq!(said, wiped, "later: {later}");
    }
}

#[test]
fn without_a_receipt_that_proves_it_the_code_is_that_of_the_verdict() {
    let refused = |code: &str| json!({"id": null, "refused": {"code": code, "reason": ""}});
    let item = ReceiptItem {
        digest: Bytes([1; 32]),
        blob: Bytes([0; 32]),
        code: Code::Held,
        seq: 0,
    };
    let unknown = RootSecret::new([8; 32]).receipt(0);
    let unknown = Receipt::issue(LogId::from(Uuid::from_u128(4)), 5, vec![item], &unknown);
    let unknown = Some(Blob(unknown.to_bytes()));
    for (verdict, receipt, code) in [
        (None, None, Code::Accepted),
        (None, unknown, Code::Accepted),
        (Some(refused("broken")), None, Code::Broken),
        (Some(refused("not-permitted")), None, Code::Held),
    ] {
        let (mut phone, mut server) = with_waiting(1);
        let digest = phone.own()[0].digest;
        answered_with(&mut phone, &mut server, |answer| {
            answer["receipt"] = json!(receipt);
            if let Some(verdict) = &verdict {
                answer["verdicts"][0] = verdict.clone();
            }
        });
        let row = &phone.rows[&(Store::Outbox, crate::outbox::outbox_key(&digest))];
        assert_eq!(row.get("code"), Some(&Field::Number(code as i64)));
        assert!(matches!(phone.standing(digest), Standing::Final(_)));
        let mut rows = phone.rows.keys();
        assert!(!rows.any(|(store, _)| *store == Store::Receipts));
    }
}

#[test]
fn new_keys_are_kept_once_where_the_root_signed_them() {
    let other_root = RootSecret::new([8; 32]);
    for (keys, kept) in [
        (server_keys(), 1),
        (Keys::issue(&other_root, 1, 1, 0), 1),
        (Keys::issue(&root(), 1, 0, 0), 2),
        (Keys::issue(&root(), 0, 1, 0), 2),
    ] {
        let (mut phone, mut server) = (Phone::new(43), Server::new());
        phone.start();
        for _ in 0..2 {
            answered_with(&mut phone, &mut server, |answer| {
                answer["keys"] = json!(keys);
            });
            phone.feed(Event::Woken(Wakeup::Asked));
        }
        let stored = phone.state::<Vec<Keys>>(rows::KEYS);
        assert_eq!(stored.map_or(1, |keys| keys.len()), kept);
    }
}

#[test]
fn more_is_asked_for_at_once_unless_it_brings_nothing_and_leads_nowhere() {
    let more = |brings: bool, leads: bool| {
        let (mut phone, mut server) = at_rest();
        if brings {
            let (digest, entry) = others_entry(1);
            server.append(digest, entry);
        }
        phone.feed(Event::Woken(Wakeup::Asked));
        let here = phone.asked()["cursor"].clone();
        answered_with(&mut phone, &mut server, |answer| {
            answer["more"] = json!(true);
            answer["cursor"] = if leads {
                json!("elsewhere")
            } else {
                here.clone()
            };
        });
        phone.requests.len()
    };
    assert_eq!(more(false, false), 0);
    assert_eq!(more(false, true), 1);
    assert_eq!(more(true, false), 1);
}

#[test]
fn that_all_is_here_is_said_once() {
    let (mut phone, mut server) = at_rest();
    phone.feed(Event::Woken(Wakeup::Asked));
    phone.answered(&mut server);
    let said = phone.notices.iter();
    let said = said.filter(|notice| matches!(notice, Notice::UpToDate));
    assert_eq!(said.count(), 1);
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
    let poison = phone.saved_as(digests[17]).id;
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
        answered_with(&mut phone, &mut server, |answer| {
            answer["wipe"] = wipe(&signer)
        });
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
        let said = phone.now + skew - 10;
        answered_with(&mut phone, &mut server, |answer| {
            answer["now"] = json!(said)
        });
    }
    assert_eq!(phone.syncer.as_ref().expect("runs").skew(), Some(4_000));
}

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

//! The edges of its waits, limits and words: what no run of luck would show.

use super::*;

impl Phone {
    fn shown(&self) -> Connection {
        self.syncer.as_ref().expect("started").connection()
    }

    /// The one request under way, as the server reads it.
    fn asked(&self) -> serde_json::Value {
        let [request] = &self.requests[..] else {
            panic!("one request is under way")
        };
        serde_json::from_str(&request.body).expect("JSON")
    }

    pub(super) fn no_network(&mut self) {
        let request = self.requests.pop().expect("under way");
        self.feed(Event::NoAnswer {
            request: request.id,
            why: NoAnswer::Network,
        });
    }

    /// The server answers what is under way, and the answer is stored.
    pub(super) fn answered(&mut self, server: &mut Server) {
        let request = self.requests.pop().expect("under way");
        let (status, body) = server.answer(&request.body, self.now);
        self.reply(request.id, status, body);
        self.commit();
    }

    fn due_in(&self) -> Millis {
        self.timer.expect("it goes on by itself") - self.now
    }
}

/// A phone that has pulled all there is and waits for the next thing.
fn at_rest() -> (Phone, Server) {
    let (mut phone, mut server) = (Phone::new(31), Server::new());
    phone.start();
    phone.settle(&mut server, HOUR);
    (phone, server)
}

#[test]
fn what_is_under_way_shows_as_being_sent_until_it_is_stored() {
    let (mut phone, mut server) = at_rest();
    phone.save();
    assert_eq!(phone.shown(), Connection::Sending(1));
    let request = phone.requests.pop().expect("under way");
    let (status, body) = server.answer(&request.body, phone.now);
    phone.reply(request.id, status, body);
    assert_eq!(phone.shown(), Connection::Sending(1));
    phone.commit();
    assert_eq!(phone.shown(), Connection::AllSent);
}

#[test]
fn a_row_read_before_its_verdict_was_stored_does_not_wait_again() {
    let (mut phone, mut server) = at_rest();
    phone.save();
    let read_before = phone.own();
    phone.settle(&mut server, HOUR);
    phone.feed(Event::Found(read_before));
    assert_eq!(phone.shown(), Connection::AllSent);
    assert!(phone.requests.is_empty());
}

#[test]
fn a_wake_up_that_nothing_held_up_uses_up_no_reset() {
    let (mut phone, mut server) = (Phone::new(32), Server::new());
    phone.start();
    phone.answered(&mut server);
    phone.feed(Event::Woken(Wakeup::Online));
    phone.no_network();
    phone.feed(Event::Woken(Wakeup::Visible));
    assert_eq!(
        phone.requests.len(),
        1,
        "the first that was held up tries at once"
    );
}

#[test]
fn a_clock_set_back_does_not_keep_wake_ups_from_resetting() {
    let (mut phone, _) = (Phone::new(33), Server::new());
    phone.start();
    phone.no_network();
    phone.feed(Event::Woken(Wakeup::Online));
    phone.no_network();
    phone.now -= 5_000;
    phone.feed(Event::Woken(Wakeup::Visible));
    assert_eq!(phone.requests.len(), 1);
}

#[test]
fn without_a_session_it_says_so_once_and_tries_again_in_five_minutes() {
    let (mut phone, _) = (Phone::new(34), Server::new());
    phone.start();
    for _ in 0..2 {
        let request = phone.requests.pop().expect("it tries");
        phone.reply(request.id, 401, String::new());
        assert_eq!(phone.due_in(), 300_000);
        phone.now = phone.timer.take().expect("it goes on");
        phone.feed(Event::TimerFired);
    }
    let said = phone.notices.iter();
    let said = said.filter(|notice| matches!(notice, Notice::NeedsSignIn));
    assert_eq!(said.count(), 1);
}

/// Nothing happens but time: does `lost` hold after 45 s and a moment, and not before?
fn is_given_up(mut phone: Phone, lost: impl Fn(&Phone) -> bool) {
    let began = phone.now;
    for (after, expected) in [(44_999, false), (45_000, false), (45_001, true)] {
        phone.now = began + after;
        phone.feed(Event::TimerFired);
        assert_eq!(lost(&phone), expected, "after {after} ms");
    }
}

#[test]
fn a_request_that_is_not_heard_of_again_is_given_up_after_45_seconds() {
    let (mut phone, _) = (Phone::new(35), Server::new());
    phone.start();
    is_given_up(phone, |phone| phone.shown() == Connection::Offline);
}

#[test]
fn a_transaction_that_does_not_end_is_given_up_after_45_seconds() {
    let (mut phone, mut server) = (Phone::new(36), Server::new());
    phone.start();
    let request = phone.requests.pop().expect("under way");
    let (status, body) = server.answer(&request.body, phone.now);
    phone.reply(request.id, status, body);
    assert!(phone.requests.is_empty());
    is_given_up(phone, |phone| {
        let mut said = phone.notices.iter();
        said.any(|notice| matches!(notice, Notice::NotStored { .. }))
    });
}

#[test]
fn an_answer_that_comes_after_it_was_given_up_changes_nothing() {
    let (mut phone, mut server) = (Phone::new(37), Server::new());
    phone.start();
    let first = phone.requests.pop().expect("under way");
    let (status, body) = server.answer(&first.body, phone.now);
    phone.feed(Event::NoAnswer {
        request: first.id,
        why: NoAnswer::TimedOut,
    });
    phone.feed(Event::Woken(Wakeup::Asked));
    assert_eq!(phone.requests.len(), 1);
    phone.reply(first.id, status, body);
    assert!(phone.transactions.is_empty());
    phone.answered(&mut server);
    assert_eq!(phone.shown(), Connection::Online);
}

#[test]
fn a_transaction_that_ends_after_it_was_given_up_ends_no_other() {
    let (mut phone, mut server) = (Phone::new(38), Server::new());
    phone.start();
    let digest = phone.save();
    phone.answered(&mut server);
    let request = phone.requests.pop().expect("the record goes");
    let (status, body) = server.answer(&request.body, phone.now);
    phone.reply(request.id, status, body);
    let first = phone.transactions.pop().expect("the verdict is stored");
    phone.feed(Event::Aborted {
        transaction: first.id,
        reason: "closed".to_owned(),
    });
    phone.now = phone.timer.take().expect("it tries again");
    phone.feed(Event::TimerFired);
    let request = phone.requests.pop().expect("the record goes again");
    let (status, body) = server.answer(&request.body, phone.now);
    phone.reply(request.id, status, body);
    phone.feed(Event::Committed {
        transaction: first.id,
    });
    assert_eq!(phone.shown(), Connection::Sending(1));
    phone.commit();
    assert_eq!(phone.shown(), Connection::AllSent);
    assert!(matches!(phone.standing(digest), Standing::Final(_)));
}

#[test]
fn each_change_of_connection_and_of_what_waits_is_told_once() {
    let (mut phone, mut server) = at_rest();
    phone.notices.clear();
    phone.save();
    phone.feed(Event::TimerFired);
    phone.answered(&mut server);
    phone.feed(Event::TimerFired);
    let connections = phone.notices.iter().filter_map(|notice| match notice {
        Notice::Connection(connection) => Some(*connection),
        _ => None,
    });
    assert_eq!(
        connections.collect::<Vec<_>>(),
        [Connection::Sending(1), Connection::AllSent]
    );
    let counts = phone.notices.iter().filter_map(|notice| match notice {
        Notice::Waiting(waiting) => Some(waiting.count),
        _ => None,
    });
    assert_eq!(counts.collect::<Vec<_>>(), [1, 0]);
}

/// How many entries the request under way brings.
pub(super) fn brings(phone: &Phone) -> usize {
    let asked = phone.asked();
    asked["entries"].as_array().expect("an array").len()
}

fn refuse(phone: &mut Phone, status: u16) {
    let request = phone.requests.pop().expect("under way");
    phone.reply(request.id, status, String::new());
}

/// The next request goes as soon as it may.
fn next(phone: &mut Phone) {
    phone.now = phone.now.max(phone.timer.take().expect("it goes on"));
    phone.feed(Event::TimerFired);
}

/// A phone with so many records that wait; its first pull is done.
fn with_waiting(count: usize) -> (Phone, Server) {
    let (mut phone, mut server) = at_rest();
    phone.crash();
    for _ in 0..count {
        phone.save();
    }
    phone.start();
    assert_eq!(phone.requests.len(), 1);
    server.sizes.clear();
    (phone, server)
}

#[test]
fn what_is_too_much_is_halved_and_doubles_again_as_it_is_taken() {
    let (mut phone, mut server) = with_waiting(40);
    assert_eq!(brings(&phone), 40);
    refuse(&mut phone, 413);
    assert_eq!(brings(&phone), 20);
    refuse(&mut phone, 500);
    assert_eq!(brings(&phone), 10);
    let request = phone.requests.pop().expect("under way");
    phone.feed(Event::NoAnswer {
        request: request.id,
        why: NoAnswer::TimedOut,
    });
    next(&mut phone);
    assert_eq!(brings(&phone), 5);
    phone.no_network();
    next(&mut phone);
    assert_eq!(
        brings(&phone),
        5,
        "that there is no network says nothing of size"
    );
    phone.answered(&mut server);
    assert_eq!(brings(&phone), 10);
}

#[test]
fn a_request_holds_no_more_than_the_server_takes() {
    let (phone, _) = with_waiting(BATCH_ENTRIES + 1);
    assert_eq!(brings(&phone), BATCH_ENTRIES);
}

#[test]
fn one_that_alone_is_too_much_needs_attention_and_goes_again_within_seconds() {
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
fn tries_come_more_seldom_up_to_five_minutes_and_without_network_half_a_minute() {
    let longest = |end: &dyn Fn(&mut Phone)| {
        let (mut phone, _) = (Phone::new(40), Server::new());
        phone.start();
        let waits = (0..40).map(|_| {
            end(&mut phone);
            let wait = phone.due_in();
            next(&mut phone);
            wait
        });
        waits.max().expect("forty")
    };
    let without_network = longest(&|phone| phone.no_network());
    assert!(
        (15_000..=30_000).contains(&without_network),
        "{without_network}"
    );
    let bad_answers = longest(&|phone| refuse(phone, 502));
    assert!((150_000..=300_000).contains(&bad_answers), "{bad_answers}");
}

#[test]
fn a_server_that_asks_for_time_gets_it_up_to_a_quarter_of_an_hour() {
    for (asked, least) in [(None, 0), (Some(120), 120_000), (Some(86_400), 900_000)] {
        for status in [429, 503] {
            let (mut phone, _) = (Phone::new(41), Server::new());
            phone.start();
            let request = phone.requests.pop().expect("under way");
            phone.feed(Event::Answer(Answer {
                request: request.id,
                status,
                content_type: None,
                retry_after: asked,
                body: String::new(),
                round_trip: 5,
            }));
            let wait = phone.due_in() - least;
            assert!((1_000..=2_000).contains(&wait), "{asked:?}: {wait}");
        }
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
fn it_asks_again_a_minute_to_a_minute_and_a_half_after_the_last_page() {
    for seed in 50..60 {
        let (mut phone, mut server) = (Phone::new(seed), Server::new());
        phone.start();
        phone.answered(&mut server);
        assert!((60_000..=90_000).contains(&phone.due_in()));
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
fn a_request_says_what_waits_and_how_far_its_keys_count() {
    let (phone, _) = with_waiting(3);
    let waiting = &phone.asked()["waiting"];
    assert_eq!(waiting["count"], 3);
    assert_eq!(waiting["oldest"], phone.now);
    let counts = waiting["n"].as_object().expect("an object");
    assert_eq!(counts.values().collect::<Vec<_>>(), [3]);
}

#[test]
fn certificates_go_with_entries_alone() {
    let (mut phone, _) = at_rest();
    phone.save();
    let writer = &phone.writer;
    let certificate = Certificate::issue(
        &root(),
        provider(),
        writer.author,
        device(),
        writer.key.public(),
        START,
    );
    let certificates = |own: Vec<OwnEntry>| {
        let config = Config {
            certificates: vec![certificate],
            ..config()
        };
        let stored = Stored {
            own,
            ..Stored::default()
        };
        let effects = Syncer::new(config, stored).handle(Event::Started, phone.now, 1);
        let asked = effects.iter().find_map(|effect| match effect {
            Effect::Request(request) => Some(&request.body),
            _ => None,
        });
        let asked: serde_json::Value =
            serde_json::from_str(asked.expect("it asks at once")).expect("JSON");
        asked["certs"].as_array().map(Vec::len)
    };
    assert_eq!(certificates(Vec::new()), None);
    assert_eq!(certificates(phone.own()), Some(1));
}

/// The ids of the entries that the request under way brings, in order.
pub(super) fn brought(phone: &Phone) -> Vec<EntryId> {
    let asked = phone.asked();
    let entries = asked["entries"].as_array().expect("an array").iter();
    let id = |entry: &serde_json::Value| serde_json::from_value(entry["id"].clone());
    entries.map(|entry| id(entry).expect("an id")).collect()
}

/// A phone with sixteen records that wait, each of so many bytes with the comma after it.
fn with_records_of(size: usize) -> Phone {
    let saved = |padding: &dyn Fn(usize) -> usize| {
        let mut phone = Phone::new(47);
        for at in 0..16 {
            phone.save_long(
                EntryId::from(Uuid::from_u128(500 + at as u128)),
                padding(at),
            );
        }
        phone
    };
    let lengths = |phone: &Phone| {
        let mut own = phone.own();
        own.sort_by_key(|own| own.n);
        own.iter().map(|own| own.json.get().len() + 1).collect()
    };
    let first: Vec<usize> = lengths(&saved(&|_| 50_000));
    let phone = saved(&|at| 50_000 + size - first[at]);
    let all: Vec<usize> = lengths(&phone);
    assert_eq!(all, [size; 16]);
    phone
}

#[test]
fn a_request_holds_no_more_bytes_than_the_server_takes() {
    for (size, count) in [(60_000, 15), (60_001, 14)] {
        assert_eq!(size * 15 <= BATCH_BYTES, count == 15);
        let mut phone = with_records_of(size);
        phone.start();
        assert_eq!(brings(&phone), count);
    }
}

#[test]
fn one_that_was_not_taken_goes_alone_and_lets_the_others_go_first() {
    let (mut phone, mut server) = with_waiting(0);
    phone.crash();
    let digests: Vec<Digest> = (0..4).map(|_| phone.save()).collect();
    let ids: Vec<EntryId> = (0..4)
        .map(|at| {
            let own = phone.own().into_iter();
            let mut own = own.filter(|own| own.digest == digests[at]);
            own.next().expect("saved").id
        })
        .collect();
    for at in [1, 3] {
        let stuck = Standing::Stuck {
            code: "500".to_owned(),
        };
        let due = phone.now;
        phone.store(vec![Write::new(
            Store::Outbox,
            crate::outbox::outbox_key(&digests[at]),
            Change::Merge(crate::outbox::standing_fields(&stuck, None, 1, due)),
        )]);
    }
    phone.start();
    let mut order = Vec::new();
    while !phone.requests.is_empty() && order.len() < 9 {
        order.push(brought(&phone));
        phone.answered(&mut server);
    }
    assert_eq!(
        order,
        [vec![ids[0], ids[2]], vec![ids[1]], vec![ids[3]]],
        "the others, then each of the two"
    );
}

#[test]
fn what_is_not_due_yet_waits_and_a_clock_set_back_by_more_than_any_wait_holds_nothing_up() {
    for (ahead, goes) in [
        (0, true),
        (1, false),
        (6 * HOUR, false),
        (6 * HOUR + 1, true),
    ] {
        let (mut phone, _) = with_waiting(0);
        phone.crash();
        let digest = phone.save();
        let due = phone.now + ahead;
        phone.store(vec![Write::new(
            Store::Outbox,
            crate::outbox::outbox_key(&digest),
            Change::Merge(crate::outbox::standing_fields(
                &Standing::Waiting,
                None,
                1,
                due,
            )),
        )]);
        phone.start();
        assert_eq!(brings(&phone) == 1, goes, "due in {ahead} ms");
    }
}

#[test]
fn it_wakes_for_the_first_that_is_due() {
    let (mut phone, mut server) = with_waiting(2);
    let id = phone.own()[1].id;
    server.treatment.insert(id, Treatment::Later(Millis::MAX));
    phone.answered(&mut server);
    // Nothing else is left but the next pull, in a minute at least.
    while !phone.requests.is_empty() {
        phone.answered(&mut server);
    }
    assert_eq!(phone.due_in(), 5_000);
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
    let own = phone.own().into_iter();
    let mut stuck = own.filter(|own| matches!(own.standing, Standing::Stuck { .. }));
    let own = stuck.next().expect("one is stuck");
    assert_eq!(own.tries, 1);
    let wait = own.next_try - began;
    assert!((2_500..=5_000).contains(&wait), "{wait}");
    assert_eq!(brings(&phone), 1, "a pull says nothing of size");
}

/// The server's answer to what is under way, changed, and stored.
fn answered_with(phone: &mut Phone, server: &mut Server, change: impl Fn(&mut serde_json::Value)) {
    let request = phone.requests.pop().expect("under way");
    let (_, body) = server.answer(&request.body, phone.now);
    let mut answer = serde_json::from_str(&body).expect("JSON");
    change(&mut answer);
    phone.reply(request.id, 200, answer.to_string());
    phone.commit();
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
    for (verdict, code) in [
        (None, Code::Accepted),
        (Some(refused("broken")), Code::Broken),
        (Some(refused("not-permitted")), Code::Held),
    ] {
        let (mut phone, mut server) = with_waiting(1);
        let digest = phone.own()[0].digest;
        answered_with(&mut phone, &mut server, |answer| {
            answer["receipt"] = json!(null);
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
fn the_last_five_skews_are_kept() {
    let (mut phone, mut server) = (Phone::new(44), Server::new());
    phone.start();
    for count in [1, 2, 3, 4, 5, 5, 5] {
        phone.answered(&mut server);
        let kept = phone.state::<Vec<i64>>(rows::SKEW).expect("kept");
        assert_eq!(kept.len(), count);
        phone.feed(Event::Woken(Wakeup::Asked));
    }
}

#[test]
fn a_clock_set_back_by_more_than_any_wait_is_tried_at_once() {
    // The first wait is of one to two seconds, and the server's own word is obeyed up to a quarter of an hour.
    for (back, goes) in [(1_190_000, false), (1_200_000, true)] {
        let (mut phone, _) = (Phone::new(45), Server::new());
        phone.start();
        phone.no_network();
        assert!(phone.requests.is_empty());
        phone.now -= back;
        phone.feed(Event::TimerFired);
        assert_eq!(phone.requests.len() == 1, goes, "back by {back} ms");
    }
}

#[test]
fn a_clock_set_back_does_not_put_off_the_next_pull() {
    // It is due in a minute to a minute and a half.
    for (back, goes) in [(0, false), (5 * HOUR, true)] {
        let (mut phone, _) = at_rest();
        phone.now -= back;
        phone.feed(Event::TimerFired);
        assert_eq!(phone.requests.len() == 1, goes, "back by {back} ms");
    }
}

#[test]
fn it_looks_again_at_what_is_under_way_once_that_counts_as_lost() {
    let (mut phone, _) = (Phone::new(46), Server::new());
    phone.start();
    assert_eq!(phone.due_in(), 45_001);
    phone.timer = None;
    phone.feed(Event::Woken(Wakeup::Asked));
    assert_eq!(phone.due_in(), 45_001);
}

//! What a request brings: how much, in which order, and what goes along.

use super::*;

#[test]
fn what_is_too_much_is_halved_and_doubles_again_as_it_is_taken() {
    let (mut phone, mut server) = with_waiting(40);
    assert_eq!(brings(&phone), 40);
    refuse(&mut phone, 413);
    assert_eq!(brings(&phone), 20);
    refuse(&mut phone, 500);
    assert_eq!(brings(&phone), 10);
    phone.unheard(NoAnswer::TimedOut);
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
fn a_pull_that_is_not_heard_in_time_says_nothing_of_size() {
    let (mut phone, _) = (Phone::new(49), Server::new());
    phone.start();
    for _ in 0..40 {
        phone.save();
    }
    assert_eq!(brings(&phone), 0);
    phone.unheard(NoAnswer::TimedOut);
    next(&mut phone);
    assert_eq!(brings(&phone), 40);
}

#[test]
fn a_request_holds_no_more_than_the_server_takes() {
    let (phone, _) = with_waiting(BATCH_ENTRIES + 1);
    assert_eq!(brings(&phone), BATCH_ENTRIES);
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
    let (mut phone, mut server) = at_rest();
    phone.crash();
    let digests: Vec<Digest> = (0..4).map(|_| phone.save()).collect();
    let ids: Vec<EntryId> = digests
        .iter()
        .map(|digest| phone.saved_as(*digest).id)
        .collect();
    for at in [1, 3] {
        let stuck = Standing::Stuck {
            code: "500".to_owned(),
        };
        phone.settle_as(digests[at], &stuck, phone.now);
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
        let (mut phone, _) = at_rest();
        phone.crash();
        let digest = phone.save();
        phone.settle_as(digest, &Standing::Waiting, phone.now + ahead);
        phone.start();
        assert_eq!(brings(&phone) == 1, goes, "due in {ahead} ms");
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

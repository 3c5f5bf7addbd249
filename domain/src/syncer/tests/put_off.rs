//! What a restored server takes later: put off, offered again, and forgotten once it is taken.

use super::restored::{in_log, is_read_again, restore, settled, until};
use super::*;

/// As entries of a service that is not imported yet. Nothing waits for them, and they are not forgotten, whether the page
/// stays open or not.
#[test]
fn what_a_restored_server_takes_later_is_offered_until_it_does() {
    for crash in [false, true] {
        let (mut phone, mut server, all) = settled();
        let late = others_entry(4);
        let id = serde_json::from_value(late.1["id"].clone()).expect("an id");
        let until_then = Treatment::Later(phone.now + HOUR);
        server.treatment.insert(id, until_then);
        restore(&mut server, 3, 99);
        phone.settle(&mut server, 300_000);
        assert!(!in_log(&server, late.0) && in_log(&server, all[5]));
        assert_eq!(phone.state::<Restore>(rows::RESTORE), None);
        assert!(phone.state::<Restore>(rows::PUT_OFF).is_some());
        let (new, entry) = others_entry(6);
        server.append(new, entry);
        phone.settle(&mut server, 300_000);
        assert!(phone.was_brought(new), "it holds up nothing");

        if crash {
            phone.crash();
        }
        phone.now += HOUR;
        phone.notices.clear();
        if crash {
            phone.start();
        }
        // A page confirms it in the end.
        until(&mut phone, &mut server, |phone, server| {
            in_log(server, late.0) && phone.was_brought(late.0)
        });
        assert_eq!(phone.state::<Restore>(rows::PUT_OFF), None);
        assert_eq!(
            server.appended[&late.0], 2,
            "before the restore, and once since"
        );
    }
}

fn put_off(phone: &Phone) -> usize {
    phone.syncer.as_ref().expect("started").offers_put_off()
}

/// A phone that has dealt with a restore but for two entries of somebody else, which the server will take later.
fn two_put_off() -> (Phone, Server, [(Digest, EntryId); 2]) {
    let (mut phone, mut server, _) = settled();
    let late = [3, 4].map(|n| {
        let (digest, entry) = others_entry(n);
        let id = serde_json::from_value(entry["id"].clone()).expect("an id");
        server.treatment.insert(id, Treatment::Later(Millis::MAX));
        (digest, id)
    });
    restore(&mut server, 3, 99);
    phone.settle(&mut server, 300_000);
    assert_eq!(phone.state::<Restore>(rows::RESTORE), None);
    assert_eq!(put_off(&phone), 2);
    (phone, server, late)
}

/// The next request that brings something.
pub fn next_offer(phone: &mut Phone, server: &mut Server) {
    for _ in 0..20 {
        if phone.requests.is_empty() {
            phone.now = phone.now.max(phone.timer.take().expect("a timer"));
            phone.feed(Event::TimerFired);
        }
        if !phone.requests.is_empty() && brings(phone) > 0 {
            return;
        }
        phone.answered(server);
    }
    panic!("nothing is offered");
}

#[test]
fn what_is_put_off_is_offered_again_after_the_time_the_server_asked_for() {
    let (mut phone, mut server, late) = two_put_off();
    next_offer(&mut phone, &mut server);
    assert_eq!(brought(&phone), late.map(|(_, id)| id));
    // A try that nobody heard costs nothing, and none of them.
    phone.no_network();
    assert_eq!(put_off(&phone), 2);
    next_offer(&mut phone, &mut server);
    assert_eq!(brought(&phone), late.map(|(_, id)| id));
    let asked = phone.now;
    phone.answered(&mut server);
    next_offer(&mut phone, &mut server);
    assert_eq!(phone.now - asked, 5_000);
}

#[test]
fn a_clock_set_back_does_not_hold_up_what_is_put_off() {
    for (back, goes) in [(6 * HOUR - 5_000, false), (6 * HOUR - 4_999, true)] {
        let (mut phone, mut server, _) = two_put_off();
        next_offer(&mut phone, &mut server);
        while !phone.requests.is_empty() {
            phone.answered(&mut server);
        }
        phone.now -= back;
        phone.feed(Event::TimerFired);
        assert_eq!(phone.requests.len() == 1 && brings(&phone) == 2, goes);
    }
}

#[test]
fn what_is_put_off_is_forgotten_when_the_last_of_it_is_taken() {
    let (mut phone, mut server, [first, second]) = two_put_off();
    for (late, left) in [(second, 1), (first, 0)] {
        server.treatment.remove(&late.1);
        next_offer(&mut phone, &mut server);
        phone.answered(&mut server);
        assert!(in_log(&server, late.0));
        assert_eq!(put_off(&phone), left);
        let kept = phone.state::<Restore>(rows::PUT_OFF);
        assert_eq!(kept.is_some(), left > 0);
        // The page that confirms it is asked for at once, and brings it.
        assert_eq!((phone.requests.len(), brings(&phone)), (1, 0));
        phone.notices.clear();
        phone.answered(&mut server);
        assert!(phone.was_brought(late.0));
    }
}

#[test]
fn what_is_put_off_is_kept_while_some_of_it_was_not_offered_again() {
    let (mut phone, mut server, _) = two_put_off();
    server.treatment.clear();
    next_offer(&mut phone, &mut server);
    let request = phone.requests.pop().expect("under way");
    phone.reply(request.id, 413, String::new());
    for left in [1, 0] {
        next_offer(&mut phone, &mut server);
        assert_eq!(brings(&phone), 1);
        phone.answered(&mut server);
        let kept = phone.state::<Restore>(rows::PUT_OFF);
        assert_eq!(kept.is_some(), left > 0);
    }
}

#[test]
fn what_is_put_off_is_stored_though_the_answer_that_put_it_off_was_not() {
    let (mut phone, mut server, _) = settled();
    let (_, entry) = others_entry(4);
    let id = serde_json::from_value(entry["id"].clone()).expect("an id");
    server.treatment.insert(id, Treatment::Later(Millis::MAX));
    restore(&mut server, 3, 99);
    phone.feed(Event::Woken(Wakeup::Asked));
    until(&mut phone, &mut server, |phone, _| put_off(phone) > 0);
    phone.abort();
    assert_eq!(phone.state::<Restore>(rows::PUT_OFF), None);
    phone.settle(&mut server, 300_000);
    let kept: Restore = phone.state(rows::PUT_OFF).expect("kept");
    assert_eq!((kept.above(service()), kept.heard), (Some(3), None));
    phone.crash();
    phone.start();
    next_offer(&mut phone, &mut server);
    assert!(brought(&phone).contains(&id), "a page opened anew reads it");
}

#[test]
fn what_is_put_off_when_a_server_is_restored_again_is_put_off_once() {
    let (mut phone, mut server, _) = two_put_off();
    restore(&mut server, 2, 98);
    phone.settle(&mut server, 300_000);
    assert_eq!(put_off(&phone), 2);
    let kept: Restore = phone.state(rows::PUT_OFF).expect("kept");
    assert_eq!(kept.above(service()), Some(2));
}

#[test]
fn what_was_put_off_is_read_again_where_the_database_did_not_answer() {
    let (mut phone, ..) = two_put_off();
    phone.crash();
    phone.reads = Some(0);
    phone.start();
    is_read_again(phone);
}

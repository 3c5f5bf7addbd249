//! When it tries, how long it waits, and what it shows meanwhile.

use super::*;

#[test]
fn what_is_under_way_shows_as_being_sent_until_it_is_stored() {
    let (mut phone, mut server) = at_rest();
    phone.save();
    assert_eq!(phone.shown(), Connection::Sending(1));
    phone.hears(&mut server);
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

/// Nothing happens but time: does `lost` hold after 45 s and a moment, or once the clock is back by as much, and not
/// before?
fn is_given_up(begin: impl Fn() -> Phone, lost: impl Fn(&Phone) -> bool) {
    for way in [1, -1] {
        let mut phone = begin();
        let began = phone.now;
        for (after, expected) in [(44_999, false), (45_000, false), (45_001, true)] {
            phone.now = began + way * after;
            phone.feed(Event::TimerFired);
            assert_eq!(lost(&phone), expected, "{way} x {after} ms");
        }
    }
}

#[test]
fn a_request_that_is_not_heard_of_again_is_given_up_after_45_seconds() {
    let begin = || {
        let mut phone = Phone::new(35);
        phone.start();
        phone
    };
    is_given_up(begin, |phone| phone.shown() == Connection::Offline);
}

#[test]
fn a_transaction_that_does_not_end_is_given_up_after_45_seconds() {
    let begin = || {
        let (mut phone, mut server) = (Phone::new(36), Server::new());
        phone.start();
        phone.hears(&mut server);
        assert!(phone.requests.is_empty());
        phone
    };
    is_given_up(begin, |phone| {
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
    phone.hears(&mut server);
    let first = phone.abort();
    phone.now = phone.timer.take().expect("it tries again");
    phone.feed(Event::TimerFired);
    phone.hears(&mut server);
    phone.feed(Event::Committed { transaction: first });
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

#[test]
fn tries_come_more_seldom_up_to_five_minutes_and_without_network_half_a_minute() {
    let longest = |end: &dyn Fn(&mut Phone)| {
        let (mut phone, _) = (Phone::new(40), Server::new());
        phone.start();
        let waits = (0..40).map(|tries| {
            end(&mut phone);
            let wait = phone.due_in();
            assert!(wait <= 2_000 << tries.min(20), "{wait} after {tries} tries");
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
fn it_asks_again_a_minute_to_a_minute_and_a_half_after_the_last_page() {
    for seed in 50..60 {
        let (mut phone, mut server) = (Phone::new(seed), Server::new());
        phone.start();
        phone.answered(&mut server);
        let began = phone.now;
        while phone.requests.is_empty() {
            next(&mut phone);
        }
        assert!((60_000..=90_000).contains(&(phone.now - began)));
    }
}

#[test]
fn it_wakes_for_the_first_that_is_due() {
    let (mut phone, mut server) = with_waiting(2);
    for own in phone.own() {
        server
            .treatment
            .insert(own.id, Treatment::Later(Millis::MAX));
    }
    answered_with(&mut phone, &mut server, |answer| {
        answer["verdicts"][0]["later"]["after"] = json!(30);
    });
    // Nothing else is left but the next pull, in a minute at least.
    while !phone.requests.is_empty() {
        phone.answered(&mut server);
    }
    assert_eq!(phone.due_in(), 5_000);
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
    let goes_at = |now: Option<Millis>| {
        let (mut phone, _) = at_rest();
        phone.now = now.unwrap_or(phone.now);
        phone.feed(Event::TimerFired);
        while phone.requests.is_empty() {
            next(&mut phone);
        }
        phone.now
    };
    let due = goes_at(None);
    // No pull is ever due in more than a minute and a half.
    assert_eq!(goes_at(Some(due - 90_000)), due);
    assert!(goes_at(Some(due - 90_001)) < due);
    assert_eq!(goes_at(Some(due - 5 * HOUR)), due - 5 * HOUR);
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

#[test]
fn nothing_is_said_of_the_signal_before_the_first_try_has_ended() {
    let (mut phone, mut server) = (Phone::new(1), Server::new());
    phone.start();
    let shown = |phone: &Phone| phone.syncer.as_ref().map(Syncer::connection);
    assert_eq!(shown(&phone), Some(Connection::Connecting));
    phone.unheard(NoAnswer::TimedOut);
    assert_eq!(shown(&phone), Some(Connection::Offline));
    phone.settle(&mut server, HOUR);
    assert_eq!(shown(&phone), Some(Connection::Online));
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
    phone.no_network();
    phone.feed(Event::Woken(Wakeup::Online));
    assert_eq!(phone.requests.len(), 1, "the first wake-up tries at once");
    phone.no_network();
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
    phone.no_network();
    phone.now -= 48 * HOUR;
    phone.timer = Some(phone.now + 2_000);
    phone.settle(&mut server, 60_000);
    assert!(matches!(phone.standing(digest), Standing::Final(_)));
}

//! Signing in, enrolling a key, and who may not.

use base64::Engine as _;
use holdfast_domain::{
    encoding::sha256,
    ids::DeviceId,
    keys::AuthorKey,
    permission::Role,
    wire::{KeyAnswer, SessionAnswer},
};
use holdfast_server::{clock, store::Store};
use serde_json::json;

use crate::{
    http::Request,
    phone::{Phone, cookie_of, device_id, sign_in_request},
    support::{PASSWORD, TestApp},
};

async fn app() -> TestApp {
    TestApp::with(&[
        ("worker", &[Role::SupportWorker]),
        ("lead", &[Role::TeamLeader]),
    ])
    .await
}

fn key() -> AuthorKey {
    AuthorKey::from_seed(clock::random())
}

#[tokio::test]
async fn signing_in_gives_a_cookie_scripts_cannot_read_and_a_certificate_by_the_root() {
    let app = app().await;
    let (device, key) = (device_id(), key());
    let response = app
        .send(sign_in_request(
            &app.origin(),
            "worker",
            PASSWORD,
            device,
            &key,
        ))
        .await;
    assert_eq!(response.status, 200);
    assert_eq!(response.header("cache-control"), Some("no-store"));
    let cookie = response.header("set-cookie").expect("a cookie");
    assert!(cookie.starts_with("holdfast="), "{cookie}");
    assert!(
        cookie.contains("; HttpOnly; SameSite=Strict; Max-Age="),
        "{cookie}"
    );

    let answer: SessionAnswer = response.json();
    assert_eq!(answer.user, app.user("worker"));
    assert_eq!(answer.scope.len(), 1);
    assert_eq!(answer.scope[0].service, app.service("NORTH"));
    assert_eq!(answer.scope[0].roles, [Role::SupportWorker]);
    let certificate = answer.certificate.expect("a certificate");
    assert!(certificate.holds(&answer.root));
    assert_eq!(
        (certificate.user, certificate.device, certificate.public),
        (answer.user, device, key.public())
    );
    assert!(app.root.beacon_holds(device, &answer.beacon));
    assert!(answer.keys.holds(&answer.root));
}

#[tokio::test]
async fn who_says_who_and_signing_out_ends_it() {
    let app = app().await;
    let phone = Phone::sign_in(&app, "worker").await;
    let who = app.send(phone.with_session("GET", "/api/v1/session")).await;
    assert_eq!(who.json::<SessionAnswer>().user, phone.user);

    let out = app
        .send(phone.with_session("DELETE", "/api/v1/session"))
        .await;
    assert_eq!(out.status, 204);
    assert!(
        out.header("set-cookie")
            .expect("a cookie")
            .contains("Max-Age=0")
    );
    let after = app.send(phone.with_session("GET", "/api/v1/session")).await;
    assert_eq!(
        (after.status, after.problem().as_str()),
        (401, "signed-out")
    );
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_get_the_same_answer() {
    let app = app().await;
    let wrong = app
        .send(sign_in_request(
            &app.origin(),
            "worker",
            "guess",
            device_id(),
            &key(),
        ))
        .await;
    let unknown = app
        .send(sign_in_request(
            &app.origin(),
            "nobody",
            "guess",
            device_id(),
            &key(),
        ))
        .await;
    assert_eq!((wrong.status, wrong.text()), (401, unknown.text()));
}

#[tokio::test]
async fn after_five_wrong_tries_the_right_password_waits_too() {
    let app = app().await;
    for _ in 0..5 {
        let wrong = app
            .send(sign_in_request(
                &app.origin(),
                "worker",
                "guess",
                device_id(),
                &key(),
            ))
            .await;
        assert_eq!(wrong.status, 401);
    }
    let right = app
        .send(sign_in_request(
            &app.origin(),
            "worker",
            PASSWORD,
            device_id(),
            &key(),
        ))
        .await;
    assert_eq!(
        (right.status, right.problem().as_str()),
        (429, "too-many-tries")
    );
    assert_eq!(right.header("retry-after"), Some("30"));
    let other = app
        .send(sign_in_request(
            &app.origin(),
            "lead",
            PASSWORD,
            device_id(),
            &key(),
        ))
        .await;
    assert_eq!(other.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_made_at_once_are_counted_like_those_made_in_turn() {
    let app = app().await;
    let guesses: Vec<_> = (0..30)
        .map(|_| {
            let guess = sign_in_request(&app.origin(), "worker", "guess", device_id(), &key());
            tokio::spawn(guess.send(app.address))
        })
        .collect();
    let mut looked_at = 0;
    for guess in guesses {
        match guess.await.expect("answered").status {
            401 => looked_at += 1,
            429 => {}
            other => panic!("{other}"),
        }
    }
    // Two are hashed at a time, so that one more may be under way as the fifth is counted.
    assert!(
        (5..=6).contains(&looked_at),
        "{looked_at} guesses were looked at"
    );
}

#[tokio::test]
async fn a_new_password_ends_the_sessions_of_the_old_one_and_nobody_elses() {
    let app = app().await;
    let (worker, lead) = (
        Phone::sign_in(&app, "worker").await,
        Phone::sign_in(&app, "lead").await,
    );
    let hash = holdfast_server::passwords::hash("another password").expect("a hash");
    assert!(app.store.set_password("worker", &hash).await.expect("set"));
    let of = |phone: &Phone| app.send(phone.with_session("GET", "/api/v1/session"));
    assert_eq!(of(&worker).await.status, 401);
    assert_eq!(of(&lead).await.status, 200);
}

#[tokio::test]
async fn the_cookie_lasts_as_long_as_a_session_that_is_used() {
    let app = app().await;
    let signed_in = app
        .send(sign_in_request(
            &app.origin(),
            "worker",
            PASSWORD,
            device_id(),
            &key(),
        ))
        .await;
    let cookie = signed_in.header("set-cookie").expect("a cookie");
    let (_, seconds) = cookie.split_once("Max-Age=").expect("an end");
    let token = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(cookie_of(&signed_in).trim_start_matches("holdfast="))
        .expect("a token");
    let token = sha256(&[&token]);
    // Used every three weeks, the session goes on for a year.
    let (now, week) = (clock::now(), 7 * 24 * 60 * 60 * 1000);
    for weeks in (0..=52).step_by(3) {
        let session = app.store.session(token, now + weeks * week).await;
        assert!(session.expect("read").is_some(), "after {weeks} weeks");
    }
    let seconds: i64 = seconds.parse().expect("a number");
    assert!(
        seconds * 1000 >= 51 * week,
        "the cookie ends before: {cookie}"
    );
}

#[tokio::test]
async fn a_device_id_is_its_first_phones() {
    let app = app().await;
    let phone = Phone::sign_in(&app, "worker").await;
    let again = |username, key: &AuthorKey| {
        sign_in_request(&app.origin(), username, PASSWORD, phone.device, key)
    };

    let taken = app.send(again("lead", &key())).await;
    assert_eq!(
        (taken.status, taken.problem().as_str()),
        (409, "device-taken")
    );
    let bearer = format!("Holdfast {}", phone.token);
    let shared = app
        .send(again("lead", &key()).header("authorization", bearer.clone()))
        .await;
    assert_eq!(
        shared.status, 200,
        "a shared phone signs in another user by its token"
    );

    let first = app
        .send(again("worker", &phone.key).header("authorization", bearer.clone()))
        .await;
    assert_eq!(
        first.json::<SessionAnswer>().certificate,
        phone.certificate,
        "the first certificate again"
    );
    let stolen = app
        .send(again("lead", &phone.key).header("authorization", bearer))
        .await;
    assert_eq!(
        (stolen.status, stolen.problem().as_str()),
        (409, "key-taken")
    );
}

#[tokio::test]
async fn a_key_is_enrolled_only_with_its_proof_from_a_page_of_ours() {
    let app = app().await;
    let (device, key) = (device_id(), key());
    let other_origin = app
        .send(sign_in_request(
            "http://evil.example",
            "worker",
            PASSWORD,
            device,
            &key,
        ))
        .await;
    assert_eq!(
        (other_origin.status, other_origin.problem().as_str()),
        (403, "other-origin")
    );

    let proof = key.sign(b"something else");
    let unproved = app
        .send(Request::new("POST", "/api/v1/session").header("origin", app.origin()).json(&json!({
            "username": "worker", "password": PASSWORD, "device": {"id": device, "name": "P", "kind": "phone"},
            "author_key": key.public(), "proof": proof,
        })))
        .await;
    assert_eq!(
        (unproved.status, unproved.problem().as_str()),
        (400, "proof")
    );
}

#[tokio::test]
async fn a_device_is_not_zero_and_is_a_phone_a_tablet_or_a_laptop() {
    let app = app().await;
    let sign_in = |id: DeviceId, kind: &str| {
        app.send(Request::new("POST", "/api/v1/session").json(&json!({
            "username": "worker", "password": PASSWORD, "device": {"id": id, "name": "P", "kind": kind},
        })))
    };
    for kind in ["phone", "tablet", "laptop"] {
        assert_eq!(sign_in(device_id(), kind).await.status, 200, "{kind}");
    }
    for (id, kind) in [
        (DeviceId::nil(), "phone"),
        (device_id(), "Phone"),
        (device_id(), "fridge"),
        (device_id(), ""),
    ] {
        let refused = sign_in(id, kind).await;
        assert_eq!(refused.status, 400, "{id} {kind}");
        assert_eq!(refused.problem(), "bad-request");
    }
}

#[tokio::test]
async fn a_key_can_be_enrolled_after_sign_in() {
    let app = app().await;
    let device = device_id();
    let signed_in = app
        .send(Request::new("POST", "/api/v1/session").json(&json!({
            "username": "worker", "password": PASSWORD, "device": {"id": device, "name": "P", "kind": "phone"},
        })))
        .await;
    let cookie = cookie_of(&signed_in);
    assert_eq!(signed_in.json::<SessionAnswer>().certificate, None);
    let key = key();
    let proof = key.sign(&holdfast_domain::keys::enrol_message(
        &app.origin(),
        "worker",
        device,
        &key.public(),
    ));
    let enrolled = app
        .send(
            Request::new("POST", "/api/v1/session/key")
                .header("origin", app.origin())
                .header("cookie", cookie)
                .json(&json!({"author_key": key.public(), "proof": proof})),
        )
        .await;
    assert_eq!(enrolled.status, 200, "{}", enrolled.text());
    assert!(
        enrolled
            .json::<KeyAnswer>()
            .certificate
            .holds(&app.root.root_sign().public())
    );
}

#[tokio::test]
async fn somebody_without_a_role_is_not_let_in() {
    let app = app().await;
    app.give("NORTH", "worker", &[]).await;
    let response = app
        .send(sign_in_request(
            &app.origin(),
            "worker",
            PASSWORD,
            device_id(),
            &key(),
        ))
        .await;
    assert_eq!(
        (response.status, response.problem().as_str()),
        (403, "no-role")
    );
}

#[tokio::test]
async fn over_https_the_cookie_is_bound_to_the_host() {
    let origins = holdfast_server::session::Origins::new(["https://care.example/".to_owned()]);
    let cookie = holdfast_server::session::set_cookie(&origins, Some("token"));
    insta::assert_snapshot!(
        cookie.to_str().expect("text"),
        @"__Host-holdfast=token; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=34560000"
    );
    assert!(origins.contains("https://care.example"));
}

#[tokio::test]
async fn a_session_outlives_a_restart() {
    let app = app().await;
    let phone = Phone::sign_in(&app, "worker").await;
    let (folder, root) = app.shut_down().await;
    let app = TestApp::over(folder, root).await;
    let request = Request::new("GET", "/api/v1/session").header("cookie", phone.cookie.clone());
    assert_eq!(app.send(request).await.status, 200);
}

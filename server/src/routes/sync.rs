//! `POST sync` (PROTOCOL 4): takes the phone's entries, answers for each by position, and gives the next page.

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use holdfast_domain::{
    cursor::Cursor,
    encoding::{Blob, Digest, Millis},
    ids::ServiceId,
    keys::{Certificate, RootSecret, short_key_id},
    receipt::{Code, Receipt, ReceiptItem},
    wire::{Later, MAX_ENTRIES, Refusal, SyncAnswer, SyncRequest, Verdict},
};

use super::api::Read;
use crate::{
    accept::{Arrival, How, Outcome},
    app::App,
    clock,
    openapi::{AnyTime, ByOthers, TakesJson},
    problem::Problem,
    store::{Batch, PageRequest, Session},
};

/// Receipts are verified under every key up to so many after the current one: a restored database may be behind.
const KEYS_AHEAD: u32 = 16;

const BROKEN: &str = "What was sent cannot be opened. The record is on the phone that wrote it, which sends it anew.";

/// Takes entries and gives the next page of what the user may see.
#[utoipa::path(
    post, path = "/v1/sync", tag = "sync",
    request_body(content = crate::openapi::SyncRequest, content_type = "application/json"),
    responses(
        (status = 200, description = "A verdict for each entry by position, and the next page", body = crate::openapi::SyncAnswer),
        (status = 400, description = "Not a sync request, or for another device", content_type = "application/problem+json", body = Problem),
        (status = 401, description = "Not signed in", content_type = "application/problem+json", body = Problem),
        ByOthers, TakesJson, AnyTime,
    )
)]
pub async fn sync(
    State(app): State<App>,
    session: Session,
    Read(request): Read<SyncRequest>,
) -> Result<Json<SyncAnswer>, Problem> {
    if request.v != 1 {
        return Err(Problem::bad_request("This server speaks version 1."));
    }
    if request.device != session.device {
        return Err(Problem::bad_request(
            "The session is another device's. Sign in on this device.",
        ));
    }
    if let Some(member) = request.out_of_range() {
        return Err(Problem::bad_request(format!(
            "The number in {member} is not within 2^53 - 1 of zero."
        )));
    }
    if request.entries.len() > MAX_ENTRIES {
        return Err(Problem::bad_request(
            "A request carries at most 500 entries.",
        ));
    }
    let provider = app.store.provider();
    let root_public = app.root.root_public();
    let certificates: Vec<Certificate> = request
        .certs
        .unwrap_or_default()
        .into_iter()
        .filter(|certificate| {
            certificate.provider == provider.id && certificate.holds(&root_public)
        })
        .collect();
    let arrivals: Vec<Arrival> = request
        .entries
        .iter()
        .map(|element| Arrival::from_json(element, provider.id))
        .collect();
    let batch = Batch {
        sender: Some(session.device),
        sent_at: request.sent_at,
        arrivals,
        certificates,
        acknowledged: acknowledged(
            &app.root,
            app.store.receipt_key(),
            &request.receipts.unwrap_or_default(),
        ),
        waiting: Some(request.waiting),
    };
    // The entries are committed before the page is read.
    let outcomes = app.store.take(batch).await?;
    let now = clock::now();
    let leave_out = outcomes.iter().filter_map(filed_now).collect();
    let cursor = request.cursor.as_deref().and_then(Cursor::decode);
    let page = app
        .store
        .page(PageRequest {
            user: session.user,
            cursor,
            from: request.from.unwrap_or_default(),
            leave_out,
            now,
        })
        .await?;
    if !page.rewound.is_empty() {
        // Until a restore raises an alarm, this is how an operator hears of one.
        tracing::warn!(
            services = page.rewound.len(),
            "a phone has seen more of the log than is here: was the database restored?"
        );
    }
    let receipt = receipt(&app, &outcomes, now);
    Ok(Json(SyncAnswer {
        v: 1,
        log: provider.log,
        now,
        beacon: app.root.beacon(session.device, now),
        verdicts: outcomes.into_iter().map(verdict).collect(),
        receipt,
        entries: page.entries,
        cursor: page.cursor.encode(),
        more: page.more,
        rescope: Some(page.rescope).filter(|services| !services.is_empty()),
        rewound: Some(page.rewound).filter(|services| !services.is_empty()),
        keys: None,
        wipe: None,
    }))
}

fn filed_now(outcome: &Outcome) -> Option<(ServiceId, u64)> {
    match outcome {
        Outcome::Filed {
            service,
            header,
            how: How::Now,
            ..
        } => Some((*service, header.seq)),
        _ => None,
    }
}

fn verdict(outcome: Outcome) -> Verdict {
    match outcome {
        Outcome::Filed { id, header, .. } => Verdict::Filed {
            id,
            seq: header.seq,
            received: header.received,
            first_received: header.first_received,
            carrier: header.carrier,
            flags: header.flags,
        },
        Outcome::Held {
            id, code, reason, ..
        } => Verdict::Refused {
            id,
            refused: Refusal { code, reason },
        },
        Outcome::Broken { .. } => Verdict::Refused {
            id: None,
            refused: Refusal {
                code: "broken".to_owned(),
                reason: BROKEN.to_owned(),
            },
        },
        Outcome::Later { id, code, after } => Verdict::Later {
            id,
            later: Later { code, after },
        },
    }
}

/// What the server signs for: exactly the elements with a final word, in order; none if there are none.
fn receipt(app: &App, outcomes: &[Outcome], now: Millis) -> Option<Blob> {
    let items: Vec<ReceiptItem> = outcomes
        .iter()
        .filter_map(|outcome| match outcome {
            Outcome::Filed {
                digest,
                header,
                how,
                ..
            } => {
                let code = match how {
                    How::Now => Code::Accepted,
                    How::Before => Code::Again,
                    How::Erased => Code::Erased,
                };
                Some(ReceiptItem {
                    digest: *digest,
                    blob: Digest::default(),
                    code,
                    seq: header.seq,
                })
            }
            Outcome::Held { digest, .. } => Some(ReceiptItem {
                digest: *digest,
                blob: Digest::default(),
                code: Code::Held,
                seq: 0,
            }),
            Outcome::Broken { blob } => Some(ReceiptItem {
                digest: Digest::default(),
                blob: *blob,
                code: Code::Broken,
                seq: 0,
            }),
            Outcome::Later { .. } => None,
        })
        .collect();
    if items.is_empty() {
        return None;
    }
    let key = app.root.receipt(app.store.receipt_key());
    Some(Blob(
        Receipt::issue(app.store.provider().log, now, items, &key).to_bytes(),
    ))
}

/// When this server first said that it has an entry, by receipts that it signed itself: its own word from before a restore.
fn acknowledged(root: &RootSecret, current: u32, receipts: &[Blob]) -> BTreeMap<Digest, Millis> {
    let mut first: BTreeMap<Digest, Millis> = BTreeMap::new();
    if receipts.is_empty() {
        return first;
    }
    // Once a request: a request holds thousands of receipts, and each key is derived.
    let keys: BTreeMap<_, _> = (0..=current + KEYS_AHEAD)
        .map(|number| root.receipt(number).public())
        .map(|public| (short_key_id(&public), public))
        .collect();
    for receipt in receipts
        .iter()
        .filter_map(|bytes| Receipt::parse(&bytes.0).ok())
    {
        let ours = keys.get(&receipt.key).is_some_and(|key| receipt.holds(key));
        if !ours {
            continue;
        }
        let filed =
            |item: &&ReceiptItem| matches!(item.code, Code::Accepted | Code::Again | Code::Erased);
        for item in receipt.items.iter().filter(filed) {
            first
                .entry(item.digest)
                .and_modify(|time| *time = receipt.time.min(*time))
                .or_insert(receipt.time);
        }
    }
    first
}

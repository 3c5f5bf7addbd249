//! What happened in a run, in words, for who looks into it. An entry is named by its phone and count: 3/14.

use holdfast_domain::syncer::{Effect, Notice};
use serde_json::Value;

use crate::servers::Reply;
use crate::world::Made;

/// A sync request and what the server said to it.
pub fn exchange(request: &str, reply: &Reply, made: &[Made]) -> String {
    let (Ok(request), Ok(answer)) = (
        serde_json::from_str::<Value>(request),
        serde_json::from_str::<Value>(&reply.body),
    ) else {
        return format!("{} to what is no request", reply.status);
    };
    let name = |id: &Value| {
        let id = id.as_str().unwrap_or("?");
        let of = made.iter().find(|made| made.id.to_string() == id);
        of.map_or_else(
            || id.to_owned(),
            |made| format!("{}/{}", made.phone, made.n),
        )
    };
    let receipts = request["receipts"].as_array().map_or(0, Vec::len);
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let verdicts = list(&answer["verdicts"])
        .iter()
        .map(|verdict| {
            let how = match (
                verdict["seq"].as_u64(),
                &verdict["refused"]["code"],
                &verdict["later"]["code"],
            ) {
                (Some(seq), ..) => format!("at {seq} first {}", verdict["first_received"]),
                (None, Value::String(code), _) => format!("held {code}"),
                (None, _, code) => format!("later {code}"),
            };
            format!(" {} {how}", name(&verdict["id"]))
        })
        .collect::<Vec<_>>();
    let page = list(&answer["entries"])
        .iter()
        .map(|element| format!(" {}:{}", element["seq"], name(&element["entry"]["id"])))
        .collect::<String>();
    format!(
        "{} with {receipts} receipts:{};\n        rescope {} rewound {} page{page} more {}",
        reply.status,
        verdicts.join(","),
        answer["rescope"],
        answer["rewound"],
        answer["more"]
    )
}

/// What the syncer decided, where it is of weight.
pub fn effect(effect: &Effect) -> Option<String> {
    match effect {
        Effect::ReadOffers(restore) => Some(format!("reads what to offer for {restore:?}")),
        Effect::Notice(Notice::Rewound(restore)) => Some(format!("hears of {restore:?}")),
        Effect::Notice(Notice::Connection(connection)) => Some(format!("shows {connection:?}")),
        Effect::Notice(Notice::NotStored { .. }) => Some("could not store".to_owned()),
        _ => None,
    }
}

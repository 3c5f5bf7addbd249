//! What becomes of a message: lost, late, doubled, overtaken, cut short, or answered by somebody else.

use holdfast_domain::encoding::Millis;

use crate::random::{Choose, Random};
use crate::servers::Reply;

pub struct Network {
    /// Nothing is lost or spoilt any more.
    pub healed: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum RequestFate {
    Arrives,
    Lost,
    Doubled,
    Cut,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum AnswerFate {
    Arrives,
    Lost,
    Doubled,
    Cut,
    /// A captive portal's page, with status 200.
    Portal,
    /// JSON of another shape, with status 200.
    OtherJson,
    /// A verdict is missing.
    VerdictMissing,
    Busy,
    Broken,
}

impl Network {
    pub fn rough() -> Self {
        Self { healed: false }
    }

    /// How long a message is under way. Sometimes so long that later ones overtake it.
    pub fn delay(&self, rng: &mut Random) -> Millis {
        match self.healed {
            true => rng.between(10, 100),
            false if rng.percent(10) => rng.between(1_000, 40_000),
            false => rng.between(10, 1_500),
        }
    }

    pub fn request(&self, rng: &mut Random) -> RequestFate {
        if self.healed {
            return RequestFate::Arrives;
        }
        match rng.below(100) {
            0..8 => RequestFate::Lost,
            8..16 => RequestFate::Doubled,
            16..19 => RequestFate::Cut,
            _ => RequestFate::Arrives,
        }
    }

    pub fn answer(&self, rng: &mut Random) -> AnswerFate {
        if self.healed {
            return AnswerFate::Arrives;
        }
        match rng.below(100) {
            0..8 => AnswerFate::Lost,
            8..12 => AnswerFate::Doubled,
            12..15 => AnswerFate::Cut,
            15..18 => AnswerFate::Portal,
            18..20 => AnswerFate::OtherJson,
            20..22 => AnswerFate::VerdictMissing,
            22..24 => AnswerFate::Busy,
            24..27 => AnswerFate::Broken,
            _ => AnswerFate::Arrives,
        }
    }

    /// The answer as it comes to the phone.
    pub fn spoil(&self, fate: AnswerFate, mut reply: Reply, rng: &mut Random) -> Reply {
        let other = |status, content_type: &str, body: &str| Reply {
            status,
            content_type: Some(content_type.to_owned()),
            retry_after: None,
            body: body.to_owned(),
        };
        match fate {
            AnswerFate::Arrives | AnswerFate::Lost | AnswerFate::Doubled => reply,
            AnswerFate::Cut => {
                let mut keep = rng.below(reply.body.len() + 1);
                while !reply.body.is_char_boundary(keep) {
                    keep -= 1;
                }
                reply.body.truncate(keep);
                reply
            }
            AnswerFate::Portal => other(
                200,
                "text/html",
                "<html>Welcome to our guest network</html>",
            ),
            AnswerFate::OtherJson => other(200, "application/json", r#"{"success":true}"#),
            AnswerFate::VerdictMissing => {
                if let Ok(serde_json::Value::Object(mut answer)) = serde_json::from_str(&reply.body)
                {
                    if let Some(serde_json::Value::Array(verdicts)) = answer.get_mut("verdicts") {
                        verdicts.pop();
                    }
                    reply.body = serde_json::Value::Object(answer).to_string();
                }
                reply
            }
            AnswerFate::Busy => Reply {
                retry_after: Some(20),
                ..other(503, "application/problem+json", "{}")
            },
            AnswerFate::Broken => other(500, "application/problem+json", "{}"),
        }
    }
}

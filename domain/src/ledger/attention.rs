//! The server's codes for what it could not file (PROTOCOL 1, accept), in words for the person who
//! wrote it: what happened, what is safe, what to do.

/// What to tell the author of a record that needs attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attention {
    /// A few words for the record's row.
    pub short: &'static str,
    pub what_happened: &'static str,
    pub what_is_safe: &'static str,
    pub what_to_do: &'static str,
}

const KEPT_BY_BOTH: &str = "Every word is kept, on this phone and on the server. Your administrator can see that it waits.";
const KEPT_HERE: &str = "Every word is kept on this phone.";

/// Words for a code of a held entry, or of one the server cannot take yet (`later:` and its code).
pub fn attention(code: &str) -> Attention {
    match code {
        "malformed" => Attention {
            short: "It reached the server damaged",
            what_happened: "What reached the server was damaged on the way, so it could not be filed.",
            what_is_safe: KEPT_HERE,
            what_to_do: "Read it once more and send it again.",
        },
        "bad-signature" => Attention {
            short: "The server could not tell it was yours",
            what_happened: "The server could not be sure that this came from you, so it was not filed.",
            what_is_safe: KEPT_HERE,
            what_to_do: "Sign out and in again. Then read it once more and send it again.",
        },
        "wrong-place" => Attention {
            short: "It was for another care provider",
            what_happened: "This was written for another care provider, so it could not be filed here.",
            what_is_safe: KEPT_BY_BOTH,
            what_to_do: "Check whom it is about. Then send it again.",
        },
        "id-conflict" => Attention {
            short: "Another record has its number",
            what_happened: "The server already has another record with the same number.",
            what_is_safe: "Both are kept. Nothing was written over.",
            what_to_do: "Read both. If this one still matters, send it again. It gets a new number.",
        },
        "revoked" => Attention {
            short: "This phone was reported lost",
            what_happened: "This phone was reported lost or stolen, so what it sent was not filed.",
            what_is_safe: KEPT_BY_BOTH,
            what_to_do: "Tell your administrator that you have the phone. They can file it for you.",
        },
        "invalid" => Attention {
            short: "Part of it could not be read",
            what_happened: "The server could not read one part of it, so it was not filed.",
            what_is_safe: KEPT_BY_BOTH,
            what_to_do: "Read it once more and send it again. If it comes back, tell your administrator.",
        },
        "not-permitted" => Attention {
            short: "Your role did not allow it",
            what_happened: "The server could not file it. Your role at this service did not allow it, or had ended.",
            what_is_safe: KEPT_BY_BOTH,
            what_to_do: "Ask your administrator about your role. Once that is right, read this once more and send it again.",
        },
        "broken" => Attention {
            short: "It could not be opened",
            what_happened: "What reached the server could not be opened, so the server does not have it.",
            what_is_safe: KEPT_HERE,
            what_to_do: "Read it once more and send it again.",
        },
        "later:full" => Attention {
            short: "The server has no room for it yet",
            what_happened: "Too much from this phone waits for your administrator, so the server has no room for more.",
            what_is_safe: "Every word is kept on this phone. The app tries again by itself.",
            what_to_do: "Tell your administrator. If this cannot wait, ring your team leader.",
        },
        later if later.starts_with("later:") => Attention {
            short: "The server cannot take it yet",
            what_happened: "The server cannot take it yet.",
            what_is_safe: "Every word is kept on this phone. The app tries again by itself.",
            what_to_do: "Leave it here. If this cannot wait, ring your team leader.",
        },
        _ => Attention {
            short: "The server could not file it",
            what_happened: "The server could not file it.",
            what_is_safe: KEPT_HERE,
            what_to_do: "Read it once more and send it again. If it comes back, tell your administrator.",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODES: [&str; 11] = [
        "malformed",
        "bad-signature",
        "wrong-place",
        "id-conflict",
        "revoked",
        "invalid",
        "not-permitted",
        "broken",
        "later:full",
        "later:unknown-kind",
        "",
    ];

    #[test]
    fn every_code_is_told_in_plain_words() {
        for code in CODES {
            let it = attention(code);
            for text in [it.short, it.what_happened, it.what_is_safe, it.what_to_do] {
                assert!(!text.is_empty());
                let text = text.to_lowercase();
                for banned in [
                    "invalid",
                    "submit",
                    "error occurred",
                    "failed",
                    "unable",
                    "sync",
                ] {
                    assert!(!text.contains(banned), "{code}: {text}");
                }
            }
        }
    }

    #[test]
    fn codes_that_differ_are_told_apart() {
        let told: std::collections::BTreeSet<&str> = CODES
            .iter()
            .map(|code| attention(code).what_happened)
            .collect();
        assert_eq!(told.len(), CODES.len());
    }
}

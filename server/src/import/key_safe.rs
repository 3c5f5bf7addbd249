//! Key-safe and door codes are never stored: this says whether a text looks like one.

/// What a code opens. Each is followed or preceded by the code within a few words.
const OPENS: [&str; 19] = [
    "key safe",
    "keysafe",
    "key-safe",
    "key box",
    "keybox",
    "lock box",
    "lockbox",
    "key pad",
    "keypad",
    "door code",
    "door entry",
    "entry code",
    "entry system",
    "gate code",
    "access code",
    "alarm code",
    "key code",
    "keycode",
    "passcode",
];

/// Words before a plain 'code' that make it another kind of code.
const OTHER_CODES: [&str; 9] = [
    "post", "area", "dialling", "dialing", "snomed", "read", "icd", "product", "colour",
];

/// How many characters may lie between what a code opens and the code.
const NEAR: usize = 24;

/// True where a text names a key safe or a door and a code beside it, such as `key safe 1234`,
/// `Keysafe: C4521X` or `code 4521#`. A telephone number is not a code.
pub(super) fn looks_like_a_key_code(text: &str) -> bool {
    let text: Vec<char> = text.chars().flat_map(char::to_lowercase).collect();
    let codes = codes(&text);
    if codes.is_empty() {
        return false;
    }
    let plain: String = text.iter().collect();
    let near_a_lock = OPENS.iter().any(|opens| {
        found(&plain, opens).any(|(start, end)| {
            codes.iter().any(|code| {
                (code.start >= end && code.start - end <= NEAR)
                    || (code.end <= start && start - code.end <= NEAR / 2)
            })
        })
    });
    near_a_lock
        || found(&plain, "code").any(|(start, end)| {
            let before: String = text[..start].iter().collect();
            let word = before.split_whitespace().next_back().unwrap_or_default();
            let own_word = text[..start].last().is_none_or(|c| !c.is_alphanumeric());
            own_word
                && !OTHER_CODES.contains(&word)
                && codes
                    .iter()
                    .any(|code| code.start >= end && code.start - end <= 6 && code.digits >= 4)
        })
}

/// A run of digits that could be typed on a lock, by character places.
struct Code {
    start: usize,
    end: usize,
    digits: usize,
}

/// Runs of 3 to 8 digits, single spaces or hyphens between them allowed; longer runs are telephone numbers.
fn codes(text: &[char]) -> Vec<Code> {
    let mut codes = Vec::new();
    let mut at = 0;
    while at < text.len() {
        if !text[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let start = at;
        let (mut end, mut digits) = (at, 0);
        while at < text.len() {
            if text[at].is_ascii_digit() {
                digits += 1;
                at += 1;
                end = at;
            } else if matches!(text[at], ' ' | '-')
                && text.get(at + 1).is_some_and(char::is_ascii_digit)
            {
                at += 1;
            } else {
                break;
            }
        }
        if (3..=8).contains(&digits) {
            codes.push(Code { start, end, digits });
        }
    }
    codes
}

/// Where a phrase stands in a text, as character places.
fn found<'t>(text: &'t str, phrase: &'t str) -> impl Iterator<Item = (usize, usize)> + 't {
    text.match_indices(phrase).map(move |(at, _)| {
        let start = text[..at].chars().count();
        (start, start + phrase.chars().count())
    })
}

#[cfg(test)]
mod tests {
    use super::looks_like_a_key_code;

    #[test]
    fn a_code_beside_what_it_opens_is_seen() {
        for text in [
            "key safe 1234",
            "Keysafe: C4521X, left of the door",
            "KEY-SAFE code is 4 5 2 1",
            "code 4521#",
            "Front door code: 0907",
            "4521 for the key safe",
            "Let yourself in, keypad 19-45",
            "Alarm code 7788",
        ] {
            assert!(looks_like_a_key_code(text), "{text}");
        }
    }

    #[test]
    fn care_and_telephone_numbers_are_not_codes() {
        for text in [
            "Dehydration: 1,500 ml target",
            "Key safe: ring 01632 960001 for it",
            "Lock the door as you leave.",
            "Post code 4521",
            "Level 4 puree, level 2 thickened fluids",
            "Round C, call 10",
            "Key holder: daughter",
            "Decode 2026 forms",
        ] {
            assert!(!looks_like_a_key_code(text), "{text}");
        }
    }
}

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

/// Words that are a lock's, with a number of four digits or more right after them.
const LOCKS: [&str; 8] = [
    "ks", "k/s", "pin", "safe", "gate", "door", "lock", "padlock",
];

/// What may stand between such a word and its number.
const BETWEEN: [&str; 4] = ["is", "no", "number", "code"];

/// What a number is a number of, where it opens nothing.
const UNITS: [&str; 18] = [
    "mg", "mcg", "g", "kg", "ml", "l", "kcal", "m", "cm", "metres", "meters", "steps", "units",
    "h", "hrs", "hours", "am", "pm",
];

/// How many characters may lie between what a code opens and the code.
const NEAR: usize = 24;

/// True where a text names a key safe or a door and a code beside it, such as `key safe 1234`,
/// `Keysafe: C4521X`, `gate 7788` or `code 4521#`. A telephone number is not a code, nor is a date.
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
        || codes.iter().any(|code| right_after_a_lock(&text, code))
        || codes
            .iter()
            .any(|code| code.digits >= 4 && text.get(code.end) == Some(&'#'))
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

/// `KS: 4821`, `PIN is 4821`, `door C4821`: these words say less than those of [`OPENS`], so the number follows at once,
/// whole, is of nothing else, and is no year after `pin`, which a mended hip has too.
fn right_after_a_lock(text: &[char], code: &Code) -> bool {
    let number = &text[code.start..code.end];
    let year = number.len() == 4 && matches!(number[..2], ['1', '9'] | ['2', '0']);
    let rest: String = text[code.end..].iter().collect();
    let unit = rest.trim_start().split(|c: char| !c.is_alphabetic()).next();
    if code.digits < 4 || number.contains(&'-') || unit.is_some_and(|unit| UNITS.contains(&unit)) {
        return false;
    }
    // A letter may be a part of the code.
    let lettered = code.start > 0 && text[code.start - 1].is_alphabetic();
    let before: String = text[..code.start - usize::from(lettered)].iter().collect();
    let words = before
        .split(|c: char| c.is_whitespace() || ":=-–(".contains(c))
        .filter(|word| !word.is_empty());
    let word = words
        .rev()
        .find(|word| !BETWEEN.contains(&word.trim_end_matches('.')));
    word.is_some_and(|word| LOCKS.contains(&word) && !(word == "pin" && year))
}

/// A run of digits that could be typed on a lock, by character places.
struct Code {
    start: usize,
    end: usize,
    digits: usize,
}

/// Runs of 3 to 8 digits, with spaces, hyphens or the end of a bracket between them; longer runs are telephone numbers,
/// and some are dates.
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
            } else if let Some(next) = text[at..]
                .iter()
                .take(3)
                .position(char::is_ascii_digit)
                .filter(|next| text[at..at + next].iter().all(|c| " -)".contains(*c)))
            {
                at += next;
            } else {
                break;
            }
        }
        if (3..=8).contains(&digits) && !is_date(&text[start..end]) {
            codes.push(Code { start, end, digits });
        }
    }
    codes
}

/// `2026-11-02` or `02-11-2026`.
fn is_date(run: &[char]) -> bool {
    let run: String = run.iter().collect();
    let lengths: Vec<usize> = run.split('-').map(str::len).collect();
    matches!(lengths[..], [4, 2, 2] | [2, 2, 4]) && !run.contains([' ', ')'])
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
            "Front door 4821#",
            "Round the back, 4821#",
            "Front door 4821",
            "KS: 4821",
            "K/S 4821",
            "ks - C4821X",
            "PIN 4821",
            "Pin no. 4821",
            "The PIN is 4821.",
            "gate 7788",
            "Gate code: 7788",
            "Padlock (7788)",
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
            "Room 1234",
            "1000 mg",
            "Takes 1000 mg at the door, 1000 mg in bed",
            "door code is on file at the office",
            "1,500 ml a day",
            "Keep a safe 1500 ml a day",
            "Level 4",
            "Door: ring 01632 960001",
            "Key safe: ring (01632) 960001",
            "Gate: (01632) 960001",
            "Left hip pin 2019",
            "Key safe checked 2026-11-02",
            "New door 02-11-2026, and 12/11/2026 for the gate",
            "Lock the door at 2200. Unlock the gate 07:30",
            "Unlock the gate 0730-2200, the door 2200 hrs",
            "NMC PIN 12A3456E",
            "Irrigate 1000 ml",
            "Walks to the gate. 2000 steps",
        ] {
            assert!(!looks_like_a_key_code(text), "{text}");
        }
    }
}

//! What differs between two texts, word by word: which words of each the other does not have. People see the whole
//! sentence with these words marked, never the fragment alone.

/// A stretch of a text that is all changed or all as in the other text. In order they are the text, letter by letter.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Piece {
    pub text: String,
    pub changed: bool,
}

/// Two texts with what differs marked in each.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Difference {
    pub before: Vec<Piece>,
    pub after: Vec<Piece>,
}

/// Marks the words that differ. Space alone is no difference.
pub fn difference(before: &str, after: &str) -> Difference {
    let (old, new) = (words(before), words(after));
    let (kept_old, kept_new) = common(&old, &new);
    Difference {
        before: pieces(before, &old, &kept_old),
        after: pieces(after, &new, &kept_new),
    }
}

/// So many words fewer stand for others where some of those are taken out.
const MUCH_LESS: usize = 3;

impl Difference {
    /// The words of the text before that nothing, or much less, stands for in the text after: there they cannot be marked.
    pub fn taken_out(&self) -> Vec<String> {
        let put_in = changes(&self.after);
        let count = |text: &str| text.split_whitespace().count();
        let stands_for = |at, text| {
            let there = put_in.iter().find(|(there, _)| *there == at);
            there.is_some_and(|(_, new)| count(text) < count(new) + MUCH_LESS)
        };
        changes(&self.before)
            .into_iter()
            .filter(|(at, text)| !stands_for(*at, text))
            .map(|(_, text)| {
                text.trim_start_matches(|it: char| !it.is_alphanumeric())
                    .trim_end()
            })
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
            .collect()
    }
}

/// The changed pieces, each with how many letters that both texts have stand before it.
fn changes(pieces: &[Piece]) -> Vec<(usize, &str)> {
    let mut at = 0;
    let mut changes = Vec::new();
    for piece in pieces {
        if piece.changed {
            changes.push((at, piece.text.as_str()));
        } else {
            at += piece.text.chars().filter(|it| !it.is_whitespace()).count();
        }
    }
    changes
}

/// Whether two texts say the same, whatever the space between words.
pub fn same_words(one: &str, other: &str) -> bool {
    one.split_whitespace().eq(other.split_whitespace())
}

/// A word or a mark of punctuation, and where it starts in its text.
#[derive(Clone, Copy)]
struct Word<'t> {
    at: usize,
    text: &'t str,
}

/// What stands between spaces, with the punctuation around it apart: `2.5` and `14:00` stay whole.
fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, letter) in text.char_indices().chain([(text.len(), ' ')]) {
        match (letter.is_whitespace(), start) {
            (false, None) => start = Some(at),
            (true, Some(from)) => {
                without_punctuation(text, from, at, &mut words);
                start = None;
            }
            _ => {}
        }
    }
    words
}

fn without_punctuation<'t>(text: &'t str, from: usize, to: usize, words: &mut Vec<Word<'t>>) {
    let run = &text[from..to];
    let is_word = |letter: char| letter.is_alphanumeric();
    let start = run.find(is_word).unwrap_or(run.len());
    let end = run
        .char_indices()
        .rev()
        .find(|(_, letter)| is_word(*letter))
        .map_or(start, |(at, letter)| at + letter.len_utf8());
    let marks = |from: usize, to: usize| {
        run[from..to].char_indices().map(move |(at, letter)| Word {
            at: from + at,
            text: &run[from + at..from + at + letter.len_utf8()],
        })
    };
    let core = (start < end).then(|| Word {
        at: start,
        text: &run[start..end],
    });
    words.extend(
        marks(0, start)
            .chain(core)
            .chain(marks(end, run.len()))
            .map(|word| Word {
                at: from + word.at,
                ..word
            }),
    );
}

/// Which words of each belong to a longest common run of words in order.
fn common(old: &[Word<'_>], new: &[Word<'_>]) -> (Vec<bool>, Vec<bool>) {
    let (mut kept_old, mut kept_new) = (vec![false; old.len()], vec![false; new.len()]);
    let same = |a: usize, b: usize| old[a].text == new[b].text;
    let shorter = old.len().min(new.len());
    let head = (0..shorter).take_while(|at| same(*at, *at)).count();
    let tail = (0..shorter - head)
        .take_while(|at| same(old.len() - 1 - at, new.len() - 1 - at))
        .count();
    kept_old[..head].fill(true);
    kept_new[..head].fill(true);
    kept_old[old.len() - tail..].fill(true);
    kept_new[new.len() - tail..].fill(true);

    let (rows, columns) = (old.len() - head - tail, new.len() - head - tail);
    // lengths[a][b]: how many words are common from old word a and new word b on.
    let at = |a: usize, b: usize| a * (columns + 1) + b;
    let mut lengths = vec![0_u16; (rows + 1) * (columns + 1)];
    for a in (0..rows).rev() {
        for b in (0..columns).rev() {
            lengths[at(a, b)] = if same(head + a, head + b) {
                lengths[at(a + 1, b + 1)].saturating_add(1)
            } else {
                lengths[at(a + 1, b)].max(lengths[at(a, b + 1)])
            };
        }
    }
    let (mut a, mut b) = (0, 0);
    while a < rows && b < columns {
        if same(head + a, head + b) {
            kept_old[head + a] = true;
            kept_new[head + b] = true;
            (a, b) = (a + 1, b + 1);
        } else if lengths[at(a + 1, b)] >= lengths[at(a, b + 1)] {
            a += 1;
        } else {
            b += 1;
        }
    }
    (kept_old, kept_new)
}

/// The text cut where changed and unchanged words meet. Space belongs to a change only between two changed words.
fn pieces(text: &str, words: &[Word<'_>], kept: &[bool]) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut put = |text: &str, changed: bool| {
        if text.is_empty() {
            return;
        }
        match pieces.last_mut() {
            Some(last) if last.changed == changed => last.text.push_str(text),
            _ => pieces.push(Piece {
                text: text.to_owned(),
                changed,
            }),
        }
    };
    let mut end = 0;
    let mut before_changed = false;
    for (word, kept) in words.iter().zip(kept) {
        put(&text[end..word.at], before_changed && !kept);
        put(word.text, !kept);
        end = word.at + word.text.len();
        before_changed = !kept;
    }
    put(&text[end..], false);
    pieces
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(pieces: &[Piece]) -> String {
        pieces
            .iter()
            .map(|it| {
                if it.changed {
                    format!("[{}]", it.text)
                } else {
                    it.text.clone()
                }
            })
            .collect()
    }

    fn marked(before: &str, after: &str) -> (String, String) {
        let it = difference(before, after);
        (shown(&it.before), shown(&it.after))
    }

    #[test]
    fn the_words_that_differ_are_marked_in_both() {
        let (before, after) = marked(
            "Level 5 minced and moist, level 1 thickened fluids. Sit fully upright for 20 minutes after meals.",
            "Level 4 puree, level 2 thickened fluids. Sit fully upright for 30 minutes after meals.",
        );
        assert_eq!(
            before,
            "Level [5 minced and moist], level [1] thickened fluids. Sit fully upright for [20] minutes after meals."
        );
        assert_eq!(
            after,
            "Level [4 puree], level [2] thickened fluids. Sit fully upright for [30] minutes after meals."
        );
    }

    #[test]
    fn amounts_and_times_are_one_word() {
        assert_eq!(
            marked("Give 2.5 ml at 14:00.", "Give 25 ml at 14:30."),
            (
                "Give [2.5] ml at [14:00].".into(),
                "Give [25] ml at [14:30].".into()
            )
        );
    }

    #[test]
    fn what_is_added_or_gone_is_marked_on_its_side_alone() {
        assert_eq!(
            marked("Walks with frame.", "Walks with frame. No stairs."),
            (
                "Walks with frame.".into(),
                "Walks with frame. [No stairs.]".into()
            )
        );
        assert_eq!(marked("", "New"), (String::new(), "[New]".into()));
    }

    #[test]
    fn words_that_are_gone_without_others_in_their_place_are_said() {
        let taken_out = |before, after| difference(before, after).taken_out();
        assert_eq!(
            taken_out("Sit up. 1,500 ml a day. Write it down.", "Sit up."),
            ["1,500 ml a day. Write it down."]
        );
        assert_eq!(
            taken_out("Level 5, sit up, slowly.", "Level 4, sit up."),
            ["slowly"]
        );
        assert_eq!(
            taken_out(
                "A drink, level 3, every hour, 1,200 ml.",
                "A drink, 1,500 ml."
            ),
            ["level 3, every hour, 1,200"]
        );
        assert!(taken_out("Level 5 minced and moist.", "Level 4 puree.").is_empty());
        assert!(taken_out("Level 5.", "Level 4. Sit up.").is_empty());
        assert!(taken_out("", "New").is_empty());
    }

    #[test]
    fn space_alone_is_no_difference() {
        assert_eq!(
            marked("One  two", "One\ntwo"),
            ("One  two".into(), "One\ntwo".into())
        );
        assert!(same_words(" One  two", "One\ntwo "));
        assert!(!same_words("One two", "Onetwo"));
    }

    proptest! {
        #[test]
        fn the_pieces_are_the_text_and_the_unchanged_ones_agree(
            before in "[ab ,.1é\n]{0,40}",
            after in "[ab ,.1é\n]{0,40}",
        ) {
            let it = difference(&before, &after);
            let whole = |pieces: &[Piece]| pieces.iter().map(|it| it.text.as_str()).collect::<String>();
            prop_assert_eq!(whole(&it.before), before.as_str());
            prop_assert_eq!(whole(&it.after), after.as_str());
            let unchanged = |pieces: &[Piece]| {
                let kept = pieces.iter().filter(|it| !it.changed).map(|it| it.text.as_str());
                kept.collect::<String>().split_whitespace().collect::<String>()
            };
            prop_assert_eq!(unchanged(&it.before), unchanged(&it.after));
            let marks = |pieces: &[Piece]| pieces.iter().any(|it| it.changed);
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            if words(&before) == words(&after) {
                prop_assert!(!marks(&it.before) && !marks(&it.after));
            }
        }
    }
}

//! A search that forgives spelling: letters wrong, missing, too many or swapped, accents and apostrophes.

/// From how many typed letters on one slip is forgiven, and from how many two. Shorter words must be spelt right, or
/// almost everything would match.
const ONE_SLIP_FROM: usize = 4;
const TWO_SLIPS_FROM: usize = 7;

/// Whether what was typed may mean one of these texts, such as a colleague's name; nothing typed means all.
pub fn may_mean(query: &str, texts: &[&str]) -> bool {
    slips_in(&split(query), texts).is_some()
}

/// How many letters are to be forgiven so that each typed word begins a word of the texts; none where it is too many.
pub fn slips_in(query: &[String], texts: &[&str]) -> Option<usize> {
    if query.is_empty() {
        return Some(0);
    }
    // A word with all that follows it: 'annemarie' finds Anne-Marie.
    let mut has = Vec::new();
    for text in texts {
        let words = split(text);
        has.extend((0..words.len()).map(|at| words[at..].concat()));
    }
    query.iter().try_fold(0, |slips, typed| {
        if has.iter().any(|word| word.starts_with(typed.as_str())) {
            return Some(slips);
        }
        let typed: Vec<char> = typed.chars().collect();
        let long = typed.len();
        let forgiven = usize::from(long >= ONE_SLIP_FROM) + usize::from(long >= TWO_SLIPS_FROM);
        if forgiven == 0 {
            return None;
        }
        let fewest = has.iter().map(|word| slips_at_start(word, &typed)).min()?;
        (fewest <= forgiven).then_some(slips + fewest)
    })
}

/// How many letters are wrong, missing, too many or swapped with their neighbour in what was typed of a word's start.
fn slips_at_start(word: &str, typed: &[char]) -> usize {
    // Row by row of the optimal string alignment distance; the last row holds the distance to each start of the word.
    let word: Vec<char> = word.chars().take(typed.len() + 2).collect();
    let mut above = Vec::new();
    let mut row: Vec<usize> = (0..=word.len()).collect();
    for (at, letter) in typed.iter().enumerate() {
        let mut next = vec![at + 1];
        for (to, other) in word.iter().enumerate() {
            let wrong = row[to] + usize::from(letter != other);
            let mut fewest = wrong.min(row[to + 1] + 1).min(next[to] + 1);
            if at > 0 && to > 0 && typed[at - 1] == *other && word[to - 1] == *letter {
                fewest = fewest.min(above[to - 1] + 1);
            }
            next.push(fewest);
        }
        above = std::mem::replace(&mut row, next);
    }
    row.into_iter().min().unwrap_or(typed.len())
}

/// Its words as they are compared, without what stands between them.
pub fn split(text: &str) -> Vec<String> {
    plain(text)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Lower case without accents or apostrophes. The letters of Latin-1 and Latin Extended-A cover the names
/// written in Britain's neighbour languages; whole Unicode tables would weigh more than the search does.
pub fn plain(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.chars().flat_map(char::to_lowercase) {
        match letter {
            'à'..='å' | 'ā' | 'ă' | 'ą' => folded.push('a'),
            'æ' => folded.push_str("ae"),
            'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => folded.push('c'),
            'ď' | 'đ' | 'ð' => folded.push('d'),
            'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => folded.push('e'),
            'ĝ' | 'ğ' | 'ġ' | 'ģ' => folded.push('g'),
            'ĥ' | 'ħ' => folded.push('h'),
            'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => folded.push('i'),
            'ĵ' => folded.push('j'),
            'ķ' => folded.push('k'),
            'ĺ' | 'ļ' | 'ľ' | 'ŀ' | 'ł' => folded.push('l'),
            'ñ' | 'ń' | 'ņ' | 'ň' => folded.push('n'),
            'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => folded.push('o'),
            'œ' => folded.push_str("oe"),
            'ŕ' | 'ŗ' | 'ř' => folded.push('r'),
            'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => folded.push('s'),
            'ß' => folded.push_str("ss"),
            'ţ' | 'ť' | 'ŧ' | 'ț' => folded.push('t'),
            'þ' => folded.push_str("th"),
            'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => folded.push('u'),
            'ŵ' => folded.push('w'),
            'ý' | 'ÿ' | 'ŷ' => folded.push('y'),
            'ź' | 'ż' | 'ž' => folded.push('z'),
            // Accents written as marks of their own, and apostrophes: O’Neil is found as oneil.
            '\u{300}'..='\u{36f}' | '\'' | '’' | '‘' | 'ʼ' => {}
            other => folded.push(other),
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_case_and_apostrophes_are_forgiven() {
        assert_eq!(split("Siân O’Neil-Łukasz"), ["sian", "oneil", "lukasz"]);
        assert_eq!(split("Sia\u{302}n"), ["sian"]);
        assert_eq!(split("محمد 李明"), ["محمد", "李明"]);
    }

    #[test]
    fn one_slip_is_forgiven_and_two_are_not() {
        let slips = |typed: &str| slips_at_start("whitby", &typed.chars().collect::<Vec<_>>());
        for typed in ["whtiby", "whiby", "whittby", "whidby"] {
            assert_eq!(slips(typed), 1, "{typed}");
            assert!(may_mean(typed, &["Jean Whitby"]), "{typed}");
        }
        assert!(may_mean("whitb", &["Jean Whitby"]));
        for typed in ["whdbx", "wti", "harold", "mhidby"] {
            assert!(!may_mean(typed, &["Jean Whitby"]), "{typed}");
        }
    }

    #[test]
    fn two_slips_are_forgiven_in_a_longer_word_and_three_are_not() {
        for typed in [
            "kowalska", "kovalska", "kowlaska", "kovalksa", "kovalsky", "kwalskaa", "okwaslka",
        ] {
            assert!(may_mean(typed, &["Marta Kowalska"]), "{typed}");
        }
        for typed in ["kovalzky", "kolwaksy", "kovalski", "kavelsky"] {
            let meant = may_mean(typed, &["Marta Kowalska"]);
            assert_eq!(meant, typed == "kovalski", "{typed}");
        }
        for (typed, name) in [
            ("stephen", "Steven Ahmed"),
            ("cathrine", "Katharine Bell"),
            ("whittbey", "Jean Whitby"),
            ("siobahn", "Siobhán Ní Dhomhnaill"),
            ("dhomnail", "Siobhán Ní Dhomhnaill"),
            ("mohammed", "Muhammad Iqbal"),
            ("lukasz", "Łukasz Nowak"),
            ("żaneta", "Zaneta Nowak"),
        ] {
            assert!(may_mean(typed, &[name]), "{typed} for {name}");
        }
    }

    #[test]
    fn names_of_two_parts_are_found_however_they_are_joined() {
        for typed in [
            "annemarie",
            "anne marie",
            "anne-marie",
            "Marie",
            "anemarie",
            "smith anne",
            "smithjones",
            "annnemarie jones",
        ] {
            assert!(may_mean(typed, &["Anne-Marie Smith-Jones"]), "{typed}");
        }
        for typed in ["oneill", "o neill", "O’Neil"] {
            assert!(may_mean(typed, &["Siân O'Neill"]), "{typed}");
        }
        assert!(!may_mean("marie brown", &["Anne-Marie Smith-Jones"]));
    }
}

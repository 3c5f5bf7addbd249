//! How long to wait before the next try: full jitter, so that a thousand phones do not come back
//! at one moment when a server does.

use crate::encoding::Millis;

/// The least wait after a try that brought nothing.
pub const LEAST: Millis = 1_000;
/// The longest wait between two tries to reach the server.
pub const MOST: Millis = 5 * 60_000;
/// The longest wait where there was no network at all: such a try costs no server anything, and the
/// network is often back within the minute.
pub const MOST_WITHOUT_NETWORK: Millis = 30_000;
/// The longest that a `Retry-After` is obeyed; a portal may say anything.
pub const MOST_RETRY_AFTER: Millis = 15 * 60_000;
/// The longest wait of one entry that the server cannot take.
pub const MOST_OF_ONE: Millis = 6 * 3_600_000;

/// A wait between [`LEAST`] and the smaller of 2 s doubled `attempt` times and `most`.
#[must_use]
pub fn wait(attempt: u32, most: Millis, random: u64) -> Millis {
    let ceiling = 2_000i64.checked_shl(attempt.min(20)).unwrap_or(most);
    between(LEAST, ceiling.min(most), random)
}

/// The wait of one entry that was not taken `tries` times: 5 s doubled, up to six hours, the
/// upper half jittered.
#[must_use]
pub fn wait_of_one(tries: u32, random: u64) -> Millis {
    let ceiling = 5_000i64
        .checked_shl(tries.min(20))
        .unwrap_or(MOST_OF_ONE)
        .min(MOST_OF_ONE);
    between(ceiling / 2, ceiling, random)
}

/// A time in `[least, most]`, chosen by `random`.
#[must_use]
pub fn between(least: Millis, most: Millis, random: u64) -> Millis {
    let span = u64::try_from(most - least).unwrap_or(0) + 1;
    least + i64::try_from(random % span).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_waits_are_half_a_minute_five_minutes_and_six_hours() {
        let longest = |wait: &dyn Fn(u64) -> Millis| (0..400).map(|n| wait(n * 54_000)).max();
        assert_eq!(wait(9, MOST_WITHOUT_NETWORK, 29_000), 30_000);
        assert_eq!(wait(9, MOST, 299_000), 300_000);
        assert_eq!(longest(&|random| wait_of_one(13, random)), Some(21_600_000));
    }

    #[test]
    fn waits_stay_within_one_second_and_five_minutes_and_grow() {
        for attempt in 0..80 {
            for random in [0, 1, u64::MAX / 2, u64::MAX] {
                let wait = wait(attempt, MOST, random);
                assert!((LEAST..=MOST).contains(&wait), "{wait}");
            }
        }
        assert!(wait(0, MOST, 1_000) <= 2_000);
        assert_eq!(wait(30, MOST, 299_000), MOST);
        assert!(wait(30, MOST_WITHOUT_NETWORK, u64::MAX) <= MOST_WITHOUT_NETWORK);
    }

    #[test]
    fn the_wait_of_one_entry_ends_at_six_hours() {
        assert!((2_500..=5_000).contains(&wait_of_one(0, 12_345)));
        for tries in 0..80 {
            assert!((2_500..=MOST_OF_ONE).contains(&wait_of_one(tries, u64::MAX)));
        }
    }
}

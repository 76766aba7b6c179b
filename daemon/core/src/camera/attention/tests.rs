use proptest::prelude::*;

use super::*;

const PACE: Pace = Pace::CHOSEN;
const MINUTE: i64 = 60_000;
const INTERVAL: Duration = Duration::from_secs(5 * 60);

/// Looks that are due, each as soon as it is, until that minute.
struct Looks {
    attention: Attention,
    last: Option<Timestamp>,
    taken: Vec<Timestamp>,
}

impl Looks {
    fn new() -> Self {
        Self {
            attention: Attention::default(),
            last: None,
            taken: Vec::new(),
        }
    }

    fn due(&self, interval: Duration) -> Timestamp {
        let last = self.last.unwrap_or_default();
        self.attention.due(&PACE, interval, last)
    }

    fn look(&mut self, interval: Duration, at: Timestamp, speaks: f64) {
        self.attention.looked(&PACE, interval, self.last, at);
        self.attention.saw(&PACE, speaks);
        self.last = Some(at);
        self.taken.push(at);
    }

    fn look_when_due(&mut self, speaks: f64) -> i64 {
        let (last, due) = (self.last.unwrap_or_default(), self.due(INTERVAL));
        self.look(INTERVAL, due, speaks);
        due.0 - last.0
    }
}

/// The most looks within an hour.
fn densest(looks: &[Timestamp]) -> usize {
    let within = |first: &Timestamp| {
        let in_hour = |at: &&Timestamp| **at >= *first && at.since(*first) < HOUR;
        looks.iter().filter(in_hour).count()
    };
    looks.iter().map(within).max().unwrap_or(0)
}

#[test]
fn where_nothing_changes_looks_wait_longer_until_enough_are_saved() {
    let mut looks = Looks::new();
    looks.look(INTERVAL, Timestamp(0), 0.0);
    let waits: Vec<i64> = (0..20).map(|_| looks.look_when_due(0.0)).collect();
    let (longer, interval) = (375_000, 5 * MINUTE);
    assert_eq!(waits[..16], [longer; 16], "four looks of five minutes");
    assert_eq!(waits[16..], [interval; 4]);
}

#[test]
fn a_look_that_speaks_for_a_change_is_followed_up_a_few_times() {
    let mut looks = Looks::new();
    looks.look(INTERVAL, Timestamp(0), 0.0);
    for _ in 0..20 {
        looks.look_when_due(0.0);
    }
    looks.look_when_due(0.9);
    let waits: Vec<i64> = (0..6).map(|_| looks.look_when_due(0.9)).collect();
    assert_eq!(waits[..3], [90_000; 3]);
    assert!(waits[3] >= 5 * MINUTE, "{waits:?}");
}

#[test]
fn who_has_nothing_saved_does_not_look_again() {
    let mut looks = Looks::new();
    looks.look(INTERVAL, Timestamp(0), 0.9);
    assert!(looks.look_when_due(0.9) >= 5 * MINUTE);
}

#[test]
fn looks_that_are_close_already_stay_even() {
    let short = Duration::from_secs(60);
    let mut looks = Looks::new();
    for i in 0..100 {
        looks.look(short, Timestamp(i * MINUTE), 1.0);
        assert_eq!(looks.due(short), Timestamp((i + 1) * MINUTE));
    }
}

#[test]
fn a_look_on_request_is_on_no_account() {
    let mut looks = Looks::new();
    looks.look(INTERVAL, Timestamp(0), 0.0);
    let before = looks.attention.clone();
    looks.attention.asked_for();
    assert_eq!(looks.attention, before);
}

#[test]
fn what_was_kept_by_an_older_version_or_is_nonsense_does_no_harm() {
    let empty: Attention = serde_json::from_str("{}").unwrap();
    assert_eq!(empty, Attention::default());
    let mut odd: Attention = serde_json::from_str(
        r#"{ "recent": [9000000000000000000, -5, 7], "spare": 18446744073709551615, "row": 255, "pending": true }"#,
    )
    .unwrap();
    odd.forget_future(Timestamp(1000));
    let due = odd.due(&PACE, INTERVAL, Timestamp(1000));
    assert!(due.since(Timestamp(1000)) <= HOUR);
    odd.looked(&PACE, INTERVAL, Some(Timestamp(1000)), due);
    odd.saw(&PACE, 1.0);
}

proptest! {
    /// Whatever the looks say, and however late they are taken.
    #[test]
    fn no_more_looks_than_the_interval_gives(
        steps in prop::collection::vec((0.0..1.0f64, prop_oneof![6 => Just(0i64), 1 => 0..90 * MINUTE]), 1..300),
        minutes in 3u64..90,
    ) {
        let interval = Duration::from_secs(60 * minutes);
        let mut looks = Looks::new();
        looks.look(interval, Timestamp(0), 1.0);
        for (speaks, late) in steps {
            let at = Timestamp(looks.due(interval).0 + late);
            looks.look(interval, at, speaks);
            let even = at.0 / i64::try_from(interval.as_millis()).unwrap() + 1;
            let most = even + PACE.most_spare as i64;
            prop_assert!(looks.taken.len() as i64 <= most, "{} looks, {even} by the interval", looks.taken.len());
        }
        prop_assert!(densest(&looks.taken) <= PACE.most_in_an_hour(interval));
    }

    /// Not even when the interval changes all the time: the bound is that of the shortest.
    #[test]
    fn an_hour_never_holds_too_many_looks(
        steps in prop::collection::vec((0.0..1.0f64, prop::sample::select(vec![5u64, 5, 5, 10, 45]), 0..3 * MINUTE), 1..300),
    ) {
        let mut looks = Looks::new();
        for (speaks, minutes, late) in steps {
            let interval = Duration::from_secs(60 * minutes);
            let at = Timestamp(looks.due(interval).0 + late);
            looks.look(interval, at, speaks);
        }
        prop_assert!(densest(&looks.taken) <= PACE.most_in_an_hour(INTERVAL));
    }

    /// A clock that is set back: the next look is due within the hour, and the looks of the hour
    /// before still count.
    #[test]
    fn a_clock_that_jumps_back_does_no_harm(
        steps in prop::collection::vec((0.0..1.0f64, prop_oneof![9 => Just(0i64), 1 => -3600 * 24 * 1000..0i64]), 1..200),
    ) {
        let mut looks = Looks::new();
        // By a clock that never jumps.
        let (mut true_time, mut true_looks) = (0, Vec::new());
        let mut now = 1_700_000_000_000;
        for (speaks, jump) in steps {
            if jump < 0 {
                now += jump;
                looks.attention.forget_future(Timestamp(now));
                looks.last = looks.last.map(|last| last.min(Timestamp(now)));
            }
            let due = looks.last.map_or(now, |_| looks.due(INTERVAL).0.max(now));
            prop_assert!(due - now <= 3600 * 1000);
            true_time += due - now;
            now = due;
            looks.look(INTERVAL, Timestamp(now), speaks);
            true_looks.push(Timestamp(true_time));
        }
        prop_assert!(densest(&true_looks) <= PACE.most_in_an_hour(INTERVAL));
    }
}

use super::*;
use proptest::prelude::*;
use std::collections::VecDeque;

fn pace(requests: u32, execution_ms: u64) -> Pace {
    Pace {
        window: Duration::from_millis(10_000),
        requests,
        execution: Duration::from_millis(execution_ms),
        at_once: 52,
    }
}

/// Sends as many requests as it is let for so long, each taking this time; answers when each
/// began.
fn run(limiter: &mut Limiter, until: i64, took: i64) -> Vec<i64> {
    let (mut now, mut began, mut under_way) = (0, Vec::new(), VecDeque::new());
    while now < until {
        while let Some((at, likely)) = under_way.front().copied()
            && at + took <= now
        {
            under_way.pop_front();
            limiter.leave(now, likely, took);
            limiter.taken(now);
        }
        let next = under_way.front().map(|(at, _): &(i64, i64)| at + took);
        match limiter.enter(now) {
            Leave::Go(likely) => {
                began.push(now);
                under_way.push_back((now, likely));
            }
            Leave::At(at) => now = at.min(next.unwrap_or(at)),
            Leave::Paused(at) => now = at,
            Leave::AfterAnother => now = next.unwrap_or(now + 1),
        }
    }
    began
}

fn most_in_a_window(began: &[i64], window: i64) -> usize {
    let from = |at: &i64| {
        began
            .iter()
            .filter(|b| (*at..at + window).contains(b))
            .count()
    };
    began.iter().map(from).max().unwrap_or(0)
}

#[test]
fn no_window_sees_more_requests_than_it_allows_and_most_are_used() {
    for requests in [60, 600, 1200] {
        let mut limiter = Limiter::new(pace(requests, 1_000_000));
        limiter.recommend(8);
        let began = run(&mut limiter, 50_000, 1);
        let most = most_in_a_window(&began, 10_000);
        let allowed = requests as usize;
        assert!(most <= allowed, "{most} of {allowed}");
        assert!(
            began.len() * 100 >= allowed * 5 * 93,
            "{} of {allowed} × 5",
            began.len()
        );
    }
}

#[test]
fn execution_time_binds_when_requests_are_slow() {
    // Two hundred milliseconds each, forty seconds in ten: two hundred requests.
    let mut limiter = Limiter::new(pace(10_000, 40_000));
    limiter.recommend(8);
    let began = run(&mut limiter, 50_000, 200);
    let most = most_in_a_window(&began, 10_000);
    assert!(most <= 200, "{most}");
    assert!(began.len() >= 5 * 186, "{}", began.len());
}

#[test]
fn the_documented_limits_allow_nineteen_requests_a_second() {
    let mut limiter = Limiter::new(Pace::default());
    limiter.recommend(8);
    let began = run(&mut limiter, 600_000, 150);
    assert!(most_in_a_window(&began[..3000], 300_000) <= 6000);
    assert!((11_300..=11_600).contains(&began.len()), "{}", began.len());
}

#[test]
fn a_burst_goes_through_at_once() {
    let mut limiter = Limiter::new(Pace::default());
    limiter.recommend(52);
    let gone = (0..60)
        .filter(|_| matches!(limiter.enter(0), Leave::Go(_)))
        .count();
    assert_eq!(gone, 52);
}

#[test]
fn concurrency_begins_at_the_hint_halves_and_comes_back_slowly() {
    let mut limiter = Limiter::new(pace(6000, 1_000_000));
    assert_eq!(limiter.at_once, 4);
    limiter.recommend(16);
    assert_eq!((limiter.at_once, limiter.hint()), (16, Some(16)));
    limiter.refused(0, Facet::Concurrency, Some(1000));
    // Seven more of the same moment tell nothing new.
    for _ in 0..7 {
        limiter.refused(5, Facet::Concurrency, Some(1000));
    }
    limiter.recommend(16);
    assert_eq!(limiter.at_once, 8);
    let mut grown = Vec::new();
    for now in (0..40_000).step_by(100) {
        let before = limiter.at_once;
        limiter.taken(now);
        if limiter.at_once > before {
            grown.push((now, limiter.at_once));
        }
    }
    // Quickly to what was safe, and beyond only once in a window.
    let wanted: Vec<(i64, u32)> = (9..16).map(|n| (i64::from(n - 8) * 500, n)).collect();
    assert_eq!(grown[..7], wanted);
    assert_eq!(grown[7..], [(13_500, 16)]);
    limiter.recommend(500);
    assert_eq!(limiter.at_once, 52);
    for now in 1..20 {
        limiter.refused(40_000 + now * 2000, Facet::Concurrency, Some(1000));
    }
    assert_eq!(limiter.at_once, 1);
}

#[test]
fn nothing_goes_out_while_the_service_asks_to_wait() {
    let mut limiter = Limiter::new(Pace::default());
    assert_eq!(limiter.enter(0), Leave::Go(0));
    limiter.refused(10, Facet::Window, Some(7000));
    for at in [10, 5000, 7009] {
        assert_eq!(limiter.enter(at), Leave::Paused(7010));
    }
    limiter.refused(20, Facet::Window, Some(1000));
    assert_eq!(limiter.enter(7009), Leave::Paused(7010));
    assert_eq!(limiter.enter(7010), Leave::Go(0));
}

#[test]
fn without_a_wish_the_wait_doubles_until_a_request_is_taken() {
    let mut limiter = Limiter::new(Pace::default());
    for (now, until) in [(0, 1000), (1000, 3000), (3000, 7000)] {
        limiter.refused(now, Facet::Concurrency, None);
        assert_eq!(limiter.enter(now), Leave::Paused(until));
    }
    limiter.taken(7000);
    limiter.refused(7000, Facet::Concurrency, None);
    assert_eq!(limiter.enter(7000), Leave::Paused(8000));
    limiter.refused(8000, Facet::Window, Some(i64::MAX));
    assert_eq!(limiter.enter(8000), Leave::Paused(8000 + LONGEST_PAUSE));
}

#[test]
fn refusals_slow_down_for_a_while() {
    let mut limiter = Limiter::new(pace(600, 1_000_000));
    limiter.pass(0);
    limiter.refused(0, Facet::Window, Some(0));
    assert!((limiter.share - 0.75).abs() < 1e-9);
    limiter.pass(1000);
    assert!((limiter.share - 0.85).abs() < 1e-9);
    limiter.pass(10_000);
    assert!((limiter.share - 1.0).abs() < 1e-9);
    for now in 10_000..10_100 {
        limiter.refused(now, Facet::Window, Some(0));
    }
    assert!(limiter.share < LEAST_SHARE + 0.01);
}

proptest! {
    #[test]
    fn whatever_happens_no_window_overflows(
        requests in 20_u32..2000,
        took in prop::collection::vec(0_i64..400, 50..400),
        waits in prop::collection::vec(0_i64..300, 50..400),
    ) {
        let mut limiter = Limiter::new(pace(requests, 40_000));
        limiter.recommend(8);
        let (mut now, mut began) = (0, Vec::new());
        for (took, wait) in took.iter().zip(&waits) {
            now += wait;
            match limiter.enter(now) {
                Leave::Go(likely) => {
                    began.push((now, *took));
                    now += took;
                    limiter.leave(now, likely, *took);
                }
                Leave::At(at) | Leave::Paused(at) => now = at,
                Leave::AfterAnother => prop_assert!(false, "nothing is under way"),
            }
        }
        for (from, _) in &began {
            let window = began.iter().filter(|(at, _)| (*from..from + 10_000).contains(at));
            let (count, spent) = window.fold((0, 0), |(n, ms), (_, took)| (n + 1, ms + took));
            prop_assert!(count <= requests);
            prop_assert!(spent <= 40_000 + 400);
        }
    }
}

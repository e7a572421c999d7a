//! How often an address prefix may try something: buckets of tries that refill with time, in memory.
//!
//! A whole village may share one address, so these are generous: they stop programs, not neighbours. What is slowed for
//! one account is with the accounts.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use app::error::Refusal;
use chrono::{DateTime, Utc};

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limited {
    /// Finding a topic by its tracking code.
    LookUp,
    /// Signing in.
    SignIn,
    /// Raising a topic.
    Raise,
    /// Any other form.
    Write,
}

/// How many tries a bucket holds, and in how many seconds an empty one is full again.
struct Bucket {
    tries: f64,
    refill_s: f64,
}

impl Limited {
    /// What a form's path counts as.
    #[must_use]
    pub fn of(path: &str) -> Self {
        match path {
            "/lookup" => Self::LookUp,
            "/sign-in" => Self::SignIn,
            "/raise" => Self::Raise,
            _ => Self::Write,
        }
    }

    const fn bucket(self) -> Bucket {
        match self {
            Self::LookUp => Bucket { tries: 60.0, refill_s: 600.0 },
            Self::SignIn => Bucket { tries: 60.0, refill_s: 300.0 },
            Self::Raise => Bucket { tries: 120.0, refill_s: 3600.0 },
            Self::Write => Bucket { tries: 600.0, refill_s: 300.0 },
        }
    }

    const fn sentence(self) -> &'static str {
        match self {
            Self::LookUp => "这个网络刚才查询得太频繁。",
            Self::SignIn => "这个网络刚才登录的次数太多。",
            Self::Raise | Self::Write => "这个网络刚才提交得太频繁。",
        }
    }
}

/// Prefixes that are remembered at most.
const REMEMBERED: usize = 50_000;

/// Tries that are left in a bucket, and when that was counted.
type Left = (f64, DateTime<Utc>);

/// The buckets of all prefixes.
#[derive(Debug, Default)]
pub struct Limits {
    left: Mutex<HashMap<(Limited, String), Left>>,
}

impl Limits {
    /// Counts a try.
    ///
    /// # Errors
    /// [`Refusal::TooMany`] when the bucket is empty.
    pub fn count(&self, what: Limited, prefix: &str, now: DateTime<Utc>) -> Result<(), Refusal> {
        let bucket = what.bucket();
        let pace = bucket.tries / bucket.refill_s;
        let mut all = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= REMEMBERED {
            // A full bucket is as good as none.
            all.retain(|(what, _), (left, at)| {
                let bucket = what.bucket();
                refilled(*left, *at, now, bucket.tries / bucket.refill_s, bucket.tries) < bucket.tries
            });
        }
        let (left, at) = all.entry((what, prefix.to_owned())).or_insert((bucket.tries, now));
        *left = refilled(*left, *at, now, pace, bucket.tries);
        *at = now;
        if *left < 1.0 {
            let missing = (1.0 - *left) / pace;
            return Err(Refusal::TooMany {
                retry_after_s: whole_seconds(missing),
                sentence: what.sentence().to_owned(),
            });
        }
        *left -= 1.0;
        Ok(())
    }
}

fn refilled(left: f64, at: DateTime<Utc>, now: DateTime<Utc>, pace: f64, most: f64) -> f64 {
    (left + (now - at).as_seconds_f64().max(0.0) * pace).min(most)
}

/// At least one, rounded up.
fn whole_seconds(seconds: f64) -> u64 {
    std::time::Duration::try_from_secs_f64(seconds.ceil()).map_or(1, |d| d.as_secs().max(1))
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn tries(limits: &Limits, what: Limited, prefix: &str, now: DateTime<Utc>) -> usize {
        (0..10_000).take_while(|_| limits.count(what, prefix, now).is_ok()).count()
    }

    #[test]
    fn a_bucket_empties_and_fills_again_and_neighbours_have_their_own() {
        let (limits, now) = (Limits::default(), DateTime::UNIX_EPOCH);
        assert_eq!(tries(&limits, Limited::SignIn, "a", now), 60);
        let Err(Refusal::TooMany { retry_after_s, .. }) = limits.count(Limited::SignIn, "a", now) else {
            panic!("still open")
        };
        assert_eq!(retry_after_s, 5);
        assert_eq!(tries(&limits, Limited::SignIn, "b", now), 60);
        assert_eq!(tries(&limits, Limited::LookUp, "a", now), 60);
        let later = now + TimeDelta::seconds(i64::try_from(retry_after_s).unwrap());
        assert_eq!(tries(&limits, Limited::SignIn, "a", later), 1);
        assert_eq!(tries(&limits, Limited::SignIn, "a", now + TimeDelta::days(1)), 60);
    }

    #[test]
    fn a_clock_that_goes_back_opens_nothing() {
        let (limits, now) = (Limits::default(), DateTime::UNIX_EPOCH);
        tries(&limits, Limited::SignIn, "a", now);
        assert_eq!(tries(&limits, Limited::SignIn, "a", now - TimeDelta::days(1)), 0);
    }
}

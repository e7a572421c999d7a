//! Slowing of guesses.
//!
//! A try is counted before the password is looked at and taken back when it was right, so that many tries at once
//! cannot slip past the counter. Counters are kept under keyed hashes and forget after a while.

use chrono::{DateTime, TimeDelta, Utc};

use super::store;
use crate::access::Visitor;
use crate::context::{Ctx, SiteSecret};
use crate::error::Refusal;
use crate::storage::Tx;

/// How guesses are slowed. Failures beyond the free ones are each followed by a wait that doubles.
#[derive(Clone, Copy, Debug)]
pub struct GuessSettings {
    /// Free failures of one account from one address prefix.
    pub pair_free: i64,
    /// Free failures of one account from a browser that has signed in to it before.
    pub known_free: i64,
    /// Free failures of one account from anywhere.
    pub account_free: i64,
    /// Free failures from one address prefix, which a whole village may share.
    pub prefix_free: i64,
    /// Seconds of the first wait.
    pub first_wait_s: i64,
    /// Seconds of the longest wait.
    pub longest_wait_s: i64,
    /// Seconds of the longest wait of the counter that everybody's failures at an account go to. Short, since the
    /// owner on a new device waits it too.
    pub account_longest_wait_s: i64,
    /// Seconds after the last failure when a counter begins anew.
    pub forget_after_s: i64,
}

/// The values in force.
pub const GUESSES: GuessSettings = GuessSettings {
    pair_free: 5,
    known_free: 8,
    account_free: 20,
    prefix_free: 60,
    first_wait_s: 10,
    longest_wait_s: 900,
    account_longest_wait_s: 60,
    forget_after_s: 3600,
};

/// One counter that a try goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scope {
    key: String,
    free: i64,
    longest_wait_s: i64,
    /// Whether a right password clears it; otherwise it only takes its own try back.
    cleared: bool,
}

/// The counters of a try to sign in.
pub(super) fn sign_in_scopes(secret: &SiteSecret, login: &str, visitor: &Visitor, known: bool) -> Vec<Scope> {
    let scope = |kind: &str, parts: [&str; 2], free, longest_wait_s, cleared| Scope {
        key: secret.keyed("guess", &[kind, parts[0], parts[1]]),
        free,
        longest_wait_s,
        cleared,
    };
    let s = GUESSES;
    let mut scopes = if known {
        vec![scope("known", [login, &visitor.browser], s.known_free, s.longest_wait_s, true)]
    } else {
        vec![
            scope("pair", [login, &visitor.prefix], s.pair_free, s.longest_wait_s, true),
            scope("account", [login, ""], s.account_free, s.account_longest_wait_s, false),
            scope("prefix", [&visitor.prefix, ""], s.prefix_free, s.longest_wait_s, false),
        ]
    };
    // Always locked in the same order.
    scopes.sort_by(|a, b| a.key.cmp(&b.key));
    scopes
}

/// What tries to find oneself behind a shared link are about.
#[derive(Clone, Debug)]
pub struct TriesOf {
    /// What is tried: a word of ours.
    pub what: &'static str,
    /// The whole that the link leads to.
    pub whole: String,
    /// The one person that is tried for.
    pub one: String,
}

/// The counters of such a try: by person, and by the whole, whose wait stays short since everybody waits it.
fn tries_scopes(secret: &SiteSecret, about: &TriesOf) -> Vec<Scope> {
    let scope = |one: &str, free, longest_wait_s, cleared| Scope {
        key: secret.keyed("guess", &[about.what, &about.whole, one]),
        free,
        longest_wait_s,
        cleared,
    };
    let mut scopes = vec![
        scope(&format!("one {}", about.one), GUESSES.pair_free, GUESSES.longest_wait_s, true),
        scope("whole", GUESSES.prefix_free, GUESSES.account_longest_wait_s, false),
    ];
    scopes.sort_by(|a, b| a.key.cmp(&b.key));
    scopes
}

/// Looks for somebody behind a shared link. A try counts before it is looked, and is taken back when it finds.
///
/// # Errors
/// [`Refusal::TooMany`] when it comes too early, and what `look` refuses.
pub async fn try_slowly<T>(
    ctx: &Ctx,
    about: TriesOf,
    look: impl Future<Output = Result<Option<T>, Refusal>> + Send,
) -> Result<Option<T>, Refusal> {
    let now = ctx.now();
    let scopes = tries_scopes(&ctx.secret, &about);
    let reserved = scopes.clone();
    ctx.db.write(move |tx| Box::pin(async move { reserve(tx, &reserved, now).await })).await?;
    let found = look.await?;
    if found.is_some() {
        ctx.db.write(move |tx| Box::pin(async move { release(tx, &scopes).await })).await?;
    }
    Ok(found)
}

/// The counter of tries to give the old password when changing it.
pub(super) fn change_scopes(secret: &SiteSecret, account: &str) -> Vec<Scope> {
    vec![Scope {
        key: secret.keyed("guess", &["change", account, ""]),
        free: GUESSES.pair_free,
        longest_wait_s: GUESSES.longest_wait_s,
        cleared: true,
    }]
}

/// The counter that everybody's failures at an account go to, cleared when an administrator gives a new password.
pub(super) fn account_key(secret: &SiteSecret, login: &str) -> String {
    secret.keyed("guess", &["account", login, ""])
}

/// Seconds until the next try is taken, 0 for at once.
fn wait_s(failures: i64, free: i64, longest_wait_s: i64) -> i64 {
    if failures < free {
        return 0;
    }
    let doublings = u32::try_from(failures - free).unwrap_or(u32::MAX).min(20);
    (GUESSES.first_wait_s << doublings).min(longest_wait_s)
}

/// Counts a try, or refuses it when it comes too early.
///
/// # Errors
/// [`Refusal::TooMany`]; then nothing is counted.
pub(super) async fn reserve(tx: &mut Tx, scopes: &[Scope], now: DateTime<Utc>) -> Result<(), Refusal> {
    let forgotten = now - TimeDelta::seconds(GUESSES.forget_after_s);
    let mut left_s = 0;
    for scope in scopes {
        let (failures, last_at) = store::lock_guess(tx, &scope.key, now).await?;
        let failures = if last_at < forgotten { 0 } else { failures };
        let until = last_at + TimeDelta::seconds(wait_s(failures, scope.free, scope.longest_wait_s));
        let early_ms = (until - now).num_milliseconds();
        left_s = left_s.max((early_ms + 999) / 1000);
        if early_ms <= 0 {
            store::set_guess(tx, &scope.key, failures + 1, now).await?;
        }
    }
    match u64::try_from(left_s) {
        Ok(retry_after_s) if retry_after_s > 0 => Err(Refusal::TooMany {
            retry_after_s,
            sentence: format!("试错的次数多了，请过 {} 再试。", wait_words(retry_after_s)),
        }),
        _ => Ok(()),
    }
}

/// Takes a try back that was right.
pub(super) async fn release(tx: &mut Tx, scopes: &[Scope]) -> Result<(), Refusal> {
    for scope in scopes {
        if scope.cleared {
            store::clear_guess(tx, &scope.key).await?;
        } else {
            store::take_guess_back(tx, &scope.key).await?;
        }
    }
    Ok(())
}

/// A wait in plain words.
fn wait_words(seconds: u64) -> String {
    if seconds < 60 { format!("{seconds} 秒") } else { format!("{} 分钟", seconds.div_ceil(60)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        let waits: Vec<i64> = (3..=14).map(|failures| wait_s(failures, 5, 900)).collect();
        assert_eq!(waits, [0, 0, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900]);
        assert_eq!(wait_s(i64::MAX, 5, 60), 60);
        assert_eq!(wait_words(59), "59 秒");
        assert_eq!(wait_words(61), "2 分钟");
    }

    #[test]
    fn a_known_browser_has_a_counter_of_its_own() {
        let secret = SiteSecret::new([1; 32]);
        let visitor = Visitor { browser: "b".to_owned(), prefix: "p".to_owned() };
        let known = sign_in_scopes(&secret, "wang", &visitor, true);
        let unknown = sign_in_scopes(&secret, "wang", &visitor, false);
        assert_eq!((known.len(), unknown.len()), (1, 3));
        assert!(known.iter().all(|k| unknown.iter().all(|u| u.key != k.key)));
        assert!(unknown.iter().any(|u| u.key == account_key(&secret, "wang")));
        assert!(unknown.is_sorted_by(|a, b| a.key < b.key));
    }
}

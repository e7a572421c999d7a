//! What the clock does about letters: on the reminder days before a meeting it starts the round that reminds everybody,
//! once for each meeting and day.

use chrono::{Days, NaiveDate, TimeDelta, Timelike};

use super::post::{Round, add_round};
use super::store::{self, Coming};
use crate::context::Ctx;
use crate::error::Refusal;
use crate::rules::{SHANGHAI, local_date};
use crate::{jobs, town};

/// No reminder goes out before eight in the morning.
const FROM_HOUR: u32 = 8;
/// Reminder days are at most this many before the meeting, by the bounds of the setting.
const FURTHEST: TimeDelta = TimeDelta::days(17);

/// Starts the reminders that are due. Returns how many rounds that made.
///
/// # Errors
/// When the database is away.
pub async fn run_due(ctx: &Ctx) -> Result<usize, Refusal> {
    let (now, today) = (ctx.now(), ctx.today());
    if now.with_timezone(&SHANGHAI).hour() < FROM_HOUR {
        return Ok(0);
    }
    let mut started = 0;
    for meeting in store::coming(&ctx.db, now, now + FURTHEST).await? {
        let rules = match meeting.rule_set_id {
            Some(id) => town::rules::by_id(&ctx.db, &ctx.shared, id).await?,
            None => town::rules::in_force(&ctx.db, &ctx.shared, &meeting.town_id, now).await?.1,
        };
        let Some(days) = due(&meeting, &rules.notice.reminder_days, today) else {
            continue;
        };
        let key = format!("remind:{}:{}:{days}", meeting.meeting_id, local_date(meeting.starts_at));
        if jobs::is_known(&ctx.db, &key).await? {
            continue;
        }
        let (inner, round) = (ctx.clone(), Round { meeting: meeting.meeting_id, unanswered: false });
        ctx.db
            .write(move |tx| Box::pin(async move { add_round(tx, &inner, "remind", round, Some(&key)).await }))
            .await?;
        started += 1;
    }
    Ok(started)
}

/// The reminder day (as days before the meeting) that has come last, if everybody knew of the meeting before it: who
/// is invited today needs no reminder today. A day on which the program did not run is made up for.
fn due(meeting: &Coming, reminder_days: &[u32], today: NaiveDate) -> Option<u32> {
    let on = local_date(meeting.starts_at);
    let announced = local_date(meeting.announced_at?);
    let day = |before: u32| on.checked_sub_days(Days::new(u64::from(before)));
    reminder_days.iter().copied().filter(|before| day(*before).is_some_and(|day| day <= today && announced < day)).min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::MeetingId;

    #[test]
    fn one_is_reminded_on_the_days_of_the_setting() {
        let meeting = |announced: &str| Coming {
            meeting_id: MeetingId(uuid::Uuid::nil()),
            // The 25th in Shanghai, though still the 24th in UTC.
            starts_at: "2026-11-24T23:30:00Z".parse().unwrap(),
            announced_at: Some(format!("{announced}T02:00:00Z").parse().unwrap()),
            town_id: "shengze".to_owned(),
            rule_set_id: None,
        };
        for (announced, days, today, expected) in [
            ("2026-11-16", &[3, 1][..], "2026-11-21", None),
            ("2026-11-16", &[3, 1], "2026-11-22", Some(3)),
            // The program did not run on the 22nd.
            ("2026-11-16", &[3, 1], "2026-11-23", Some(3)),
            ("2026-11-16", &[3, 1], "2026-11-24", Some(1)),
            ("2026-11-16", &[3, 1], "2026-11-25", Some(1)),
            // Announced on a reminder day, or after it: that one is left out.
            ("2026-11-22", &[3, 1], "2026-11-22", None),
            ("2026-11-23", &[3, 1], "2026-11-23", None),
            ("2026-11-23", &[3, 1], "2026-11-24", Some(1)),
            ("2026-11-16", &[], "2026-11-24", None),
        ] {
            assert_eq!(due(&meeting(announced), days, today.parse().unwrap()), expected, "{announced} {today}");
        }
    }
}

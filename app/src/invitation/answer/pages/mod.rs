//! Pages of answers: the invitee's own, registration at the notice, the chat group's link, and the officer's.

pub mod answers;
pub mod find;
pub mod invitee;
pub mod print;
pub mod register;

use chrono::{DateTime, Timelike, Utc};

use super::store::MeetingView;
use crate::rules::{SHANGHAI, plain_date};

/// 「12月3日（周四）09:00—11:00」.
fn when(starts: DateTime<Utc>, ends: DateTime<Utc>) -> String {
    let (from, to) = (starts.with_timezone(&SHANGHAI), ends.with_timezone(&SHANGHAI));
    let weekday = crate::topic::pages::desk::weekday(from.date_naive());
    format!(
        "{}（{weekday}）{:02}:{:02}—{:02}:{:02}",
        plain_date(from.date_naive()),
        from.hour(),
        from.minute(),
        to.hour(),
        to.minute()
    )
}

/// Where, for somebody who is invited: the join address is shown to them only.
fn place(meeting: &MeetingView) -> String {
    match (&meeting.room, &meeting.address) {
        (Some(room), Some(address)) => format!("{room}（{address}）"),
        (Some(room), None) => room.clone(),
        _ => "线上会议".to_owned(),
    }
}

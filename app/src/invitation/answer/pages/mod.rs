//! Pages of answers: the invitee's own, registration at the notice, the chat group's link, and the officer's.

pub mod answers;
pub mod find;
pub mod invitee;
pub mod print;
pub mod register;

use super::store::MeetingView;

/// Where, for somebody who is invited: the join address is shown to them only.
fn place(meeting: &MeetingView) -> String {
    match (&meeting.room, &meeting.address) {
        (Some(room), Some(address)) => format!("{room}（{address}）"),
        (Some(room), None) => room.clone(),
        _ => "线上会议".to_owned(),
    }
}

//! A meeting for the stories of tests, until its own step makes it.

use crate::ids::{CaseId, InviteeId, MeetingId};
use crate::topic::testing::World;

/// Puts a meeting of a case a week ahead, still planned.
pub(crate) async fn meeting(world: &World, case: CaseId) -> MeetingId {
    let id = MeetingId(world.ctx.new_id());
    let starts = world.ctx.now() + chrono::Duration::days(7);
    world
        .ctx
        .db
        .write(move |tx| {
            Box::pin(async move {
                tx.execute(
                    "INSERT INTO meeting (meeting_id, case_id, round, state, format, starts_at, ends_at, online_url,
                                          urgent, sequence)
                     VALUES ($1, $2, 1 + (SELECT COUNT(*) FROM meeting WHERE case_id = $2), 'planning', 'roundtable',
                             $3, $4, '', $5, 0)",
                    vec![
                        id.into(),
                        case.into(),
                        starts.into(),
                        (starts + chrono::Duration::hours(2)).into(),
                        false.into(),
                    ],
                )
                .await?;
                Ok(id)
            })
        })
        .await
        .unwrap()
}

/// Moves the meeting to another state.
pub(crate) async fn set_state(world: &World, meeting: MeetingId, state: &'static str) {
    world
        .ctx
        .db
        .write(move |tx| {
            Box::pin(async move {
                tx.execute("UPDATE meeting SET state = $2 WHERE meeting_id = $1", vec![meeting.into(), state.into()])
                    .await?;
                Ok(())
            })
        })
        .await
        .unwrap();
}

/// Somebody on the list, as the list has the person.
pub(crate) async fn listed(world: &World, case: CaseId, invitee: InviteeId) -> super::store::Invitee {
    super::store::invitee(&world.ctx.db, case, invitee).await.unwrap().unwrap()
}

//! Outcomes (成果): the signed list is reported to party and government, which decide on each item and hand what they
//! adopt to units.
//!
//! State of the case: 已成纪要 until every office that the report went to has confirmed it (T9), 已报送 until each item is
//! decided (T10). Before it stand the minutes, after it the tasks; where nothing is adopted, the people concerned are
//! asked at once.
//!
//! The rows are made when the chair signs ([`keep_list`]) and renewed with each signed correction until the list is
//! reported. A decision stands in versions, as a record of the case; the row holds the newest.
//!
//! | file | what it owns |
//! |---|---|
//! | `model.rs` | offices, decisions: pure |
//! | `steps.rs` | reporting, confirming, deciding, handing out |
//! | `store.rs` | the SQL |
//! | `pages/` | the desk's part 成果, the public page of what was decided |

pub mod model;
pub mod pages;
pub mod steps;
mod store;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use store::{Outcome, all, people_of, submissions};

use crate::case::Work;
use crate::case::stage::Stage;
use crate::error::Refusal;
use crate::ids::{MinutesId, OutcomeId};
use crate::minutes::model::Outcomes;

/// Makes the rows of a list that was just signed. A list that was reported stays as it is.
///
/// # Errors
/// When the database refuses it.
pub async fn keep_list(work: &mut Work<'_>, minutes: MinutesId, list: &Outcomes) -> Result<(), Refusal> {
    if !matches!(work.case.stage(), Stage::Convened | Stage::Minuted) {
        return Ok(());
    }
    let case = work.case.id;
    store::drop_undecided(work.tx, case).await?;
    if list.no_consensus {
        return Ok(());
    }
    for (no, item) in (1..).zip(&list.items) {
        let id = OutcomeId(work.ctx.new_id());
        store::insert(work.tx, (id, case, minutes), no, item).await?;
    }
    Ok(())
}

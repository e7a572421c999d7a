//! Offices that a report goes to, and decisions on outcomes. Pure.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::access::Role;
use crate::case::record::Record;
use crate::ids::{OutcomeId, UnitId};
use crate::rules::codes::coded_enum;
use crate::rules::{Adoption, DecidedItem, plain_date};

coded_enum! {
    /// An office that the report goes to (收文单位).
    pub enum Office {
        /// The town's party committee.
        Party = "party" "镇党委",
        /// The town's government.
        Government = "government" "镇政府",
    }
}

impl Office {
    /// Whose account confirms for it.
    #[must_use]
    pub const fn role(self) -> Role {
        match self {
            Self::Party => Role::PartyApprover,
            Self::Government => Role::GovernmentOffice,
        }
    }
}

/// What is decided on an outcome (批办). Names of units are those of the day, so that the record reads alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Which outcome.
    pub outcome: Option<OutcomeId>,
    /// Its number on the list.
    pub no: i64,
    /// Adopted or not.
    pub adoption: Option<Adoption>,
    /// Why not in full.
    pub reason: String,
    /// 主办单位.
    pub lead: Option<UnitId>,
    /// Its name.
    pub lead_name: String,
    /// 协办单位.
    pub assist: Vec<UnitId>,
    /// Their names.
    pub assist_names: Vec<String>,
    /// 联系人, by name or post; internal.
    pub contact: String,
    /// 措施.
    pub measure: String,
    /// 完成日期.
    pub due_on: Option<NaiveDate>,
    /// 快办.
    pub quick: bool,
}

impl Record for Decision {
    const KIND: &'static str = "outcome_decision";
    const NAME: &'static str = "批办意见";

    fn shown(&self) -> Vec<(&'static str, String)> {
        vec![
            ("序号", self.no.to_string()),
            ("采纳情况", self.adoption.map(Adoption::word).unwrap_or_default().to_owned()),
            ("理由", self.reason.clone()),
            ("主办单位", self.lead_name.clone()),
            ("协办单位", self.assist_names.join("、")),
            ("联系人", self.contact.clone()),
            ("措施", self.measure.clone()),
            ("完成日期", self.due_on.map(plain_date).unwrap_or_default()),
            ("快办", if self.quick { "是".to_owned() } else { String::new() }),
        ]
    }
}

impl Decision {
    /// The item as T10 looks at it.
    #[must_use]
    pub fn facts(&self) -> DecidedItem {
        DecidedItem {
            no: self.no,
            adoption: self.adoption,
            reason: self.reason.clone(),
            has_lead: self.lead.is_some(),
            lead_assists: self.lead.is_some_and(|lead| self.assist.contains(&lead)),
            contact: self.contact.clone(),
            measure: self.measure.clone(),
            due_on: self.due_on,
            quick: self.quick,
        }
    }
}

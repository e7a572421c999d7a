//! The six points of a room, where an opinion goes, and the forms. Pure.

use chrono::NaiveDate;

use crate::ids::{CaseId, FileId, MemberId};
use crate::roster::model::{ORGANISATION_MAX, TAGS_MAX, found_wrong, wrong_line, wrong_tags};
use crate::rules::codes::coded_enum;

/// Most characters of a studio's name, of when it is open and where.
pub const LINE_MAX: usize = 40;
/// Most people that one reception can have had; more is a slip of the finger.
pub const VISITORS_MAX: i64 = 9999;
/// Most villages and communities of a town.
pub const VILLAGES_MAX: i64 = 999;

coded_enum! {
    /// 六有: what a consultation room has.
    pub enum Six {
        /// A place to sit down.
        Place = "place" "阵地",
        /// A sign.
        Sign = "sign" "标识",
        /// Rules on the wall.
        Rules = "rules" "制度",
        /// The procedure on the wall.
        Procedure = "procedure" "流程",
        /// Meetings.
        Activity = "activity" "活动",
        /// Results.
        Results = "results" "成效",
    }
}

impl Six {
    /// What to look for.
    #[must_use]
    pub const fn asks(self) -> &'static str {
        match self {
            Self::Place => "有固定的地方，桌椅够坐",
            Self::Sign => "门口挂了牌子，找得到",
            Self::Rules => "协商议事规则上墙",
            Self::Procedure => "从提议题到回头看的步骤上墙",
            Self::Activity => "近半年在这里商量过事",
            Self::Results => "商量的事有了结果，公开看得到",
        }
    }
}

/// Codes as they are stored: between commas, in the order of the list.
#[must_use]
pub fn stored(met: &[Six]) -> String {
    let codes: Vec<&str> = Six::ALL.iter().filter(|six| met.contains(six)).map(|six| six.code()).collect();
    codes.join(",")
}

/// The points of what is stored.
#[must_use]
pub fn read(stored: &str) -> Vec<Six> {
    stored.split(',').filter_map(Six::from_code).collect()
}

/// The points that are missing, in words: 「标识、成效」.
#[must_use]
pub fn missing(met: &[Six]) -> String {
    let words: Vec<&str> = Six::ALL.iter().filter(|six| !met.contains(six)).map(|six| six.word()).collect();
    words.join("、")
}

coded_enum! {
    /// Where what somebody said goes.
    pub enum Whereto {
        /// It was answered at once.
        Answered = "answered" "当场答复了",
        /// A unit is asked.
        Unit = "unit" "转有关单位",
        /// It becomes a topic.
        Topic = "topic" "提为议题",
    }
}

/// A look at a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckForm {
    /// When somebody was there.
    pub checked_on: Option<NaiveDate>,
    /// What it has.
    pub met: Vec<Six>,
    /// What is missing, and until when it is there; empty when nothing is.
    pub words: String,
    /// Photographs.
    pub photos: Vec<FileId>,
}

/// A studio.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StudioForm {
    /// 名称. Everybody reads it.
    pub name: String,
    /// 专长, as tags.
    pub specialty: Vec<String>,
    /// Whether it bears the name of a member (名委员工作室).
    pub is_named: bool,
    /// 值班日, in words.
    pub days: String,
    /// Where.
    pub place: String,
    /// Its members.
    pub members: Vec<MemberId>,
}

impl StudioForm {
    /// What is wrong with it: field and sentence.
    #[must_use]
    pub fn wrong(&self) -> Vec<(&'static str, String)> {
        let nobody = self.members.is_empty().then(|| "请选工作室的委员，至少一位。".to_owned());
        found_wrong([
            ("name", wrong_line("名称", &self.name, LINE_MAX, true)),
            ("specialty", wrong_tags(&self.specialty)),
            ("days", wrong_line("值班日", &self.days, LINE_MAX, true)),
            ("place", wrong_line("地点", &self.place, LINE_MAX, true)),
            ("members", nobody),
        ])
    }

    /// Without blanks around.
    #[must_use]
    pub fn tidy(self) -> Self {
        Self {
            name: self.name.trim().to_owned(),
            days: self.days.trim().to_owned(),
            place: self.place.trim().to_owned(),
            ..self
        }
    }
}

/// How many tags a studio has at most, as a hint.
#[must_use]
pub fn tags_hint() -> String {
    format!("用顿号隔开，最多 {TAGS_MAX} 个，例如：法律服务、医疗健康")
}

/// A reception.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceptionForm {
    /// When.
    pub held_on: Option<NaiveDate>,
    /// How many came; nobody, too, is an answer.
    pub visitors: Option<i64>,
    /// Who of the studio was there.
    pub members: Vec<MemberId>,
}

/// What somebody said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpinionForm {
    /// What.
    pub words: String,
    /// Where it goes.
    pub whereto: Option<Whereto>,
    /// The unit that is asked.
    pub unit: String,
    /// What was answered at once.
    pub answer: String,
}

impl OpinionForm {
    /// What is missing for where it goes: field and sentence.
    #[must_use]
    pub fn wrong_unit(&self) -> Option<String> {
        (self.whereto == Some(Whereto::Unit)).then(|| wrong_line("单位", &self.unit, ORGANISATION_MAX, true)).flatten()
    }
}

/// How an open opinion ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settle {
    /// Whoever said it was told this.
    Answered(String),
    /// It is this topic.
    Raised(CaseId),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_stored_in_their_order_and_read_back() {
        let met = [Six::Results, Six::Place];
        assert_eq!(stored(&met), "place,results");
        assert_eq!(read("place,results"), [Six::Place, Six::Results]);
        assert_eq!(read(""), []);
        assert_eq!(missing(&met), "标识、制度、流程、活动");
        assert_eq!(missing(Six::ALL), "");
    }

    #[test]
    fn an_empty_studio_names_everything_at_once() {
        let fields: Vec<&str> = StudioForm::default().wrong().into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["name", "days", "place", "members"]);
    }
}

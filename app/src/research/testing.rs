//! The shortest way through the research, for the stories of tests.

use std::collections::BTreeMap;

use super::model::{Method, ResearchReport, Visit};
use super::steps::{AssignLead, FileResearch, RecordVisit, SaveReport};
use crate::access::Actor;
use crate::ids::{CaseId, VisitId};
use crate::rules::Category;
use crate::topic::testing::World;

/// A visit that nothing is missing from.
pub(crate) fn visit(world: &World) -> Visit {
    Visit {
        on: world.ctx.today(),
        method: Method::Visit,
        place: "镇东五区".to_owned(),
        heard: BTreeMap::from([(Category::Stakeholder, 2), (Category::Department, 1)]),
        unknown: 1,
        members: 1,
        member_names: "顾采薇".to_owned(),
        said: "晚上八点以后主路两侧停满。".to_owned(),
        seen: "消防通道上停了四辆。".to_owned(),
        files: Vec::new(),
        correction: String::new(),
    }
}

/// A report that nothing is missing from.
pub(crate) fn report() -> ResearchReport {
    ResearchReport {
        methods: "走访".to_owned(),
        dates: "3月9日".to_owned(),
        places: "镇东五区".to_owned(),
        findings: "夜间缺车位一百五十个左右。".to_owned(),
        issues: "消防通道被占\n绿地和车位怎么取舍".to_owned(),
        ..ResearchReport::default()
    }
}

impl World {
    /// A case whose research somebody leads.
    pub(crate) async fn researching(&self, title: &str, lead: &Actor) -> CaseId {
        let case = self.confirmed(title).await;
        let seen = self.case(case).await.stage_version;
        let step = AssignLead { case, seen, lead: lead.account(), due_on: None };
        self.step(&self.director, step).await.unwrap();
        case
    }

    /// Records a visit; gives its id.
    pub(crate) async fn visited(&self, lead: &Actor, case: CaseId, visit: Visit) -> VisitId {
        let id = Some(VisitId(self.ctx.new_id()));
        self.step(lead, RecordVisit { case, id, visit }).await.unwrap().visit
    }

    /// A case whose research is filed: 筹备中.
    pub(crate) async fn researched(&self, title: &str) -> CaseId {
        let case = self.researching(title, &self.officer).await;
        self.visited(&self.officer, case, visit(self)).await;
        self.step(&self.officer, SaveReport { case, seen: 0, report: report() }).await.unwrap();
        self.step(&self.officer, FileResearch { case, seen: 1 }).await.unwrap();
        case
    }
}

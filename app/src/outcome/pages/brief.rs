//! What came of a meeting, in brief: each item with what was decided on it and how far it is. For the public page of the
//! topic; all of it stands on the page of the handling.

use chrono::NaiveDate;
use leptos::prelude::*;

use crate::context::Ctx;
use crate::error::Refusal;
use crate::ids::CaseId;
use crate::minutes::model::{Reader, show};
use crate::outcome::store::{self, Outcome};
use crate::rules::{Adoption, Calendar, ResultClass, RuleSet, day, local_date};
use crate::task::model::TaskState;
use crate::task::pages::badge;
use crate::task::{Task, of_case};
use crate::town::Town;
use crate::ui::{Due, DueBadge, Section};

/// How far an item is, of which a task was made.
#[derive(Clone, Debug)]
struct Course {
    /// The verified result.
    class: Option<ResultClass>,
    state: TaskState,
    said: String,
    percent: i64,
    due: Option<Due>,
}

/// An item.
#[derive(Clone, Debug)]
struct Row {
    no: i64,
    words: String,
    adoption: Option<Adoption>,
    decided: String,
    reason: String,
    course: Option<Course>,
}

/// What came of a meeting.
#[derive(Clone, Debug)]
pub(crate) struct Brief {
    case: CaseId,
    rows: Vec<Row>,
}

impl Brief {
    /// That of a case; nothing before its list was signed.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(crate) async fn load(
        ctx: &Ctx,
        case: CaseId,
        town: &Town,
        (calendar, rules): (&Calendar, &RuleSet),
    ) -> Result<Option<Self>, Refusal> {
        let list = store::all(&ctx.db, case).await?;
        if list.is_empty() {
            return Ok(None);
        }
        let people = store::people_of(&ctx.db, case, town).await?;
        let tasks = of_case(&ctx.db, case).await?;
        let today = ctx.today();
        let rows = list
            .iter()
            .map(|one| {
                // The newest round comes first: after a way back that one says how far it is.
                let task = tasks.iter().find(|task| task.outcome_id == Some(one.outcome_id));
                Row {
                    no: one.no,
                    words: show(&one.words, &people, Reader::Everybody),
                    adoption: one.adoption(),
                    decided: decided(one, task),
                    reason: one.reason.clone(),
                    course: task.map(|task| course(task, today, (calendar, rules))),
                }
            })
            .collect();
        Ok(Some(Self { case, rows }))
    }

    fn adopted(&self) -> usize {
        self.rows.iter().filter(|row| row.adoption.is_some_and(|adoption| adoption != Adoption::None)).count()
    }

    fn ended(&self, class: ResultClass) -> usize {
        let is = |course: &Course| course.state == TaskState::Verified && course.class == Some(class);
        self.rows.iter().filter(|row| row.course.as_ref().is_some_and(is)).count()
    }

    /// In a sentence: 「5 条意见采纳 4 条：2 条已解决，1 条正在解决，1 条还在办。」 Nothing before all is decided.
    pub(crate) fn sentence(&self) -> Option<String> {
        if self.rows.iter().any(|row| row.adoption.is_none()) {
            return None;
        }
        let (all, adopted) = (self.rows.len(), self.adopted());
        if adopted == 0 {
            return Some(format!("{all} 条意见都没有采纳，理由写在下面。"));
        }
        let mut parts: Vec<String> = ResultClass::ALL
            .iter()
            .map(|class| (self.ended(*class), class.word()))
            .filter(|(n, _)| *n > 0)
            .map(|(n, word)| format!("{n} 条{word}"))
            .collect();
        let open = adopted - ResultClass::ALL.iter().map(|class| self.ended(*class)).sum::<usize>().min(adopted);
        if open > 0 {
            parts.push(format!("{open} 条还在办"));
        }
        Some(format!("{all} 条意见采纳 {adopted} 条：{}。", parts.join("，")))
    }

    /// The section of the page.
    pub(crate) fn view(&self) -> AnyView {
        let decided = self.rows.iter().filter(|row| row.adoption.is_some()).count();
        let side = if decided == 0 {
            format!("{} 条，等批办", self.rows.len())
        } else {
            format!("采纳 {}/{decided}，已解决 {}/{}", self.adopted(), self.ended(ResultClass::Solved), self.adopted())
        };
        let rows = self.rows.iter().map(row).collect_view();
        let href = format!("/topics/{}/outcomes", self.case);
        view! {
            <Section title="商量出了什么，办得怎样" side=side>
                <ol class="came-of">{rows}</ol>
                <p class="small"><a href=href>"谁在办、办到哪里、大家怎么评"</a></p>
            </Section>
        }
        .into_any()
    }
}

fn decided(one: &Outcome, task: Option<&Task>) -> String {
    let Some(adoption) = one.adoption() else { return "等党委、政府批办".to_owned() };
    let unit = task.map(|task| task.lead_name.clone()).or_else(|| one.lead_name.clone());
    match unit.filter(|_| adoption != Adoption::None) {
        Some(unit) => format!("{}，{unit}主办", adoption.word()),
        None => adoption.word().to_owned(),
    }
}

fn course(task: &Task, today: NaiveDate, rules: (&Calendar, &RuleSet)) -> Course {
    let class = task.class();
    let said = match (task.state(), task.verified_at, task.replied_at) {
        (TaskState::Verified, Some(at), _) => format!("{}核实", day(local_date(at), today)),
        (TaskState::Replied, _, Some(at)) => {
            let class = class.map_or(String::new(), |class| format!("「{}」", class.word()));
            format!("{}答复{class}，等核实", day(local_date(at), today))
        }
        _ => format!("{}前办好", day(task.due_on, today)),
    };
    Course {
        // What a unit says of itself is no result before somebody else has looked.
        class: class.filter(|_| task.state() == TaskState::Verified),
        state: task.state(),
        said,
        percent: task.percent,
        due: task.is_late(today).then(|| badge(task.wait_on, today, rules)),
    }
}

fn row(row: &Row) -> AnyView {
    let reason = (!row.reason.is_empty()).then(|| view! { <p class="quote said">{row.reason.clone()}</p> });
    let course = row.course.as_ref().map(|course| {
        let (letter, word) = match course.class {
            Some(class) => (class.letter(), class.word()),
            None => ("—", course.state.word()),
        };
        let due = course.due.clone().map(|due| view! { <p><DueBadge due/></p> });
        let label = format!("第 {} 条完成", row.no);
        view! {
            <div class="came-how">
                <p><span class="came-class">{letter}</span>" "{word}</p>
                {due}
                <p class="caption">{course.said.clone()}</p>
                <progress class="agenda-bar" aria-label=label max="100" value=course.percent.to_string()></progress>
            </div>
        }
    });
    view! {
        <li class="came-row">
            <span class="came-no" aria-hidden="true">{row.no}</span>
            <div>
                <p class="came-what">{row.words.clone()}</p>
                <p class="caption">{row.decided.clone()}</p>
                {reason}
            </div>
            {course}
        </li>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(adoption: Option<Adoption>, ended: Option<(TaskState, ResultClass)>) -> Row {
        let course = ended.map(|(state, class)| Course {
            class: Some(class),
            state,
            said: String::new(),
            percent: 0,
            due: None,
        });
        Row { no: 1, words: String::new(), adoption, decided: String::new(), reason: String::new(), course }
    }

    #[test]
    fn what_came_of_it_is_said_with_its_numbers_once_all_is_decided() {
        use Adoption::{Full, None as Refused, Partial};
        use ResultClass::{InProgress, Solved};
        use TaskState::{Replied, Verified};
        let say = |rows: Vec<Row>| Brief { case: CaseId(uuid::Uuid::nil()), rows }.sentence();
        let solved = || item(Some(Full), Some((Verified, Solved)));
        assert_eq!(say(vec![solved(), item(None, None)]), None);
        assert_eq!(say(vec![item(Some(Refused), None)]).unwrap(), "1 条意见都没有采纳，理由写在下面。");
        assert_eq!(say(vec![solved(), solved()]).unwrap(), "2 条意见采纳 2 条：2 条已解决。");
        // An answer that nobody has looked at is not the end of it.
        let all = vec![
            solved(),
            item(Some(Partial), Some((Verified, InProgress))),
            item(Some(Full), Some((Replied, Solved))),
            item(Some(Full), None),
            item(Some(Refused), None),
        ];
        assert_eq!(say(all).unwrap(), "5 条意见采纳 4 条：1 条已解决，1 条正在解决，2 条还在办。");
    }
}

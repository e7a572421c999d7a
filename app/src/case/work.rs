//! What a step works with while it is carried out: the locked case, its rules, and the ways to change its rows.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;

use super::limits::{limit_of, waits_for};
use super::record::Record;
use super::stage::Stage;
use super::store::{self, Case, StageColumn};
use crate::access::Role;
use crate::context::Ctx;
use crate::error::Refusal;
use crate::ids::{CaseId, RuleSetId};
use crate::ledger::private_hash;
use crate::rules::{RuleSet, count_chars, finds_id_number, finds_phone, has_control, is_blank};
use crate::storage::Tx;

/// A case that is locked together with the one the step is about.
pub struct Other {
    /// The case.
    pub case: Case,
    pub(super) seq: i64,
    pub(super) prev: String,
}

/// How a move differs from what the stage says by itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Move {
    /// Another last day than the rule set's.
    pub due_on: Option<NaiveDate>,
    /// Another role than the stage's.
    pub waits_for: Option<Role>,
}

/// The locked case and what can be done to it.
pub struct Work<'a> {
    /// The transaction.
    pub tx: &'a mut Tx,
    /// Database, clock, actor.
    pub ctx: &'a Ctx,
    /// The case as it is now, changed by [`Work::move_to`].
    pub case: Case,
    /// Other cases the step asked for, in the order asked.
    pub others: Vec<Other>,
    /// The rules that judge it.
    pub rules: Arc<RuleSet>,
    /// The id of these rules.
    pub rule_set: RuleSetId,
    /// The number of this step in the case's stream.
    pub seq: i64,
    pub(super) moved: Option<(Stage, Stage)>,
    pub(super) private: BTreeMap<String, String>,
}

impl Work<'_> {
    /// Holds that a reason is there and no longer than a text may be (`topic.body_max`); `missing` asks for one.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] at the field `reason`.
    pub fn reason(&self, text: &str, missing: &str) -> Result<(), Refusal> {
        if is_blank(text) {
            return Err(Refusal::field("reason", missing));
        }
        let (length, max) = (count_chars(text), self.rules.topic.body_max);
        if length > max as usize {
            return Err(Refusal::field("reason", format!("写了 {length} 字，最多 {max} 字（本镇设定），请缩短。")));
        }
        Ok(())
    }

    /// Words that others read: there, at most `max` characters, without control characters, phone or identity numbers.
    /// Gives them without blanks around.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] at `field`; `what` names the words in its sentence.
    pub fn words(field: &str, what: &str, text: &str, max: u32) -> Result<String, Refusal> {
        let text = text.trim();
        let sentence = if is_blank(text) {
            format!("请写{what}。")
        } else if count_chars(text) > max as usize {
            format!("{what}最多 {max} 字（本镇设定），请再精简一些。")
        } else if has_control(text) {
            format!("{what}里有看不见的控制字符，请删掉后重新输入。")
        } else if finds_phone(text) || finds_id_number(text) {
            format!("{what}里像是有电话或证件号码，请删去再提交。")
        } else {
            return Ok(text.to_owned());
        };
        Err(Refusal::field(field, sentence))
    }

    /// Moves the case along the state graph: stage, clock, owner, span and counts.
    ///
    /// # Errors
    /// A conflict when the graph has no such move: the case has moved on since the page was shown.
    pub async fn move_to(&mut self, next: Stage, how: Move) -> Result<(), Refusal> {
        let from = self.case.stage();
        if !from.may_become(next) {
            return Err(Refusal::moved_on(format!(
                "这件事现在是「{}」，不能再改成「{}」。请刷新页面看最新情况。",
                from.word(),
                next.word()
            )));
        }
        let now = self.ctx.now();
        let calendar = self.ctx.shared.calendar();
        let is_new = from == Stage::Draft;
        self.case.stage = StageColumn(next);
        self.case.stage_version += 1;
        self.case.stage_since = now;
        self.case.due_on =
            how.due_on.or_else(|| limit_of(next, &self.rules).map(|limit| limit.due_on(&calendar, self.ctx.today())));
        self.case.waits_for = how.waits_for.map(Role::code).or_else(|| waits_for(next)).map(str::to_owned);
        self.case.overdue_marked = false;
        if next == Stage::Accepted && self.case.accepted_at.is_none() {
            self.case.accepted_at = Some(now);
        }
        self.case.is_public = next.is_public(self.case.accepted_at.is_some());
        if is_new {
            store::insert(self.tx, &self.case).await?;
        } else {
            store::save(self.tx, &self.case).await?;
            store::count(self.tx, &self.case.town_id, from, -1).await?;
        }
        store::count(self.tx, &self.case.town_id, next, 1).await?;
        store::add_span(self.tx, &self.case).await?;
        self.moved = Some((self.moved.map_or(from, |m| m.0), next));
        Ok(())
    }

    /// Writes the case's columns without a move.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn save(&mut self) -> Result<(), Refusal> {
        Ok(store::save(self.tx, &self.case).await?)
    }

    /// Adds a version of a record and enters its salted hash. Returns the version.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn add_record<R: Record>(&mut self, record: &R) -> Result<i64, Refusal> {
        let version = store::newest_record(self.tx, self.case.id, R::KIND).await?.map_or(1, |newest| newest.0 + 1);
        let body = serde_json::to_string(record).map_err(|e| Refusal::internal(&e))?;
        let salt = self.enter_private(&format!("record:{}:{version}", R::KIND), &body);
        store::add_record(self.tx, self.ctx, self.case.id, R::KIND, version, (body, salt)).await?;
        Ok(version)
    }

    /// The newest version of a record.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn newest<R: Record>(&mut self) -> Result<Option<(i64, R)>, Refusal> {
        match store::newest_record(self.tx, self.case.id, R::KIND).await? {
            Some((version, body)) => Ok(Some((version, store::read(&body)?))),
            None => Ok(None),
        }
    }

    /// Enters a private text into this step's ledger entry under the name of the row that holds it. Returns the salt to
    /// store in that row.
    pub fn enter_private(&mut self, name: &str, text: &str) -> String {
        let salt = self.ctx.random.token();
        self.private.insert(name.to_owned(), private_hash(&salt, text));
        salt
    }

    /// Another case that the step asked for.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when it does not exist.
    pub fn other(&self, case: CaseId) -> Result<&Case, Refusal> {
        self.others.iter().find(|o| o.case.id == case).map(|o| &o.case).ok_or(Refusal::NotFound)
    }
}

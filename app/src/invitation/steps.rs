//! What an officer does with the list of people of a meeting.

use serde::Serialize;
use serde_json::json;

use super::model::{Identity, InviteeState, PersonForm, Private, private_name};
use super::store::{self, Invitee, Meeting, NewInvitee};
use crate::access::StepKind;
use crate::case::{Done, Entry, Judgement, Step, StepCard, Work, adds, free};
use crate::error::{Difference, FieldError, Refusal};
use crate::ids::{CaseId, InviteeId, MeetingId};
use crate::invitation::answer::steps::{place_is_free, taken_off};
use crate::ledger::{self, Stream};
use crate::letter::post::{Round, add_round};
use crate::letter::store as letter;
use crate::meeting::floor::steps::erase_words;
use crate::roster::model::Purpose;
use crate::rules::{Category, is_blank};
use crate::topic::model::Ruling;
use crate::topic::steps::contacts_are_over;

/// Every step of this stage, for the list that is compared with a snapshot.
pub const CARDS: &[StepCard] = &[
    StepCard::of::<AddPeople>(),
    StepCard::of::<RemovePerson>(),
    StepCard::of::<CorrectPerson>(),
    StepCard::of::<ViewInvitee>(),
    StepCard::of::<EraseInvitee>(),
    StepCard::of::<ForgetInvitees>(),
];

/// The origin of who was put on the list by an officer.
const LISTED: &str = "listed";

/// Most people that one step puts on a list.
pub const AT_ONCE: usize = 2_000;

/// The meeting whose list is changed: the case's present one, as the page showed it.
async fn open_meeting(work: &mut Work<'_>, seen: MeetingId) -> Result<Meeting, Refusal> {
    let meeting = store::current_meeting_in(work.tx, work.case.id).await?;
    meeting
        .filter(|meeting| meeting.meeting_id == seen && meeting.is_open())
        .ok_or_else(|| Refusal::moved_on("这场会已经取消或者换了一场，请刷新页面看最新情况。"))
}

/// Enters what is private of somebody on the list into the entry of this step. Returns the salt for the row.
pub(super) fn enter(work: &mut Work<'_>, id: InviteeId, private: &Private<'_>) -> String {
    work.enter_private(&private_name(id), &private.text())
}

const fn private<'a>(form: &'a PersonForm, reason: &'a str, opinion: &'a str) -> Private<'a> {
    Private {
        name: form.name.as_str(),
        organisation: form.organisation.as_str(),
        phone: form.phone.as_str(),
        mail: form.mail.as_str(),
        reason,
        opinion,
    }
}

/// Put people on the list of a meeting, one or many at once: all of them or none.
#[derive(Clone, Debug, Serialize)]
pub struct AddPeople {
    /// The case.
    pub case: CaseId,
    /// The meeting on the page.
    pub meeting: MeetingId,
    /// The people.
    pub people: Vec<PersonForm>,
}

impl AddPeople {
    /// The person as the list will have it, from the roster or as typed.
    async fn resolved(
        &self,
        work: &mut Work<'_>,
        form: &PersonForm,
    ) -> Result<(Category, PersonForm), Vec<FieldError>> {
        let town = work.case.town_id.clone();
        let refused = |sentence: &str| vec![FieldError::new("people", sentence)];
        let failed = |_| refused("名册现在读不出来，请稍后再试。");
        let form = match (form.member, form.unit) {
            (Some(member), _) => store::member_as_person(work.tx, &town, member)
                .await
                .map_err(failed)?
                .ok_or_else(|| refused("选的委员不在本镇名册上，或者已经离任，请刷新页面再选。"))?,
            (None, Some(unit)) => {
                let found = store::unit_as_person(work.tx, &town, unit)
                    .await
                    .map_err(failed)?
                    .ok_or_else(|| refused("选的单位不在单位名册上，请刷新页面再选。"))?;
                if is_blank(&found.name) {
                    return Err(refused("选的单位还没有联系人，请先到单位名册补上，再来添加。"));
                }
                found
            }
            (None, None) => form.clone(),
        };
        let wrong = form.wrong();
        match form.category {
            Some(category) if wrong.is_empty() => Ok((category, form.tidy())),
            _ => Err(wrong.into_iter().map(|(field, sentence)| FieldError::new(field, sentence)).collect()),
        }
    }
}

impl Step for AddPeople {
    const KIND: StepKind = StepKind::AddPeople;
    const JUDGEMENT: Judgement = free("the list is a draft until the announcement judges it");
    /// How many were added.
    type Receipt = usize;

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<usize>, Refusal> {
        let found = open_meeting(work, self.meeting).await?;
        let meeting = found.meeting_id;
        if found.has_begun(work.ctx.now()) {
            return Err(Refusal::moved_on("会议已经开始，临时来的人请在签到时补登。"));
        }
        // Who is put on the list of an announced meeting is asked at once.
        let is_asked = found.state == "announced";
        if self.people.is_empty() {
            return Err(Refusal::field("people", "还没有选人，请至少选一位。"));
        }
        if self.people.len() > AT_ONCE {
            return Err(Refusal::field("people", format!("一次最多添 {AT_ONCE} 人，请分几次。")));
        }
        let several = self.people.len() > 1;
        let mut there: Vec<Identity> = store::invitees_in(work.tx, meeting)
            .await?
            .into_iter()
            .filter(|one| one.state.0.stands())
            .map(|one| one.form().identity())
            .collect();
        let (mut errors, mut people) = (Vec::new(), Vec::with_capacity(self.people.len()));
        for (n, form) in self.people.iter().enumerate() {
            // With several, a field's name says nothing: the place in the list does.
            let placed = |error: FieldError| {
                if several {
                    FieldError::new("people", format!("第 {} 位：{}", n + 1, error.sentence))
                } else {
                    error
                }
            };
            match self.resolved(work, form).await {
                Err(wrong) => errors.extend(wrong.into_iter().map(placed)),
                Ok((category, form)) => {
                    let identity = form.identity();
                    if there.iter().any(|known| known.is(&identity)) {
                        let field = if form.member.is_some() || form.unit.is_some() { "people" } else { "name" };
                        errors.push(placed(FieldError::new(field, "这个人已经在名单上了，不用再添。")));
                    }
                    there.push(identity);
                    people.push((category, form));
                }
            }
        }
        if !errors.is_empty() {
            return Err(Refusal::Invalid(errors));
        }
        let mut added = Vec::with_capacity(people.len());
        for (category, form) in &people {
            let id = InviteeId(work.ctx.new_id());
            let salt = enter(work, id, &private(form, "", ""));
            let (case, ledger_seq) = (work.case.id, work.seq);
            let state = if is_asked { InviteeState::Invited } else { InviteeState::Listed };
            let new = NewInvitee { id, case, meeting, category: *category, form, state, salt, ledger_seq };
            store::insert(work.tx, new).await?;
            added.push(json!({ "invitee": id, "category": category.code(), "member": form.member, "unit": form.unit }));
        }
        if is_asked {
            let round = Round { meeting, unanswered: false };
            add_round(work.tx, work.ctx, "announce", round, None).await?;
        }
        let entry = Entry::internal(format!("名单添了 {} 人", added.len()))
            .with(json!({ "meeting": meeting, "people": added }));
        Ok(Done::new(added.len(), entry))
    }
}

/// Somebody on the list of the present meeting.
async fn on_list(work: &mut Work<'_>, id: InviteeId) -> Result<Invitee, Refusal> {
    let found = store::invitee_in(work.tx, work.case.id, id).await?.ok_or(Refusal::NotFound)?;
    open_meeting(work, found.meeting_id).await?;
    if !found.state.0.stands() || found.state.0 == InviteeState::Substituted {
        return Err(Refusal::moved_on("这个人已经不在名单上了，请刷新页面看最新情况。"));
    }
    Ok(found)
}

/// Take somebody off the list.
#[derive(Clone, Debug, Serialize)]
pub struct RemovePerson {
    /// The case.
    pub case: CaseId,
    /// Who.
    pub invitee: InviteeId,
    /// Why.
    pub reason: String,
}

impl Step for RemovePerson {
    const KIND: StepKind = StepKind::RemovePerson;
    const JUDGEMENT: Judgement = free("the list is a draft until the announcement judges it; the reason is on record");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let found = on_list(work, self.invitee).await?;
        work.reason(&self.reason, "请写一句为什么移出，会留下记录。")?;
        store::set_state(work.tx, found.invitee_id, InviteeState::Removed).await?;
        taken_off(work, found.invitee_id, found.state.0).await?;
        work.add_record(&Ruling { what: Self::KIND.code().to_owned(), reason: self.reason, review_on: None }).await?;
        let entry =
            Entry::internal("从名单移出一人").with(json!({ "meeting": found.meeting_id, "invitee": found.invitee_id }));
        Ok(Done::new((), entry))
    }
}

/// Correct what is known of somebody on the list.
#[derive(Clone, Debug, Serialize)]
pub struct CorrectPerson {
    /// The case.
    pub case: CaseId,
    /// Who.
    pub invitee: InviteeId,
    /// The row's `ledger_seq` on the page.
    pub seen: i64,
    /// The person; member and unit stay as they are.
    pub form: PersonForm,
}

/// Where the stored form and the sent one differ. Phone and mail are only named: the page never shows them.
fn differences(stored: &PersonForm, sent: &PersonForm) -> Vec<Difference> {
    let word = |form: &PersonForm| form.category.map_or("", Category::word).to_owned();
    let yes = |yes: bool| if yes { "是" } else { "否" }.to_owned();
    let hidden = |text: &str| if text.is_empty() { "没有留" } else { "有，不显示" }.to_owned();
    let mut rows = vec![
        ("类别", word(stored), word(sent)),
        ("姓名", stored.name.clone(), sent.name.clone()),
        ("单位或村社区", stored.organisation.clone(), sent.organisation.clone()),
        ("界别", stored.sector.clone(), sent.sector.clone()),
        ("女性", yes(stored.woman), yes(sent.woman)),
        ("同意公开姓名", yes(stored.consent_public), yes(sent.consent_public)),
    ];
    rows.retain(|(_, theirs, yours)| theirs != yours);
    if stored.phone != sent.phone {
        rows.push(("电话", hidden(&stored.phone), hidden(&sent.phone)));
    }
    if stored.mail != sent.mail {
        rows.push(("邮箱", hidden(&stored.mail), hidden(&sent.mail)));
    }
    rows.into_iter().map(|(label, theirs, yours)| Difference { label: label.to_owned(), theirs, yours }).collect()
}

impl Step for CorrectPerson {
    const KIND: StepKind = StepKind::CorrectPerson;
    const JUDGEMENT: Judgement = free("the list is a draft until the announcement judges it");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let listed = store::invitee_in(work.tx, work.case.id, self.invitee).await?.ok_or(Refusal::NotFound)?;
        let was_held = store::was_held(work.tx, listed.meeting_id).await?;
        let found = if was_held { listed } else { on_list(work, self.invitee).await? };
        let stored = found.form();
        let form = PersonForm { member: found.member_id, unit: found.unit_id, ..self.form };
        let wrong = form.wrong();
        let category = match form.category {
            Some(category) if wrong.is_empty() => category,
            _ => {
                let errors = wrong.into_iter().map(|(field, sentence)| FieldError::new(field, sentence)).collect();
                return Err(Refusal::Invalid(errors));
            }
        };
        if was_held && (category != found.category.0 || form.woman != stored.woman) {
            return Err(Refusal::field(
                "category",
                "会已经开过，类别和性别按那天的算，不能改。姓名、单位、联系方式和公不公开姓名还可以改。",
            ));
        }
        if category != found.category.0 && found.origin != LISTED {
            return Err(Refusal::field("category", "报名和代替的人按原来的类别占名额，不能改类别。要换请移出后另请。"));
        }
        let form = form.tidy();
        if found.ledger_seq != self.seen {
            return Err(Refusal::Conflict {
                sentence: "您打开以后，别人刚改过这个人。请对照下面的不同，改好再提交。".to_owned(),
                differences: differences(&stored, &form),
            });
        }
        let identity = form.identity();
        let twice = store::invitees_in(work.tx, found.meeting_id).await?.into_iter().any(|other| {
            other.invitee_id != found.invitee_id && other.state.0.stands() && other.form().identity().is(&identity)
        });
        if twice {
            return Err(Refusal::field("name", "名单上已经有一位同名、同电话的人，请核对。"));
        }
        let salt = enter(work, found.invitee_id, &private(&form, &found.reason, &found.opinion));
        store::correct(work.tx, found.invitee_id, (category, &form), (salt, work.seq)).await?;
        let entry = Entry::internal("更正名单上一人").with(json!({
            "meeting": found.meeting_id, "invitee": found.invitee_id, "category": category.code(),
        }));
        Ok(Done::new((), entry))
    }
}

/// Look at the phone and mail of somebody on the list. On record in the case and in the town's stream.
#[derive(Clone, Debug, Serialize)]
pub struct ViewInvitee {
    /// The case.
    pub case: CaseId,
    /// Who.
    pub invitee: InviteeId,
    /// What for.
    pub purpose: Purpose,
}

impl Step for ViewInvitee {
    const KIND: StepKind = StepKind::ViewInvitee;
    const JUDGEMENT: Judgement = free("the purpose is on record; the permission table says who");
    /// The receipt is kept, so it holds nothing; the page reads the contact once this is done.
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let found = store::invitee_in(work.tx, self.case, self.invitee).await?.ok_or(Refusal::NotFound)?;
        let data = json!({ "case": self.case, "invitee": found.invitee_id, "purpose": self.purpose });
        let stream = Stream::Town(work.case.town_id.clone());
        ledger::record(work.tx, work.ctx, &stream, Self::KIND.code(), data.clone()).await?;
        Ok(Done::new((), Entry::internal("查看了参加人的联系方式").with(data)))
    }
}

/// Erase what is known of somebody on a list who asked for it: name, contact, reason and opinion, also where letters went
/// to, and what was noted of the person's words. That somebody of the category was asked, and came or not, stays with the case. Before the meeting the place passes
/// on.
#[derive(Clone, Debug, Serialize)]
pub struct EraseInvitee {
    /// The case.
    pub case: CaseId,
    /// Who.
    pub invitee: InviteeId,
    /// Who asked, how it was checked.
    pub reason: String,
}

impl Step for EraseInvitee {
    const KIND: StepKind = StepKind::EraseInvitee;
    const JUDGEMENT: Judgement = free("the person's own right (PIPL art. 47)");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        let found = store::invitee_in(work.tx, self.case, self.invitee).await?.ok_or(Refusal::NotFound)?;
        work.reason(&self.reason, "请写明是谁要求删除、怎么核实的。不要写姓名和电话。")?;
        // Whoever sent somebody else has passed the place on already; a meeting that was held keeps who came.
        let is_to_come = found.state.0.stands()
            && found.state.0 != InviteeState::Substituted
            && !store::was_held(work.tx, found.meeting_id).await?;
        letter::erase_invitee(work.tx, found.invitee_id).await?;
        crate::minutes::forget(work.tx, found.invitee_id, work.ctx.now()).await?;
        if is_to_come {
            store::set_state(work.tx, found.invitee_id, InviteeState::Removed).await?;
            place_is_free(work, found.invitee_id, found.state.0).await?;
        }
        if !store::erase(work.tx, found.invitee_id, work.ctx.now()).await? {
            return Err(Refusal::moved_on("已经删除过了。"));
        }
        let notes = erase_words(work, found.invitee_id).await?;
        work.add_record(&Ruling { what: Self::KIND.code().to_owned(), reason: self.reason, review_on: None }).await?;
        let data = json!({ "invitee": found.invitee_id, "notes": notes });
        let entry = Entry::internal("按本人要求删除一位参加人的信息").with(data);
        Ok(Done::new((), entry))
    }
}

/// How many people one run forgets; the clock comes again for the others.
const FORGOTTEN_AT_ONCE: i64 = 500;

/// Phone and mail of everybody on the lists of a case that ended are erased after `close.contact_retention_days` (PIPL
/// art. 47: the purpose has ended), also where letters went to. Who was asked and what was answered stays with the case.
#[derive(Clone, Debug, Serialize)]
pub struct ForgetInvitees {
    /// The case.
    pub case: CaseId,
}

impl Step for ForgetInvitees {
    const KIND: StepKind = StepKind::ForgetInvitees;
    const JUDGEMENT: Judgement = free("the clock carries out what close.contact_retention_days says");
    type Receipt = ();

    adds!();

    async fn apply(self, work: &mut Work<'_>) -> Result<Done<()>, Refusal> {
        contacts_are_over(work)?;
        let known = store::with_contact(work.tx, self.case, FORGOTTEN_AT_ONCE).await?;
        if known.is_empty() {
            return Err(Refusal::moved_on("已经删除过了。"));
        }
        for one in &known {
            let form = PersonForm { phone: String::new(), mail: String::new(), ..one.form() };
            let salt = enter(work, one.invitee_id, &private(&form, &one.reason, &one.opinion));
            store::correct(work.tx, one.invitee_id, (one.category.0, &form), (salt, work.seq)).await?;
        }
        letter::forget_addresses(work.tx, self.case).await?;
        let words = format!("保存期满，删除 {} 位参加人的电话和邮箱", known.len());
        Ok(Done::new((), Entry::internal(words).with(json!({ "people": known.len() }))))
    }
}

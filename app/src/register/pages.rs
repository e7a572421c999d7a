//! `/desk/register`: choose town and year, take the whole register as a workbook or one sheet as CSV.

use chrono::Datelike;
use leptos::prelude::*;

use super::sheet::Sheet;
use super::{Purpose, REGISTER, Scope, may_have_phones, note_export, scope, seen_towns};
use crate::error::{FormState, Refusal};
use crate::ui::{
    Button, ButtonKind, Choice, Column, Field, FormSummary, LinkButton, RadioGroup, RequestIdField, Section, Select,
    Table,
};
use crate::web::{Form, Outcome, Page, Request};

/// Years that the menu offers beside the one that was asked for.
const OFFERED: i32 = 5;

/// The page of the register.
///
/// # Errors
/// As [`scope`].
pub async fn register(req: &Request) -> Result<Page, Refusal> {
    let asked = scope(&req.ctx, req.query("town"), req.query("year")).await?;
    let (towns, all) = seen_towns(&req.ctx).await?;
    let name = asked.town().map_or("全区", |code| {
        towns.iter().find(|town| town.town_id == code).map_or("", |town| town.short_name.as_str())
    });
    let lead = format!("{name} {} 年提出的议题，从申报到评价的各张表，一行一条。", asked.year());
    let phones = asked.town().is_some_and(|code| may_have_phones(&req.ctx, code));
    let town_choices: Vec<Choice> =
        towns.iter().map(|town| Choice::new(town.town_id.as_str(), town.short_name.as_str())).collect();
    let years = years(asked.year(), req.ctx.today().year());
    let (form, request_id) = (req.form.clone(), req.request_id.to_string());
    Ok(Page::desk("台账", "/desk", move || {
        let workbook = address(".xlsx", &asked, None);
        let whole = phones.then(|| with_phones(&asked, &form, &request_id));
        let (menu, table) = (choose(&asked, town_choices, years, all), sheets(&asked));
        view! {
            <h1 class="title title-work">"台账"</h1>
            <p class="lead">{lead}</p>
            {menu}
            <Section title="整本台账">
                <p>"一个 Excel 文件，每张表一页，日期可以筛选和排序。数据多的年份要等一会儿。"</p>
                <p class="actions"><LinkButton words="下载 Excel" href=workbook/></p>
                <p class="hint">"电话只留前三位和后四位。意见建议里点到的人，写作「某」。"</p>
            </Section>
            <Section title="单张表">
                {table}
                <p class="hint">"CSV 文件用 Excel、WPS 都能打开，编码是 UTF-8。以等号、加号、减号或 @ 开头的文字，前面加了一个单引号，免得被当成公式。"</p>
            </Section>
            {whole}
        }
        .into_any()
    }))
}

/// The years to choose from, newest first.
fn years(asked: i32, this: i32) -> Vec<Choice> {
    let mut years: Vec<i32> = (this - OFFERED + 1..=this).rev().collect();
    if !years.contains(&asked) {
        years.push(asked);
        years.sort_unstable_by(|one, other| other.cmp(one));
    }
    years.into_iter().map(|year| Choice::new(year.to_string(), format!("{year} 年"))).collect()
}

/// Where a file of the register is.
fn address(ending: &str, asked: &Scope, sheet: Option<Sheet>) -> String {
    let town = asked.town().unwrap_or_default();
    let sheet = sheet.map(|sheet| format!("&sheet={}", sheet.code())).unwrap_or_default();
    format!("{REGISTER}{ending}?town={town}&year={}{sheet}", asked.year())
}

fn choose(asked: &Scope, towns: Vec<Choice>, years: Vec<Choice>, all: bool) -> AnyView {
    let form =
        FormState::filled([("town", asked.town().unwrap_or_default().to_owned()), ("year", asked.year().to_string())]);
    let blank = all.then(|| "全区".to_owned());
    view! {
        <form class="filters" method="get" action=REGISTER>
            <Select field=Field::of(&form, "town", "区镇") options=towns blank=blank/>
            <Select field=Field::of(&form, "year", "年份") options=years/>
            <div><Button words="看这一份" kind=ButtonKind::Second/></div>
        </form>
    }
    .into_any()
}

fn sheets(asked: &Scope) -> AnyView {
    let rows = Sheet::ALL
        .iter()
        .map(|sheet| {
            let href = address(".csv", asked, Some(*sheet));
            // The first say which topic, or which town.
            let first = if sheet.is_of_topics() { 3 } else { 1 };
            let columns: Vec<&str> = sheet.columns().iter().skip(first).map(|column| column.words).collect();
            let label = format!("下载 CSV：{}", sheet.word());
            view! {
                <tr>
                    <th scope="row">{sheet.word()}</th>
                    <td>{columns.join("、")}</td>
                    <td><a href=href aria-label=label>"下载 CSV"</a></td>
                </tr>
            }
        })
        .collect_view();
    let columns = vec![Column::words("表"), Column::words("编号、题目、区镇以外的栏目"), Column::words("文件")];
    view! { <Table caption="各张表" quiet=true columns>{rows}</Table> }.into_any()
}

/// The form for whole telephone numbers. It is sent, not linked: a look at numbers is put on record, and reading an
/// address changes nothing.
fn with_phones(asked: &Scope, form: &FormState, request_id: &str) -> AnyView {
    let address = address("", asked, None);
    let field = Field::of(form, "purpose", "为什么要电话").hint("谁、什么时候、为什么导出，都会留下记录。");
    let options = Purpose::ALL.iter().map(|purpose| Choice::new(purpose.code(), purpose.word())).collect();
    let body = view! {
        <form class="form" method="post" action=address>
            <FormSummary form=form.clone()/>
            <RequestIdField id=request_id.to_owned()/>
            <RadioGroup field=field options=options/>
            <div class="actions"><Button words="记下用途，下载 Excel" kind=ButtonKind::Second/></div>
        </form>
    };
    view! { <Section title="带完整电话的台账">{body}</Section> }.into_any()
}

/// Takes the form for whole telephone numbers: the file follows once the purpose is on record.
///
/// # Errors
/// As [`note_export`].
pub async fn post_register(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    let asked = scope(&req.ctx, req.query("town"), req.query("year")).await?;
    let token = note_export(&req.ctx, &asked, form.value("purpose")).await?;
    Ok(Outcome::SeeOther(format!("{}&export={token}", address(".xlsx", &asked, None))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_year_that_was_asked_for_can_be_chosen_again() {
        let values = |asked, this| years(asked, this).into_iter().map(|one| one.value).collect::<Vec<_>>().join(" ");
        assert_eq!(values(2026, 2026), "2026 2025 2024 2023 2022");
        assert_eq!(values(2019, 2026), "2026 2025 2024 2023 2022 2019");
        assert_eq!(values(2030, 2026), "2030 2026 2025 2024 2023 2022");
    }
}

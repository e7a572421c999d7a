//! Every component on one page, held against the rules of the house: no inline style, no text that could be taken for
//! markup, no id twice.

use leptos::prelude::*;

use super::*;
use crate::case::stage::{Phase, Stage};
use crate::error::{Difference, FieldError, FormState, Refusal};
use crate::rules::{DueUnit, Finding, RuleId};
use crate::web::{Appearance, Theme};

fn span(stage: Stage, entered: &str, spent: i64, limit: i64) -> StageSpan {
    StageSpan { entered: Some(entered.to_owned()), spent: Some(spent), limit: Some(limit), ..StageSpan::bare(stage) }
}

fn ahead(stage: Stage, limit: i64, unit: DueUnit) -> StageSpan {
    StageSpan { limit: Some(limit), unit, ..StageSpan::bare(stage) }
}

fn back(from: Stage, to: Stage, label: &str) -> Loop {
    Loop { from, to, label: label.to_owned() }
}

fn market() -> StageLine {
    StageLine {
        stages: vec![
            span(Stage::Submitted, "3月9日", 3, 5),
            span(Stage::Accepted, "3月12日", 8, 10),
            span(Stage::Confirmed, "3月24日", 2, 3),
            span(Stage::Researching, "5月11日", 9, 10),
            span(Stage::Planned, "5月22日", 6, 10),
            StageSpan { minimum: true, unit: DueUnit::Days, ..span(Stage::Announced, "6月1日", 9, 5) },
            span(Stage::Convened, "6月10日", 5, 5),
            span(Stage::Minuted, "6月17日", 1, 2),
            span(Stage::Reported, "6月18日", 3, 5),
            StageSpan { unit: DueUnit::Days, ..span(Stage::Tracking, "6月24日", 147, 139) },
            ahead(Stage::Evaluating, 7, DueUnit::Days),
            ahead(Stage::Closed, 10, DueUnit::Workdays),
        ],
        present: Stage::Tracking,
        side: None,
        loops: vec![back(Stage::Minuted, Stage::Researching, "第一次会（4月28日）未达成共识，回到调研")],
    }
}

fn lines() -> Vec<StageLine> {
    let two = vec![
        back(Stage::Minuted, Stage::Researching, "第一次会（4月28日）未达成共识，回到调研"),
        back(Stage::Announced, Stage::Planned, "6月3日改期"),
    ];
    let early = vec![span(Stage::Submitted, "11月16日", 1, 5), ahead(Stage::Accepted, 10, DueUnit::Workdays)];
    let side = |stage, date: Option<&str>| Some(SideState { stage, review_date: date.map(str::to_owned) });
    vec![
        market(),
        StageLine { present: Stage::Submitted, stages: early.clone(), loops: vec![], ..market() },
        StageLine { loops: two.clone(), ..market() },
        StageLine { present: Stage::Planned, loops: vec![two[0].clone(), two[0].clone(), two[0].clone()], ..market() },
        StageLine {
            present: Stage::Researching,
            side: side(Stage::Suspended, Some("12月20日")),
            loops: vec![],
            ..market()
        },
        StageLine { present: Stage::Submitted, stages: early, side: side(Stage::Declined, None), loops: vec![] },
        StageLine { present: Stage::Archived, loops: vec![], ..market() },
    ]
}

fn cases() -> Vec<CaseItem> {
    let item = |title: &str, town: &str, waits: &str, present, due| CaseItem {
        title: title.to_owned(),
        href: "/topics/1".to_owned(),
        meta: vec![town.to_owned(), "社会征题".to_owned()],
        waits: waits.to_owned(),
        present,
        side: None,
        loops: vec![],
        due,
    };
    vec![
        CaseItem {
            loops: market().loops,
            ..item(
                "禽蛋市场雨污分流施工期，商户怎么经营、路怎么留",
                "八坼街道",
                "路面恢复一项未按期答复，11月17日已报到单位负责人",
                Stage::Tracking,
                Some(Due::late("超期 6 个工作日")),
            )
        },
        item(
            "师俭堂周边节假日停车与居民车位错时共享",
            "震泽镇",
            "正在定方案、请人",
            Stage::Planned,
            Some(Due::calm("剩 4 个工作日")),
        ),
        item(
            "屯溪新村：快递外卖骑手进小区与临停规则",
            "吴江开发区",
            "请参会的人评一评",
            Stage::Evaluating,
            Some(Due::soon("11月22日截止")),
        ),
        item(
            "鲈乡二村加装电梯：低层住户补偿与采光",
            "松陵街道",
            "参评 14 人，12 人对办理满意或基本满意",
            Stage::Closed,
            None,
        ),
        CaseItem {
            side: Some(SideState { stage: Stage::Suspended, review_date: Some("12月20日".to_owned()) }),
            ..item(&"长".repeat(400), "盛泽镇", "", Stage::Researching, None)
        },
    ]
}

fn form() -> FormState {
    let findings = vec![Finding::blocking(RuleId::ALL[0], "记录人和主持人是同一人，要换一位。")];
    FormState {
        errors: vec![
            FieldError::new("title", "标题最少 4 个字，您写了 2 个。"),
            FieldError::new("source", "请选一个来源。"),
        ],
        refusal: Some(Refusal::Blocked(findings)),
        ..FormState::filled([("title", "路灯".to_owned()), ("body", "晚上看不见".to_owned())])
    }
}

fn findings() -> Vec<Finding> {
    let rule = |n: usize| RuleId::ALL[n % RuleId::ALL.len()];
    vec![
        Finding::passed(rule(0), "方案已由主任批准，11月16日"),
        Finding::passed(rule(1), "议程 120 分，排得下"),
        Finding::warning(rule(5), "公众占 5/13，过了 34% 的线，未到 50%。").mend("去添居民", "#people"),
        Finding::blocking(rule(5), "会议材料还没上传。最晚 11月24日，让到会的人提前 3 天看到。")
            .mend("去传材料", "#files"),
    ]
}

fn events() -> Vec<Event> {
    let event =
        |when: &str, says: &str, kind| Event { when: when.to_owned(), says: says.to_owned(), detail: None, kind };
    vec![
        event("已到期", "水务站答复第 4 项", EventKind::Late),
        event("11月24日", "仍未答复，报街道工委主任", EventKind::Coming),
        Event {
            detail: Some("理由：管材到货推迟".to_owned()),
            ..event("9月18日", "同意第 4 项延期到 11月10日", EventKind::Done)
        },
        event("4月28日", "第一次会商，未达成共识", EventKind::Done),
    ]
}

fn comments() -> Vec<CommentItem> {
    let say = |id: &str, author: &str, date: &str, text: &str| CommentItem {
        id: id.to_owned(),
        author: author.to_owned(),
        date: date.to_owned(),
        text: text.to_owned(),
        ways: vec![Way::new("回复", "#say"), Way::new("举报", "#report")],
        ..CommentItem::default()
    };
    vec![
        CommentItem {
            replies: vec![CommentItem {
                ways: vec![],
                ..say("c2", "八坼街道工委干事", "11月17日", "已催办，并按规则报到水务站负责人。")
            }],
            ..say("c1", "商户 陈**", "11月15日", "通道留得好，三轮车能进。\n就是北边那段路还是碎石。")
        },
        CommentItem {
            tag: Some("代录".to_owned()), ..say("c3", "居民 王**", "11月2日", "夜里那几盏灯管用。<script>")
        },
    ]
}

fn everything() -> AnyView {
    let stage_lines =
        lines().into_iter().map(|line| view! { <StageLineView line setting="期限是本镇设定"/> }).collect_view();
    let counts = Phase::ALL
        .into_iter()
        .zip([9, 6, 5, 3, 18])
        .map(|(phase, count)| PhaseCount { phase, count, href: Some(format!("/topics?phase={}", phase.word())) })
        .collect::<Vec<_>>();
    let sources =
        vec![Choice::new("public", "社会征题").hint("居民、商户、单位自己提的"), Choice::new("member", "委员荐题")];
    let towns = vec![Choice::new("shengze", "盛泽镇"), Choice::new("lili", "黎里镇")];
    let differences = vec![Difference {
        label: "标题".to_owned(),
        theirs: "路灯不亮\n一共三盏".to_owned(),
        yours: "路灯不亮\n一共五盏".to_owned(),
    }];
    view! {
        <Crumbs ways=vec![Way::new("议题", "/topics"), Way::new("八坼街道", "/topics?town=bache")] here="2026-03 号"/>
        <div class="head">
            <div>
                <h1 class="title">"禽蛋市场雨污分流施工期，"<br/>"商户怎么经营、路怎么留"</h1>
                <p class="meta">"八坼街道禽蛋市场区块 / 党委点题 / 中心工作：雨污分流三年行动 / "<span class="tag">"演示数据"</span></p>
            </div>
            <div class="head-actions">
                <form data-support="1" method="post"><button class="btn second"><span data-word="">"我也关心"</span>" · 86"</button></form>
                <LinkButton words="有进展告诉我" href="#follow" kind=ButtonKind::Second/>
            </div>
        </div>
        <Answer
            sentence="五项意见采纳四项：两项已解决，一项正在解决，一项超期 6 个工作日。"
            waits="正在等：八坼水务站答复“北侧路面恢复与雨水口清掏”，11月10日到期，11月17日已报到站负责人；11月24日仍未答复，报街道工委主任。"
        />
        {stage_lines}
        <Section title="全区正在办的 41 件事，走到哪一步" side="截至 2026年11月18日 12:00">
            <PhaseBars counts/>
        </Section>
        <div class="cols">
            <div class="col-main">
                <Section title="最近有动静" way=Way::new("全部 41 件", "/topics")>
                    <CaseList cases=cases()/>
                    <Pager previous="/topics?before=1" next="/topics?after=2"/>
                </Section>
                <Section title="大家说" side="12 条，先看后放">
                    <Comments items=comments()/>
                    <p class="actions"><LinkButton words="我也说几句" href="#say" kind=ButtonKind::Second/></p>
                </Section>
                <Section title="提一个议题">
                    <form class="form" method="post" data-draft="raise" data-guard="">
                        <FormSummary form=form()/>
                        <RequestIdField id="0192"/>
                        <TextInput field=Field::of(&form(), "title", "标题").hint("一句话说清一件事").max(30).similar("/topics/similar")/>
                        <div id="similar" class="similar" aria-live="polite"></div>
                        <TextArea field=Field::of(&form(), "body", "是什么事").hint("在哪里、什么时候、影响谁").max(1000)/>
                        <RadioGroup field=Field::of(&form(), "source", "来源") options=sources/>
                        <div class="row-fields">
                            <Select field=Field::of(&form(), "town", "哪个镇") options=towns blank="请选"/>
                            <TextInput field=Field::of(&form(), "date", "从哪天起").optional().narrow() kind="date"/>
                        </div>
                        <FileInput field=Field::of(&form(), "files", "照片和附件").optional().hint("最多 10 个，每个不超过 20 MB")/>
                        <Checkbox field=Field::of(&form(), "show_name", "同意公开我的姓").hint("不勾就写“居民”")/>
                        <p class="actions"><Button words="提交"/><Button words="存着以后写" kind=ButtonKind::Link/></p>
                    </form>
                </Section>
            </div>
            <div class="col-side">
                <Section title="接下来"><Timeline events=events()/></Section>
                <Section title="还没有的"><Empty sentence="本周没有到期的事。" way=Way::new("看全部", "/desk")/></Section>
            </div>
        </div>
        <div class="sheet">
            <p class="caption">"下一步"</p>
            <h2>"公示，发出邀请"</h2>
            <FindingList findings=findings()/>
            <form method="post"><StepButton words="公示" verb="公示" blocking=1/></form>
        </div>
        <Conflict sentence="顾委员刚刚也改了这一条。" differences=differences/>
        <Section title="表">
            <Table caption="人员" quiet=true columns=vec![Column::words("姓名"), Column::words("类别"), Column::figures("今年受邀")]>
                <tr><th scope="row">"顾**"</th><td>"委员"</td><td class="num">"2 次"</td></tr>
                <tr><th scope="row">"钱**"</th><td>"居民"</td><td class="num">"首次"</td></tr>
            </Table>
        </Section>
    }
    .into_any()
}

fn desk() -> AnyView {
    let item = |todo: &str, due, present, action: Option<&str>| DeskItem {
        due: Some(due),
        todo: todo.to_owned(),
        why: "今天先给提出人一句话。受理期限 5 个工作日，11月17日到期".to_owned(),
        href: "/desk/topics/1".to_owned(),
        present: Some(present),
        side: None,
        loops: vec![],
        action: action.map(|words| Way::new(words, "/desk/topics/1")),
        waits_for: action.is_none().then(|| "供电所".to_owned()),
    };
    let late =
        vec![item("答复新提议题：老厂区门口夜市油烟", Due::late("超期 1 个工作日"), Stage::Submitted, Some("去初审"))];
    let today = vec![
        item("产业园噪声与货车绕行：催 5 位未答复的人", Due::soon("今天 17:30"), Stage::Announced, Some("看答复")),
        item("北麻漾护岸管护：补一条走访记录", Due::soon("今天"), Stage::Researching, Some("补记录")),
    ];
    let others = vec![item("坛小新村充电位：供电所第二次进展", Due::calm("等 2 天"), Stage::Tracking, None)];
    view! {
        <h1 class="title title-desk">"周三，11月18日。先补一件逾期的。"</h1>
        <p class="meta">"逾期 1，今天 2，另有 1 件在等别人。"</p>
        <DeskGroup words="逾期" items=late late=true first=true/>
        <DeskGroup words="今天" items=today/>
        <DeskGroup words="等别人" items=others/>
    }
    .into_any()
}

fn frame(appearance: Appearance) -> Frame {
    Frame {
        assets: Assets {
            css: "out.css".to_owned(),
            public_js: "public.js".to_owned(),
            offline_js: "offline.js".to_owned(),
            door_js: "door.js".to_owned(),
            door_worker_js: "door-worker.js".to_owned(),
            qr_js: "qr.js".to_owned(),
            watch_js: "watch.js".to_owned(),
            minutes_js: "minutes.js".to_owned(),
            console_js: "console.js".to_owned(),
            mark: "mark.svg".to_owned(),
            favicon: "favicon.svg".to_owned(),
        },
        title: "看一看".to_owned(),
        path: "/topics".to_owned(),
        current: "/topics",
        appearance,
        demo: true,
        stamp: Some(Stamp { date: "11月18日".to_owned(), hash: "a41c77f0c2d3e4f59e07".to_owned() }),
        ..Frame::default()
    }
}

fn page(appearance: Appearance) -> String {
    crate::live::render(move || view! { <PublicShell frame=frame(appearance)>{everything()}</PublicShell> })
}

fn desk_page() -> String {
    let frame = Frame { current: "/desk", ..frame(Appearance::default()) };
    let who = SignedIn {
        name: "陆文清".to_owned(),
        role: "盛泽镇工委干事".to_owned(),
        inside: true,
        roster: true,
        unit: false,
        member: false,
    };
    crate::live::render(move || view! { <DeskShell frame who>{desk()}</DeskShell> })
}

fn error_page() -> String {
    let refusal = Refusal::Internal { id: "0192f1c2".to_owned() };
    let ways = vec![Way::new("回首页", "/"), Way::new("看全部议题", "/topics")];
    crate::live::render(move || {
        view! { <PublicShell frame=frame(Appearance::default())><ErrorPage refusal ways/></PublicShell> }
    })
}

#[test]
fn nothing_on_a_page_breaks_the_content_policy_or_lets_text_become_markup() {
    let elder = Appearance { elder: true, theme: Theme::Dark };
    for html in [page(Appearance::default()), page(elder), desk_page(), error_page()] {
        assert!(!html.contains(" style="), "inline style");
        assert!(!html.contains(" onclick"), "inline script");
        assert!(!html.contains("夜里那几盏灯管用。<script>"), "text became markup");
        assert_eq!(html.matches("<h1").count(), 1);
        assert_eq!(html.matches("<main").count(), 1);
    }
}

#[test]
fn ids_are_unique() {
    let html = page(Appearance::default());
    let mut seen = std::collections::BTreeSet::new();
    for part in html.split(" id=\"").skip(1) {
        let id = part.split('"').next().unwrap_or_default();
        assert!(seen.insert(id.to_owned()), "twice: {id}");
    }
}

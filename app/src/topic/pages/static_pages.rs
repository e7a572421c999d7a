//! The rules for personal data (个人信息处理规则) and the guide for each role (使用说明).

use leptos::prelude::*;

use crate::error::Refusal;
use crate::rules::{CommentRelease, RuleSet};
use crate::topic::lookup::COOKIE_AGE_S;
use crate::town;
use crate::ui::{Column, Table, Way};
use crate::web::{Page, Request};

async fn baseline(req: &Request) -> Result<std::sync::Arc<RuleSet>, Refusal> {
    Ok(town::rules::baseline(&req.ctx.db, &req.ctx.shared, req.ctx.now()).await?.1)
}

/// The value of a setting in words: 「5 个工作日」.
fn shown(rules: &RuleSet, key: &str) -> String {
    rules.shown(key).unwrap_or_default()
}

/// One kind of data: what, what for, who sees it, how long.
struct Kept {
    what: &'static str,
    what_for: &'static str,
    who: &'static str,
    how_long: String,
}

/// What is kept, with the numbers of the rules in force.
fn kept(rules: &RuleSet) -> Vec<Kept> {
    let retention = shown(rules, "close.contact_retention_days");
    let draft = shown(rules, "topic.draft_keep_hours");
    vec![
        Kept {
            what: "提议题的人的姓名、电话",
            what_for: "有问题时联系您，补发查询码时核对",
            who: "本镇干事和工委主任；每看一次电话都留记录。您同意公开的，只公开姓名",
            how_long: format!("没有立题的，{retention}后删除；立题的随案卷保存"),
        },
        Kept {
            what: "议题的原文和附件",
            what_for: "初审、调研、会商",
            who: "本镇干事、工委主任、党（工）委审批人和区政协办；公众只看干事整理的公开稿",
            how_long: "随案卷保存".to_owned(),
        },
        Kept {
            what: "电话的加密摘要",
            what_for: "提醒干事同一联系人在办的议题较多",
            who: "没有人能看到原号码",
            how_long: "议题结束时删除".to_owned(),
        },
        Kept {
            what: "留言和会前意见的显示名和内容",
            what_for: "公开讨论，会前听大家的意见",
            who: "干事看过后所有人可见；姓名只按您选的样子保存",
            how_long: "随议题保存，您要求时删除".to_owned(),
        },
        Kept {
            what: "“有进展告诉我”留的手机号或邮箱",
            what_for: "告知这件议题的进展",
            who: "本镇干事；每看一次都留记录",
            how_long: "您停止接收时立即删除".to_owned(),
        },
        Kept {
            what: "参加会议的人的姓名、电话、邮箱，和寄给他的信",
            what_for: "寄会议的邀请、变动、取消和提醒；知道谁没收到，改用电话告知",
            who: "本镇干事、工委主任和系统管理员；信里的链接寄出后只有本人有",
            how_long: format!("电话和邮箱在事情结束{retention}后删除；姓名和答复随案卷保存"),
        },
        Kept {
            what: "走访记录：各类听了几位、说了什么、委员的名字、照片",
            what_for: "调研报告要有走访为据，人数按记录计",
            who: "调研负责人、本镇工委、党（工）委、政府办和区政协办；不记被走访人的姓名和电话，公开页只写次数和人数",
            how_long: "随案卷保存".to_owned(),
        },
        Kept {
            what: "问卷的答卷",
            what_for: "调研时了解大家的想法",
            who: "谁答的不记，没有人查得到；选项只记次数，收问卷以后公开，答的人太少就不公开；文字打乱顺序，收了以后只有调研负责人和本镇看得到",
            how_long: "结果随案卷保存；哪些浏览器答过的记录，收问卷时删除".to_owned(),
        },
        Kept {
            what: "浏览器编号、网络地址前段的加密摘要",
            what_for: "每个浏览器对一件议题只计一次关心；防止刷票、刷留言",
            who: "没有人能由它找到您",
            how_long: "网络地址的按天计数，次日起清除；浏览器的随关心记录保存".to_owned(),
        },
        Kept {
            what: "没写完的草稿",
            what_for: "关了页面也不丢",
            who: "只在您自己的设备里，不传给我们；姓名和电话不进草稿",
            how_long: format!("提交后或 {draft}后自动清除"),
        },
        Kept {
            what: "工作人员账号",
            what_for: "登录、分清谁办了什么",
            who: "本人和系统管理员",
            how_long: "停用后保留姓名，供核对案卷".to_owned(),
        },
    ]
}

/// The rules for personal data.
///
/// # Errors
/// When the database cannot be read.
pub async fn privacy(req: &Request) -> Result<Page, Refusal> {
    let rules = baseline(req).await?;
    Ok(Page::public("个人信息处理规则", "/privacy", move || privacy_body(&rules)))
}

fn privacy_body(rules: &RuleSet) -> AnyView {
    let rows = kept(rules)
        .into_iter()
        .map(|kept| {
            view! {
                <tr>
                    <th scope="row">{kept.what}</th>
                    <td>{kept.what_for}</td>
                    <td>{kept.who}</td>
                    <td>{kept.how_long}</td>
                </tr>
            }
        })
        .collect_view();
    let columns = ["什么信息", "用来做什么", "谁看得到", "保存多久"].map(Column::words).to_vec();
    let cookie_hours = COOKIE_AGE_S / 3600;
    let cookies = format!(
        "只用必需的小记号：记住这个浏览器关心过哪些议题（一年）；记住您查过哪一件（{cookie_hours} 小时）；记住长辈版和颜色；\
         工作人员登录后记住登录。没有广告，没有第三方统计，不跟踪您看了什么。"
    );
    let release = match rules.topic.comment_release {
        CommentRelease::Hold => "留言由干事看过后才公开。",
        CommentRelease::Open => "留言提交后公开，干事可以撤下。",
    };
    let public = format!(
        "公开页上写“居民”或“居民 王**”。只有您单独同意，才显示全名；同意随时可以收回，收回后公开页立即改掉。{release}"
    );
    view! {
        <h1 class="title">"个人信息处理规则"</h1>
        <p class="lead">"只收办事用得着的，说清用在哪里，看一眼电话也留记录，您随时可以查、改、删。"</p>
        <div class="prose">
            <h2>"谁在处理"</h2>
            <p>"苏州市吴江区政协办公室主办本平台，各镇（街道）政协工委承办。您把议题提给哪个镇，就由哪个镇的政协工委处理；区政协办公室负责全区的管理和监督。"</p>
            <h2>"收什么，为什么，留多久"</h2>
        </div>
        <Table caption="个人信息清单" quiet=true columns>{rows}</Table>
        <div class="prose">
            <p class="caption">"期限是全区基准，各镇可以在规则里调整，以"<a href="/rules">"规则与期限"</a>"为准。"</p>
            <p>"不收身份证号，不收人脸信息，不读通讯录，不要定位。照片里的拍摄地点在上传时去掉；照片里有别人的脸或车牌的，干事不放进公开稿。"</p>
            <h2>"凭什么处理"</h2>
            <p>"您提交议题、留言、留联系方式时，页面上请您同意，我们才保存。不同意也可以看全部公开内容、关心一件议题、拿专用链接看进展。联系电话只在提交议题时必填，因为没有电话就没法问清楚；不方便上网的，可以请村（社区）或镇里的干事代录，电话可以不填。"</p>
            <p>"不满十四周岁的孩子提交，请由父母或其他监护人代为填写。"</p>
            <h2>"哪些会公开"</h2>
            <p>{public}</p>
            <p>"政协委员、干部、承办单位在履行职务时，按职务公开姓名和意见。"</p>
            <h2>"给不给别人"</h2>
            <p>"不卖，不换，不给广告商。不属于协商范围的事转给能办的单位时，会在答复里告诉您转给了谁；您不愿意转联系方式的，请在补充说明里写明。法律要求提供的，按法律办，并留下记录。"</p>
            <h2>"怎么保护"</h2>
            <ul>
                <li>"查询码、专用链接、密码都不存原文，泄露了数据库也倒推不出来。"</li>
                <li>"每一步办理都记入不能改动的留痕记录，记录里只有编号，没有姓名和电话。"</li>
                <li>"删除您的信息，留痕记录照样核得上，也会留下“已删除”这一条。"</li>
            </ul>
            <h2>"您的权利，怎么用"</h2>
            <ul>
                <li><a href="/lookup">"凭查询码"</a>"：看您交来的原文和答复，改姓名公开的意愿，立题以前撤回。"</li>
                <li>"打给镇政协工委，核对手机号后：更正、删除姓名、电话、原文、留言，要一份副本，补发查询码。"</li>
                <li>"专用链接那一页：停止接收进展，联系方式当场删除。"</li>
                <li>"收回同意不影响收回以前已经办的事。"</li>
                <li>"对处理结果不满意，向区政协办公室反映；也可以向网信部门投诉举报。"</li>
            </ul>
            <h2>"浏览器里的小记号"</h2>
            <p>{cookies}</p>
            <h2>"联系谁"</h2>
            <p>"提给哪个镇的议题，找哪个镇（街道）的政协工委，见"<a href="/towns">"各镇"</a>"；全区的事，找吴江区政协办公室。"</p>
            <p>"规则有改动会在这一页写明；扩大用途的，会重新请您同意。"</p>
        </div>
    }
    .into_any()
}

/// The guide.
///
/// # Errors
/// When the database cannot be read.
pub async fn guide(req: &Request) -> Result<Page, Refusal> {
    let rules = baseline(req).await?;
    Ok(Page::public("使用说明", "/guide", move || guide_body(&rules)))
}

/// The parts of the guide: anchor, role, lines.
fn guide_parts(rules: &RuleSet) -> Vec<(&'static str, &'static str, Vec<String>)> {
    let screen = shown(rules, "topic.screen_workdays");
    let back = shown(rules, "flow.return_days");
    let confirm = shown(rules, "flow.confirm_workdays");
    let review = shown(rules, "flow.suspend_review_days");
    let draft = shown(rules, "topic.draft_keep_hours");
    let name_lead = shown(rules, "flow.lead_workdays");
    let research = shown(rules, "research.workdays");
    let (min_members, min_affected) = (shown(rules, "research.min_members"), shown(rules, "research.min_affected"));
    let (notice, confirm_hours) = (shown(rules, "notice.days"), shown(rules, "notice.waitlist_confirm_hours"));
    let (circulation, sign) = (shown(rules, "minutes.circulation_workdays"), shown(rules, "minutes.sign_workdays"));
    let (survey, look) = (shown(rules, "survey.days"), shown(rules, "flow.reopen_look_workdays"));
    let (report, verify) = (shown(rules, "after.report_workdays"), shown(rules, "flow.verify_workdays"));
    let (assign, decline) = (shown(rules, "after.assign_workdays"), shown(rules, "after.decline_workdays"));
    let first = shown(rules, "after.first_progress_workdays");
    let (remind, escalate) =
        (shown(rules, "after.remind_before_workdays"), shown(rules, "after.escalate_after_workdays"));
    let heard = shown(rules, "district.opinion_answer_workdays");
    let (min, max) = (rules.topic.title_min, rules.topic.title_max);
    let own = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
    let resident = vec![
        "看：首页和“议题”页不用登录。可以按区镇、走到哪一步、谁提的来找，也可以输几个字来找。".to_owned(),
        format!("提：点“提一个议题”，选区镇，写题目（{min} 至 {max} 个字）、地点、现状、理由、建议，留姓名和电话。有相近的议题会先给您看，是同一件事就支持它。"),
        format!("没写完可以放着：草稿留在您这台设备里，{draft}内回来接着写。"),
        "查询码：提交后给您十位码，请抄下来或拍下来。凭它看进展、补充说明、撤回、改姓名公开的意愿。忘了打给镇工委补发。".to_owned(),
        format!("等答复：镇里 {screen}内给结论。请您补充的，{back}内交回就接着办。"),
        "关心、留言：受理以后公开，可以点“我也关心”，一个浏览器算一次；可以留言，名字怎么显示由您选。看到不妥的留言，点“反映”。".to_owned(),
        "会前意见：协商会公示以后、开始以前，在公示页点“会前说一句”，选赞成、不赞成或中立，写几句话，不用登录，也不用报名。".to_owned(),
        "议题材料：立题以后，调研到的情况、问卷结果、议程、材料和会前意见都在一页，可以打印。".to_owned(),
        "要进展：点“有进展告诉我”，拿一个专用链接；想停，打开链接点“停止接收进展”。".to_owned(),
        "问卷：调研时会发问卷，扫码或者从议题的页面点进去，不登录就能答，一个浏览器答一次。谁答的我们不记，别写姓名和电话。".to_owned(),
        format!("办得怎样：议题页点“办理情况”，采纳了什么、哪个单位办、办到哪里都看得到。都核实了会请您评价，不记名，{survey}内答。"),
        format!("办结以后又出现同样的问题，点“又出现了”；干事 {look}内去看，给您答复。"),
        "全区和各镇办得怎样，“成效”页都有数：每个比例写明分子、分母、算到哪天，旁边是上年的数。".to_owned(),
        "当面说：委员工作室哪天、在哪里接待，看“各镇”页。说的事当场答复，转给单位的、提为议题的，都要有结果。".to_owned(),
        "不会用手机：请村（社区）干部或镇里的干事代录，当面说、打电话说都行。字看不清，点右上角“长辈版”。".to_owned(),
    ];
    let officer = vec![
        "登录后先看“我的事”：最急的在最前面，超期的标红。".to_owned(),
        format!("初审：{screen}内给结论，受理、退回补正、转办、并案、不予立题五选一。理由写给提出人看，用平常话。"),
        "受理时整理公开稿：去掉电话、证件号、别人的姓名，挑可以公开的照片。提出人的原文不改，两份都留。".to_owned(),
        "不属于协商的（个人问题、民事纠纷、诉讼、投诉、举报、信访、涉密），选转办，写明转给谁。".to_owned(),
        "并案：并到同镇在办的议题，关心的人一起带过去；并入的议题立题以前可以撤销并案，它没立题就结束的，拆开接着办。".to_owned(),
        "写了一半可以放着：案卷里的表单没交的内容留在这台设备里，交了或退出登录就清掉，姓名和电话不留。".to_owned(),
        "写错了用“更正”：另写一版，旧版留着，不能改掉。".to_owned(),
        "留言：等放行的、有人反映的排在前面。代表镇里答复，用“回应”。".to_owned(),
        "查看电话要写用途，会记下来；补发查询码先核对手机号。".to_owned(),
        "来访来电的，用“代录”，写明怎么联系上的。".to_owned(),
        "调研报告交了以后，在“调研”里整理公开稿：删去人名、门牌、电话，放进公开的议题材料；随时可以改，可以收回。"
            .to_owned(),
        "调研：在案卷的“调研”里安排谁去、记走访、开问卷、写报告；干事和负责人都可以做，数字按走访记录算，改不了。"
            .to_owned(),
        "筹备：写方案，定时间、场地、议程、主持和记录、材料、开放名额；同一个场地同一时间只能定一场。写好交主任批准。"
            .to_owned(),
        "请人：从名册选、自己填，或者整表导入。旁边的尺子随时告诉您还缺哪一类、缺几位。".to_owned(),
        format!(
            "公示：满 {notice}（本镇设定）才能开会。改时间、换内容要重新公示，只换场地不用；改期、取消，系统会告诉每个人。"
        ),
        "答复：谁来谁不来、信寄到没有，都在“答复”里。没有邮箱的，打电话问了用代录；公示以后添的人，当时就请到。"
            .to_owned(),
        "开会那天：在“签到”里一位一位勾，临时来的补登；人到齐了宣布开会，不够数记流会，另定时间，人人告诉到。"
            .to_owned(),
        "会上：在“会场”里走议程、排发言、计时、记要点、现场交办、发起表决；会开完点闭会。".to_owned(),
        format!(
            "纪要：在“纪要”里照会议记录起草，一段一段改，改过的每一版都留着。写好了送到会的人核对 {circulation}（本镇设定），要求更正的逐条答复；有人打电话来说，代他记下。"
        ),
        "签发以后发现写错了，点“更正”另出一份，签发的那一份不动。没有达成共识的，写明，签发以后回到调研再商量一次。"
            .to_owned(),
        format!("成果：会后 {report}内在“成果”里报送党委、政府，等签收；收文单位不上网的，上传盖章的签收单。"),
        format!("核实：单位答复以后 {verify}内到现场看，写日期、地点、情况，附照片或者写同去的人；没办好的退回重办。"),
        "评价：任务都核实了，请群众评价；有人打电话来，代他记下。够格的办结，不够格的写明这次要做什么，二次办理。"
            .to_owned(),
        "归档：公开办理结果，台账齐了归档。整卷可以取出一个压缩文件，在没有数据库的电脑上用 server verify 也能核对。"
            .to_owned(),
        "镇情：开了几场会、事情停在哪里、哪些议事室半年没有开过会，登录后点“镇情”。".to_owned(),
        "台账：“我的事”下面点“台账”，选区镇和年份，下载整本 Excel 或者单张表。电话只留头尾；要完整电话，先选用途，会记下来。"
            .to_owned(),
        "区政协办写来的话，在“我的事”里，到日子以前在“区镇来往”里回复。".to_owned(),
        "议事室：在“场地”里点开一处，照六有（阵地、标识、制度、流程、活动、成效）看一次，有的打勾，缺的写怎么补。"
            .to_owned(),
        format!("委员工作室：也在“场地”里登记，写清值班日和地点，公开在“各镇”页。接待记人数，听到的意见当场答复、转单位或者提为议题，{heard}内有结果。"),
    ];
    let member = vec![
        "看到、听到的事，可以荐题；办到哪里，在“我的履职”里看。".to_owned(),
        "“我的履职”记着今年的会、走访、发言和提的议题：请您开的会从名册上来，走访从走访记录上来，不用自己填。"
            .to_owned(),
        "开会来不了，在“我的履职”里点“答复或请假”，写明原因；也可以请同一类的人代替。".to_owned(),
        "是工作室的委员，在“我的履职”里打开自己的工作室：记接待，记听到的意见和结果。不写来人的姓名、电话。".to_owned(),
        "参加过调研或者会商的，可以核实单位的答复；等核实的在“我的事”里，自己单位办的不行。".to_owned(),
    ];
    let unit = vec![
        "登录后先看“本单位的任务”：哪个镇交办的、哪天到期，按期限排好，超期的标红。".to_owned(),
        format!("交办来了先签收；不归本单位办的，{decline}内写明理由退办，只有一次。协办单位也要签收、报进展。"),
        format!("签收后 {first}内报第一次进展，写做了什么、完成多少，可以附照片；愿意让群众看的勾上公开。"),
        "步骤多的，先排办理步骤，各写哪天做完；报进展时把做完的勾上。".to_owned(),
        "到期办不完，到期以前申请延期，写理由和新的日期，只能一次。".to_owned(),
        "名册上留了邮箱的，交办、退回、提醒、超期都写信告诉；没有留的，请常来看。".to_owned(),
        "办好了答复：A 已解决、B 正在解决、C 列入规划（写明日期）、D 解释说明，附照片、文件或链接。由别人核实，没办好会退回来。"
            .to_owned(),
        format!("到期前 {remind}提醒；超期以后每 {escalate}往上报一级：经办人、单位负责人、工委主任、镇党委、区政协办。"),
    ];
    let invitee = vec![
        "收到邀请信、微信里的链接或者邀请条，打开就是您自己的一页，不用登录。链接只给您用，请不要转给别人。".to_owned(),
        "点“我来参加”或“这次来不了”就行，会议开始以前都可以改；来不了写一句原因，也可以请同一类的人代替。".to_owned(),
        format!("报名的：名额满了先排队，轮到您时马上告诉您，请在 {confirm_hours}内确认，过了就让给下一位。"),
        "有话想先说，在“会前先说几句”里写。镇里看过才公开，不写名字。".to_owned(),
        "开会那天：门口报姓名，或者报短码，也可以打开您的一页，输入门口屏幕上的数字自己签到。".to_owned(),
        "会上想发言，在您的一页点“我要发言”；有表决时，也在这一页投票，一人一票。".to_owned(),
        format!(
            "会后：纪要草稿会请您核对 {circulation}，在您的一页打开，对的点同意，不对的写明哪一段、怎么改，记录人会答复您。公布时您的姓名只留姓，除非您同意公开。"
        ),
        "后来办到哪一步，写到您的邮箱；办完了请您评价，不记名。不想再收，在您的一页点“停止接收进展”。".to_owned(),
    ];
    let lead = vec![
        "主任或干事定您负责，您的“我的事”里就有这件，写着哪天交报告；不用另开工作台，只看得到这一件案卷。".to_owned(),
        "到现场打开“记一次走访”：各类听了几位、说了什么、看到什么、照片。没有网络也能记，先放在手机里，连上网自动补交，不会重复。".to_owned(),
        "记错了用“更正这次走访”，旧的一版留着。".to_owned(),
        "想多听些人，开一份问卷，最多十个问题，发链接或二维码；收了以后看结果。".to_owned(),
        format!("报告写情况、问题清单、数据、政策和初步对策，可以分几次存。交报告要有走访、有委员参加、听过利益相关方，至少各 {min_members}、{min_affected}（本镇设定），一般 {research}内交。"),
    ];
    let director = vec![
        format!(
            "立题前由您准备：写明依据（中心工作或民生热点，写到哪份文件、哪个来源），核对合法性，回答切口三问，从受理到审批共 {confirm}。"
        ),
        "您准备的，您自己不能批；您提的议题，您也不能批。".to_owned(),
        format!(
            "立题后 {name_lead}内定下调研负责人：本镇的委员、干事或您自己，写明哪天交报告；中途可以换人，写明原因。"
        ),
        format!("一时办不了的可以暂缓，写明理由和复核日期，最长 {review}；到时恢复，或者报党（工）委终止。"),
        format!(
            "您主持的会，纪要由您签发：到会的人核对完、每条更正都答复了，读完全文，写姓名、填密码。会后 {sign}内签（本镇设定）；记录人不能签。"
        ),
        "超期报到您这一级的，在“我的事”里：督办，写明要求和回复的日期；到日子没有回复的会再提醒您。“超期的任务”列着在等谁、超了几天。".to_owned(),
        "评价份数不够、延长过一次还不够的，干事提请，由您同意才能按样本不足办结。".to_owned(),
        "回应留言、查看电话也可以，规矩和干事一样。".to_owned(),
    ];
    let approver = vec![
        "“我的事”里会出现等您审批的议题。先看依据、合法性、切口三问和公开稿。".to_owned(),
        "同意就立题；材料不齐，退回给主任，写明补什么。从立题起，这件事一直按当时的规则办，以后改规则不影响它。"
            .to_owned(),
        "确实不能办的，可以终止，理由对公众公开。".to_owned(),
        "提议题的人、准备材料的人不能是审批人，系统会拦住。".to_owned(),
        format!(
            "纪要和成果清单送来，先签收；再逐条批办：采纳的写明单位、联系人、措施、完成日期，不采纳的写理由，{assign}内交办。政府办也可以批办。"
        ),
        "单位退办的，改交给别的单位；申请延期的，由您批。".to_owned(),
    ];
    let district = own(&[
        "登录后看得到各镇的议题和案卷，不替镇里办。",
        "“规则与期限”页写明每条规则出自哪一项、用什么数字，哪些是各镇自己设定的，哪些还没有由系统执行。",
        "留痕记录每天算一个总校验码，写在每一页的页脚。任何一条记录被改、被删，核对时都会指出第一处。",
        "超期报到区里的，在“我的事”里；“超期的任务”列着全区的。可以督办一项任务或者整件事，也可以冻结一件事，解冻以前谁都不能办。",
        "二次办理到了上限，群众还是不满意的，到您这里督办，写明哪几项重办。办结以后又出现的，您也可以定要不要重新办。",
        "不是哪一件具体的事，在“区镇来往”里写给镇里，写明哪天前回复；没有回复的，在“我的事”里等着。",
        "“镇情”列着各镇的场次、在办、超期和各项比例，次序不是排名；“台账”可以下载全区的。",
        "各镇调整规则，另出一版，写明从哪天起用，旧版保留。",
    ]);
    let administrator = own(&[
        "账号、区镇、单位和规则，在本机用命令行维护，命令加 --help 就看得到用法。",
        "寄信：在设置里写 mail_server、mail_from，要登录的再写 mail_user 和 mail_password。没有写，信不寄出，留在发件箱里。",
        "“发件箱”里列着每一封信：寄出了没有，没寄成是为什么。打开一封，看得到信的内容；没有寄到的，可以把链接转给本人。",
        "邮件服务器忙，过一会儿自动再寄；它说没有这个邮箱，就不再寄。“不确定是否送达”的，程序不会自己重寄，先问本人，再点“重新寄”。",
        "收到退信，打开那封信，点“信退回来了”，干事就知道要打电话。",
    ]);
    vec![
        ("resident", "居民", resident),
        ("officer", "镇（街道）工委干事", officer),
        ("director", "工委主任", director),
        ("invitee", "受邀和报名的人", invitee),
        ("member", "政协委员", member),
        ("lead", "调研负责人", lead),
        ("approver", "党（工）委审批人", approver),
        ("unit", "承办单位", unit),
        ("district", "区政协办公室", district),
        ("administrator", "系统管理员", administrator),
    ]
}

fn guide_body(rules: &RuleSet) -> AnyView {
    let parts = guide_parts(rules);
    let contents = parts
        .iter()
        .map(|(anchor, role, _)| Way::new(*role, format!("#{anchor}")))
        .map(|way| view! { <li><a href=way.href>{way.words}</a></li> })
        .collect_view();
    let sections = parts
        .into_iter()
        .map(|(anchor, role, lines)| {
            let rows = lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view();
            view! { <h2 id=anchor>{role}</h2><ol>{rows}</ol> }
        })
        .collect_view();
    view! {
        <h1 class="title">"使用说明"</h1>
        <p class="lead">"一件事从提出到办完，走五段：选题、调研、邀请、会商、落实。每一段谁办、几天办完、办得怎样，都在议题的页面上。"</p>
        <div class="prose">
            <nav aria-label="本页内容"><ul>{contents}</ul></nav>
            {sections}
            <h2 id="signs">"怎么看懂页面"</h2>
            <ul>
                <li>"红色只有三种意思：现在在这里、超期了、没有通过。"</li>
                <li>"十四个小格是十四步：黑的走过了，红的是现在，空的还没到。"</li>
                <li>"“剩 4 个工作日”按工作日历算，节假日和调休都算进去；写“天”的按自然天算。"</li>
                <li>"“用 / 限”是用掉的天数和期限。期限是本镇设定的，不是上面规定的。"</li>
            </ul>
            <h2 id="access">"看不清、不方便"</h2>
            <ul>
                <li>"右上角“长辈版”：字大、一页事情少。页脚可以换浅色、深色。"</li>
                <li>"只用键盘也能走完每一步；读屏软件读得出每一格的意思。"</li>
                <li>"浏览器关掉脚本也能提议题、查进展、留言。"</li>
                <li>"页面可以直接打印，链接和按钮不会印上去。"</li>
            </ul>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_say_the_numbers_of_the_rules() {
        let mut rules = RuleSet::default();
        rules.topic.screen_workdays = 7;
        rules.close.contact_retention_days = 365;
        let text: String = guide_parts(&rules).into_iter().flat_map(|(_, _, lines)| lines).collect();
        assert!(text.contains("7 个工作日内给结论"), "{text}");
        assert!(kept(&rules)[0].how_long.contains("365 天"));
    }

    #[test]
    fn every_page_has_one_title_and_no_inline_style() {
        for html in [
            crate::live::render(|| privacy_body(&RuleSet::default())),
            crate::live::render(|| guide_body(&RuleSet::default())),
        ] {
            assert_eq!(html.matches("<h1").count(), 1);
            assert!(!html.contains(" style="));
        }
    }
}

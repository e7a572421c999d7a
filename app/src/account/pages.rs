//! The sign-in page and the account page.

use std::future::{Ready, ready};

use chrono::{DateTime, Datelike, Timelike, Utc};
use leptos::prelude::*;

use super::password::Cost;
use super::sessions::{self, COOKIE, SESSIONS};
use super::store::{self, SessionLine, UserLine};
use super::{admin, model};
use crate::access::{Role, Signed};
use crate::error::{FormState, Refusal};
use crate::ids::SessionId;
use crate::letter::feed;
use crate::letter::pages::OUTBOX;
use crate::rules::SHANGHAI;
use crate::ui::{Button, ButtonKind, Field, FormSummary, RequestIdField, Section, TextInput};
use crate::web::{Cookie, Form, Outcome, Page, Request};

/// Address of the sign-in page. `?next=` names the page to go to afterwards.
pub const SIGN_IN: &str = "/sign-in";
/// Address of the account page.
pub const ACCOUNT: &str = "/account";
/// Address that the sign-out button sends to.
pub const SIGN_OUT: &str = "/sign-out";

/// The sign-in page. It reads nothing, so it is ready at once.
pub fn sign_in(req: &Request) -> Ready<Result<Page, Refusal>> {
    let form = req.form.clone();
    let sent_next = form.value("next");
    let next = model::local_path(if sent_next.is_empty() { req.query("next") } else { sent_next }).to_owned();
    let signed = req.ctx.actor.signed().map(|signed| signed.name.clone());
    let request_id = req.request_id.to_string();
    let demo = req.site.demo;
    ready(Ok(Page::public("登录", SIGN_IN, move || {
        let login = Field::of(&form, "login", "登录名").autocomplete("username");
        let password = Field::of(&form, "password", "密码").autocomplete("current-password");
        let already = signed.map(|name| {
            view! { <p class="note">{format!("{name}，您已经登录了。")}<a href="/desk">"去工作台"</a></p> }
        });
        let demo = demo.then(|| view! { <p class="hint">"演示账号和密码在启动时的窗口里。"</p> });
        view! {
            <div class="narrow-page">
                <h1 class="title">"登录"</h1>
                <p class="meta">"给工委、党政机关、委员和承办单位用。居民提议题、看进展、留言都不用登录。"</p>
                {already}
                <FormSummary form=form/>
                <form class="form" method="post" action=SIGN_IN>
                    <RequestIdField id=request_id/>
                    <input type="hidden" name="next" value=next/>
                    <TextInput field=login/>
                    <TextInput field=password kind="password"/>
                    {demo}
                    <div class="actions"><Button words="登录"/></div>
                </form>
                <p class="caption">"忘了密码，请系统管理员重新设一个。连续输错会要求等一会儿。"</p>
            </div>
        }
        .into_any()
    })
    .private()))
}

/// Takes the sign-in form.
///
/// # Errors
/// As [`sessions::sign_in`].
pub async fn post_sign_in(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    let device = model::device_words(&req.user_agent);
    let token = sessions::sign_in(&req.ctx, form.value("login"), raw(&form, "password"), &device).await?;
    let cookie = Cookie { name: COOKIE, value: token.as_str().to_owned(), max_age_s: Some(SESSIONS.absolute_s) };
    let next = model::local_path(form.value("next")).to_owned();
    Ok(Outcome::SeeOtherWith(next, vec![cookie]))
}

/// A field as it was typed: blanks around a password belong to it.
fn raw<'a>(form: &'a Form, name: &str) -> &'a str {
    form.values.get(name).and_then(|values| values.first()).map_or("", String::as_str)
}

fn signed_out() -> Outcome {
    let cookie = Cookie { name: COOKIE, value: String::new(), max_age_s: None };
    Outcome::SeeOtherWith("/".to_owned(), vec![cookie])
}

/// The page behind the address of the sign-out button, for who opens it by hand.
pub fn sign_out(req: &Request) -> Ready<Result<Page, Refusal>> {
    let request_id = req.request_id.to_string();
    ready(Ok(Page::public("退出登录", SIGN_OUT, move || {
        view! {
            <div class="narrow-page">
                <h1 class="title">"退出登录"</h1>
                <form class="form" method="post" action=SIGN_OUT>
                    <RequestIdField id=request_id/>
                    <div class="actions"><Button words="退出"/></div>
                </form>
            </div>
        }
        .into_any()
    })
    .private()))
}

/// Takes the sign-out button. Somebody who is not signed in is signed out already.
///
/// # Errors
/// When the database refuses it.
pub async fn post_sign_out(req: &Request, _form: Form) -> Result<Outcome, Refusal> {
    if req.ctx.actor.signed().is_some() {
        sessions::sign_out(&req.ctx).await?;
    }
    Ok(signed_out())
}

/// What the account page says after something was done.
fn done_words(done: &str) -> Option<&'static str> {
    match done {
        "password" => Some("密码已经改好，其他设备都已退出。"),
        "session" => Some("那台设备已经退出。"),
        "others" => Some("其他设备都已退出。"),
        "calendar" => Some("日历换了新地址，旧地址已经没有用。"),
        _ => None,
    }
}

/// The account page: who one is, one's sessions, one's password.
///
/// # Errors
/// [`Refusal::NotSignedIn`].
pub async fn account(req: &Request) -> Result<Page, Refusal> {
    let me: &Signed = req.ctx.actor.signed().ok_or(Refusal::NotSignedIn)?;
    let present = me.session;
    let user = store::users(&req.ctx.db, Some(me.account)).await?.pop().ok_or(Refusal::NotSignedIn)?;
    let lines = sessions::own_sessions(&req.ctx).await?;
    let calendar = format!("{}{}", req.site.public_url, feed::path(&req.ctx).await?);
    let login = user.login.clone();
    let done = done_words(req.query("done"));
    let form = req.form.of_action("change_password");
    // What went wrong with the buttons has no form of its own to stand in.
    let other = if form.refusal.is_some() { FormState::default() } else { req.form.clone() };
    let request_id = req.request_id.to_string();
    Ok(Page::desk("我的账户", ACCOUNT, move || {
        let note = done.map(|words| view! { <p class="note" role="status">{words}</p> });
        view! {
            <h1 class="title title-desk">"我的账户"</h1>
            {note}
            <FormSummary form=other/>
            {who(user)}
            {devices(lines, present, &request_id)}
            {own_calendar(calendar, &request_id)}
            {change(&form, &login, &request_id)}
        }
        .into_any()
    }))
}

fn who(user: UserLine) -> impl IntoView {
    let roles = if user.grants.is_empty() {
        view! { <dd>"还没有授予角色，请联系系统管理员。"</dd> }.into_any()
    } else {
        user.grants.iter().map(|grant| view! { <dd>{grant.words()}</dd> }).collect_view().into_any()
    };
    let is_administrator = user.grants.iter().any(|grant| grant.role == Role::Administrator);
    let outbox = is_administrator.then(|| view! { <p><a href=OUTBOX>"发件箱"</a></p> });
    view! {
        <Section title="我是谁">
            <dl class="facts">
                <dt>"姓名"</dt><dd>{user.name}</dd>
                <dt>"登录名"</dt><dd>{user.login}</dd>
                <dt>"角色"</dt>{roles}
            </dl>
            <p class="caption">"姓名和角色由系统管理员在本机维护。"</p>
            {outbox}
        </Section>
    }
}

/// A time of this year as people say it: 「11月18日 09:05」.
fn moment(at: DateTime<Utc>) -> String {
    let at = at.with_timezone(&SHANGHAI);
    format!("{}月{}日 {:02}:{:02}", at.month(), at.day(), at.hour(), at.minute())
}

fn devices(lines: Vec<SessionLine>, present: SessionId, request_id: &str) -> impl IntoView + use<> {
    let several = lines.len() > 1;
    let request = request_id.to_owned();
    let rows = lines
        .into_iter()
        .map(|line| {
            let end = if line.session_id == present {
                view! { <span class="tag">"本机"</span> }.into_any()
            } else {
                let label = format!("结束「{}」{}的登录", line.device, moment(line.created_at));
                view! {
                    <form method="post" action=ACCOUNT>
                        <RequestIdField id=request.clone()/>
                        <input type="hidden" name="action" value="end_session"/>
                        <button class="link" type="submit" name="session" value=line.session_id.to_string() aria-label=label>
                            "结束"
                        </button>
                    </form>
                }
                .into_any()
            };
            let times = format!("{} 登录，{} 用过", moment(line.created_at), moment(line.seen_at));
            view! {
                <li class="note"><b>{line.device}</b><span class="meta">{times}</span>{end}</li>
            }
        })
        .collect_view();
    let request = request_id.to_owned();
    let others = several.then(|| {
        view! {
            <form method="post" action=ACCOUNT>
                <RequestIdField id=request/>
                <div class="actions">
                    <Button words="结束其他所有登录" kind=ButtonKind::Second name="action" value="end_others"/>
                </div>
            </form>
        }
    });
    let rest = format!(
        "连续 {} 小时不用，或登录满 {} 天，会自动退出。",
        SESSIONS.idle_s / 3600,
        SESSIONS.absolute_s / (24 * 3600)
    );
    let request = request_id.to_owned();
    view! {
        <Section title="登录着的设备">
            <ul role="list">{rows}</ul>
            {others}
            <form method="post" action=ACCOUNT>
                <RequestIdField id=request/>
                <div class="actions">
                    <Button words="退出本机登录" kind=ButtonKind::Second name="action" value="sign_out"/>
                </div>
            </form>
            <p class="caption">{rest}</p>
        </Section>
    }
}

/// The address of the private feed, to be entered in a calendar once.
fn own_calendar(address: String, request_id: &str) -> impl IntoView + use<> {
    let (request, href) = (request_id.to_owned(), address.clone());
    view! {
        <Section title="我的日历" id="calendar">
            <p>"您主持、记录或受邀参加的会，可以自动出现在手机或电脑的日历里：在日历里选“订阅”，填入这个地址。"</p>
            <p class="feed-address"><a href=href>{address}</a></p>
            <p class="hint">"地址只给您自己用，谁有它谁就看得到您的会。不小心给了别人，就换一个。"</p>
            <form method="post" action=ACCOUNT>
                <RequestIdField id=request/>
                <div class="actions">
                    <Button words="换一个地址" kind=ButtonKind::Second name="action" value="renew_calendar"/>
                </div>
            </form>
        </Section>
    }
}

fn change(form: &FormState, login: &str, request_id: &str) -> impl IntoView + use<> {
    let old = Field::of(form, "old", "现在的密码").autocomplete("current-password");
    let new = Field::of(form, "new", "新密码")
        .autocomplete("new-password")
        .hint(format!("至少 {} 个字，可以是一句好记的话，不要和登录名一样。", model::PASSWORD_MIN));
    let again = Field::of(form, "again", "再输一遍新密码").autocomplete("new-password");
    let (form, login, request_id) = (form.clone(), login.to_owned(), request_id.to_owned());
    view! {
        <Section title="修改密码" id="change-password">
            <FormSummary form=form/>
            <form class="form" method="post" action=ACCOUNT>
                <RequestIdField id=request_id/>
                <input type="hidden" name="action" value="change_password"/>
                // For the browser's own store of passwords: whose password this is.
                <input type="text" autocomplete="username" value=login readonly hidden/>
                <TextInput field=old kind="password"/>
                <TextInput field=new kind="password"/>
                <TextInput field=again kind="password"/>
                <div class="actions"><Button words="改密码，其他设备退出"/></div>
            </form>
        </Section>
    }
}

/// Takes the forms of the account page.
///
/// # Errors
/// As the functions of [`sessions`].
pub async fn post_account(req: &Request, form: Form) -> Result<Outcome, Refusal> {
    let ctx = &req.ctx;
    if ctx.actor.signed().is_none() {
        return Err(Refusal::NotSignedIn);
    }
    let done = match form.value("action") {
        "sign_out" => {
            sessions::sign_out(ctx).await?;
            return Ok(signed_out());
        }
        "end_session" => {
            let session = form.value("session").parse().map_err(|_| Refusal::NotFound)?;
            sessions::end_session(ctx, session).await?;
            "session"
        }
        "end_others" => {
            sessions::end_other_sessions(ctx).await?;
            "others"
        }
        "renew_calendar" => {
            feed::renew(ctx).await?;
            "calendar"
        }
        "change_password" => {
            let new = raw(&form, "new");
            if new != raw(&form, "again") {
                return Err(Refusal::field("again", "两遍新密码不一样，请再输一遍。"));
            }
            sessions::change_password(ctx, raw(&form, "old"), new, Cost::Full).await?;
            "password"
        }
        _ => return Err(Refusal::NotFound),
    };
    Ok(Outcome::SeeOther(format!("{ACCOUNT}?done={done}")))
}

/// Who is signed in, for the masthead: the roles joined by 「、」.
///
/// # Errors
/// When the database cannot be read.
pub async fn roles_in_words(req: &Request) -> Result<String, Refusal> {
    let Some(me) = req.ctx.actor.signed() else {
        return Ok(String::new());
    };
    Ok(admin::roles_in_words(&req.ctx.db, me.account).await?)
}

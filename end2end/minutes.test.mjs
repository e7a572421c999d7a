// Minutes: written from the record, checked by those who were there, signed by the chair, published. The demo has some in
// every state. All of it without scripts, but for the looks at barriers.
import assert from "node:assert/strict";
import { DESK, PHONE, axe, client, fillForm, journey, officer, press, shot } from "./harness.mjs";

const READY = "叶泽湖花苑：暑期务工人员子女托管班场地";
const CHECKED = "黎里古镇开放期间居民进出与游客停车";
const SIGNED = "379路跨省公交末班时间与站点怎么更便民";
const AGAIN = "鲈乡二村加装电梯：低层住户补偿与采光";

const done = (response) => assert.equal(response.status(), 303, `the step was refused: ${response.status()}`);

async function says(page, ...words) {
  for (const one of words) await page.locator("main").getByText(one).first().waitFor({ timeout: 5000 });
}

async function look(page, name) {
  const overflow = await page.locator("html").evaluate((html) => html.scrollWidth - html.clientWidth);
  assert.ok(overflow <= 0, `${page.url()} is ${overflow} px wider than the window`);
  await shot(page, name);
  await axe(page);
}

const form = (page, step) => page.locator("main form", { has: page.locator(`[name=action][value=${step}]`) });

const send = async (page, step, fields = {}) => {
  const one = form(page, step).first();
  await one.evaluate((form) => form.closest("details")?.setAttribute("open", ""));
  await fillForm(one, fields);
  return press(page, one.locator("button[type=submit]").last());
};

/** The id of a topic on the desk of somebody. */
async function topic(account, title) {
  const desk = await officer(account);
  const list = (await desk.get(`/desk/topics?q=${encodeURIComponent(title)}`)).is(200).text;
  return { desk, id: list.match(/href="\/desk\/topics\/([0-9a-f-]{36})"/)[1] };
}

/** The own link of somebody on the list. */
async function own(desk, id, name) {
  const answers = (await desk.get(`/desk/topics/${id}/answers`)).text;
  const person = answers.match(new RegExp(`<a href="(/desk/topics/[^"]+/answers/[0-9a-f-]{36})"[^>]*>${name}<`))[1];
  return (await desk.get(person)).text.match(/\/i\/[0-9a-f-]{36}\/[0-9a-f]{40}/)[0];
}

journey("纪要：到会的人核对，两个人改同一段，记录人答复", async ({ newPage, expectFault }) => {
  const { desk, id } = await topic("lili.gs", CHECKED);
  const minutes = `/desk/topics/${id}/minutes`;
  const link = await own(desk, id, "盛小荷");

  const phone = await newPage({ width: PHONE, js: false });
  await phone.goto(link);
  await says(phone, /纪要草稿请您核对/);
  await phone.goto(`${link}/minutes`);
  await says(phone, "征求意见稿", "对的，我同意");
  await shot(phone, "核对纪要-390");
  const other = await newPage({ width: PHONE });
  await other.goto(`${link}/minutes`);
  await look(other, "核对纪要-脚本-390");
  // Others stand with their surname, unless they agreed to more.
  assert.doesNotMatch(await phone.locator("main").innerText(), /谈一帆/);
  const ask = form(phone, "reply_to_minutes").nth(1);
  await ask.evaluate((form) => form.closest("details").setAttribute("open", ""));
  await fillForm(ask, { words: "请写上凭证两年一换。" });
  assert.equal((await press(phone, ask.locator("button[type=submit]"))).status(), 422);
  expectFault(/422/);
  await says(phone, "请选哪一段要更正。", "请写上凭证两年一换。");
  const again = form(phone, "reply_to_minutes").nth(1);
  await fillForm(again, { section: "consensus", words: "请写上凭证两年一换。" });
  done(await press(phone, again.locator("button[type=submit]")));
  await says(phone, "收到了，谢谢您。", "记录人还没有答复。");

  // The recorder changes the text; another window, opened before, wrote too. Nothing is lost.
  const recorder = await newPage({ width: DESK, js: false, account: "lili.gs" });
  const second = await newPage({ width: DESK, js: false, account: "lili.gs" });
  await recorder.goto(minutes);
  await second.goto(minutes);
  await shot(recorder, "写纪要-1280");
  const consensus = (page) => page.locator("#form-consensus");
  await fillForm(consensus(recorder), { consensus: "限行日居民凭凭证从东口进出，凭证两年一换。" });
  done(await press(recorder, consensus(recorder).locator("button[type=submit]")));
  await fillForm(consensus(second), { consensus: "东口留一条救护通道。" });
  done(await press(second, consensus(second).locator("button[type=submit]")));
  await says(second, "别人刚改过这一段", "东口留一条救护通道。");
  await fillForm(consensus(second), { consensus: "限行日居民凭凭证从东口进出，凭证两年一换。\n东口留一条救护通道。" });
  done(await press(second, consensus(second).locator("button[type=submit]")));
  await second.getByText(/看改动，一共/).first().click();
  await shot(second, "纪要改动-1280");
  // What must not become public is refused, and what was typed stays.
  await fillForm(second.locator("#form-dissent"), { dissent: "有话打 13912345678" });
  assert.equal((await press(second, second.locator("#form-dissent button[type=submit]"))).status(), 422);
  expectFault(/422/);
  await says(second, /像是有手机或证件号码/, "有话打 13912345678");
  // Each correction is answered; somebody calls and agrees.
  await recorder.goto(minutes);
  const open = form(recorder, "answer_correction");
  for (let n = await open.count(); n > 0; n -= 1) {
    await open.first().locator("[name=accepted][value=yes]").check();
    await fillForm(open.first(), { answer: "照您说的写上了。" });
    done(await press(recorder, open.first().locator("button[type=submit]")));
  }
  const call = form(recorder, "reply_to_minutes");
  await call.evaluate((form) => form.closest("details").setAttribute("open", ""));
  await call.locator("[name=invitee]").selectOption({ index: 1 });
  await call.locator("[name=agrees][value=yes]").check();
  done(await press(recorder, call.locator("button[type=submit]")));
  await phone.goto(`${link}/minutes`);
  await says(phone, "改了。照您说的写上了。", /凭证两年一换/);
  // Not yet: the days for checking are not over.
  await recorder.goto(minutes);
  await says(recorder, /过后才能签发/);
  const looked = await newPage({ width: DESK, account: "lili.gs" });
  await looked.goto(minutes);
  await look(looked, "写纪要-脚本-1280");
  // With scripts a section saves itself, also after a while without a network.
  const dissent = looked.locator("#form-dissent");
  await dissent.locator("textarea").fill("一户发几张凭证，商户和住户还没有说到一起。");
  await dissent.locator("[data-saved]").getByText(/已存/).waitFor({ timeout: 12_000 });
  await looked.context().setOffline(true);
  await dissent.locator("textarea").fill("一户发几张凭证，商户和住户还没有说到一起，下次再谈。");
  await dissent.locator("[data-saved]").getByText(/没有网络/).waitFor({ timeout: 12_000 });
  await looked.context().setOffline(false);
  await dissent.locator("[data-saved]").getByText(/已存/).waitFor({ timeout: 12_000 });
  expectFault(/ERR_INTERNET_DISCONNECTED/);
  await looked.goto(minutes);
  assert.match(await dissent.locator("textarea").inputValue(), /下次再谈/);
  // Nobody asked for that: it goes to those present once more.
  await says(looked, /请再送一次核对/, "改过了，再送一次核对");
  const small = await newPage({ width: PHONE, account: "lili.gs" });
  await small.goto(minutes);
  await look(small, "写纪要-390");
}, { timeout: 120_000 });

journey("纪要：主持人签发，公布，下载，签发后更正", async ({ newPage, expectFault }) => {
  const { desk, id } = await topic("jiangling.gs", READY);
  const minutes = `/desk/topics/${id}/minutes`;
  // The officer recorded the meeting and does not sign.
  assert.doesNotMatch((await desk.get(minutes)).is(200).text, /value="sign_minutes"/);
  const chair = await newPage({ width: DESK, js: false, account: "jiangling.zr" });
  await chair.goto(minutes);
  await shot(chair, "签发-1280");
  const fields = { name: "张三", password: "wrong-password" };
  assert.equal((await send(chair, "sign_minutes", fields)).status(), 422);
  expectFault(/422/);
  await says(chair, /请先读完下面的全文/, /请写您自己的姓名/, /请填您的登录密码/);
  const me = (await chair.locator(".paper-foot").first().innerText()).match(/主持 (\S+?)(?=[\s　]|$)/)[1];
  await form(chair, "sign_minutes").locator("[name=read]").check();
  done(await send(chair, "sign_minutes", { name: me, password: process.env.DEMO_PASSWORD ?? "yshsl-demo-2026" }));
  await says(chair, "纪要签发了，已经公布。", /SHA-256/);
  const seen = await newPage({ width: DESK, account: "jiangling.zr" });
  await seen.goto(minutes);
  await look(seen, "签发以后-1280");

  // Everybody reads it, with the names that their owners allow.
  const page = await newPage({ width: DESK });
  await page.goto(`/topics/${id}/minutes`);
  const text = await page.locator("main").innerText();
  assert.match(text, /第\d+期/);
  assert.match(text, /鲍\*\*/);
  for (const person of ["鲍春晓", "水玉珍", "尚文涛", "13800020083"]) assert.ok(!text.includes(person), person);
  await look(page, "公布的纪要-1280");
  const phone = await newPage({ width: PHONE });
  await phone.goto(`/topics/${id}/minutes`);
  await look(phone, "公布的纪要-390");
  await page.goto(`/topics/${id}`);
  await says(page, "商量出了什么，办得怎样");
  assert.equal(await page.getByRole("navigation", { name: "这件议题的材料" }).getByRole("link").count(), 3);
  const file = await client().get(`/topics/${id}/minutes.docx`);
  assert.equal(file.status, 200);
  assert.match(file.headers.get("content-type"), /wordprocessingml/);
  assert.equal((await client().get(`/desk/topics/${id}/minutes.docx`)).status, 401);
  assert.equal((await desk.get(`/desk/topics/${id}/minutes.docx`)).status, 200);
  const print = await newPage({ width: DESK, js: false, account: "jiangling.gs" });
  await print.goto(`${minutes}/paper`);
  await says(print, "鲍春晓");

  // A correction is another edition; what was signed stays.
  const recorder = await newPage({ width: DESK, js: false, account: "jiangling.gs" });
  await recorder.goto(minutes);
  done(await send(recorder, "correct_minutes", { reason: "收费写错了，应该是十八元。" }));
  await says(recorder, "正在更正已签发的纪要。");
  await fillForm(recorder.locator("#form-dissent"), { dissent: "一位家长希望更便宜。" });
  done(await press(recorder, recorder.locator("#form-dissent button[type=submit]")));
  done(await send(recorder, "circulate_minutes"));
  await page.goto(`/topics/${id}/minutes`);
  await says(page, /草稿正在请到会的人核对/, /第\d+期/);
}, { timeout: 120_000 });

journey("纪要：没有达成共识，回到调研再商量一次", async ({ newPage }) => {
  const { desk, id } = await topic("songling.gs", AGAIN);
  const page = await newPage({ width: DESK });
  await page.goto(`/topics/${id}/minutes`);
  await says(page, /没有达成共识，再商量一次/, "本次协商未达成共识，回到调研，再商量一次。");
  await page.goto(`/topics/${id}`);
  await look(page, "未达成共识的议题-1280");
  const research = (await desk.get(`/desk/topics/${id}/research`)).is(200).says();
  assert.match(research, /还没有走访记录/, "the visits of the first round do not count again");
  const signed = await topic("lili.gs", SIGNED);
  const todo = (await signed.desk.get(`/desk/topics/${signed.id}/minutes`)).is(200).says();
  assert.match(todo, /接着报送党委、政府/);
});

journey("纪要的表：填错的都说明哪里错，写的都在，什么也没留下", async ({ url }) => {
  const { desk, id } = await topic("lili.gs", CHECKED);
  const minutes = `/desk/topics/${id}/minutes`;
  const page = (await desk.get(minutes)).is(200);
  const standing = async () => (await desk.get(`/desk/topics/${id}/ledger`)).says();
  const before = await standing();
  const form = page.form("section", "dissent");
  const good = Object.fromEntries(form.fields);
  const sentence = /[\u4e00-\u9fff]{3,}.*。/s;
  const send = async (change, status, says = sentence, who = desk) => {
    const fields = { ...good, request_id: crypto.randomUUID(), ...change };
    return (await who.post(minutes, fields)).is(status, says);
  };
  const long = "长".repeat(20_001);
  assert.ok((await send({ dissent: long }, 422)).text.includes(long), "nothing is cut off");
  await send({ dissent: "看\u0007不见" }, 422, /看不见的控制字符/);
  await send({ dissent: "身份证 110101199003078515" }, 422, /手机或证件号码/);
  await send({ section: "别的" }, 409);
  await send({ minutes: "not-an-id" }, 409);
  await send({ minutes: crypto.randomUUID() }, 404);
  await send({ seen: "abc" }, 409);
  await send({ action: "no_such_step" }, 404);
  await send({ dissent: "改了" }, 404, sentence, await officer("zhenze.gs"));
  (await client().post(minutes, good)).is(401);
  const foreign = await desk.post(minutes, good, { headers: { origin: "https://evil.example" } });
  foreign.is(403);
  const list = Object.fromEntries(page.form("section", "outcomes").fields);
  for (const [name, value] of [["item_0_unit", crypto.randomUUID()], ["item_0_from", "king"], ["item_0_degree", "king"]]) {
    (await desk.post(minutes, { ...list, request_id: crypto.randomUUID(), [name]: value })).is(422, /请从名单里选一项/);
  }
  // What only the chair may do, and what nobody may.
  await send({ action: "sign_minutes", versions: "1,1,1,1,1", name: "某", password: "x" }, 403, /主持人/);
  for (const reason of ["", long]) (await desk.post(minutes, { ...good, request_id: crypto.randomUUID(), action: "consult_again", seen: "1", reason })).is(409);
  for (const fields of [{ accepted: "", answer: "改了" }, { accepted: "yes", answer: "" }, { accepted: "yes", answer: long }]) {
    const reply = page.text.match(/name="reply" value="([0-9a-f-]{36})"/)?.[1] ?? crypto.randomUUID();
    const answer = await desk.post(minutes, { ...fields, action: "answer_correction", minutes: good.minutes, reply, request_id: crypto.randomUUID() });
    assert.ok([409, 422].includes(answer.status), String(answer.status));
  }
  assert.equal(await standing(), before, "nothing of it stayed");
  // The same sending twice is one; the same number with other words is refused.
  const twice = { ...good, request_id: crypto.randomUUID(), dissent: `${good.dissent}（商户另议）` };
  const first = (await desk.post(minutes, twice)).is(303);
  assert.equal((await desk.post(minutes, twice)).is(303).location, first.location);
  (await desk.post(minutes, { ...twice, dissent: "别的话" })).is(409);
  assert.ok(url);
});

// What neighbours say about a topic: that they care, that they want to be told, what they think of it, and that a
// comment goes too far.
import assert from "node:assert/strict";
import { PHONE, accepted, fillForm, journey, officer, press, workspace } from "./harness.mjs";

const support = (page) => page.locator("form[data-support]");
const main = (page) => page.locator("main");

journey("一个浏览器关心一次：数字加一，再点会说已经关心过", async ({ newPage, client, expectFault }) => {
  const { id } = await accepted({ title: "关心一次的那件" });
  const page = await newPage({ width: PHONE });
  await page.goto(`/topics/${id}`);
  await support(page).getByText("我也关心 · 0").waitFor();

  // A press into the void is none.
  await page.route(`**/topics/${id}`, (route) => (route.request().method() === "POST" ? route.abort() : route.continue()));
  await support(page).locator("button").click();
  await page.waitForURL("chrome-error://chromewebdata/");
  await page.unroute(`**/topics/${id}`);
  await page.goto(`/topics/${id}`);
  expectFault(/ERR_FAILED/);
  await support(page).getByText("我也关心 · 0").waitFor();
  assert.equal((await press(page, support(page).locator("button"))).status(), 303);
  await main(page).getByText("记下了，谢谢您。").waitFor();
  await support(page).getByText("已关心 · 1").waitFor();

  // The page remembers; pressing again sends nothing.
  await page.goto(`/topics/${id}`);
  await support(page).getByText("已关心 · 1").waitFor();
  assert.equal(await support(page).locator("button").getAttribute("aria-disabled"), "true");

  // A browser that forgot its notes but kept its cookie is told in words.
  await page.evaluate(() => localStorage.clear());
  await page.reload();
  assert.equal((await press(page, support(page).locator("button"))).status(), 409);
  expectFault(/409/);
  await main(page).getByText("您已经关心过这件议题了，不用再点。").waitFor();
  await main(page).getByText(/我也关心 · 1/).waitFor();

  // The neighbour counts, too.
  (await client().post(`/topics/${id}`, { action: "support" })).is(303);
  (await client().get(`/topics/${id}`)).is(200, "我也关心 · 2");
});

journey("要进展的人拿到专用链接，停止后链接作废，联系方式删掉", async ({ newPage, client, shot, expectFault }) => {
  const { id, who } = await accepted({ title: "有进展告诉我的那件" });
  const page = await newPage({ width: PHONE });
  await page.goto(`/topics/${id}`);
  await page.getByRole("link", { name: "有进展告诉我" }).click();
  await page.waitForURL("**/follow");
  const form = page.locator('main form[action$="/follow"]');
  await fillForm(form, { contact: "13955550000" });
  assert.equal((await press(page, form.locator("button[type=submit]"))).status(), 422, "no contact without consent");
  expectFault(/422/);
  await page.locator("#consent-refusal").waitFor();
  await fillForm(form, { contact: "13955550000", consent: "yes" });
  assert.equal((await press(page, form.locator("button[type=submit]"))).status(), 200);
  const link = await page.getByRole("link", { name: "打开我的进展页" }).getAttribute("href");
  await page.goto(link);
  await main(page).getByText("有进展告诉我的那件").first().waitFor();
  await shot(page, "我的进展页-390");

  // Something happens: the officer sees that somebody waits to be told.
  const day = new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10);
  const director = await officer("shengze.zr");
  (await director.submit(`/desk/topics/${id}`, ["action", "suspend_topic"], { reason: "等水务排查结果。", review_on: day })).is(303);
  (await who.get(`/desk/topics/${id}?tab=comments`)).is(200, "1 位关注者等着告知");

  // The link belongs to whoever has it; a letter changed opens nothing.
  (await client().get(link)).is(200, "有进展告诉我的那件");
  (await client().get(link.slice(0, -1) + (link.endsWith("A") ? "B" : "A"))).is(404);
  // Opening it changes nothing: only the button stops.
  (await client().get(link)).is(200);

  assert.equal((await press(page, page.getByRole("button", { name: "停止接收进展" }))).status(), 200);
  await main(page).getByText("已经停止接收进展").waitFor();
  const gone = await page.goto(link);
  assert.equal(gone.status(), 410);
  expectFault(/410/);
  await main(page).getByText("您已经停止接收这件议题的进展").first().waitFor();
  assert.ok((await main(page).getByRole("link").count()) >= 2, "two ways back");
  await shot(page, "链接已失效-390");
  const desk = await who.get(`/desk/topics/${id}?tab=comments`);
  assert.doesNotMatch(desk.text, /13955550000/);
});

journey("留言等干事看过才公开，镇里回应，有人反映就再看，不合适就收起", async ({ newPage, client, shot, expectFault }) => {
  const { id } = await accepted({ title: "留言走一圈的那件" });
  const resident = await newPage({ width: PHONE });
  await resident.goto(`/topics/${id}`);
  await resident.getByRole("link", { name: "我也说几句" }).click();
  await resident.waitForURL("**/comment");
  const form = resident.locator('main form[action$="/comment"]');

  // A telephone number in a public text is caught, and what was written stays.
  await fillForm(form, { body: "请打 13912340000 找我。", how: "masked", name: "𠮷田一" });
  assert.equal((await press(resident, form.locator("button[type=submit]"))).status(), 422);
  expectFault(/422/);
  await resident.locator("#body-refusal").getByText("请删去再提交").waitFor();
  assert.equal(await form.locator("[name=body]").inputValue(), "请打 13912340000 找我。");
  const text = "七幢西头下雨积水。<script>alert(1)</script> <b>看</b> & “这里”";
  await fillForm(form, { body: text });
  assert.equal((await press(resident, form.locator("button[type=submit]"))).status(), 200);
  await main(resident).getByText("留言已收到，等干事看过").waitFor();
  assert.doesNotMatch((await client().get(`/topics/${id}`)).says(), /七幢西头/, "nobody reads it yet");

  // The officer reads and releases it, and answers for the town.
  const officer = await newPage({ account: "shengze.gs" });
  await workspace(officer, id, "comments");
  await main(officer).getByText("七幢西头下雨积水。").first().waitFor();
  await shot(officer, "留言-待看-1280");
  const row = (page, words) => page.locator("main li, main article, main tr, main section").filter({ hasText: words }).last();
  assert.equal((await press(officer, row(officer, "七幢西头").getByRole("button", { name: /放行|公开/ }).first())).status(), 303);
  let seen = (await client().get(`/topics/${id}`)).is(200, "居民 𠮷**");
  assert.ok(seen.says().includes(text), "as it was written, as text");
  assert.doesNotMatch(seen.text, /<script>alert/);
  await workspace(officer, id, "comments");
  assert.equal((await answerBelow(officer)).status(), 303);
  seen = (await client().get(`/topics/${id}`)).is(200, "已请水务去看排水口。").is(200, "镇里答复");

  // A neighbour replies, one level deep.
  const neighbour = await newPage({ width: PHONE });
  await neighbour.goto(`/topics/${id}`);
  await neighbour.getByRole("link", { name: /^回应/ }).first().click();
  await neighbour.waitForURL("**/comment?to=*");
  const reply = neighbour.locator('main form[action$="/comment"]');
  await fillForm(reply, { body: "东头也积水。", how: "none" });
  assert.equal((await press(neighbour, reply.locator("button[type=submit]"))).status(), 200);
  await workspace(officer, id, "comments");
  await press(officer, row(officer, "东头也积水").getByRole("button", { name: /放行|公开/ }).first());

  // Somebody points it out; once a browser.
  await neighbour.goto(`/topics/${id}`);
  await neighbour.locator(".comments > li", { hasText: "七幢西头" }).getByRole("link", { name: /^反映/ }).first().click();
  await neighbour.waitForURL("**/report?*");
  const report = neighbour.locator('main form[action$="/report"]');
  const again = neighbour.url();
  assert.equal((await press(neighbour, report.locator("button[type=submit]"))).status(), 200);
  await main(neighbour).getByText("已告诉干事").waitFor();
  await neighbour.goto(again);
  assert.equal((await press(neighbour, report.locator("button[type=submit]"))).status(), 409);
  expectFault(/409/);
  await main(neighbour).getByText("您已经反映过这条留言").waitFor();

  // The officer takes it from the page; what was answered below goes with it.
  await workspace(officer, id, "comments");
  await press(officer, row(officer, "七幢西头").getByRole("button", { name: "不再公开" }).first());
  const after = (await client().get(`/topics/${id}`)).is(200);
  assert.doesNotMatch(after.says(), /七幢西头|东头也积水/);
});

/** Answers the first comment: each has such a form of its own. */
async function answerBelow(page) {
  const fold = page.locator("main details", { has: page.locator("textarea[name=body]") }).first();
  await fold.locator("> summary").click();
  await fold.locator("textarea[name=body]").fill("已请水务去看排水口。");
  return press(page, fold.locator("button[type=submit]"));
}

journey("空的、太长的留言和没写的名字，都说清楚要改什么", async ({ client }) => {
  const { id } = await accepted({ title: "留言不合要求的那件" });
  const send = (fields) => client().post(`/topics/${id}/comment`, { body: "路要修。", how: "masked", name: "王", ...fields });
  for (const [fields, at] of [
    [{ body: "" }, "body"], [{ body: "   \n " }, "body"], [{ body: "长".repeat(10_000) }, "body"], [{ body: "身份证 320584199001011234" }, "body"],
    [{ how: "king" }, "how"], [{ how: "" }, "how"], [{ name: "" }, "name"], [{ name: "长".repeat(100) }, "name"], [{ body: "看\u0007不见" }, "body"],
  ]) {
    const answer = (await send(fields)).is(422);
    assert.match(answer.text, new RegExp(`id="${at}-refusal"`), JSON.stringify(fields).slice(0, 60));
  }
  (await send({ to: "not-an-id" })).is(404);
  assert.ok((await send({ to: "0192f0c1-2b3c-7d4e-8f50-123456789abc" })).status >= 400);
  (await client().get(`/topics/${id}`)).is(200, "还没有人留言");
});

// Everything without scripts, on a phone: an old one, a careful one, or one on a bad line.
import assert from "node:assert/strict";
import { PASSWORD, PHONE, PREPARATION, act, fillForm, journey, pdf, press, topicFields, workspace } from "./harness.mjs";

const plain = { width: PHONE, js: false };

async function fits(page) {
  const overflow = await page.locator("html").evaluate((html) => html.scrollWidth - html.clientWidth);
  assert.ok(overflow <= 0, `${page.url()} is ${overflow} px wider than the window`);
}

journey("不开脚本也能提议题、查进展、关心、留言、要链接", async ({ newPage, shot, expectFault }) => {
  const page = await newPage(plain);
  await page.goto("/");
  await fits(page);
  await page.locator("main").getByRole("link", { name: "提一个议题" }).click();
  const form = page.locator('form[action="/raise"]');
  const { similar_seen, ...fields } = topicFields({ title: "镇东五区停车位不够用" });
  await fillForm(form, { ...fields, title: "堵" });
  await page.locator("[name=attachments]").setInputFiles({ name: "记录.pdf", mimeType: "application/pdf", buffer: pdf() });
  assert.equal((await press(page, form.locator("button[type=submit]").last())).status(), 422);
  expectFault(/422/);
  await page.locator("#title-refusal").waitFor();
  assert.equal(await page.locator("[name=staged]:checked").count(), 1);
  await fits(page);
  await shot(page, "提议题-无脚本-390");
  await form.locator("[name=title]").fill(fields.title);
  assert.equal((await press(page, form.locator("button[type=submit]").last())).status(), 200);
  // What looks alike is shown before anything is sent.
  await page.getByRole("heading", { name: "先看看是不是同一件事" }).waitFor();
  await press(page, page.getByRole("button", { name: "都不一样，仍要提交" }).first());
  const code = (await page.locator(".code").textContent()).trim();
  await fits(page);

  await page.context().clearCookies();
  await page.goto("/lookup");
  await page.locator("main [name=code]").fill(code);
  await press(page, page.locator("main form[action='/lookup'] button"));
  await page.locator("main").getByText("镇东五区停车位不够用").first().waitFor();
  await page.locator("main").getByText("记录.pdf").first().waitFor();
  await fits(page);

  // Instead of one's own, the other one is supported.
  await page.goto("/topics?q=镇东五区改造");
  await page.getByRole("link", { name: "镇东五区改造，多留绿化还是多划车位" }).first().click();
  await page.waitForURL(/\/topics\/[0-9a-f-]{36}$/);
  await fits(page);
  const button = page.locator("form[data-support] button");
  const before = Number((await button.innerText()).match(/\d+/)[0]);
  assert.equal((await press(page, button)).status(), 303);
  await page.locator("main").getByText("记下了，谢谢您。").waitFor();
  assert.equal(Number((await button.innerText()).match(/\d+/)[0]), before + 1);
  assert.equal((await press(page, button)).status(), 409);
  expectFault(/409/);
  await page.locator("main").getByText("您已经关心过这件议题了").waitFor();
  await page.getByRole("link", { name: "我也说几句" }).click();
  const comment = page.locator('main form[action$="/comment"]');
  await fillForm(comment, { body: "晚上十点以后最难停。", how: "none" });
  assert.equal((await press(page, comment.locator("button[type=submit]"))).status(), 200);
  await page.locator("main").getByText("留言已收到").first().waitFor();
  await page.getByRole("link", { name: "回到议题" }).click();
  await page.getByRole("link", { name: "有进展告诉我" }).click();
  assert.equal((await press(page, page.locator('main form[action$="/follow"] button[type=submit]'))).status(), 200);
  await page.getByRole("link", { name: "打开我的进展页" }).click();
  await page.locator("main").getByText("停止接收进展").first().waitFor();
  await fits(page);
}, { timeout: 60_000 });

journey("不开脚本也能登录、受理、立题、退出", async ({ newPage, client, shot, expectFault }) => {
  const sent = await client().post("/raise", topicFields({ title: "无脚本办到立题的一件" }), { files: [] });
  const id = sent.is(303).location.match(/\/mine\/([0-9a-f-]{36})/)[1];
  const enter = async (account) => {
    const page = await newPage(plain);
    // One comes back to where one wanted to go.
    await page.goto(`/desk/topics/${id}?tab=confirm`);
    assert.match(page.url(), /\/sign-in\?next=/);
    await page.locator("[name=login]").fill(account);
    await page.locator("[name=password]").fill(PASSWORD);
    await press(page, page.locator("main form[action='/sign-in'] button"));
    assert.match(page.url(), new RegExp(`/desk/topics/${id}\\?tab=confirm$`));
    await fits(page);
    return page;
  };
  const officer = await enter("shengze.gs");
  await workspace(officer, id, "screen");
  await fits(officer);
  assert.equal((await act(officer, "accept_topic", { within_scope: "yes", reason: "镇里受理。" })).status(), 303);
  await shot(officer, "案卷-无脚本-390");
  const director = await enter("shengze.zr");
  await workspace(director, id, "confirm");
  assert.equal((await act(director, "prepare_confirmation", PREPARATION)).status(), 303);
  const approver = await enter("shengze.dw");
  await workspace(approver, id, "confirm");
  assert.equal((await act(approver, "confirm_topic", { reason: "同意立题。" })).status(), 303);
  await approver.locator("main").getByText("已立题").first().waitFor();
  await fits(approver);
  (await client().get(`/topics/${id}`)).is(200, "已立题");
  await press(approver, approver.locator("form[action='/sign-out'] button"));
  await approver.goto("/desk");
  assert.match(approver.url(), /\/sign-in/);
}, { timeout: 60_000 });

journey("不开脚本也能换长辈版和深色，一直记着", async ({ newPage }) => {
  const page = await newPage(plain);
  await page.goto("/topics?town=shengze");
  await press(page, page.getByRole("button", { name: "长辈版" }));
  assert.match(page.url(), /\/topics\?town=shengze$/, "back to the same page");
  await press(page, page.getByRole("button", { name: "深色" }));
  await page.goto("/guide");
  await page.locator('html.elder[data-theme="dark"]').waitFor({ state: "attached" });
  await fits(page);
  await press(page, page.getByRole("button", { name: "普通版" }));
  await page.locator("html:not(.elder)").waitFor({ state: "attached" });
});

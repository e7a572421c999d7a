// Before an announced meeting, for whoever is not invited: an opinion from the notice page without scripts, released by
// the officer; and the dossier, with what the officer released of the research.
import assert from "node:assert/strict";
import { DESK, PHONE, act, axe, client, fillForm, journey, officer, press, shot, workspace } from "./harness.mjs";

async function says(page, ...words) {
  for (const one of words) await page.locator("main").getByText(one).first().waitFor({ timeout: 5000 });
}

async function fits(page) {
  const overflow = await page.locator("html").evaluate((html) => html.scrollWidth - html.clientWidth);
  assert.ok(overflow <= 0, `${page.url()} is ${overflow} px wider than the window`);
}

/** The id of the demo's topic in a stage. */
async function demo(stage) {
  const list = (await client().get(`/topics?stage=${stage}`)).is(200);
  return list.text.match(/href="\/topics\/([0-9a-f-]{36})"/)[1];
}

journey("没受邀也没报名的人，会前在公示页说一句：先看后放，按立场数", async ({ newPage, expectFault }) => {
  const id = await demo("announced");
  const resident = await newPage({ width: PHONE, js: false });
  await resident.goto(`/topics/${id}/notice`);
  await says(resident, "会前意见");
  await resident.getByRole("link", { name: "会前说一句" }).click();
  await resident.waitForURL("**/opinion");
  await fits(resident);
  await shot(resident, "会前说一句-390");
  const form = resident.locator('main form[action$="/opinion"]');
  await fillForm(form, { body: "请打 13912340000 找我。", how: "masked", name: "易小满" });
  assert.equal((await press(resident, form.locator("button[type=submit]"))).status(), 422, "no stance");
  expectFault(/422/);
  await resident.locator("#stance-refusal").waitFor();
  assert.equal(await form.locator("[name=body]").inputValue(), "请打 13912340000 找我。", "what was typed is still there");
  await fillForm(form, { stance: "against" });
  assert.equal((await press(resident, form.locator("button[type=submit]"))).status(), 422, "a telephone number");
  expectFault(/422/);
  await resident.locator("#body-refusal").getByText("请删去再提交").waitFor();
  assert.ok(await form.locator("[name=stance][value=against]").isChecked(), "what was chosen stays");
  await fillForm(form, { body: "夜里十点以后一辆也不要过。" });
  assert.equal((await press(resident, form.locator("button[type=submit]"))).status(), 200);
  await says(resident, "意见已收到，等干事看过");
  assert.doesNotMatch((await client().get(`/topics/${id}/notice`)).is(200).says(), /夜里十点/, "nobody reads it yet");

  // The officer sees the stance, and how many came this way.
  const desk = await newPage({ account: "shengze.gs" });
  await desk.goto(`/desk/topics/${id}/answers`);
  await says(desk, /居民在公示页写的会前意见 \d+ 条/);
  await workspace(desk, id, "comments");
  await says(desk, "会前意见：不赞成");
  await shot(desk, "留言-会前意见-1280");
  const row = desk.locator("main .comments > li", { hasText: "夜里十点" });
  assert.equal((await press(desk, row.getByRole("button", { name: /放行/ }).first())).status(), 303);

  const notice = await newPage({ width: PHONE });
  await notice.goto(`/topics/${id}/notice#opinions`);
  await says(notice, "夜里十点以后一辆也不要过。", "居民 易**", /\d+ 条：赞成 \d+，不赞成 \d+，中立 \d+/);
  await axe(notice);
  await fits(notice);
  await shot(notice, "公示-会前意见-390");
  const text = await notice.locator("main").innerText();
  assert.doesNotMatch(text, /易小满|管小河|潘大有/, "nobody is named who did not want it, nobody who is asked");
  (await client().get(`/topics/${id}`)).is(200, "会前意见：不赞成");
});

journey("没公示的会不收会前意见，别的网站替人说的不收", async () => {
  const id = await demo("planned");
  (await client().get(`/topics/${id}/opinion`)).is(404);
  const fields = { stance: "for", body: "我赞成。", how: "none", name: "" };
  (await client().post(`/topics/${id}/opinion`, fields)).is(404);
  const announced = await demo("announced");
  const headers = { origin: "https://evil.example" };
  (await client().post(`/topics/${announced}/opinion`, fields, { headers })).is(403);
});

journey("议题材料：从哪一页都走得到，公开的都在，不公开的一样没有", async ({ newPage }) => {
  const id = await demo("announced");
  for (const width of [PHONE, DESK]) {
    const page = await newPage({ width });
    await page.goto(`/topics/${id}`);
    await page.getByRole("link", { name: /^议题材料/ }).first().click();
    await page.waitForURL("**/dossier");
    await says(page, "为什么选这件事", /走访 \d+ 次，委员参加 \d+ 人次/, "问题清单", "什么时候商量，怎么商量", "会前意见");
    await axe(page);
    await fits(page);
    await shot(page, `议题材料-${width}`);
    const text = await page.locator("main").innerText();
    assert.doesNotMatch(text, /管小河|祝安平|1380002|孩子上学不敢走村道/, "nobody by name, nothing of what was said in a visit");
    await page.emulateMedia({ media: "print" });
    await shot(page, `议题材料-打印-${width}`);
  }
  (await client().get(`/topics/${id}/notice`)).is(200, "议题材料");
  const accepted = (await client().get(`/topics/${await demo("accepted")}/dossier`)).is(200, "还没有立题");
  accepted.is(200, "协商会还没有公示");
  (await client().get("/topics/0192e4a0-0000-7000-8000-000000000000/dossier")).is(404);
});

journey("干事整理调研报告的公开稿，改了就换，删空就收回", async ({ newPage, expectFault }) => {
  const id = await demo("planned");
  const list = (await client().get(`/topics/${id}`)).is(200).says();
  const town = list.includes("震泽") ? "zhenze" : "shengze";
  const desk = await newPage({ account: `${town}.gs` });
  const board = `/desk/topics/${id}/research`;
  await desk.goto(board);
  assert.equal((await act(desk, "release_report", { findings: "请问 13912340000。" })).status(), 422);
  expectFault(/422/);
  await says(desk, /像是有电话或证件号码/);
  assert.equal((await act(desk, "release_report", { findings: "白天空一半，晚上正相反。" })).status(), 303);
  await says(desk, "公开稿已经记下，议题材料跟着更新。");
  await shot(desk, "调研-公开稿-1280");
  (await client().get(`/topics/${id}/dossier`)).is(200, "白天空一半，晚上正相反。");
  const blank = { findings: "", issues: "", figures: "", policies: "", suggestions: "" };
  assert.equal((await act(desk, "release_report", blank)).status(), 303);
  (await client().get(`/topics/${id}/dossier`)).is(200, "调研报告的公开稿还没有放出来。");
  (await (await officer("tongli.gs")).get(board)).is(404);
});

// Raising a topic, as a resident does it: without an account, on a phone, with a photo taken an hour ago, interrupted,
// corrected, and sent in the end.
import assert from "node:assert/strict";
import { PHONE, codeOf, journey, pdf, photo, topicFields } from "./harness.mjs";

const BOXES = new Set(["one_matter", "consent_privacy", "consent_public", "joint"]);

/** Types a topic into the form. */
async function fill(page, fields) {
  for (const [name, value] of Object.entries(fields)) {
    const field = page.locator(`form[action="/raise"] [name="${name}"]`);
    if (name === "similar_seen") continue;
    if (name === "town") await field.selectOption(value);
    else if (BOXES.has(name)) await field.check();
    else await field.fill(value);
  }
}

/** Presses the last button of the form and waits for the answer. */
async function send(page) {
  const answer = page.waitForResponse((response) => response.request().method() === "POST" && response.url().endsWith("/raise"));
  await page.locator('form[action="/raise"] button[type=submit]').last().click();
  const response = await answer;
  await page.waitForLoadState();
  return response;
}

const value = (page, name) => page.locator(`form[action="/raise"] [name="${name}"]`).inputValue();
const drafts = (page) => page.evaluate(() => Object.entries(localStorage).filter(([key]) => key.startsWith("draft:")).map(([, words]) => words).join());

journey("居民不用注册就能带照片和材料提议题，先看到相近的，再拿到查询码", async ({ newPage, shot, client }) => {
  const page = await newPage({ width: PHONE });
  await page.goto("/");
  await page.locator("main").getByRole("link", { name: "提一个议题" }).click();
  await page.waitForURL("**/raise");
  await fill(page, topicFields({ title: "镇东五区夜里停车太难了" }));
  // While it is typed, what looks alike is shown.
  await page.locator("#similar").getByText("镇东五区改造，多留绿化还是多划车位").first().waitFor();
  await page.locator("[name=attachments]").setInputFiles([
    { name: "桥头早上.jpg", mimeType: "image/jpeg", buffer: await photo() },
    { name: "测量记录.pdf", mimeType: "application/pdf", buffer: pdf() },
  ]);
  await send(page);

  // Nothing was sent yet: what looks alike comes first, and the form still holds everything.
  await page.getByRole("heading", { name: "先看看是不是同一件事" }).waitFor();
  const alike = page.locator("section.similar").getByRole("link").first();
  assert.match(await alike.getAttribute("href"), /^\/topics\/[0-9a-f-]{36}$/);
  assert.equal(await value(page, "title"), "镇东五区夜里停车太难了");
  assert.equal(await value(page, "contact_phone"), "13912345678");
  assert.equal(await page.locator("[name=staged]:checked").count(), 2, "the files need not be chosen again");
  await shot(page, "提议题-先看相近的-390");
  await page.locator("section.similar").getByRole("button", { name: "都不一样，仍要提交" }).click();

  const code = (await page.locator(".code").textContent()).trim();
  assert.match(code.replace(/[\s-]/g, ""), /^[0-9A-Z]{10}$/, "ten letters and digits to be copied by hand");
  assert.equal(await drafts(page), "", "the draft is gone once the topic is sent");
  await shot(page, "提议题-拿到查询码-390");
  // A browser that keeps no cookies sees it, too; without the key nobody does.
  const there = new URL(page.url());
  (await client().get(there.pathname + there.search)).is(200, code);
  (await client().get(there.pathname)).is(404);
  // In large type it is still there to be copied.
  await page.getByRole("button", { name: "长辈版" }).click();
  await page.getByRole("button", { name: "普通版" }).waitFor();
  assert.equal((await page.locator(".code").textContent()).trim(), code);
  await page.getByRole("button", { name: "普通版" }).click();
  await page.getByRole("button", { name: "长辈版" }).waitFor();

  // Its own page opens in this browser, and shows what was sent.
  await page.getByRole("link", { name: "看这件议题" }).click();
  await page.waitForURL("**/mine/*");
  await page.getByText("镇东五区夜里停车太难了").first().waitFor();
  await page.getByText("测量记录.pdf").first().waitFor();
  const picture = await page.locator('main img[src^="/files/"]').first().getAttribute("src");

  // The stored photo stands upright and tells neither place nor camera.
  const seen = await page.evaluate(async (address) => {
    const response = await fetch(address);
    const bytes = new Uint8Array(await response.arrayBuffer());
    const image = await createImageBitmap(new Blob([bytes], { type: "image/jpeg" }), { imageOrientation: "none" });
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.width, image.height];
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    pen.drawImage(image, 0, 0);
    const at = (y) => [...pen.getImageData(16, y, 1, 1).data].slice(0, 3);
    return { type: response.headers.get("content-type"), size: [image.width, image.height], top: at(8), bottom: at(56), text: String.fromCharCode(...bytes) };
  }, picture);
  assert.equal(seen.type, "image/jpeg");
  assert.deepEqual(seen.size, [32, 64], "turned upright");
  assert.ok(seen.top[0] > 150 && seen.top[1] < 90, `red above: ${seen.top}`);
  assert.ok(seen.bottom.every((part) => part > 200), `white below: ${seen.bottom}`);
  assert.doesNotMatch(seen.text, /Exif|SecretCamera/, "nothing of what the phone wrote into it");

  // Whoever has the code finds it from anywhere.
  const elsewhere = await newPage({ width: PHONE });
  await elsewhere.goto("/");
  await elsewhere.locator("#code").fill(` ${code.toLowerCase()} `);
  await elsewhere.getByRole("button", { name: "查询" }).click();
  await elsewhere.waitForURL("**/mine/*");
  await elsewhere.getByText("镇东五区夜里停车太难了").first().waitFor();
});

journey("表没填对时，写的和附件都还在，光标先落在要改的地方", async ({ newPage, shot, expectFault }) => {
  const page = await newPage({ width: PHONE });
  await page.goto("/raise");
  await fill(page, topicFields({ title: "堵", contact_phone: "12", matter: "第一行\n\n  第二行，“引号”<b>不是标签</b> & 𠮷" }));
  await page.locator("[name=one_matter]").uncheck();
  await page.locator("[name=attachments]").setInputFiles({ name: "记录.pdf", mimeType: "application/pdf", buffer: pdf() });
  assert.equal((await send(page)).status(), 422);
  expectFault(/422/);

  const summary = page.locator(".form-summary");
  await summary.waitFor();
  assert.ok(await summary.evaluate((box) => box === document.activeElement), "the summary has the focus");
  const wrong = await summary.locator("a").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
  assert.deepEqual(wrong.sort(), ["#contact_phone", "#one_matter", "#title"], "exactly what is wrong is listed");
  assert.equal(await page.locator("#title").getAttribute("aria-invalid"), "true");
  await page.locator("#title-refusal").waitFor();
  assert.equal(await value(page, "title"), "堵");
  assert.equal(await value(page, "matter"), "第一行\n\n  第二行，“引号”<b>不是标签</b> & 𠮷");
  assert.equal(await value(page, "contact_name"), "章可欣");
  assert.equal(await value(page, "town"), "shengze");
  assert.ok(await page.locator("[name=consent_privacy]").isChecked());
  assert.equal(await page.locator("[name=staged]:checked").count(), 1);
  await page.getByLabel(/记录\.pdf/).waitFor();
  await shot(page, "提议题-要改三处-390");

  // A link of the summary leads to its field.
  await summary.locator('a[href="#title"]').click();
  assert.ok(await page.locator("#title").evaluate((field) => field === document.activeElement));
  await fill(page, { title: "东港桥头早晚怎么错开走", contact_phone: "139 1234 5678", one_matter: "yes" });
  assert.equal((await send(page)).status(), 303);
  await page.locator(".code").waitFor();
});

journey("写到一半关了网页，再打开时接着写；姓名电话不留在浏览器里", async ({ newPage }) => {
  const page = await newPage({ width: PHONE });
  await page.goto("/raise");
  await fill(page, topicFields({ title: "河边的健身器材谁来修", matter: "断了两根杠。" }));
  await page.waitForFunction(() => localStorage.getItem("draft:raise")?.includes("断了两根杠"));
  const kept = await drafts(page);
  assert.doesNotMatch(kept, /章可欣|13912345678|consent/, "contact and consent stay out of the draft");
  await page.close();

  const again = await page.context().newPage();
  await again.goto("/raise");
  await again.getByText("已恢复您上次没写完的内容").waitFor();
  assert.equal(await value(again, "title"), "河边的健身器材谁来修");
  assert.equal(await value(again, "matter"), "断了两根杠。");
  assert.equal(await value(again, "town"), "shengze");
  assert.equal(await value(again, "contact_name"), "");
  await again.getByRole("button", { name: "不要了，重新写" }).click();
  assert.equal(await value(again, "title"), "");
  assert.equal(await drafts(again), "");

  // After three days it goes by itself.
  await fill(again, { title: "河边的健身器材谁来修" });
  await again.waitForFunction(() => localStorage.getItem("draft:raise")?.includes("健身"));
  await again.evaluate(() => {
    const kept = JSON.parse(localStorage.getItem("draft:raise"));
    localStorage.setItem("draft:raise", JSON.stringify({ ...kept, at: kept.at - 73 * 3_600_000 }));
  });
  await again.reload();
  assert.equal(await value(again, "title"), "");
});

journey("看相近的议题时断了线，写的还在这台设备上", async ({ newPage, expectFault }) => {
  const page = await newPage({ width: PHONE });
  await page.goto("/raise");
  const { similar_seen, ...fields } = topicFields({ title: "镇东五区改造多留绿化还是多车位", matter: "只写在这里的一句话。" });
  await fill(page, fields);
  assert.equal((await send(page)).status(), 200);
  await page.getByRole("heading", { name: "先看看是不是同一件事" }).waitFor();
  await page.route("**/raise", (route) => (route.request().method() === "POST" ? route.abort() : route.continue()));
  await page.locator("section.similar").getByRole("button", { name: "都不一样，仍要提交" }).click();
  await page.waitForURL("chrome-error://chromewebdata/");
  await page.unroute("**/raise");
  await page.goto("/raise");
  expectFault(/ERR_FAILED/);
  await page.getByText("已恢复您上次没写完的内容").waitFor();
  assert.equal(await value(page, "matter"), "只写在这里的一句话。");
});

journey("断网时点提交，写的都在，连上网再交", async ({ newPage }) => {
  const page = await newPage({ width: PHONE });
  await page.goto("/raise");
  await fill(page, topicFields({ title: "社区食堂周末能不能开" }));
  await page.context().setOffline(true);
  await page.locator('form[action="/raise"] button[type=submit]').last().click();
  await page.getByText("没有网络，您写的都在").waitFor();
  assert.equal(await value(page, "title"), "社区食堂周末能不能开");
  await page.context().setOffline(false);
  assert.equal((await send(page)).status(), 303);
  await page.locator(".code").waitFor();
});

journey("题目按人数字的办法算字数：三十个𠮷可以，多一个就请删", async ({ newPage, expectFault, url }) => {
  const page = await newPage({ width: PHONE });
  await page.goto("/raise");
  await fill(page, topicFields({ title: "𠮷".repeat(31) }));
  await page.getByText("31/30 字，多了 1 字").waitFor();
  assert.equal((await send(page)).status(), 422);
  expectFault(/422/);
  await page.locator("#title-refusal").getByText("31 字，最多 30 字").waitFor();
  await fill(page, { title: "𠮷".repeat(29) + "👍" });
  assert.equal((await send(page)).status(), 303);
  await page.locator(".code").waitFor();
  await page.goto(url);
});

journey("看不见的字符、一万字的词都有一句话说明，页面不撑破", async ({ newPage, client, expectFault }) => {
  const long = "长".repeat(10_000);
  const page = await newPage({ width: PHONE });
  await page.goto("/raise");
  await fill(page, topicFields({ matter: long, title: "W".repeat(200) }));
  assert.equal((await send(page)).status(), 422);
  expectFault(/422/);
  await page.locator("#matter-refusal").getByText("10000 字，最多 1000 字").waitFor();
  assert.equal((await value(page, "matter")).length, 10_000, "nothing is cut off");
  const overflow = await page.locator("html").evaluate((html) => html.scrollWidth - html.clientWidth);
  assert.ok(overflow <= 0, `the page is ${overflow} px wider than the window`);

  for (const [name, typed] of [["title", "东港桥\u0007头怎么走"], ["matter", "看\u0000不见"], ["place", "桥\u202e头"]]) {
    const answer = await client().post("/raise", topicFields({ [name]: typed }), { files: [] });
    answer.is(422, "看不见的控制字符");
    assert.match(answer.text, new RegExp(`id="${name}-refusal"`), `the sentence stands at ${name}`);
  }
  (await client().post("/raise", topicFields({ title: "东港桥头\n怎么走才好" }), { files: [] })).is(422, "一行");
});

journey("联名的要写人数，写得不对会说清楚", async ({ client }) => {
  for (const count of ["", "十二", "-3", "0", "99999999999999999999"]) {
    const answer = await client().post("/raise", topicFields({ joint: "yes", joint_count: count }), { files: [] });
    answer.is(422);
    assert.match(answer.text, /id="joint_count-refusal"/, `「${count}」`);
  }
  (await client().post("/raise", topicFields({ joint: "yes", joint_count: "１２" }), { files: [] })).is(303);
  // Who says how many they are need not say that they are several.
  const { joint, ...alone } = topicFields({ joint_count: "20" });
  const visitor = client();
  const { id } = await codeOf(visitor, await visitor.post("/raise", alone, { files: [] }));
  (await visitor.get(`/mine/${id}`)).is(200, "20 人联名");
});

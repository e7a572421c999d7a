// Every page of the product, at both widths: it fits the window, holds no barrier (axe), says nothing on the console,
// and every link to a page of ours leads to one. A picture of each is kept in target/shots.
import assert from "node:assert/strict";
import { DESK, PHONE, accepted, axe, client, journey, raised, shot } from "./harness.mjs";

const LONG = "很长的题目一直写到三十个字为止看看每一页会不会被它撑破了呀好".slice(0, 30);

async function fits(page) {
  const overflow = await page.locator("html").evaluate((html) => html.scrollWidth - html.clientWidth);
  assert.ok(overflow <= 0, `${page.url()} is ${overflow} px wider than the window of ${page.viewportSize().width}`);
}

/** Addresses of the demo's topics by their state, from the public list and from an officer's. */
async function demo(officer) {
  const found = async (who, path, pattern) => ((await who.get(path)).is(200).text.match(pattern) ?? [])[1];
  const visitor = client();
  const open = (stage) => found(visitor, `/topics?stage=${stage}`, /href="(\/topics\/[0-9a-f-]{36})"/);
  const inside = (stage) => found(officer, `/desk/topics?stage=${stage}`, /href="(\/desk\/topics\/[0-9a-f-]{36})"/);
  return { open, inside };
}

/** Looks at one page at both widths. */
async function look(pages, name, path, { status = 200, expectFault } = {}) {
  for (const [width, page] of Object.entries(pages)) {
    const response = await page.goto(path);
    assert.equal(response.status(), status, path);
    if (status >= 400) expectFault(new RegExp(String(status)));
    assert.equal(await page.locator("h1").count(), 1, `one heading on ${path}`);
    await fits(page);
    await shot(page, `页-${name}-${width}`);
    if (Number(width) === PHONE) await axe(page);
  }
}

async function windows(newPage, how = {}) {
  return { [PHONE]: await newPage({ width: PHONE, ...how }), [DESK]: await newPage({ width: DESK, ...how }) };
}

journey("公众的每一页", async ({ newPage, officer, expectFault }) => {
  const who = await officer("shengze.gs");
  const { open } = await demo(who);
  const { id, code } = await accepted({ title: LONG });
  const pages = await windows(newPage);
  for (const [name, path] of [
    ["首页", "/"], ["议题", "/topics"], ["议题-没有找到", "/topics?q=没有这样的事"], ["议题-找停车", "/topics?q=停车"],
    ["议题-已立题", await open("confirmed")], ["议题-调研中", await open("researching")], ["议题-筹备中", await open("planned")],
    ["答问卷", ((await client().get(await open("researching"))).text.match(/href="(\/q\/[0-9a-f-]{36})"/) ?? [])[1]], ["议题-暂缓", await open("suspended")], ["议题-并案", await open("merged")],
    ["议题-很长", `/topics/${id}`], ["留言", `/topics/${id}/comment`], ["关注", `/topics/${id}/follow`],
    ["公示", `${await open("announced")}/notice`], ["会前说一句", `${await open("announced")}/opinion`],
    ["议题材料", `${await open("announced")}/dossier`], ["议题材料-还没有", `/topics/${id}/dossier`],
    ["提一个议题", "/raise"], ["查进展", "/lookup"], ["各镇", "/towns"], ["规则", "/rules"], ["规则-盛泽", "/rules?town=shengze"],
    ["个人信息", "/privacy"], ["使用说明", "/guide"], ["登录", "/sign-in"], ["退出", "/sign-out"],
  ].filter(([, path]) => path)) {
    await look(pages, name, path);
  }
  await look(pages, "没有", "/no-such-page", { status: 404, expectFault });
  for (const page of Object.values(pages)) {
    await page.goto("/lookup");
    await page.locator("main [name=code]").fill(code);
    await Promise.all([page.waitForURL("**/mine/*"), page.locator("main form[action='/lookup'] button").click()]);
  }
  await look(pages, "我的议题", `/mine/${id}`);
  await look(pages, "撤回", `/mine/${id}/withdraw`);
}, { timeout: 120_000 });

journey("工作台的每一页", async ({ newPage, officer }) => {
  const who = await officer("shengze.gs");
  const { inside } = await demo(who);
  const { id } = await raised({ title: LONG });
  const taken = await accepted({ title: "看每一页用的那件" });
  const pages = await windows(newPage, { account: "shengze.gs" });
  for (const [name, path] of [
    ["我的事", "/desk"], ["案卷列表", "/desk/topics"], ["案卷列表-没有", "/desk/topics?q=没有这样的事"], ["代录", "/desk/record"],
    ["案卷-总览", `/desk/topics/${id}`], ["案卷-初审", `/desk/topics/${id}?tab=screen`],
    ["案卷-公开稿", `/desk/topics/${taken.id}?tab=screen`], ["案卷-留言", `/desk/topics/${taken.id}?tab=comments`],
    ["案卷-已立题", await inside("confirmed")], ["案卷-筹备中", await inside("planned")],
    ["调研-已立题", `${await inside("confirmed")}/research`], ["调研-筹备中", `${await inside("planned")}/research`], ["案卷-暂缓", await inside("suspended")],
    ["留痕", `/desk/topics/${taken.id}/ledger`], ["删除个人信息", `/desk/topics/${id}/erase`], ["我的账户", "/account"],
    ["名册", "/desk/roster"], ["名册-没有找到", "/desk/roster?q=没有这样的人"], ["名册-新委员", "/desk/roster/new"],
    ["单位名册", "/desk/units"], ["单位名册-新单位", "/desk/units/new"], ["人员-还没有会", `/desk/topics/${taken.id}/people`],
    ["签到", `${await inside("announced")}/door`], ["门口屏幕", `${await inside("announced")}/door/screen`],
    ["会场-还没有开", `${await inside("announced")}/console`],
  ].filter(([, path]) => path)) {
    await look(pages, name, path);
  }
  const director = await windows(newPage, { account: "shengze.zr" });
  await look(director, "案卷-准备立题", `/desk/topics/${taken.id}?tab=confirm`);
  await look(director, "我的事-主任", "/desk");
  await look(await windows(newPage, { account: "quban" }), "我的事-区政协办", "/desk");
  const lead = await windows(newPage, { account: "songling.gs" });
  const { inside: there } = await demo(await officer("songling.gs"));
  const led = await there("researching");
  for (const [name, path] of [
    ["案卷-调研中", led], ["调研-调研中", `${led}/research`], ["走访", `${led}/visit`], ["问卷", `${led}/questionnaire`],
  ]) {
    await look(lead, name, path);
  }
  await look(await windows(newPage, { account: "weiyuan" }), "我的事-委员", "/desk");
}, { timeout: 120_000 });

journey("长辈版和深色的主要页面", async ({ newPage }) => {
  const { id } = await accepted({ title: "长辈版看的那件" });
  for (const [view, choose] of [["长辈版", { view: "elder" }], ["深色", { theme: "dark" }]]) {
    const pages = await windows(newPage);
    for (const page of Object.values(pages)) {
      await page.goto("/");
      await page.getByRole("button", { name: view }).click();
      await page.locator(choose.view ? "html.elder" : 'html[data-theme="dark"]').waitFor({ state: "attached" });
    }
    for (const [name, path] of [["首页", "/"], ["议题", `/topics/${id}`], ["提一个议题", "/raise"], ["规则", "/rules"], ["查进展", "/lookup"]]) {
      await look(pages, `${name}-${view}`, path);
    }
  }
}, { timeout: 120_000 });

journey("每一页上的链接都通", async ({ officer }) => {
  const { id } = await accepted({ title: "看链接通不通的那件" });
  for (const who of [client(), await officer("shengze.gs"), await officer("shengze.zr"), await officer("quban"), await officer("weiyuan")]) {
    const kinds = new Set();
    const queue = ["/", "/desk", `/topics/${id}`];
    for (const path of queue) {
      const answer = await who.get(path);
      assert.ok([200, 303].includes(answer.status), `${path}: ${answer.status}`);
      for (const [, found] of answer.text.matchAll(/<a [^>]*href="(\/[^"#]*)/g)) {
        const next = found.replaceAll("&amp;", "&");
        // One address of each kind is enough.
        const kind = next.replace(/[0-9a-f-]{36}/g, "ID").replace(/=[^&]*/g, "=");
        if (next.startsWith("/files/") || kinds.has(kind)) continue;
        kinds.add(kind);
        queue.push(next);
      }
    }
    assert.ok(queue.length > 15, `only ${queue.length} pages were looked at`);
  }
});

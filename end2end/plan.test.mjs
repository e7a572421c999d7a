// Planning and announcing as far as it goes without research and people: the calendar and its feeds, the rooms, and the
// page of the plan before its time. What an announced meeting shows is told by the stories of `app/src/plan`.
import assert from "node:assert/strict";
import { DESK, PHONE, accepted, axe, client, journey, shot } from "./harness.mjs";

async function fits(page) {
  const overflow = await page.locator("html").evaluate((html) => html.scrollWidth - html.clientWidth);
  assert.ok(overflow <= 0, `${page.url()} is ${overflow} px wider than the window`);
}

/** Looks at a page at both widths. */
async function look(newPage, name, path, how = {}) {
  for (const width of [PHONE, DESK]) {
    const page = await newPage({ width, ...how });
    assert.equal((await page.goto(path)).status(), 200, path);
    await fits(page);
    await axe(page);
    await shot(page, `${name}-${width}`);
  }
}

journey("日历：翻月、选镇、订阅；没有会的月份说清楚", async ({ newPage, expectFault }) => {
  await look(newPage, "日历-空", "/calendar?month=2027-02");
  const page = await newPage({ width: PHONE });
  await page.goto("/calendar?month=2026-12");
  await page.getByRole("link", { name: "2027年1月" }).click();
  await page.waitForURL("**/calendar?month=2027-01");
  await page.locator("main [name=town]").selectOption("shengze");
  await page.locator("main form.filters button").click();
  await page.waitForURL("**/calendar?month=2027-01&town=shengze");
  const words = await page.locator("main").innerText();
  assert.match(words, /盛泽镇2027年1月的协商会/);
  const feed = await page.getByRole("link", { name: "日历订阅" }).getAttribute("href");
  assert.equal(feed, "/calendar/shengze.ics");
  for (const path of [feed, "/calendar.ics"]) {
    const answer = await client().get(path);
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get("content-type"), /^text\/calendar/);
    assert.match(answer.text, /^BEGIN:VCALENDAR[\s\S]*END:VCALENDAR\s*$/);
  }
  for (const path of ["/calendar?month=2026-13", "/calendar?town=nowhere", "/calendar/nowhere.ics"]) {
    assert.equal((await client().get(path)).status, 404, path);
  }
});

journey("场地一周和筹备页：本镇的人看得到，别人看不到", async ({ newPage, officer }) => {
  const { id } = await accepted({ title: "东港桥头怎么走才顺" });
  await look(newPage, "场地", "/desk/rooms", { account: "shengze.gs" });
  await look(newPage, "筹备-还没到", `/desk/topics/${id}/plan`, { account: "shengze.gs" });
  const who = await officer("shengze.gs");
  (await who.get(`/desk/topics/${id}/plan`)).is(200, "调研完成以后，才筹备会商。");
  const elsewhere = await officer("zhenze.gs");
  assert.equal((await elsewhere.get(`/desk/topics/${id}/plan`)).status, 404);
  assert.equal((await elsewhere.get("/desk/rooms?town=shengze")).status, 404);
  const stranger = await client().get(`/desk/topics/${id}/plan`);
  assert.equal(stranger.status, 303, "a stranger is asked to sign in");
  assert.equal((await client().get(`/topics/${id}/notice`)).status, 404, "nothing is announced");
});

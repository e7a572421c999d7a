// What reaches the server without one of our pages: other sites, programs, broken lines, made-up values. Each gets its
// status and a sentence, nothing half-done stays behind, and nobody's telephone number leaves the town.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { connect } from "node:net";
import { PASSWORD, client, codeOf, journey, officer, pdf, raised, topicFields } from "./harness.mjs";

const SENTENCE = /[\u4e00-\u9fff]{4,}.*。/s;

/** How many topics the officer of 盛泽 has in hand. */
async function inHand() {
  const page = (await (await officer("shengze.gs")).get("/desk/topics?stage=submitted")).is(200);
  return new Set([...page.text.matchAll(/\/desk\/topics\/([0-9a-f-]{36})/g)].map(([, id]) => id)).size;
}

journey("没有来历的提交不办，写的还在表里；别的网站替人提交，一个字也不显示", async ({ url }) => {
  const before = await inHand();
  const bare = await client().post("/raise", topicFields({ title: "没有来历的提交测试" }), { headers: {} });
  assert.ok(bare.status >= 400 && bare.status < 500, `${bare.status}`);
  bare.is(bare.status, "没有来历的提交测试".slice(0, 0) || /。/);
  assert.match(bare.says(), SENTENCE);
  assert.match(bare.text, /没有来历的提交测试/, "the form comes back filled");

  for (const headers of [
    { origin: "https://evil.example" },
    { origin: "null" },
    { referer: "https://evil.example/form" },
    { "sec-fetch-site": "cross-site", origin: url },
    { "sec-fetch-site": "same-site", origin: url },
    { origin: url.replace(/:\d+$/, ":1") },
  ]) {
    const answer = await client().post("/raise", topicFields({ title: "别的网站替人提交" }), { headers });
    answer.is(403, SENTENCE);
    assert.doesNotMatch(answer.text, /别的网站替人提交/, JSON.stringify(headers));
  }
  for (const path of ["/sign-in", "/preferences", "/account", "/lookup", "/sign-out"]) {
    const answer = await client().post(path, { login: "admin", password: PASSWORD, view: "elder" }, { headers: { origin: "https://evil.example" } });
    assert.equal(answer.status, 403, path);
    assert.equal(answer.headers.get("set-cookie"), null, path);
  }
  assert.equal(await inHand(), before, "nothing was raised");
});

journey("编造的镇、来源、结论、议题号都有一句话，什么也不改", async () => {
  const before = await inHand();
  for (const [name, value] of [["town", "atlantis"], ["town", "' OR 1=1 --"], ["source", "party_assigned"], ["source", "king"]]) {
    (await client().post("/raise", topicFields({ [name]: value }), { files: [] })).is(422, SENTENCE);
  }
  const who = await officer("shengze.gs");
  const { id } = await raised({ title: "编造的结论也改不了它" });
  const work = `/desk/topics/${id}?tab=screen`;
  for (const [action, fields] of [
    ["no_such_step", {}],
    ["transfer_topic", { exclusion: "king", reason: "给个理由", transfer_to: "某处" }],
    ["merge_topic", { target: "not-an-id", reason: "给个理由" }],
    ["merge_topic", { target: randomUUID(), reason: "给个理由" }],
    ["accept_topic", { seen: "abc", reason: "给个理由" }],
    ["confirm_topic", { seen: "1", reason: "给个理由" }],
  ]) {
    const answer = await who.post(work, { action, seen: "1", ...fields });
    assert.ok(answer.status >= 400 && answer.status < 500, `${action}: ${answer.status}`);
    assert.match(answer.says(), SENTENCE, action);
  }
  (await who.get(work)).is(200, "待受理");
  assert.equal(await inHand(), before + 1);
  for (const path of [
    "/topics/not-an-id", `/topics/${randomUUID()}`, "/topics?town=atlantis", "/topics?stage=submitted", "/topics?sort=random",
    "/rules?town=atlantis", "/files/x", `/files/${randomUUID()}`, "/topics?after=nonsense", `/mine/${randomUUID()}`, "/desk/topics/%ff",
  ]) {
    const answer = await who.get(path);
    answer.is(404, SENTENCE);
    assert.match(answer.text, /<a [^>]*href="\//, `a way back from ${path}`);
  }
});

journey("别镇的干事看不到、也办不了这个镇没公开的议题", async () => {
  const { id } = await raised({ title: "别镇看不到的议题" });
  const stranger = await officer("tongli.gs");
  (await stranger.get(`/desk/topics/${id}`)).is(404);
  const answer = await stranger.post(`/desk/topics/${id}?tab=screen`, { action: "decline_topic", seen: "1", reason: "外镇来的结论" });
  answer.is(404);
  assert.doesNotMatch(answer.says(), /别镇看不到的议题/);
  (await (await officer("shengze.gs")).get(`/desk/topics/${id}`)).is(200, "待受理");
  (await (await officer("quban")).get(`/desk/topics/${id}`)).is(200, "别镇看不到的议题");
});

journey("同一次提交重复到达只算一次；同一个编号带别的内容不收", async () => {
  const visitor = client();
  const request_id = randomUUID();
  const before = await inHand();
  const code = async (answer) => (await codeOf(visitor, answer)).code;
  const first = await code(await visitor.post("/raise", topicFields({ request_id, title: "手机信号不好点了两次" }), { files: [] }));
  const second = await code(await visitor.post("/raise", topicFields({ request_id, title: "手机信号不好点了两次" }), { files: [] }));
  assert.equal(second, first, "the same code");
  assert.equal(await inHand(), before + 1, "one topic");
  const other = await visitor.post("/raise", topicFields({ request_id, title: "同一个编号别的内容" }), { files: [] });
  other.is(409, SENTENCE);
  assert.match(other.text, /同一个编号别的内容/, "what was typed is still there");
  assert.equal(await inHand(), before + 1);
});

journey("页面旧了再提交，说明现在到了哪一步，不盖掉别人办的", async () => {
  const { id, resident } = await raised({ title: "两位干事同时打开的议题" });
  const who = await officer("shengze.gs");
  const work = `/desk/topics/${id}?tab=screen`;
  const stale = (await who.get(work)).is(200);
  (await who.submit(work, ["action", "return_topic"], { reason: "还差一点情况。", question: "哪一段最堵？" })).is(303);
  const form = stale.form("action", "decline_topic");
  const answer = await who.post(work, [...form.fields.filter(([name]) => name !== "reason"), ["reason", "这句话还在吗"]]);
  answer.is(409, SENTENCE);
  (await who.get(work)).is(200, "待补正");
  (await resident.get(`/mine/${id}`)).is(200, "哪一段最堵？");
});

journey("登录到期以后交上来的，话还给写的人", async () => {
  const { id } = await raised({ title: "登录到期的那一件" });
  const answer = await client().post(`/desk/topics/${id}?tab=screen`, { action: "decline_topic", reason: "这句话写了很久，不能丢。" });
  answer.is(401, "请先登录");
  answer.is(401, "这句话写了很久，不能丢。");
});

journey("附件只收说得清的：冒充的、苹果照片、太大的，都说明为什么并留住别的", async () => {
  const send = (files) => client().post("/raise", topicFields({ title: "附件试一试" }), { files });
  const good = { field: "attachments", name: "记录.pdf", bytes: pdf(), type: "application/pdf" };
  const refused = async (name, bytes, type, status, words) => {
    const answer = await send([good, { field: "attachments", name, bytes, type }]);
    answer.is(status, words);
    assert.match(answer.text, /记录\.pdf/, `${name}: the good file is kept`);
    assert.match(answer.text, /id="attachments-refusal"|附件/, name);
    return answer;
  };
  await refused("照片.jpg", Buffer.from("MZ\x90\0 this is a program"), "image/jpeg", 422, "不是能收的类型");
  await refused("网页.pdf", Buffer.from("<html><script>alert(1)</script>"), "application/pdf", 422, "不是能收的类型");
  await refused("IMG_1.HEIC", Buffer.concat([Buffer.from("\0\0\0\x18ftypheic\0\0\0\0mif1heic"), Buffer.alloc(64)]), "image/heic", 422, "HEIC");
  await refused("坏照片.jpg", Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(200, 7)]), "image/jpeg", 422, SENTENCE);
  await refused("空的.pdf", Buffer.alloc(0), "application/pdf", 422, "空的");
  await refused("大文件.pdf", Buffer.concat([pdf(), Buffer.alloc(21_000_000)]), "application/pdf", 413, "20 MB");
  const many = Array.from({ length: 11 }, (_, n) => ({ field: "attachments", name: `第${n}份.pdf`, bytes: Buffer.concat([pdf(), Buffer.from(`% ${n}`)]), type: "application/pdf" }));
  const answer = await send(many);
  assert.ok(answer.status === 413 || answer.status === 422, `${answer.status}`);
  answer.is(answer.status, "最多 10 个");
});

journey("传到一半断线，什么也没留下", async ({ server }) => {
  const before = await inHand();
  const boundary = "cut";
  const part = (name, value) => `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const body = Object.entries(topicFields({ title: "传到一半断线" })).map(([name, value]) => part(name, value)).join("") +
    `--${boundary}\r\ncontent-disposition: form-data; name="attachments"; filename="a.pdf"\r\ncontent-type: application/pdf\r\n\r\n${pdf()}`;
  const head = (length) =>
    `POST /raise HTTP/1.1\r\nhost: 127.0.0.1:${server.port}\r\norigin: ${server.url}\r\n` +
    `content-type: multipart/form-data; boundary=${boundary}\r\ncontent-length: ${length}\r\nconnection: close\r\n\r\n`;
  const size = Buffer.byteLength(body);

  // The line goes dead.
  await new Promise((done, failed) => {
    const line = connect(server.port, "127.0.0.1", () => line.write(head(size + 1000) + body, () => line.destroy()));
    line.on("close", done);
    line.on("error", failed);
  });
  // The length is right and the end is missing: there is somebody to tell.
  const told = await new Promise((done, failed) => {
    let words = "";
    const line = connect(server.port, "127.0.0.1", () => line.write(head(size) + body));
    line.on("data", (data) => (words += data));
    line.on("close", () => done(words));
    line.on("error", failed);
  });
  assert.match(told, /^HTTP\/1\.1 422 /);
  assert.match(told, /传到一半断了/);
  assert.match(told, /传到一半断线/, "what was typed is still there");
  assert.equal(await inHand(), before, "nothing was raised");
});

journey("每个回答都不许浏览器做页面用不着的事", async () => {
  const visitor = client();
  const { id } = await raised({ title: "看看回答的头部" });
  for (const path of ["/", "/topics", "/raise", "/lookup", "/sign-in", "/rules", "/no-such-page", "/topics/similar?q=停车", "/health"]) {
    const { headers } = await visitor.get(path);
    const policy = headers.get("content-security-policy");
    assert.match(policy, /default-src 'none'/, path);
    assert.match(policy, /script-src 'self'(;|$| ')/, path);
    assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval(?!.*wasm)|https?:|\*/, path);
    assert.match(policy, /frame-ancestors 'none'/, path);
    assert.equal(headers.get("x-content-type-options"), "nosniff", path);
    assert.equal(headers.get("referrer-policy"), "same-origin", path);
    assert.equal(headers.get("x-frame-options"), "DENY", path);
    assert.equal(headers.get("server"), null, path);
  }
  for (const path of ["/raise", "/lookup", "/sign-in"]) assert.match((await visitor.get(path)).headers.get("cache-control"), /no-store/, path);
  const desk = await officer("shengze.gs");
  for (const path of ["/desk", `/desk/topics/${id}`, "/account"]) {
    const { headers } = (await desk.get(path)).is(200);
    assert.match(headers.get("cache-control"), /no-store/, path);
    assert.doesNotMatch(headers.get("content-security-policy"), /unsafe-inline/, path);
  }
  const signing = client();
  const set = (await signing.post("/sign-in", { login: "shengze.zr", password: PASSWORD })).is(303).headers.getSetCookie();
  for (const cookie of set) assert.match(cookie, /HttpOnly/, cookie.split("=")[0]);
  assert.match(set.find((cookie) => cookie.startsWith("session=")), /SameSite=Lax/);
  assert.equal((await visitor.get("/topics")).headers.get("set-cookie"), null, "reading leaves no cookie");
});

journey("登录后不会被带到别的网站；猜密码和查询码越猜越慢，旁人的账号不受连累", async () => {
  for (const next of ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]) {
    const answer = (await client().post("/sign-in", { login: "lili.gs", password: PASSWORD, next })).is(303);
    assert.match(answer.location, /^\/(?![/\\])/, `${next} leads to ${answer.location}`);
  }
  const thief = client();
  const wrong = await thief.post("/sign-in", { login: "bache.gs", password: "not-the-password" });
  wrong.is(422, "登录名或密码不对");
  assert.doesNotMatch(wrong.text, /not-the-password/, "a password never travels back");
  const unknown = await client().post("/sign-in", { login: "nobody.here", password: "not-the-password" });
  unknown.is(422, "登录名或密码不对");
  let last;
  for (let n = 0; n < 8 && last?.status !== 429; n += 1) last = await thief.post("/sign-in", { login: "bache.gs", password: `wrong-${n}-wrong` });
  last.is(429, SENTENCE);
  assert.ok(Number(last.headers.get("retry-after")) > 0, "it says how long to wait");
  assert.match(last.text, /name="login"[^>]*value="bache.gs"|value="bache.gs"[^>]*name="login"/, "the form is still filled");
  (await client().post("/sign-in", { login: "bache.zr", password: PASSWORD })).is(303);

  const asks = client();
  for (let n = 0; n < 70 && last?.status !== 422; n += 1) last = await asks.post("/lookup", { code: "AAAAAAAAAA" });
  last.is(422, SENTENCE);
  for (let n = 0; n < 70 && last.status !== 429; n += 1) last = await asks.post("/lookup", { code: "AAAAAAAAAA" });
  last.is(429, SENTENCE);
});

journey("公开的页面里没有任何提出人的电话和没同意公开的姓名", async () => {
  const secrets = { name: "章可欣", phone: "13912345678" };
  await raised({ title: "公开页里没有我的电话" });
  const visitor = client();
  const seen = new Set();
  const queue = ["/", "/topics", "/towns", "/rules", "/privacy", "/guide", "/raise", "/topics/similar?q=停车", "/topics?sort=raised"];
  while (queue.length) {
    const path = queue.shift();
    if (seen.has(path)) continue;
    seen.add(path);
    const page = await visitor.get(path);
    assert.equal(page.status, 200, path);
    // Ids and hashes are hexadecimal: eleven digits in a row happen among them.
    const text = page.text.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16,}/g, "");
    assert.doesNotMatch(text, /1[3-9]\d{9}|1380000/, `a telephone number on ${path}`);
    assert.ok(!page.text.includes(secrets.name), `a name on ${path}`);
    // Of the demo's proposers only those who raised it jointly agreed to be named.
    for (const name of ["赵红梅", "何敏", "俞建新", "刘洋", "演示居民甲", "计小兰"]) assert.ok(!page.text.includes(name), `${name} on ${path}`);
    for (const [, found] of page.text.matchAll(/href="(\/topics\/[0-9a-f-]{36}|\/topics\?[^"#]*)"/g)) {
      const next = found.replaceAll("&amp;", "&");
      if (!/town=/.test(next) && seen.size + queue.length < 60) queue.push(next);
    }
  }
  assert.ok([...seen].filter((path) => /^\/topics\/[0-9a-f-]{36}$/.test(path)).length > 10, "the topics were looked at");
});

journey("没公开的议题，外人连它有没有都看不出来", async () => {
  const { id } = await raised({ title: "外人看不出来的议题" });
  const visitor = client();
  for (const path of [`/topics/${id}`, `/mine/${id}`, `/topics/${id}/comment`, `/topics/${id}/follow`]) {
    const real = await visitor.get(path);
    const none = await visitor.get(path.replace(id, randomUUID()));
    assert.equal(real.status, none.status, path);
    assert.equal(real.says().replaceAll(id, ""), none.says(), path);
    assert.doesNotMatch(real.text, /外人看不出来的议题/);
  }
  (await visitor.get(`/live/case/${id}`)).is(404);
  (await visitor.post(`/topics/${id}`, { action: "support" })).is(404);
  assert.doesNotMatch((await visitor.get("/topics?q=外人看不出来")).says(), /外人看不出来的议题/);
});

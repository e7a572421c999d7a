// Sections of minutes save themselves while they are written. What cannot be sent lies in the browser's draft (public.js)
// until it can; on a version that somebody changed meanwhile, both are kept and the page shows the difference. Without
// scripts each section has its button.
const SAVE_MS = 3000;
const RETRY_MS = 5000;

const TIME = new Intl.DateTimeFormat("zh-CN", {
  timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});

/** A request id of its own for each sending; `randomUUID` is missing on plain addresses. */
const freshId = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
};

const forget = (form) => {
  try { localStorage.removeItem(`draft:${form.dataset.draft}`); } catch { /* nothing was kept */ }
};

for (const form of document.querySelectorAll("form[data-autosave]")) {
  const say = (words) => { form.querySelector("[data-saved]").textContent = words; };
  const seen = form.querySelector("[name=seen]");
  const content = () => {
    const body = new URLSearchParams(new FormData(form));
    body.delete("request_id");
    body.delete("seen");
    return body.toString();
  };
  let saved = content();
  let timer;
  let sending = false;

  const send = async () => {
    clearTimeout(timer);
    const now = content();
    if (sending || now === saved) return;
    sending = true;
    const body = new URLSearchParams(now);
    body.set("seen", seen.value);
    body.set("request_id", freshId());
    let answer;
    try {
      answer = await fetch(form.getAttribute("action"), { method: "POST", body, credentials: "same-origin" });
    } catch { /* there is no network */ }
    sending = false;
    if (!answer || answer.status >= 500) {
      say("没有网络，先存在这台设备上，连上了自动存。");
      timer = setTimeout(send, RETRY_MS);
      return;
    }
    const query = new URL(answer.url).searchParams;
    if (query.has("beside")) {
      forget(form);
      location.assign(answer.url);
    } else if (query.has("version")) {
      saved = now;
      seen.value = query.get("version");
      forget(form);
      say(`已存 ${TIME.format(new Date())}`);
      if (content() !== saved) timer = setTimeout(send, SAVE_MS);
    } else if (answer.status === 401 || answer.url.includes("/sign-in")) {
      say("登录过期了。请在另一个窗口登录，再回来接着写。");
      timer = setTimeout(send, RETRY_MS);
    } else {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const why = page.querySelector(".field.refused .refusal, .form-summary")?.textContent.trim() ?? "";
      say(`还没有存上。${why}`);
    }
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(send, SAVE_MS);
  });
  // What is sent by the button goes with the newest version, under an id of its own.
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    form.querySelector("[name=request_id]").value = freshId();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") send();
  });
}

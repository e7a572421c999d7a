// Serves the door page, and nothing else, while there is no network. What it serves, the page's own script has put into
// the cache (door.js); with a network every request goes to the server.
const page = new URL(registration.scope).pathname;
const kept = (request) => caches.match(request, { cacheName: `door:${page}` });
// A network that does not answer for so long is none.
const PATIENCE = 6000;

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

const away = (wait) => new Promise((_, failed) => setTimeout(failed, wait, new Error("no answer")));

const door = async (request) => {
  try {
    return await Promise.race([fetch(request), away(PATIENCE)]);
  } catch {
    return (await kept(page)) ?? Response.error();
  }
};

const asset = async (request) => (await kept(request)) ?? fetch(request);

addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate") {
    if (pathname === page) event.respondWith(door(request));
  } else if (pathname.startsWith("/pkg/")) {
    event.respondWith(asset(request));
  }
});
